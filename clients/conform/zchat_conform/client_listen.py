"""A client that follows a room, and a broker that loses, repeats, reorders, restarts and talks nonsense."""

from __future__ import annotations


import time

from .cases import client_case
from .clients import ROOM, Play
from .fake import Fake, Mischief
from .wire import Event, must


def stream(play: Play, count: int, pause: float = 0.01, begin: int = 0) -> list:
    wanted = [f"m{number}" for number in range(begin, begin + count)]
    for text in wanted:
        play.fake.do(lambda text=text: play.fake.say(ROOM, text))
        time.sleep(pause)
    return wanted


def three_before(fake: Fake) -> None:
    for number in range(3):
        fake.say(ROOM, f"before {number}")


@client_case("SUBSCRIBE to the room's topic and to `sync/<nonce>/`", "SYNC, again every 200 ms, until the nonce comes back", "HISTORY after the last seq known",
             "PING in every `heartbeat_ms` is a request too")  # fmt: skip
def arriving(play: Play) -> None:
    play.begin(before=three_before)
    play.arrived()
    wanted = stream(play, 20)
    play.hears(wanted)
    syncs = play.asked("SYNC")
    must(syncs, "SYNC was never asked")
    nonces = {frames[3] for _, _, frames, _ in syncs}
    must(all(b"/" not in n and 1 <= len(n) <= 64 for n in nonces), "nonce")
    before = len(play.asked("PING"))
    play.until(lambda: len(play.asked("PING")) >= before + 3, "a PING in every heartbeat_ms", 10)


@client_case("SYNC, again every 200 ms, until the nonce comes back on the feed", "every earlier subscription of that connection is now live")
def the_nonce_is_late(play: Play) -> None:
    class Late(Mischief):
        count = 0

        def request(self, fake, peer, frames):
            if frames[0] == b"SYNC":
                self.count += 1
                if self.count <= 3:
                    return [[b"OK", frames[1], b"{}"]]
            return None

    play.begin(Late(), before=three_before)
    play.until(lambda: len(play.asked("SYNC")) >= 4, "SYNC is asked again")
    play.arrived()
    play.hears(stream(play, 5))


class Drops(Mischief):
    def __init__(self, rule):
        self.rule, self.count = rule, 0

    def publish(self, fake, events):
        self.count += 1
        return self.rule(self.count, events)


@client_case("From then on `seq` shows every gap; fetch it with HISTORY", "a listener that sees 1042 after 1040")
def single_messages_are_lost(play: Play) -> None:
    play.begin(Drops(lambda n, events: [] if n % 3 == 0 else [events]), before=three_before)
    play.arrived()
    play.hears(stream(play, 60) + stream(play, 2, begin=60))


@client_case("From then on `seq` shows every gap; fetch it with HISTORY", "until `more` is false; drop what the feed already brought")
def bursts_are_lost(play: Play) -> None:
    play.begin(Drops(lambda n, events: [] if 10 < n % 400 < 390 else [events]))
    play.arrived()
    play.hears(stream(play, 1500, 0))


@client_case("PING and compare `heads`: a head that stays ahead", "losing even the last message of a room cannot go unseen", "A guest is in no room: its `heads` are empty, and it asks HISTORY")
def the_last_message_is_lost(play: Play) -> None:
    play.begin(Drops(lambda n, events: [] if events[0].body == "m9" else [events]))
    play.arrived()
    play.hears(stream(play, 10))


@client_case("drop what the feed already brought", "A client that follows this page to its end never loses, repeats or reorders a message")
def everything_comes_twice(play: Play) -> None:
    play.begin(Drops(lambda n, events: [events, events]), before=three_before)
    play.arrived()
    play.hears(stream(play, 50))


@client_case("after a short random wait, and deliver in order", "A client that follows this page to its end never loses, repeats or reorders a message")
def messages_are_reordered(play: Play) -> None:
    held: list = []

    def rule(n: int, events: list) -> list:
        held.append(events)
        if len(held) < 5:
            return []
        out = held[::-1]
        held.clear()
        return out

    play.begin(Drops(rule))
    play.arrived()
    play.hears(stream(play, 60))


