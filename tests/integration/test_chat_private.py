"""Direct messages, private rooms and their order, as people and scripts meet them at the client."""

import json
import subprocess
import threading
from types import SimpleNamespace

import pytest
import zmq

from support import build
from support.client import Door
from support.curve import Encrypted, Pair, server_key
from support.wait import DEADLINE, wait_until

USAGE, DATA, REFUSED = 64, 65, 77
EVIL = "x\x1b[2J\x1b]0;t\x07\u202e\u200b\u2066\r\x9b\u2028"
TRACES = ["\x1b[2J", "\x1b]0;", "\x07", "\u202e", "\u200b", "\u2066", "\x9b", "\u2028"]


@pytest.fixture
def safe(brokers):
    return brokers(args=["--curve"])


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
    """run (broker, "bob", "send", ...) to the end, as bob."""

    def go(broker, who, *arguments, input=b"", env=None, nick=True):
        endpoint = broker if isinstance(broker, str) else broker.address or broker.door
        named = ["--nick", who] if nick else []
        done = subprocess.run(
            [build.zchat(), *arguments[:1], "-e", endpoint, *named, *arguments[1:]], input=input,
            capture_output=True, timeout=2 * DEADLINE,
            env=build.environment(**home(who), **(env or {})),
        )  # fmt: skip
        build.assert_clean(done.stderr.decode(errors="replace"), "zchat")
        out = done.stdout.decode(errors="replace")
        return SimpleNamespace(
            status=done.returncode, out=out, lines=out.splitlines(),
            err=done.stderr.decode(errors="replace"),
        )  # fmt: skip

    return go


@pytest.fixture
def person(terminal, home):
    """person (broker, "bob", "dev") sits at a terminal and has entered the room."""

    def make(broker, who, room="dev", *arguments, joined=True, at=None):
        made = terminal(
            "-e", broker.address or broker.door, "--nick", who, "--room", room, *arguments,
            columns=120, rows=40, env=home(at or who),
        )  # fmt: skip
        if joined:
            made.wait_row(f"you are in {room}")
        return made

    return make


@pytest.fixture
def script(zchat, home):
    """script (broker, "bob", "dev") is the line mode with a pipe for a keyboard."""

    def make(broker, who, room="dev", *arguments):
        return zchat(
            "-e", broker.address or broker.door, "--nick", who, "--room", room, *arguments,
            env=home(who),
        )  # fmt: skip

    return make


def untouched(*texts):
    """Nothing of EVIL has reached a terminal."""
    for text in texts:
        for trace in TRACES:
            assert trace not in text, (trace, text[-500:])


# --- direct messages


def test_a_direct_message_is_sealed_for_both(safe, person):
    alice, bob = person(safe, "alice"), person(safe, "bob")
    alice.type("/msg bob psst, tonight\r")
    bob.wait_row("[alice -> you, sealed] psst, tonight")
    alice.wait_row("[you -> bob, sealed] psst, tonight")
    bob.type("/query alice\r")
    bob.wait_for(lambda t: t.cursor_row == "@alice>")
    bob.type("yes\r")
    alice.wait_row("[bob -> you, sealed] yes")
    bob.type("/query\r")
    bob.wait_for(lambda t: t.cursor_row == "dev>")
    bob.type("hello all\r")
    alice.wait_row("bob: hello all")
    assert sum("tonight" in row for row in alice.rows) == 1, alice.rows  # not also as it was typed
    stored = b"".join(p.read_bytes() for p in safe.data.iterdir() if p.is_file())
    assert b"hello all" in stored and b"tonight" not in stored


def test_without_encryption_it_is_said(broker, person):
    alice, bob = person(broker, "alice"), person(broker, "bob")
    alice.type("/msg bob psst\r")
    bob.wait_row("[alice -> you, not sealed] psst")
    alice.wait_row("[you -> bob, not sealed] psst")


def test_it_waits_for_who_is_not_here(safe, run, person):
    assert run(safe, "bob", "key", "list").status == 0  # bob has a key there
    sent = run(safe, "alice", "send", "--to", "bob", "when you are back")
    assert (sent.status, sent.out) == (0, "")
    bob = person(safe, "bob")
    bob.wait_row("[alice -> you, sealed] when you are back")


def test_nobody_is_told_so(safe, run):
    sent = run(safe, "alice", "send", "--to", "nobody.at.all", "hello")
    assert sent.status == REFUSED and "not sent to nobody.at.all: " in sent.err


