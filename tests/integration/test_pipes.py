"""zchat listen as part of a pipe that loses nothing: --state, --exec, --until-head, --all-rooms, -F, -0, --quiet."""

import array
import fcntl
import json
import os
import signal
import subprocess
import termios

import pytest

from support import build
from support.wait import DEADLINE, wait_until


@pytest.fixture
def run(tmp_path):
    """run (broker, "listen", ...) to its end."""

    def go(broker, command, *arguments, input=b"", env=None, cwd=None):
        done = subprocess.run(
            [build.zchat(), command, "-e", getattr(broker, "door", broker), *arguments],
            input=input, capture_output=True, timeout=2 * DEADLINE, cwd=cwd,
            env=build.environment(**{"HOME": str(tmp_path), **(env or {})}),
        )  # fmt: skip
        build.assert_clean(done.stderr.decode(errors="replace"), "zchat")
        return done

    return go


@pytest.fixture
def say(run, name):
    bob = name("bob")

    def go(broker, room, *texts):
        done = run(broker, "send", "-r", room, "--nick", bob, "--lines", input="\n".join(texts).encode())
        assert done.returncode == 0, done.stderr

    return go


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def room(name):
    return name("pipe")


def heard(done):
    return [json.loads(line)["text"] for line in done.stdout.splitlines()]


def cursor(state, room):
    places = dict(reversed(line.split(" ", 1)) for line in state.read_text().splitlines()[2:])
    return int(places.get(room, 0))


# --- --state


def test_listen_goes_on_where_it_was(run, say, shared_broker, room, state):
    say(shared_broker, room, "one", "two")
    listen = ["listen", "-r", room, "--state", str(state), "--until-head", "--json"]
    first = run(shared_broker, *listen, "--since", "0")
    assert (first.returncode, heard(first)) == (0, ["one", "two"])
    assert state.read_text().splitlines()[0] == "zchat listen state 1"
    assert cursor(state, room) == 2
    say(shared_broker, room, "three")
    again = run(shared_broker, *listen, "--since", "0")
    assert (again.returncode, heard(again)) == (0, ["three"])
    assert run(shared_broker, *listen).stdout == b""


def test_a_new_state_begins_now_and_keeps_that(run, say, shared_broker, room, state):
    say(shared_broker, room, "before")
    listen = ["listen", "-r", room, "--state", str(state), "--until-head", "--json"]
    assert heard(run(shared_broker, *listen)) == []
    assert cursor(state, room) == 1
    say(shared_broker, room, "after")
    assert heard(run(shared_broker, *listen)) == ["after"]


def test_a_room_where_nobody_spoke_is_kept_too(run, say, shared_broker, room, state):
    listen = ["listen", "-r", room, "--state", str(state), "--until-head", "--json"]
    assert heard(run(shared_broker, *listen)) == []
    say(shared_broker, room, "first")
    assert heard(run(shared_broker, *listen)) == ["first"]


