"""send, listen, who, rooms and history, as scripts meet them: exit statuses, records, pipes."""

import json
import os
import signal
import subprocess

import pytest

from support import build
from support.broker import free_ports
from support.wait import DEADLINE, wait_until

WILD = 'a "quoted"\ttab\nnewline\x1b[2J \x9b \u202e back\u2028slash\\ \x7f привет \U0001f600'


class Result:
    def __init__(self, done: subprocess.CompletedProcess):
        self.status = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()
        self.lines = self.out.splitlines()
        build.assert_clean(self.err, "zchat")


@pytest.fixture
def run(tmp_path):
    """run (broker, "send", "-r", room, "hi", input=b"") to the end."""

    def go(broker, command, *arguments, input=b"", env=None):
        endpoint = broker if isinstance(broker, str) else broker.door
        done = subprocess.run(
            [build.zchat(), command, "-e", endpoint, *arguments], input=input,
            capture_output=True, timeout=2 * DEADLINE,
            env=build.environment(HOME=str(tmp_path), **(env or {})),
        )  # fmt: skip
        return Result(done)

    return go


@pytest.fixture
def room(name):
    return name("tools")


def texts(run, broker, room):
    records = run(broker, "history", "-r", room, "--all", "--json").lines
    return [json.loads(record)["text"] for record in records]


# --- send


def test_send_is_done_when_it_is_stored(run, shared_broker, room, name):
    bob = name("bob")
    done = run(shared_broker, "send", "-r", room, "--nick", bob, "two", "words")
    assert (done.status, done.out, done.err) == (0, "", "")
    line = run(shared_broker, "history", "-r", room).lines
    assert len(line) == 1
    columns = line[0].split("\t")
    assert columns[:2] == [room, "1"] and columns[3:] == ["say", bob, "two words"]


def test_send_takes_standard_input_as_one_message(run, shared_broker, room, name):
    done = run(shared_broker, "send", "-r", room, "--nick", name(), input=WILD.encode() + b"\n")
    assert (done.status, done.err) == (0, "")
    assert texts(run, shared_broker, room) == [WILD]


def test_send_lines_of_any_amount_in_order(run, shared_broker, room, name):
    lines = [f"line {i} " + "x" * (i % 97) for i in range(1, 25001)]
    text = "\n\n".join(lines)  # empty lines say nothing; the last one needs no end
    done = run(shared_broker, "send", "-r", room, "--nick", name(), "--lines", input=text.encode())
    assert (done.status, done.err) == (0, "")
    assert texts(run, shared_broker, room) == lines


@pytest.mark.parametrize(
    "bad, why", [(b"x" * 65537, "65536"), (b"x" * 300000, "65536"), (b"\xff", "UTF-8"), (b"a\0", "NUL")],
    ids=["over", "far-over", "utf8", "nul"],
)
def test_a_bad_line_ends_it_behind_what_was_good(run, shared_broker, room, name, bad, why):
    text = b"one\n\n" + b"y" * 65536 + b"\r\n" + bad + b"\nnever\n"
    done = run(
        shared_broker, "send", "-r", room, "--nick", name(), "--lines", "--strict", input=text
    )
    assert done.status == 65
    assert done.err.startswith("zchat: line 4: ") and why in done.err
    assert texts(run, shared_broker, room) == ["one", "y" * 65536]


@pytest.mark.parametrize(
    "text, strict", [(b"", ()), (b"\n", ()), (b"x" * 65537, ()), (b"\xc3", ("--strict",))],
    ids=["nothing", "newline", "over", "utf8"],
)
def test_a_bad_message_is_not_sent(run, shared_broker, room, name, text, strict):
    done = run(shared_broker, "send", "-r", room, "--nick", name(), *strict, input=text)
    assert (done.status, done.err.count("\n")) == (65, 1)
    assert texts(run, shared_broker, room) == []


def test_what_is_no_text_is_mended_and_told(run, shared_broker, room, name):
    text = b"caf\xe9\r\na\0b\n" + "я".encode() * 40000 + b"\nlast"
    done = run(shared_broker, "send", "-r", room, "--nick", name(), "--lines", input=text)
    assert done.status == 0
    sent = texts(run, shared_broker, room)
    assert sent == ["caf\ufffd", "a\u2400b", "я" * 32768, "я" * 7232, "last"]
    assert "line 1; 1 bytes not UTF-8" in done.err and "line 3; too long, 2 messages" in done.err
    whole = run(shared_broker, "send", "-r", room, "--nick", name(), input=b"a\r\nb\xff\r\n")
    assert whole.status == 0 and texts(run, shared_broker, room)[-1] == "a\nb\ufffd"


