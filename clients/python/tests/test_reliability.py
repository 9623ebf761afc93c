"""Nothing lost, nothing twice, nothing out of order: brokers and senders that are killed, connections that are cut."""

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from listener import Listener
from support.wait import wait_until

import zchat

HERE = Path(__file__).resolve().parent


@pytest.mark.timeout(120)
def test_a_broker_that_is_killed_during_a_stream(broker, client):
    sender, reader = client(broker.door, "sender"), client(broker.door, "reader")
    reader.join("dev")
    sender.join("dev")
    listener = Listener(reader, 10000)
    wanted, futures = [f"message {number}" for number in range(10000)], []
    kills = {2000, 5000, 8000}
    for number, text in enumerate(wanted):
        while True:
            try:
                futures.append(sender.post("dev", text))
                break
            except zchat.Full:
                time.sleep(0.01)
        if number in kills:
            wait_until(lambda: len(listener.got) > number - 1500, 60)
            broker.crash()
    seqs = [future.result(60).seq for future in futures]
    assert listener.texts() == wanted
    assert [event.seq for event in listener.got] == sorted(event.seq for event in listener.got)
    known = [seq for seq in seqs if seq]
    assert known == sorted(set(known)), "an OK names the seq of its message"
    assert any(n.type == "disconnected" for n in listener.notices)
    assert not [n for n in listener.notices if n.type in ("missed", "went-back", "log-replaced")]


def test_a_reader_that_does_not_read_loses_nothing(broker, client):
    reader, sender = client(broker.door, "reader"), client(broker.door, "sender")
    reader.core.events_max = 50
    reader.join("dev")
    futures = [sender.post("dev", f"m{number}") for number in range(3000)]
    assert futures[-1].result(30).seq == 3000
    wait_until(lambda: len(reader.queue) >= 50)
    assert len(reader.queue) < 50 + 1000 + 1, "a page of HISTORY at most is more than the bound"
    assert Listener(reader, 3000).texts() == [f"m{number}" for number in range(3000)]


def test_another_log(brokers, client, tmp_path):
    """All that is in the new log is new, also what was said before the reader was back."""
    broker = brokers()
    anna, bob = client(broker.door, "anna"), client(broker.door, "bob")
    anna.join("dev")
    for number in range(3):
        bob.say("dev", f"old {number}")
    broker.stop()
    broker.data = tmp_path / "another"
    broker.start()
    for number in range(5):
        bob.say("dev", f"new {number}")
    got = []
    while len(got) < 9:
        event = anna.next_event(20)
        assert event is not None, got
        got += [event.text] if event.type == "say" else [event.type] if event.type == "log-replaced" else []
    assert got == [*(f"old {n}" for n in range(3)), "log-replaced", *(f"new {n}" for n in range(5))]
    assert anna.log == bob.log


class Relay:
    """A TCP port that leads to the door, and can be cut."""

    def __init__(self, port: int):
        self.to, self.sockets = ("127.0.0.1", port), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                here = self.listener.accept()[0]
                there = socket.create_connection(self.to)
            except OSError:
                return
            self.sockets += [here, there]
            for pair in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    @staticmethod
    def _pass(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    def cut(self):
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.cut()
        for one in [self.listener, *self.sockets]:
            one.close()


def test_a_connection_that_is_cut_is_resumed(broker, client):
    relay = Relay(broker.door_port)
    try:
        anna, bob = client(relay.endpoint, "anna", feed=broker.feed), client(broker.door, "bob")
        anna.join("dev")
        listener = Listener(anna, 900)
        futures = []
        for number in range(900):
            futures.append((anna if number % 3 == 0 else bob).post("dev", f"m{number}"))
            if number in (200, 500):
                futures[100].result(20)
                relay.cut()
        for future in futures:
            future.result(30)
        got = listener.texts()
        assert sorted(got, key=lambda text: int(text[1:])) == [f"m{number}" for number in range(900)]
        for mine in (0, 1):
            own = [int(text[1:]) for text in got if (int(text[1:]) % 3 == 0) == (mine == 0)]
            assert own == sorted(own)
        greetings = [n.resumed for n in listener.notices if n.type == "connected"]
        assert greetings[0] is False and all(greetings[1:]) and len(greetings) >= 2, greetings
    finally:
        relay.close()


def run(script: str, *arguments) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE,
                            env={"PYTHONPATH": str(HERE.parent), "PATH": "/usr/bin:/bin"}, text=True)  # fmt: skip


SENDER = """
import sys, zchat
door, outbox, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = zchat.Client(door, "sender", outbox=outbox, wait_for_name=True)
futures = [client.post("dev", f"m{n}") for n in range(first, last)]
print("handed over", flush=True)
for future in futures: future.result()
client.ping()
while client.core.outbox.items: client.next_event(0.05)
client.close()
"""


def test_a_sender_that_is_killed_goes_on_where_it_was(broker, client, tmp_path):
    """What was handed over and synced is sent by the next run, once, in order."""
    guest = client(broker.door)
    guest.join("dev")
    listener = Listener(guest, 2000)
    outbox = tmp_path / "outbox"
    broker.stop()
    first = run(SENDER, broker.door, outbox, 0, 1000)
    assert first.stdout.readline() == "handed over\n"
    wait_until(lambda: b"m999" in outbox.read_bytes())
    first.kill()
    first.wait()
    broker.start()
    second = run(SENDER, broker.door, outbox, 1000, 1500)
    wait_until(lambda: len(listener.got) > 300)
    second.kill()
    second.wait()
    third = run(SENDER, broker.door, outbox, 1500, 2000)
    assert third.wait(60) == 0
    last = guest.history("dev", limit=1).head
    wait_until(lambda: len(listener.got) == last)
    got = [event.text for event in listener.got]
    numbers = [int(text[1:]) for text in got]
    assert numbers == sorted(set(numbers)), "once each, in order"
    assert numbers[:1000] == list(range(1000)) and numbers[-500:] == list(range(1500, 2000))


def test_one_outbox_is_of_one_program(broker, client, tmp_path):
    client(broker.door, "anna", outbox=tmp_path / "outbox")
    with pytest.raises(zchat.ZchatError, match="another program"):
        zchat.Client(broker.door, "bob", outbox=tmp_path / "outbox")
