"""What was typed and is not at the broker is there at the next start, and stands in the log once."""

import json
import os
import signal

import pytest

from support.broker import free_ports
from support.wait import wait_until

FOLDER = ".local/state/zchat"


def kept(folder) -> list:
    """The files of a home in which something is kept."""
    state = folder / "zchat" / FOLDER
    names = sorted(state.iterdir()) if state.is_dir() else []
    return [path for path in names if path.suffix not in (".lock", ".new")]


def gone(one) -> bool:
    one.pump()
    return not one.child.isalive()


def offline(terminal, broker, bob, room, *said):
    """Bob was here, the broker died, and he typed on."""
    one = terminal("-e", broker.door, "--nick", bob, "--room", room, columns=120)
    one.wait_row("you are in")
    broker.kill()
    one.wait_row("no connection to")
    for number, text in enumerate(said, 1):
        one.type(f"{text}\r")
        one.wait_for(lambda t: f"(offline, {number} unsent)" in t.cursor_row)
    return one


def texts(door, broker, room) -> list:
    return [event.body for event in door(broker).history_all(room)]


@pytest.mark.parametrize("end", ["/quit\r", signal.SIGTERM, signal.SIGHUP, signal.SIGKILL],
                         ids=["quit", "term", "hup", "kill"])  # fmt: skip
def test_it_is_sent_by_the_next_start(terminal, broker, name, tmp_path, door, end):
    bob, room = name("bob"), name("room")
    one = offline(terminal, broker, bob, room, "first", "second")
    if isinstance(end, str):
        one.type(end)
    else:
        one.child.kill(end)
    wait_until(lambda: gone(one), what="the end")
    if end == "/quit\r":
        assert any("2 messages are not at the broker yet and are kept" in row for row in one.rows), one.rows
        assert one.child.exitstatus == 0
    (path,) = kept(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    broker.start()
    two = terminal("-e", broker.door, "--nick", bob, "--room", room, columns=120)
    two.wait_row("2 messages of last time were not at the broker yet: they are sent now")
    two.wait_row(f"{bob}: second")
    two.type("third\r")
    two.wait_row(f"{bob}: third")
    wait_until(lambda: not kept(tmp_path), what="the file to go")
    assert texts(door, broker, room) == ["first", "second", "third"]


def test_commands_that_were_not_done_are_told(terminal, broker, name):
    """Only what was said is kept: an order of yesterday is not given tomorrow."""
    one = offline(terminal, broker, name("bob"), name("room"))
    for command in ["/topic a topic", "/kick eve", "/create club", "/who", "/rooms"]:
        one.type(f"{command}\r")
    one.type("/quit\r")
    wait_until(lambda: gone(one), what="the end")
    told = "3 commands were not answered by the broker: perhaps done, perhaps not"
    assert any(told in row for row in one.rows), one.rows


def test_what_was_stored_after_all_is_not_said_twice(terminal, broker, name, tmp_path, door):
    """The file is older than what happened: a power cut brings back what was sent meanwhile."""
    bob, room = name("bob"), name("room")
    one = offline(terminal, broker, bob, room, "first", "second")
    (path,) = kept(tmp_path)
    before = path.read_bytes()
    broker.start()
    one.wait_row(f"{bob}: second")
    wait_until(lambda: not kept(tmp_path), what="the file to go")
    one.type("third\r")
    one.wait_row(f"{bob}: third")
    one.child.kill(signal.SIGKILL)
    wait_until(lambda: gone(one), what="the end")
    path.write_bytes(before)
    path.chmod(0o600)
    two = terminal("-e", broker.door, "--nick", bob, "--room", room, columns=120)
    two.wait_row("2 messages of last time")
    two.type("fourth\r")
    two.wait_row(f"{bob}: fourth")
    wait_until(lambda: not kept(tmp_path), what="the file to go")
    assert texts(door, broker, room) == ["first", "second", "third", "fourth"]


def test_it_is_not_put_into_another_log(terminal, brokers, name, tmp_path, door):
    broker, bob, room = brokers(), name("bob"), name("room")
    one = offline(terminal, broker, bob, room, "for the old one")
    one.type("/quit\r")
    wait_until(lambda: gone(one), what="the end")
    other = brokers(doors=broker.doors, feeds=broker.feeds)
    two = terminal("-e", other.door, "--nick", bob, "--room", room, columns=120)
    two.wait_row("another log")
    two.type("for the new one\r")
    two.wait_row(f"{bob}: for the new one")
    assert texts(door, other, room) == ["for the new one"]
    (aside,) = kept(tmp_path)
    assert "for the old one" in aside.read_text()


def test_whoever_never_met_a_broker_keeps_it_too(terminal, brokers, name, tmp_path, door):
    bob, alice, room = name("bob"), name("alice"), name("room")
    broker = brokers(start=False)
    one = terminal("-e", broker.door, "--nick", bob, "--room", room, columns=120)
    one.wait_row("no connection to")
    one.type(f"early\r/msg {alice} secret\r")
    one.wait_for(lambda t: "(offline, 2 unsent)" in t.cursor_row)
    one.type("/quit\r")
    wait_until(lambda: gone(one), what="the end")
    broker.start()
    hers = terminal("-e", broker.door, "--nick", alice, "--room", room)
    hers.wait_row("you are in")
    # another name finds nothing of it, and leaves it alone
    terminal("-e", broker.door, "--nick", name("eve"), "--room", room).wait_row("you are in")
    assert len(kept(tmp_path)) == 1
    two = terminal("-e", broker.door, "--nick", bob, "--room", room, columns=120)
    two.wait_row("2 messages of last time")
    two.wait_row(f"{bob}: early")
    hers.wait_row("secret")
    wait_until(lambda: not kept(tmp_path), what="the file to go")
    assert texts(door, broker, room) == ["early"]


def test_two_at_once_keep_each_their_own(terminal, name, tmp_path):
    endpoint, bob = f"tcp://127.0.0.1:{free_ports(1)[0]}", name("bob")
    both = [terminal("-e", endpoint, "--nick", bob) for _ in range(2)]
    for number, one in enumerate(both):
        one.wait_row("no connection to")
        one.type(f"from {number}\r")
        one.wait_for(lambda t: "1 unsent" in t.cursor_row)
    for one in both:
        one.type("/quit\r")
        wait_until(lambda: gone(one), what="the end")
    held = [json.loads(path.read_text())["outbox"]["messages"] for path in kept(tmp_path)]
    assert sorted(message["body"] for messages in held for message in messages) == ["from 0", "from 1"]


@pytest.mark.parametrize("why", ["no-home", "no-folder"])
def test_what_cannot_be_kept_is_told(terminal, name, tmp_path, why):
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    (tmp_path / "file").write_text("")
    env = {"HOME": "" if why == "no-home" else str(tmp_path / "file")}
    one = terminal("-e", endpoint, "--nick", name("bob"), env=env, columns=200)
    one.wait_row("no connection to")
    one.type("lost?\r")
    one.wait_row("messages that are not sent cannot be kept for the next start")
    one.type("/quit\r")
    wait_until(lambda: gone(one), what="the end")
    assert any("perhaps stored, perhaps not; not kept" in row for row in one.rows), one.rows
    assert one.child.exitstatus == 0
