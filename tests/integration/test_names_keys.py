"""Names that belong to keys: who claims one, who opens it, who never does."""

import time
import unicodedata

import pytest

from support.curve import Pair
from support.secure import DAYS_30, GRACE, bodies
from support.wait import wait_until

#   (how the owner spells it, how somebody else tries)
SPELLINGS = [
    ("bob", "BOB"), ("carl", "ｃａｒｌ"), ("cop", "сор"), ("Иван", "иван"), ("Straße", "STRASSE"),
    ("ﬁx", "fix"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ВОХ", "BOX"), ("Ёж", "ёж"),
]  # fmt: skip


CLAIM = {"claim": True}


def taken(one, *request) -> dict:
    error = one.refused(*(request or ("HELLO",)))
    assert error["code"] == "taken", error
    return error


def key_of(someone, user=None) -> dict:
    return someone.ask("KEYS", *([user] if user else [])).json


# --- the first key


def test_the_first_key_claims(safe, person):
    bob, eve = person(safe, "bob"), person(safe, "eve")
    assert bob.greeting["proven"] is True and bob.greeting["admin"] is False
    assert bob.greeting["resumed"] is False and len(bob.session) == 64
    assert key_of(bob) == key_of(eve, "bob") == {"user": "bob", "proven": True, "keys": [bob.key]}
    thief = person(safe, "bob", hello=False)
    for request in (("HELLO",), ("SAY", "lobby", "I am bob"), ("PING",), ("JOIN", "lobby"),
                    ("TELL", "eve", "I am bob"), ("KEY", {"add": thief.key}), ("BYE",),
                    ("WHO", "lobby"), ("HISTORY", "@"), ("KEY", {"free": True})):  # fmt: skip
        error = thief.refused(*request)
        wants_hello = request[0] in ("JOIN", "TELL", "KEY", "BYE")
        assert error["code"] == "taken" or wants_hello and error["code"] == "hello", request
        assert "wait_ms" not in error, "it never becomes free"
    assert eve.ask("HISTORY", "lobby")["head"] == 0
    assert key_of(bob)["keys"] == [bob.key]


def test_without_a_key_nothing_is_proven(broker, door):
    bob = door(broker, "bob")
    assert bob.hello()["proven"] is False
    keys = bob.ask("KEYS").json
    assert keys["user"] == "bob" and keys["proven"] is False and keys["keys"] == []
    assert bob.refused("KEY", {"add": Pair().text})["code"] == "proof"
    assert bob.refused("KEY", {"free": True})["code"] == "proof"


def test_it_stays_whatever_happens(safe, person):
    """After the owner left, after the grace, after a stop and after kill -9."""
    bob = person(safe, "bob")
    thief = person(safe, "bob", hello=False)
    bob.ask("BYE")
    taken(thief)
    bob.back()
    bob.close()
    end = time.monotonic() + GRACE + 1.5
    while time.monotonic() < end:
        taken(thief)
        thief.take(0.2)
    for restart in (safe.restart, safe.crash):
        restart()
        thief.reconnect()
        taken(thief)
        taken(thief, "SAY", "lobby", "mine now")
        assert bob.back().greeting["proven"] is True
        bob.ask("BYE")
        taken(thief)


def test_in_every_spelling(safe, person):
    owners = {first: person(safe, first) for first, _ in SPELLINGS}
    tries = [*SPELLINGS, ("bob", "ＢＯＢ"), ("ВОХ", "ｂｏｘ"), ("cop", "ＣＯＰ")]
    for again in (False, True):
        for first, second in tries:
            taken(person(safe, second, hello=False))
            taken(person(safe, second, hello=False), "SAY", "lobby", "x")
        for first, second in SPELLINGS if again else ():
            owner = person(safe, second, owners[first].pair)
            assert owner.greeting["user"] == first, "as it was claimed"
        if not again:
            for owner in owners.values():
                owner.ask("BYE")
            safe.crash()


def test_who_wins_a_race_wins_for_good(safe, person):
    """Forty keys ask for one name in the same moment, in spellings of it."""
    forms = ["bob", "BOB", "Bob", "ｂｏｂ"]
    racers = [person(safe, forms[i % 4], hello=False) for i in range(40)]
    for racer in racers:
        racer.ask("SYNC", "warm", user="")
    tags = [(racer, racer.post("HELLO", {"protocol": "ZCHAT/1", "claim": True})) for racer in racers]
    replies = [(racer, racer.reply(tag)) for racer, tag in tags]
    winners = [racer for racer, reply in replies if reply.ok]
    assert len(winners) == 1
    assert all(reply.ok or reply.code == "taken" for _, reply in replies)
    safe.crash()
    for racer in racers:
        racer.reconnect()
        reply = racer.request("HELLO")
        assert reply.ok == (racer in winners) and (reply.ok or reply.code == "taken")


def test_speaking_without_hello_holds_the_name(safe, person):
    for user, request in (("bob", ("SAY", "lobby", "hi")), ("carl", ("PING",)),
                          ("dora", ("WHO", "lobby"))):  # fmt: skip
        owner = person(safe, user, hello=False)
        owner.ask(*request)
        taken(person(safe, user, hello=False))
        assert key_of(person(safe), user)["proven"] is False
    safe.crash()
    thief = person(safe, "bob", hello=False)
    assert thief.say("lobby", "nobody has claimed it").ok


def test_a_guest_claims_nothing(safe, person):
    guest = person(safe)
    for request in (("WHO", "lobby"), ("PING",), ("HISTORY", "lobby")):
        guest.ask(*request)
    for request in (("TELL", "bob", "x"), ("KEY", {"free": True}), ("INVITE", "lobby", "bob"),
                    ("KICK", "lobby", "bob"), ("REMOVE", "lobby", "1"),
                    ("MODE", "lobby", {"set": "lock"})):  # fmt: skip
        assert guest.refused(*request)["code"] == "guest", request
    shy = person(safe, "shy", hello=False)
    for request in (("TELL", "bob", "x"), ("KEY", {"free": True}), ("INVITE", "lobby", "bob"),
                    ("KICK", "lobby", "bob"), ("REMOVE", "lobby", "1"), ("KEYS",),
                    ("MODE", "lobby", {"set": "lock"})):  # fmt: skip
        assert shy.refused(*request)["code"] == "hello", request


def test_the_mailbox_is_no_name(safe, person):
    bob = person(safe, "bob")
    assert person(safe, "@", hello=False).refused("HELLO")["code"] == "name"
    for request in (("SAY", "@", "x"), ("TOPIC", "@", "x"), ("JOIN", "@x"), ("HISTORY", "@bob"),
                    ("TELL", "@", "x"), ("INVITE", "@", "bob"), ("JOIN", "＠")):  # fmt: skip
        assert bob.refused(*request)["code"] in ("name", "nobody"), request
    assert not [r for r in bob.ask("ROOMS")["rooms"] if "@" in r["room"]]


# --- devices


def test_several_devices_are_one_user(safe, person, door, capture):
    bob, watcher = person(safe, "bob"), person(safe, "watcher")
    everything = capture(safe, watcher)
    other = Pair()
    assert set(bob.ask("KEY", {"add": other.text})["keys"]) == {bob.key, other.text}
    second, third = bob.device(other), bob.device()
    assert len({bob.session, second.session, third.session}) == 3
    for device in (bob, second, third):
        joined = device.join("lobby").json
        assert joined["members"] == 1
        device.say("lobby", "hello")
    assert watcher.ask("WHO", "lobby").json == {"room": "lobby", "members": 1, "users": ["bob"]}
    bob.ask("PART", "lobby")
    second.ask("BYE")
    assert watcher.ask("WHO", "lobby")["users"] == ["bob"], "the third is still there"
    third.ask("BYE")
    assert watcher.ask("WHO", "lobby")["users"] == []
    everything.bytes()
    seen = [(e.type, e.user) for e in everything.events if e.room == "lobby"]
    assert seen == [("join", "bob"), *[("say", "bob")] * 3, ("leave", "bob")]


def test_devices_are_bounded(safe, person):
    bob = person(safe, "bob")
    devices = [bob.device() for _ in range(15)]
    late = bob.device(hello=False)
    error = late.refused("HELLO")
    assert error["code"] == "limit" and error["limit"] == 16
    devices[0].ask("BYE")
    late.hello()


def test_no_ghost_of_a_lost_connection(safe, person):
    """Who owns a name need not wait for the grace, nor know the session."""
    bob = person(safe, "bob")
    for _ in range(5):
        bob.join("lobby")
        bob.back()
        assert bob.greeting["resumed"] is False
    watcher = person(safe, "watcher")
    wait_until(lambda: watcher.ask("WHO", "lobby")["users"] == [], what="the lost ones leave")
    bob.say("lobby", "still bob")


# --- sessions


def test_a_stolen_secret_opens_nothing_without_the_key(safe, person):
    bob, eve = person(safe, "bob"), person(safe, "eve")
    bob.join("lobby")
    thief = person(safe, "bob", hello=False)
    assert thief.refused("HELLO", {"session": bob.session})["code"] == "taken"
    error = eve.device(hello=False).request("HELLO", {"session": bob.session})
    assert not error.ok or (error["resumed"] is False and error["user"] == "eve")
    assert bob.ask("PING")["heads"] == {"lobby": 0}, "the session is still here"
    bob.close()
    assert thief.refused("HELLO", {"session": bob.session})["code"] == "taken"
    heir = person(safe, "bob", bob.pair, session=bob.session)
    assert heir.greeting["resumed"] is True


def test_a_session_is_taken_over_with_its_rooms(safe, person):
    bob = person(safe, "bob")
    bob.join("lobby")
    new = bob.device(session=bob.session)
    assert new.greeting["resumed"] is True and new.greeting["proven"] is True
    assert new.ask("PING")["heads"] == {"lobby": 0}
    assert bob.request("SAY", "lobby", "the old one").ok in (True, False)
    assert new.say("lobby", "the new one").ok


# --- keys of a name


def test_keys_come_and_go(safe, person):
    bob = person(safe, "bob")
    other, eve = Pair(), person(safe, "eve")
    taken(person(safe, "bob", other, hello=False))
    bob.ask("KEY", {"add": other.text.upper().replace("0", "O")})
    assert set(key_of(eve, "bob")["keys"]) == {bob.key, other.text}, "one spelling of a key"
    safe.crash()
    assert person(safe, "bob", other).greeting["proven"] is True
    bob.back()
    assert bob.ask("KEY", {"remove": other.text})["keys"] == [bob.key]
    taken(person(safe, "bob", other, hello=False))
    safe.crash()
    taken(person(safe, "bob", other, hello=False))
    bob.back()
    bob.ask("KEY", {"add": bob.key})
    assert key_of(bob)["keys"] == [bob.key], "a key stands there once"


def test_a_removed_key_that_is_here_changes_nothing_more(safe, person):
    """The device was lost, its connection is still open."""
    bob, other = person(safe, "bob"), Pair()
    bob.ask("KEY", {"add": other.text})
    lost = bob.device(other)
    shy = bob.device(other, hello=False)
    shy.say("street", "bound without HELLO")
    bob.ask("KEY", {"remove": other.text})
    for verb, *arguments in (("SAY", "street", "x"), ("HISTORY", "@"), ("KEYS",)):
        assert not shy.request(verb, *arguments).ok, verb
    assert not lost.request("KEY", {"add": Pair().text}).ok
    assert not lost.request("KEY", {"remove": bob.key}).ok
    assert not lost.request("KEY", {"free": True}).ok
    assert not lost.request("SAY", "lobby", "I am bob").ok
    assert not lost.request("TELL", "bob", "x").ok
    assert not lost.request("HISTORY", "@").ok
    assert lost.device(hello=False).refused("HELLO", {"session": lost.session})["code"] == "taken"
    assert key_of(bob)["keys"] == [bob.key]


def test_the_last_key_of_a_name(safe, person):
    """Whatever is answered, the name does not become free by it."""
    bob = person(safe, "bob")
    reply = bob.request("KEY", {"remove": bob.key})
    taken(person(safe, "bob", hello=False))
    safe.crash()
    taken(person(safe, "bob", hello=False))
    if not reply.ok:
        assert bob.back().greeting["proven"] is True


def test_keys_of_a_name_are_bounded(safe, person):
    bob = person(safe, "bob")
    added = [Pair().text for _ in range(7)]
    for text in added:
        bob.ask("KEY", {"add": text})
    error = bob.refused("KEY", {"add": Pair().text})
    assert error["code"] == "limit" and error["limit"] == 8
    assert set(key_of(bob)["keys"]) == {bob.key, *added}
    bob.ask("KEY", {"remove": added[3]})
    bob.ask("KEY", {"add": Pair().text})


def test_keys_that_are_none(safe, person):
    bob = person(safe, "bob")
    good = Pair().text
    for bad in ("", "x", good[:-1], good + "0", good[:-1] + ("0" if good[-1] != "0" else "1"),
                5, None, [good], {"key": good}, "\u202e" + good):  # fmt: skip
        for what in ("add", "remove"):
            assert bob.refused("KEY", {what: bad})["code"] in ("malformed", "name"), bad
    for options in ({}, {"free": False}, {"free": 1}, {"add": good, "remove": good},
                    {"add": good, "free": True}):  # fmt: skip
        assert bob.refused("KEY", options)["code"] == "malformed", options
    assert key_of(bob)["keys"] == [bob.key]


def test_nobody_changes_another_name(safe, person):
    bob, eve = person(safe, "bob"), person(safe, "eve")
    for options in ({"free": True, "user": "bob"}, {"add": eve.key, "user": "bob"}):
        eve.request("KEY", options)
        assert key_of(bob)["keys"] == [bob.key]
        assert bob.say("lobby", "here").ok
    taken(person(safe, "bob", eve.pair, hello=False))
    assert eve.refused("KEYS", "nobody-here")["code"] == "nobody"


def test_names_of_a_key_are_bounded(safe, person):
    one = person(safe, "n1")
    for number in range(2, 9):
        person(safe, f"n{number}", one.pair).ask("BYE")
    ninth = person(safe, "n9", one.pair, hello=False)
    error = ninth.refused("HELLO", CLAIM)
    assert error["code"] == "limit" and error["limit"] == 8
    safe.crash()
    ninth.reconnect()
    assert ninth.refused("HELLO", CLAIM)["code"] == "limit"
    one.back().ask("KEY", {"free": True})
    assert ninth.refused("HELLO", CLAIM)["code"] == "limit", "a freed name counts for 30 days"
    assert person(safe, "n10").greeting["proven"] is True, "another key is another count"


def test_others_cannot_use_up_a_keys_names(safe, person):
    """A public key is known to everybody, and can be added to names that its owner never saw."""
    victim = Pair()
    eve = Pair()
    for number in range(8):
        person(safe, f"eve{number}", eve).ask("KEY", {"add": victim.text})
    bob = person(safe, "bob", victim)
    assert bob.greeting["proven"] is True and key_of(bob)["keys"] == [victim.text]
    safe.crash()
    assert person(safe, "bob2", victim).greeting["proven"] is True


# --- giving a name up


def test_a_freed_name_is_nobodys(safe, person):
    bob, eve, carl = person(safe, "bob"), person(safe, "eve"), person(safe, "carl")
    bob.found("den", eve)
    eve.ask("TELL", "bob", "for bob alone")
    bob.ask("KEY", {"free": True})
    for again in (False, True):
        for pair in (bob.pair, Pair()):
            for spelling in ("bob", "BOB", "ｂｏｂ"):
                wait = taken(person(safe, spelling, pair, hello=False))["wait_ms"]
                assert DAYS_30 - 120_000 < wait <= DAYS_30
        assert carl.refused("KEYS", "bob")["code"] == "nobody"
        assert carl.refused("TELL", "bob", "x")["code"] == "nobody"
        if not again:
            safe.crash()
            eve.back("den")
            carl.back()
    mode = eve.ask("MODE", "den").json
    assert mode["members"] == ["eve"] and "bob" not in mode["operators"]


def test_a_freed_name_speaks_no_more(safe, person):
    bob, watcher = person(safe, "bob"), person(safe, "watcher")
    device, shy = bob.device(), bob.device(hello=False)
    device.join("lobby")
    shy.ask("PING")
    bob.ask("KEY", {"free": True})
    for one in (bob, device, shy):
        for request in (("SAY", "lobby", "still bob?"), ("TELL", "watcher", "still bob?"),
                        ("JOIN", "lobby")):  # fmt: skip
            assert not one.request(*request).ok, request
    wait_until(lambda: watcher.ask("WHO", "lobby")["users"] == [])
    assert bodies(watcher.history_all("lobby")) == []
    watcher.join("@")
    assert watcher.ask("HISTORY", "@")["head"] == 0


def test_the_forms_are_really_others():
    """These spellings are different bytes, and none of them is a normal form of the other."""
    for first, second in SPELLINGS:
        assert first != second
        assert unicodedata.normalize("NFC", first) != unicodedata.normalize("NFC", second)
