"""Direct messages: kept for who is away, once and in order, and for nobody else's eyes."""

import subprocess

import pytest

from support import build
from support.client import Feed
from support.secure import bodies, seqs
from support.wait import wait_until

PRODUCER = "fedcba9876543210" * 2


@pytest.fixture
def people(safe, person):
    return [person(safe, user) for user in ("bob", "alice", "eve")]


def mailbox(one, **options) -> list:
    return one.history_all("@", **options)


def short(events) -> list:
    return [(e.seq, e.type, e.user, e.body) for e in events]


# --- stored and delivered


@pytest.mark.parametrize("form", ["events", "pack"])
def test_both_get_it(safe, person, form):
    bob, alice = (person(safe, user, form=form) for user in ("bob", "alice"))
    assert bob.join("@")["head"] == 0
    alice.join("@")
    reply = bob.ask("TELL", "alice", "hello, привет", {"data": {"k": [1, "два"]}}).json
    told, tell = bob.wait_body("hello, привет"), alice.wait_body("hello, привет")
    assert (tell.room, tell.type, tell.user, tell.seq) == ("@", "tell", "bob", 1)
    assert (told.room, told.type, told.user, told.seq) == ("@", "told", "alice", 1)
    assert tell.data == told.data == {"k": [1, "два"]}
    assert (told.seq, told.time) == (reply["seq"], reply["time"])
    answered = alice.ask("TELL", "BOB", "yes").json
    assert answered["seq"] == 2
    assert bob.wait_body("yes").seq == 2
    for kind in ("events", "pack"):
        assert short(mailbox(bob, form=kind)) == [
            (1, "told", "alice", "hello, привет"), (2, "tell", "alice", "yes")]  # fmt: skip
        assert short(mailbox(alice, form=kind)) == [
            (1, "tell", "bob", "hello, привет"), (2, "told", "bob", "yes")]  # fmt: skip
    assert bob.ask("PING")["heads"] == {"@": 2} == alice.ask("PING")["heads"]


def test_one_mail_has_both_forms_frames(people):
    bob, alice, _ = people
    bob.ask("TELL", "alice", "x")
    for form, frames in (("events", 6), ("pack", 4)):
        alice.send_raw("HISTORY", "h", "alice", "@", {"form": form})
        mail = alice.recv_raw()
        assert mail[:2] == [b"EVENT", b"h"] and len(mail) == frames
        assert mail[2] == (b"room/@/" if form == "events" else b"pack/@/")
        assert alice.recv_raw()[0] == b"OK"


def test_to_all_sessions_that_joined(people):
    bob, alice, _ = people
    tablet, phone, bobs_phone = alice.device(), alice.device(), bob.device()
    for one in (alice, tablet, bobs_phone):
        one.join("@")
    bob.ask("TELL", "alice", "to all of you")
    assert alice.wait_body("to all of you").type == "tell"
    assert tablet.wait_body("to all of you").type == "tell"
    assert bobs_phone.wait_body("to all of you").type == "told", "own words on the other device"
    phone.settle(), bob.settle()
    assert phone.pushed == [] and bob.pushed == [], "who has not joined it"
    assert bodies(mailbox(phone)) == ["to all of you"]
    alice.ask("PART", "@")
    bob.ask("TELL", "alice", "second")
    tablet.wait_body("second")
    alice.settle()
    assert "second" not in bodies(alice.pushed)


def test_who_comes_later_gets_it(people, safe):
    bob, alice, _ = people
    alice.ask("BYE")
    for number in range(5):
        bob.ask("TELL", "alice", f"away {number}")
    alice.back()
    assert alice.join("@")["head"] == 5
    assert bodies(mailbox(alice)) == [f"away {number}" for number in range(5)]
    alice.ask("BYE")
    bob.ask("TELL", "alice", "before the kill")
    safe.crash()
    bob.back()
    bob.ask("TELL", "alice", "after the kill")
    alice.back("@")
    assert seqs(mailbox(alice)) == list(range(1, 8))
    assert bodies(mailbox(alice, after=5)) == ["before the kill", "after the kill"]
    assert seqs(mailbox(bob)) == list(range(1, 8))
    bob.ask("TELL", "alice", "live again")
    assert alice.wait_body("live again").seq == 8


