"""AWAY: who is not at the keyboard, and until when."""

import pytest


@pytest.fixture
def bob(broker, door):
    return door(broker, "bob", hello=True)


def away(one, room="lobby") -> dict:
    return one.ask("WHO", room).json.get("away", {})


def test_who_shows_it_until_something_is_said(bob, broker, door):
    eve = door(broker, "eve", hello=True)
    bob.join("lobby"), eve.join("lobby"), bob.join("other")
    assert "away" not in eve.ask("WHO", "lobby").json
    assert bob.ask("AWAY", "обед, till 14:00").json == {}
    assert away(eve) == away(eve, "other") == {"bob": "обед, till 14:00"}
    bob.ask("AWAY", "gone home")
    eve.say("lobby", "where is bob?")
    assert away(eve) == {"bob": "gone home"}
    bob.ask("PING"), bob.ask("HISTORY", "lobby")
    assert away(eve), "reading is no word"
    bob.say("lobby", "here I am")
    assert away(eve) == {}
    bob.ask("AWAY", "again")
    bob.ask("TELL", "eve", "psst")
    assert away(eve) == {}


def test_back_without_a_word(bob):
    bob.join("lobby")
    for arguments in ((), ("",)):
        bob.ask("AWAY", "x")
        assert away(bob) == {"bob": "x"}
        bob.ask("AWAY", *arguments)
        assert away(bob) == {}


def test_a_word_that_is_refused_is_none(bob, broker, door):
    bob.join("lobby")
    bob.ask("AWAY", "x")
    assert not bob.request("SAY", "lobby", "").ok and not bob.request("TELL", "nobody", "x").ok
    assert away(bob) == {"bob": "x"}


def test_who_says_a_word_and_goes_is_away(bob):
    """What was said before it does not end it, though it gets to the disk later."""
    bob.join("lobby")
    for number in range(50):
        tags = [bob.post_say("lobby", "x") for _ in range(20)]
        bob.ask("AWAY", f"since {number}")
        assert all(bob.reply(tag).ok for tag in tags)
        assert away(bob) == {"bob": f"since {number}"}


def test_it_ends_with_who_is_gone(bob, broker, door):
    eve = door(broker, "eve", hello=True)
    bob.join("lobby"), eve.join("lobby")
    bob.ask("AWAY", "x")
    bob.ask("BYE")
    bob.reconnect()
    bob.hello()
    bob.join("lobby")
    assert away(eve) == {}


def test_of_all_devices(safe, person):
    bob = person(safe, "bob")
    phone, eve = bob.device(), person(safe, "eve")
    phone.join("lobby")
    bob.ask("AWAY", "x")
    assert away(eve) == {"bob": "x"}
    bob.ask("BYE")
    assert away(eve) == {"bob": "x"}
    phone.say("lobby", "back")
    assert away(eve) == {}


def test_what_is_refused(bob, broker, door):
    bob.join("lobby")
    error = bob.refused("AWAY", "x" * 201)
    assert error["code"] == "limit" and (error["limit"], error["what"]) == (200, "away")
    for text in (b"\xff", b"a\0b", "two\nlines", "\x1b[2J"):
        assert bob.refused("AWAY", text)["code"] == "malformed", text
    assert bob.ask("AWAY", "x" * 200).ok
    assert door(broker).refused("AWAY", "x")["code"] == "guest"
    late = door(broker, "late")
    late.say("lobby", "no hello yet")
    assert late.refused("AWAY", "x")["code"] == "hello"


def test_many_who_are_away(brokers, door):
    """An answer to WHO with long names and texts that JSON writes twice as long."""
    broker = brokers(args=["--quota", "joins=0", "--quota", "reads=0"])
    many = []
    for number in range(300):
        one = door(broker, "я" * 28 + f"{number:04}")
        asked = [("HELLO",), ("JOIN", "lobby"), ("AWAY", '"' * 200)]
        many.append((one, [one.post(*request) for request in asked]))
    for one, tags in many:
        assert all(one.reply(tag).ok for tag in tags)
    assert len(away(many[0][0])) == 300
