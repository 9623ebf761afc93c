"""The full screen as a person meets it: keys in, the whole screen out."""

import re
import signal

import pytest

from support.wait import wait_until



# All that the screen may write besides characters: where, how, and the title of the window.
ALLOWED = (
    rb"\x1b\[[0-9;]*[HGJKm]|\x1b\[\?(?:7|25|1004|1049|2004)[hl]|\x1b\[2[23];0t"
    rb"|\x1b\]2;(?:\(\d+!?\) )?zchat\x1b\\|\x1b\]9;[^\x00-\x1f\x7f]*\x1b\\"
    rb"|\x1b\]8;[^\x00-\x1f\x7f]*\x1b\\|\r|\x07"
)


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


def test_a_draft_stays_while_others_talk(person, name, room, shared_broker, door):
    one = person(name("bob"), room)
    one.type("not yet\x1b[D\x1b[D\x1b[D")
    other = door(shared_broker.door, name("alice"), hello=True)
    other.join(room)
    for i in range(100):
        other.say(room, f"number {i}".encode())
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_it_is_left_so_at_a_signal_too(person, name, room, number):
    one = person(name("bob"), room)
    one.child.kill(number)
    one.wait_for(lambda t: not t.child.isalive())
    one.pump()
    assert b"\x1b[?1049l" in one.raw[-200:]


# --- sizes


def test_resized_while_typing_and_while_scrolled_up(person, name, room, shared_broker, door):
    one = person(name("bob"), room)
    other = door(shared_broker.door, name("alice"), hello=True)
    other.join(room)
    for i in range(60):
        other.say(room, f"number {i}".encode())
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


def test_rooms_apart_and_the_next_unread(person, name, shared_broker, door):
    first, second, alice = name("a"), name("b"), name("alice")
    one = person(name("bob"), first, second)
    other = door(shared_broker.door, alice, hello=True)
    other.join(second)
    other.say(second, b"over here")
    one.wait_for(lambda t: any(second in row and row[:14].rstrip().endswith("1") for row in t.rows))
    assert not any("over here" in row for row in one.rows)
    one.type("draft")
    one.type("\x1ba")
    one.wait_row("over here")
    one.wait_for(lambda t: last(t) == f"{second}>")
    one.type("\x1b1")
    one.wait_for(lambda t: last(t) == f"{first}> draft")


def test_a_private_talk_is_a_window_of_its_own(person, name, room, shared_broker, door):
    bob, alice = name("bob"), name("alice")
    one = person(bob, room)
    other = door(shared_broker.door, alice, hello=True)
    other.ask("TELL", bob, b"psst")
    one.wait_row(f"@{alice}"[:8])
    one.wait_for(lambda t: b"(1!) zchat" in t.raw)
    one.wait_for(lambda t: b"\x1b]9;" in t.raw and b"psst" in t.raw)
    one.type("\x1ba")
    one.wait_row("psst")
    one.wait_for(lambda t: last(t).startswith(f"@{alice} PLAIN>"))


# --- history


def test_history_without_end(person, name, room, shared_broker, door):
    other = door(shared_broker.door, name("alice"), hello=True)
    other.join(room)
    for i in range(450):
        other.say(room, f"number {i}.".encode())
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
    terminal, brokers, name, room
):
    broker = brokers()
    one = terminal("-e", broker.doors[0], "--nick", name("bob"), "--room", room, columns=80, rows=24,
                   env={"ZCHAT_FACE": ""})  # fmt: skip
    one.wait_row("1 here")
    broker.stop()
    one.wait_row("offline")
    one.type("are you there?\r")
    one.wait_for(lambda t: any("are you there?" in r and "(sending)" in r for r in t.rows))
    broker.start()
    one.wait_row("connected")
    one.wait_for(lambda t: below(t, "are you there?") and "sending" not in "".join(t.rows))