def test_order_and_kills(patient, person):
    """Sent ahead of the replies, the broker killed between, resent: once each, in order."""
    bob, alice = person(patient, "bob"), person(patient, "alice")
    total, unacknowledged = 120, {}

    def post(n):
        options = {"producer": PRODUCER, "n": n}
        unacknowledged[n] = bob.post("TELL", "alice", f"{n}", options)

    for start in range(1, total, 40):
        for n in range(start, start + 40):
            post(n)
        if start > 40:
            bob.reply(unacknowledged.pop(start))
        patient.crash()
        alice.back("@")
        bob.back()
        for n in list(unacknowledged):
            post(n)
        for n in list(unacknowledged):
            assert bob.reply(unacknowledged.pop(n)).ok
    for one in (alice, bob):
        events = mailbox(one)
        assert bodies(events) == [str(n) for n in range(1, total + 1)]
        assert seqs(events) == list(range(1, total + 1))


def test_one_count_for_say_and_tell(people):
    bob, alice, _ = people
    for n in range(1, 9):
        for again in (False, True, True):
            options = {"producer": PRODUCER, "n": n}
            to = ("SAY", "lobby") if n % 2 else ("TELL", "alice")
            reply = bob.ask(*to, f"{n}", options)
            assert reply.json.get("duplicate", False) is again
    for verb, to in (("SAY", "lobby"), ("TELL", "alice")):
        error = bob.refused(verb, to, "x", {"producer": PRODUCER, "n": 10})
        assert error["code"] == "gap" and error["expected"] == 9
    assert bodies(alice.history_all("lobby")) == ["1", "3", "5", "7"]
    assert bodies(mailbox(alice)) == bodies(mailbox(bob)) == ["2", "4", "6", "8"]


def test_refused_does_not_count(people):
    bob, alice, _ = people
    options = {"producer": PRODUCER, "n": 1}
    for to, body, more, code in (
        ("nobody-here", "x", {}, "nobody"), ("alice", "", {}, "malformed"),
        ("alice", b"\xff", {}, "malformed"), ("alice", b"a\0", {}, "malformed"),
        ("alice", "x" * 65537, {}, "limit"), ("a b", "x", {}, "name"), ("", "x", {}, "name"),
        ("alice", "x", {"data": {"k": "x" * 4096}}, "limit"),
        ("alice", "x", {"data": []}, "malformed"),
    ):  # fmt: skip
        assert bob.refused("TELL", to, body, {**options, **more})["code"] == code, (to, body[:9])
    assert bob.ask("TELL", "alice", "x" * 65536, options)["seq"] == 1
    assert len(mailbox(alice)) == len(mailbox(bob)) == 1


def test_to_oneself(people):
    bob, *_ = people
    bob.join("@")
    reply = bob.request("TELL", "bob", "note to self")
    assert reply.ok or reply.code in ("name", "nobody")
    if reply.ok:
        bob.wait_body("note to self")
        events = mailbox(bob)
        assert seqs(events) == list(range(1, len(events) + 1)) and len(events) in (1, 2)
        assert reply["seq"] in seqs(events)


# --- nobody else's


def test_nobody_else_can_read_it(people, safe, capture, person):
    bob, alice, eve = people
    feed = capture(safe, eve)
    eve.join("@")
    bob.ask("TELL", "alice", "for-alice")
    alice.ask("TELL", "bob", "for-bob")
    for room in ("@alice", "@12", "@1", "alice@", "@/alice", "room/@", "@@", "＠"):
        for request in (("HISTORY", room), ("JOIN", room), ("WHO", room), ("TOPIC", room)):
            assert eve.refused(*request)["code"] == "name", request
    assert mailbox(eve) == [] and eve.ask("HISTORY", "@")["head"] == 0
    guest = person(safe)
    reply = guest.request("HISTORY", "@")
    assert not reply.ok or (reply["head"] == 0 and reply.mail == [])
    for request in (("WHO", "@"), ("TOPIC", "@"), ("MODE", "@"), ("REMOVE", "@", "1"),
                    ("INVITE", "@", "bob"), ("KICK", "@", "alice")):  # fmt: skip
        reply = eve.request(*request)
        shown = repr(reply.json)
        assert not reply.ok or "alice" not in shown, request
        assert "for-" not in shown and "bob" not in shown.replace(request[-1], ""), request
    assert "@" not in [room["room"] for room in eve.ask("ROOMS")["rooms"]]
    error = eve.request("ROOMS", {"after": "@"})
    assert not error.ok or error["rooms"] == []
    bob.close(), alice.close()
    seen = feed.bytes()
    for word in (b"for-alice", b"for-bob", b"/@/"):
        assert word not in seen
    eve.settle()
    assert eve.pushed == []


