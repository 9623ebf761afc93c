"""Replies, edits, reactions, and what became of messages: as the page says, over the wire."""

import subprocess

import pytest

from support import build
from support.wait import wait_until

P = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def people(safe, person):
    """Bob, who founded the room; alice and eve, who are in it."""
    bob, alice, eve = (person(safe, user) for user in ("bob", "alice", "eve"))
    bob.say("street", "first")
    for one in (bob, alice, eve):
        one.join("street")
    return bob, alice, eve


def edit(one, seq, text, room="street", **options):
    return one.ask("EDIT", room, str(seq), text, *([options] if options else []))


def now(one, room="street", form="pack") -> tuple:
    """The messages as they are, and their marks, both by seq."""
    events = one.history_all(room, form=form)
    for before, marks in zip(events, events[1:]):
        if marks.type == "marks":
            assert (marks.user, marks.body, marks.seq) == ("", "", 0)
            assert marks.data["seq"] == before.seq, "it stands behind its message"
    assert events[0].type != "marks"
    return (
        {e.seq: e for e in events if e.type != "marks"},
        {e.data["seq"]: e.data for e in events if e.type == "marks"},
    )


def everything(folder) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- replies


def test_replies(people, safe, capture):
    bob, alice, _ = people
    feed = capture(safe, alice)
    seq = bob.say("street", "a question")["seq"]
    answer = alice.say("street", "an answer", re=seq, data={"k": [1.5]})["seq"]
    assert alice.refused("SAY", "street", "x", {"re": answer + 1})["code"] == "nobody"
    assert alice.refused("SAY", "elsewhere", "x", {"re": 1})["code"] == "nobody"
    for wrong in (0, -1, "1", 1.5, None):
        assert alice.refused("SAY", "street", "x", {"re": wrong})["code"] == "malformed", wrong
    assert alice.refused("SAY", "street", "x", {"data": {"zchat": {}}})["code"] == "malformed"
    feed.bytes()
    (said,) = [e for e in feed.events if e.body == "an answer"]
    assert said.data == {"zchat": {"re": seq}, "k": [1.5]}
    messages, _ = now(bob)
    assert messages[answer].data == said.data
    # In a mailbox the time names it: it is one in both.
    bob.join("@"), alice.join("@")
    told = bob.ask("TELL", "alice", "psst").json
    heard = alice.wait_body("psst")
    assert heard.time == told["time"]
    alice.ask("TELL", "bob", "what?", {"re": heard.time})
    assert bob.wait_body("what?").data == {"zchat": {"re": told["time"]}}


def test_the_data_beside_a_reply_is_the_programs_own(people):
    """Byte for byte: a parser that writes numbers anew would change them."""
    bob, alice, _ = people
    own = b'{ "a":1.10 , "b" :[1e2,9007199254740993]  }'
    bob.send_raw("SAY", "t", "bob", "street", "x", b'{"re":1,"data":' + own + b"}")
    assert bob.reply(b"t").ok
    alice.send_raw("HISTORY", "h", "alice", "street", b'{"form":"events","marks":true}')
    frames = []
    while not frames or frames[0] != b"OK":
        frames = alice.recv_raw()
        if frames[0] == b"EVENT" and frames[4] == b"x":
            assert frames[5].endswith(b'"data":{"zchat":{"re":1},' + own[2:] + b"}"), frames[5]
            return
    raise AssertionError("it did not come")


# --- edits


