"""Moderation: who may do what in whose room, what it does, and that it lasts."""

import pytest

from support.curve import Pair
from support.secure import bodies
from support.wait import wait_until


@pytest.fixture
def people(safe, person):
    """Bob, who founded the room; alice and eve, who are in it."""
    bob, alice, eve = (person(safe, user) for user in ("bob", "alice", "eve"))
    bob.say("street", "first")
    for one in (bob, alice, eve):
        one.join("street")
    return bob, alice, eve


@pytest.fixture
def admin_broker(brokers):
    """A broker that trusts the key in its attribute boss."""
    boss = Pair()
    broker = brokers(args=["--curve", "--admin", boss.text])
    broker.boss = boss
    return broker


def modes(one, room="street") -> list:
    return [(e.user, e.body, e.data) for e in one.history_all(room) if e.type == "mode"]


def test_the_founder_is_operator(people, safe):
    bob, alice, eve = people
    assert bob.join("street")["role"] == "operator"
    assert alice.join("street")["role"] == ""
    mode = alice.ask("MODE", "street").json
    assert mode["operators"] == ["bob"] and mode["private"] is False
    assert mode.get("members", []) == [] and mode["bans"] == [] and mode["mutes"] == []
    eve.ask("TOPIC", "street", "anybody may")
    safe.crash()
    assert alice.back().ask("MODE", "street")["operators"] == ["bob"]


def test_a_name_without_proof_is_no_operator(broker, door):
    bob = door(broker, "bob", hello=True)
    bob.say("street", "first")
    assert bob.join("street")["role"] == ""
    assert bob.ask("MODE", "street")["operators"] == []
    assert bob.refused("MODE", "street", {"set": "lock"})["code"] in ("operator", "proof")


@pytest.mark.parametrize(
    "verb, arguments",
    [
        *(("MODE", ({"set": what, "user": "bob"},)) for what in
          ("op", "deop", "ban", "unban", "mute", "unmute")),
        *(("MODE", ({"set": what},)) for what in ("lock", "unlock", "close", "open")),
        ("MODE", ({"set": "op", "user": "alice"},)), ("MODE", ({"set": "ban", "user": "eve"},)),
        ("KICK", ("bob",)), ("INVITE", ("eve",)), ("REMOVE", ("1",)),
    ],
)  # fmt: skip
def test_nobody_without_the_role_can(people, verb, arguments):
    bob, alice, _ = people
    head = bob.ask("HISTORY", "street")["head"]
    assert alice.refused(verb, "street", *arguments)["code"] == "operator"
    assert bob.ask("HISTORY", "street")["head"] == head, "nothing was stored"
    assert bob.ask("WHO", "street")["members"] == 3
    assert bodies(bob.history_all("street")) == ["first"]


def test_op_and_deop(people, safe, person):
    bob, alice, eve = people
    reply = bob.set("street", "op", "ALICE", reason="trusted").json
    assert modes(eve) == [("bob", "trusted", {"set": "op", "user": "alice"})]
    assert reply["seq"] == 2
    alice.set("street", "op", "eve")
    safe.crash()
    for one in (bob, alice, eve):
        one.back("street")
    assert sorted(eve.ask("MODE", "street")["operators"]) == ["alice", "bob", "eve"]
    eve.set("street", "deop", "alice")
    assert alice.refused("MODE", "street", {"set": "op", "user": "alice"})["code"] == "operator"
    assert bob.refused("MODE", "street", {"set": "op", "user": "zoe"})["code"] in (
        "nobody", "proof")  # fmt: skip
    eve.set("street", "deop", "bob")
    assert eve.ask("MODE", "street")["operators"] == ["eve"]


