"""Whatever peers, and brokers, put into names, texts, topics, reasons, errors, data and agents:
nothing of it reaches a terminal, a pipe or the log as a control sequence."""

import json
import re

import pytest

from support.impostor import Impostor
from support.secure import bodies
from support.wait import wait_until

#   Each line is one way to harm a terminal, or the eye of who reads.
POISONS = {
    "escape": "a\x1b[2J\x1b[31mred\x1b]0;title\x07b\x1bP1$r\x1b\\",
    "c1": "a\x9b2J\x9d0;title\x9cb\x90q\x85c",
    "bidi": "a\u202eb\u2066c\u2069\u200e\u200f\u061cd\u202a\u202d",
    "zero width": "a\u200bb\u2060c\ufeffd\u00ade\u180ef",
    "newline": "a\n12:00 alice: forged\r\rback\x0b\x0c\u2028e\u2029f",
    "controls": "a" + "".join(map(chr, range(1, 32))) + "\x7f",
    "tags": "a\U000e0001\U000e0041\U000e007fb\ufff9c\ufffbd",
    "marks": "a" + "\u0301" * 300 + "b",
}  # fmt: skip
ALL = "".join(POISONS.values())
#   What may stand in no output of ours: newline and tab are looked at apart.
RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]|\u0301{5}"
)
#   What the line mode itself writes to a terminal: SGR, erase, cursor moves, modes.
OWN = re.compile(r"\x1b\[[0-9;:]*[mKJACDGHBh]|\x1b[78]|\x1b\[\?(25|2004|7|2026)[hl]|\r\n|\r|\x08|\x0f")


def harmless(text: str, forged: bool = True) -> None:
    found = RAW.search(text)
    assert not found, f"{found[0]!r} in {text[max(0, found.start() - 60):found.end() + 60]!r}"
    if forged:
        for line in text.splitlines():
            assert not line.startswith(("12:00 alice", "back", "\tforged")), text


def harmless_screen(raw: bytes) -> None:
    """Of what was written to a terminal all is ours but harmless text."""
    text = raw.decode()  # a byte of C1 alone would not be UTF-8
    harmless(OWN.sub("", text).replace("\n", ""), forged=False)
    assert "\x1b]" not in text and "\x1bP" not in text and "\x1b[2J" not in text[20:]