def test_only_the_last_ones_come_back(patient, run, person):
    safe = patient
    lines = "".join(f"number {i}\n" for i in range(60))
    run(safe, "bob", "key", "list")
    assert run(safe, "alice", "send", "--to", "bob", "--lines", input=lines.encode()).status == 0
    bob = person(safe, "bob")
    bob.wait_row("number 59")
    assert not any("number 30" in row for row in bob.rows)
    assert any("number 40" in row for row in bob.rows)


def test_lines_come_once_and_in_order(patient, run):
    safe = patient
    run(safe, "bob", "key", "list")
    lines = [f"line {i}" for i in range(300)]
    sent = run(safe, "alice", "send", "--to", "bob", "--lines", input="\n".join(lines).encode())
    assert (sent.status, sent.err.count("\n")) == (0, sent.err.count("made your key"))
    got = run(safe, "bob", "history", "--mail", "--all", "--json").lines
    records = [json.loads(line) for line in got]
    assert [record["text"] for record in records] == lines
    assert all(r["type"] == "tell" and r["sealed"] is True and r["user"] == "alice" for r in records)
    assert [record["seq"] for record in records] == list(range(1, 301))
    own = run(safe, "alice", "history", "--to", "bob", "-n", "2", "--json").lines
    assert [json.loads(line)["text"] for line in own] == lines[-2:]
    assert json.loads(own[0])["type"] == "told"


def test_no_seal_is_plain_and_marked(safe, run):
    run(safe, "bob", "key", "list")
    assert run(safe, "alice", "send", "--to", "bob", "--no-seal", "in plain").status == 0
    assert run(safe, "alice", "send", "--to", "bob", "sealed").status == 0
    records = [json.loads(x) for x in run(safe, "bob", "history", "--mail", "--json").lines]
    assert [record["sealed"] for record in records] == [False, True]
    assert [record["text"] for record in records] == ["in plain", "sealed"]
    text = run(safe, "bob", "history", "--mail").lines
    assert [line.split("\t")[3].split("/")[0] for line in text] == ["tell", "tell"]
    assert text[1].split("\t")[3] == "tell/sealed"


def test_history_picks_one_person(safe, run):
    run(safe, "bob", "key", "list")
    for who in ("alice", "carol", "alice"):
        assert run(safe, who, "send", "--to", "bob", f"from {who}").status == 0
    picked = run(safe, "bob", "history", "--to", "ALICE", "--json").lines
    assert [json.loads(line)["user"] for line in picked] == ["alice", "alice"]
    assert [json.loads(line)["seq"] for line in picked] == [1, 3]
    assert len(run(safe, "bob", "history", "--mail").lines) == 3


def test_listen_takes_mail_and_rooms(safe, run, zchat, home):
    listener = zchat(
        "listen", "-e", safe.address, "--nick", "bob", "--mail", "-r", "dev", "--json",
        "--count", "2", env=home("bob"),
    )  # fmt: skip
    wait_until(lambda: "ready" in listener.err, what="ready")
    assert run(safe, "alice", "send", "--to", "bob", "psst").status == 0
    assert run(safe, "alice", "send", "-r", "dev", "aloud").status == 0
    assert listener.wait() == 0
    records = {record["room"]: record for record in map(json.loads, listener.lines)}
    assert records["@"]["text"] == "psst" and records["@"]["sealed"] is True
    assert records["dev"]["text"] == "aloud" and "sealed" not in records["dev"]


def test_scripts_tell_and_are_told(safe, script, run):
    run(safe, "bob", "key", "list")
    bob, alice = script(safe, "bob"), script(safe, "alice")
    wait_until(lambda: run(safe, "carol", "who", "-r", "dev").out.count("\n") >= 2, what="both")
    alice.type("/msg bob one")
    alice.type("/msg bob two")
    bob.shows("[alice -> you, sealed] one")
    bob.shows("[alice -> you, sealed] two")
    assert alice.eof() == 0
    assert alice.out == "" or "[you" not in alice.out
    assert bob.eof() == 0


# --- whose keys


