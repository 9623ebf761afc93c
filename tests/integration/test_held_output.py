"""Standard output and error that nobody reads, that are held, or that are closed: the chat goes on."""

import fcntl
import os
import pty
import signal
import subprocess

import pytest
from support import build
from support.broker import free_ports
from support.client import Door
from support.wait import DEADLINE

SMALL = 4096  # bytes of a pipe, as few as can be


class Held:
    """zchatd with standard output and error as they are given."""

    def __init__(self, folder, **streams):
        ports = free_ports(2)
        self.door = f"tcp://127.0.0.1:{ports[0]}"
        self.data = folder / "data"
        self.process = subprocess.Popen(
            [build.zchatd(), "--data", str(self.data), "--door", self.door,
             "--feed", f"tcp://127.0.0.1:{ports[1]}"],
            stdin=subprocess.DEVNULL, env=build.environment(), **streams,
        )  # fmt: skip

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)


@pytest.fixture
def held(tmp_path):
    made = []

    def make(**streams) -> Held:
        made.append(Held(tmp_path, **streams))
        return made[-1]

    yield make
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def small_pipe() -> tuple:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALL)
    return reader, writer


def fill(writer: int) -> None:
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 64)
    except BlockingIOError:
        os.set_blocking(writer, True)


def talk(context, endpoint: str) -> Door:
    """Two lines of the log for each, 20,000 bytes in all, and an answer to everything."""
    bob = Door(context, endpoint, "bob")
    assert bob.hello().ok
    for i in range(100):
        assert bob.request("JOIN", f"room{i}").ok and bob.request("PART", f"room{i}").ok
    assert bob.request("SAY", "dev", "still here").ok
    return bob


def read_to_end(reader: int) -> bytes:
    with open(reader, "rb") as stream:
        return stream.read()


def test_a_log_that_nobody_reads(held, context):
    reader, writer = small_pipe()
    broker = held(stdout=subprocess.DEVNULL, stderr=writer)
    os.close(writer)
    talk(context, broker.door)
    assert broker.stop() == 0
    written = read_to_end(reader)
    assert len(written) <= SMALL and b"info ready" in written


def test_a_log_that_is_read_late(held, context):
    reader, writer = small_pipe()
    broker = held(stdout=subprocess.DEVNULL, stderr=writer)
    os.close(writer)
    talk(context, broker.door)
    broker.process.send_signal(signal.SIGTERM)
    lines = read_to_end(reader).decode().splitlines()
    assert broker.process.wait(DEADLINE) == 0
    assert len([line for line in lines if ' join user="bob" room="room' in line]) == 100
    assert " stopped " in lines[-1], lines[-1]


def test_a_terminal_that_is_held(held, context):
    """Ctrl-S, of the log and of the ready line."""
    master, slave = pty.openpty()
    os.write(master, b"\x13")
    broker = held(stdout=slave, stderr=slave)
    os.close(slave)
    talk(context, broker.door)
    assert broker.stop() == 0
    os.close(master)


def test_a_ready_line_that_nobody_reads(held, context):
    reader, writer = small_pipe()
    fill(writer)
    broker = held(stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    talk(context, broker.door)
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(reader, SMALL)
    assert text.lstrip(b"x").startswith(f"ready door={broker.door} ".encode())
    os.close(reader)
    assert broker.stop() == 0


CLOSED = [(0,), (1,), (2,), (0, 1, 2)]


def close_them(descriptors):
    return lambda: [os.close(number) for number in descriptors]


@pytest.mark.parametrize("descriptors", CLOSED)
def test_closed_at_the_start(held, context, descriptors):
    broker = held(preexec_fn=close_them(descriptors))
    talk(context, broker.door)
    for number in descriptors:
        assert os.readlink(f"/proc/{broker.process.pid}/fd/{number}") == "/dev/null"
    lock = (broker.data / "zchatd.lock").read_text()
    assert lock == f"{broker.process.pid}\n", lock
    assert broker.stop() == 0


@pytest.mark.parametrize("descriptors", CLOSED)
def test_commands_without_descriptors(broker, context, tmp_path, descriptors):
    bob = talk(context, broker.door)
    for arguments in (["check"], ["backup", tmp_path / "copy"], ["token", "maria"]):
        done = subprocess.run(
            [build.zchatd(), *map(str, arguments), "--data", broker.data], timeout=DEADLINE,
            env=build.environment(), preexec_fn=close_them(descriptors),
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done)
    assert (tmp_path / "copy" / "zchat.db").read_bytes().startswith(b"SQLite format 3\0")
    assert bob.request("SAY", "dev", "after all that").ok
