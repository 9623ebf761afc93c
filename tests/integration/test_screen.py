"""The full screen as a person meets it: keys in, the whole screen out."""

import json
import signal
import time

import pytest

from support.client import Door
from support.wait import DEADLINE, wait_until


@pytest.fixture
def person(terminal, shared_broker):
    """person ("bob", "dev", ...) sits at a screen and is in the rooms."""

    def make(who, *rooms, env=None, wait=True, columns=80, rows=24, more=()):
        arguments = [part for room in rooms for part in ("--room", room)]
        made = terminal("-e", shared_broker.door, "--nick", who, *arguments, *more, columns=columns,
                        rows=rows, env={"ZCHAT_FACE": "", **(env or {})})  # fmt: skip
        if wait:
            made.wait_row("connected")
            made.wait_row("1 here")
        return made

    return make


@pytest.fixture
def room(name):
    return name("r")


def last(shown):
    """The input line: the last row."""
    return shown.rows[-1]


def below(shown, text):
    """The row with this text, and whether it is the only one."""
    rows = [row for row in shown.rows if text in row]
    return rows[0] if len(rows) == 1 else None


# --- talking


def test_a_message_is_shown_once_to_everyone(person, name, room):
    bob, alice = name("bob"), name("alice")
    one = person(bob, room)
    two = person(alice, room, wait=False)
    two.wait_row("2 here")
    one.wait_row(f"{alice} came")
    one.type("hello there\r")
    for shown in (one, two):
        shown.wait_for(lambda t: below(t, "hello there"))
    one.wait_for(lambda t: "sending" not in "".join(t.rows))
    two.type("/me waves\r")
    for shown in (one, two):
        shown.wait_row(f"{alice} waves")
    assert last(one) == f"{room}>"


def test_a_draft_stays_while_others_talk(person, name, room, shared_broker):
    one = person(name("bob"), room)
    one.type("not yet\x1b[D\x1b[D\x1b[D")
    other = Door(shared_broker.door)
    other.hello(name("alice"))
    other.ok("JOIN", room)
    for i in range(100):
        other.ok("SAY", room, b"say", f"number {i}".encode())
    one.wait_row("number 99")
    assert last(one) == f"{room}> not yet"
    assert one.screen.cursor.x == len(f"{room}> not ") and one.screen.cursor.y == 23


def test_the_terminal_is_left_as_it_was_found(person, name, room):
    one = person(name("bob"), room)
    one.type("/quit\r")
    one.wait_for(lambda t: not t.child.isalive())
    one.pump()
    for off in (b"\x1b[?1049l", b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[?25h"):
        assert off in one.raw[-200:], off
    assert one.child.exitstatus == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV])
def test_it_is_left_so_at_a_signal_too(person, name, room, number):
    one = person(name("bob"), room)
    one.child.kill(number)
    one.wait_for(lambda t: not t.child.isalive())
    one.pump()
    assert b"\x1b[?1049l" in one.raw[-200:]


# --- sizes


def test_resized_while_typing_and_while_scrolled_up(person, name, room, shared_broker):
    one = person(name("bob"), room)
    other = Door(shared_broker.door)
    other.hello(name("alice"))
    other.ok("JOIN", room)
    for i in range(60):
        other.ok("SAY", room, b"say", f"number {i}".encode())
    one.wait_row("number 59")
    one.type("typed")
    one.wait_for(lambda t: last(t) == f"{room}> typed")
    one.type("\x1b[5~")
    one.wait_row("more below")
    for columns, rows in ((40, 12), (20, 4), (1, 1), (100, 30), (60, 10), (80, 24)):
        one.screen.resize(rows, columns)
        one.child.setwinsize(rows, columns)
        if columns >= 20:
            one.wait_for(lambda t: "typed" in t.rows[-1], f"the draft at {columns}x{rows}")
    one.type("\x1b[F")
    one.wait_row("number 59")
    one.wait_for(lambda t: "below" not in "".join(t.rows))


# --- rooms, people, what is unread