def test_verify_is_the_same_on_both_sides(safe, person):
    alice, bob = person(safe, "alice"), person(safe, "bob")
    alice.type("/verify bob\r")
    bob.type("/verify alice\r")

    def fingerprint(shown, other):
        shown.wait_row(f"you and {other}: ")
        row = next(r for r in shown.rows if f"you and {other}: " in r)
        return row.split(": ", 1)[1].split()

    one, two = fingerprint(alice, "bob"), fingerprint(bob, "alice")
    assert one == two and len(one) == 12
    alice.type("/verify bob yes\r")
    alice.wait_row("bob: verified")
    bob.type("/msg alice hi\r")
    alice.wait_row("[bob -> you, sealed, verified] hi")


def test_a_device_that_was_added_is_vouched_for(safe, run, tmp_path):
    """Whom a known key vouches for is told of, and sealed for; test_vouch.py has the alarm."""
    run(safe, "bob", "key", "list")
    assert run(safe, "alice", "send", "--to", "bob", "one").status == 0
    device = subprocess.run(
        [build.zchat(), "key"], capture_output=True, env=build.environment(HOME=str(tmp_path / "new")),
    ).stdout.decode().strip()  # fmt: skip
    added = run(safe, "bob", "key", "add", device)
    assert added.status == 0 and device in added.out and len(added.lines) == 2
    told = run(safe, "alice", "send", "--to", "bob", "two")
    assert told.status == 0 and f"bob has another device, {device}" in told.err
    texts = [json.loads(x)["text"] for x in run(safe, "bob", "history", "--mail", "--json").lines]
    assert texts == ["one", "two"]
    removed = run(safe, "bob", "key", "remove", device)
    assert removed.status == 0 and device not in removed.out


def test_a_device_one_has_added_is_no_alarm_here(safe, run, tmp_path):
    run(safe, "alice", "key", "list")
    run(safe, "bob", "key", "list")

    def device(stem: str) -> str:
        environment = build.environment(HOME=str(tmp_path / stem))
        made = subprocess.run([build.zchat(), "key"], capture_output=True, env=environment)
        return made.stdout.decode().strip()

    assert run(safe, "bob", "send", "--to", "alice", "before").status == 0
    added = run(safe, "bob", "key", "add", device("phone"))
    assert (added.status, added.err) == (0, "")
    sent = run(safe, "bob", "send", "--to", "alice", "behind")
    assert (sent.status, sent.err) == (0, "")
    # what another program of one's own added is told of
    known = tmp_path / "homes" / "bob" / "zchat" / "known_people"
    former = known.read_bytes()
    assert run(safe, "bob", "key", "add", device("tablet")).status == 0
    known.write_bytes(former)
    told = run(safe, "bob", "send", "--to", "alice", "yes")
    assert told.status == 0 and "your name has another device" in told.err


def test_a_name_is_given_up(safe, run):
    assert run(safe, "bob", "key", "list").status == 0
    asked = run(safe, "bob", "key", "free")
    assert asked.status == USAGE and asked.out == ""
    for part in ("the name bob", "30 days", "mail", "rooms", "zchat key free --yes"):
        assert part in asked.err
    assert len(run(safe, "alice", "key", "list", "bob").lines) == 1
    foreign = run(safe, "alice", "key", "free", "bob", "--yes")
    assert foreign.status == REFUSED and "admin" in foreign.err
    freed = run(safe, "bob", "key", "free", "--yes")
    assert (freed.status, freed.out) == (0, "") and "the name bob is given up" in freed.err
    assert run(safe, "alice", "key", "list", "bob").status == REFUSED
    assert run(safe, "bob", "send", "-r", "dev", "hi").status == REFUSED


def test_an_admin_frees_a_name(brokers, run, home):
    key = subprocess.run(
        [build.zchat(), "key"], capture_output=True, env=build.environment(**home("root"))
    ).stdout.decode().strip()  # fmt: skip
    broker = brokers(args=["--curve", "--admin", key])
    assert run(broker, "eve", "key", "list").status == 0
    assert run(broker, "root", "key", "free", "eve").status == USAGE
    freed = run(broker, "root", "key", "free", "eve", "--yes")
    assert freed.status == 0 and "the name eve is given up" in freed.err
    assert run(broker, "eve", "send", "-r", "dev", "hi").status == REFUSED
    assert run(broker, "root", "key", "list").status == 0
    nobody = run(broker, "root", "key", "free", "nobody.here", "--yes")
    assert nobody.status == REFUSED


