"""The driver of scripts/bench counts nothing that did not arrive, once and in order."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import goals  # noqa: E402
import servers  # noqa: E402
import table  # noqa: E402

DRIVER = servers.BUILD / "bench_driver"
BODY = 64
MARK = b"~Zb:"


class Relay:
    """Sends what the speaker says to the listener, through a function that may spoil it."""

    def __init__(self, spoil):
        self.spoil = spoil
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        listener = speaker = None
        while not (listener and speaker):
            one, _ = self.door.accept()
            if one.recv(1) == b"L":
                listener = one
            else:
                speaker = one
        said = speaker.makefile("rb")
        while body := said.read(BODY):
            try:
                listener.sendall(self.spoil(body))
            except OSError:
                return


def drive(spoil, *arguments) -> subprocess.CompletedProcess:
    relay = Relay(spoil)
    return subprocess.run(
        [DRIVER, "--dialect", "plain", "--server", str(os.getpid()), "--door", str(relay.port),
         "--feed", str(relay.port), "--listeners", "1", "--count", "100", *arguments],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("window", ["1", "16"])
def test_all_arrived(window):
    done = drive(lambda body: body, "--window", window)
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)["run"]
    assert run["messages"] == run["deliveries"] == 100
    assert run["seconds"] > 0 and run["p50_us"] > 0


@pytest.mark.parametrize(
    "name, spoil",
    [
        ("lost", lambda body: b"" if MARK + b"0000002a" in body else body),
        ("twice", lambda body: body * 2 if MARK + b"0000002a" in body else body),
        ("changed", lambda body: body.replace(MARK + b"0000002a", MARK + b"0000002b")),
    ],
)
def test_not_whole(name, spoil):
    done = drive(spoil, "--window", "16")
    assert done.returncode == 1 and not done.stdout
    assert "heard message" in done.stderr


def one(cpu: float, deliveries: int = 1000) -> dict:
    return {"messages": deliveries, "deliveries": deliveries, "seconds": 1, "cpu": cpu, "p50_us": 10,
            "p99_us": 20, "p999_us": 30, "join_ms": 1, "kib": 1}  # fmt: skip


def test_ratios():
    """The table's are of zchat's packs; a goal is judged where all it needs was measured."""
    results = {
        "machine": "m", "date": "d", "command": "c", "rounds": 1, "seconds": 1, "took": 1,
        "servers": {"zchat-packs": ["1", "n"]}, "works": {"bodies": "Bodies"}, "failures": {},
        "groups": {"bodies|1024 bytes": {"zchat-packs": one(2), "redis": one(4), "plain": one(1)}},
    }  # fmt: skip
    judged = {text: (found, verdict) for text, _, found, verdict in goals.judge(results)}
    assert judged["1 KB bodies: CPU a delivery, of Redis"] == ("0.50", "holds")
    assert judged["1 KB bodies: CPU a delivery, of the floor"] == ("2.00", "missed")
    line = next(line for line in table.text(results).splitlines() if line.startswith("redis"))
    assert "2.00" in line and "4 ms" in line
    del results["groups"]["bodies|1024 bytes"]["redis"]
    assert "of Redis" not in str(goals.judge(results))