@pytest.fixture
def impostor(context):
    made = []

    def make(*arguments, **options) -> Impostor:
        made.append(Impostor(context, *arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


# --- names


@pytest.mark.parametrize("kind", POISONS)
def test_no_name_carries_it(shared_broker, door, kind, name):
    bob = door(shared_broker, name("bob"), hello=True)
    for poison in (POISONS[kind], *({c for c in POISONS[kind] if RAW.match(c)})):
        tried = "bob" + poison.replace("\x00", "")
        tried = tried[:32]
        error = door(shared_broker, tried).refused("HELLO")
        assert error["code"] == "name"
        harmless(error["text"])
        for request in (("SAY", tried, "x"), ("JOIN", tried), ("WHO", tried), ("TELL", tried, "x"),
                        ("INVITE", "street", tried), ("KICK", "street", tried), ("KEYS", tried),
                        ("MODE", "street", {"set": "mute", "user": tried}),
                        ("MODE", "street", {"set": tried})):  # fmt: skip
            error = bob.refused(*request)
            assert error["code"] in ("name", "malformed", "operator", "proof", "private",
                                     "nobody"), request  # fmt: skip
            harmless(error["text"])


def test_error_texts_carry_nothing_raw(shared_broker, door, name):
    bob = door(shared_broker, name("bob"), hello=True)
    for poison in POISONS.values():
        for frames in ([poison, b"t", bob.user], ["HELLO", b"t", bob.user, {"protocol": poison}],
                       ["SAY", b"t", bob.user, "street", "x", {"type": poison}],
                       ["SAY", b"t", bob.user, "street", "x", {"producer": poison, "n": 1}],
                       ["SYNC", b"t", bob.user, poison], ["JOIN", b"t", bob.user, poison],
                       ["REMOVE", b"t", bob.user, "street", poison],
                       ["KEY", b"t", bob.user, {"add": poison}],
                       ["HISTORY", b"t", bob.user, "street", {"form": poison}],
                       ["ROOMS", b"t", bob.user, {"after": poison}],
                       ["HELLO", b"t", bob.user, {"token": poison}],
                       ["HELLO", b"t", bob.user, {"session": poison}]):  # fmt: skip
            reply = bob.exchange(*frames)
            if not reply.ok:
                harmless(reply.json["text"])
                harmless(str(reply.json.get("what", "")))


# --- texts of peers, in every mode of the client


@pytest.fixture
def spoilt(shared_broker, door, name):
    """A room in which everything is poison."""
    room, user = name("room"), name("eve")
    eve = door(shared_broker, user, hello=True)
    eve.hello(agent=ALL[:40])
    eve.join(room)
    for poison in POISONS.values():
        eve.say(room, poison, data={"k": poison, poison: 1})
        eve.say(room, poison, type="action")
    eve.ask("TOPIC", room, ALL.replace("\u0301", "")[:400])
    eve.say(room, "the end")
    return eve, room


@pytest.mark.parametrize("json_form", [False, True])
@pytest.mark.parametrize("command", ["history", "listen", "rooms", "who"])
def test_commands(shared_broker, spoilt, zchat, command, json_form):
    eve, room = spoilt
    arguments = {
        "history": ["-r", room, "--all"],
        "listen": ["-r", room, "-n", "100", "--count", "18", "--presence"],
        "rooms": [],
        "who": ["-r", room],
    }[command]
    process = zchat(command, "-e", shared_broker.door, *arguments, *(["--json"] * json_form))
    assert process.wait() == 0, process.err
    harmless(process.out), harmless(process.err)
    assert process.stdout_path.read_bytes().decode()
    if json_form:
        records = [json.loads(line) for line in process.lines]
        assert process.out.isascii()
        if command in ("history", "listen"):
            texts = [record.get("text") for record in records]
            assert set(POISONS.values()) <= set(texts), "exact, but escaped"
    elif command in ("history", "listen"):
        assert all(line.count("\t") == 5 for line in process.lines), "one line a message"


def test_the_pipe(shared_broker, spoilt, zchat, name):
    eve, room = spoilt
    process = zchat("-e", shared_broker.door, "--nick", name("bob"), "-r", room, "-n", "100")
    wait_until(lambda: "the end" in process.out, what="all of it is shown")
    for poison in POISONS.values():
        eve.say(room, poison)
    eve.ask("TOPIC", room, POISONS["escape"])
    eve.say(room, "live end")
    wait_until(lambda: "live end" in process.out)
    eve.ask("BYE")
    assert process.eof() == 0
    harmless(process.out), harmless(process.err)


@pytest.mark.parametrize("term", ["xterm-256color", "dumb"])
def test_the_terminal(shared_broker, spoilt, terminal, name, term):
    eve, room = spoilt
    shown = terminal("-e", shared_broker.door, "--nick", name("bob"), "-r", room, "-n", "100",
                     env={"TERM": term}, columns=100, rows=60)  # fmt: skip
    shown.wait_row("the end")
    for poison in POISONS.values():
        eve.say(room, poison)
    eve.ask("TOPIC", room, POISONS["bidi"] + POISONS["escape"])
    eve.say(room, "live end")
    shown.wait_row("live end")
    for command in ("/who", "/rooms", "/topic"):
        shown.type(command + "\r")
    eve.say(room, "after the commands")
    shown.wait_row("after the commands")
    shown.type("/quit\r")
    wait_until(lambda: (shown.pump(), not shown.child.isalive())[1])
    harmless_screen(shown.raw)
    assert not any(row.startswith("12:00 alice") for row in shown.rows)


def test_what_one_types_oneself(shared_broker, terminal, name):
    """Pasted control characters do not come back to the own screen either."""
    shown = terminal("-e", shared_broker.door, "--nick", name("bob"), "-r", name("room"))
    shown.wait_row("you are in")
    shown.type("\x1b[200~" + POISONS["bidi"] + POISONS["zero width"] + POISONS["c1"] + "\x1b[201~")
    shown.type(" pasted\r")
    shown.wait_row("pasted")
    shown.type("/quit\r")
    wait_until(lambda: (shown.pump(), not shown.child.isalive())[1])
    harmless_screen(shown.raw)


# --- a broker that means harm


@pytest.mark.parametrize("name_poison", [False, True])
@pytest.mark.parametrize("json_form", [False, True])
@pytest.mark.parametrize("command", ["history", "listen", "rooms", "who", "send", "search"])
def test_an_impostor_and_the_commands(impostor, zchat, command, json_form, name_poison):
    broker = impostor(ALL, None if name_poison else "mallory")
    arguments = {
        "history": ["-r", "lobby", "--all"], "listen": ["-r", "lobby", "-n", "8", "--count", "8"],
        "rooms": [], "who": ["-r", "lobby"], "send": ["-r", "lobby", "hello"],
        "search": ["hello"],
    }[command]  # fmt: skip
    if json_form and command != "send":
        arguments.append("--json")
    process = zchat(command, "-e", broker.door, "--timeout", "3", *arguments)
    process.wait(40)
    harmless(process.out), harmless(process.err)


@pytest.mark.parametrize("refused", ["HELLO", "JOIN", "SAY", "HISTORY", "WHO", "ROOMS", "TOPIC"])
@pytest.mark.parametrize("code", ["name", "limit", "malformed", "private", "operator", "taken"])
def test_an_impostors_refusals(impostor, zchat, refused, code):
    broker = impostor(ALL, "mallory", refuses=[refused], code=code)
    command = {"HISTORY": ["history", "-r", "lobby"], "WHO": ["who", "-r", "lobby"],
               "ROOMS": ["rooms"], "SAY": ["send", "-r", "lobby", "hello"]}.get(
        refused, ["listen", "-r", "lobby", "--count", "1", "--nick", "bob"])  # fmt: skip
    process = zchat(*command, "-e", broker.door, "--timeout", "2")
    assert process.wait(40) != 0 or refused in ("TOPIC", "JOIN")
    harmless(process.out), harmless(process.err)


@pytest.mark.parametrize("code", ["slow", "storage", "closing", "gap", "identity", "hello", "odd"])
def test_sending_to_an_impostor_ends(impostor, zchat, code):
    """Whatever it is answered, that is no answer."""
    broker = impostor("not now", "mallory", refuses=["SAY"], code=code)
    process = zchat("send", "-r", "lobby", "hello", "-e", broker.door, "--timeout", "2")
    assert process.wait(40) != 0
    assert "hello" not in process.out and process.err


@pytest.mark.parametrize("refuses", [(), ("SAY", "TOPIC", "WHO", "ROOMS", "MODE", "KEYS")])
@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("last", [1, 10, 11])
def test_an_impostor_and_people(impostor, zchat, terminal, refuses, tty, last, monkeypatch):
    monkeypatch.setattr(Impostor, "last", last)
    broker = impostor(ALL, None, refuses=refuses)
    arguments = ["-e", broker.door, "--nick", "bob", "-r", "lobby"]
    commands = ["hello", "/who", "/rooms", "/topic", "/topic x", "/msg mallory hi",
                "/verify mallory", "/mode", "/kick mallory", "/invite mallory", "/search x",
                "/unread", "/reply 1 x", "/react #1 ok", "/edit #8 x", "/history 9"]  # fmt: skip
    if tty:
        shown = terminal(*arguments, columns=100, rows=60)
        wait_until(lambda: (shown.pump(), {"JOIN", "HISTORY"} <= broker.asked)[1])
        for command in commands:
            shown.type(command + "\r")
        wait_until(lambda: (shown.pump(), {"SAY", "WHO", "ROOMS", "TOPIC", "SEARCH",
                                           "UNREAD", "REACT", "EDIT"} <= broker.asked)[1])
        shown.type("/quit\r")
        wait_until(lambda: (shown.pump(), not shown.child.isalive())[1], what="it ends")
        harmless_screen(shown.raw)
    else:
        process = zchat(*arguments)
        wait_until(lambda: {"JOIN", "HISTORY"} <= broker.asked)
        process.type("hello")
        wait_until(lambda: "SAY" in broker.asked)
        process.process.stdin.close()
        process.wait(40)
        harmless(process.out), harmless(process.err)


# --- new texts: reasons, direct messages, and the log


def test_reasons_and_direct_messages(safe, person, zchat, capture):
    bob, eve = person(safe, "bob"), person(safe, "eve")
    bob.say("street", "first")
    for poison in POISONS.values():
        bob.set("street", "mute", "eve", reason=poison[:200])
        bob.ask("KICK", "street", "eve", poison[:200])
        bob.ask("REMOVE", "street", str(bob.say("street", poison)["seq"]), poison[:200])
        eve.ask("TELL", "bob", poison, {"data": {"k": poison}})
    bob.found("den")
    bob.ask("INVITE", "den", "eve", ALL.replace("\u0301", "")[:200])
    assert bodies(bob.history_all("@")) == list(POISONS.values()), "stored as they came"
    for form in ([], ["--json"]):
        process = zchat("history", "-e", safe.address, "-r", "street", "--all", *form)
        assert process.wait() == 0, process.err
        harmless(process.out), harmless(process.err)
        if not form:
            assert all(line.count("\t") == 5 for line in process.lines)
    safe.stop()
    raw = safe.stderr_path.read_bytes().decode()
    harmless(raw)
    safe.start()


@pytest.mark.parametrize("json_form", [False, True])
@pytest.mark.parametrize("command", ["history", "listen"])
def test_the_mailbox(safe, person, zchat, command, json_form):
    as_bob = ["-e", safe.address, "--nick", "bob"]
    assert zchat("send", *as_bob, "-r", "street", "I am bob").wait() == 0
    eve = person(safe, "eve")
    eve.found("den")
    eve.ask("INVITE", "den", "bob", ALL.replace("\u0301", "")[:200])
    for poison in POISONS.values():
        eve.ask("TELL", "bob", poison, {"data": {"k": poison, "sealed": 1}})
        eve.ask("TELL", "bob", poison, {"data": {"k": poison}})
    arguments = ["--mail", *(["-n", "100", "--count", "17"] if command == "listen" else [])]
    process = zchat(command, *as_bob, *arguments, *(["--json"] * json_form))
    assert process.wait() == 0, process.err
    harmless(process.out), harmless(process.err)
    if json_form:
        assert len([json.loads(line) for line in process.lines]) == 17
    else:
        assert len(process.lines) == 17 and all(line.count("\t") >= 5 for line in process.lines)


def test_direct_messages_on_the_terminal(safe, person, zchat, terminal):
    assert zchat("send", "-e", safe.address, "--nick", "bob", "-r", "street", "x").wait() == 0
    home = {"HOME": str(zchat("key").stdout_path.parent)}
    shown = terminal("-e", safe.address, "--nick", "bob", "-r", "street", env=home, columns=100,
                     rows=60)  # fmt: skip
    shown.wait_row("you are in")
    eve = person(safe, "eve")
    for poison in POISONS.values():
        eve.ask("TELL", "bob", poison)
        eve.ask("TELL", "bob", poison, {"data": {"sealed": 1}})
    eve.found("den")
    eve.ask("INVITE", "den", "bob", ALL.replace("\u0301", "")[:200])
    eve.ask("TELL", "bob", "the very end")
    shown.wait_row("the very end")
    shown.type("/quit\r")
    wait_until(lambda: (shown.pump(), not shown.child.isalive())[1])
    harmless_screen(shown.raw)


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log(brokers, door, form):
    broker = brokers(args=["--log-format", form, "--log-level", "debug"])
    for number, poison in enumerate(POISONS.values()):
        bob = door(broker, f"bob{number}", hello=True)
        bob.request("HELLO", {"protocol": "ZCHAT/1", "agent": poison[:40]})
        for frames in ([poison, poison[:8], poison], ["SAY", b"t", bob.user, poison, poison],
                       ["HELLO", b"t", poison], ["SYNC", b"t", bob.user, poison],
                       ["TELL", b"t", bob.user, poison, poison],
                       ["MODE", b"t", bob.user, "street", {"set": "mute", "reason": poison}],
                       ["HELLO", b"t", bob.user, {"token": poison}]):  # fmt: skip
            bob.exchange(*frames)
        bob.join("street")
        bob.close()
    wait_until(lambda: broker.log.count("lost") >= len(POISONS))
    broker.stop()
    text = broker.stderr_path.read_bytes().decode()
    harmless(text)
    if form == "json":
        for line in text.splitlines():
            assert isinstance(json.loads(line), dict)
    broker.start()