def test_edits(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, alice)
    seq = bob.say("street", "the-first-text", data={"k": 1}, re=1)["seq"]
    once = edit(bob, seq, "the-second-text").json
    again = edit(bob, seq, "the third text").json
    assert once["seq"] == seq + 1 and again["seq"] == seq + 2
    feed.bytes()
    edits = [e for e in feed.events if e.type == "edit"]
    assert [(e.user, e.body, e.data) for e in edits] == [
        ("bob", "the-second-text", {"seq": seq}), ("bob", "the third text", {"seq": seq})]  # fmt: skip
    for crash in (False, True):
        if crash:
            safe.crash()
            bob.back(), alice.back()
        for form in ("events", "pack"):
            messages, marks = now(alice, form=form)
            assert messages[seq].body == "the third text" and messages[seq].type == "say"
            assert messages[seq].data == {"zchat": {"re": 1}, "k": 1}
            assert messages[seq + 1].body == "", "of the edits the last one alone has a text"
            assert messages[seq + 2].body == "the third text"
            assert marks == {
                seq: {"seq": seq, "at": seq + 2, "edited": seq + 2, "edits": 2}
            }, marks
    code = safe.stop()
    kept = everything(safe.data)
    assert code == 0 and b"the third text" in kept
    assert b"the-first" not in kept and b"the-second" not in kept, "gone from the disk too"
    safe.start()


