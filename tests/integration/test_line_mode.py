"""The line mode as a person meets it: keys in, the whole screen out; and without a terminal."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time

import pexpect
import pytest

from support import build
from support.broker import free_ports
from support.client import Door
from support.wait import DEADLINE, wait_until


@pytest.fixture
def person(terminal, shared_broker, name):
    """person ("bob", ...) sits at a terminal and has entered the room."""

    def make(stem, *arguments, room=None, env=None, **size):
        arguments = list(arguments)
        if room:
            arguments += ["--room", room]
        made = terminal("-e", shared_broker.door, "--nick", stem, *arguments, env=env, **size)
        made.wait_row("you are in")
        return made

    return make


@pytest.fixture
def room(name):
    return name("room")


def last(shown):
    """The input line: the last row that is not empty."""
    return [row for row in shown.rows if row][-1]


def cursor(shown):
    """The column the cursor stands in."""
    shown.pump()
    return shown.screen.cursor.x


# --- talking


def test_a_message_is_shown_once_to_everyone(person, name, room):
    bob, alice = name("bob"), name("alice")
    one, two = person(bob, room=room), person(alice, room=room)
    one.wait_row(f"* {alice} joined")
    one.type("hello there\r")
    for shown in (one, two):
        shown.wait_row(f"{bob}: hello there")
    two.type("/me waves\r")
    for shown in (one, two):
        shown.wait_row(f"* {alice} waves")
        assert sum("hello there" in row for row in shown.rows) == 1, shown.rows
    assert last(one) == f"{room}>"


def test_unfinished_text_stays_below_what_comes_in(person, name, room):
    one, two = person(name("bob"), room=room), person(name("alice"), room=room)
    one.type("not yet\x1b[D\x1b[D\x1b[D")
    one.wait_for(lambda t: t.cursor_row == f"{room}> not yet")
    column = cursor(one)
    for i in range(3):
        two.type(f"number {i}\r")
    one.wait_row("number 2")
    one.wait_for(lambda t: t.cursor_row == f"{room}> not yet")
    assert cursor(one) == column
    assert sum("not yet" in row for row in one.rows) == 1
    one.type("XX\r")
    two.wait_row("not XXyet")


def test_keys_edit_the_line(person, name, room):
    one = person(name("bob"), room=room)
    one.type("hello world\x1bb\x0b\x01\x19big \x05!")
    one.wait_for(lambda t: t.cursor_row == f"{room}> worldbig hello !")
    one.type("\x15first\rsecond\r\x10\x10")
    one.wait_for(lambda t: t.cursor_row == f"{room}> first")
    one.type("\x0e\x0e")
    one.wait_for(lambda t: t.cursor_row == f"{room}>")


def test_wide_characters_are_edited_as_seen(person, name, room):
    one = person(name("bob"), room=room)
    one.type("日本語 e\u0301x")
    one.wait_for(lambda t: cursor(t) == len(room) + 2 + 6 + 1 + 2)
    one.type("\x7f\x7f\x7f\x7f")
    one.wait_for(lambda t: cursor(t) == len(room) + 2 + 4)
    one.type("\r")
    one.wait_for(lambda t: any(row.endswith(": 日本") for row in t.rows))


def test_a_long_line_scrolls_and_is_sent_whole(person, name, room):
    one = person(name("bob"), room=room, columns=40)
    text = "".join(f"{i:03}-" for i in range(40))
    one.type(text)
    one.wait_for(lambda t: t.cursor_row.endswith("039-"))
    assert "<" in one.cursor_row and "000" not in one.cursor_row
    assert sum("038-" in row for row in one.rows) == 1, one.rows
    one.type("\x01")
    one.wait_for(lambda t: "000-001" in t.cursor_row and t.cursor_row.endswith(">"))
    one.type("\r")
    wait_until(lambda: text in "".join(row.strip() for row in one.rows), what="the whole line")


def test_a_paste_is_one_message(person, name, room):
    one, two = person(name("bob"), room=room), person(name("alice"), room=room)
    one.type("\x1b[200~first\r\nsecond\rthird\x1b[201~")
    one.wait_for(lambda t: t.cursor_row == f"{room}> first↵second↵third")
    assert not any("bob" in row and "first" in row for row in two.rows)
    one.type("\r")
    two.wait_row("third")
    rows = [row for row in two.rows if "first" in row or row.endswith(("second", "third"))]
    assert len(rows) == 3 and rows[1].strip() == "second" and rows[2].strip() == "third"
    assert rows[1].startswith("      "), "a body never begins in the first column"


def test_a_paste_that_is_too_long_is_sent_by_nobody(person, name, room, door, shared_broker):
    """Neither cut nor lost: it is refused, and stays in the line."""
    one = person(name("bob"), room=room)
    one.type("\x1b[200~" + "x" * 70_000 + "\x1b[201~\r")
    one.wait_row("has 70000; it is still in the line")
    one.wait_for(lambda t: t.cursor_row.endswith("xxx"), "it is still there")
    reader = door(shared_broker)
    assert reader.history(room)["head"] == 0
    one.type("\x7f" * 4_464 + "\r")
    wait_until(lambda: (one.pump(), reader.history(room)["head"])[1] == 1, what="once it is short enough")
    assert [len(event.body) for event in reader.history(room).mail] == [65_536]
    one.wait_for(lambda t: t.cursor_row == f"{room}>", "all of it is shown")
    one.type("keep \x1b[200~" + "y" * 270_000 + "\x1b[201~this")
    one.wait_row("the paste is too long")
    one.wait_for(lambda t: t.cursor_row == f"{room}> keep this")


@pytest.mark.parametrize("text", ["/* a comment */", "/quit", "/usr/bin/env python3", "/me waves"])
def test_a_paste_is_text(person, name, room, text):
    one, two = person(name("bob"), room=room), person(name("alice"), room=room)
    one.type(f"\x1b[200~{text}\x1b[201~\r")
    two.wait_row(text)
    #   And it still is when it comes back from the history.
    one.type("\x1b[A\r")
    two.wait_for(lambda t: sum(row.endswith(text) for row in t.rows) == 2, "twice")
    one.type("/usr/local is no command\r")
    two.wait_row("/usr/local is no command")


def test_peers_cannot_write_on_the_screen(person, name, room, door, shared_broker):
    one = person(name("bob"), room=room)
    evil = door(shared_broker, name("eve"), hello=True)
    body = "x\x1b[2J\x1b]0;title\x07\u202e\r\x9b\n12:00 alice: forged"
    evil.request("SAY", room, body.encode())
    one.wait_row("forged")
    assert "\x1b]0;" not in one.raw.decode(errors="replace")
    assert "\u202e" not in one.raw.decode(errors="replace")
    assert one.rows[0].endswith(")"), one.rows  # the screen was not cleared
    forged = next(row for row in one.rows if "forged" in row)
    assert forged.startswith("      "), forged


def test_a_flood_leaves_the_line_whole(person, name, room, door, shared_broker):
    one = person(name("bob"), room=room)
    one.type("in the middle of")
    other = door(shared_broker, name("eve"), hello=True)
    for i in range(300):
        other.request("SAY", room, f"message {i}".encode())
    one.wait_row("message 299")
    one.wait_for(lambda t: t.cursor_row == f"{room}> in the middle of")
    assert not any("in the middle" in row for row in one.rows[:-1])


# --- commands


def test_commands(person, name, room):
    bob = name("bob")
    one = person(bob, room=room, columns=100, rows=60)
    one.type("/who\r")
    one.wait_row(f"1 in {room}: {bob}")
    one.type("/topic snacks and drinks\r")
    one.wait_row(f"* {bob} set the topic: snacks and drinks")
    one.type("/topic\r")
    one.wait_row(f"topic of {room}: snacks and drinks ({bob})")
    one.type("/rooms\r")
    one.wait_row(f"{room}: 1 here, 1 messages so far; snacks and drinks")
    one.type("/help\r")
    one.wait_row("/history [more] [N]")
    one.type("/jion x\r")
    one.wait_row("did you mean /join?")
    one.type("//quit\r")
    one.wait_row(f"{bob}: /quit")
    one.type("/history 1\r")
    one.wait_for(lambda t: sum(f"{bob}: /quit" in row for row in t.rows) == 2)


def test_what_was_missed_can_be_read(person, name, room, shared_broker, context):
    door = Door(context, shared_broker.door, name("carol"), hello=True)
    for number in range(1, 47):
        assert door.say(room, f"message {number}.").ok
    one = person(name("bob"), room=room, columns=100, rows=60)
    one.wait_row("messages up to 26 are not shown: /history more")
    one.type("/history more 1000\r")
    one.wait_row("message 1.")
    one.type(" /msg bob secret\r")
    one.wait_row("not sent: a command begins with /")
    assert door.ask("PING").ok and "secret" not in [e.body for e in door.history_all(room)]


def test_who_reads_mail_on_a_plain_broker_is_said(person, name, room):
    one, other = person(name("bob"), room=room, columns=100), name("carol")
    two = person(other, room=room, columns=100)
    one.type(f"/msg {other} psst\r")
    one.wait_row("this broker is not encrypted: whoever takes the name")
    two.wait_row("psst")
    one.type(f"/msg {other} again\r")
    two.wait_row("again")
    assert sum("is not encrypted" in row for row in one.rows) == 1


def test_several_rooms(person, name, room):
    bob, other = name("bob"), name("other")
    one, two = person(bob, room=room, columns=100), person(name("alice"), room=other)
    one.type(f"/join {other.upper()}\r")
    one.wait_row(f"you are in {other}")
    one.wait_for(lambda t: last(t) == f"{other}>")
    one.type("over here\r")
    two.wait_row(f"{bob}: over here")
    one.wait_row(f"[{other}] {bob}: over here")
    one.type(f"/join {room}\r")
    one.wait_for(lambda t: last(t) == f"{room}>")
    one.type(f"/part {other}\r")
    two.wait_row(f"* {bob} left")
    one.wait_row(f"you left {other}")
    one.type("/part\r")
    one.wait_row(f"you left {room}")
    one.wait_for(lambda t: last(t) == "no room>")
    one.type("hello?\r")
    one.wait_row("you are in no room")


def test_a_taken_name_is_asked_for_again(person, terminal, name, room, shared_broker):
    bob, carl = name("bob"), name("carl")
    person(bob, room=room)
    two = terminal("-e", shared_broker.door, "--nick", bob, "--room", room)
    two.wait_row(f"you cannot be {bob}")
    two.wait_for(lambda t: last(t) == "name:")
    two.type("b/d\r")
    two.wait_row("not allowed")
    two.type(f"{carl}\r")
    two.wait_row("you are in")
    two.type("here\r")
    two.wait_row(f"{carl}: here")


def test_another_name(person, name, room):
    bob, rob = name("bob"), name("rob")
    one, two = person(bob, room=room), person(name("alice"), room=room)
    one.type(f"/nick {rob}\r")
    one.wait_row(f"your name here: {rob}")
    two.wait_row(f"* {rob} joined")
    one.type("still me\r")
    two.wait_row(f"{rob}: still me")
    one.type("/nick a/b\r")
    one.wait_row("not allowed")
    one.type("and still\r")
    two.wait_row(f"{rob}: and still")


def test_back_to_the_old_name(person, name, room):
    bob, alice = name("bob"), name("alice")
    one, two = person(bob, room=room, columns=120), person(alice, room=room)
    one.type(f"/nick {alice}\r")
    one.wait_row(f"you cannot be {alice}")
    one.wait_row(f"/nick {bob} goes back to the one you had")
    one.type("/who\r")
    one.wait_row("this wants a name first")
    one.type(f"/nick {bob}\r")
    one.wait_row(f"your name here: {bob}")
    one.type("me again\r")
    two.wait_row(f"{bob}: me again")


# --- the connection


def test_a_lost_connection_is_told_once_and_mended(terminal, broker, name):
    bob = name("bob")
    one = terminal("-e", broker.door, "--nick", bob)
    one.wait_row("you are in lobby")
    broker.kill()
    one.wait_row("no connection to")
    one.wait_for(lambda t: last(t) == "lobby (offline)>")
    one.type("meanwhile\r")
    one.wait_for(lambda t: last(t) == "lobby (offline, 1 unsent)>")
    broker.start()
    one.wait_row(f"{bob}: meanwhile")
    one.wait_for(lambda t: last(t) == "lobby>")
    assert sum("no connection to" in row for row in one.rows) == 1, one.rows
    assert sum("you are in" in row for row in one.rows) == 1, one.rows
    assert sum("meanwhile" in row for row in one.rows) == 1, one.rows


def test_no_broker_is_told_at_once_and_quit_is_no_failure(terminal, name):
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    one = terminal("-e", endpoint, "--nick", name("bob"))
    one.wait_row(f"no connection to {endpoint}")
    one.type("/quit\r")
    wait_until(lambda: (one.pump(), not one.child.isalive())[1])
    assert one.child.exitstatus == 0


# --- leaving


@pytest.mark.parametrize(
    "keys, status", [("/quit\r", 0), ("exit\r", 0), ("\x04", 0), ("\x03", 130)]
)
def test_ways_to_leave(person, name, room, keys, status):
    bob = name("bob")
    one, two = person(bob, room=room), person(name("alice"), room=room)
    one.type(keys)
    wait_until(lambda: (one.pump(), not one.child.isalive())[1])
    assert one.child.exitstatus == status
    assert not any(row.startswith(f"{room}>") for row in one.rows), "the input line is gone"
    two.wait_row(f"* {bob} left")


def test_control_c_and_d_spare_a_line_with_text(person, name, room):
    one = person(name("bob"), room=room)
    one.type("half\x04\x03")
    one.wait_for(lambda t: t.cursor_row == f"{room}>")
    one.type("abc\x01\x04")
    one.wait_for(lambda t: t.cursor_row == f"{room}> bc")
    assert one.child.isalive()


class Pty:
    """zchat on a pty whose other side stays open, to see what state it is left in."""

    def __init__(self, *arguments, env=None):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 60, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        more = {"TERM": "xterm-256color", **(env or {})}
        self.process = subprocess.Popen(
            [build.zchat(), *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env=build.environment(**more), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.set_blocking(self.master, False)
        self.raw = b""

    def pump(self):
        try:
            while data := os.read(self.master, 65536):
                self.raw += data
        except (BlockingIOError, OSError):
            pass
        return self.raw

    def wait_for(self, text):
        wait_until(lambda: text.encode() in self.pump(), what=f"{text!r} in {self.raw!r}")

    def wait(self):
        wait_until(lambda: (self.pump(), self.process.poll() is not None)[1], what="the end")
        self.pump()  # what it wrote between the last look and its end
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def pseudo(shared_broker, name, room):
    made = []

    def make(*arguments, env=None):
        made.append(
            Pty("-e", shared_broker.door, "--nick", name("bob"), "--room", room, *arguments, env=env)
        )
        return made[-1]

    yield make
    for process in made:
        process.close()


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGABRT, signal.SIGQUIT]
)
def test_the_terminal_is_restored_after_signals(pseudo, number):
    one = pseudo()
    one.wait_for("you are in")
    assert termios.tcgetattr(one.slave) != one.before
    one.process.send_signal(number)
    status = one.wait()
    leaves = number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    assert status == (128 + number if leaves else -number)
    assert termios.tcgetattr(one.slave) == one.before
    assert one.raw.rstrip().endswith(b"\x1b[?2004l\x1b[?7h\x1b[0m")


def test_the_terminal_is_restored_after_quit(pseudo):
    one = pseudo()
    one.wait_for("you are in")
    os.write(one.master, b"/quit\r")
    assert one.wait() == 0
    assert termios.tcgetattr(one.slave) == one.before


def test_a_terminal_that_goes_away_ends_it(pseudo, name, person, room):
    two = person(name("alice"), room=room)
    one = pseudo()
    one.wait_for("you are in")
    os.close(one.master)
    one.master = os.open("/dev/null", os.O_RDONLY)
    wait_until(lambda: one.process.poll() is not None, what="the end")
    assert one.process.returncode in (0, 129)
    two.wait_for(lambda t: any(row.endswith((" left", "(connection lost)")) for row in t.rows))


STTY = r"([0-9a-f]+(?::[0-9a-f]+){10,})\r\n"  # what stty -g says


def test_suspend_and_resume(shared_broker, name, room):
    shell = pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-i"], dimensions=(20, 60), timeout=DEADLINE,
        env=build.environment(TERM="xterm-256color", PS1="prompt$ "), encoding="utf-8",
    )  # fmt: skip
    shell.delaybeforesend = None
    try:
        shell.expect_exact("prompt$ ")
        shell.sendline("stty -g")
        shell.expect(STTY)
        before = shell.match[1]
        nick = name("bob")
        arguments = f"-e {shared_broker.door} --nick {nick} --room {room}"
        shell.sendline(f"{build.zchat()} {arguments}")
        shell.expect_exact("you are in")
        shell.send("kept text")
        shell.expect_exact("kept text")
        shell.send("\x1a")
        shell.expect_exact("Stopped")
        shell.expect_exact("prompt$ ")
        shell.sendline("stty -g")
        shell.expect(STTY)
        assert shell.match[1] == before
        shell.sendline("fg")
        shell.expect_exact(f"{room}> kept text")
        shell.send("!\r")
        shell.expect_exact("kept text!")
        shell.send("/quit\r")
        shell.expect_exact("prompt$ ")
        shell.sendline("echo status $?; stty -g")
        shell.expect_exact("status 0\r\n")
        shell.expect(STTY)
        assert shell.match[1] == before
    finally:
        shell.close(force=True)


def test_another_width(person, name, room):
    one = person(name("bob"), room=room, columns=60)
    one.type("some words that are longer than the window will be")
    one.wait_for(lambda t: t.cursor_row.endswith("will be"))
    one.screen.resize(20, 30)
    one.child.setwinsize(20, 30)
    one.wait_for(lambda t: "<" in t.cursor_row and t.cursor_row.endswith("will be"))
    one.type("!\r")
    one.wait_row("be!")


# --- colours


def test_colours_and_none(person, name, room):
    bob = name("bob")
    one = person(bob, room=room)
    two = person(name("alice"), room=room, env={"NO_COLOR": "1"})
    one.type("hello\r")
    one.wait_row("hello")
    two.wait_row("hello")
    assert b"\x1b[2m" in one.raw and b"m" + bob.encode() in one.raw
    assert b"\x1b[2m" not in two.raw and b"m" + bob.encode() not in two.raw


def test_dumb_terminals_get_no_escapes(pseudo, person, name, room):
    one = pseudo(env={"TERM": "dumb"})
    one.wait_for("you are in")
    two = person(name("alice"), room=room)
    two.type("for everyone\r")
    one.wait_for("for everyone")
    os.write(one.master, b"from a dumb one\n")
    two.wait_row("from a dumb one")
    os.write(one.master, b"/who\n")
    one.wait_for("2 in ")
    assert b"\x1b" not in one.raw
    assert one.raw.count(b"from a dumb one") == 1, "as it was typed, and not again"
    os.write(one.master, b"\x04")
    assert one.wait() == 0
    assert termios.tcgetattr(one.slave) == one.before


# --- without a terminal


def test_lines_are_said_and_heard(zchat, shared_broker, name, room):
    bob, alice = name("bob"), name("alice")
    one = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    one.type("/who")
    one.shows(f"-- 1 in {room}: {bob}")
    two = zchat("-e", shared_broker.door, "--nick", alice, "--room", room)
    one.shows(f"* {alice} joined")
    two.type("hello, привет")
    one.shows(f"{alice}: hello, привет")
    one.type("/me nods")
    two.shows(f"* {bob} nods")
    assert two.eof() == 0
    one.shows(f"* {alice} left")
    assert one.eof() == 0
    assert bob not in "".join(line for line in one.lines if not line.startswith("--"))
    assert "\x1b" not in one.out + one.err


def test_what_was_piped_in_is_all_stored(zchat, shared_broker, name, room):
    count = 5000
    one = zchat("-e", shared_broker.door, "--nick", name("bob"), "--room", room)
    for i in range(count):
        one.process.stdin.write(f"line {i}\n".encode())
    assert one.eof() == 0
    two = zchat("-e", shared_broker.door, "--nick", name("eve"), "--room", room, "-n", "3")
    two.shows(f"{one_name(one)}: line {count - 1}")
    assert two.lines[:3] == [f"{one_name(one)}: line {count - i}" for i in (3, 2, 1)]


def one_name(process):
    arguments = process.process.args
    return arguments[arguments.index("--nick") + 1]


def test_a_last_line_without_newline_is_said(zchat, shared_broker, name, room):
    bob = name("bob")
    one = zchat("-e", shared_broker.door, "--nick", name("eve"), "--room", room)
    one.type("/who")
    one.shows(f"-- 1 in {room}: {one_name(one)}")
    two = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    two.process.stdin.write(b"no newline")
    assert two.eof() == 0
    one.shows(f"{bob}: no newline")


def test_exit_in_a_script_is_what_it_says(zchat, shared_broker, name, room):
    bob = name("bob")
    one = zchat("-e", shared_broker.door, "--nick", name("eve"), "--room", room)
    one.type("/who")
    one.shows(f"-- 1 in {room}: {one_name(one)}")
    two = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    two.process.stdin.write(b"exit\n exit \nafter\n/quit\nnever\n")
    assert two.eof() == 0
    one.shows(f"{bob}: after")
    said = [line for line in one.lines if line.startswith(f"{bob}:")]
    assert [line.strip() for line in said] == [f"{bob}: exit", f"{bob}:  exit", f"{bob}: after"]


def test_lines_that_cannot_be_said_are_told(zchat, shared_broker, name, room):
    bob = name("bob")
    one = zchat("-e", shared_broker.door, "--nick", name("eve"), "--room", room)
    one.type("/who")
    one.shows(f"-- 1 in {room}: {one_name(one)}")
    two = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    two.process.stdin.write(b"x" * 200000 + b"\n")
    two.process.stdin.write(b"\xff\xfe\n")
    two.process.stdin.write(b"good\n")
    assert two.eof() == 65
    one.shows(f"{bob}: good")
    assert two.err.count("not sent") == 2, two.err
    assert len([line for line in one.lines if line.startswith(f"{bob}:")]) == 1


def test_refused_without_a_terminal_is_77(zchat, shared_broker, name, room):
    bob = name("bob")
    one = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    one.type("/who")
    one.shows(f"-- 1 in {room}: {bob}")
    two = zchat("-e", shared_broker.door, "--nick", bob, "--room", room)
    assert two.wait() == 77
    assert f"you cannot be {bob}" in two.err


def test_no_broker_without_a_terminal(zchat, name):
    endpoint = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    one = zchat("-e", endpoint, "--nick", name("bob"))
    wait_until(lambda: f"no connection to {endpoint}" in one.err, what="the reason")
    assert one.err.count("no connection") == 1
    one.process.send_signal(signal.SIGINT)
    assert one.wait() == 130
    two = zchat("-e", endpoint, "--nick", name("bob"))
    two.type("lost?")
    assert two.eof() == 69
    assert "1 message was not acknowledged" in two.err


@pytest.mark.parametrize("typed", [b"hi\n", b"bob\nline\n", b""], ids=["one", "two", "nothing"])
def test_without_a_terminal_a_name_must_be_given(shared_broker, room, tmp_path, door, typed):
    """What a program writes is not taken for the answer to a question nobody asked it."""
    done = subprocess.run(
        [build.zchat(), "-e", shared_broker.door, "--room", room], input=typed, timeout=DEADLINE,
        capture_output=True, env=build.environment(HOME=str(tmp_path)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"--nick" in done.stderr and b"zchat send" in done.stderr
    assert door(shared_broker).history(room)["head"] == 0


@pytest.mark.parametrize("named", [True, False], ids=["named", "asked"])
def test_what_goes_into_a_file_is_the_whole_talk(shared_broker, name, room, tmp_path, door, named):
    """zchat | tee log: one's own lines and the times are in it; remarks go to the terminal."""
    bob, alice = name("bob"), name("alice")
    master, slave = pty.openpty()
    log, remarks = tmp_path / "log", tmp_path / "remarks"
    with open(log, "wb") as out, open(remarks, "wb") as err:
        process = subprocess.Popen(
            [build.zchat(), "-e", shared_broker.door, "--room", room, *(["--nick", bob] if named else [])],
            stdin=slave, stdout=out, stderr=err, env=build.environment(HOME=str(tmp_path)),
        )  # fmt: skip
    try:
        if not named:
            wait_until(lambda: b"under which name" in remarks.read_bytes(), what="the question")
            os.write(master, bob.encode() + b"\n")
        wait_until(lambda: b"you are in" in log.read_bytes(), what="the room")
        os.write(master, b"mine\n/me waves\n/nonsense\n")
        wait_until(lambda: f"* {bob} waves".encode() in log.read_bytes(), what="one's own")
        door(shared_broker, alice, hello=True).request("SAY", room, "hers")
        wait_until(lambda: b"hers" in log.read_bytes(), what="the other's")
        os.write(master, b"/quit\n")
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
    rows = log.read_text().splitlines()
    said = [row for row in rows if row.endswith(("mine", "waves", "hers"))]
    assert [row.split(" ", 1)[1] for row in said] == [f"{bob}: mine", f"* {bob} waves", f"{alice}: hers"]
    assert all(len(row.split(" ")[0].split(":")) >= 2 for row in said), said
    assert "nonsense" not in log.read_text() and "/nonsense is not a command" in remarks.read_text()
    assert "\x1b" not in log.read_text()


def test_a_closed_pipe_ends_quietly(shared_broker, name, room):
    process = subprocess.Popen(
        [build.zchat(), "-e", shared_broker.door, "--nick", name("bob"), "--room", room],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=build.environment(),
    )  # fmt: skip
    process.stdin.write(b"/who\n")
    process.stdin.flush()
    assert b"1 in" in process.stdout.readline()
    process.stdout.close()
    assert process.wait(DEADLINE) == 0
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


def test_a_reader_who_stands_still_does_not_keep_it(shared_broker, name, room, door):
    process = subprocess.Popen(
        [build.zchat(), "-e", shared_broker.door, "--nick", name("bob"), "--room", room],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=build.environment(),
    )  # fmt: skip
    process.stdin.write(b"/who\n")
    process.stdin.flush()
    assert b"1 in" in process.stdout.readline()
    other = door(shared_broker, name("eve"), hello=True)
    for i in range(40):
        other.request("SAY", room, b"y" * 10000)
    wait_until(
        lambda: struct.unpack("i", fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4))[0]
        > 60000,
        what="a full pipe",
    )
    time.sleep(0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE) == 143
    process.stdin.close()
    process.stdout.close()
