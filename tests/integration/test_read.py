"""READ and UNREAD: what was read, on all devices, over restarts; and how much is unread."""

import threading

import pytest

from support.curve import Pair
from support.log import check, rows
from support.wait import wait_until


@pytest.fixture
def people(safe, person):
    return [person(safe, user) for user in ("bob", "alice")]


def fill(one, room, count):
    tags = [one.post_say(room, f"{n}") for n in range(count)]
    for tag in tags:
        assert one.reply(tag).ok


def read(one, room, seq) -> int:
    return one.ask("READ", room, str(seq)).json.get("read")


def known(one, room):
    """Up to where it is known to be read."""
    return one.ask("READ", room).json.get("read")


def unread(one) -> dict:
    return {row.pop("room"): row for row in one.ask("UNREAD")["rooms"]}


# --- what is answered


def test_it_only_goes_forward(people):
    bob, alice = people
    fill(bob, "lobby", 9)
    assert alice.ask("READ", "LOBBY", "4").json == {"room": "lobby", "read": 4, "head": 9}
    assert read(alice, "lobby", 2) == 4 and read(alice, "lobby", 0) == 4
    assert read(alice, "lobby", 99999999999) == 9, "beyond the head counts as the head"
    assert known(alice, "lobby") == 9 and known(bob, "lobby") is None
    fill(bob, "lobby", 1)
    assert alice.join("lobby")["read"] == 9 and "read" not in bob.join("lobby").json
    reply = alice.ask("READ", "lobby").json
    assert reply == {"room": "lobby", "read": 9, "head": 10, "mentions": 0}


def test_what_is_refused(people, broker, door, person, safe):
    bob, alice = people
    bob.ask("JOIN", "den", {"private": True})
    fill(bob, "den", 2)
    for seq in ("-1", "x", "1.0", "", "1e3", "99999999999999999999"):
        assert alice.refused("READ", "lobby", seq)["code"] == "malformed", seq
    assert alice.refused("READ", "no room", "1")["code"] == "name"
    assert alice.refused("READ", "den", "1")["code"] == "private"
    assert alice.refused("READ", "den")["code"] == "private"
    held = door(broker, "zoe", hello=True)
    for request in (("READ", "lobby", "1"), ("READ", "lobby"), ("UNREAD",)):
        assert held.refused(*request)["code"] == "proof"
        assert person(safe).refused(*request)["code"] == "guest"
    assert alice.ask("READ", "unborn", "5").json == {"room": "unborn", "head": 0}
    assert alice.ask("READ", "unborn").json == {"room": "unborn", "head": 0, "mentions": 0}
    assert alice.ask("READ", "@", "5").json == {"room": "@", "head": 0}


def test_the_mailbox_too(people):
    bob, alice = people
    for _ in range(3):
        bob.ask("TELL", "alice", "x")
    assert alice.ask("READ", "@", "2").json == {"room": "@", "read": 2, "head": 3}
    assert alice.join("@")["read"] == 2 and "read" not in bob.join("@").json
    assert unread(alice) == {"@": {"read": 2, "head": 3, "first": 1, "mentions": 0}}


def test_unread_lists_what_is_known(people):
    bob, alice = people
    for room in ("a", "b", "c"):
        fill(bob, room, 5)
    bob.ask("JOIN", "den", {"private": True})
    bob.say("b", "@alice"), bob.say("c", "@alice"), bob.say("c", "@alice")
    assert unread(alice) == {
        "b": {"head": 6, "first": 1, "mentions": 1}, "c": {"head": 7, "first": 1, "mentions": 2},
    }  # fmt: skip
    read(alice, "a", 5), read(alice, "c", 6)
    rooms = unread(alice)
    assert rooms["a"] == {"read": 5, "head": 5, "first": 1, "mentions": 0}
    assert rooms["b"] == {"head": 6, "first": 1, "mentions": 1}
    assert rooms["c"] == {"read": 6, "head": 7, "first": 1, "mentions": 1}
    assert unread(bob) == {}
    assert set(rooms) == {"a", "b", "c"}