def test_the_old_text_is_in_no_file_and_no_copy(people, safe, tmp_path):
    """Long texts have pages of their own, short ones stand among others."""
    bob, alice, _ = people
    long = bob.say("street", "the-old " * 5000)["seq"]
    short = bob.say("street", "the-old word")["seq"]
    for n in range(3):
        edit(bob, long, "the-old " * 4000 + str(n))
        edit(bob, short, f"the-old word {n}")
    edit(bob, long, "mended")
    edit(bob, short, "mended too " * 1000)
    copy = tmp_path / "copy"
    done = subprocess.run([build.zchatd(), "backup", "--data", safe.data, copy],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"the-old" not in everything(copy)
    safe.kill()
    safe.start()
    assert safe.stop() == 0
    assert b"the-old" not in everything(safe.data)
    done = subprocess.run([build.zchatd(), "check", "--data", safe.data],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    safe.start()


def test_who_may_edit_what(people, safe, person, door):
    bob, alice, eve = people
    own, others = alice.say("street", "hers")["seq"], bob.say("street", "his")["seq"]
    for one, seq, code in [(alice, others, "operator"), (bob, own, "operator"),
                           (alice, others + 1, "nobody")]:  # fmt: skip
        assert one.refused("EDIT", "street", str(seq), "x")["code"] == code, (one.user, seq)
    assert bob.refused("EDIT", "nowhere", "1", "x")["code"] == "nobody"
    for seq in ("0", "x", "", "-1", "1.0"):
        assert bob.refused("EDIT", "street", seq, "x")["code"] == "malformed", seq
    for text in ("", b"\xff", b"a\0b"):
        assert bob.refused("EDIT", "street", str(others), text)["code"] == "malformed", text
    assert bob.refused("EDIT", "street", str(others), "x" * 65537)["what"] == "body"
    bob.join("@")
    bob.ask("TELL", "alice", "psst")
    assert bob.refused("EDIT", "@", "1", "x")["code"] == "malformed"
    guest = person(safe)
    assert guest.refused("EDIT", "street", "1", "x")["code"] == "guest"
    held = person(safe, "carl", hello=False)
    assert held.refused("EDIT", "street", "1", "x")["code"] == "hello"
    mode = bob.set("street", "lock")["seq"]
    assert bob.refused("EDIT", "street", str(mode), "x")["code"] == "nobody"
    for what, code in (("mute", "muted"), ("ban", "banned")):
        bob.set("street", what, "alice")
        assert alice.refused("EDIT", "street", str(own), "x")["code"] == code
        bob.set("street", "un" + what, "alice")
    assert edit(alice, own, "hers, mended").ok


def test_a_name_without_proof_edits_nothing(broker, door):
    bob = door(broker, "bob", hello=True)
    seq = bob.say("street", "x")["seq"]
    assert bob.refused("EDIT", "street", str(seq), "y")["code"] == "proof"
    assert bob.ask("REACT", "street", str(seq), "+1").ok, "but it may react"


def test_a_message_can_be_edited_for_so_long(brokers, person):
    broker = brokers(args=["--curve", "--edit-window", "1s"])
    bob = person(broker, "bob")
    said = bob.say("street", "x").json
    # The time of what is said later shows that the window is over.
    wait_until(lambda: bob.say("street", "y")["time"] > said["time"] + 1000)
    error = bob.refused("EDIT", "street", str(said["seq"]), "z")
    assert (error["code"], error["what"], error["limit"]) == ("limit", "edit", 1000)
    messages, marks = now(bob)
    assert messages[said["seq"]].body == "x" and not marks


def test_a_message_can_be_edited_so_often(people):
    bob, _, _ = people
    for n in range(100):
        edit(bob, 1, f"text {n}")
    error = bob.refused("EDIT", "street", "1", "x")
    assert (error["code"], error["what"], error["limit"]) == ("limit", "edits", 100)
    messages, marks = now(bob)
    assert messages[1].body == "text 99" and marks[1]["edits"] == 100
    assert [e.body for e in messages.values() if e.type == "edit"] == [""] * 99 + ["text 99"]


def test_exactly_once_over_a_crash(people, safe):
    bob, alice, _ = people
    assert bob.say("street", "one", producer=P, n=1).ok
    assert edit(bob, 1, "mended", producer=P, n=2).ok
    safe.crash()
    bob.back(), alice.back()
    assert edit(bob, 1, "mended", producer=P, n=2).json == {"duplicate": True}
    assert bob.say("street", "x", producer=P, n=2).json == {"duplicate": True}, "one count"
    error = bob.refused("EDIT", "street", "1", "x", {"producer": P, "n": 4})
    assert (error["code"], error["expected"]) == ("gap", 3)
    # What was stored is not refused, whatever has become of the message.
    bob.ask("REMOVE", "street", "1")
    assert edit(bob, 1, "mended", producer=P, n=2).json == {"duplicate": True}
    assert bob.refused("EDIT", "street", "1", "x", {"producer": P, "n": 3})["code"] == "nobody"
    assert bob.say("street", "two", producer=P, n=3).ok, "a refused one does not count"


def test_what_is_sent_ahead_stays_in_order(people):
    """An edit has to look at its message first; what its sender says behind it waits for that."""
    bob, alice, _ = people
    rounds = 50
    tags = []
    for k in range(rounds):
        n = 4 * k + 1
        tags += [
            bob.post_say("street", f"say {k}", producer=P, n=n),
            bob.post("EDIT", "street", "1", f"edit {k}", {"producer": P, "n": n + 1}),
            bob.post_say("street", f"and {k}", producer=P, n=n + 2),
            bob.post("EDIT", "street", "1", f"once more {k}", {"producer": P, "n": n + 3}),
            bob.post("REACT", "street", "1", f"r{k % 7}"),
            bob.post("REMOVE", "street", "999"),
        ]
    replies = {tag: bob.reply(tag) for tag in tags}
    assert bob.order[-len(tags) :] == tags, "replies come in the order of their requests"
    assert all(r.ok for r in replies.values() if r.code != "nobody")
    events = alice.history_all("street", after=1)
    kinds = [e.type for e in events if e.type in ("say", "edit")]
    assert kinds == ["say", "edit"] * (2 * rounds)
    said = [e.body for e in events if e.type == "say"]
    assert said == [f"{word} {k}" for k in range(rounds) for word in ("say", "and")]
    assert now(alice)[0][1].body == f"once more {rounds - 1}"


def test_a_sender_that_dies_behind_an_edit(people, safe):
    bob, alice, _ = people
    for n in range(1, 200, 2):
        bob.post("EDIT", "street", "1", f"edit {n}", {"producer": P, "n": n})
        bob.post_say("street", f"say {n + 1}", producer=P, n=n + 1)
    bob.take(1)
    safe.kill()
    safe.start()
    bob.back(), alice.back()
    # All that is sent again stands once, in its order.
    for n in range(1, 200, 2):
        edit(bob, 1, f"edit {n}", producer=P, n=n)
        bob.say("street", f"say {n + 1}", producer=P, n=n + 1)
    messages, marks = now(alice)
    said = [e.body for e in messages.values() if e.type == "say" and e.seq > 1]
    assert said == [f"say {n}" for n in range(2, 201, 2)]
    assert messages[1].body == "edit 199" and marks[1]["edits"] == 100


# --- reactions


def react(one, seq, text, room="street"):
    return one.ask("REACT", room, str(seq), text)


def test_reactions(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, alice)
    first = react(alice, 1, "👍").json
    assert react(alice, 1, "👍").json == {"duplicate": True}
    react(eve, 1, "👍"), react(bob, 1, "ok"), react(alice, 1, "ok")
    alice.ask("UNREACT", "street", "1", "ok")
    assert alice.ask("UNREACT", "street", "1", "ok").json == {"duplicate": True}
    feed.bytes()
    stored = [(e.type, e.user, e.body, e.data) for e in feed.events if "react" in e.type]
    assert stored == [
        ("react", "alice", "👍", {"seq": 1}), ("react", "eve", "👍", {"seq": 1}),
        ("react", "bob", "ok", {"seq": 1}), ("react", "alice", "ok", {"seq": 1}),
        ("unreact", "alice", "ok", {"seq": 1})]  # fmt: skip
    head = first["seq"] + 4
    wanted = {
        "👍": {"count": 2, "users": ["alice", "eve"]},
        "ok": {"count": 1, "users": ["bob"], "mine": True},
    }
    for crash in (False, True):
        if crash:
            safe.crash()
            bob.back(), alice.back()
        for form in ("events", "pack"):
            _, marks = now(bob, form=form)
            assert marks == {1: {"seq": 1, "at": head, "reactions": wanted}}
    device = alice.device()
    assert now(device)[1][1]["reactions"]["👍"]["mine"] is True, "on all devices of the user"


def test_what_is_no_reaction(people):
    bob, alice, _ = people
    for text in ("", "two words", "a\n", "\t", "\u00a0", "\u2028", "\x7f", b"\xff", "\u200d"):
        for verb in ("REACT", "UNREACT"):
            assert alice.refused(verb, "street", "1", text)["code"] == "malformed", text
    error = alice.refused("REACT", "street", "1", "x" * 33)
    assert (error["code"], error["what"], error["limit"]) == ("limit", "reaction", 32)
    assert react(alice, 1, "x" * 32).ok
    assert alice.refused("REACT", "@", "1", "x")["code"] == "malformed"
    for room, seq in (("street", "99"), ("street", "2"), ("nowhere", "1")):
        assert alice.refused("REACT", room, seq, "x")["code"] == "nobody", (room, seq)
    assert alice.refused("REACT", "street", "x", "x")["code"] == "malformed"


def test_a_message_has_so_many_different_reactions(people):
    bob, alice, eve = people
    for n in range(20):
        react(alice, 1, f"r{n}")
    error = eve.refused("REACT", "street", "1", "another")
    assert (error["code"], error["what"], error["limit"]) == ("limit", "reactions", 20)
    assert react(eve, 1, "r7").ok, "but those that are there are everybody's"
    alice.ask("UNREACT", "street", "1", "r0")
    assert react(eve, 1, "another").ok
    _, marks = now(eve)
    assert len(marks[1]["reactions"]) == 20


def test_reactions_name_the_first_three(safe, person):
    people = [person(safe, f"user{n}") for n in range(5)]
    people[0].say("street", "x")
    for one in reversed(people):
        react(one, 1, "👍")
    _, marks = now(people[0])
    assert marks[1]["reactions"]["👍"] == {
        "count": 5, "users": ["user4", "user3", "user2"], "mine": True}  # fmt: skip


def test_who_may_not_speak_does_not_react(people, safe):
    bob, alice, eve = people
    for what, code in (("mute", "muted"), ("ban", "banned")):
        bob.set("street", what, "eve")
        assert eve.refused("REACT", "street", "1", "x")["code"] == code
        assert eve.refused("UNREACT", "street", "1", "x")["code"] == code
        bob.set("street", "un" + what, "eve")
    assert react(eve, 1, "x").ok


# --- private rooms


def test_a_private_room_is_nobody_elses_business(people, safe, capture):
    bob, alice, eve = people
    feed = capture(safe, eve)
    bob.found("den", alice)
    seq = bob.say("den", "the-word")["seq"]
    edit(bob, seq, "the-better-word", room="den")
    react(alice, seq, "the-reaction", room="den")
    for verb, *rest in (("EDIT", "x"), ("REACT", "x"), ("UNREACT", "x"), ("REMOVE",)):
        for which in (str(seq), "99"):
            assert eve.refused(verb, "den", which, *rest)["code"] == "private", verb
    alice.wait_body("the-better-word")
    bob.wait_body("the-reaction")
    _, marks = now(alice, room="den")
    assert marks[seq]["edits"] == 1 and marks[seq]["reactions"]["the-reaction"]["mine"]
    assert b"the-" not in feed.bytes()
    bob.ask("KICK", "den", "alice")
    assert alice.refused("REACT", "den", str(seq), "x")["code"] == "private"


# --- what goes


def test_what_is_removed_goes_with_its_edits_and_reactions(people, safe):
    bob, alice, eve = people
    seq = eve.say("street", "the-first")["seq"]
    edit(eve, seq, "the-second")
    last = edit(eve, seq, "the-third")["seq"]
    react(alice, seq, "👍")
    # Of an edit, the message is taken.
    assert alice.refused("REMOVE", "street", str(last))["code"] == "operator"
    bob.ask("REMOVE", "street", str(last))
    messages, marks = now(alice)
    assert messages[seq].type == "gone" and messages[last].type == "gone" and not marks
    removed = max(messages)
    assert messages[removed].data == {"seq": seq}
    assert eve.refused("EDIT", "street", str(seq), "x")["code"] == "nobody"
    assert alice.refused("REACT", "street", str(seq), "x")["code"] == "nobody"
    assert safe.stop() == 0
    assert b"the-" not in everything(safe.data)
    safe.start()


def test_retention_takes_what_belongs_to_a_message(brokers, person):
    broker = brokers(args=["--curve", "--retain", "4s"])
    bob = person(broker, "bob")
    seq = bob.say("street", "x")["seq"]
    edit(bob, seq, "y")
    react(bob, seq, "👍")
    wait_until(lambda: bob.history("street")["first"] == 4)
    assert bob.refused("EDIT", "street", str(seq), "z")["code"] == "nobody"
    seq = bob.say("street", "new")["seq"]
    react(bob, seq, "👍")
    _, marks = now(bob)
    assert list(marks) == [seq]
    done = subprocess.run([build.zchatd(), "check", "--data", broker.data],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_marks_count_for_nothing(people):
    bob, alice, _ = people
    for n in range(9):
        react(alice, bob.say("street", f"m{n}")["seq"], "👍")
    for form in ("events", "pack"):
        reply = alice.history("street", after=1, limit=3, form=form, marks=True)
        assert [e.type for e in reply.mail].count("marks") == 2
        assert [e.seq for e in reply.mail if e.seq] == [2, 3, 4] and reply["more"] is True
        reply = alice.history("street", before=5, limit=3, form=form, marks=True)
        assert [e.seq or e.data["seq"] for e in reply.mail] == [2, 2, 3, 4, 4]


# --- the option


@pytest.mark.parametrize("value", ["", "0s", "soon", "-1d", "10", "5G"])
def test_a_window_is_an_age(tmp_path, value):
    done = subprocess.run(
        [build.zchatd(), "--data", tmp_path / "d", "--door", "tcp://127.0.0.1:*",
         "--feed", "tcp://127.0.0.1:*", "--edit-window", value],
        capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 64 and "edit-window" in done.stderr


def test_a_window_from_the_environment(brokers, person):
    broker = brokers(args=["--curve"], env={"ZCHATD_EDIT_WINDOW": "1s"})
    bob = person(broker, "bob")
    said = bob.say("street", "x").json
    wait_until(lambda: bob.say("street", "y")["time"] > said["time"] + 1000)
    assert bob.refused("EDIT", "street", str(said["seq"]), "z")["limit"] == 1000