def test_topics_of_mailboxes_bring_nothing(people, safe):
    bob, alice, eve = people
    live = Feed(eve.context, safe.feed)
    live.subscribe("room/@/", "pack/@/", "room/@", "room/alice/", "room/bob/")
    live.sync(eve)
    cut = Feed(eve.context, safe.feed)  # who asks for what no topic begins with is closed
    cut.subscribe("@", "mail/")
    alice.join("@")
    bob.ask("TELL", "alice", "x")
    alice.wait_body("x")
    assert live.barrier(eve) == []
    assert not cut.socket.poll(0)


def test_presence_of_a_mailbox_is_told_to_nobody(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, eve)
    bob.join("@")
    for _ in range(3):
        alice.join("@")
        alice.ask("PART", "@")
    alice.join("@")
    bob.settle()
    assert bob.pushed == [] and b"alice" not in feed.bytes()


def test_nobody_and_who_has_nothing_yet(people, safe, person):
    bob, alice, _ = people
    assert bob.refused("TELL", "zoe", "x")["code"] == "nobody"
    assert mailbox(bob) == []
    zoe = person(safe, "zoe")
    zoe.ask("BYE")
    assert bob.ask("TELL", "zoe", "x")["seq"] == 1, "hers, though she is away"
    assert bodies(mailbox(zoe.back())) == ["x"]


def test_history_of_the_mailbox_is_paged(patient, person):
    bob, alice = person(patient, "bob"), person(patient, "alice")
    tags = [bob.post("TELL", "alice", f"{n}") for n in range(1, 251)]
    assert [bob.reply(tag)["seq"] for tag in tags] == list(range(1, 251))
    assert [e.seq for e in alice.history("@").mail] == list(range(151, 251))
    assert [e.seq for e in alice.history("@", after=10, limit=5).mail] == list(range(11, 16))
    reply = alice.history("@", before=10, limit=3)
    assert [e.seq for e in reply.mail] == [7, 8, 9]
    assert (reply["room"], reply["first"], reply["head"]) == ("@", 1, 250)


# --- refusing somebody


def check(broker) -> int:
    command = [build.zchatd(), "check", "--data", broker.data]
    return subprocess.run(command, timeout=60, env=build.environment()).returncode


def test_somebody_is_refused(people, safe):
    bob, alice, eve = people
    assert alice.ask("MODE", "@")["bans"] == []
    assert alice.ask("MODE", "@", {"set": "ban", "user": "EVE"}).ok
    (ban,) = alice.ask("MODE", "@")["bans"]
    assert (ban["user"], ban["by"]) == ("eve", "alice")
    eve.ask("JOIN", "lair", {"private": True})

    def refused():
        for request in (("TELL", "alice", "x"), ("INVITE", "lair", "alice")):
            error = eve.refused(*request)
            assert error["code"] == "banned" and "no direct messages" in error["text"]

    refused()
    assert eve.ask("MODE", "lair")["members"] == ["eve"]
    assert eve.ask("TELL", "bob", "elsewhere she may write").ok
    assert bob.ask("TELL", "alice", "and others may write here").ok
    assert alice.ask("TELL", "eve", "a word to her").ok
    safe.crash()
    alice.back(), eve.back()
    refused()
    assert eve.ask("MODE", "@")["bans"] == [], "it is nobody else's"
    assert alice.ask("MODE", "@", {"set": "unban", "user": "eve"}).ok
    assert eve.ask("TELL", "alice", "again").ok and eve.ask("INVITE", "lair", "alice").ok
    safe.stop()
    assert check(safe) == 0