def test_an_admin_frees_names_in_bulk(brokers, run, home):
    key = subprocess.run(
        [build.zchat(), "key"], capture_output=True, env=build.environment(**home("root"))
    ).stdout.decode().strip()  # fmt: skip
    broker = brokers(args=["--curve", "--admin", key])
    eves = [f"Eve{number}" for number in range(3)]
    for who in ("bob", *eves):
        assert run(broker, who, "key", "list").status == 0
    assert run(broker, "Eve0", "send", "-r", "dev", "hi").status == 0
    would = run(broker, "root", "purge", "names", "eve*")
    assert would.status == 0 and "3 names would be freed; --yes" in would.err
    rows = [line.split("\t") for line in would.lines]
    assert [(row[0], row[2]) for row in rows] == [
        ("Eve0", "used"), ("Eve1", "unused"), ("Eve2", "unused")]  # fmt: skip
    assert len({row[3] for row in rows}) == 1, "one place"
    foreign = run(broker, "bob", "purge", "names", "eve*", "--yes")
    assert foreign.status == REFUSED and "admin" in foreign.err
    assert run(broker, "root", "purge", "names").status == USAGE
    assert len(run(broker, "root", "purge", "names", "*", "--unused").lines) == 3
    assert run(broker, "root", "purge", "names", "--before", "1d").lines == []
    freed = run(broker, "root", "purge", "names", "eve*", "--yes")
    assert freed.status == 0 and "3 names are freed" in freed.err and len(freed.lines) == 3
    broker.stop()
    checked = subprocess.run([build.zchatd(), "check", "--data", broker.data], capture_output=True)
    assert checked.returncode == 0, checked
    broker.start()
    assert run(broker, "root", "purge", "names", "eve*").lines == []
    assert run(broker, "bob", "key", "list").status == 0
    assert run(broker, "carol", "key", "list", "Eve1").status == REFUSED, "nobody has it"
    cooling = run(broker, "Eve0", "send", "-r", "dev", "hi")
    assert cooling.status == REFUSED, "it was used: nobody has it for 30 days"
    assert run(broker, "Eve1", "send", "-r", "dev", "hi").status == 0, "it was not"
    now = run(broker, "root", "purge", "names", "eve0", "--now", "--yes")
    assert now.status == 0 and len(now.lines) == 1 and "1 name is freed" in now.err
    assert run(broker, "Eve0", "send", "-r", "dev", "hi").status == 0


def test_an_admin_removes_rooms_in_bulk(brokers, run, home):
    key = subprocess.run(
        [build.zchat(), "key"], capture_output=True, env=build.environment(**home("root"))
    ).stdout.decode().strip()  # fmt: skip
    broker = brokers(args=["--curve", "--admin", key])
    for room in ("dev", "spam-1", "spam-2"):
        assert run(broker, "eve", "send", "-r", room, "hi").status == 0
    would = run(broker, "root", "purge", "rooms", "spam-*")
    assert would.status == 0 and "2 rooms would be removed; --yes" in would.err
    assert [line.split("\t")[0] for line in would.lines] == ["spam-1", "spam-2"]
    gone = run(broker, "root", "purge", "rooms", "spam-*", "--yes")
    assert gone.status == 0 and "2 rooms are removed" in gone.err
    broker.stop()
    checked = subprocess.run([build.zchatd(), "check", "--data", broker.data], capture_output=True)
    assert checked.returncode == 0, checked
    broker.start()
    assert [line.split("\t")[0] for line in run(broker, "eve", "rooms").lines] == ["dev"]
    assert run(broker, "eve", "send", "-r", "spam-1", "hi").status == 0


def test_it_is_said_that_nobody_has_a_name(safe, person):
    bob = person(safe, "bob")
    bob.type("/verify nemo\r")
    bob.wait_row("nemo: nobody has this name")
    bob.type("/query nobody.at.all\r")
    bob.wait_row("nobody.at.all: nobody has this name; /query goes back to the room")
    bob.type("hello?\r")
    bob.wait_row("a message to nobody.at.all was not sent: ")


def test_forged_mail_is_not_shown(safe, context, person, run):
    """Whoever runs a broker cannot be alice; here eve seals as alice, under her own name."""
    bob = person(safe, "bob")
    eve = Door(Encrypted(context, server_key(safe.address), Pair()), safe.door, "eve", hello=True)
    reply = eve.request("TELL", "bob", b"bm8gc2VhbA==", json.dumps({"data": {"sealed": 1}}).encode())
    assert reply.ok
    bob.wait_row("(cannot be opened")
    assert not any("bm8gc2" in row for row in bob.rows)


