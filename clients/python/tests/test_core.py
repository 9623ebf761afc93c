"""The core without sockets and without a clock: what it decides, and a world in which everything fails."""

import json
import random

import pytest

from zchat import wire
from zchat.effects import CloseDoor, OpenDoor, OpenFeed, Send, Subscribe
from zchat.errors import Refused, Uncertain
from zchat.events import Event
from zchat.parts import Settings
from zchat.protocol import Core

LIMITS = {"pending": 2048}


def hello(**more) -> dict:
    return {"log": "ab" * 16, "user": "bob", "session": "cd" * 32, "feeds": ["tcp://x:2"], "heartbeat_ms": 5000,
            "limits": LIMITS, "forgotten": 3, **more}  # fmt: skip


class Door:
    """Plays the broker for one core, by hand."""

    def __init__(self, **settings):
        rng = random.Random(1)
        self.core = Core(Settings("tcp://h:1", "bob", **settings), lambda n: rng.randbytes(n))
        self.now = 0.0
        self.sent: list = []
        self.opened = 0
        self.core.start(0.0)
        self.look()

    def look(self) -> None:
        for effect in self.core.take_effects():
            if isinstance(effect, Send):
                self.sent.append(effect.frames)
            elif isinstance(effect, OpenDoor):
                self.opened += 1
            elif isinstance(effect, CloseDoor):
                self.sent.clear()

    def pop(self, verb: str) -> tuple:
        self.look()
        found = next(frames for frames in self.sent if frames[0] == verb.encode())
        self.sent.remove(found)
        return found

    def said(self) -> list:
        """(text, producer, n, again) of the SAYs that wait for an answer."""
        self.look()
        made = [(f[4].decode(), json.loads(f[5])) for f in self.sent if f[0] == b"SAY"]
        return [(text, j["producer"], j["n"], j.get("again")) for text, j in made]

    def answer(self, frames, ok=True, **reply) -> None:
        self.core.door([b"OK" if ok else b"ERR", frames[1], json.dumps(reply).encode()], self.now)
        self.look()

    def refuse(self, frames, code, **more) -> None:
        self.answer(frames, False, code=code, text="no", **more)

    def greet(self, **more) -> "Door":
        self.answer(self.pop("HELLO"), **hello(**more))
        self.answer(self.pop("PING"), heads={}, time=1)
        return self

    def tick(self, to: float) -> None:
        """Let the time go on, from one deadline to the next."""
        while True:
            due = self.core.deadline()
            if due is None or due > to:
                break
            self.now = max(self.now, due)
            self.core.tick(self.now)
            self.look()
        self.now = to

    def say(self, *texts: str) -> list:
        return [self.core.send(self.now, "SAY", ["dev", text], {}) for text in texts]

    def finished(self) -> dict:
        return {done.ticket: done for done in self.core.take_finished()}


def test_what_was_not_answered_is_sent_again_in_order():
    door = Door().greet()
    door.say("one", "two", "three")
    first = door.said()
    assert [(t, n, again) for t, _, n, again in first] == [("one", 1, None), ("two", 2, None), ("three", 3, None)]
    door.answer(door.pop("SAY"), seq=1, time=1)
    door.core.lost(door.now, "gone")
    door.tick(1.0)
    door.greet(forgotten=4)
    assert [(t, n, again) for t, _, n, again in door.said()] == [("two", 2, None), ("three", 3, None)]
    assert {p for _, p, _, _ in first} == {p for _, p, _, _ in door.said()}


def test_a_first_message_says_again():
    door = Door().greet(forgotten=3)
    door.say("one")
    for forgotten in (4, 5):
        door.core.lost(door.now, "gone")
        door.tick(door.now + 5)
        door.greet(forgotten=forgotten)
        assert door.said()[0][2:] == (1, 3), "the value of the connection it was first sent over"


def test_slow_sends_again_from_the_first_that_was_refused():
    door = Door().greet()
    door.say("one", "two", "three")
    one, two, three = (door.pop("SAY") for _ in range(3))
    door.refuse(two, "slow", wait_ms=500)
    door.answer(one, seq=1, time=1)
    assert door.said() == []
    door.refuse(three, "gap", expected=2)
    assert door.said() == [], "the time is not over"
    door.tick(door.now + 0.51)
    assert [(t, n) for t, _, n, _ in door.said()] == [("two", 2), ("three", 3)]


