"""The client's program: on pipes, and on a terminal whose screen is read as text."""

import os
import select
import signal
import subprocess
import time
from pathlib import Path

import pexpect
import pyte

from . import build
from .wait import DEADLINE, wait_until


class Zchat:
    """zchat with a pipe for a keyboard and a file for a screen."""

    def __init__(self, folder: Path, *arguments: str, wrap=(), env=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.name = "-".join(a.strip("-/:") for a in arguments if "/" not in a)[:60]
        number = len(list(folder.glob("*.out")))
        self.stdout_path = folder / f"zchat-{number}.out"
        self.stderr_path = folder / f"zchat-{number}.err"
        self.killed = False
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.process = subprocess.Popen(
                [*wrap, build.zchat(), *arguments], stdin=subprocess.PIPE, stdout=out, stderr=err,
                env=build.environment(**{"HOME": str(folder), **(env or {})}),
            )  # fmt: skip

    @property
    def out(self) -> str:
        return self.stdout_path.read_bytes().decode(errors="replace")

    @property
    def err(self) -> str:
        return self.stderr_path.read_bytes().decode(errors="replace")

    @property
    def lines(self) -> list:
        return self.out.splitlines()

    def type(self, line: str) -> None:
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def shows(self, line: str, deadline: float = DEADLINE) -> None:
        """Wait for a whole line."""
        try:
            wait_until(lambda: line in self.lines, deadline, what=f"the line {line!r}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}\nout:\n{self.out}\nerr:\n{self.err}") from None

    def kill(self) -> None:
        self.killed = True
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)

    def eof(self) -> int:
        """The end of what is typed; returns the exit status."""
        self.process.stdin.close()
        return self.wait()

    def wait(self, deadline: float = DEADLINE) -> int:
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"zchat goes on\nout:\n{self.out}\nerr:\n{self.err}") from None

    def close(self) -> None:
        """Reaped, whatever happened; and neither crashed nor sanitized."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        print(f"--- zchat {self.name}\n{self.out[-1500:]}\n{self.err[-3000:]}")
        build.assert_clean(self.err, "zchat")
        crashed = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, 99}
        assert self.process.returncode not in crashed, self.process.returncode


class Terminal:
    """zchat on a pseudo-terminal; pyte keeps what a person would see."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 60, rows: int = 20, env=None,
                 wrap=(), first=False):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        more = {"TERM": "xterm-256color", "HOME": str(folder), **(env or {})}
        if not first and more["HOME"].startswith("/") and Path(more["HOME"]).is_dir():
            greeted = Path(more["HOME"]) / ".cache/zchat/greeted"
            greeted.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            greeted.touch()
        self.child = pexpect.spawn(
            [*wrap, build.zchat()][0], [*wrap, build.zchat(), *arguments][1:], dimensions=(rows, columns),
            env=build.environment(**more), timeout=DEADLINE, echo=False,
        )  # fmt: skip
        self.child.delaybeforesend = None

    def pump(self) -> None:
        try:
            while True:
                data = self.child.read_nonblocking(65536, timeout=0)
                self.raw += data
                # pyte knows neither SGR with colons nor all private modes; it skips them
                self.stream.feed(data)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    @property
    def rows(self) -> list:
        self.pump()
        return [row.rstrip() for row in self.screen.display]

    @property
    def cursor_row(self) -> str:
        """The row the cursor stands in."""
        self.pump()
        return self.screen.display[self.screen.cursor.y].rstrip()

    def type(self, text: str) -> None:
        """As a terminal does: what is shown meanwhile is taken, else both would wait for the other."""
        rest, end = text.encode(), time.monotonic() + DEADLINE
        os.set_blocking(self.child.child_fd, False)
        try:
            while rest:
                assert time.monotonic() < end, f"{len(rest)} bytes were not read"
                try:
                    rest = rest[os.write(self.child.child_fd, rest) :]
                except BlockingIOError:
                    self.pump()
                    select.select([self.child.child_fd], [self.child.child_fd], [], 0.1)
        finally:
            os.set_blocking(self.child.child_fd, True)

    def wait_for(self, predicate, what: str = "", deadline: float = DEADLINE) -> None:
        """Until predicate (this) holds of the screen."""
        try:
            wait_until(lambda: predicate(self), deadline, what)
        except AssertionError as failure:
            shown = "\n".join(self.rows)
            raise AssertionError(f"{failure}\nthe screen:\n{shown}\nraw tail: {self.raw[-600:]!r}")

    def wait_row(self, text: str) -> None:
        self.wait_for(lambda t: any(text in row for row in t.rows), f"a row with {text!r}")

    def close(self) -> None:
        self.pump()
        if self.child.isalive():
            self.child.kill(signal.SIGTERM)
            try:
                wait_until(lambda: (self.pump(), not self.child.isalive())[1], 10)
            except AssertionError:
                self.child.kill(signal.SIGKILL)
        self.child.close(force=True)
        build.assert_clean(self.raw.decode(errors="replace"), "zchat")


def pid_is_gone(pid: int) -> bool:
    return not os.path.exists(f"/proc/{pid}")