# --- rooms of one's own


def test_a_private_room(safe, person, run):
    alice, bob = person(safe, "alice"), person(safe, "bob")
    alice.type("/create den\r")
    alice.wait_row("you are in den")
    alice.type("/invite bob come in\r")
    bob.wait_row("* alice invites you to the private room den (come in); /join den")
    bob.type("/join den\r")
    bob.wait_row("you are in den")
    bob.type("warm here\r")
    alice.wait_row("bob: warm here")
    refused = run(safe, "eve", "history", "-r", "den")
    assert refused.status == REFUSED and "private" in refused.err
    alice.type("/modes\r")
    alice.wait_row("den: private")
    alice.wait_row("operators: alice")
    alice.type("/kick bob too warm\r")
    bob.wait_row("you are not in den")
    alice.wait_row("* alice put bob out (too warm)")
    bob.type("/join den\r")
    bob.wait_for(lambda t: sum("you are not in den" in row for row in t.rows) == 2)


def test_rooms_marks_private_ones(safe, person, run):
    alice = person(safe, "alice")
    alice.type("/create den\r")
    alice.wait_row("you are in den")
    rows = {line.split("\t")[0]: line.split("\t") for line in run(safe, "alice", "rooms").lines}
    assert rows["den"][4:] == ["private"]
    if "dev" in rows:
        assert rows["dev"][4:] == []
    assert "den" not in run(safe, "bob", "rooms").out
    alice.type("/rooms\r")
    alice.wait_row("; private")


# --- order


def test_an_operator_orders(safe, person):
    alice = person(safe, "alice")
    alice.type("first here\r")
    alice.wait_row("alice: first here")
    eve = person(safe, "eve")
    eve.type("buy now\r")
    alice.wait_row("eve: buy now")
    eve.type("/kick alice\r")
    eve.wait_row("not done: ")
    alice.type("/history 2\r")
    alice.wait_row("#2 eve: buy now")
    alice.type("/remove 1 ads\r")
    for shown in (alice, eve):
        shown.wait_row("* alice removed message #2 of eve (ads)")
    alice.type("/mute eve 1h loud\r")
    eve.wait_row("* alice muted eve until ")
    eve.type("may i?\r")
    eve.wait_row("a message was not sent: ")
    alice.type("/unmute eve\r")
    eve.wait_row("* alice lets eve speak again")
    eve.type("oops\r")
    eve.wait_row("eve: oops")
    eve.type("/remove last\r")
    alice.wait_row("* eve removed message ")
    alice.type("/ban eve 2h spam\r")
    alice.wait_row("* alice banned eve until ")
    eve.wait_row("you are not in dev")
    eve.type("/join dev\r")
    eve.wait_for(lambda t: sum("you are not in dev" in row for row in t.rows) >= 2)
    alice.type("/modes\r")
    alice.wait_row("banned: eve until ")
    late = person(safe, "carol")
    late.wait_row("eve: (removed)")
    assert not any("buy now" in row for row in late.rows)


def test_somebody_is_ignored(safe, person):
    alice, eve = person(safe, "alice"), person(safe, "eve")
    alice.type("/ignore eve\r")
    alice.wait_row("alice takes no direct messages of eve")
    eve.type("/msg alice buy now\r")
    eve.wait_row("this person takes no direct messages from you")
    alice.type("/unignore eve\r")
    alice.wait_row("alice takes direct messages again of eve")
    eve.type("/msg alice sorry\r")
    alice.wait_row("-> you, sealed] sorry")


