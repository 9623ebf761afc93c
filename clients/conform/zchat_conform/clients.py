"""How a client is started, watched and judged; the cases are in client_listen.py and client_send.py."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Optional

from .cases import CLIENT
from .fake import Fake, Mischief
from .link import Case, Outcome
from .wire import Wrong, must

PATIENCE = 45.0
ROOM = "lobby"


class Child:
    """The client's program."""

    def __init__(self, command: str, fake: Fake, name: str):
        self.folder = tempfile.mkdtemp(prefix="zchat-conform-")
        words = [w.format(door=fake.door, room=ROOM, name=name) for w in shlex.split(command)]
        self.out = open(os.path.join(self.folder, "out"), "w+b")
        self.err = open(os.path.join(self.folder, "err"), "w+b")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZCHAT_", "XDG_"))}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=self.out, stderr=self.err,
                                        env={**kept, "HOME": self.folder})  # fmt: skip

    def read(self, which: Any) -> str:
        with open(which.name, "rb") as file:
            return file.read().decode("utf-8", "replace")

    def records(self) -> list:
        """The lines of JSON it printed; what is not JSON is its own affair."""
        made = []
        for line in self.read(self.out).split("\n")[:-1]:
            try:
                made.append(json.loads(line))
            except ValueError:
                pass
        return [record for record in made if isinstance(record, dict)]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        self.out.close()
        self.err.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Play:
    """A fake broker and a client, for one case."""

    def __init__(self, command: str, curve: bool = False):
        self.command = command
        self.curve = curve
        self.fake: Fake = None  # type: ignore[assignment]
        self.child: Optional[Child] = None
        self.name = "con" + os.urandom(2).hex()

    def begin(self, mischief: Optional[Mischief] = None, before: Optional[Callable] = None, **options: Any) -> Fake:
        self.fake = Fake(mischief, curve=self.curve, **options)
        if before:
            self.fake.do(lambda: before(self.fake))
        self.child = Child(self.command, self.fake, self.name)
        return self.fake

    def until(self, holds: Callable, what: str, patience: float = PATIENCE) -> Any:
        end = time.monotonic() + patience
        while not (value := holds()):
            if time.monotonic() > end:
                said = self.child.read(self.child.err)[-500:] if self.child else ""
                raise Wrong(f"not within {patience:.0f} s: {what}{'; the client said: ' + said if said else ''}")
            time.sleep(0.02)
        return value

    def asked(self, verb: str) -> list:
        """(time, client, frames) of all such requests."""
        return [r for r in list(self.fake.requests) if r[2][:1] == [verb.encode()]]

    def close(self) -> None:
        if self.child:
            self.child.close()
        if self.fake:
            self.fake.close()

    # --- who listens

    def arrived(self) -> None:
        """It follows the room: the barrier came back, or it asked HISTORY of it."""
        self.until(lambda: self.asked("HISTORY"), "the client asks HISTORY of the room")
        time.sleep(0.3)  # until what it asked first is answered; what comes earlier it may leave out

    def texts(self) -> list:
        return [r["text"] for r in self.child.records() if r.get("type", "say") in ("say", "action") and "text" in r]

    def hears(self, wanted: list, patience: float = PATIENCE) -> None:
        """Exactly these, in this order; what was said before it came may stand in front."""

        def there() -> bool:
            return wanted[-1:] == self.texts()[-1:] and len(self.texts()) >= len(wanted)

        try:
            self.until(there, "all messages", patience)
        except Wrong as wrong:
            got = self.texts()
            missing = [text for text in wanted if text not in got]
            raise Wrong(f"{len(got)} of {len(wanted)} came; missing {missing[:5]}; {wrong}") from wrong
        time.sleep(0.3)  # what comes twice comes later
        got = [text for text in self.texts() if not text.startswith("before")]
        twice = sorted({text for text in got if got.count(text) > 1})
        must(not twice, f"these came twice: {twice[:5]}")
        must(got == wanted, f"out of order, or too many: {got[:20]} instead of {wanted[:20]}")

    # --- who sends

    def send(self, lines: list) -> None:
        assert self.child and self.child.process.stdin
        self.child.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.child.process.stdin.close()

    def ends(self, patience: float = PATIENCE) -> int:
        return self.until(lambda: self.child.process.poll() is not None and (self.child.process.returncode + 1000),
                          "the client ends", patience) - 1000  # fmt: skip

    def stored(self) -> list:
        return [event.body for event in self.fake.room(ROOM).events if event.user != "eve"]

    def all_stored(self, lines: list, patience: float = PATIENCE) -> None:
        status = self.ends(patience)
        must(status == 0, f"it ended with {status}: {self.child.read(self.child.err)[-300:]}")
        got = self.stored()
        twice = sorted({text for text in got if got.count(text) > 1})
        must(not twice, f"these stand twice: {twice[:5]}")
        must(got == lines, f"{len(got)} of {len(lines)} stand there, or in another order: {got[:10]}")
        self.numbered()

    def numbered(self) -> None:
        """Of every SAY: a producer of the right form, n = 1, 2, 3 on each connection, `again` where it is due."""
        first: dict = {}
        last: dict = {}
        for _, client, frames, _ in self.asked("SAY"):
            asked = json.loads(frames[5]) if len(frames) > 5 and frames[5] else {}
            producer, n = asked.get("producer"), asked.get("n")
            must(isinstance(producer, str) and re.fullmatch("[0-9a-f]{32}", producer), f"a producer of 32 hex digits: {asked}")
            must(n <= last.get((client, producer), n) + 1, f"n counts 1, 2, 3: {n} after {last.get((client, producer))}")
            last[client, producer] = n
            if n == 1 and first.setdefault(producer, client) != client:
                must("again" in asked, "n 1 is sent over another connection without again")


def run_case(command: str, case: Case, curve: bool = False) -> Outcome:
    play = Play(command, curve)
    try:
        case.run(play)
        return Outcome(case, "ok", "", lines_of(play))
    except Wrong as wrong:
        return Outcome(case, "wrong", str(wrong), lines_of(play))
    except Exception as error:  # noqa: BLE001 - what a client does may be anything
        return Outcome(case, "wrong", f"{type(error).__name__}: {error}", lines_of(play))
    finally:
        play.close()


def lines_of(play: Play) -> list:
    return list(play.fake.transcript.lines) if play.fake else []


def run(listen: Optional[str], send: Optional[str], only: Optional[Callable] = None, at_once: int = 6,
        curve: bool = False) -> list:  # fmt: skip
    from . import client_listen, client_send  # noqa: F401 - they fill the list

    commands = {"listen": listen, "send": send}
    chosen = [c for c in CLIENT if commands[c.needs] and (only is None or only(c))]  # type: ignore[attr-defined]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda case: run_case(commands[case.needs], case, curve), chosen))  # type: ignore[attr-defined,arg-type]
