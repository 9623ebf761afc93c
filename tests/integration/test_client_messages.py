"""Messages that were said, at the client: replies, edits, reactions, marks, search, being away."""

import json
import subprocess
from types import SimpleNamespace

import pytest

from support import build
from support.impostor import Impostor
from support.wait import DEADLINE, wait_until

USAGE, DATA, REFUSED = 64, 65, 77
NEW = {"EDIT", "REACT", "UNREACT", "READ", "UNREAD", "SEARCH", "AWAY"}


@pytest.fixture
def home(tmp_path):
    """home ("bob") is the environment of somebody with a key of their own."""

    def make(stem: str) -> dict:
        folder = tmp_path / "homes" / stem
        folder.mkdir(parents=True, exist_ok=True)
        return {"XDG_CONFIG_HOME": str(folder)}

    return make


@pytest.fixture
def run(home):
    """run (broker, "bob", "send", ...) to the end, as bob; None: as a guest."""

    def go(broker, who, *arguments, input=b""):
        endpoint = broker if isinstance(broker, str) else broker.address or broker.door
        named = ["--nick", who] if who else []
        done = subprocess.run(
            [build.zchat(), *arguments[:1], "-e", endpoint, *named, *arguments[1:]], input=input,
            capture_output=True, timeout=2 * DEADLINE, env=build.environment(**home(who or "guest")),
        )  # fmt: skip
        err = done.stderr.decode(errors="replace")
        build.assert_clean(err, "zchat")
        out = done.stdout.decode(errors="replace")
        return SimpleNamespace(status=done.returncode, out=out, lines=out.splitlines(), err=err)

    return go


@pytest.fixture
def sits(terminal, home):
    """sits (broker, "bob", "dev"): bob at a terminal, who has entered the room."""

    def make(broker, who, room="dev", *arguments, endpoint=None, joined=True, at=None):
        made = terminal(
            "-e", endpoint or broker.address or broker.door, "--nick", who, "--room", room,
            *arguments, columns=100, rows=40, env=home(at or who),
        )  # fmt: skip
        if joined:
            made.wait_row(f"you are in {room}")
        return made

    return make


def records(done) -> list:
    return [json.loads(line) for line in done.lines]


def no_row(shown, text: str) -> None:
    assert not any(text in row for row in shown.rows), "\n".join(shown.rows)


# --- people


def test_two_people_reply_edit_and_react(safe, sits):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    ann.type("did the build pass?\r")
    bob.wait_row("ann: did the build pass?")
    bob.type("/reply 1 yes, it did\r")
    for shown in (ann, bob):
        shown.wait_row('bob, re ann "did the build pass?": yes, it did')
    bob.type("/edit last yes, all of it\r")
    for shown in (ann, bob):
        shown.wait_row("* bob edited 1: yes, all of it")
    #   The number counts what was said alone: the edit is no message.
    ann.type("/react 2 +1\r")
    ann.wait_row('* 2, ann "did the build pass?": +1 ann')
    bob.type("/react 2 +1\r")
    for shown in (ann, bob):
        shown.wait_row('* 2, ann "did the build pass?": +1 ann, bob')
    bob.type("/unreact 2 +1\r")
    ann.wait_row('* 2, ann "did the build pass?": +1 ann')
    #   Who comes later sees it as it is now.
    eve = sits(safe, "eve")
    eve.wait_row("yes, all of it")
    eve.wait_row("* #2: edited")
    eve.wait_row("* #1: +1 ann")
    no_row(eve, "yes, it did")
    #   An edit of another's message is refused before it is sent.
    ann.type("/edit 1 no\r")
    ann.wait_row("this message is not yours")


def test_the_number_stays_while_one_types(safe, sits):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    bob.type("one\r")
    ann.wait_row("bob: one")
    ann.type("/reply 1 to o")
    ann.wait_for(lambda t: t.cursor_row.endswith("/reply 1 to o"))
    bob.type("two\r")
    ann.wait_row("bob: two")
    ann.type("ne\r")
    bob.wait_row('ann, re bob "one": to one')
    ann.type("/reply #1 again\r")
    bob.wait_row('ann, re bob "one": again')
    ann.type("/reply 77 x\r")
    ann.wait_row("no message 77 is known here")