def test_ban(people, safe):
    bob, alice, eve = people
    bob.set("street", "ban", "EVE", reason="spam")
    wait_leave(alice, "eve")  # a ban also kicks
    for request in (("JOIN",), ("SAY", "x"), ("TOPIC", "x")):
        error = eve.refused(request[0], "street", *request[1:])
        assert error["code"] == "banned" and "until" not in error
    assert eve.ask("HISTORY", "street").ok, "reading a public room cannot be forbidden"
    assert eve.ask("TELL", "alice", "elsewhere she may speak").ok
    eve.join("alley")
    (ban,) = alice.ask("MODE", "street")["bans"]
    assert (ban["user"], ban["by"], "reason" in ban) == ("eve", "bob", False)
    safe.crash()
    for one in (bob, eve):
        one.back()
    assert eve.refused("SAY", "STREET", "x")["code"] == "banned"
    assert eve.device().refused("SAY", "street", "x")["code"] == "banned", "the name is banned"
    bob.set("street", "unban", "eve")
    assert eve.join("street").ok and eve.say("street", "back").ok
    assert bob.ask("MODE", "street")["bans"] == []


def wait_leave(one, user) -> bool:
    return wait_until(lambda: user not in one.ask("WHO", "street")["users"])


def test_mute(people, safe):
    bob, alice, eve = people
    bob.set("street", "mute", "eve", reason="hush")
    for request in (("SAY", "x"), ("TOPIC", "x")):
        assert eve.refused(request[0], "street", *request[1:])["code"] == "muted"
    assert eve.join("street").ok and "eve" in alice.ask("WHO", "street")["users"]
    safe.crash()
    bob.back(), eve.back("street")
    assert eve.refused("SAY", "street", "x")["code"] == "muted"
    (mute,) = bob.ask("MODE", "street")["mutes"]
    assert (mute["user"], mute["by"]) == ("eve", "bob")
    bob.set("street", "unmute", "eve")
    eve.say("street", "at last")


@pytest.mark.parametrize("what, code", [("ban", "banned"), ("mute", "muted")])
def test_for_a_while(people, what, code):
    bob, alice, eve = people
    reply = bob.set("street", what, "eve", for_ms=1500).json
    error = eve.refused("SAY", "street", "x")
    assert error["code"] == code and abs(error["until"] - reply["time"] - 1500) < 500
    listed = alice.ask("MODE", "street").json[what + "s"]
    assert [entry["until"] for entry in listed] == [error["until"]]
    (event,) = [data for _, _, data in modes(alice)]
    assert event == {"set": what, "user": "eve", "until": error["until"]}
    wait_until(lambda: eve.request("SAY", "street", "x").ok, what="it ends by itself", pause=0.1)
    assert alice.ask("MODE", "street").json[what + "s"] == []
    bob.set("street", what, "eve", for_ms=3_600_000)
    bob.set("street", "un" + what, "eve")
    assert eve.say("street", "x").ok, "it ends before its time where an operator says so"


@pytest.mark.parametrize("for_ms", [0, 1, 2**31, 2**53, 2**62, 2**63 - 1, 2**64, 1e300])
def test_times_that_are_far(people, safe, for_ms):
    """A while is never longer than was said, and never turns into the past."""
    bob, alice, eve = people
    reply = bob.request("MODE", "street", bob.setting("mute", "eve", for_ms=for_ms))
    if not reply.ok:
        assert reply.code in ("malformed", "limit")
        assert eve.say("street", "free").ok
        return
    if for_ms > 1:
        assert eve.refused("SAY", "street", "x")["code"] == "muted"
        safe.crash()
        assert eve.back().refused("SAY", "street", "x")["code"] == "muted"
    else:
        wait_until(lambda: eve.request("SAY", "street", "x").ok)


def test_rules_of_a_room_are_bounded(people):
    """An operator can fill a room's rules, not the broker's memory."""
    bob, alice, _ = people
    tags = [bob.post("MODE", "street", bob.setting("ban", f"n{n}", reason="x" * 512))
            for n in range(5000)]  # fmt: skip
    replies = [bob.reply(tag) for tag in tags]
    refused = [reply for reply in replies if not reply.ok]
    assert replies[0].ok and refused and {reply.code for reply in refused} <= {"limit", "slow"}
    assert len(alice.ask("MODE", "street")["bans"]) <= 1000

    def done(what: str, user: str) -> bool:  # once what failed is no longer held against bob
        return bob.request("MODE", "street", bob.setting(what, user)).ok

    wait_until(lambda: done("unban", "n0"), what="n0 is unbanned")
    wait_until(lambda: done("mute", "eve"), what="eve is muted")


