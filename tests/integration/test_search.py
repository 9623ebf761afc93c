"""SEARCH over the wire: what is found, by whom, and what is found by nobody any more."""

import os
import secrets
import sqlite3
import time

import pytest
from support.client import Door
from support.wait import wait_until

PLAIN = ["--quota", "searches=0"]


def answer(door, query: str, user=None, **options) -> dict:
    """The answer once everything that is stored can be found."""

    def whole():
        reply = door.ask("SEARCH", query, options, user=user).json
        return reply if "behind" not in reply and "partial" not in reply else None

    return wait_until(whole, deadline=60, what=f"the index has everything for {query}")


def texts(door, query: str, **options) -> list:
    return [hit["text"] for hit in answer(door, query, **options)["hits"]]


def everything(door, query: str, limit: int = 100) -> list:
    """All hits, page by page."""
    hits, before = [], {}
    while True:
        reply = answer(door, query, limit=limit, **before)
        hits += reply["hits"]
        if "next" not in reply:
            return hits
        before = {"before": reply["next"]}


def many(door, room: str, bodies) -> None:
    bodies = list(bodies)
    for part in range(0, len(bodies), 1000):
        tags = [door.post_say(room, body) for body in bodies[part : part + 1000]]
        assert all(door.reply(tag).ok for tag in tags)


def said(door, room: str, body, **options) -> None:
    """Say it, and let its millisecond pass: what two rooms say in one has no order."""
    stamp = door.say(room, body, **options).json["time"]
    wait_until(lambda: time.time() * 1000 >= stamp + 1, pause=0)


@pytest.fixture
def spoken(brokers, door):
    """A broker where bob and maria have said something in public."""
    broker = brokers(args=PLAIN)
    bob = door(broker, "bob", hello=True)
    maria = door(broker, "maria", hello=True)
    said(bob, "lobby", "Hello World, two words here")
    said(maria, "lobby", "Привет, Ёлка! Съешь йогурт")
    said(bob, "dev", "see https://example.org/x for the words")
    said(maria, "dev", "ñandú says HELLO to all", type="action")
    return broker, bob, maria


@pytest.mark.parametrize(
    "query, found",
    [
        ("hello", ["ñandú says HELLO to all", "Hello World, two words here"]),
        ("HELLO world", ["Hello World, two words here"]),
        ("wor*", ["see https://example.org/x for the words", "Hello World, two words here"]),
        ('"two words"', ["Hello World, two words here"]),
        ('"words two"', []),
        ("two-words", ["Hello World, two words here"]),
        ("елка", ["Привет, Ёлка! Съешь йогурт"]),
        ("ПРИВЕТ ёлка", ["Привет, Ёлка! Съешь йогурт"]),
        ("иогурт", ["Привет, Ёлка! Съешь йогурт"]),
        ("и\u0306огурт", ["Привет, Ёлка! Съешь йогурт"]),
        ("йог*", ["Привет, Ёлка! Съешь йогурт"]),
        ("nandu", ["ñandú says HELLO to all"]),
        ("from:bob hello", ["Hello World, two words here"]),
        ("from:MARIA", ["ñandú says HELLO to all", "Привет, Ёлка! Съешь йогурт"]),
        ("from:me words", ["see https://example.org/x for the words",
                           "Hello World, two words here"]),
        ("in:dev hello", ["ñandú says HELLO to all"]),
        ("in:DEV hello", ["ñandú says HELLO to all"]),
        ("in:nowhere hello", []),
        ("has:link words", ["see https://example.org/x for the words"]),
        ("after:2020-01-01 two", ["Hello World, two words here"]),
        ("before:2020-01-01 two", []),
        ("after:2020-01-01T10:15 before:2999-12-31T23:59 two", ["Hello World, two words here"]),
        ("nowhere-said", []),
        ("hello :-)", ["ñandú says HELLO to all", "Hello World, two words here"]),
        ("!!!", []),
        # what FTS5 takes for operators is nothing but words here
        ("hello OR привет", []),
        ("hello NOT world", []),
        ("hello AND world", []),
        ("NEAR(hello world)", []),
        ('text:hello', []),
        ('hello "', ["ñandú says HELLO to all", "Hello World, two words here"]),
        ("^hello", ["ñandú says HELLO to all", "Hello World, two words here"]),
        ("{text} : hello", []),
        ("- hello", ["ñandú says HELLO to all", "Hello World, two words here"]),
        ("p/hello", []),
        ("//r1", []),
    ],
)  # fmt: skip
def test_what_a_query_finds(spoken, query, found):
    assert texts(spoken[1], query) == found


