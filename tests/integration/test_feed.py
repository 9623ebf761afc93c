"""What the feed carries: events and packs, presence, transports."""

import os
import signal
import subprocess
import sys

import pytest
import zmq

from support import build
from support.client import Client
from support.wait import wait_until
from support.wire import decode_pack


def test_events_and_packs_carry_the_same(broker, door, feed):
    bob, eve = door(broker, "bob", hello=True), door(broker, "eve", hello=True)
    singles = feed(broker, bob, "room/dev/")
    packs = feed(broker, bob, "pack/dev/")
    bob.join("dev")
    eve.join("dev")
    for i in range(100):
        bob.post_say("dev", f"текст {i}")
    eve.say("dev", "waves", type="action", data={"z": [1, 2.5, None], "a": {"ж": "\\"}})
    eve.ask("TOPIC", "dev", "новая тема")
    eve.ask("PART", "dev")
    bob.ask("BYE")
    one = singles.until(lambda e: e.type == "leave" and e.user == "bob")
    many = packs.until(lambda e: e.type == "leave" and e.user == "bob")
    assert one == many
    kinds = [e.type for e in one]
    assert kinds[:2] == ["join", "join"] and kinds.count("say") == 100
    assert kinds[-3:] == ["topic", "leave", "leave"]
    assert [e.seq for e in one if e.stored] == list(range(1, 103))
    assert [e.time for e in one if e.stored] == sorted(e.time for e in one if e.stored)
    assert one[0].data == {"members": 1} and one[1].data == {"members": 2}
    assert one[-2].data == {"members": 1, "reason": "part"}
    assert one[-1].data == {"members": 0, "reason": "bye"}


@pytest.mark.parametrize("topic", ["r", "room/", "room/dev/"])
def test_the_first_who_wants_single_events_misses_none(brokers, door, feed, topic):
    """While nobody wants them none are sent; a SYNC that came over the feed says that they are."""
    broker = brokers(args=["--quota", "messages=0", "--quota", "bytes=0", "--quota", "stored=0"])
    speaker, bob = door(broker, "alice", hello=True), door(broker, "bob", hello=True)
    packs = feed(broker, bob, "pack/dev/")  # the feed is busy with these
    for i in range(500):
        speaker.post_say("dev", f"before {i}")
    wait_until(lambda: bob.ask("HISTORY", "dev", b'{"limit":1}').json.get("head", 0) > 0)
    singles = feed(broker, bob, topic)
    head = bob.ask("HISTORY", "dev", b'{"limit":1}').json["head"]
    for i in range(500):
        speaker.post_say("dev", f"behind {i}")
    heard = singles.until(lambda e: e.body == "behind 499")
    seqs = [e.seq for e in heard if e.type == "say"]
    assert seqs == list(range(seqs[0], 1001)) and seqs[0] <= head + 1
    assert len(packs.until(lambda e: e.body == "behind 499")) >= 1000


def test_data_comes_back_as_it_went_in(broker, door, feed):
    bob = door(broker, "bob")
    singles, packs = feed(broker, bob, "room/dev/"), feed(broker, bob, "pack/dev/")
    data = {"zebra": 1, "alpha": [1, -2, 0.5, 1e3, True, None, ""], "м": {"b": {}, "a": []}}
    data["text"] = 'quotes " \\ / \b \f \n \r \t \u0001 \u2028 😀'
    bob.say("dev", "x", data=data)
    for event in (singles.next(), packs.next(), bob.history("dev").mail[0]):
        assert event.data == data
        assert list(event.data) == list(data), "the keys keep their order"
        assert list(event.data["м"]) == ["b", "a"]
    bob.say("dev", "y")
    assert singles.next().data is None
    biggest = {"k": "x" * (4096 - 8)}
    bob.ask("SAY", "dev", "z", b'{"data":{"k":"' + b"x" * (4096 - 8) + b'"}}')
    assert singles.next().data == biggest


def test_no_event_before_its_commit_and_own_events_come_too(broker, client):
    bob = client(broker, "bob", "dev", form="room")
    seq = bob.say("dev", "hello")["seq"]
    assert bob.wait_for("dev", lambda e: e.seq == seq).body == "hello"


def test_a_topic_is_a_whole_name(broker, door, feed):
    bob = door(broker, "bob")
    dev, devops = feed(broker, bob, "room/dev/"), feed(broker, bob, "room/devops/")
    bob.say("devops", "for devops")
    bob.say("dev", "for dev")
    assert [(e.room, e.body) for e in dev.barrier(bob)] == [("dev", "for dev")]
    assert [(e.room, e.body) for e in devops.barrier(bob)] == [("devops", "for devops")]


def test_events_of_many_rooms_keep_apart_and_count_alone(broker, door, feed):
    bob = door(broker, "bob")
    every = feed(broker, bob, "room/")
    for i in range(300):
        bob.post_say(f"r{i % 7}", str(i))
    every_event = every.until(lambda e: e.body == "299")
    for r in range(7):
        room = [e for e in every_event if e.room == f"r{r}"]
        assert [e.seq for e in room] == list(range(1, len(room) + 1))
        assert [int(e.body) for e in room] == list(range(r, 300, 7))


