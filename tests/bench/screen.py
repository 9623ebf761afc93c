#!/usr/bin/python3
"""screen - what the full screen costs while a room is busy, and while a long history is scrolled through

Usage: tests/bench/screen.py [--seconds 20] [--rate 1000] [--messages 1000000] [--only keys|scroll]

keys: zchat in a pseudo-terminal of 100 by 30, in a room that brings so many messages a second. A letter is
typed every 50 ms; how long until it is drawn. Processor time of zchat a message.
scroll: a room of so many messages, scrolled back through by PageUp to its beginning. Resident memory of zchat at
the start, the most it was, and pages a second.
"""
import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ZCHAT_BUILD", "build/release")
TICK = os.sysconf("SC_CLK_TCK")
LETTERS = [chr(c) for c in range(0x10D0, 0x10F1)]  # Georgian: nobody else here writes it


class Screen:
    def __init__(self, door: str, home: Path, columns=100, rows=30):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = {"HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
            os.execve(BUILD / "zchat", ["zchat", door, "--nick", "maria", "-r", "dev"], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, timeout: float) -> bytes:
        ready, _, _ = select.select([self.fd], [], [], timeout)
        return os.read(self.fd, 65536) if ready else b""

    def until(self, word: bytes, deadline=30.0) -> float:
        """Seconds until it is drawn."""
        begin, seen = time.perf_counter(), b""
        while word not in seen:
            left = begin + deadline - time.perf_counter()
            if left < 0:
                raise TimeoutError(word)
            seen = seen[-64:] + self.read(left)
        return time.perf_counter() - begin

    def processor(self) -> float:
        words = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / TICK

    def memory(self) -> int:
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text()).group(1))

    def close(self):
        os.write(self.fd, b"\x03\x03")
        os.kill(self.pid, 15)
        os.waitpid(self.pid, 0)


class Broker:
    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [BUILD / "zchatd", "--data", folder / "data", "--door", "tcp://127.0.0.1:*", "--feed",
             "tcp://127.0.0.1:*", "--quota", "messages=0", "--quota", "bytes=0", "--index", "off"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        line = self.process.stdout.readline()
        self.door = next(w[5:] for w in line.split() if w.startswith("door="))

    def sender(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.connect(self.door)
        socket.send_multipart([b"HELLO", b"0", b"sender"])
        socket.recv_multipart()
        return socket

    def close(self):
        self.process.terminate()
        self.process.wait()


def fill(broker, count: int):
    socket, open_ = broker.sender(), 0
    for i in range(count):
        socket.send_multipart([b"SAY", b"%d" % i, b"sender", b"dev", b"message %d of those that are scrolled through" % i])
        open_ += 1
        while open_ >= 2000 or (open_ and socket.poll(0)):
            socket.recv_multipart()
            open_ -= 1
    while open_:
        socket.recv_multipart()
        open_ -= 1


def talk(broker, rate: int, stop, said: list):
    socket, begin = broker.sender(), time.monotonic()
    while not stop.is_set():
        due = int((time.monotonic() - begin) * rate)
        while said[0] < due:
            socket.send_multipart([b"SAY", b"x", b"sender", b"dev", b"one of many, number %d" % said[0]])
            said[0] += 1
        while socket.poll(0):
            socket.recv_multipart()
        time.sleep(0.001)


def keys(broker, home: Path, seconds: float, rate: int):
    screen = Screen(broker.door, home)
    screen.until(b"dev>")
    stop, said, waits = threading.Event(), [0], []
    thread = threading.Thread(target=talk, args=(broker, rate, stop, said))
    thread.start()
    screen.until(b"one of many")
    begin, processor, before = time.monotonic(), screen.processor(), said[0]
    i = 0
    while time.monotonic() - begin < seconds:
        letter = LETTERS[i % len(LETTERS)].encode()
        i += 1
        os.write(screen.fd, letter)
        waits.append(screen.until(letter))
        if i % len(LETTERS) == 0:  # a line that is full scrolls
            os.write(screen.fd, b"\x15")
        end = time.monotonic() + 0.05
        while (left := end - time.monotonic()) > 0:
            screen.read(left)
    spent, count = screen.processor() - processor, said[0] - before
    stop.set()
    thread.join()
    screen.close()
    waits.sort()
    print(f"typed                                   {len(waits)} letters, while {count / seconds:.0f} messages a second came")
    print(f"until it was drawn, ms                  p50 {1e3 * statistics.median(waits):.1f}, "
          f"p99 {1e3 * waits[int(len(waits) * 0.99)]:.1f}, longest {1e3 * waits[-1]:.1f}")  # fmt: skip
    print(f"processor time of zchat                 {1e6 * spent / count:.0f} us a message, all in all")


def scroll(broker, home: Path, messages: int):
    fill(broker, messages)
    screen = Screen(broker.door, home)
    screen.until(b"dev>")
    screen.until(b"scrolled through")
    start = most = screen.memory()
    begin, pages, last, still = time.monotonic(), 0, time.monotonic(), b""
    lowest = messages
    while lowest > 0 and time.monotonic() - last < 20:
        os.write(screen.fd, b"\x1b[5~" * 4)
        pages += 4
        seen = screen.read(0.05)
        for number in re.findall(rb"message (\d+) of", still + seen):
            if int(number) < lowest:
                lowest, last = int(number), time.monotonic()
        still = seen[-16:]
        most = max(most, screen.memory())
    took = time.monotonic() - begin
    print(f"scrolled back through                   {messages - lowest} of {messages} messages in {took:.0f} s")
    print(f"resident memory                         {start / 1024:.1f} MB before, {most / 1024:.1f} MB at most")
    print(f"processor time of zchat                 {1e6 * screen.processor() / max(messages - lowest, 1):.1f} us a message")
    screen.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=1000000)
    parser.add_argument("--only", choices=["keys", "scroll"])
    options = parser.parse_args()
    for name in ("keys", "scroll"):
        if options.only not in (None, name):
            continue
        folder = Path(tempfile.mkdtemp(prefix="zchat-screen."))
        broker = Broker(folder)
        try:
            if name == "keys":
                keys(broker, folder, options.seconds, options.rate)
            else:
                scroll(broker, folder, options.messages)
        finally:
            broker.close()
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