def test_rooms_apart_and_the_next_unread(person, name, shared_broker):
    first, second, alice = name("a"), name("b"), name("alice")
    one = person(name("bob"), first, second)
    other = Door(shared_broker.door)
    other.hello(alice)
    other.ok("JOIN", second)
    other.ok("SAY", second, b"say", b"over here")
    one.wait_for(lambda t: any(second in row and row[:14].rstrip().endswith("1") for row in t.rows))
    assert not any("over here" in row for row in one.rows)
    one.type("draft")
    one.type("\x1ba")
    one.wait_row("over here")
    one.wait_for(lambda t: last(t) == f"{second}>")
    one.type("\x1b1")
    one.wait_for(lambda t: last(t) == f"{first}> draft")


def test_a_private_talk_is_a_window_of_its_own(person, name, room, shared_broker):
    bob, alice = name("bob"), name("alice")
    one = person(bob, room)
    other = Door(shared_broker.door)
    other.hello(alice)
    other.ok("TELL", bob, b"psst")
    one.wait_row(f"@{alice}"[:9])
    one.wait_for(lambda t: b"(1!) zchat" in t.raw)
    one.type("\x1ba")
    one.wait_row("psst")
    one.wait_for(lambda t: last(t).startswith(f"@{alice} PLAIN>"))


# --- history


def test_history_without_end(person, name, room, shared_broker):
    other = Door(shared_broker.door)
    other.hello(name("alice"))
    other.ok("JOIN", room)
    for i in range(450):
        other.ok("SAY", room, b"say", f"number {i}.".encode())
    one = person(name("bob"), room, wait=False)
    one.wait_row("number 449.")
    for _ in range(60):
        before = one.rows
        one.type("\x1b[5~")
        one.wait_for(lambda t: t.rows != before and "loading" not in "".join(t.rows))
        if any("number 0." in row for row in one.rows):
            break
    assert any("number 0." in row for row in one.rows)
    one.type("/goto 200\r")
    one.wait_row("number 199.")
    one.type("\x1b")
    one.type("\x1b[F")
    one.wait_row("number 449.")


def test_what_is_typed_without_a_connection_stands_there_until_it_is_sent(
    terminal, make_broker, name, room
):
    broker = make_broker()
    one = terminal("-e", broker.door, "--nick", name("bob"), "--room", room, columns=80, rows=24,
                   env={"ZCHAT_FACE": ""})  # fmt: skip
    one.wait_row("1 here")
    broker.stop()
    one.wait_row("offline")
    one.type("are you there?\r")
    one.wait_row("are you there?  (sending)")
    broker.start()
    one.wait_row("connected")
    one.wait_for(lambda t: below(t, "are you there?") and "sending" not in "".join(t.rows))


# --- hostile


def test_nothing_of_a_peer_reaches_the_terminal_as_a_sequence(person, name, room, shared_broker):
    one = person(name("bob"), room)
    other = Door(shared_broker.door)
    other.hello(name("eve"))
    other.ok("JOIN", room)
    for text in (b"\x1b]0;owned\x07", b"\x1b[2Jgone", b"\x1b]52;c;aGk=\x07", "\u202egpj".encode(),
                 "\u009b2J".encode(), b"a\rb\x08c", "\U000e0041".encode()):  # fmt: skip
        other.ok("SAY", room, b"say", text)
    other.ok("TOPIC", room, b"\x1b[2Jtopic")
    other.ok("SAY", room, b"say", b"the end")
    one.wait_row("the end")
    assert b"owned\x07" not in one.raw and b"]52;" not in one.raw
    assert "\u202e".encode() not in one.raw and "\u009b".encode() not in one.raw
    assert b"\x1b[2Jgone" not in one.raw and b"\x1b[2Jtopic" not in one.raw


def test_a_paste_asks_and_is_no_command(person, name, room):
    one = person(name("bob"), room)
    one.type("\x1b[200~/quit\n" + "line\n" * 9 + "\x1b[201~")
    one.wait_row("send as one message")
    assert one.child.isalive()