def test_arrow_up_edits_the_last_message(safe, sits):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    ann.type("teh cat\r")
    bob.wait_row("ann: teh cat")
    bob.type("ok\r")
    ann.wait_row("bob: ok")
    ann.type("\x1b[A")
    ann.wait_for(lambda t: t.cursor_row == "dev, edit #1> teh cat")
    #   Esc leaves it as it was; up again, and up once more is the history.
    ann.type("\x1b")
    ann.wait_for(lambda t: t.cursor_row == "dev>")
    ann.type("\x1b[A\x1b[A")
    ann.wait_for(lambda t: t.cursor_row == "dev> teh cat")
    ann.type("\x03")
    ann.wait_for(lambda t: t.cursor_row == "dev>")
    #   Emptying the line leaves it too: what is typed then is said.
    ann.type("\x1b[A\x15the cat\r")
    bob.wait_row("ann: the cat")
    no_row(bob, "edited")
    ann.type("\x1b[A!\r")
    bob.wait_row("* ann edited 1: the cat!")
    #   Of two one's own the last one, though others have spoken since.
    bob.type("meow\r")
    ann.wait_row("bob: meow")
    ann.type("\x1b[A")
    ann.wait_for(lambda t: t.cursor_row == "dev, edit #3> the cat!")
    ann.type("!\r")
    bob.wait_row("* ann edited 2: the cat!!")
    ann.type("/edit\r")
    ann.wait_for(lambda t: t.cursor_row == "dev, edit #3> the cat!!")
    ann.type("\x03")
    ann.wait_for(lambda t: t.cursor_row == "dev>")


def test_direct_messages_are_answered_by_their_time(safe, sits, run):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    ann.type("/msg bob lunch?\r")
    bob.wait_row("[ann -> you, sealed] lunch?")
    bob.type("/query ann\r")
    bob.wait_for(lambda t: t.cursor_row == "@ann>")
    bob.type("/reply 1 at noon\r")
    ann.wait_row('[bob -> you, sealed] (re you "lunch?") at noon')
    bob.wait_row('[you -> ann, sealed] (re ann "lunch?") at noon')
    told = records(run(safe, "ann", "history", "--to", "bob", "--json"))
    assert [r["text"] for r in told] == ["lunch?", "at noon"]
    assert told[1]["re"] == told[0]["time"] and told[1]["sealed"] is True


def test_a_link_leads_to_the_message(safe, sits, run):
    lines = "".join(f"message {n}\n" for n in range(1, 61))
    assert run(safe, "ann", "send", "-r", "dev", "--lines", input=lines.encode()).status == 0
    ann = sits(safe, "ann")
    ann.type("/link #30\r")
    link = f"{safe.address}/dev/30"
    ann.wait_for(lambda t: link in "".join(t.rows).replace(" ", ""), link)
    bob = sits(safe, "bob", "lobby", endpoint=link, joined=False)
    bob.wait_row("message #30 of dev, and what was said around it")
    bob.wait_row("#30 ann: message 30")
    bob.wait_row("#20 ann: message 20")
    bob.wait_row("#40 ann: message 40")
    no_row(bob, "message 19")
    no_row(bob, "message 60")
    bob.wait_for(lambda t: t.cursor_row == "dev>")
    found = run(link, None, "history")
    assert found.status == 0
    assert [line.split("\t")[1] for line in found.lines] == [str(n) for n in range(30, 61)]
    assert run(f"{safe.address}/d%2fev/30", None, "history").status == USAGE
    assert run(f"{safe.address}/dev/0", None, "history").status == USAGE


# --- pipes


def test_pipes_reply_edit_and_react(safe, run):
    assert run(safe, "ann", "send", "-r", "dev", "did it pass?").status == 0
    assert run(safe, "ann", "send", "-r", "dev", "--re", "1", "yes").status == 0
    assert run(safe, "ann", "edit", "-r", "dev", "2", "yes,", "all of it").status == 0
    assert run(safe, "ann", "edit", "-r", "dev", "2", input=b"all\nof it").status == 0
    assert run(safe, "bob", "react", "-r", "dev", "1", "+1").status == 0
    assert run(safe, "bob", "react", "-r", "dev", "#1", "ok").status == 0
    assert run(safe, "bob", "react", "-r", "dev", "1", "ok", "--undo").status == 0
    #   Records of their own, and what became of a message before one of type marks behind it.
    seen = records(run(safe, None, "history", "-r", "dev", "--json"))
    assert [(r["type"], r["text"]) for r in seen] == [
        ("say", "did it pass?"), ("marks", ""), ("say", "all\nof it"), ("marks", ""), ("edit", ""),
        ("edit", "all\nof it"), ("react", "+1"), ("react", "ok"), ("unreact", "ok"),
    ]  # fmt: skip
    assert seen[1]["data"]["reactions"]["+1"]["users"] == ["bob"] and seen[1]["seq"] is None
    assert seen[3]["data"]["edits"] == 2 and seen[2]["re"] == 1
    lines = run(safe, None, "history", "-r", "dev", "-n", "3").lines
    assert [line.split("\t", 5)[5] for line in lines] == \
        ['{"seq":1} +1', '{"seq":1} ok', '{"seq":1} ok']  # fmt: skip
    heard = run(safe, None, "listen", "-r", "dev", "--since", "0", "--count", "7", "--json")
    assert [r["type"] for r in records(heard)] == [r["type"] for r in seen]