def test_strangers_are_refused(safe, person, run):
    """And who sends from a script has its status, also where only the first ones were taken."""
    alice = person(safe, "alice")
    lines = "".join(f"line {i}\n" for i in range(60)).encode()
    sent = run(safe, "eve", "send", "--to", "alice", "--lines", input=lines)
    assert sent.status == REFUSED
    assert "not sent to alice: this person has never answered you" in sent.err
    alice.type("/strangers no\r")
    alice.wait_row("alice takes no direct messages of strangers")
    sent = run(safe, "dave", "send", "--to", "alice", "psst")
    assert sent.status == REFUSED and sent.out == ""
    assert "not sent to alice: this person takes no direct messages from you" in sent.err
    bob = person(safe, "bob")
    bob.type("/msg alice psst\r")
    bob.wait_row("a message to alice was not sent: this person takes no direct messages from you")
    alice.type("/allow bob\r")
    alice.wait_row("alice takes direct messages of bob, who is no stranger")
    bob.type("/msg alice hello\r")
    alice.wait_row("[bob -> you, sealed] hello")
    alice.type("/ignore\r")
    alice.wait_row("direct messages: only from people you have written to or allowed")
    alice.wait_row("allowed: bob")
    alice.type("/unallow bob\r")
    alice.wait_row("alice made bob a stranger again")
    bob.type("/create den\r")
    bob.wait_row("you are in den")
    bob.type("/invite alice\r")
    bob.wait_row("not done: this person takes no direct messages from you")
    alice.type("/strangers yes\r")
    alice.wait_row("alice takes direct messages of strangers again")
    assert run(safe, "dave", "send", "--to", "alice", "psst").status == 0