def test_a_pack_never_exceeds_its_bound(broker, door, feed):
    bob = door(broker, "bob")
    packs = feed(broker, bob, "pack/dev/").socket
    for i in range(40):
        bob.post_say("dev", f"{i:5}" + "x" * 60000)
    seqs = []
    while len(seqs) < 40:
        assert packs.poll(20000), "a pack is missing"
        frames = packs.recv_multipart()
        if frames[0] != b"pack/dev/":  # a barrier answered twice
            continue
        assert len(frames[1]) <= 262144
        seqs += [e.seq for e in decode_pack(frames)]
    assert seqs == list(range(1, 41))


# --- presence


def test_reasons_of_leaving(brokers, door, client):
    broker = brokers()
    watcher = client(broker, "watcher", "dev")

    def leave_of(user):
        return watcher.wait_for("dev", lambda e: e.type == "leave" and e.user == user)

    ann, ben, cyd = (door(broker, user, hello=True) for user in ("ann", "ben", "cyd"))
    for each in (ann, ben, cyd):
        each.join("dev")
        joined = watcher.wait_for("dev", lambda e: e.type == "join" and e.user == each.user)
        assert joined.data["members"] >= 2 and not joined.stored and joined.body == ""
    ann.ask("PART", "dev")
    assert leave_of("ann").data == {"members": 3, "reason": "part"}
    ben.ask("BYE")
    assert leave_of("ben").data == {"members": 2, "reason": "bye"}
    cyd.close()
    assert leave_of("cyd").data == {"members": 1, "reason": "lost"}
    dan = door(broker, "dan", hello=True)
    dan.join("dev")
    assert broker.stop() == 0
    assert leave_of("dan").data["reason"] == "closing"
    assert leave_of("watcher").data["reason"] == "closing"


def test_who_says_a_word_and_goes_is_heard_first(broker, door, client):
    watcher = client(broker, "watcher", "dev")
    for i in range(20):
        brief = door(broker, f"brief{i}", hello=True)
        brief.join("dev")
        for word in ("one", "two", "last words"):
            brief.post_say("dev", word)
        brief.reply(brief.post("BYE"))
        brief.close()
    watcher.wait_for("dev", lambda e: e.type == "leave" and e.user == "brief19")
    for i in range(20):
        mine = [e.body or e.type for e in watcher.got["dev"] if e.user == f"brief{i}"]
        assert mine == ["join", "one", "two", "last words", "leave"]


def test_last_words_of_who_vanishes_are_heard_first(broker, door, client):
    watcher = client(broker, "watcher", "dev")
    for i in range(20):
        brief = door(broker, f"brief{i}", hello=True)
        brief.join("dev")
        for word in ("one", "two", "last words"):
            brief.post_say("dev", word)
        brief.socket.close(linger=5000)  # all is sent, no reply is waited for
        leave = watcher.wait_for("dev", lambda e: e.type == "leave" and e.user == brief.user)
        assert leave.data["reason"] == "lost"
        mine = [e.body or e.type for e in watcher.got["dev"] if e.user == brief.user]
        assert mine == ["join", "one", "two", "last words", "leave"]


def test_a_killed_process_is_announced(broker, client):
    watcher = client(broker, "watcher", "dev")
    program = f"""if True:
        import sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        import zmq
        from support.client import Client
        c = Client(zmq.Context(), {broker.door!r}, "victim")
        c.join("dev")
        print("in", flush=True)
        sys.stdin.read()
    """
    victim = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=build.environment(),
    )  # fmt: skip
    try:
        assert victim.stdout.readline() == b"in\n"
        watcher.wait_for("dev", lambda e: e.type == "join" and e.user == "victim")
        victim.send_signal(signal.SIGKILL)
        event = watcher.wait_for("dev", lambda e: e.type == "leave", deadline=10)
    finally:
        victim.kill()
        victim.communicate()
    assert event.user == "victim" and event.data == {"members": 1, "reason": "lost"}


def test_presence_is_merged_in_a_large_room(broker, door, client, context):
    watcher = client(broker, "watcher", "dev")
    others = []
    for i in range(150):
        other = door(broker, f"m{i}")
        other.post("HELLO")
        other.post("JOIN", "dev")
        others.append(other)
    for other in others:
        assert other.reply(b"t2").ok
    quiet_watcher = watcher.got["dev"]

    def members():
        watcher.pump(0.05)
        told = [e.data["members"] for e in quiet_watcher if e.data and "members" in e.data]
        return told and told[-1] == 151

    wait_until(members, what="the last announcement tells of 151 members", pause=0)
    merged = [e for e in quiet_watcher if e.type == "presence"]
    assert merged, "no merged announcement"
    assert len([e for e in quiet_watcher if e.type == "join"]) <= 70
    for event in merged:
        names = event.data.get("join", []) + event.data.get("leave", [])
        assert len(names) <= 100 and event.user == "" and event.body == "" and not event.stored
    for other in others:
        other.close()

    def alone():
        watcher.pump(0.05)
        last = [e for e in quiet_watcher if e.data and "members" in e.data][-1]
        return last.data["members"] == 1

    wait_until(alone, what="all are announced to have gone", pause=0)
    assert door(broker).ask("WHO", "dev")["users"] == ["watcher"]