def test_pipes_are_told_what_is_wrong(safe, run):
    assert run(safe, "ann", "send", "-r", "dev", "hello").status == 0
    other = run(safe, "bob", "edit", "-r", "dev", "1", "mine")
    assert other.status == REFUSED and "not sent: " in other.err
    assert run(safe, "ann", "edit", "-r", "dev", "99", "x").status == REFUSED
    assert run(safe, "ann", "react", "-r", "dev", "99", "+1").status == REFUSED
    assert run(safe, "ann", "react", "-r", "dev", "1", "x" * 33).status == DATA
    for wrong in (["edit", "-r", "dev"], ["edit", "-r", "dev", "x", "y"], ["react", "-r", "dev", "1"],
                  ["edit", "1", "x"], ["search"], ["send", "-r", "dev", "--re", "0", "x"],
                  ["mark", "-r", "dev", "1", "2"]):  # fmt: skip
        assert run(safe, "ann", *wrong).status == USAGE, wrong


def test_an_edit_is_stored_once_though_the_broker_dies(safe, run, home):
    """kill -9 between an edit and its OK: it is there once, in its place."""
    assert run(safe, "ann", "send", "-r", "dev", "teh").status == 0
    for round in range(5):
        edit = subprocess.Popen(
            [build.zchat(), "edit", "-e", safe.address, "--nick", "ann", "-r", "dev", "--timeout",
             "none", "1", f"the {round}"], env=build.environment(**home("ann")),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        wait_until(lambda: safe.log.count(" hello ") > round, what="it has come")
        safe.kill()
        safe.start()
        _, err = edit.communicate(timeout=2 * DEADLINE)
        assert edit.returncode == 0, err
    seen = records(run(safe, None, "history", "-r", "dev", "--json"))
    edits = [r for r in seen if r["type"] == "edit"]
    assert len(edits) == 5 and edits[-1]["text"] == "the 4" and seen[0]["text"] == "the 4"
    assert [r["seq"] for r in seen if r["seq"]] == list(range(1, 7))


# --- brokers of yesterday


@pytest.fixture
def old(context):
    """A broker that knows none of the new verbs."""
    broker = Impostor(context, "old", name="dev", refuses=NEW, code="verb")
    yield broker
    broker.close()


def test_an_old_broker_is_told_of_once(old, run):
    for command, verb in ((["edit", "-r", "dev", "1", "x"], "EDIT"),
                          (["react", "-r", "dev", "1", "+1"], "REACT"),
                          (["search", "x"], "SEARCH"),
                          (["mark", "-r", "dev"], "READ")):  # fmt: skip
        done = run(old.door, "ann", *command)
        assert done.status == REFUSED
        said = [line for line in done.err.splitlines() if verb in line]
        assert len(said) == 1, done.err
        assert f"{verb} is not known to this broker (old)" in said[0] and "newer" in said[0]


def test_people_meet_an_old_broker(old, sits):
    ann = sits(SimpleNamespace(address=None, door=old.door), "ann", joined=False)
    ann.wait_row("you are in dev")
    ann.type("/edit #9 x\r")
    ann.wait_row("the edit of message #9 was not sent: EDIT is not known to this broker")
    ann.type("/react #9 +1\r")
    ann.wait_row("not done: REACT is not known")
    ann.wait_for(lambda t: t.cursor_row == "dev>")
    assert sum("EDIT is not known" in row for row in ann.rows) == 1


# --- read, mentioned, away


def test_what_is_read_on_one_device_is_read_on_all(safe, sits, run):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    for text in ("one", "two", "three"):
        ann.type(f"{text}\r")
        bob.wait_row(f"ann: {text}")
    #   What was shown is read, without a word of his.
    wait_until(lambda: "nothing is unread" in shown(bob, "/unread"), what="it is read")
    bob.type("/quit\r")
    bob.wait_for(lambda t: not t.child.isalive())
    ann.type("four @bob\r")
    ann.wait_row("ann: four @bob")
    rooms = run(safe, "bob", "rooms")
    assert rooms.lines == ["dev\t1\t4\t\tunread 1, mentions 1"]
    assert records(run(safe, "bob", "rooms", "--json"))[0]["mentions"] == 1
    assert run(safe, None, "rooms").lines == ["dev\t1\t4\t"]
    away = sits(safe, "bob", "lobby")
    away.type("/unread\r")
    away.wait_row("dev: 1 unread, 1 of them mentions you")
    assert run(safe, "bob", "mark", "-r", "dev").status == 0
    away.type("/unread\r")
    away.wait_row("nothing is unread")
    #   Who is in another room is told of a mention, and of a room's own the line is marked.
    ann.type("five @bob\r")
    away.wait_row("ann mentions you in dev, message #5; /join dev")
    away.type("/join dev\r")
    away.wait_row("1 new since you read here last, from #5 on")
    away.wait_row("! ann: five @bob")


def shown(person, command: str) -> str:
    """What a clean screen shows after a command: a full one of the same answers would not change."""
    person.type("\x0c")
    person.wait_for(lambda t: sum(map(bool, t.rows)) == 1)
    person.type(f"{command}\r")
    person.wait_for(lambda t: any(" -- " in row for row in t.rows))
    return "\n".join(person.rows)


def test_who_is_away_is_shown(safe, sits, run):
    ann, bob = sits(safe, "ann"), sits(safe, "bob")
    bob.type("/away at lunch\r")
    bob.wait_row("you are away, until you say something, or /back")
    ann.type("/who\r")
    ann.wait_row("2 in dev: ann, bob; away: bob (at lunch)")
    assert sorted(run(safe, None, "who", "-r", "dev").lines) == ["ann", "bob\taway\tat lunch"]
    bob.type("/back\r")
    bob.wait_row("you are back")
    bob.type("/away\r")
    bob.wait_row("you are away")
    bob.type("here again\r")
    ann.wait_row("bob: here again")
    ann.type("/who\r")
    ann.wait_for(lambda t: any(row.endswith("2 in dev: ann, bob") for row in t.rows))


def test_a_broker_without_an_index_says_so(brokers, run):
    """It is not taken for an older one."""
    broker = brokers(args=["--index", "off"])
    done = run(broker, None, "search", "tea")
    assert done.status == REFUSED and "--index off" in done.err and "older" not in done.err


def test_all_that_is_found_takes_several_pages(safe, run):
    lines = "".join(f"tea {number}\n" for number in range(230)).encode()
    assert run(safe, "ann", "send", "-r", "dev", "--lines", input=lines).status == 0

    def seqs(*words):
        return [record["seq"] for record in records(run(safe, None, "search", "--json", *words, "tea"))]

    wait_until(lambda: seqs("-n", "1") == [230], what="they are found")
    assert seqs("--all") == list(range(230, 0, -1))
    assert seqs("-n", "150") == list(range(230, 80, -1))


def test_what_was_said_is_found(safe, sits, run):
    for who, text in (("ann", "the tea is ready"), ("bob", "coffee, please"), ("ann", "more tea")):
        assert run(safe, who, "send", "-r", "dev", text).status == 0
    found = []

    def search():
        found[:] = run(safe, None, "search", "tea").lines
        return len(found) == 2

    wait_until(search, what="it is found")
    assert [line.split("\t")[1] for line in found] == ["3", "1"]
    hits = records(run(safe, None, "search", "--json", "tea", "from:ann", "-n", "1"))
    assert hits[0]["text"] == "more tea" and hits[0]["found"] == [[5, 3]]
    assert len(records(run(safe, None, "search", "--json", "--all", "from:ann"))) == 2
    assert run(safe, None, "search", "tea", "-r", "lobby").out == ""
    assert run(safe, None, "search", "in:dev").status == REFUSED
    ann = sits(safe, "ann")
    ann.type("/search tea\r")
    ann.wait_row("dev #1 ")
    ann.wait_row("ann: more tea")
    ann.wait_row("2 found")
    ann.wait_row("direct messages that are sealed are not searched")
    assert run(safe, "ann", "edit", "-r", "dev", "1", "the soup is ready").status == 0
    wait_until(lambda: len(run(safe, None, "search", "tea").lines) == 1, what="it is forgotten")