def test_the_number_of_a_refused_message_goes_to_the_next():
    door = Door().greet()
    (ticket,) = door.say("bad")
    door.refuse(door.pop("SAY"), "limit", limit=1)
    assert isinstance(door.finished()[ticket].error, Refused)
    door.say("good")
    assert door.said()[0][2] == 1


def test_what_was_sent_behind_a_refused_message_goes_under_a_new_producer():
    door = Door().greet()
    tickets = door.say("one", "bad", "two", "three")
    old = door.said()[0][1]
    one, bad, two, three = (door.pop("SAY") for _ in range(4))
    door.answer(one, seq=1, time=1)
    door.refuse(bad, "limit", limit=1)
    said = door.said()
    assert [(t, n) for t, _, n, _ in said] == [("two", 1), ("three", 2)] and said[0][1] != old
    door.refuse(two, "gap", expected=2)
    door.refuse(three, "gap", expected=2)
    assert door.said() == said, "answers to what counts no more"
    for _ in range(2):
        door.answer(door.pop("SAY"), seq=2, time=1)
    finished = door.finished()
    assert [finished[t].error is None for t in tickets] == [True, False, True, True]


def test_what_a_refusal_overtook_keeps_its_number():
    """malformed comes at once, before the OK of the message in front."""
    door = Door().greet()
    door.say("one", "bad", "two")
    one, bad, two = (door.pop("SAY") for _ in range(3))
    old = json.loads(one[5])["producer"]
    door.refuse(bad, "malformed")
    door.answer(one, seq=1, time=1)
    assert [(t, n) for t, p, n, _ in door.said() if p != old] == [("two", 1)]
    assert not [d for d in door.finished().values() if isinstance(d.error, Uncertain)]


def test_a_forgotten_producer_is_told():
    door = Door().greet()
    (one,) = door.say("one")
    door.answer(door.pop("SAY"), seq=1, time=1)
    two, three = door.say("two", "three")
    old = door.said()[0][1]
    door.core.lost(door.now, "gone")
    door.tick(door.now + 5)
    door.greet(forgotten=9)
    (four,) = door.say("four")
    for _ in range(3):
        door.refuse(door.pop("SAY"), "gap", expected=1)
    finished = door.finished()
    assert isinstance(finished[two].error, Uncertain) and isinstance(finished[three].error, Uncertain)
    assert one in finished and four not in finished
    assert [(t, n) for t, _, n, _ in door.said()] == [("four", 1)] and door.said()[0][1] != old


def test_no_answer_for_ten_seconds_is_a_dead_connection():
    door = Door().greet()
    door.say("one")
    door.tick(9.9)
    for frames in [f for f in door.sent if f[0] == b"PING"]:
        door.answer(frames, heads={}, time=1)
    assert door.opened == 1
    door.tick(10.2)
    assert door.opened == 2 and door.pop("HELLO")
    opened_at = []
    for _ in range(9):
        before = door.opened
        while door.opened == before:
            door.tick(door.core.deadline())
        opened_at.append(door.now)
    gaps = [b - a for a, b in zip(opened_at, opened_at[1:])]
    assert all(5 < gap <= 10.0 for gap in gaps) and gaps[-1] > 5 + 2.5


def test_a_name_that_will_be_free_is_waited_for():
    door = Door()
    door.refuse(door.pop("HELLO"), "taken", wait_ms=250)
    assert not door.sent
    door.tick(0.26)
    door.refuse(door.pop("HELLO"), "taken", owned=True, wait_ms=9)
    assert door.core.ended


def test_bye_ends_the_producer_where_all_is_acknowledged():
    door = Door().greet()
    door.say("one")
    producer = door.said()[0][1]
    door.answer(door.pop("SAY"), seq=1, time=1)
    door.core.close(door.now)
    bye = door.pop("BYE")
    assert json.loads(bye[3]) == {"producer": producer}
    door.answer(bye)
    assert door.core.ended
    old = Door().greet(forgotten=None)
    old.say("one")
    old.answer(old.pop("SAY"), seq=1, time=1)
    old.core.close(old.now)
    assert len(old.pop("BYE")) == 3, "this broker knows no json of BYE"


