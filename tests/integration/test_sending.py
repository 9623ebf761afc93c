"""Sending exactly once: producer and n."""

import secrets

from support.client import Sender
from support.wait import wait_until


def producer() -> str:
    return secrets.token_hex(16)


def texts(door, room="dev") -> list:
    return [event.body for event in door.history_all(room)]


def test_the_same_n_is_stored_once(broker, door):
    bob, p = door(broker, "bob"), producer()
    assert bob.say("dev", "one", producer=p, n=1)["seq"] == 1
    again = bob.say("dev", "one", producer=p, n=1).json
    assert again["duplicate"] is True
    assert bob.say("dev", "two", producer=p, n=2)["seq"] == 2
    assert bob.say("dev", "one", producer=p, n=1)["duplicate"] is True
    assert texts(bob) == ["one", "two"]


def test_a_duplicate_in_the_same_instant(broker, door):
    bob, p = door(broker, "bob"), producer()
    tags = [bob.post_say("dev", f"m{n}", producer=p, n=n) for n in (1, 1, 2, 1, 2, 3, 3)]
    replies = [bob.reply(tag) for tag in tags]
    assert all(reply.ok for reply in replies)
    duplicates = [reply.json.get("duplicate", False) for reply in replies]
    assert duplicates == [False, True, False, True, True, False, True]
    assert texts(bob) == ["m1", "m2", "m3"]


def test_a_hole_is_refused_with_what_is_expected(broker, door):
    bob, p = door(broker, "bob"), producer()
    error = bob.refused("SAY", "dev", "x", {"producer": p, "n": 2})
    assert (error["code"], error["expected"]) == ("gap", 1)
    bob.say("dev", "one", producer=p, n=1)
    tags = [bob.post_say("dev", f"m{n}", producer=p, n=n) for n in (3, 4, 2, 3)]
    replies = [bob.reply(tag) for tag in tags]
    assert [reply.code for reply in replies] == ["gap", "gap", None, None]
    assert replies[0]["expected"] == 2 and replies[1]["expected"] == 2
    assert texts(bob) == ["one", "m2", "m3"]


def test_refused_does_not_count(broker, door):
    bob, p = door(broker, "bob"), producer()
    bob.say("dev", "one", producer=p, n=1)
    for room, body, options, code in (
        ("dev", "x" * 65537, {}, "limit"),
        ("dev", b"\xff\xfe", {}, "malformed"),
        ("dev", "", {}, "malformed"),
        ("a/b", "x", {}, "name"),
        ("dev", "x", {"type": "shout"}, "malformed"),
        ("dev", "x", {"data": {"k": "y" * 4096}}, "limit"),
    ):
        error = bob.refused("SAY", room, body, {"producer": p, "n": 2, **options})
        assert error["code"] == code, (room, options, error)
    assert bob.say("dev", "two", producer=p, n=2)["seq"] == 2
    assert texts(bob) == ["one", "two"]


def test_one_producer_counts_over_all_rooms(broker, door):
    bob, p = door(broker, "bob"), producer()
    assert bob.say("dev", "one", producer=p, n=1)["seq"] == 1
    assert bob.say("ops", "two", producer=p, n=2)["seq"] == 1
    assert bob.say("dev", "three", producer=p, n=3)["seq"] == 2


def test_producers_count_apart(broker, door):
    bob, eve = door(broker, "bob"), door(broker, "eve")
    assert bob.say("dev", "b", producer=producer(), n=1).ok
    assert eve.say("dev", "e", producer=producer(), n=1).ok
    assert bob.say("dev", "b", producer=producer(), n=1)["seq"] == 3


def test_what_producer_and_n_may_be(broker, door):
    bob = door(broker, "bob")
    good = producer()
    for options in (
        {"producer": good},
        {"producer": good[:-1], "n": 1},
        {"producer": good + "00", "n": 1},
        {"producer": "zz" * 16, "n": 1},
        {"producer": 7, "n": 1},
        {"producer": good, "n": 0},
        {"producer": good, "n": -1},
        {"producer": good, "n": 1.5},
        {"producer": good, "n": "1"},
        {"producer": good, "n": True},
    ):
        assert bob.refused("SAY", "dev", "x", options)["code"] == "malformed", options
    assert texts(bob) == []


def test_across_connections_restarts_and_kills(broker, door):
    bob, p = door(broker, "bob"), producer()
    n = 0
    for ending in ("close", "restart", "crash", "crash"):
        for _ in range(3):
            n += 1
            bob.say("dev", f"m{n}", producer=p, n=n)
        if ending == "close":
            bob.close()
        else:
            getattr(broker, ending)()
        bob = door(broker, "bob")
        again = wait_until(lambda: free(bob.request("SAY", "dev", "dup", {"producer": p, "n": n})))
        assert again["duplicate"] is True
        gap = bob.refused("SAY", "dev", "x", {"producer": p, "n": n + 2})
        assert gap["expected"] == n + 1
    assert texts(bob) == [f"m{i}" for i in range(1, n + 1)]


def free(reply):
    """The reply, unless the broker has not yet seen that the name is free."""
    if reply.code == "taken":
        return None
    assert reply.ok, reply.json
    return reply


def test_resending_all_after_a_kill_stands_once_in_order(broker, door):
    bob = door(broker, "bob", hello=True)
    sender = Sender(bob, "dev")
    total = 0
    for round_number in range(3):
        for _ in range(300):
            total += 1
            sender.send(f"m{total}")
        # somewhere in the middle: some replies are in, some under way, some never read
        wait_until(lambda: sender.collect(0.1) or not sender.unacknowledged)
        broker.crash()
        bob.reconnect()
        bob.hello()
        sender.resend()
    sender.flush()
    assert texts(bob) == [f"m{i}" for i in range(1, total + 1)]
    for n, seq in sender.acknowledged.items():
        assert seq in (0, n)


def test_without_a_producer_nothing_is_deduplicated(broker, door):
    bob = door(broker, "bob")
    assert bob.say("dev", "same")["seq"] == 1
    assert bob.say("dev", "same")["seq"] == 2