def test_only_that_and_only_under_a_proven_name(people, broker, door):
    _, alice, _ = people
    for word in ("mute", "op", "close", "nonsense"):
        json = {"set": word, "user": "eve"}
        assert alice.refused("MODE", "@", json)["code"] == "malformed"
    held = door(broker, "zoe", hello=True)
    assert held.refused("MODE", "@", {"set": "ban", "user": "eve"})["code"] == "proof"
    assert held.ask("MODE", "@")["bans"] == []


def test_strangers_are_refused(people, safe):
    """Until they are written to, or allowed; after a crash too; and they learn no more than that."""
    bob, alice, eve = people
    eve.ask("JOIN", "lair", {"private": True})
    assert alice.ask("MODE", "@", {"set": "lock"}).ok
    assert alice.ask("MODE", "@", {"set": "allow", "user": "BOB"}).ok
    assert alice.ask("MODE", "@")["allowed"] == ["bob"]

    def refused():
        for request in (("TELL", "alice", "x"), ("INVITE", "lair", "alice")):
            error = eve.refused(*request)
            assert error == {"code": "banned", "text": "this person takes no direct messages from you"}

    refused()
    assert bob.ask("TELL", "alice", "allowed").ok
    safe.crash()
    for one in people:
        one.back()
    refused()
    assert bob.ask("TELL", "alice", "still").ok
    assert alice.ask("TELL", "eve", "what is it?").ok
    safe.crash()
    for one in people:
        one.back()
    assert eve.ask("TELL", "alice", "thank you").ok and eve.ask("INVITE", "lair", "alice").ok
    assert alice.ask("MODE", "@", {"set": "unallow", "user": "bob"}).ok
    assert bob.refused("TELL", "alice", "x")["code"] == "banned"
    assert alice.ask("MODE", "@", {"set": "unlock"}).ok
    assert bob.ask("TELL", "alice", "again").ok
    safe.stop()
    assert check(safe) == 0


def test_what_a_stranger_leaves_is_little(people):
    """Short ones or long ones, until they are answered; what was stored is not refused."""
    bob, alice, eve = people
    options = {"producer": PRODUCER}
    taken = 0
    while (reply := eve.request("TELL", "alice", "buy", {**options, "n": taken + 1})).ok:
        taken += 1
    assert taken == 31 and reply.json["code"] == "limit" and reply.json["what"] == "strangers"
    assert "never answered you" in reply.json["text"]
    assert eve.ask("TELL", "alice", "buy", {**options, "n": taken})["duplicate"] is True
    assert eve.ask("TELL", "bob", "elsewhere").ok
    for _ in range(2):
        assert bob.ask("TELL", "alice", "x" * 60_000).ok
    assert bob.refused("TELL", "alice", "y")["code"] == "limit"
    assert alice.ask("TELL", "eve", "well?").ok
    for n in range(taken + 1, taken + 41):
        assert eve.ask("TELL", "alice", "buy", {**options, "n": n}).ok
    assert bodies(mailbox(alice)).count("buy") == taken + 40


# --- plain mode: a mailbox is whoever holds the name


def test_plain_mode(broker, door):
    bob, alice = door(broker, "bob", hello=True), door(broker, "alice", hello=True)
    alice.join("@")
    assert bob.ask("TELL", "alice", "hi")["seq"] == 1
    wait_until(lambda: alice.take(0.1) and bodies(alice.mail.get(b"", [])) == ["hi"])
    assert bob.refused("TELL", "zoe", "hi")["code"] == "nobody", "nobody is here under it"
    alice.ask("BYE")
    assert bob.refused("TELL", "alice", "hi")["code"] == "nobody"
    assert not door(broker, "bob").request("HISTORY", "@").ok, "taken"


def test_plain_mode_shows_nothing_on_the_feed(broker, door, capture):
    bob, alice, eve = (door(broker, user, hello=True) for user in ("bob", "alice", "eve"))
    feed = capture(broker, eve)
    alice.join("@")
    bob.ask("TELL", "alice", "whisper")
    assert b"whisper" not in feed.bytes()
    assert mailbox(eve) == []