def test_operators_are_not_banned(people):
    bob, alice, eve = people
    bob.set("street", "op", "alice")
    assert alice.refused("MODE", "street", {"set": "ban", "user": "bob"})["code"] == "operator"
    bob.set("street", "deop", "alice")
    bob.set("street", "ban", "alice")
    assert alice.refused("SAY", "street", "x")["code"] == "banned"


def test_lock(people, safe):
    bob, alice, _ = people
    bob.set("street", "lock")
    assert alice.refused("TOPIC", "street", "mine")["code"] == "operator"
    bob.ask("TOPIC", "street", "ours")
    alice.say("street", "speaking is free")
    assert alice.ask("MODE", "street")["locked"] is True
    safe.crash()
    bob.back("street"), alice.back("street")
    assert alice.refused("TOPIC", "street", "mine")["code"] == "operator"
    bob.set("street", "unlock")
    alice.ask("TOPIC", "street", "mine")


def test_kick_in_public(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, alice)
    bob.ask("KICK", "street", "eve", "calm down")
    wait_leave(alice, "eve")
    feed.bytes()
    leaves = [e for e in feed.events if e.type == "leave"]
    assert [(e.user, e.data["reason"]) for e in leaves] == [("eve", "kick")]
    assert modes(alice) == [("bob", "calm down", {"set": "kick", "user": "eve"})]
    assert eve.refused("TOPIC", "street", "x")["code"] == "member"
    assert eve.join("street").ok
    bob.refused("KICK", "street", "eve", "x" * 513)


def test_arguments_that_do_not_fit(people):
    bob, *_ = people
    for options in ({"set": "rule"}, {"set": 1}, {"set": "op"}, {"set": "op", "user": 1}, {},
                    {"user": "eve"}, {"set": "ban", "user": "eve", "for_ms": -1},
                    {"set": "ban", "user": "eve", "for_ms": "1"},
                    {"set": "ban", "user": "eve", "reason": 1}):  # fmt: skip
        assert bob.refused("MODE", "street", options)["code"] in ("malformed", "name"), options
    assert bob.refused("MODE", "street", {"set": "op", "user": "a b"})["code"] == "name"
    error = bob.refused("MODE", "street", {"set": "mute", "user": "eve", "reason": "x" * 513})
    assert error["code"] == "limit" and error["limit"] == 512
    for bad in ("", "x", "-1", "1.5", "99999999999999999999", "0x1", " 1", "1e3"):
        assert bob.refused("REMOVE", "street", bad)["code"] in ("malformed", "nobody"), bad
    for none in ("777", "0", str(2**40)):
        assert bob.refused("REMOVE", "street", none)["code"] in ("nobody", "malformed")
    assert bodies(bob.history_all("street")) == ["first"]


# --- taking messages away


def test_remove(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, alice)
    seq = eve.say("street", "the-insult", data={"k": "the-data"})["seq"]
    own = eve.say("street", "the-slip")["seq"]
    assert alice.refused("REMOVE", "street", str(seq))["code"] == "operator"
    reply = bob.ask("REMOVE", "street", str(seq), "not here").json
    eve.ask("REMOVE", "street", str(own))
    feed.bytes()
    removed = [e for e in feed.events if e.type == "remove"]
    assert [(e.user, e.body, e.data) for e in removed] == [
        ("bob", "not here", {"seq": seq}), ("eve", "", {"seq": own})]  # fmt: skip
    assert reply["seq"] == own + 1
    for again in (False, True):
        for form in ("events", "pack"):
            events = {e.seq: e for e in alice.history_all("street", form=form)}
            assert sorted(events) == list(range(1, own + 3)), "no hole"
            for gone in (seq, own):
                assert (events[gone].type, events[gone].user) == ("gone", "eve")
            assert "the-" not in repr(events)
        if not again:
            safe.crash()
            bob.back(), alice.back()
    assert safe.stop() == 0
    kept = b"".join(path.read_bytes() for path in safe.data.rglob("*") if path.is_file())
    assert b"the-" not in kept, "gone from the disk too"
    safe.start()