@pytest.mark.parametrize("wrong", ["unreachable", "refused", "strict"])
def test_who_writes_is_never_killed(shared_broker, room, name, wrong, tmp_path):
    """make | zchat send: whatever becomes of the messages, make goes on to its end."""
    endpoint = "tcp://127.0.0.1:9" if wrong == "unreachable" else shared_broker.door
    user = "root" if wrong == "refused" else name()
    script = (
        "(printf 'bad \\377\\n'; yes | head -c 3000000; echo made >\"$OUT\") | "
        '"$ZCHAT" send -e "$E" -r "$R" --nick "$N" --lines $STRICT --timeout 1'
    )
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, timeout=DEADLINE,
        env=build.environment(OUT=str(tmp_path / "made"), ZCHAT=str(build.zchat()), E=endpoint, R=room,
                              N=user, STRICT="--strict" if wrong == "strict" else "",
                              HOME=str(tmp_path)),
    )  # fmt: skip
    assert done.returncode == {"unreachable": 69, "refused": 77, "strict": 65}[wrong], done.stderr
    assert (tmp_path / "made").read_text() == "made\n"


def test_data_and_action_go_with_it(run, shared_broker, room, name):
    arguments = ("-r", room, "--nick", name(), "--action", "--data", '{"z":1,"a":{"b":[2]}}', "waves")
    assert run(shared_broker, "send", *arguments).status == 0
    record = json.loads(run(shared_broker, "history", "-r", room, "--json").out)
    assert (record["type"], record["text"], record["seq"]) == ("action", "waves", 1)
    assert list(record["data"].items()) == [("z", 1), ("a", {"b": [2]})]
    for bad in ("[1]", "{", '{"a":"' + "x" * 4096 + '"}'):
        assert run(shared_broker, "send", "-r", room, "--data", bad, "x").status == 65


def test_a_name_in_use_is_refused_but_a_login_name_gives_way(
    run, zchat, shared_broker, room, name
):
    ann = name("ann")
    holder = zchat("listen", "-e", shared_broker.door, "-r", room, "--nick", ann)
    wait_until(lambda: "ready\n" in holder.err, what="the listener to be ready")
    assert run(shared_broker, "who", "-r", room).lines == [ann]
    refused = run(shared_broker, "send", "-r", room, "--timeout", "1", "--nick", ann, "hi")
    assert refused.status == 77 and "name" in refused.err
    chosen = run(shared_broker, "send", "-r", room, "--timeout", "1", "hi", env={"ZCHAT_NICK": ann})
    assert chosen.status == 77
    assert run(shared_broker, "send", "-r", room, "hi", env={"USER": ann}).status == 0
    user = json.loads(run(shared_broker, "history", "-r", room, "--json").out)["user"]
    assert user.startswith(ann + "-")


def test_names_that_nobody_chose_give_way(run, shared_broker, room, name):
    """root and its like are reserved: cron, CI and sudo have nothing else to say."""
    for login in ("root", "admin", "ROOT", "админ"):
        assert run(shared_broker, "send", "-r", room, "hi", env={"USER": login}).status == 0
        user = json.loads(run(shared_broker, "history", "-r", room, "-n", "1", "--json").out)["user"]
        assert user.startswith(login + "-")
        assert run(shared_broker, "react", "-r", room, "1", "+1", env={"USER": login}).status == 0
    assert run(shared_broker, "send", "-r", room, "hi", env={"USER": "", "LOGNAME": ""}).status == 0
    refused = run(shared_broker, "send", "-r", room, "--nick", "root", "hi")
    assert refused.status == 77  # who chose it is told


def test_one_name_many_times_at_once(zchat, shared_broker, room, name, run):
    """A chosen name that is in use is waited for."""
    senders = [
        zchat("send", "-e", shared_broker.door, "-r", room, "--nick", (ci := "ci" + room), f"{i}")
        for i in range(6)
    ]
    assert [sender.wait() for sender in senders] == [0] * 6
    sent = [json.loads(line) for line in run(shared_broker, "history", "-r", room, "--json").lines]
    assert sorted(e["text"] for e in sent) == [str(i) for i in range(6)]
    assert {e["user"] for e in sent} == {ci}


def test_a_name_is_waited_for_without_end(zchat, shared_broker, room, name):
    ann = name("ann")
    holder = zchat("listen", "-e", shared_broker.door, "-r", room, "--nick", ann)
    wait_until(lambda: "ready\n" in holder.err, what="the listener to be ready")
    waiting = zchat(
        "send", "-e", shared_broker.door, "-r", room, "--nick", ann, "--timeout", "none", "hi"
    )
    assert waiting.process.poll() is None
    holder.process.terminate()
    assert waiting.wait() == 0