@pytest.mark.parametrize(
    "query, code",
    [
        ("", "malformed"),
        ("   ", "malformed"),
        ("in:dev", "malformed"),
        ("has:link", "malformed"),
        ("a*", "malformed"),
        ("word from:", "malformed"),
        ("word from:a from:b", "malformed"),
        ("word has:cheese", "malformed"),
        ("word after:2026-02-30", "malformed"),
        ("word after:yesterday", "malformed"),
        ("word before:2026-11-28T25:00", "malformed"),
        ("word from:a/b", "name"),
        ("word in:a/b", "name"),
        (b"\xff", "malformed"),
        ("x" * 513, "limit"),
        (" ".join(["x"] * 17), "limit"),
    ],
)
def test_what_is_no_query(spoken, query, code):
    assert spoken[1].refused("SEARCH", query)["code"] == code


@pytest.mark.parametrize(
    "options, code",
    [
        ({"limit": 0}, "malformed"),
        ({"limit": "x"}, "malformed"),
        ({"limit": 101}, "limit"),
        ({"before": 7}, "malformed"),
        ({"before": "0" * 32}, "malformed"),
        ({"before": "x" * 32}, "malformed"),
        ({"before": ""}, "malformed"),
    ],
)
def test_what_are_no_options(spoken, options, code):
    # what "before" says can be told once there is an index
    answer(spoken[1], "hello")
    assert spoken[1].refused("SEARCH", "hello", options)["code"] == code


def test_the_places_are_in_the_text(spoken):
    bob = spoken[1]
    long = "я" * 400 + " начало игла, " + "к" * 300
    bob.say("dev", long)
    for query in ("игла", "игл*", '"начало игла"', "hello", "words two"):
        for hit in answer(bob, query)["hits"]:
            assert len(hit["text"].encode()) <= 240
            assert hit["found"]
            for begin, length in hit["found"]:
                piece = hit["text"].encode()[begin : begin + length].decode()
                assert piece.lower() in ("игла", "начало игла", "hello", "words", "two")
    hit = answer(bob, "hello")["hits"][0]
    assert {k: hit[k] for k in ("room", "seq", "type", "user")} == {
        "room": "dev", "seq": 2, "type": "action", "user": "maria",
    }  # fmt: skip
    assert bob.history("dev").mail[1].time == hit["time"]


def test_pages(spoken):
    bob = spoken[1]
    many(bob, "dev", [f"number {i}" for i in range(57)])
    whole = everything(bob, "number")
    assert [hit["text"] for hit in whole] == [f"number {i}" for i in reversed(range(57))]
    assert everything(bob, "number", limit=7) == whole
    first = answer(bob, "number", limit=10)
    many(bob, "dev", ["number of a later day"])
    second = answer(bob, "number", limit=10, before=first["next"])
    assert second["hits"] == whole[10:20], "what comes meanwhile moves nothing"


def test_topics_are_found(spoken):
    bob = spoken[1]
    bob.join("dev")
    bob.ask("TOPIC", "dev", "parsnips this week")
    assert [h["type"] for h in answer(bob, "parsnips")["hits"]] == ["topic"]


def test_guests_find_what_is_public(spoken, door):
    guest = door(spoken[0])
    assert texts(guest, "hello") == ["ñandú says HELLO to all", "Hello World, two words here"]
    assert guest.refused("SEARCH", "in:@ hello")["code"] == "guest"
    assert guest.refused("SEARCH", "from:me")["code"] == "guest"


# --- what is not everybody's


@pytest.fixture
def secret(brokers, person):
    """Alice and bob share a room; eve does not."""
    broker = brokers(args=["--curve", *PLAIN])
    alice, bob, eve = (person(broker, name) for name in ("alice", "bob", "eve"))
    alice.found("cellar", bob)
    said(alice, "cellar", "the barrel is empty")
    said(alice, "lobby", "a barrel for everybody")
    return broker, alice, bob, eve


def test_private_rooms_are_their_members(secret, person, context):
    broker, alice, bob, eve = secret
    both = ["a barrel for everybody", "the barrel is empty"]
    assert texts(alice, "barrel") == texts(bob, "barrel") == both
    assert texts(bob, "in:cellar barrel") == ["the barrel is empty"]
    assert texts(eve, "barrel") == texts(eve, "bar*") == ["a barrel for everybody"]
    assert texts(eve, "from:alice") == ["a barrel for everybody"]
    assert eve.refused("SEARCH", "in:cellar barrel")["code"] == "private"
    assert texts(eve, "empty") == []
    guest = person(broker, hello=False)
    assert texts(guest, "barrel") == ["a barrel for everybody"]
    assert guest.refused("SEARCH", "in:cellar barrel")["code"] == "private"