def test_merged_presence_keeps_its_place(broker, door, client):
    """In a room of more than 64 somebody joins, speaks and goes: the word is never lost."""
    watcher = client(broker, "watcher", "dev")
    crowd = [door(broker, f"m{i}") for i in range(70)]
    for each in crowd:
        each.post("HELLO")
        each.reply(each.post("JOIN", "dev"))
    brief = door(broker, "brief", hello=True)
    brief.join("dev")
    brief.post_say("dev", "word")
    brief.ask("BYE")

    def gone(event):
        return event.type == "presence" and "brief" in event.data.get("leave", [])

    watcher.wait_for("dev", lambda e: e.body == "word")
    # somebody who came and went within one second may be left out of the announcement
    brief_again = door(broker, "late", hello=True)
    brief_again.join("dev")

    def seen(event):
        return "late" in (event.data or {}).get("join", []) or event.user == "late"

    watcher.wait_for("dev", seen)
    places = [i for i, e in enumerate(watcher.got["dev"]) if gone(e)]
    word = [i for i, e in enumerate(watcher.got["dev"]) if e.body == "word"][0]
    assert all(place > word for place in places)


def test_only_the_dead_are_probed(broker, door):
    """A probe that reaches the living would be what the five lines of the page print first."""
    for i in range(100):
        brief = door(broker, f"brief{i}")
        assert brief.say("dev", "x").ok, "answered with the probe meant for somebody else"
        assert brief.noops == 0
        brief.close()


def test_nobody_who_vanished_stays_listed(broker, door, client):
    """Connections end and begin at the same instant, on the same descriptors: each is noticed."""
    watcher = client(broker, "watcher", "dev")
    gone = []
    for round_number in range(5):
        crowd = [door(broker, f"v{round_number}-{i}") for i in range(10)]
        for each in crowd:
            each.post("HELLO")
            each.post("JOIN", "dev")
        for each in crowd:
            assert each.reply(b"t2").ok
        for each in crowd:
            each.post_say("dev", "x")  # some of it is still under way when the end comes
            each.close()
            gone.append(each.user)
            fresh = door(broker, "")
            fresh.post("PING")
    who = door(broker)

    def only_the_watcher():
        return who.ask("WHO", "dev")["users"] == ["watcher"]

    wait_until(only_the_watcher, what="all are noticed to be gone", pause=0.1)
    for user in gone:
        event = watcher.wait_for("dev", lambda e: e.type == "leave" and e.user == user)
        assert event.data["reason"] == "lost"


# --- transports


def arrive_and_talk(context, broker, door_endpoint):
    bob = Client(context, door_endpoint, "bob")
    eve = Client(context, broker.door, "eve", form="room")
    bob.join("dev")
    eve.join("dev")
    bob.say("dev", "over " + door_endpoint)
    eve.say("dev", "and back")
    for each in (bob, eve):
        each.wait_for("dev", lambda e: e.body == "and back")
        assert each.texts("dev") == [("bob", "over " + door_endpoint), ("eve", "and back")]


def test_ipc(brokers, context, tmp_path):
    broker = brokers(
        doors=[f"ipc://{tmp_path}/door", "tcp://127.0.0.1:*"],
        feeds=["tcp://127.0.0.1:*", f"ipc://{tmp_path}/feed"],
    )
    assert len(broker.doors) == 2 and len(broker.feeds) == 2
    arrive_and_talk(context, broker, f"ipc://{tmp_path}/door")


def ws_is_spoken_here() -> bool:
    context = zmq.Context()
    try:
        socket = context.socket(zmq.ROUTER)
        socket.bind("ws://127.0.0.1:*")
    except zmq.ZMQError:
        return False
    finally:
        context.destroy(0)
    return True


@pytest.mark.skipif(not ws_is_spoken_here(), reason="this libzmq was built without ws://")
def test_ws(brokers, context):
    broker = brokers(
        doors=["tcp://127.0.0.1:*", "ws://127.0.0.1:*"],
        feeds=["tcp://127.0.0.1:*", "ws://127.0.0.1:*"],
        args=["--ws"],
    )
    ws = [door for door in broker.doors if door.startswith("ws://")]
    assert ws, broker.doors
    arrive_and_talk(context, broker, ws[0])


@pytest.mark.parametrize("where", ["doors", "feeds"])
def test_no_ws_unless_it_is_asked_for(brokers, where):
    with pytest.raises(AssertionError, match="say --ws"):
        brokers(**{where: ["ws://127.0.0.1:*"]})