def test_the_cursor_stays_where_nobody_read(run, say, broker, room, state, tmp_path):
    """Killed while the pipe is full: no line counts that did not go into the pipe."""
    say(broker, room, *[f"{n} {'x' * 1000}" for n in range(300)])
    reads, writes = os.pipe()
    process = subprocess.Popen(
        [build.zchat(), "listen", "-e", broker.door, "-r", room, "--state", str(state), "--since", "0", "--json"],
        stdout=writes, stderr=subprocess.DEVNULL, env=build.environment(HOME=str(tmp_path)),
    )  # fmt: skip
    os.close(writes)
    waiting = array.array("i", [0])
    wait_until(lambda: fcntl.ioctl(reads, termios.FIONREAD, waiting) == 0 and waiting[0] > 65536 - 4096, what="it is full")
    process.kill()
    process.wait(DEADLINE)
    with open(reads, "rb") as pipe:
        written = len(pipe.read().split(b"\n")) - 1
    taken = cursor(state, room) if state.exists() else 0
    assert taken <= written < 300
    rest = run(broker, "listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "--json")
    assert [json.loads(one)["seq"] for one in rest.stdout.splitlines()] == list(range(taken + 1, 301))


def test_the_cursor_stays_where_the_reader_is_gone(run, say, broker, room, state, tmp_path):
    say(broker, room, *[f"{n} {'x' * 1000}" for n in range(300)])
    process = subprocess.Popen(
        [build.zchat(), "listen", "-e", broker.door, "-r", room, "--state", str(state), "--since", "0", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=build.environment(HOME=str(tmp_path)), bufsize=0,
    )  # fmt: skip
    assert process.stdout.read(1) == b"{"
    process.stdout.close()
    assert process.wait(DEADLINE) == 0
    assert not state.exists() or cursor(state, room) <= 65  # what the pipe holds


def test_nothing_is_lost_over_kills(run, say, broker, room, state, tmp_path):
    """listen and the broker are killed again and again; the file holds every message at least once, in order."""
    out = tmp_path / "heard"
    count = 400
    speaker = subprocess.Popen(
        [build.zchat(), "send", "-e", broker.door, "-r", room, "--nick", "bob", "--lines", "--timeout", "none"],
        stdin=subprocess.PIPE, env=build.environment(HOME=str(tmp_path)),
    )  # fmt: skip
    said = 0
    for turn in range(8):
        with out.open("ab") as file:
            listener = subprocess.Popen(
                [build.zchat(), "listen", "-e", broker.door, "-r", room, "--state", str(state), "--since", "0",
                 "--json"], stdout=file, stderr=subprocess.DEVNULL, env=build.environment(HOME=str(tmp_path)),
            )  # fmt: skip
        size = out.stat().st_size
        for _ in range(count // 8):
            said += 1
            speaker.stdin.write(b"%d\n" % said)
        speaker.stdin.flush()
        wait_until(lambda: out.stat().st_size > size, what="something is heard")  # noqa: B023
        listener.kill()
        listener.wait(DEADLINE)
        if turn % 3 == 1:
            broker.kill()
            broker.start()
    speaker.stdin.close()
    assert speaker.wait(4 * DEADLINE) == 0
    last = run(broker, "listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "--json")
    assert last.returncode == 0
    lines = out.read_bytes().split(b"\n") + last.stdout.splitlines()
    seqs = []
    for line in lines:
        try:
            seqs.append(json.loads(line)["seq"])
        except ValueError:
            continue  # cut off by the kill; it comes again whole
    assert sorted(set(seqs)) == list(range(1, count + 1))
    newest = 0
    for seq in seqs:  # a restart goes back, but never leaves a gap
        assert seq <= newest + 1
        newest = max(newest, seq)


@pytest.mark.parametrize("content", [b"", b"hello\n", b"zchat listen state 1\n", b"\0" * 10, b"x" * 2_000_000],
                         ids=["empty", "other", "cut", "NUL", "huge"])  # fmt: skip
def test_a_damaged_state_is_told_and_left_alone(run, shared_broker, room, state, content):
    state.write_bytes(content)
    done = run(shared_broker, "listen", "-r", room, "--state", str(state), "--until-head")
    assert done.returncode == 65
    assert str(state) in done.stderr.decode()
    assert state.read_bytes() == content


def test_a_folder_and_a_missing_folder_are_no_state(run, shared_broker, room, tmp_path):
    for path in (tmp_path, tmp_path / "nowhere" / "state"):
        done = run(shared_broker, "listen", "-r", room, "--state", str(path), "--until-head")
        assert done.returncode == 71
        assert str(path) in done.stderr.decode()


def test_one_state_serves_one_listener(run, zchat, shared_broker, room, state):
    first = zchat("listen", "-e", shared_broker.door, "-r", room, "--state", str(state))
    wait_until(lambda: "ready" in first.err, what="ready")
    done = run(shared_broker, "listen", "-r", room, "--state", str(state), "--until-head")
    assert done.returncode == 71
    assert "in use" in done.stderr.decode()
    first.kill()
    assert run(shared_broker, "listen", "-r", room, "--state", str(state), "--until-head").returncode == 0


def test_another_log_is_read_from_its_beginning(run, say, brokers, room, state):
    one, two = brokers(), brokers()
    say(one, room, "old", "older")
    listen = ["listen", "-r", room, "--state", str(state), "--until-head", "--json"]
    assert heard(run(one, *listen, "--since", "0")) == ["old", "older"]
    say(two, room, "new")
    done = run(two, *listen)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record.get("text", record["type"]) for record in records] == ["log_replaced", "new"]
    assert cursor(state, room) == 1
    assert heard(run(two, *listen)) == []


# --- --until-head


def test_until_head_reads_all_and_ends(run, say, shared_broker, name):
    rooms = [name("a"), name("b"), name("c")]
    say(shared_broker, rooms[0], *map(str, range(1500)))
    say(shared_broker, rooms[1], "x")
    arguments = [word for room in rooms for word in ("-r", room)]
    done = run(shared_broker, "listen", *arguments, "--since", "0", "--until-head", "--json")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1501


# --- --exec


@pytest.fixture
def command(tmp_path):
    """A command that notes what it was given, and fails as the file `fails` says: that many times."""
    path = tmp_path / "command"
    path.write_text(
        "#!/bin/sh\n"
        'n=$(cat "$2/fails" 2>/dev/null || echo 0)\n'
        'printf "%s %s %s %s %s %s %s|" "$1" "$ZCHAT_ID" "$ZCHAT_TYPE" "$ZCHAT_USER" "$ZCHAT_ATTEMPT" "$n" '
        '"${#ZCHAT_LOG}" >> "$2/noted"\n'
        'cat >> "$2/noted"\n'
        'if [ "$n" -gt 0 ]; then echo $((n - 1)) > "$2/fails"; exit 3; fi\n'
    )
    path.chmod(0o755)
    return path


def noted(tmp_path):
    path = tmp_path / "noted"
    return path.read_text().splitlines() if path.exists() else []


def test_exec_gets_the_record_and_moves_on(run, say, shared_broker, room, state, command, tmp_path):
    say(shared_broker, room, "a $(touch x) `b`", "two")
    done = run(
        shared_broker, "listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "-F", "%m",
        "--exec", str(command), "--", "first argument", str(tmp_path),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    bob = noted(tmp_path)[0].split()[4]
    assert noted(tmp_path) == [
        f"first argument {room}/1 say {bob} 1 0 32|a $(touch x) `b`", f"first argument {room}/2 say {bob} 1 0 32|two"
    ]  # fmt: skip
    assert cursor(state, room) == 2
    assert not (tmp_path / "x").exists()


def test_exec_tries_again_and_keeps_the_order(run, say, shared_broker, room, state, command, tmp_path):
    say(shared_broker, room, "one", "two")
    (tmp_path / "fails").write_text("2\n")
    done = run(
        shared_broker, "listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "-F", "%m",
        "--exec", str(command), "--", "-", str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0
    assert [line.split("|")[1] for line in noted(tmp_path)] == ["one", "one", "one", "two"]
    assert [line.split()[4] for line in noted(tmp_path)] == ["1", "2", "3", "1"]
    assert "ended with 3, attempt 1; once more in 0.5 s" in done.stderr.decode()


def test_exec_max_ends_the_run_with_the_message_not_done(run, say, shared_broker, room, state, command, tmp_path):
    say(shared_broker, room, "one", "two")
    listen = ["listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "-F", "%m", "--exec",
              str(command), "--exec-max", "2", "--", "-", str(tmp_path)]  # fmt: skip
    (tmp_path / "fails").write_text("2\n")
    done = run(shared_broker, *listen)
    assert done.returncode == 75
    assert f"{room}/1: {command} ended with 3, attempt 2 of 2" in done.stderr.decode()
    assert not state.exists() or cursor(state, room) == 0
    assert run(shared_broker, *listen).returncode == 0
    assert [line.split("|")[1] for line in noted(tmp_path)] == ["one", "one", "one", "two"]


def test_a_command_that_is_not_there_is_a_mistake(run, say, shared_broker, room, tmp_path):
    say(shared_broker, room, "one")
    done = run(shared_broker, "listen", "-r", room, "--since", "0", "--until-head", "--exec", str(tmp_path / "none"))
    assert done.returncode == 71
    assert "could not be started: No such file" in done.stderr.decode()


def test_a_shell_is_asked_for(run, say, shared_broker, room, tmp_path):
    say(shared_broker, room, "one")
    done = run(
        shared_broker, "listen", "-r", room, "--since", "0", "--until-head", "-F", "%u %m", "-e", shared_broker.door,
        "--exec", "sh", "--", "-c", "tr a-z A-Z; echo $ZCHAT_SEQ",
    )  # fmt: skip
    assert done.stdout.endswith(b" ONE\n1\n")


def test_a_large_record_that_nobody_reads_stops_nothing(run, say, shared_broker, room):
    say(shared_broker, room, "x" * 65536, "y")
    done = run(
        shared_broker, "listen", "-r", room, "--since", "0", "--until-head", "--json", "--exec", "sh", "--", "-c",
        'echo "$ZCHAT_SEQ"',
    )  # fmt: skip
    assert done.stdout == b"1\n2\n"


def test_exec_is_ended_with_us_and_comes_again(run, say, zchat, shared_broker, room, state, tmp_path):
    """SIGTERM reaches the command; what it did not finish is handed over again."""
    say(shared_broker, room, "one")
    mark = tmp_path / "mark"
    slow = 'trap "echo ended >> $0; exit 1" TERM; echo began >> $0; while :; do sleep 0.05; done'
    listener = zchat(
        "listen", "-e", shared_broker.door, "-r", room, "--state", str(state), "--since", "0", "--exec", "sh", "--",
        "-c", slow, str(mark),
    )  # fmt: skip
    wait_until(lambda: mark.exists() and "began" in mark.read_text(), what="the command runs")
    listener.process.send_signal(signal.SIGTERM)
    assert listener.wait() == 143
    assert mark.read_text().split() == ["began", "ended"]
    again = run(shared_broker, "listen", "-r", room, "--state", str(state), "--since", "0", "--until-head", "-F", "%m")
    assert again.stdout == b"one\n"


def test_exec_loses_nothing_over_kills(run, say, broker, room, state, tmp_path):
    log = tmp_path / "log"
    say(broker, room, *map(str, range(60)))
    arguments = ["-r", room, "--state", str(state), "--since", "0", "--exec", "sh", "--", "-c",
                 'echo "$ZCHAT_SEQ" >> "$0"', str(log)]  # fmt: skip
    for turn in range(4):
        process = subprocess.Popen(
            [build.zchat(), "listen", "-e", broker.door, *arguments], stderr=subprocess.DEVNULL,
            env=build.environment(HOME=str(tmp_path)),
        )  # fmt: skip
        size = log.stat().st_size if log.exists() else 0
        wait_until(lambda: log.exists() and log.stat().st_size > size + 10, what="some are done")  # noqa: B023
        process.kill()
        process.wait(DEADLINE)
        if turn == 1:
            broker.kill()
            broker.start()
    done = run(broker, "listen", "--until-head", *arguments)
    assert done.returncode == 0, done.stderr
    seqs = [int(line) for line in log.read_text().split()]
    assert sorted(set(seqs)) == list(range(1, 61))


# --- --all-rooms


def test_all_rooms_are_heard_new_ones_too(run, say, zchat, broker, state):
    say(broker, "one", "1")
    say(broker, "two", "2")
    done = run(broker, "listen", "--all-rooms", "--state", str(state), "--since", "0", "--until-head", "-F", "%i %m")
    assert sorted(done.stdout.decode().splitlines()) == ["one/1 1", "two/1 2"]
    say(broker, "three", "3")
    say(broker, "one", "4")
    done = run(broker, "listen", "--all-rooms", "--state", str(state), "--until-head", "-F", "%i %m")
    assert sorted(done.stdout.decode().splitlines()) == ["one/2 4", "three/1 3"]


def test_a_broker_without_rooms_is_heard_as_well(run, broker):
    done = run(broker, "listen", "--all-rooms", "--until-head")
    assert (done.returncode, done.stdout) == (0, b"")


# --- -F, -0, --quiet


def test_a_format_says_what_is_written(run, say, shared_broker, room):
    say(shared_broker, room, "hi\t\x1b[2J there")
    listen = ["listen", "-r", room, "--since", "0", "--until-head"]
    shown = run(shared_broker, *listen, "-F", r"%r %s %i %y [%m] 100%%\t%e%d|\\n").stdout
    assert shown == f"{room} 1 {room}/1 say [hi^I^[[2J there] 100%\t|\\n\n".encode()
    exact = run(shared_broker, *listen, "-0", "-F", "%m").stdout
    assert exact == b"hi\t\x1b[2J there\0"
    assert run(shared_broker, "history", "-r", room, "-F", "%s %m", "-0").stdout == b"1 hi\t\x1b[2J there\0"
    record = run(shared_broker, *listen, "--json", "-0").stdout
    assert record.endswith(b"}\0") and b"\n" not in record
    assert len(run(shared_broker, *listen, "-F", "%T %t %l %u").stdout.split()) == 4


@pytest.mark.parametrize("wrong", ["", "%", "%q", "\\", "\\x", "x" * 5000, "%-5s"])
def test_a_wrong_format_is_refused(run, shared_broker, room, wrong):
    done = run(shared_broker, "listen", "-r", room, "-F", wrong)
    assert done.returncode == 64
    assert "--format" in done.stderr.decode()


def test_quiet_says_nothing_but_why_it_failed(run, say, shared_broker, room):
    say(shared_broker, room, "x")
    done = run(shared_broker, "listen", "-r", room, "--since", "0", "--until-head", "--quiet", "-F", "%m")
    assert (done.stdout, done.stderr) == (b"x\n", b"")
    done = run("tcp://127.0.0.1:1", "listen", "-r", room, "--quiet", "--timeout", "0.2")
    assert done.returncode == 69
    assert b"no broker" in done.stderr
    done = run(shared_broker, "send", "-r", room, "--nick", "bob", "--lines", "-q", input=b"a\xffb\n")
    assert (done.returncode, done.stderr) == (0, b"")


# --- combinations that make no sense


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--exec-max", "2"], "--exec-max goes with --exec"),
        (["--exec", ""], "no command is given"),
        (["--state", ""], "no file is given"),
        (["--state", "s", "--log", "0" * 32, "--since", "1"], "exclude each other"),
        (["-F", "%m", "--json"], "exclude each other"),
        (["--all-rooms"], "exclude each other"),
        (["--exec", "true", "word", "--", "argument"], "takes no 'word'"),
        (["--", "argument"], "takes no 'argument'"),
    ],
)
def test_what_does_not_go_together(run, shared_broker, room, arguments, said):
    done = run(shared_broker, "listen", "-r", room, *arguments)
    assert done.returncode == 64
    assert said in done.stderr.decode()


# --- send --lines


def test_skip_leaves_out_what_is_wrong_and_goes_on(run, shared_broker, room, name):
    lines = [b"one", b"\xff\xfe", b"two", b"x" * 65537, b"three", *[b"\xff"] * 5, b"four"]
    done = run(
        shared_broker, "send", "-r", room, "--nick", name("bob"), "--lines", "--skip", input=b"\n".join(lines) + b"\n"
    )
    assert done.returncode == 65
    said = done.stderr.decode().splitlines()
    assert said[0].startswith("zchat: line 2: ") and said[0].endswith("; it is left out")
    assert said[1].startswith("zchat: line 4: the message is over the limit")
    assert said[-1] == "zchat: lines left out in all: 7"
    assert run(shared_broker, "history", "-r", room, "-F", "%m").stdout == b"one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize("how", [[], ["--skip"], ["--strict"]])
def test_who_writes_into_send_is_never_killed(shared_broker, room, name, tmp_path, how):
    script = (
        "set -o pipefail; { for i in $(seq 200); do printf '%01000d\\n' $i || exit 9; printf '\\xff\\n' || exit 9; "
        f"done; echo ended > ended; }} 2>/dev/null | {build.zchat()} send -e {shared_broker.door} -r {room} "
        f"--nick {name('bob')} --lines {' '.join(how)}"
    )
    subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, timeout=2 * DEADLINE,
                   env=build.environment(HOME=str(tmp_path)))  # fmt: skip
    assert (tmp_path / "ended").exists()


def test_the_mailbox_has_a_place_too(run, safe, state, tmp_path):
    alice, bob = ({"HOME": str(tmp_path / who)} for who in ("alice", "bob"))
    for home in (alice, bob):
        (tmp_path / home["HOME"]).mkdir()
    listen = ["listen", "--nick", "bob", "--mail", "--state", str(state), "--since", "0", "--until-head", "-F", "%i %y %m"]
    assert run(safe.address, *listen, env=bob).returncode == 0
    for text in ("one", "two"):
        assert run(safe.address, "send", "--nick", "alice", "--to", "bob", text, env=alice).returncode == 0
    done = run(safe.address, *listen, env=bob)
    assert done.stdout.decode().splitlines() == ["@/1 tell one", "@/2 tell two"]
    assert cursor(state, "@") == 2
    assert run(safe.address, *listen, env=bob).stdout == b""
