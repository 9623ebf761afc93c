"""What was ignored when a program began stays ignored; what was not ends it in order."""

import signal
import subprocess

import pytest

from support import build
from support.wait import wait_until

LEAVE = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]


def other(number) -> int:
    return signal.SIGTERM if number != signal.SIGTERM else signal.SIGINT


def ignoring(number) -> list:
    return ["env", f"--ignore-signal={signal.Signals(number).name[3:]}"]


@pytest.mark.parametrize("number", LEAVE)
def test_the_broker_goes_on(brokers, door, number):
    broker = brokers(wrap=ignoring(number))
    bob = door(broker, "bob")
    for i in range(3):
        broker.process.send_signal(number)
        assert bob.say("dev", "still there?")["seq"] == i + 1
    assert '"stopping"' not in broker.log and " stopping " not in broker.log
    assert broker.stop(other(number)) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_broker_stops(broker, number):
    """At SIGHUP it reloads, or a terminal has gone: test_service.py."""
    assert broker.stop(number) == 0
    assert signal.strsignal(number) in broker.log


def test_help_says_so():
    said = subprocess.run([build.zchatd(), "--help"], capture_output=True, text=True,
                          env=build.environment()).stdout  # fmt: skip
    (line,) = [line for line in said.splitlines() if "stops" in line]
    assert "SIGHUP" in line and "SIGTERM" in line and "SIGINT" in line


@pytest.mark.parametrize("number", LEAVE)
def test_listen_goes_on(broker, door, zchat, number):
    listener = zchat("listen", "-r", "dev", "--since", "0", "-e", broker.door, wrap=ignoring(number))
    bob = door(broker, "bob")
    bob.say("dev", "first")
    wait_until(lambda: "first" in listener.out, what="it listens")
    for text in ("second", "third"):
        listener.process.send_signal(number)
        bob.say("dev", text)
        wait_until(lambda: text in listener.out, what=text)
    listener.process.send_signal(other(number))
    assert listener.wait() == 128 + other(number)


@pytest.mark.parametrize("number", LEAVE)
def test_listen_ends(broker, door, zchat, number):
    listener = zchat("listen", "-r", "dev", "-e", broker.door, "--nick", "ear")
    wait_until(lambda: "ear" in door(broker).ask("WHO", "dev")["users"], what="it has joined")
    listener.process.send_signal(number)
    assert listener.wait() == 128 + number
    assert door(broker, "ear").ask("HELLO")["user"] == "ear", "it said BYE: the name is free"


@pytest.mark.parametrize("number", LEAVE)
def test_the_line_mode_goes_on(broker, door, zchat, number):
    talker = zchat("--nick", "ann", "-r", "dev", "-e", broker.door, wrap=ignoring(number))
    wait_until(lambda: "ann" in door(broker).ask("WHO", "dev")["users"], what="she has joined")
    for i in range(3):
        talker.process.send_signal(number)
        talker.type(f"line {i}")
        wait_until(lambda: door(broker).ask("HISTORY", "dev")["head"] == i + 1, what="it is stored")
    talker.process.send_signal(other(number))
    assert talker.wait() == 128 + other(number)


def test_a_terminal_whose_stop_is_ignored(broker, door, terminal):
    """Ctrl-Z where nobody would start it again. The shell makes it a job, for one that belongs to
    no shell is never stopped."""
    shell = ["bash", "-c", 'trap "" TSTP; set -m; "$@"; exit $?', "bash"]
    ann = terminal("--nick", "ann", "-r", "dev", "-e", broker.door, wrap=shell)
    wait_until(lambda: "ann" in door(broker).ask("WHO", "dev")["users"], what="she has joined")
    ann.type("\x1a")
    ann.type("still here\r")
    wait_until(lambda: door(broker).ask("HISTORY", "dev")["head"] == 1, what="it is stored")
    ann.type("exit\r")
    wait_until(lambda: (ann.pump(), not ann.child.isalive())[1], what="the end")
    assert ann.child.exitstatus == 0, "to the shell it was never stopped"
