"""zchatd as a program: its flags, its exit codes, its log."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest

from support import build
from support.broker import Broker, free_ports
from support.wait import wait_until

USAGE, UNAVAILABLE, CANTCREAT, TEMPFAIL, CONFIG = 64, 69, 73, 75, 78
ANY = "tcp://127.0.0.1:*"


def run(*arguments, env=None, timeout=20) -> subprocess.CompletedProcess:
    """zchatd, expected to end by itself."""
    done = subprocess.run(
        [build.zchatd(), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
        env=build.environment(**(env or {})), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd")
    return done


def fails(code: int, *arguments, env=None) -> str:
    """It ends with this code, says one clear thing, and returns what it said."""
    done = run(*arguments, env=env)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.strip(), "it ended without a word"
    return done.stderr


def test_help_and_version():
    shown = run("--help")
    assert shown.returncode == 0 and shown.stderr == ""
    for word in ("--data", "--door", "--feed", "--config", "--insecure", "--retain",
                 "--log-format", "--log-level", "--ready-fd"):  # fmt: skip
        assert word in shown.stdout, word
    version = run("--version")
    assert version.returncode == 0 and version.stdout.startswith("zchatd ")


@pytest.mark.parametrize(
    "arguments",
    [["--nonsense"], ["stray"], ["--door"], ["--log-format", "xml"], ["--log-level", "shout"],
     ["--retain", "soon"], ["--retain", "-1s"], ["--retain", "30"], ["--retain", "0d"],
     ["--retain", "99999999999999999999G"], ["--ready-fd", "x"], ["--ready-fd", "999"]],
)  # fmt: skip
def test_bad_flags(tmp_path, arguments):
    said = fails(USAGE, "--data", tmp_path / "d", "--door", ANY, "--feed", ANY, *arguments)
    assert arguments[0].lstrip("-") in said, said
    assert not (tmp_path / "d").exists(), "nothing was made before the flags were looked at"


@pytest.mark.parametrize("endpoint", ["nonsense", "tcp://", "tcp://127.0.0.1:99999", "foo://x",
                                      "tcp://127.0.0.1", "", "udp://127.0.0.1:1"])  # fmt: skip
@pytest.mark.parametrize("flag", ["--door", "--feed"])
def test_bad_endpoints(tmp_path, flag, endpoint):
    other = "--feed" if flag == "--door" else "--door"
    done = run("--data", tmp_path / "d", flag, endpoint, other, ANY)
    # 69 where only libzmq can tell; never another port than the one that was asked for
    codes = (USAGE,) if "99999" in endpoint else (USAGE, UNAVAILABLE)
    assert done.returncode in codes, (done.returncode, done.stderr)
    assert done.stderr.strip()


@pytest.mark.parametrize("which", ["door", "feed"])
def test_port_taken(tmp_path, which):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_ports(1)[0]))
        holder.listen()
        taken = f"tcp://127.0.0.1:{holder.getsockname()[1]}"
        endpoints = {"door": ANY, "feed": ANY, which: taken}
        said = fails(UNAVAILABLE, "--data", tmp_path / "d", "--door", endpoints["door"],
                     "--feed", endpoints["feed"])  # fmt: skip
        assert taken in said, said


def test_port_taken_by_another_zchatd(broker, tmp_path):
    said = fails(UNAVAILABLE, "--data", tmp_path / "d", "--door", broker.door, "--feed", ANY)
    assert broker.door in said


@pytest.mark.parametrize("path", ["/proc/zchat-data", "file", "file/below"])
def test_data_folder_not_writable(tmp_path, path):
    (tmp_path / "file").write_text("a file, no folder")
    data = path if path.startswith("/") else tmp_path / path
    said = fails(CANTCREAT, "--data", data, "--door", ANY, "--feed", ANY)
    assert str(data) in said


def test_data_folder_in_use(broker):
    said = fails(TEMPFAIL, "--data", broker.data, "--door", ANY, "--feed", ANY)
    assert str(broker.data) in said
    broker.kill()
    broker.start()  # a folder left by a killed broker is not in use


def test_a_log_that_is_none(tmp_path):
    """A damaged file is not overwritten, and not served."""
    broker = Broker(tmp_path / "b").start()
    broker.close()
    database = broker.data / "zchat.db"
    damaged = b"this is no database" * 1000
    database.write_bytes(damaged)
    done = run("--data", broker.data, "--door", ANY, "--feed", ANY)
    assert done.returncode not in (0, USAGE) and str(broker.data) in done.stderr
    assert database.read_bytes() == damaged


@pytest.mark.parametrize("host", ["*", "0.0.0.0"])
@pytest.mark.parametrize("flag", ["--door", "--feed"])
def test_other_hosts_only_when_told(brokers, door, tmp_path, flag, host):
    endpoints = {"--door": ANY, "--feed": ANY, flag: f"tcp://{host}:*"}
    flags = [part for pair in endpoints.items() for part in pair]
    done = run("--data", tmp_path / "d", *flags)
    assert done.returncode in (USAGE, CONFIG), (done.returncode, done.stderr)
    assert "--insecure" in done.stderr
    broker = brokers(doors=[endpoints["--door"]], feeds=[endpoints["--feed"]], args=["--insecure"])
    reachable = broker.door.replace("0.0.0.0", "127.0.0.1").replace("*", "127.0.0.1")
    hello = door(reachable).hello()
    assert hello["feeds"] == broker.feeds


def test_localhost_is_loopback(brokers, door):
    assert door(brokers(doors=["tcp://127.0.0.1:*"], feeds=["tcp://127.0.0.2:*"])).hello().ok


# --- the ready line


def test_ready_line_on_standard_output(tmp_path, door):
    process = subprocess.Popen(
        [build.zchatd(), "--data", str(tmp_path / "d"), "--door", ANY, "--feed", ANY],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=build.environment(),
    )  # fmt: skip
    try:
        words = process.stdout.readline().split()
        assert words[0] == "ready" and len(words) == 3
        assert words[1].startswith("door=tcp://127.0.0.1:") and "*" not in words[1]
        assert words[2].startswith("feed=tcp://127.0.0.1:") and "*" not in words[2]
        assert door(words[1][5:]).hello()["feeds"] == [words[2][5:]]
        process.send_signal(signal.SIGTERM)
        rest, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0 and rest == ""
    build.assert_clean(said, "zchatd")


def test_several_doors_and_feeds(brokers, door):
    broker = brokers(doors=[ANY, ANY], feeds=[ANY, ANY])
    assert len(set(broker.doors)) == 2 and len(set(broker.feeds)) == 2
    for endpoint in broker.doors:
        assert door(endpoint).hello()["feeds"] == broker.feeds


def test_ready_fd_that_nobody_reads(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [build.zchatd(), "--data", str(tmp_path / "d"), "--door", ANY, "--feed", ANY,
         "--ready-fd", str(writer)],
        stderr=subprocess.PIPE, text=True, env=build.environment(), pass_fds=(writer,),
    )  # fmt: skip
    os.close(writer)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)  # SIGPIPE does not end it
        process.terminate()
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, said


# --- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_in_order(brokers, client, number):
    broker = brokers()
    bob, eve = client(broker, "bob", "dev"), client(broker, "eve", "dev")
    bob.wait_for("dev", lambda e: e.type == "join")
    bob.say("dev", "last words")
    started = time.monotonic()
    assert broker.stop(number) == 0
    assert time.monotonic() - started < 15
    for each in (bob, eve):
        for user in ("bob", "eve"):
            event = each.wait_for("dev", lambda e: e.type == "leave" and e.user == user)
            assert event.data["reason"] == "closing"
        assert ("bob", "last words") in each.texts("dev")


def test_signals_with_clients_in_the_middle(brokers, door):
    """What was acknowledged before the end is there after it."""
    broker = brokers()
    bob = door(broker, "bob")
    tags = [bob.post_say("dev", f"m{i}") for i in range(500)]
    bob.reply(tags[100])
    assert broker.stop() == 0
    while bob.take(0.2):
        pass
    codes = {reply.code for reply in bob.replies.values()}
    assert codes <= {None, "closing"}, codes
    seqs = [reply["seq"] for reply in bob.replies.values() if reply.ok]
    broker.start()
    stored = [e.seq for e in door(broker).history_all("dev")]
    assert set(seqs) <= set(stored) and stored == list(range(1, len(stored) + 1))


def test_hup_and_pipe_do_not_end_it(broker, door):
    broker.process.send_signal(signal.SIGPIPE)
    broker.process.send_signal(signal.SIGWINCH)
    assert door(broker).hello().ok
    broker.check_alive()


def test_restart_on_the_same_ports_at_once(broker, door):
    for _ in range(3):
        ports = (broker.door, broker.feed)
        clients = [door(broker, f"u{i}", hello=True) for i in range(5)]
        broker.crash()
        assert (broker.door, broker.feed) == ports
        for each in clients:
            each.close()


# --- settings


def write(path, text: str):
    path.write_text(text)
    return path


def test_config_file(brokers, tmp_path, door):
    config = write(tmp_path / "zchatd.conf", "# a comment\nlog-format = json\nlog-level = \"debug\"\n")
    broker = brokers(args=["--config", str(config)])
    door(broker, "bob").hello()
    broker.stop()
    lines = [json.loads(line) for line in broker.log.splitlines()]
    assert lines


def test_flags_over_environment_over_file(tmp_path, brokers):
    ports = free_ports(3)
    file_door, env_door, flag_door = (f"tcp://127.0.0.1:{port}" for port in ports)
    config = write(tmp_path / "c", f'door = "{file_door}"\nfeed = "{ANY}"\ndata = "{tmp_path / "d"}"\n')

    def bound(*arguments, **env) -> str:
        process = subprocess.Popen(
            [build.zchatd(), "--config", str(config), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=build.environment(**env),
        )  # fmt: skip
        try:
            line = process.stdout.readline()
            process.terminate()
            _, said = process.communicate(timeout=20)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0, said
        return line.split()[1][5:]

    assert bound() == file_door
    assert bound(ZCHATD_DOOR=env_door) == env_door
    assert bound("--door", flag_door, ZCHATD_DOOR=env_door) == flag_door
    assert (tmp_path / "d").is_dir()
    other = tmp_path / "e"
    bound(ZCHATD_DATA=str(other))
    assert other.is_dir()


@pytest.mark.parametrize(
    "text", ["nonsense = 1\n", "data\n", "= x\n", "log-format = xml\n", "retain = soon\n",
             "door = " + "x" * 100_000 + "\n", "data\n    below = 1\n", "insecure = perhaps\n"],
)  # fmt: skip
def test_bad_config(tmp_path, text):
    config = write(tmp_path / "zchatd.conf", text)
    said = fails(CONFIG, "--config", config, env={"HOME": str(tmp_path)})
    assert str(config) in said, said


def test_no_config_where_one_was_named(tmp_path):
    said = fails(CONFIG, "--config", tmp_path / "none", "--data", tmp_path / "d")
    assert str(tmp_path / "none") in said


@pytest.mark.parametrize("variable", ["ZCHATD_LOG_FORMAT", "ZCHATD_RETAIN"])
def test_bad_environment(tmp_path, variable):
    done = run("--data", tmp_path / "d", "--door", ANY, "--feed", ANY, env={variable: "nonsense"})
    assert done.returncode in (USAGE, CONFIG) and variable in done.stderr


# --- the log


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_is_escaped_and_holds_no_bodies(brokers, door, form):
    broker = brokers(args=["--log-format", form, "--log-level", "debug"])
    bob = door(broker, "иван", hello=True)
    bob.hello(agent="agent\n2025-01-01 forged line\x1b[31m\u202e\x9b")
    bob.join("комната")
    bob.say("комната", "the-secret-body", data={"key": "the-secret-data"})
    bob.ask("TOPIC", "комната", "the-topic")
    bob.request("SAY", "evil\nroom\x1b[2J", "x")
    bob.exchange(b"VERB\n\x1b[31m", b"t\n", b"name\nforged")
    bob.close()
    wait_until(lambda: "lost" in broker.log, what="the log tells of the lost connection")
    broker.stop()
    raw = broker.stderr_path.read_bytes()
    text = raw.decode()  # valid UTF-8
    assert "the-secret" not in text
    assert bob.session not in text
    controls = [c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
    assert not controls and "\u202e" not in text
    assert not any(line.startswith(("2025-01-01 forged", "room", "forged")) for line in text.split("\n"))
    if form == "json":
        for line in text.splitlines():
            assert isinstance(json.loads(line), dict), line
        assert "иван" in [v for line in text.splitlines() for v in json.loads(line).values()]
    else:
        assert "иван" in text


def test_the_log_tells_who_came_and_went(brokers, door):
    broker = brokers()
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    wait_until(lambda: "bob" in broker.log and "dev" in broker.log)
    before = len(broker.log)
    bob.ask("BYE")
    wait_until(lambda: "bob" in broker.log[before:])


def test_a_log_nobody_reads_stops_nothing(tmp_path, context, door):
    """Standard error is a full pipe: the broker serves on."""
    reader, writer = os.pipe()
    ready_reader, ready_writer = os.pipe()
    process = subprocess.Popen(
        [build.zchatd(), "--data", str(tmp_path / "d"), "--door", ANY, "--feed", ANY,
         "--ready-fd", str(ready_writer), "--log-level", "debug"],
        stderr=writer, env=build.environment(), pass_fds=(ready_writer,),
    )  # fmt: skip
    os.close(writer)
    os.close(ready_writer)
    try:
        endpoint = os.fdopen(ready_reader).readline().split()[1][5:]
        os.close(reader)  # the reader of the log is gone
        bob = door(endpoint, "bob", hello=True)
        for i in range(50):
            bob.ask("JOIN", "dev")
            bob.ask("PART", "dev")
        assert bob.say("dev", "x").ok
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