@client_case("Ignore types you do not know, but count their seq", "A reply's keys beyond those named are to be ignored")
def types_of_tomorrow(play: Play) -> None:
    class Tomorrow(Mischief):
        def hello(self, fake, reply):
            return {**reply, "tomorrow": {"a": [1, 2.5, None]}}

        def answer(self, fake, frames):
            return [[b"NOOP", b""], frames, [b"NOOP", b""]]

    fake = play.begin(Tomorrow())
    play.arrived()
    wanted = stream(play, 5)
    fake.do(lambda: fake.publish([fake.store(fake.room(ROOM), "99", "eve", "no message", {"x": 1})]))
    play.hears(wanted + stream(play, 5, begin=5))
    must(not [r for r in play.child.records() if r.get("type") in ("lost", "missed")], "it took what it does not know for a gap")


JUNK = [[b"room/lobby/"], [b"room/lobby/", b"eve", b"x", b"{"], [b"room/lobby/", b"eve", b"\xff", b'{"type":"say","seq":1}'],
        [b"pack/lobby/", b""], [b"pack/lobby/", b"\0\0\0"], [b"pack/lobby/", b"\xff\xff\xff\xff"], [b"pack/lobby/", b"\0\0\0\1x"],
        [b"room/lobby/", b"eve", b"x", b'{"type":"say","seq":-4,"time":1}'], [b"room/lobby/", b"eve", b"x", b"[" * 5000],
        [b"room/lobby/", b"eve", b"x", b'{"type":7}'], [b"sync//", b"", b"", b"{}"], [b"", b""]]  # fmt: skip


@client_case("A client is never silently wrong", "A client that follows this page to its end never loses, repeats or reorders a message")
def garbage_on_the_feed(play: Play) -> None:
    fake = play.begin()
    play.arrived()
    wanted = stream(play, 5)
    for frames in JUNK:
        fake.do(lambda frames=frames: fake.broadcast(frames))
    play.hears(wanted + stream(play, 20, begin=5))


@client_case("A client is never silently wrong", "A client that follows this page to its end never loses, repeats or reorders a message")
def garbage_over_the_door(play: Play) -> None:
    """It may ignore it, or take a new connection; but it neither falls nor loses anything."""

    class Junk(Mischief):
        times = 0

        def answer(self, fake, frames):
            if self.times == 0:
                return [frames]
            self.times -= 1
            junk = [[b"OK", b"nobody-asked", b"{}"], [b"WHAT"], [b"EVENT", b"zz", b"room/lobby/", b"", b"", b""], [b"OK"],
                    [b"EVENT", b"", *JUNK[6]], [b"ERR", b"", b"[]"]]  # fmt: skip
            return [*junk, frames]

    junk = Junk()
    play.begin(junk)
    play.arrived()
    wanted = stream(play, 5)
    play.hears(wanted)
    junk.times = 2
    play.until(lambda: not junk.times, "it asks something")
    time.sleep(0.5)
    play.hears(wanted + stream(play, 20, begin=5))


@client_case("zmq connects a socket again by itself, also to another broker than before", "take the connection for dead", "HISTORY after the last seq known")
def the_broker_restarts(play: Play) -> None:
    fake = play.begin(before=three_before)
    play.arrived()
    wanted = stream(play, 20)
    fake.do(lambda: fake.restart(0.3))
    wanted += stream(play, 20, begin=20)
    play.hears(wanted)


@client_case("If HELLO's `log` differs from the one remembered, forget the cursors and say so", "| `log` | id of this log, 32 hex digits. Another than last time")
def another_log(play: Play) -> None:
    fake = play.begin()
    play.arrived()
    wanted = stream(play, 10)
    play.hears(wanted)

    def replace() -> None:
        fake.replace_log()
        fake.restart()

    fake.do(replace)
    seen = len(play.asked("HISTORY"))
    play.until(lambda: len(play.asked("HISTORY")) > seen, "it asks HISTORY of the new log")
    time.sleep(0.3)
    play.hears(wanted + stream(play, 10, begin=10))


@client_case("Whoever went on from there would take new messages for known ones", "is no mistake of the request: the room ends before what the client knew")
def the_log_went_back(play: Play) -> None:
    fake = play.begin()
    play.arrived()
    wanted = stream(play, 10)
    play.hears(wanted)

    def back() -> None:
        del fake.room(ROOM).events[4:]
        fake.restart()

    fake.do(back)
    seen = len(play.asked("HISTORY"))
    play.until(lambda: len(play.asked("HISTORY")) > seen, "it asks HISTORY again")
    time.sleep(0.5)
    play.hears(wanted + stream(play, 10, begin=20))