def test_sending_goes_on_over_a_killed_broker(run, zchat, brokers, room, name):
    broker = brokers()
    lines = [f"{i}" for i in range(1, 60001)]
    listener = zchat("listen", "-e", broker.door, "-r", room, "--json")
    wait_until(lambda: "ready\n" in listener.err, what="the listener to be ready")
    sender = zchat("send", "-e", broker.door, "-r", room, "--nick", name(), "--lines")
    sender.process.stdin.write("\n".join(lines).encode())
    sender.process.stdin.flush()
    wait_until(lambda: len(listener.lines) > 100, what="messages to flow")
    broker.kill()
    broker.start()
    assert sender.eof() == 0, sender.err
    wait_until(lambda: len(listener.lines) == len(lines), what="all messages heard")
    records = [json.loads(line) for line in listener.lines]
    assert [record["text"] for record in records] == lines
    assert [record["seq"] for record in records] == list(range(1, len(lines) + 1))


# --- listen


def test_records_are_one_line_harmless_and_exact(run, shared_broker, room, name):
    run(shared_broker, "send", "-r", room, "--nick", name(), input=WILD.encode())
    as_json = run(shared_broker, "listen", "-r", room, "-n", "1", "--count", "1", "--json")
    assert as_json.status == 0 and json.loads(as_json.out)["text"] == WILD
    as_text = run(shared_broker, "listen", "-r", room, "-n", "1", "--count", "1")
    assert as_text.status == 0 and as_text.out.count("\t") == 5
    for out in (as_json.out, as_text.out):
        assert out.endswith("\n")
        assert not set(out[:-1]) & set("\n\x1b\x7f\x9b\u202e\u2028")
    assert as_json.out.isascii() and "привет" in as_text.out


def test_listen_begins_where_it_is_told(run, shared_broker, room, name):
    run(shared_broker, "send", "-r", room, "--nick", name(), "--lines", input=b"1\n2\n3\n4\n")

    def heard(*arguments):
        result = run(shared_broker, "listen", "-r", room, "--json", *arguments)
        assert result.status == 0, result.err
        return [json.loads(line)["seq"] for line in result.lines]

    assert heard("--since", "1", "--count", "2") == [2, 3]
    assert heard("-n", "2", "--count", "2") == [3, 4]
    assert heard("--after", "1", "--count", "2") == [2, 3]
    nothing = run(shared_broker, "listen", "-r", room, "--since", "4", "--timeout", "1")
    assert (nothing.status, nothing.out, nothing.err) == (124, "", "ready\n")


def test_listen_tells_who_comes_only_when_asked(zchat, client, shared_broker, room, name):
    plain = zchat("listen", "-e", shared_broker.door, "-r", room, "--json")
    nosy = zchat("listen", "-e", shared_broker.door, "-r", room, "--json", "--presence")
    for listener in (plain, nosy):
        wait_until(lambda: "ready\n" in listener.err, what="the listener to be ready")
    bob = client(shared_broker, name("bob"), room)
    bob.say(room, "hello")
    wait_until(lambda: len(plain.lines) == 1, what="the message")
    wait_until(lambda: len(nosy.lines) == 2, what="the message and who came")
    first, second = (json.loads(line) for line in nosy.lines)
    assert (first["type"], first["seq"], second["text"]) == ("join", None, "hello")
    assert json.loads(plain.lines[0])["text"] == "hello"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it(zchat, shared_broker, room, number, status):
    listener = zchat("listen", "-e", shared_broker.door, "-r", room)
    wait_until(lambda: "ready\n" in listener.err, what="the listener to be ready")
    listener.process.send_signal(number)
    assert listener.wait() == status


def test_a_signal_ends_it_before_a_reader_who_stands_still(run, shared_broker, room, name, tmp_path):
    text = "\n".join("x" * 1000 for _ in range(2000)).encode()
    assert run(shared_broker, "send", "-r", room, "--nick", name(), "--lines", input=text).status == 0
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [build.zchat(), "history", "-e", shared_broker.door, "-r", room, "--all"],
        stdout=writer, env=build.environment(HOME=str(tmp_path)),
    )  # fmt: skip
    os.close(writer)
    try:
        assert len(os.read(reader, 4096)) > 0  # it has begun, and the pipe fills up
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
    finally:
        os.close(reader)
        process.kill()
        process.wait()