def test_a_room_one_was_put_out_of(people):
    bob, alice = people
    bob.found("den", alice)
    fill(bob, "den", 3)
    assert read(alice, "den", 3) == 3
    bob.say("den", "@alice")
    assert unread(alice)["den"]["mentions"] == 1
    bob.ask("KICK", "den", "alice")
    assert unread(alice) == {}
    assert alice.refused("READ", "den", "4")["code"] == "private"
    bob.ask("INVITE", "den", "alice")
    assert unread(alice)["den"]["read"] == 3, "what was read before stays known"


# --- on all devices


@pytest.mark.parametrize("form", ["events", "pack"])
def test_the_other_devices_are_told_at_once(people, form):
    bob, alice = people
    fill(bob, "lobby", 9)
    phone, tablet = alice.device(form=form), alice.device()
    for one in (alice, phone, bob):
        one.join("@")
    read(alice, "lobby", 7)
    event = phone.wait(lambda e: e.type == "read")
    assert (event.room, event.user, event.data) == ("@", "alice", {"room": "lobby", "seq": 7})
    assert not event.stored
    assert known(phone, "lobby") == known(tablet, "lobby") == 7
    read(phone, "lobby", 6)
    read(phone, "lobby", 8)
    assert alice.wait(lambda e: e.type == "read").data["seq"] == 8
    for one in (alice, phone, tablet, bob):
        one.settle()
    assert [e.data["seq"] for e in alice.of("@", "read")] == [8], "not what it said itself"
    assert [e.data["seq"] for e in phone.of("@", "read")] == [7]
    assert tablet.pushed == [] and bob.pushed == []
    assert alice.ask("HISTORY", "@")["head"] == 0, "it is not stored"


def test_nobody_else_learns_of_it(people, safe, capture, person):
    bob, alice = people
    eve = person(safe, "eve")
    feed = capture(safe, eve)
    eve.join("@")
    fill(bob, "lobby", 3)
    read(alice, "lobby", 2)
    eve.settle()
    assert eve.pushed == [] and b'"read"' not in feed.bytes() and known(eve, "lobby") is None


# --- on disk


def test_it_gets_to_the_disk_with_others(people, safe):
    bob, alice = people
    fill(bob, "lobby", 50)
    wait_until(lambda: rows(safe, "markers") == 0)
    for seq in range(1, 51):
        read(alice, "lobby", seq)
    wait_until(lambda: rows(safe, "markers") == 1, what="the marker is on disk by itself")
    safe.crash()
    alice.back()
    assert known(alice, "lobby") == 50


def test_a_clean_stop_loses_nothing(people, safe):
    bob, alice = people
    for room in ("a", "b", "c"):
        fill(bob, room, 5)
    read(alice, "a", 1), read(alice, "b", 2), read(alice, "c", 3), read(bob, "c", 5)
    safe.restart()
    alice.back(), bob.back()
    assert [known(alice, room) for room in "abc"] == [1, 2, 3] and known(bob, "c") == 5
    safe.stop()
    assert check(safe) == 0


def test_after_a_kill_it_is_some_seconds_old_at_worst(people, safe):
    """What was told long enough ago is there; nothing is there that was never told."""
    bob, alice = people
    fill(bob, "lobby", 100)
    before = 0
    for seq in (10, 30, 60, 90):
        read(alice, "lobby", seq)
        wait_until(lambda: rows(safe, "markers") == 1)
        read(alice, "lobby", seq + 5)
        safe.crash()
        alice.back()
        now = known(alice, "lobby")
        assert now >= before and now <= seq + 5, (before, seq, now)
        if seq > 10:
            assert now >= before
        before = now
        assert read(alice, "lobby", seq + 5) == seq + 5, "a client that knows better says so again"
        safe.restart()
        alice.back()
        assert known(alice, "lobby") == seq + 5
        before = seq + 5
    safe.stop()
    assert check(safe) == 0


