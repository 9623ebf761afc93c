"""Replies, edits, reactions, marks, read markers, search, being away."""

import pytest
from support.wait import wait_until

import zchat


def until(client, kind):
    return next(event for event in client.events(20) if event.type == kind)


@pytest.fixture
def two(safe, client, tmp_path):
    made = [client(safe.address, name, key=tmp_path / f"{name}.key") for name in ("anna", "bob")]
    for one in made:
        one.join("dev")
        one.join("@")
    return made


def test_edits_and_reactions(two):
    anna, bob = two
    seq = anna.say("dev", "helo").seq
    stored = anna.edit("dev", seq, "hello")
    edit = until(bob, "edit")
    assert (edit.user, edit.text, edit.data["seq"], edit.seq) == ("anna", "hello", seq, stored.seq)
    bob.react("dev", seq, "+1")
    assert bob.react("dev", seq, "+1").duplicate
    react = until(anna, "react")
    assert (react.user, react.text, react.data["seq"]) == ("bob", "+1", seq)
    page = bob.history("dev", limit=10).events
    assert (page[0].text, page[0].type, page[1].type) == ("hello", "say", "marks")
    marks = page[1].data
    assert marks["seq"] == seq and marks["reactions"]["+1"]["count"] == 1 and marks["reactions"]["+1"]["mine"] is True
    bob.unreact("dev", seq, "+1")
    assert until(anna, "unreact").data["seq"] == seq
    with pytest.raises(zchat.Refused) as refused:
        bob.edit("dev", seq, "mine")
    assert refused.value.code == "operator"


def test_an_edit_is_sent_once(two, safe):
    anna, bob = two
    seq = anna.say("dev", "one").seq
    safe.crash()
    anna.edit("dev", seq, "two")
    anna.say("dev", "three")
    assert [e.text for e in bob.history("dev").events if e.type in ("say", "edit")] == ["two", "two", "three"]


def test_replies_and_mentions(two):
    anna, bob = two
    seq = anna.say("dev", "who comes?").seq
    bob.say("dev", "I do, @anna", re=seq)
    got = []
    for event in anna.events(20):
        got.append(event)
        if {"anna", "bob"} <= {e.user for e in got if e.type == "say"} and "mention" in [e.type for e in got]:
            break
    said = next(e for e in got if e.type == "say" and e.user == "bob")
    assert said.re == seq and said.mentions == ["anna"]
    mention = next(e for e in got if e.type == "mention")
    assert (mention.room, mention.user, mention.data["room"]) == ("@", "bob", "dev")


def test_read_markers(two):
    anna, bob = two
    last = [bob.say("dev", f"m{number} @anna") for number in range(3)][-1].seq
    wait_until(lambda: [m for m in anna.unread() if m.room == "dev" and m.mentions == 3])
    assert anna.read("dev", last).read == last
    marker = anna.read("dev")
    assert (marker.read, marker.head, marker.mentions) == (last, last, 0)


def test_search(two):
    anna, bob = two
    seq = bob.say("dev", "the quick brown fox").seq
    found = wait_until(lambda: anna.search("quick from:bob").hits)
    assert [(hit.room, hit.seq, hit.user) for hit in found] == [("dev", seq, "bob")]
    begin, length = found[0].found[0]
    assert found[0].text.encode()[begin : begin + length] == b"quick"
    with pytest.raises(zchat.Refused):
        anna.search("")


def test_away(two):
    anna, bob = two
    bob.away("lunch")
    assert anna.who("dev").away == {"bob": "lunch"}
    bob.say("dev", "back")
    assert anna.who("dev").away == {}