def test_what_was_not_sent_stands_there_in_the_next_run(terminal, brokers, name, room):
    broker, bob = brokers(), name("bob")

    def start():
        return terminal("-e", broker.doors[0], "--nick", bob, "--room", room, columns=80, rows=24,
                        env={"ZCHAT_FACE": ""})  # fmt: skip

    one = start()
    one.wait_row("1 here")
    broker.stop()
    one.wait_row("offline")
    one.type("until tomorrow\r")
    one.wait_row("(sending)")
    one.type("/quit\r")
    one.wait_for(lambda t: not t.child.isalive())
    two = start()
    two.wait_for(lambda t: any("until tomorrow" in r and "(sending)" in r for r in t.rows))
    broker.start()
    two.wait_row("connected")
    two.wait_for(lambda t: below(t, "until tomorrow") and "sending" not in "".join(t.rows))


# --- hostile


def test_nothing_of_a_peer_reaches_the_terminal_as_a_sequence(person, name, room, shared_broker, door):
    one = person(name("bob"), room)
    other = door(shared_broker.door, name("eve"), hello=True)
    other.join(room)
    for text in (b"\x1b]0;owned\x07", b"\x1b[2Jgone", b"\x1b]52;c;aGk=\x07", "\u202egpj".encode(),
                 "\u009b2J".encode(), b"a\rb\x08c", "\U000e0041".encode()):  # fmt: skip
        other.say(room, text)
    other.ask("TOPIC", room, b"\x1b[2Jtopic")
    other.say(room, b"the end")
    one.wait_row("the end")
    left = re.sub(ALLOWED, b"", one.raw)
    assert not re.search(rb"[\x00-\x1f\x7f]", left), left
    left = left.decode()
    assert not any(c in left for c in "\u202e\u009b\U000e0041"), left


def test_a_paste_asks_and_is_no_command(person, name, room):
    one = person(name("bob"), room)
    one.type("\x1b[200~/quit\n" + "line\n" * 9 + "\x1b[201~")
    one.wait_row("send as one message")
    assert one.child.isalive()


# --- what lasts, and what is beside the screen


def test_lines_of_the_last_run_come_back(person, name, room):
    one = person(name("bob"), room)
    one.type("first words\r")
    one.wait_for(lambda t: "sending" not in "".join(t.rows) and below(t, "first words"))
    one.type("/quit\r")
    one.wait_for(lambda t: not t.child.isalive())
    two = person(name("carol"), room)
    two.type("\x10\x10")  # C-p: /quit, then the line before
    two.wait_for(lambda t: last(t) == f"{room}> first words")


def test_a_message_is_written_in_the_editor(person, name, room, tmp_path):
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\nprintf "and more\\nin two lines" >> "$1"\n')
    script.chmod(0o700)
    one = person(name("bob"), room, env={"EDITOR": str(script), "VISUAL": ""})
    one.type("one\x18\x05")
    wanted = [f"{room}> one", " " * len(room) + "  and more", " " * len(room) + "  in two lines"]
    one.wait_for(lambda t: t.rows[-3:] == wanted)


def test_the_config_file_says_what_is_highlighted_and_who_is_told(
    person, name, room, tmp_path, shared_broker, door
):
    script, told = tmp_path / "tell", tmp_path / "told"
    script.write_text(f'#!/bin/sh\nprintf "%s|%s\\n" "$1" "$2" > {told}.new && mv {told}.new {told}\n')
    script.chmod(0o700)
    config = tmp_path / "config"
    config.write_text(f'highlight = deploy\nbell = no\nnotify = "{script}"\n')
    config.chmod(0o600)
    one = person(name("bob"), room, name("other"), env={"ZCHAT_CONFIG": str(config)})
    one.type("\x1b2")
    alice = name("alice")
    other = door(shared_broker.door, alice, hello=True)
    other.join(room)
    other.say(room, "time to DEPLOY; $(touch /tmp/never)")
    wait_until(told.exists, what="the command ran")
    assert told.read_text() == f"zchat: {room}|{alice}: time to DEPLOY; $(touch /tmp/never)\n"
    assert b"\x07" not in one.raw