def test_a_log_that_fails_loses_nothing(people, safe, tmp_path):
    """What was read is told all the while, and gets to the disk when that works again."""
    bob, alice = people
    fill(bob, "lobby", 9)
    hidden = safe.data.with_name("hidden")
    safe.data.rename(hidden)
    assert bob.refused("SAY", "lobby", "x")["code"] == "storage"
    assert read(alice, "lobby", 5) == 5 and read(alice, "lobby", 7) == 7
    assert alice.device().join("lobby")["read"] == 7
    assert bob.refused("SAY", "lobby", "x")["code"] == "storage"
    hidden.rename(safe.data)
    wait_until(lambda: bob.request("SAY", "lobby", "works again").ok)
    wait_until(lambda: rows(safe, "markers") == 1, what="it gets to the disk")
    safe.crash()
    alice.back()
    assert known(alice, "lobby") == 7


def test_retention_takes_messages_not_what_was_read(brokers, person):
    broker = brokers(args=["--curve", "--retain", "1s"])
    bob, alice = person(broker, "bob"), person(broker, "alice")
    bob.say("lobby", "@alice")
    fill(bob, "lobby", 4)
    read(alice, "lobby", 4)
    bob.say("lobby", "@alice again")
    assert unread(alice)["lobby"]["mentions"] == 1
    wait_until(lambda: unread(alice)["lobby"]["first"] > 6, deadline=60)
    row = unread(alice)["lobby"]
    assert (row["read"], row["mentions"]) == (4, 0)


def test_a_room_that_ended(brokers, person):
    boss = Pair()
    broker = brokers(args=["--curve", "--admin", boss.text])
    root, alice = person(broker, "chief", boss), person(broker, "alice")
    fill(root, "lobby", 5), fill(root, "other", 5)
    root.say("lobby", "@alice")
    read(alice, "lobby", 5), read(alice, "other", 2)
    wait_until(lambda: rows(broker, "markers") == 2)
    assert set(unread(alice)) == {"lobby", "other"}
    read(alice, "lobby", 6)
    root.ask("PURGE", {"what": "rooms", "match": "lobby"})
    assert set(unread(alice)) == {"other"}
    assert rows(broker, "markers") == 1 and rows(broker, "mentions") == 0
    root.say("lobby", "another room")
    assert known(alice, "lobby") is None, "its name is not what was read"
    broker.restart()
    alice.back()
    assert set(unread(alice)) == {"other"}
    broker.stop()
    assert check(broker) == 0


# --- bounds


def test_a_thousand_rooms(patient, person):
    bob, alice = person(patient, "bob"), person(patient, "alice")
    names = [f"r{n}" for n in range(1010)]
    for tag in [bob.post_say(name, "x") for name in names]:
        assert bob.reply(tag).ok
    # what waits for the disk is bounded, and so is how fast one asks
    for name in names:
        wait_until(lambda name=name: alice.request("READ", name, "1").ok, deadline=40, pause=0.2)
    wait_until(lambda: rows(patient, "markers") == 1000, deadline=40)
    wait_until(lambda: len(alice.request("UNREAD").json.get("rooms", [])) == 1000, deadline=40)
    patient.crash()
    alice.back()
    listed = {row["room"] for row in alice.ask("UNREAD")["rooms"]}
    assert len(listed) == 1000 and names[-1] in listed


def test_many_devices_at_once(people, safe):
    bob, alice = people
    fill(bob, "lobby", 100)
    devices = [alice.device() for _ in range(6)]
    for one in devices:
        one.join("@")

    def go(one, step):
        for seq in range(step, 101, step):
            one.ask("READ", "lobby", str(seq))

    threads = [threading.Thread(target=go, args=(one, 1 + i)) for i, one in enumerate(devices)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in devices:
        assert known(one, "lobby") == 100
        one.settle()
        told = [e.data["seq"] for e in one.of("@", "read")]
        assert told == sorted(set(told)), "never backward"
    safe.restart()
    alice.back()
    assert known(alice, "lobby") == 100
