#!/usr/bin/python3
"""day - the same day in zchat, irssi and weechat, keystroke by keystroke

Usage: tests/bench/day.py [--only PROGRAM...] [--markdown | --document] [--screens]

Starts a zchatd and an ngircd of its own, and each of the three programs in a tmux of 80 by 24, as it is
installed: nothing is configured but name and server. Does what people do in a day, one thing after the
other, and looks at the screen whether it worked. Counts the keys that are pressed, not those of the text that
is said. A dash: it was tried, and the program cannot do it by itself. --screens shows each screen.
Needs tmux, irssi, weechat and ngircd (scripts/setup bench).
"""
import argparse
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ZCHAT_BUILD", "build/release")
CODE = [f"    line {i} of the code;" for i in range(1, 41)]
DEADLINE = 15
DONE, CANNOT = "done", "cannot"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(predicate, what, deadline=DEADLINE):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        value = predicate()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(what)


class Screen:
    """A program in a tmux, and the keys that were pressed."""

    def __init__(self, folder: Path, *command, home: Path):
        self.socket = folder / f"tmux{time.monotonic_ns()}"
        self.keys = 0
        words = ["env", f"HOME={home}", "LANG=C.UTF-8", "TERM=xterm-256color", *map(str, command)]
        self.run("new-session", "-d", "-x", "80", "-y", "24", "exec " + shlex.join(words))

    def run(self, *arguments) -> str:
        return subprocess.run(["tmux", "-u", "-f", "/dev/null", "-S", str(self.socket), *arguments],
                              capture_output=True, text=True, timeout=30).stdout  # fmt: skip

    def text(self) -> str:
        return self.run("capture-pane", "-p")

    def press(self, *keys):
        """A key each: Enter, M-a, C-r."""
        for key in keys:
            self.run("send-keys", key)
            self.keys += 1

    def type(self, text: str, counts=True):
        self.run("send-keys", "-l", "--", text)
        self.keys += len(text) if counts else 0

    def paste(self, lines):
        """As a terminal does it: in brackets, where the program asked for them."""
        self.run("set-buffer", "-b", "day", "\n".join(lines))
        self.run("paste-buffer", "-p", "-r", "-b", "day")

    def sees(self, *words, deadline=DEADLINE) -> None:
        wait(lambda: all(w in self.text() for w in words), f"{words} on the screen", deadline)

    def never(self, word, seconds=2) -> bool:
        """It does not come up. The only thing that can be waited for by time."""
        try:
            self.sees(word, deadline=seconds)
        except TimeoutError:
            return True
        return False

    def close(self):
        self.run("kill-server")


# --- the programs ----------------------------------------------------------------------------------


