"""The broker under a service manager: it says that it serves and is alive, reloads, takes its key
from a credential; and the unit that is installed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from support import build
from support.build import ROOT
from support.wait import DEADLINE, wait_until

#   A session of its own has no terminal; or one that is made for it.
ALONE = ["setsid"]
ON_A_TERMINAL = [sys.executable, "-c", """
import fcntl, os, sys, termios
master, slave = os.openpty()
os.setsid()
fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
os.set_inheritable(master, True)
os.set_inheritable(slave, True)
os.execvp(sys.argv[1], sys.argv[1:])
"""]


class Manager:
    """The socket that a service manager listens on."""

    def __init__(self, address: str):
        self.name = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address.replace("@", "\0", 1) if address[0] == "@" else address)
        self.socket.settimeout(DEADLINE)

    def hears(self, word: str) -> list:
        """The lines of the next datagram that begins with word; those before it are skipped."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            lines = self.socket.recv(4096).decode().split("\n")
            if lines[0] == word:
                return lines
        raise AssertionError(f"nobody said {word}")


@pytest.fixture
def manager(tmp_path):
    made = Manager(str(tmp_path / "notify"))
    yield made
    made.socket.close()


def conf(path, text: str):
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_it_says_that_it_serves_is_alive_and_stops(brokers, door, manager):
    broker = brokers(wrap=ALONE, env={"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "90000"})
    manager.hears("READY=1")
    assert door(broker, "bob").say("dev", "hello")["seq"] == 1
    for _ in range(3):
        manager.hears("WATCHDOG=1")
    assert broker.stop() == 0
    manager.hears("STOPPING=1")


def test_an_abstract_address(brokers):
    manager = Manager(f"@zchat-{os.getpid()}")
    brokers(env={"NOTIFY_SOCKET": manager.name})
    manager.hears("READY=1")
    manager.socket.close()


@pytest.mark.parametrize("env", [
    {"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "1"},
    {"NOTIFY_SOCKET": "relative"},
    {"NOTIFY_SOCKET": "/" + "x" * 200},
    {"NOTIFY_SOCKET": "@"},
    {"NOTIFY_SOCKET": "", "WATCHDOG_USEC": "x"},
], ids=str)  # fmt: skip
def test_a_manager_that_is_not_there_changes_nothing(brokers, door, env):
    assert door(brokers(env=env), "bob").say("dev", "hello")["seq"] == 1


def test_no_watchdog_of_another_process(brokers, door, manager):
    """WATCHDOG_PID names who is meant."""
    broker = brokers(env={"NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "30000", "WATCHDOG_PID": "1"})
    manager.hears("READY=1")
    bob = door(broker, "bob")
    for _ in range(20):
        bob.say("dev", "hello")
    assert broker.stop() == 0
    assert manager.socket.recv(4096).startswith(b"STOPPING=1")


def test_sighup_reads_the_settings_anew(brokers, door, manager, tmp_path):
    path = conf(tmp_path / "c", 'log-level = "info"\n')
    broker = brokers(wrap=ALONE, args=["--config", str(path)], env={"NOTIFY_SOCKET": manager.name})
    manager.hears("READY=1")
    bob = door(broker, "bob")
    bob.ask("HELLO")
    conf(path, 'log-level = "error"\nquota = "joins=0"\n')
    broker.process.send_signal(signal.SIGHUP)
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", manager.hears("RELOADING=1")[1])
    manager.hears("READY=1")
    said = len(broker.log)
    bob.ask("JOIN", "quiet")
    assert bob.say("dev", "still there")["seq"] == 1
    conf(path, 'log-level = "info"\nlog-format = "json"\nindex = "off"\n')
    broker.process.send_signal(signal.SIGHUP)
    wait_until(lambda: '"event":"settings-read"' in broker.log, what="it is read again")
    assert '"restart-for":"index"' in broker.log[said:]
    assert "quiet" not in broker.log, "info lines were left out meanwhile"


def test_settings_that_are_wrong_change_nothing(brokers, door, tmp_path):
    path = conf(tmp_path / "c", "")
    broker = brokers(wrap=ALONE, args=["--config", str(path)])
    conf(path, 'colour = "blue"\n')
    broker.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "settings-not-read" in broker.log, what="it is refused")
    assert "colour is not a setting" in broker.log
    path.unlink()
    broker.process.send_signal(signal.SIGHUP)
    wait_until(lambda: broker.log.count("settings-not-read") == 2, what="it is refused")
    assert door(broker, "bob").say("dev", "still there")["seq"] == 1


def test_what_is_retained_changes_at_once(brokers, door, tmp_path):
    path = conf(tmp_path / "c", "")
    broker = brokers(wrap=ALONE, args=["--config", str(path)])
    bob = door(broker, "bob")
    told = bob.say("dev", "soon forgotten")
    wait_until(lambda: bob.ask("PING")["time"] > told["time"] + 1000, what="it is a second old")
    conf(path, 'retain = "1s"\n')
    broker.process.send_signal(signal.SIGHUP)
    wait_until(lambda: bob.ask("HISTORY", "dev")["first"] == 2, what="it is forgotten")


@pytest.mark.parametrize("args", [[], ["--log-format", "json"]])
def test_the_journal_is_told_priorities(brokers, door, args):
    """Where standard error is what JOURNAL_STREAM names, and nowhere else."""
    broker = brokers(start=False, args=args)
    broker.stderr_path.touch()
    info = broker.stderr_path.stat()
    broker.env["JOURNAL_STREAM"] = f"{info.st_dev}:{info.st_ino}"
    broker.start()
    door(broker, "b/b").refused("SAY", "dev", "x")
    lines = broker.log.splitlines()
    assert lines and all(re.match(r"<[3467]>(\{|20)", line) for line in lines)
    assert [line[:3] for line in lines if "refused" in line] == ["<4>"]
    assert broker.stop() == 0
    broker.env["JOURNAL_STREAM"] = f"{info.st_dev}:{info.st_ino + 1}"
    broker.stderr_path.write_text("")
    broker.start()
    assert broker.log and not broker.log.startswith("<")


def test_a_terminal_that_hangs_up_stops_it(brokers):
    broker = brokers(wrap=ON_A_TERMINAL)
    assert broker.stop(signal.SIGHUP) == 0
    assert "settings-read" not in broker.log


def test_the_key_comes_from_a_credential(brokers, tmp_path):
    """Also one that the manager lets the user read by an access list, which shows as mode 0440."""
    made = brokers(args=["--curve"])
    address = made.address.split("/")[-1]
    made.stop()
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    shutil.copy(made.data / "broker.key", credentials / "broker.key")
    (credentials / "broker.key").chmod(0o440)
    other = brokers(args=["--curve"], env={"CREDENTIALS_DIRECTORY": str(credentials)})
    assert other.address.split("/")[-1] == address
    assert not (other.data / "broker.key").exists()
    other.stop()
    (credentials / "broker.key").chmod(0o444)
    with pytest.raises(AssertionError, match="open to others"):
        other.start()
    (credentials / "broker.key").unlink()
    other.start()
    assert other.address.split("/")[-1] != address, "without one, a key is made in the folder"


# --- the unit


def unit():
    return build.build_dir() / "packaging/zchatd.service"


def setting(name: str) -> list:
    return re.findall(rf"^{name}=(.*)$", unit().read_text(), re.M)


def test_the_unit_names_what_is_there():
    (start,) = setting("ExecStart")
    program, *words = start.split()
    assert program.endswith("/bin/zchatd") and words[0] == "--config"
    assert setting("Type") == ["notify"] and setting("ExecReload") == ["/bin/sh -c 'kill -HUP $MAINPID'"]
    (user,) = setting("User")
    sysusers = (ROOT / "packaging/systemd/zchatd.sysusers").read_text()
    assert re.search(rf"^u +{user} ", sysusers, re.M)
    table = (ROOT / "docs/OPERATIONS.md").read_text().split("### Exit statuses")[1]
    told = set(re.findall(r"^\| (\d+) ", table, re.M))
    assert set(setting("RestartPreventExitStatus")[0].split()) < told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_the_unit_gives_nothing_away(tmp_path):
    """2.0 or better; a unit without the sandbox has 9 and more."""
    check = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20"]
    bare = tmp_path / "zchatd.service"
    bare.write_text("[Service]\nExecStart=/usr/bin/zchatd\n")
    assert subprocess.run([*check, bare], capture_output=True, timeout=60).returncode != 0
    done = subprocess.run([*check, unit()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_the_broker_lives_within_the_system_calls_of_the_unit(brokers, person, tmp_path):
    pytest.importorskip("seccomp", reason="no python3-seccomp")
    if re.search(r"^ZCHAT_SANITIZE:STRING=.", (build.build_dir() / "CMakeCache.txt").read_text(), re.M):
        pytest.skip("sanitizers make calls of their own")
    path = conf(tmp_path / "c", 'log-level = "info"\n')
    broker = brokers(wrap=["setsid", "/usr/bin/python3", str(ROOT / "tests/integration/support/confined.py"),
                           str(unit())],
                     doors=["tcp://127.0.0.1:*", f"ipc://{tmp_path}/door"],
                     args=["--curve", "--metrics", "tcp://127.0.0.1:*", "--config", str(path)])  # fmt: skip
    assert person(broker, "ann").say("dev", "hello")["seq"] == 1
    broker.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "settings-read" in broker.log, what="it is read again")
    broker.restart()
    assert person(broker, "eve").say("dev", "again")["seq"] == 2