def test_a_reader_who_leaves_is_no_error(shared_broker, room, tmp_path):
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [build.zchat(), "listen", "-e", shared_broker.door, "-r", room],
        stdout=writer, stderr=subprocess.PIPE, env=build.environment(HOME=str(tmp_path)),
    )  # fmt: skip
    os.close(writer)
    assert process.stderr.readline() == b"ready\n"
    os.close(reader)  # nothing is said any more: it is noticed all the same
    assert process.wait(DEADLINE) == 0
    assert process.stderr.read() == f"zchat: {room}: nobody has spoken there yet\n".encode()
    process.stderr.close()


def test_a_full_disk_is_told(shared_broker, tmp_path):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [build.zchat(), "--help"], stdout=full, env=build.environment(HOME=str(tmp_path))
        )
    assert done.returncode == 71


# --- history, who, rooms


def test_history_pages(run, shared_broker, room, name):
    text = "\n".join(str(i) for i in range(1, 2301)).encode()
    run(shared_broker, "send", "-r", room, "--nick", name(), "--lines", input=text)

    def seqs(*arguments):
        result = run(shared_broker, "history", "-r", room, *arguments)
        assert result.status == 0, result.err
        return [int(line.split("\t")[1]) for line in result.lines]

    assert seqs() == list(range(2201, 2301))
    assert seqs("--all") == list(range(1, 2301))
    assert seqs("-n", "1500") == list(range(801, 2301))
    assert seqs("-n", "3", "--before", "5") == [2, 3, 4]
    assert seqs("-n", "9", "--before", "3") == [1, 2]
    assert seqs("--before", "1") == []
    assert seqs("--all", "--before", "1200") == list(range(1, 1200))
    assert seqs("--after", "1000") == list(range(1001, 2301))
    assert seqs("--after", "0", "-n", "2") == [1, 2]
    assert seqs("--after", "2300") == []
    assert seqs("-n", "0") == []


def test_history_of_nothing(run, shared_broker, room):
    done = run(shared_broker, "history", "-r", room)
    assert (done.status, done.out) == (0, "") and "nobody has spoken there yet" in done.err
    beyond = run(shared_broker, "history", "-r", room, "--after", "7")
    assert beyond.status == 0 and beyond.out == "" and "nothing after 7" in beyond.err


def test_rooms_and_who(run, brokers, client, room, name):
    broker = brokers()
    assert run(broker, "rooms").out == ""
    bob = client(broker, name("bob"), room)
    bob.say(room, "hi")
    assert run(broker, "rooms").out == f"{room}\t1\t1\t\n"
    told = json.loads(run(broker, "rooms", "--json").out)
    assert told["room"] == room and len(told["log"]) == 32
    assert json.loads(run(broker, "who", "-r", room, "--json").out)["users"] == [bob.user]


# --- failure


@pytest.mark.parametrize(
    "command", [("send", "-r", "x", "hi"), ("listen", "-r", "x"), ("who", "-r", "x"), ("rooms",), ("history", "-r", "x")]
)
def test_no_broker_is_one_clear_line(run, command):
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    done = run(endpoint, *command, "--timeout", "0.7")
    assert (done.status, done.out, done.err.count("\n")) == (69, "", 1)
    assert done.err.startswith(f"zchat: no broker at {endpoint} (")


def test_a_broker_that_comes_late_is_found(zchat, brokers, room, name):
    broker = brokers(start=False)
    sender = zchat("send", "-e", broker.door, "-r", room, "--nick", name(), "late", "--timeout", "40")
    broker.start()
    assert sender.wait() == 0


def test_a_broker_that_falls_silent_is_given_up(zchat, run, brokers, room, name):
    broker = brokers()
    sender = zchat("send", "-e", broker.door, "-r", room, "--nick", name(), "--lines", "--timeout", "1")
    sender.type("one")
    # Before its HELLO is answered a silent broker is one that is not there, which is said otherwise.
    wait_until(lambda: "one" in run(broker, "history", "-r", room).out, what="the sender to be heard")
    broker.process.send_signal(signal.SIGSTOP)
    try:
        sender.type("two")
        wait_until(lambda: "did not answer" in sender.err, what="the sender to give up")
        sender.type("three")  # whoever writes may go on
        assert sender.eof() == 69
    finally:
        broker.process.send_signal(signal.SIGCONT)
    assert "zchat: " in sender.err


@pytest.mark.parametrize(
    "arguments", [("send", "hi"), ("send", "-r", "a b", "hi"), ("snd",), ("listen", "-r", "x", "--count", "0"), ("rooms", "-r", "x")]
)
def test_usage_errors_name_the_help(run, shared_broker, arguments):
    done = run(shared_broker, *arguments)
    assert (done.status, done.out) == (64, "")
    assert "--help" in done.err.splitlines()[-1]