class Zchat:
    """Its broker, and others in the room by `zchat send`."""

    name, room = "zchat", "dev"

    def __init__(self, folder: Path):
        self.folder = folder / "zchat"
        self.folder.mkdir()
        self.door, feed = (f"tcp://127.0.0.1:{free_port()}" for _ in range(2))
        self.broker = subprocess.Popen(
            [BUILD / "zchatd", "--curve", "--data", self.folder / "data", "--door", self.door,
             "--feed", feed],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        self.door = next(word[8:] for word in self.broker.stdout.readline().split()
                         if word.startswith("address="))  # fmt: skip
        self.homes = [self.folder / "laptop", self.folder / "desk"]
        for home in self.homes:
            home.mkdir()
        self.screen = None

    def start(self, machine=0):
        self.screen = Screen(self.folder, BUILD / "zchat", self.door, "--nick", "maria",
                             home=self.homes[machine])  # fmt: skip
        self.screen.sees("lobby>")

    def other(self, who: str, room: str, text: str, person=False):
        to = ["--to", room] if person else ["-r", room]
        subprocess.run([BUILD / "zchat", "send", "-e", self.door, "--nick", who, *to, text],
                       check=True, env={**os.environ, "HOME": str(self.home_of(who))})  # fmt: skip

    def run(self, machine: int, *words) -> str:
        done = subprocess.run([BUILD / "zchat", *words], check=True, capture_output=True, text=True,
                              env={**os.environ, "HOME": str(self.homes[machine])})  # fmt: skip
        return done.stdout.split()[0]

    def home_of(self, who: str) -> Path:
        """Each has a key of their own."""
        home = self.folder / who
        home.mkdir(exist_ok=True)
        return home

    def close(self):
        self.broker.terminate()
        self.broker.wait()


class Irc:
    """ngircd, and others as sockets."""

    room = "#dev"

    def __init__(self, folder: Path):
        self.folder = folder / self.name
        self.folder.mkdir()
        self.port = free_port()
        conf = self.folder / "ngircd.conf"
        conf.write_text(f"[Global]\nName = irc.example.org\nInfo = day\nListen = 127.0.0.1\n"
                        f"Ports = {self.port}\n[Options]\nDNS = no\nIdent = no\nPAM = no\n"
                        f"[Limits]\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\n")  # fmt: skip
        self.server = subprocess.Popen([shutil.which("ngircd") or "/usr/sbin/ngircd", "-n", "-f", conf],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait(self.answers, "ngircd")
        self.homes = [self.folder / "laptop", self.folder / "desk"]
        for home in self.homes:
            home.mkdir()
        self.others = {}
        self.screen = None

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def other(self, who: str, room: str, text: str, person=False):
        if who not in self.others:
            s = self.others[who] = socket.create_connection(("127.0.0.1", self.port))
            s.sendall(f"NICK {who}\r\nUSER {who} 0 * :{who}\r\n".encode())
            wait(lambda: b" 001 " in s.recv(65536), "welcome")
            s.sendall(b"JOIN #dev\r\nJOIN #lobby\r\n")
            wait(lambda: b" 366 " in s.recv(65536), "join")
        self.others[who].sendall(f"PRIVMSG {room} :{text}\r\n".encode())

    def close(self):
        for s in self.others.values():
            s.close()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()


class Irssi(Irc):
    name = "irssi"

    def start(self, machine=0):
        self.screen = Screen(self.folder, "irssi", "-c", "127.0.0.1", "-p", self.port, "-n", "maria",
                             home=self.homes[machine])  # fmt: skip
        self.screen.sees("MOTD", deadline=30)
        self.screen.type("/join #lobby", counts=False)
        self.screen.run("send-keys", "Enter")
        self.screen.sees("Irssi: #lobby")


class Weechat(Irc):
    name = "weechat"

    def start(self, machine=0):
        self.screen = Screen(self.folder, "weechat", "-r", f"/server add day 127.0.0.1/{self.port}",
                             "-r", "/set irc.server.day.nicks maria", "-r",
                             "/set irc.server_default.ssl off", "-r", "/connect day",
                             home=self.homes[machine])  # fmt: skip
        self.screen.sees("MOTD", deadline=30)
        self.screen.type("/join #lobby", counts=False)
        self.screen.run("send-keys", "Enter")
        self.screen.sees("#lobby")


# --- the day -----------------------------------------------------------------------------------------


def join(p):
    p.screen.type(f"/join {p.room}")
    p.screen.press("Enter")
    p.screen.type("good morning", counts=False)
    p.screen.press("Enter")
    p.screen.sees("good morning", *(["1 here"] if p.name == "zchat" else []))
    return "`/join`, then what one says"


def unread(p):
    p.other("ivan", "lobby" if p.name == "zchat" else "#lobby", "release is on Friday")
    time.sleep(0.5)  # it is to be unread: nothing on this screen need show it
    p.screen.press("M-a")
    p.screen.sees("release is on Friday")
    return "Alt-a"


def message(p):
    p.other("ivan", p.room, "here is ivan")
    p.screen.type("/msg ivan ")
    p.screen.type("lunch at one?", counts=False)
    p.screen.press("Enter")
    p.screen.sees("@ivan" if p.name == "zchat" else "ivan")
    return "`/msg NAME`" + ("; sealed" if p.name == "zchat" else "")


def link(p):
    p.other("ivan", p.room, "look: https://example.org/page")
    p.screen.press("M-a", "M-a")
    if p.name == "zchat":
        p.screen.sees("https://example.org/page")
        p.screen.type("/open 1")
        p.screen.press("Enter")
        return "`/open 1`, or a click where the terminal has links"
    return None


def paste(p):
    p.screen.paste(CODE)
    if p.name == "zchat":
        p.screen.sees("40 lines")
        p.screen.press("Enter")
        p.screen.sees("line 1 of the code")
        return "asks; Enter sends one message of 40 lines, folded"
    if p.name == "irssi":
        p.screen.press("C-k")
        p.screen.sees("line 40 of the code", deadline=120)
        return "asks; Ctrl-k sends 40 messages"
    p.screen.press("C-y")
    p.screen.sees("line 40 of the code", deadline=120)
    return "asks; Ctrl-y sends 40 messages"


def away(p):
    p.screen.type("/away ")
    p.screen.type("lunch", counts=False)
    p.screen.press("Enter")
    return "`/away`"


def leave(p):
    p.screen.type("/quit")
    p.screen.press("Enter")
    wait(lambda: "dead" in (p.screen.text() or "dead"), "its end")
    return "`/quit`"


def missed(p):
    p.screen.close()
    p.other("chen", p.room, "maria: the build is red")
    p.start(0)
    p.screen.keys = 0
    p.screen.type(f"/join {p.room}")
    p.screen.press("Enter")
    if p.screen.never("the build is red", 4):
        return None
    return "it is there, behind a line `new`"


def search(p):
    words = {"zchat": ["/search release"], "irssi": ["/lastlog release"]}.get(p.name)
    if words:
        p.screen.type(words[0])
        p.screen.press("Enter")
    else:
        p.screen.press("C-r")
        p.screen.type("release")
    if p.screen.never("release is on Friday", 4):
        return None
    return "`/search`, as far back as the log goes"


def elsewhere(p):
    p.screen.close()
    if p.name == "zchat":  # once in the life of the two
        key = p.run(1, "key")
        p.run(0, "key", "add", key, "-e", p.door, "--nick", "maria")
    p.start(1)
    p.screen.keys = 0
    p.screen.type(f"/join {p.room}")
    p.screen.press("Enter")
    if p.screen.never("the build is red", 4):
        return None
    return "all is there, and what was read there is read here (once before: `zchat key add`)"


DAY = [
    ("join a room and say something", join),
    ("go to where something is unread", unread),
    ("message one person", message),
    ("follow a link that somebody gave", link),
    ("paste 40 lines of code", paste),
    ("say that one is away", away),
    ("start again, and read what was said meanwhile", missed),
    ("find what was said before this start", search),
    ("go on at another machine", elsewhere),
    ("leave", leave),
]


def spend(program, screens: bool) -> list:
    rows = []
    try:
        program.start()
        for what, do in DAY:
            program.screen.keys = 0
            try:
                how = do(program)
            except TimeoutError as error:
                how = None
                print(f"{program.name}, {what}: {error}\n{program.screen.text()}", file=sys.stderr)
            rows.append((what, program.screen.keys, how))
            if screens:
                print(f"--- {program.name}: {what}\n{program.screen.text().rstrip()}")
    finally:
        if program.screen:
            program.screen.close()
        program.close()
    return rows


def cell(keys: int, how) -> str:
    return f"{keys} key{'s' if keys > 1 else ''}: {how}" if how else "-"


def table(days: dict) -> list:
    lines = ["| | " + " | ".join(days) + " |", "|---|" + "---|" * len(days)]
    for i, (what, _) in enumerate(DAY):
        lines.append(f"| {what} | " + " | ".join(cell(*rows[i][1:]) for rows in days.values()) + " |")
    return lines


def plain(days: dict) -> list:
    return [f"{name}, {what}: {cell(keys, how)}" for name, rows in days.items()
            for what, keys, how in rows]  # fmt: skip


def document(days: dict) -> None:
    path = ROOT / "docs/DAY.md"
    text = path.read_text()
    begin, end = text.index("<!-- table -->"), text.index("<!-- end -->")
    path.write_text(text[:begin] + "<!-- table -->\n" + "\n".join(table(days)) + "\n" + text[end:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", default=["zchat", "irssi", "weechat"])
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--document", action="store_true")
    parser.add_argument("--screens", action="store_true")
    options = parser.parse_args()
    programs = {"zchat": Zchat, "irssi": Irssi, "weechat": Weechat}
    folder = Path(tempfile.mkdtemp(prefix="zchat-day."))
    try:
        days = {name: spend(programs[name](folder), options.screens) for name in options.only}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.document:
        document(days)
    for line in table(days) if options.markdown else plain(days):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