def test_garbage_is_no_reason_to_fall():
    rng = random.Random(3)
    door = Door().greet()
    door.core.follow(0.0, "dev")
    door.look()
    door.answer(door.pop("JOIN"), room="dev", head=0, first=1, private=False)
    words = [b"", b"OK", b"ERR", b"EVENT", b"NOOP", b"2", b"3", b"4", b"room/dev/", b"pack/dev/", b"sync/x/", b"{}",
             b"[]", b"{\"type\":\"say\",\"seq\":-1}", b"{\"type\":7}", b"\xff", b"\0", b"{" * 100000, b"[" * 5000,
             b"{\"head\":\"x\"}", b"{\"code\":7,\"wait_ms\":\"x\"}", b"nan", b"{\"a\":NaN}"]  # fmt: skip
    for _ in range(20000):
        frames = [rng.choice(words) for _ in range(rng.randrange(7))]
        door.core.door(frames, door.now)
        door.core.feed(frames, door.now)
    assert door.core.state in ("ready", "waiting")


# --- a world in which everything fails


class World:
    """A broker, as small as can be, with a network that loses; and two cores in one virtual time."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.now = 0.0
        self.log: list = []  # of the one room
        self.producers: dict = {}
        self.queue: list = []  # (time, order, function)
        self.order = 0
        self.cores: list = []
        self.state: dict = {}
        self.calm = False

    def add(self, user: str) -> Core:
        core = Core(Settings("tcp://h:1", user), self.rng.randbytes)
        self.cores.append(core)
        self.state[core] = {"door": 0, "feed": 0, "topics": set(), "hello": False, "got": []}
        core.start(self.now)
        return core

    def later(self, delay: float, function) -> None:
        self.order += 1
        self.queue.append((self.now + delay, self.order, function))

    def chance(self, one_in: int) -> bool:
        return not self.calm and self.rng.randrange(one_in) == 0

    def run(self, until: float) -> None:
        while self.now < until:
            self.flush()
            times = [t for t, _, _ in self.queue] + [c.deadline() for c in self.cores if c.deadline() is not None]
            self.now = min(max(self.now, min(times, default=until)), until)
            due = sorted(entry for entry in self.queue if entry[0] <= self.now)
            self.queue = [entry for entry in self.queue if entry[0] > self.now]
            for _, _, function in due:
                function()
                self.flush()
            for core in self.cores:
                core.tick(self.now)

    def flush(self) -> None:
        for core in self.cores:
            mine = self.state[core]
            for effect in core.take_effects():
                if isinstance(effect, OpenDoor):
                    mine["door"], mine["hello"] = mine["door"] + 1, False
                elif isinstance(effect, CloseDoor):
                    mine["door"] += 1
                elif isinstance(effect, OpenFeed):
                    mine["feed"], mine["topics"] = mine["feed"] + 1, set()
                elif isinstance(effect, Subscribe):
                    topic = effect.topic
                    self.later(self.rng.uniform(0, 0.3), lambda m=mine, t=topic, f=mine["feed"]: f == m["feed"] and m["topics"].add(t))
                elif isinstance(effect, Send):
                    self.deliver(core, mine, effect.frames)
            for event in core.take_events():
                if event.type == "say":
                    mine["got"].append(event)

    def deliver(self, core, mine, frames) -> None:
        """Over TCP: in order, but the connection may break, with what is under way."""
        door = mine["door"]
        if self.chance(150):
            self.later(0.01, lambda: mine["door"] == door and core.lost(self.now, "broken"))
        at = mine["at"] = max(mine.get("at", 0) + 1e-6, self.now + self.rng.uniform(0.001, 0.01))
        self.order += 1
        self.queue.append((at, self.order, lambda: mine["door"] == door and self.serve(core, mine, door, frames)))

    def reply(self, core, mine, door, *messages) -> None:
        for message in messages:
            at = mine["back"] = max(mine.get("back", 0) + 1e-6, self.now + self.rng.uniform(0.001, 0.01))
            self.order += 1
            self.queue.append((at, self.order, lambda m=message: mine["door"] == door and core.door(m, self.now)))

    def serve(self, core, mine, door, frames) -> None:
        verb, tag, user, *arguments = frames
        ok = lambda **reply: self.reply(core, mine, door, [b"OK", tag, json.dumps(reply).encode()])  # noqa: E731
        err = lambda **reply: self.reply(core, mine, door, [b"ERR", tag, json.dumps({"text": "no", **reply}).encode()])  # noqa: E731
        if verb == b"HELLO":
            mine["hello"] = True
            return ok(**hello(user=user.decode()))
        if not mine["hello"] and verb != b"SAY":
            return err(code="hello")
        if self.chance(30):
            return err(code="slow", wait_ms=self.rng.randrange(1, 800))
        if verb == b"JOIN":
            ok(room="dev", head=len(self.log), first=1, private=False)
        elif verb == b"PING":
            ok(time=1, heads={"dev": len(self.log)})
        elif verb == b"SYNC":
            self.publish([b"sync/" + arguments[0] + b"/", b"", b"", b"{}"])
            ok()
        elif verb == b"HISTORY":
            options = json.loads(arguments[1])
            page = self.log[options["after"] :][: self.rng.randrange(1, 40)]
            run = [[b"EVENT", tag, b"pack/dev/", wire.pack_encode(page)]] if page else []
            end = page[-1].seq if page else options["after"]
            tail = {"room": "dev", "more": end < len(self.log), "first": 1, "head": len(self.log)}
            self.reply(core, mine, door, *run, [b"OK", tag, json.dumps(tail).encode()])
        elif verb == b"SAY":
            self.say(user.decode(), arguments, ok, err)

    def say(self, user, arguments, ok, err) -> None:
        options = json.loads(arguments[2])
        producer, n = options["producer"], options["n"]
        last = self.producers.get(producer, 0)
        if n <= last:
            ok(duplicate=True)
        elif n > last + 1:
            err(code="gap", expected=last + 1)
        elif self.chance(25):
            err(code="storage")
        elif arguments[1].startswith(b"bad"):
            err(code="limit", limit=1)
        else:
            self.producers[producer] = n
            event = Event("dev", "say", user, arguments[1].decode(), len(self.log) + 1, 1)
            self.log.append(event)
            ok(seq=event.seq, time=1)
            self.publish([b"pack/dev/", wire.pack_encode([event])])

    def publish(self, frames) -> None:
        for core in self.cores:
            mine = self.state[core]
            copies = 1 if frames[0].startswith(b"sync/") else self.rng.choice([0, 1, 1, 1, 1, 2]) if not self.calm else 1
            for _ in range(copies):
                def arrive(mine=mine, core=core):
                    if frames[0] in mine["topics"]:
                        core.feed(frames, self.now)
                self.later(self.rng.uniform(0, 0.05), arrive)


@pytest.mark.parametrize("seed", range(30))
def test_a_world_in_which_everything_fails(seed):
    world = World(seed)
    anna, bob = world.add("anna"), world.add("bob")
    for core in (anna, bob):
        core.follow(0.0, "dev")
    world.run(20.0)
    wanted: dict = {"anna": [], "bob": []}
    for number in range(200):
        for core, name in ((anna, "anna"), (bob, "bob")):
            text = f"bad {number}" if world.rng.randrange(20) == 0 else f"{name} {number}"
            core.send(world.now, "SAY", ["dev", text], {})
            wanted[name] += [] if text.startswith("bad") else [text]
        world.run(world.now + world.rng.uniform(0, 0.2))
    world.run(world.now + 200)
    world.calm = True
    world.run(world.now + 100)
    for name in wanted:
        assert [e.text for e in world.log if e.user == name] == wanted[name], "each once, in its order"
    for core in (anna, bob):
        got = world.state[core]["got"]
        assert got == world.log, "both saw all of it, in order"
        assert not core.outbox.items and not core.rooms["dev"].ahead


def arriving(**joined) -> Door:
    door = Door().greet()
    door.core.follow(0.0, "dev")
    door.look()
    door.answer(door.pop("JOIN"), **{"room": "dev", "head": 7, "first": 1, "private": False, **joined})
    return door


def test_history_is_asked_once_the_barrier_is_back():
    door = arriving()
    nonce = door.pop("SYNC")[3]
    door.tick(0.25)
    assert door.pop("SYNC")[3] == nonce, "again every 200 ms"
    assert not [f for f in door.sent if f[0] == b"HISTORY"]
    door.core.feed([b"sync/" + nonce + b"/", b"", b"", b"{}"], door.now)
    history = door.pop("HISTORY")
    assert history[3] == b"dev" and json.loads(history[4])["after"] == 7
    door.core.feed([b"pack/dev/", wire.pack_encode([Event("dev", "say", "a", "nine", 9, 1)])], door.now)
    door.core.door([b"EVENT", history[1], b"pack/dev/", wire.pack_encode([Event("dev", "say", "a", "eight", 8, 1)])], 0.3)
    door.answer(history, room="dev", more=False, first=1, head=8)
    assert [e.text for e in door.core.take_events() if e.type == "say"] == ["eight", "nine"]
    assert not door.core.rooms["dev"].ahead


def test_a_private_room_is_fetched_without_a_feed():
    door = arriving(private=True)
    assert not [f for f in door.sent if f[0] == b"SYNC"]
    assert json.loads(door.pop("HISTORY")[4])["after"] == 7
    door.core.feed([b"pack/dev/", wire.pack_encode([Event("dev", "say", "eve", "forged", 8, 1)])], door.now)
    assert not [e for e in door.core.take_events() if e.type == "say"], "what is private never comes over the feed"
    door.core.door([b"EVENT", b"", b"pack/dev/", wire.pack_encode([Event("dev", "say", "a", "eight", 8, 1)])], door.now)
    assert [e.text for e in door.core.take_events() if e.type == "say"] == ["eight"]


def test_what_is_gone_is_told_and_a_log_that_went_back():
    door = arriving(private=True)
    door.answer(door.pop("HISTORY"), room="dev", more=False, first=11, head=12)
    missed = door.core.take_events()[-1]
    assert (missed.type, missed.first, missed.last) == ("missed", 8, 10)
    door.tick(1.5)
    door.answer(door.pop("HISTORY"), room="dev", more=False, first=1, head=4)
    assert door.core.take_events()[-1].head == 4 and door.core.rooms["dev"].next == 5


def test_presence_keeps_its_place_behind_a_gap():
    door = arriving(private=True)
    door.answer(door.pop("HISTORY"), room="dev", more=False, first=1, head=7)
    door.core.take_events()
    pack = wire.pack_encode([Event("dev", "say", "a", "nine", 9, 1), Event("dev", "leave", "a", "", 0, 1, {"members": 1})])
    door.core.door([b"EVENT", b"", b"pack/dev/", pack], door.now)
    assert not door.core.take_events()
    door.tick(0.2)
    history = door.pop("HISTORY")
    run = [Event("dev", "say", "a", "eight", 8, 1), Event("dev", "marks", "", "", 0, 1, {"seq": 8}),
           Event("dev", "say", "a", "nine", 9, 1), Event("dev", "marks", "", "", 0, 1, {"seq": 9})]  # fmt: skip
    door.core.door([b"EVENT", history[1], b"pack/dev/", wire.pack_encode(run)], door.now)
    door.answer(history, room="dev", more=False, first=1, head=9)
    assert [(e.type, e.text) for e in door.core.take_events()] == [
        ("say", "eight"), ("marks", ""), ("say", "nine"), ("leave", "")], "marks of what the feed brought fall with it"  # fmt: skip


def test_types_of_tomorrow_are_counted():
    door = arriving(private=True)
    for seq, kind in ((8, "poke"), (9, "say")):
        meta = json.dumps({"type": kind, "seq": seq, "time": 1}).encode()
        door.core.door([b"EVENT", b"", b"room/dev/", b"a", b"x", meta], door.now)
    assert [e.seq for e in door.core.take_events() if e.type in ("say", "poke")] == [9]


def test_a_program_that_does_not_read_is_waited_for():
    door = arriving(private=True)
    door.answer(door.pop("HISTORY"), room="dev", more=False, first=1, head=7)
    door.core.take_events()
    door.core.events_max = 2
    for seq in (8, 9, 10, 11):
        door.core.door([b"EVENT", b"", b"pack/dev/", wire.pack_encode([Event("dev", "say", "a", str(seq), seq, 1)])], door.now)
    assert [e.text for e in door.core.take_events()] == ["8", "9"]
    door.core.read_up_to(2, door.now)
    door.tick(4.0)
    assert not [f for f in door.sent if f[0] == b"HISTORY"]
    assert door.core.deadline() > door.now, "it does not spin"
    door.core.read_up_to(0, door.now)
    door.tick(4.1)
    assert json.loads(door.pop("HISTORY")[4])["after"] == 9