def test_who_is_put_out_finds_nothing_more(secret):
    broker, alice, bob, eve = secret
    first = answer(bob, "barrel", limit=1)
    alice.ask("KICK", "cellar", "bob")
    assert texts(bob, "barrel") == ["a barrel for everybody"]
    assert answer(bob, "barrel", before=first["next"])["hits"] == []
    assert bob.refused("SEARCH", "in:cellar barrel")["code"] == "private"
    alice.ask("INVITE", "cellar", "eve")
    assert texts(eve, "empty") == ["the barrel is empty"], "members read what was before them"


def test_mailboxes_are_their_owners(secret):
    broker, alice, bob, eve = secret
    alice.ask("TELL", "bob", "the turnip is ripe")
    bob.ask("TELL", "alice", "which turnip")
    assert texts(alice, "turnip") == texts(bob, "turnip") == ["which turnip", "the turnip is ripe"]
    assert [h["room"] for h in answer(bob, "in:@ turnip")["hits"]] == ["@", "@"]
    assert texts(bob, "from:me turnip") == ["which turnip"]
    assert texts(bob, "from:alice turnip") == ["the turnip is ripe"]
    assert texts(alice, "from:bob turnip") == ["which turnip"]
    assert texts(eve, "turnip") == texts(eve, "in:@ turnip") == []


def test_sealed_messages_are_not_found(secret):
    broker, alice, bob, eve = secret
    alice.ask("TELL", "bob", "bGVlaw leek", {"data": {"sealed": 1}})
    alice.ask("TELL", "bob", "open leek", {"data": {"sealing": 1}})
    assert texts(bob, "leek") == texts(alice, "leek") == ["open leek"]


def test_counts_tell_nothing_of_other_rooms(secret):
    """What eve is told is the same, byte for byte but for what goes on, whatever is said elsewhere."""
    broker, alice, bob, eve = secret
    many(eve, "lobby", [f"beet {i}" for i in range(4)])
    before = answer(eve, "beet", limit=2)
    many(alice, "cellar", [f"beet {i}" for i in range(500)])
    assert len(everything(alice, "beet")) == 504, "they are in the index"
    after = answer(eve, "beet", limit=2)
    assert before["hits"] == after["hits"]
    assert set(before) == set(after) == {"hits", "next"}
    tickets = {before["next"], after["next"]}
    assert all(len(t) == 32 and set(t) <= set("0123456789abcdef") for t in tickets)
    many(eve, "lobby", ["beet 4"])
    other = answer(eve, "beet", limit=2)["next"]
    assert sum(a != b for a, b in zip(other, before["next"])) > 10, "it counts nothing"


# --- what is gone


def holders(folder, word: str, pattern: str = "*") -> list:
    """Files of the folder that have the end of the word: FTS5 leaves out what it has in common with
    the word before it."""
    end = word[3:].encode()
    return [p.name for p in folder.glob(pattern) if p.is_file() and end in p.read_bytes()]


def unusual() -> str:
    return "zq" + secrets.token_hex(12)


def test_removed_words_are_in_no_file(secret):
    broker, alice, bob, eve = secret
    word, kept, private = unusual(), unusual(), unusual()
    seq = alice.say("lobby", f"this is {word}")["seq"]
    alice.say("lobby", f"this stays {kept}")
    hidden = alice.say("cellar", f"so is {private}")["seq"]
    assert texts(bob, word) and texts(bob, private)
    index = "index.db*"
    wait_until(lambda: holders(broker.data, word, index) and holders(broker.data, private, index),
               what="the words are in the index, so that the test can fail")  # fmt: skip
    alice.ask("REMOVE", "lobby", seq)
    alice.ask("REMOVE", "cellar", hidden)
    assert [h["seq"] for h in alice.ask("SEARCH", word)["hits"]] == [], "not found from then on"
    assert texts(bob, word) == texts(bob, private) == []
    for gone in (word, private):
        wait_until(lambda: not holders(broker.data, gone, index), deadline=60, pause=0.2,
                   what="the words have left the index")  # fmt: skip
    assert texts(bob, kept) == [f"this stays {kept}"]
    assert holders(broker.data, kept, index)
    assert broker.stop() == 0
    assert not holders(broker.data, word) and not holders(broker.data, private)
    assert holders(broker.data, kept)
    broker.start()


def test_a_removal_behind_the_index(brokers, door, person):
    """What was removed while there was no index does not come into it."""
    broker = brokers(args=["--curve", "--index", "off"])
    alice = person(broker, "alice")
    word, kept = unusual(), unusual()
    seq = alice.say("lobby", word)["seq"]
    alice.say("lobby", kept)
    assert alice.refused("SEARCH", kept)["code"] == "verb"
    alice.ask("REMOVE", "lobby", seq)
    assert not (broker.data / "index.db").exists()
    assert broker.stop() == 0
    broker.args = ["--curve", *PLAIN]
    broker.start()
    alice.back()
    assert texts(alice, kept) == [kept]
    assert texts(alice, word) == [] and not holders(broker.data, word, "index.db*")


