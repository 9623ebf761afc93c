"""The broker as a process: started, killed, restarted on its ports, always reaped."""

import os
import random
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from . import build
from .wait import DEADLINE


def free_ports(count: int) -> list:
    """Ports nobody listens on, below the range outgoing connections are given: a client that
    tries a dead broker's port again and again would in time connect to itself there. Tests that
    run beside each other (pytest-xdist) have a range each: a port is free until it is bound."""
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    low = low if low > 12000 else 32000
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = (low - 10000) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports = []
    while len(ports) < count:
        port = 10000 + worker * share + random.randrange(share)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Broker:
    """zchatd on a folder of its own. The same doors and feeds after every start."""

    def __init__(
        self, folder: Path, doors=None, feeds=None, args=(), env=None, wrap=(), data=None
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = data or folder / "data"
        ports = free_ports(2)
        self.doors = list(doors or [f"tcp://127.0.0.1:{ports[0]}"])
        self.feeds = list(feeds or [f"tcp://127.0.0.1:{ports[1]}"])
        self.args = list(args)
        self.env = dict(env or {})
        self.wrap = list(wrap)
        self.process = None
        self.address = None
        self.killed = False
        self.stderr_path = folder / "broker.log"
        self.stdout_path = folder / "broker.out"

    # --- starting and stopping

    def start(self) -> "Broker":
        assert self.process is None
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        command = [*self.wrap, build.zchatd(), "--data", str(self.data)]
        for door in self.doors:
            command += ["--door", door]
        for feed in self.feeds:
            command += ["--feed", feed]
        command += ["--ready-fd", str(writer), *self.args]
        with open(self.stderr_path, "ab") as err, open(self.stdout_path, "ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=(writer,),
                env=build.environment(**self.env),
            )  # fmt: skip
        self.killed = False
        os.close(writer)
        try:
            line = self._read_ready(reader)
        finally:
            os.close(reader)
        words = line.split()
        assert words and words[0] == "ready", line
        self.doors = [word[5:] for word in words[1:] if word.startswith("door=")]
        self.feeds = [word[5:] for word in words[1:] if word.startswith("feed=")]
        self.address = next((w[8:] for w in words[1:] if w.startswith("address=")), None)
        return self

    def _read_ready(self, reader: int) -> str:
        end, line = time.monotonic() + DEADLINE, b""
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            assert left > 0, f"not ready in {DEADLINE} s\n{self.log}"
            if not select.select([reader], [], [], left)[0]:
                continue
            chunk = os.read(reader, 4096)
            if not chunk:
                code = self.process.wait(DEADLINE)
                self.process = None
                raise AssertionError(f"the broker ended with {code}\n{self.log}")
            line += chunk
        return line.decode()

    def kill(self) -> None:
        """kill -9: nothing is flushed, nobody is told."""
        self.check_alive()
        self.killed = True
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; returns the exit status."""
        self.check_alive()
        self.process.send_signal(number)
        try:
            code = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise AssertionError(f"still there {DEADLINE} s after signal {number}\n{self.log}")
        self.process = None
        build.assert_clean(self.log, "zchatd")
        return code

    def restart(self) -> None:
        assert self.stop() == 0
        self.start()

    def crash(self) -> None:
        self.kill()
        self.start()

    def check_alive(self) -> None:
        assert self.process is not None, "the broker is not running"
        code = self.process.poll()
        if code is not None:
            self.process = None
            raise AssertionError(f"the broker died by itself: {code}\n{self.log[-6000:]}")

    def close(self) -> None:
        """The end of every test: it still runs, it ends in order, no sanitizer spoke."""
        try:
            if self.process is not None:
                assert self.stop() == 0, f"it did not end with 0\n{self.log[-6000:]}"
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
                self.process = None
            print(f"--- {self.stderr_path}\n{self.log[-4000:]}")
        build.assert_clean(self.log, "zchatd")

    # --- what is known of it

    @property
    def door(self) -> str:
        return self.doors[0]

    @property
    def feed(self) -> str:
        return self.feeds[0]

    @property
    def door_port(self) -> int:
        return int(re.search(r":(\d+)/?$", self.door)[1])

    @property
    def feed_port(self) -> int:
        return int(re.search(r":(\d+)/?$", self.feed)[1])

    @property
    def log(self) -> str:
        """What it wrote to standard error, of all its starts."""
        if not self.stderr_path.exists():
            return ""
        return self.stderr_path.read_bytes().decode(errors="replace")

    def fds(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