@client_case("If HISTORY's `first` lies beyond the next seq you need, say how many messages are gone")
def messages_are_gone(play: Play) -> None:
    fake = play.begin(Drops(lambda n, events: [] if events[0].body in ("m5", "m6", "m7", "m8") else [events]))
    play.arrived()
    wanted = stream(play, 5)
    play.hears(wanted)

    def trim() -> None:
        stream_now = [fake.store(fake.room(ROOM), "say", "eve", f"m{n}") for n in range(5, 9)]
        fake.publish(stream_now[:1])
        room = fake.room(ROOM)
        room.first += 8
        del room.events[:8]

    fake.do(trim)
    play.hears(wanted + ["m8"] + stream(play, 5, begin=9))
    said = play.child.read(play.child.out) + play.child.read(play.child.err)
    must("3" in "".join(line for line in said.splitlines() if '"m' not in line or "lost" in line), "it does not say how many messages are gone")


@client_case("| `slow` | `wait_ms`, `what` of a quota", "| `storage` | | the log cannot be written now")
def everything_is_slow_at_first(play: Play) -> None:
    class Slow(Mischief):
        def __init__(self):
            self.count: dict = {}

        def request(self, fake, peer, frames):
            verb = bytes(frames[0])
            self.count[verb] = self.count.get(verb, 0) + 1
            if verb in (b"HELLO", b"JOIN", b"HISTORY", b"SYNC", b"PING") and self.count[verb] == 1:
                return [fake.err(frames[1], "slow", wait_ms=100)]
            return None

    play.begin(Slow(), before=three_before)
    play.until(lambda: len(play.asked("HISTORY")) > 1, "HISTORY is asked again")
    play.arrived()
    play.hears(stream(play, 10))


@client_case("A feed is at the host you reached the door by, whatever host it names")
def the_feed_of_a_stranger(play: Play) -> None:
    class Liar(Mischief):
        def hello(self, fake, reply):
            return {**reply, "feeds": ["ws://198.51.100.7:1/x", f"tcp://198.51.100.7:{fake.feed_port}", "tcp://198.51.100.8:9"]}

    play.begin(Liar())
    play.arrived()
    play.hears(stream(play, 5))
    must([t for t in play.fake.topics if t.startswith((b"room/", b"pack/"))], "it does not listen to the feed at the door's host")


@client_case("Where the nonce does not come back within some seconds, the feed cannot be reached")
def the_feed_is_silent(play: Play) -> None:
    class Silent(Mischief):
        def publish(self, fake, events):
            return []

        def request(self, fake, peer, frames):
            return [[b"OK", frames[1], b"{}"]] if frames[0] == b"SYNC" else None

    play.begin(Silent())
    play.until(lambda: len(play.asked("SYNC")) > 15, "SYNC goes on for some seconds", 20)
    seen = len(play.asked("HISTORY"))
    play.until(lambda: len(play.asked("HISTORY")) > seen, "it asks HISTORY over the door", 20)
    time.sleep(0.5)
    play.hears(stream(play, 5))



@client_case("Where none has come for 10 s")
def a_broker_that_falls_silent(play: Play) -> None:
    """It answers nothing any more, and the connection stands."""

    class Mute(Mischief):
        client = None

        def request(self, fake, peer, frames):
            return [] if fake.who(peer) == self.client else None

    mute = Mute()
    fake = play.begin(mute)
    play.arrived()
    wanted = stream(play, 3)
    play.hears(wanted)
    mute.client = play.asked("HELLO")[-1][1]
    begin = time.monotonic()
    play.until(lambda: play.asked("HELLO")[-1][1] != mute.client, "it takes the connection for dead", 25)
    must(time.monotonic() - begin > 8, "a reply may take its time: 10 s")
    mute.client = None
    play.hears(wanted + stream(play, 5, begin=3))
    must(fake.topics, "it listens to the feed again")


@client_case("always in ascending seq", "`form` (`\"events\"`, also where it is left out, or `\"pack\"`)")
def marks_among_history(play: Play) -> None:
    """What is not stored stands among the mail, and counts for nothing."""

    class Marks(Drops):
        def mail(self, fake, events):
            return [m for e in events for m in (e, Event(e.room, "marks", "", "", 0, 1, {"seq": e.seq, "at": e.seq}))]

    play.begin(Marks(lambda n, events: [] if n % 2 else [events]))
    play.arrived()
    play.hears(stream(play, 20))
    must(not [r for r in play.child.records() if r.get("type") == "marks" and r.get("text")], "marks are no message")