def test_what_cannot_be_removed(people):
    bob, alice, eve = people
    seq = eve.say("street", "x")["seq"]
    eve.ask("REMOVE", "street", str(seq))
    again = eve.request("REMOVE", "street", str(seq))
    assert again.ok or again.code == "nobody"
    mode = bob.set("street", "lock")["seq"]
    for what in (mode, seq + 1):
        reply = bob.request("REMOVE", "street", str(what))
        events = {e.seq: e for e in bob.history_all("street")}
        assert events[mode].type == "mode" or reply.ok
    assert alice.ask("MODE", "street")["locked"] is True, "what was decided stays decided"


# --- admins


def test_an_admin_may_everywhere(admin_broker, person):
    bob, eve = person(admin_broker, "bob"), person(admin_broker, "eve")
    boss = person(admin_broker, "boss", admin_broker.boss)
    assert boss.greeting["admin"] is True and bob.greeting["admin"] is False
    seq = bob.say("street", "first")["seq"]
    bob.found("den")
    bob.say("den", "the word")
    boss.set("street", "op", "boss")
    boss.set("street", "deop", "bob")
    boss.set("street", "mute", "bob")
    assert bob.refused("SAY", "street", "x")["code"] == "muted"
    boss.ask("REMOVE", "street", str(seq))
    assert boss.ask("MODE", "den")["members"] == ["bob"]
    for target in ({"set": "ban", "user": "boss"}, {"set": "close"}):
        assert eve.refused("MODE", "street", target)["code"] == "operator"
    eve.say("alley", "first")
    for what in ("ban", "mute"):
        eve.request("MODE", "alley", eve.setting(what, "boss"))
    boss.join("alley")
    assert boss.say("alley", "an admin is not bound by that").ok
    assert eve.refused("MODE", "alley", {"set": "close"})["code"] == "operator", "admins only"


def test_close(admin_broker, person, capture):
    bob = person(admin_broker, "bob")
    boss = person(admin_broker, "boss", admin_broker.boss)
    feed = capture(admin_broker, boss)
    bob.say("street", "first")
    bob.join("street")
    bob.found("den")
    boss.set("street", "close", reason="enough")
    boss.set("den", "close")
    assert boss.ask("WHO", "street")["members"] == 0
    for again in (False, True):
        for request in (("JOIN", "street"), ("SAY", "street", "x"), ("JOIN", "den"),
                        ("SAY", "den", "x"), ("INVITE", "den", "boss")):  # fmt: skip
            assert bob.refused(*request)["code"] == "closed", request
        assert bob.refused("TOPIC", "street", "x")["code"] in ("closed", "member")
        assert bob.ask("MODE", "street")["closed"] is True
        assert bodies(bob.history_all("street")) == ["first"], "it may still be read"
        if not again:
            feed.bytes()
            leaves = [e for e in feed.events if e.type == "leave"]
            assert [(e.user, e.data["reason"]) for e in leaves] == [("bob", "close")]
            admin_broker.crash()
            bob.back(), boss.back()
    assert bob.refused("MODE", "street", {"set": "open"})["code"] == "operator"
    boss.set("street", "open")
    assert bob.join("street").ok and bob.say("street", "again").ok


def test_an_admin_frees_a_name(admin_broker, person):
    bob, eve = person(admin_broker, "bob"), person(admin_broker, "eve")
    boss = person(admin_broker, "boss", admin_broker.boss)
    assert not eve.request("KEY", {"free": True, "user": "bob"}).ok
    boss.ask("KEY", {"free": True, "user": "bob"})
    assert eve.refused("KEYS", "bob")["code"] == "nobody"
    assert eve.ask("KEYS")["keys"] == [eve.key] and boss.ask("KEYS")["keys"] == [boss.key]
    assert not bob.request("SAY", "street", "x").ok
