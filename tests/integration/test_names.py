"""Names: which are allowed, which are the same, who holds one."""

import unicodedata

import pytest

from support.wait import wait_until

GOOD = [
    "bob", "Bob", "b", "7", "иван", "Иван_Петрович", "ёжик", "x.y", "x-y", "x_y", "1.0",
    "李小龙", "山田太郎", "たなか", "κώστας", "בן", "محمد", "नमस्ते", "Müller", "ñandú", "Łukasz",
    "a" * 32, "ж" * 32, "𠀀" * 32, "-a-", ".a", "김철수",
]  # fmt: skip
BAD = [
    ".", "-", "_", "...", "a b", " a", "a/b", "/", "a\tb", "a\nb", "a\x00b", "a\x7f", "a\u00a0b",
    "a" * 33, "ж" * 33, "a\u200bb", "a\u202eb", "a\u2066b", "a\ufeff", "a\u00adb", "😀", "a😀", "a,b",
    "a@b", "a:b", "a#b", "a'b", "€", "a+b",
    "аlice",  # Cyrillic а
    "pаypal", "bоb", "Ωmega", "αbc", "ивaн", "раураl",
    "\ue000", "\u0378", "a\U000e0041",
]  # fmt: skip
SAME = [
    ("bob", "BOB"), ("иван", "ИВАН"), ("Straße", "STRASSE"), ("сор", "cop"), ("ВОВ", "BOB"),
    ("ｂｏｂ", "bob"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("оре", "ope"), ("Ёж", "ёж"), ("ﬁx", "fix"),
    ("lisa", "li\u0307sa"), ("bill", "biǁ"), ("patsy", "paʦy"), ("paul", "pauI"), ("maria", "rnaria"),
    ("Maria", "rnaria"), ("b0b", "bob"), ("می\u200cخواهم", "میخواهم"), ("क्\u200cष", "क्ष"),
]  # fmt: skip
DIFFERENT = [("иван", "ivan"), ("bob", "bob2"), ("жук", "жуки"), ("a.b", "a-b"), ("ель", "ёль")]


@pytest.mark.parametrize("user", GOOD)
def test_allowed(shared_broker, door, user):
    one = door(shared_broker, user)
    reply = one.request("HELLO")
    assert reply.ok or reply.code == "taken", reply.json  # Bob after bob
    if reply.ok:
        assert reply["user"] == user
        assert one.join(user)["room"], "what is fit for a user is fit for a room"
        one.ask("BYE")


@pytest.mark.parametrize("user", BAD)
def test_not_allowed(shared_broker, door, user):
    error = door(shared_broker, user).refused("HELLO")
    assert error["code"] == "name" and len(error["text"]) > 10
    guest = door(shared_broker)
    for request in (("WHO", user), ("HISTORY", user), ("TOPIC", user)):
        assert guest.refused(*request)["code"] == "name", request


def test_bytes_that_are_no_text(shared_broker, door):
    for user in (b"\xff", b"a\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a" * 129):
        assert door(shared_broker, user).refused("HELLO")["code"] == "name", user


def test_an_empty_room_is_no_name(shared_broker, door):
    assert door(shared_broker).refused("WHO", "")["code"] == "name"


@pytest.mark.parametrize("first, second", SAME)
def test_the_same_name(broker, door, first, second):
    one = door(broker, first, hello=True)
    error = door(broker, second).refused("HELLO")
    assert error["code"] == "taken"
    assert error["wait_ms"] <= 250, "until it is known that the holder is there"
    one.say(first, "x")
    assert one.join(second)["room"] == first, "a room has one spelling"
    assert one.history(second)["room"] == first


@pytest.mark.parametrize("first, second", DIFFERENT)
def test_two_names(broker, door, first, second):
    door(broker, first, hello=True)
    two = door(broker, second, hello=True)
    assert two.join(first)["room"] == first
    assert two.join(second)["room"] == second


def nfd(text: str) -> str:
    """As macOS types it."""
    return unicodedata.normalize("NFD", text)


def test_names_in_another_form(safe, person):
    """Wherever a name stands in a request it may be in NFD; what the broker says is NFC."""
    rené, zoë = person(safe, nfd("rené")), person(safe, "zoë")
    assert rené.greeting["user"] == "rené"
    assert rené.join(nfd("café"))["room"] == "café"
    rené.say(nfd("café"), "x")
    event = rené.history(nfd("café")).mail[0]
    assert (event.room, event.user) == ("café", "rené")
    assert rené.ask("WHO", nfd("café")).json["users"] == ["rené"]
    assert rené.ask("WHO", nfd("naïve"))["room"] == "naïve", "a room that is not there yet"
    assert rené.ask("TOPIC", nfd("café"), "t").ok and rené.ask("TOPIC", nfd("café"))["room"] == "café"
    zoë.join("@")
    rené.ask("TELL", nfd("zoë"), "psst")
    assert zoë.wait_body("psst").user == "rené"
    assert rené.ask("KEYS", nfd("zoë"))["user"] == "zoë"
    rené.found(nfd("privée"))
    rené.ask("INVITE", nfd("privée"), nfd("zoë"))
    assert zoë.join(nfd("privée"))["room"] == "privée"
    rené.set(nfd("café"), "mute", nfd("zoë"))
    assert [m["user"] for m in rené.ask("MODE", nfd("café"))["mutes"]] == ["zoë"]
    rené.ask("KICK", nfd("privée"), nfd("zoë"))
    assert zoë.refused("JOIN", "privée")["code"] == "private"
    rené.ask("REMOVE", nfd("café"), "1")
    assert rené.ask("ROOMS", {"after": nfd("café")})["rooms"][0]["room"] == "privée"
    assert rené.ask("PART", nfd("café")).ok
    rené.ask("BYE")
    assert person(safe, "rené", rené.pair).greeting["proven"], "it is one name"


def test_a_name_that_is_short_once_it_is_composed(shared_broker, door):
    """32 letters, each of two code points."""
    one = door(shared_broker, nfd("é" * 32), hello=True)
    assert one.ask("PING").ok and one.hello()["user"] == "é" * 32
    assert door(shared_broker, nfd("ü" * 33)).refused("HELLO")["code"] == "name"


def test_the_feed_carries_one_spelling(broker, door, feed):
    bob = door(broker, "bob", hello=True)
    every = feed(broker, bob, "room/")
    bob.join("Lobby")
    for spelling in ("LOBBY", "lobby", "Lobby"):
        bob.say(spelling, "x")
    bob.ask("TOPIC", "lObby", "t")
    bob.ask("PART", "LOBBY")
    events = every.barrier(bob)
    assert [e.room for e in events] == ["Lobby"] * 6
    assert [e.seq for e in events if e.stored] == [1, 2, 3, 4]
    assert [room["room"] for room in bob.ask("ROOMS")["rooms"]] == ["Lobby"]


def test_one_spelling_over_restarts(broker, door):
    door(broker, "bob").say("Комната", "x")
    broker.crash()
    bob = door(broker, "bob", hello=True)
    joined = bob.join("комната")
    assert joined["room"] == "Комната" and joined["head"] == 1


def test_one_connection_one_name(broker, door):
    bob = door(broker, "bob", hello=True)
    for request in (("SAY", "dev", "x"), ("HELLO",), ("JOIN", "dev"), ("PING",), ("BYE",)):
        assert bob.refused(*request, user="eve")["code"] == "identity", request
    assert door(broker, "eve").ask("HELLO").ok, "and eve was not bound by that"


# --- sessions


def test_taking_a_session_over(broker, door, client):
    watcher = client(broker, "watcher", "dev")
    old = door(broker, "bob", hello=True)
    old.join("dev")
    old.say("dev", "from the old connection")
    new = door(broker, "bob")
    reply = new.hello(session=old.session)
    assert reply["resumed"] is True and reply["user"] == "bob"
    assert len(reply["session"]) == 64
    assert new.ask("PING")["heads"] == {"dev": 1}, "its rooms included"
    new.say("dev", "from the new one")
    watcher.wait_for("dev", lambda e: e.body == "from the new one")
    assert [e.type for e in watcher.got["dev"]] == ["join", "say", "say"], "nobody was told"
    stale = old.request("SAY", "dev", "still me?")
    assert stale.code in ("taken", "identity", "hello"), stale.json
    old.close()
    watcher.pump(0.3)
    assert new.say("dev", "third")["seq"] == 3, "the end of the old connection ends nothing"
    watcher.wait_for("dev", lambda e: e.body == "third")
    assert [e.type for e in watcher.got["dev"]] == ["join", "say", "say", "say"]


def test_grace_for_a_lost_session(broker, door, client):
    watcher = client(broker, "watcher", "dev")
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    bob.close()
    leave = watcher.wait_for("dev", lambda e: e.type == "leave")
    assert leave.data["reason"] == "lost"
    error = door(broker, "bob").refused("HELLO")
    assert error["code"] == "taken" and 0 < error["wait_ms"] <= 5100
    back = door(broker, "bob")
    assert back.hello(session=bob.session)["resumed"] is True
    assert back.ask("PING")["heads"] == {}, "its rooms were left"
    assert back.join("dev")["members"] == 2


def test_the_name_is_free_after_the_grace(broker, door):
    bob = door(broker, "bob", hello=True)
    bob.close()
    other = door(broker, "bob")
    refusals = []

    def free():
        reply = other.request("HELLO")
        if not reply.ok:
            assert reply.code == "taken"
            refusals.append(reply.json.get("wait_ms"))
        return reply.ok

    wait_until(free, pause=0.1)
    assert any(refusals), "it was kept for a while, and that was said"
    late = door(broker, "bob").request("HELLO", {"session": bob.session})
    assert late.code == "taken", "the old secret opens nothing any more"


def test_a_wrong_secret_opens_nothing(broker, door):
    bob = door(broker, "bob", hello=True)
    eve = door(broker, "eve", hello=True)
    thief = door(broker, "bob")
    for secret in ("0" * 64, eve.session, bob.session[:-1] + "x", bob.session[:-2], ""):
        assert thief.refused("HELLO", {"session": secret})["code"] in ("taken", "malformed")
    flipped = ("0" if bob.session[0] != "0" else "1") + bob.session[1:]
    assert thief.refused("HELLO", {"session": flipped})["code"] == "taken"
    assert bob.say("dev", "still bob").ok


def test_an_unknown_secret_of_a_free_name_is_a_new_session(broker, door):
    bob = door(broker, "bob")
    reply = bob.hello(session="ab" * 32)
    assert reply.json.get("resumed", False) is False and reply["session"] != "ab" * 32


def test_secrets_differ_and_the_broker_forgets_them(broker, door):
    bob = door(broker, "bob", hello=True)
    first = bob.session
    broker.restart()
    bob = door(broker, "bob")
    assert bob.hello(session=first).json.get("resumed", False) is False
    assert bob.session != first
    assert first not in broker.log and bob.session not in broker.log


def test_bye_frees_at_once(broker, door, client):
    watcher = client(broker, "watcher", "dev")
    for _ in range(5):
        bob = door(broker, "bob", hello=True)
        bob.join("dev")
        bob.ask("BYE")
    watcher.wait_for("dev", lambda e: e.type == "leave")
    assert {e.data["reason"] for e in watcher.got["dev"] if e.type == "leave"} == {"bye"}