def test_what_retention_took_is_not_found(brokers, door):
    broker = brokers(args=[*PLAIN, "--retain", "3s"])
    bob = door(broker, "bob", hello=True)
    bob.say("lobby", "a radish")
    assert texts(bob, "radish") == ["a radish"]
    wait_until(lambda: bob.ask("HISTORY", "lobby")["first"] == 2, deadline=40)
    assert texts(bob, "radish") == []
    bob.say("lobby", "another radish")
    assert texts(bob, "radish") == ["another radish"]


# --- the file


def test_an_index_is_made_anew(spoken, door):
    """Deleted, damaged, of another log, of another version: it is there again."""
    broker, bob, maria = spoken
    path = broker.data / "index.db"
    expected = texts(bob, "hello")

    def missing():
        path.unlink()

    def damaged():
        path.write_bytes(os.urandom(len(path.read_bytes())))

    def other_log():
        with sqlite3.connect(path) as db:
            db.execute("UPDATE meta SET value = x'00' WHERE key = 'log_id'")

    def other_version():
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 77")

    def ahead():
        with sqlite3.connect(path) as db:
            db.execute("UPDATE rooms SET seq = 99")

    for spoil in (missing, damaged, other_log, other_version, ahead):
        assert broker.stop() == 0
        assert path.exists() and not (broker.data / "index.db-wal").exists()
        before = broker.log.count("index-made-anew")
        spoil()
        broker.start()
        bob.reconnect()
        bob.hello()
        assert texts(bob, "hello") == expected, spoil
        assert broker.log.count("index-made-anew") == before + (spoil is not missing)
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_log_without_an_index(brokers, door):
    """It gets one in the background, killed in the middle of that or not, and says how far it is."""
    broker = brokers(args=["--index", "off", "--quota", "searches=0"])
    bob = door(broker, "bob", hello=True)
    count = 30000
    for part in range(0, count, 1000):
        many(bob, f"room{part // 1000 % 7}", [f"item {i} {i % 10}" for i in range(part, part + 1000)])
    assert broker.stop() == 0
    broker.args = PLAIN
    broker.start()
    behind = []
    for _ in range(3):
        bob.reconnect()
        bob.hello()

        def begun():
            reply = bob.ask("SEARCH", "item").json
            behind.append(reply.get("behind", 0))
            return reply["hits"] and behind[-1] or not behind[-1]

        wait_until(begun)
        broker.crash()
    assert any(0 < b <= count for b in behind), behind
    bob.reconnect()
    bob.hello()
    texts_found = [hit["text"] for hit in everything(bob, "item 7")]
    assert len(texts_found) == len(set(texts_found))
    assert set(texts_found) == {f"item {i} {i % 10}" for i in range(count)
                                if i % 10 == 7 or i == 7}  # fmt: skip


def test_an_index_that_is_damaged_while_it_is_used(spoken):
    broker, bob, maria = spoken
    expected = texts(bob, "hello")
    many(bob, "dev", [f"filling {i}" for i in range(3000)])
    assert len(everything(bob, "filling")) == 3000
    assert broker.stop() == 0
    path = broker.data / "index.db"
    data = bytearray(path.read_bytes())
    for page in range(8, len(data) // 4096):  # the tables of FTS5 lie behind the first ones
        data[page * 4096 : page * 4096 + 4096] = os.urandom(4096)
    path.write_bytes(data)
    broker.start()
    bob.reconnect()
    bob.hello()

    def found():
        reply = bob.request("SEARCH", "hello")
        return reply.ok and "behind" not in reply.json and reply["hits"]

    hits = wait_until(found, deadline=60, pause=0.1)
    assert [hit["text"] for hit in hits] == expected
    assert "index-made-anew" in broker.log or "index-fails" in broker.log


def test_a_stranger_cannot_flood_it(brokers, door):
    """The quota, and two searches of one connection at a time."""
    broker = brokers()
    bob = door(broker, "bob", hello=True)
    bob.say("lobby", "hello")
    tags = [bob.post("SEARCH", "hello") for _ in range(40)]
    replies = [bob.reply(tag) for tag in tags]
    refused = [r.json for r in replies if not r.ok]
    assert refused and {r["code"] for r in refused} == {"slow"}
    assert all(r["wait_ms"] > 0 for r in refused)
    assert any(r.get("what") == "searches" for r in refused) or any(r.ok for r in replies)
    assert bob.ask("HISTORY", "lobby")["head"] == 1, "others go on"
