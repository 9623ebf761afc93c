"""Attacks on what was said: edits, reactions, search and the files that hold old words."""

import os
import pytest
from support import build
from support.wait import wait_until

PLAIN = ["--curve", "--quota", "searches=0"]


def everything(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def people(safe, person):
    bob, alice, eve = (person(safe, user) for user in ("bob", "alice", "eve"))
    bob.say("street", "first")
    for one in (bob, alice, eve):
        one.join("street")
    return bob, alice, eve


@pytest.mark.parametrize("text", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\U000e0041",
                                  "\u200b", "\ufe0f", "\u202e", "\u17b4", "\U0001d159", "\u034f",
                                  "\u2065", "\ufdd0", "\u061c", "\u180e", "\U000e0080"])
def test_reaction_that_shows_nothing(people, text):
    bob, alice, _ = people
    assert alice.refused("REACT", "street", "1", text)["code"] == "malformed"


@pytest.mark.parametrize("text", ["x\u202e", "x\u2066", "\u202ex"])
def test_reaction_that_turns_the_line(people, text):
    bob, alice, _ = people
    assert alice.refused("REACT", "street", "1", text)["code"] == "malformed"


def test_words_gone_while_the_index_is_off(brokers, person):
    broker = brokers(args=PLAIN)
    bob = person(broker, "bob")
    seq = bob.say("street", "kryptonite here")["seq"]
    wait_until(lambda: bob.ask("SEARCH", "kryptonite").json["hits"], what="found")
    assert broker.stop() == 0
    broker.args += ["--index", "off"]
    broker.start()
    bob.back("street")
    bob.ask("REMOVE", "street", str(seq))
    assert broker.stop() == 0
    assert b"kryptonite" not in everything(broker.data)


def test_nul_in_query(brokers, person):
    broker = brokers(args=PLAIN)
    bob = person(broker, "bob")
    bob.say("street", "abc def")
    wait_until(lambda: bob.ask("SEARCH", "abc").json["hits"], what="found")
    out = {}
    for q in [b"abc\0def", b"\"abc\0\" def", b"abc \0", b"ab\0c*", "\ufffd", "\u202eabc", "abc\u0301", "NEAR(abc", "abc NEAR/2 def", "{a}: abc", "^abc", "- abc", "a:abc", '"abc" + "def"', "abc" * 150, "a-" * 255, "ab* " * 16, " ".join(["a" * 30] * 16), '"' + "\u0301" * 200 + '"', "p\nabc", '"p\nabc"', '"x\ny abc"', "\U0001d159" * 100, "ﷺ" * 170]:
        r = bob.request("SEARCH", q)
        out[q] = (r.ok, r.json.get("code"), len(r.json.get("hits", [])), r.json.get("text"))
    for q, o in out.items(): print(repr(q)[:40], o)
    assert not [q for q, o in out.items() if o[1] == "storage"]
    assert "index-made-anew" not in broker.log


def test_one_sender_gets_beyond_twenty(people):
    bob, alice, _ = people
    tags = [alice.post("REACT", "street", "1", f"r{n}") for n in range(2000)]
    ok = sum(alice.reply(t).ok for t in tags)
    print("stored", ok)
    m = [e for e in bob.history_all("street") if e.type == "marks"]
    print(len(m[0].data["reactions"]), len(str(m[0].data)))
    assert ok <= 40


def test_one_sender_edits_beyond_hundred(people):
    bob, alice, _ = people
    tags = [bob.post("EDIT", "street", "1", f"r{n}") for n in range(2000)]
    ok = sum(bob.reply(t).ok for t in tags)
    print("stored", ok)
    assert ok <= 130


def test_name_freed_and_claimed(brokers, person):
    from support.curve import Pair
    ap = Pair()
    broker = brokers(args=["--curve", "--admin", ap.text])
    admin = person(broker, "root", pair=ap)
    bob = person(broker, "bob")
    seq = bob.say("street", "mine")["seq"]
    bob.ask("REACT", "street", str(seq), "x") if bob.join("street") else 0
    admin.ask("PURGE", {"what": "names", "match": "bob", "now": True})
    other = person(broker, "bob")
    other.join("street")
    print(other.request("EDIT", "street", str(seq), "z").json)
    print(other.request("REMOVE", "street", str(seq)).json)
    print(other.request("UNREACT", "street", str(seq), "x").json)
    print(other.request("UNREAD").json, other.request("SEARCH", "from:me mine").json)


@pytest.mark.parametrize("what", ["fifo", "dir", "symlink", "full_dir", "dangling"])
def test_planted_index(brokers, person, what, tmp_path):
    broker = brokers(args=PLAIN)
    bob = person(broker, "bob")
    bob.say("street", "abc def")
    broker.stop()
    p = broker.data / "index.db"
    p.unlink()
    other = tmp_path / "other"
    other.write_bytes(b"precious")
    if what == "fifo": os.mkfifo(p)
    if "dir" in what: p.mkdir()
    if what == "full_dir": (p / "x").write_text("x")
    if what == "symlink": p.symlink_to(other)
    if what == "dangling": p.symlink_to(tmp_path / "new")
    broker.start()
    bob.back("street")
    bob.say("street", "more")
    r = bob.request("SEARCH", "abc")
    print(r.json)
    try:
        wait_until(lambda: (r := bob.request("SEARCH", "abc")).ok and r.json["hits"], deadline=5, what="found")
    except AssertionError as e: print(e)
    print(bob.request("SEARCH", "abc").json)
    assert other.read_bytes() == b"precious" and not (tmp_path / "new").exists()
    print(broker.log[-1500:])
