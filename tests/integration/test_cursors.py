"""Where zchat listen and history begin: seqs, times, another log, beyond the end, and nowhere."""

import json
import time

import pytest

from support.wait import wait_until

NOBODY = "nobody has spoken there yet"


@pytest.fixture
def spoken(broker, door):
    """A broker in whose room dev 20 messages stand, each of a time of its own."""
    bob = door(broker, "bob")
    for i in range(20):
        last = bob.say("dev", f"text {i + 1}")["time"]
        wait_until(lambda: time.time() * 1000 > last + 1, what="the next millisecond")
    return broker


def run(zchat, broker, *arguments) -> tuple:
    """The records of a run, what it told besides, and its status."""
    process = zchat(*arguments, "-e", broker.door, "--json")
    status = process.wait()
    return [json.loads(line) for line in process.lines], process.err, status


def seqs(records) -> list:
    return [record["seq"] for record in records]


@pytest.mark.parametrize("name", ["--since", "--after"])
def test_one_meaning_in_both_commands(spoken, zchat, name):
    heard, _, status = run(zchat, spoken, "listen", "-r", "dev", name, "17", "--count", "3")
    read, _, _ = run(zchat, spoken, "history", "-r", "dev", name, "17")
    assert seqs(heard) == seqs(read) == [18, 19, 20] and status == 0
    assert seqs(run(zchat, spoken, "history", "-r", "dev", name, "0")[0]) == list(range(1, 21))
    between, _, _ = run(zchat, spoken, "history", "-r", "dev", name, "3", "--before", "6")
    assert seqs(between) == [4, 5]


def iso(time_ms: int) -> str:
    """Whole seconds, as dates have them."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time_ms // 1000))


def test_a_time(spoken, door, zchat):
    bob, first = door(spoken, "bob2"), door(spoken).history("dev").mail[-1].time
    second = (first // 1000 + 1) * 1000
    wait_until(lambda: time.time() * 1000 > second, what="the next second")
    later = [bob.say("dev", "later")["seq"] for _ in range(3)]
    for command in (["listen", "--count", "3"], ["history"]):
        got, err, status = run(zchat, spoken, *command, "-r", "dev", "--since", iso(second))
        assert (seqs(got), status) == (later, 0), err
    earlier, _, _ = run(zchat, spoken, "history", "-r", "dev", "--before", iso(second), "-n", "2")
    assert seqs(earlier) == [19, 20]
    everything, _, _ = run(zchat, spoken, "history", "-r", "dev", "--since", "1h")
    assert seqs(everything) == list(range(1, 24))
    nothing, _, status = run(zchat, spoken, "history", "-r", "dev", "--since", "2100-01-01")
    assert (nothing, status) == ([], 0)


def test_a_time_as_zchat_writes_it(spoken, zchat):
    everything = zchat("history", "-r", "dev", "--all", "-e", spoken.door)
    everything.wait()
    rows = [line.split("\t") for line in everything.lines]
    shown = rows[-3][2]
    later = [int(row[1]) for row in rows if row[2] >= shown]  # some may be of the same millisecond
    for command in (["listen", "--count", str(len(later))], ["history"]):
        got, err, status = run(zchat, spoken, *command, "-r", "dev", "--since", shown)
        assert (seqs(got), status) == (later, 0), err


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["-r", "dev", "--since", "2100-01-01"], "dev: no message in this range"),
        (["-r", "dev", "--before", "1h"], "dev: no message in this range"),
        (["-r", "dev", "--since", "10", "--before", "5"], "dev: no message in this range"),
        (["--mail", "--nick", "eve"], "no direct messages in this range"),
        (["--to", "bob", "--nick", "eve"], "no direct messages to or from bob in this range"),
    ],
)
def test_a_history_that_is_empty_says_so(spoken, zchat, asked, told):
    got, err, status = run(zchat, spoken, "history", *asked)
    assert (got, status) == ([], 0) and err == f"zchat: {told}\n"


def test_a_history_that_is_not_asked_for_says_nothing(spoken, zchat):
    assert run(zchat, spoken, "history", "-r", "dev", "-n", "0") == ([], "", 0)


def test_no_seq_at_all(spoken, zchat):
    got, err, status = run(zchat, spoken, "history", "-r", "dev", "--since", "")
    assert (got, status) == ([], 64) and "'' is neither the seq of a message nor a time" in err


def test_beyond_the_end_there_is_a_record(spoken, door, zchat):
    read, err, status = run(zchat, spoken, "history", "-r", "dev", "--since", "500")
    assert read == [{"type": "ahead", "room": "dev", "after": 500, "head": 20}] and status == 0
    assert "nothing after 500" in err
    listener = zchat("listen", "-r", "dev", "--since", "500", "--json", "-e", spoken.door)
    wait_until(lambda: listener.lines, what="the record")
    assert json.loads(listener.lines[0]) == read[0]
    assert "dev: the log ends before" in listener.err
    door(spoken, "eve").say("dev", "more")
    wait_until(lambda: len(listener.lines) == 2, what="what comes next")
    assert json.loads(listener.lines[1])["seq"] == 21


def test_a_log_that_was_replaced(spoken, door, zchat):
    log = door(spoken).hello()["log"]
    for command in (["listen", "--count", "20"], ["history"]):
        same, _, _ = run(zchat, spoken, *command[:1], "-r", "dev", "--since", "18", "--log", log,
                         *(["--count", "2"] if command[1:] else []))  # fmt: skip
        assert seqs(same) == [19, 20] and {record["log"] for record in same} == {log}
        got, err, status = run(zchat, spoken, *command, "-r", "dev", "--since", "18", "--log",
                               "0" * 32)  # fmt: skip
        assert got[0] == {"type": "log_replaced", "log": log} and status == 0
        assert seqs(got[1:]) == list(range(1, 21)), "nothing of the new log is known"
        assert "another log" in err


def test_a_room_nobody_has_spoken_in(broker, zchat):
    _, err, status = run(zchat, broker, "history", "-r", "nowhere")
    assert f"nowhere: {NOBODY}" in err and status == 0
    _, err, status = run(zchat, broker, "history", "-r", "nowhere", "--since", "1h")
    assert f"nowhere: {NOBODY}" in err and status == 0
    who = zchat("who", "-r", "nowhere", "-e", broker.door)
    assert who.wait() == 0 and who.out == "" and "nowhere: nobody is there" in who.err
    listener = zchat("listen", "-r", "nowhere", "-e", broker.door)
    wait_until(lambda: f"nowhere: {NOBODY}" in listener.err, what="the note")
    assert listener.err.startswith("ready\n") and listener.out == ""


def test_keys_without_a_name(safe, zchat, person):
    bob = person(safe, "bob")
    bob.say("dev", "x")
    listed = zchat("key", "list", "bob", "-e", safe.address)
    assert listed.wait() == 0, listed.err
    assert len(listed.lines) == 1 and len(listed.lines[0]) == 56
