#!/usr/bin/env python3
"""What a reader of zchat-web's streams costs: web_readers.py [--readers 1000] [--messages 200] [--build build/release]

Opens streams of one room, says things there, and reads of /proc what the door took: memory for each
stream, CPU for each event that was delivered. Prints one line of JSON. CPU is counted in the kernel's
ticks, so it says little where little was delivered."""

import argparse
import json
import os
import resource
import selectors
import socket
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration"))

from support import token  # noqa: E402
from support.broker import Broker  # noqa: E402
from support.web import Web  # noqa: E402


def cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))


class Readers:
    """So many streams; read counts what came."""

    def __init__(self, port: int, count: int):
        self.selector = selectors.DefaultSelector()
        self.tail: dict = {}
        for _ in range(count):
            peer = socket.create_connection(("127.0.0.1", port))
            peer.sendall(b"GET /rooms/dev/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            peer.setblocking(False)
            self.selector.register(peer, selectors.EVENT_READ)
            self.tail[peer] = b""

    def read(self, mark: bytes, wanted: int) -> None:
        """Read until the mark has come so often."""
        found, end = 0, time.monotonic() + 300
        while found < wanted:
            assert time.monotonic() < end, f"{found} of {wanted} {mark!r}"
            for key, _ in self.selector.select(1):
                data = self.tail[key.fileobj] + key.fileobj.recv(262144)
                found += data.count(mark)
                cut = data.rfind(mark)
                self.tail[key.fileobj] = data[cut + len(mark):][-len(mark) + 1:] if cut >= 0 else data[-len(mark) + 1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--build", default="build/release")
    options = parser.parse_args()
    os.environ["ZCHAT_BUILD"] = options.build
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder) / "broker").start()
        door = Web(Path(folder) / "web", broker.door).start()
        who = "ada:" + token.make(broker.data, "ada")
        assert door.post("/rooms/dev", "first", who=who).status == 200
        pid = door.process.pid
        before = memory(pid)
        readers = Readers(door.port, options.readers)
        readers.read(b"event: live", options.readers)
        idle = memory(pid)
        began, broker_began = cpu_s(pid), cpu_s(broker.process.pid)
        for i in range(options.messages):
            assert door.post("/rooms/dev", f"message {i:04} " + "x" * 51, who=who).status == 200
            readers.read(b'"type":"say"', options.readers)
        used, broker_used = cpu_s(pid) - began, cpu_s(broker.process.pid) - broker_began
        delivered = options.readers * options.messages
        print(json.dumps({
            "readers": options.readers, "delivered": delivered,
            "memory_a_reader_kb": round((idle - before) / options.readers / 1000, 1),
            "memory_a_reader_after_kb": round((memory(pid) - before) / options.readers / 1000, 1),
            "cpu_an_event_us": round(used / delivered * 1e6, 2),
            "broker_cpu_an_event_us": round(broker_used / delivered * 1e6, 3),
        }))  # fmt: skip
        door.kill()
        broker.kill()


if __name__ == "__main__":
    main()