def test_somebody_is_ignored_where_names_are_not_proven(broker, person, run, home):
    """On this computer alone, in the chat and in pipes, also after a restart; and that is said."""
    bob, eve = person(broker, "bob"), person(broker, "eve")
    bob.type("/ignore eve\r")
    bob.wait_row("ignored on this computer alone: eve; the broker refuses nobody")
    listener = subprocess.Popen(
        [build.zchat(), "listen", "--mail", "-e", broker.door, "--nick", "bob2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=build.environment(**home("bob")),
    )  # fmt: skip
    assert listener.stderr.readline() == b"ready\n"
    again = person(broker, "bob3", at="bob")
    for to in ("bob", "bob2", "bob3"):
        eve.type(f"/msg {to} buy now\r")
        eve.wait_row(f"[you -> {to}")
    other = person(broker, "carol")
    for to, shown in (("bob", bob), ("bob3", again)):
        other.type(f"/msg {to} hello\r")
        shown.wait_row("[carol -> you")
        assert not any("buy now" in row for row in shown.rows)
    other.type("/msg bob2 hello\r")
    line = listener.stdout.readline().decode()
    listener.terminate()
    listener.communicate(timeout=DEADLINE)
    assert "carol" in line and "hello" in line
    bob.type("/unignore eve\r")
    bob.wait_row("shown on this computer again: eve")
    eve.type("/msg bob sorry\r")
    bob.wait_row("sorry")


def test_the_name_is_said_to_be_proven(safe, broker, person):
    person(safe, "alice").wait_row("your name here: alice (proven)")
    person(broker, "alice").wait_row("your name here: alice")


def test_an_admin_closes_a_room(brokers, home, person):
    key = subprocess.run(
        [build.zchat(), "key"], capture_output=True, env=build.environment(**home("root"))
    ).stdout.decode().strip()  # fmt: skip
    broker = brokers(args=["--curve", "--admin", key])
    alice, root = person(broker, "alice"), person(broker, "root")
    root.wait_row("your name here: root (proven, admin)")
    alice.type("mine\r")
    root.wait_row("alice: mine")
    alice.type("/close\r")
    alice.wait_row("not done: ")
    root.type("/close good night\r")
    alice.wait_row("you are not in dev")
    root.wait_row("you are not in dev")
    alice.type("/join dev\r")
    alice.wait_for(lambda t: sum("you are not in dev" in row for row in t.rows) == 2)


def test_who_is_put_out_of_a_pipe_is_told(safe, person, script):
    alice = person(safe, "alice")
    alice.type("mine\r")
    alice.wait_row("alice: mine")
    bob = script(safe, "bob")
    alice.wait_row("* bob joined")
    alice.type("/kick bob noise\r")
    wait_until(lambda: "you are not in dev" in bob.err, what="told")
    assert bob.eof() == REFUSED


# --- tokens


def test_a_token_comes_from_a_file_or_the_environment(broker, run, tmp_path):
    made = subprocess.run(
        [build.zchatd(), "token", "--data", str(broker.data), "robot"], capture_output=True,
        env=build.environment(),
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip(made.stderr.decode())
    token = next(w for w in made.stdout.decode().split() if len(w) == 64)
    path = tmp_path / "token"
    path.write_text(token + "\n")
    path.chmod(0o644)
    refused = run(broker, "robot", "send", "-r", "dev", "--token-file", str(path), "hi")
    assert refused.status == 71 and "chmod 600" in refused.err and token not in refused.err
    path.chmod(0o600)
    assert run(broker, "robot", "send", "-r", "dev", "--token-file", str(path), "hi").status == 0
    assert run(broker, "robot", "send", "-r", "dev", "hi", env={"ZCHAT_TOKEN": token}).status == 0
    assert run(broker, "robot", "send", "-r", "dev", "hi").status == REFUSED
    wrong = run(broker, "robot", "send", "-r", "dev", "hi", env={"ZCHAT_TOKEN": "0" * 64})
    assert wrong.status == REFUSED
    bad = run(broker, "robot", "send", "-r", "dev", "hi", env={"ZCHAT_TOKEN": "secret"})
    assert bad.status == DATA and "secret" not in bad.err


# --- those who lie


def test_reasons_and_direct_messages_cannot_write_on_the_screen(safe, context, person, script):
    key = Encrypted(context, server_key(safe.address), Pair())
    eve = Door(key, safe.door, "eve")
    eve.hello(claim=True)
    assert eve.request("JOIN", "dev").ok
    assert eve.say("dev", b"first").ok  # and so she is its operator
    bob, pipe = person(safe, "bob"), script(safe, "carol")
    wait_until(lambda: "carol" in eve.request("WHO", "dev")["users"], what="carol")
    evil = EVIL.encode()
    for verb, *arguments in (
        ("MODE", "dev", json.dumps({"set": "mute", "user": "dave", "reason": EVIL}).encode()),
        ("MODE", "dev", json.dumps({"set": "ban", "user": "dave", "reason": EVIL}).encode()),
        ("TELL", "bob", evil),
        ("REMOVE", "dev", "1", evil),
    ):
        eve.request(verb, *arguments)
    eve.say("dev", b"the end")
    bob.wait_row("eve: the end")
    pipe.shows("eve: the end")
    untouched(bob.raw.decode(errors="replace"), pipe.out, pipe.err)
    bob.type("/modes\r")
    bob.wait_row("operators: eve")
    untouched(bob.raw.decode(errors="replace"))


class Liar:
    """A broker that answers everything, and everything badly."""

    def __init__(self, context):
        self.socket = context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.feed = context.socket(zmq.PUB)
        self.feed.linger = 0
        self.feed_port = self.feed.bind_to_random_port("tcp://127.0.0.1")
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def answer(self, verb: bytes) -> tuple:
        if verb == b"HELLO":
            return b"OK", {
                "protocol": "ZCHAT/1", "server": EVIL, "log": "0" * 32, "user": "bob",
                "session": "0" * 64, "resumed": False, "proven": True, "admin": True,
                "feeds": [f"tcp://127.0.0.1:{self.feed_port}"], "heartbeat_ms": 5000, "limits": {},
            }  # fmt: skip
        if verb == b"MODE":
            bad = {"user": EVIL, "by": EVIL, "reason": EVIL, "until": 1}
            return b"OK", {"room": EVIL, "operators": [EVIL], "members": [EVIL], "bans": [bad]}
        if verb == b"KEYS":
            return b"OK", {"user": EVIL, "proven": True, "keys": [EVIL]}
        if verb == b"PING":
            return b"OK", {"time": 1, "heads": {}}
        return b"ERR", {"code": "private", "text": EVIL}

    def serve(self) -> None:
        while not self.ended.is_set():
            if not self.socket.poll(100):
                continue
            identity, verb, tag, *_ = self.socket.recv_multipart()
            status, reply = self.answer(verb)
            self.socket.send_multipart([identity, status, tag, json.dumps(reply).encode()])

    def close(self) -> None:
        self.ended.set()
        self.thread.join()
        self.socket.close()
        self.feed.close()


def test_a_lying_broker_cannot_write_on_the_screen(context, terminal):
    liar = Liar(context)
    try:
        door = f"tcp://127.0.0.1:{liar.port}"
        shown = terminal("-e", door, "--nick", "bob", "--room", "dev", columns=120, rows=40)
        shown.wait_row("you are not in dev")
        for line in ("/keys alice", "/keys", "/verify alice", "/msg alice hello", "/rooms"):
            shown.type(line + "\r")
        shown.type("/nosuch\r")
        shown.wait_row("/nosuch is not a command")
        shown.wait_row("no answer")
        untouched(shown.raw.decode(errors="replace"))
    finally:
        liar.close()
