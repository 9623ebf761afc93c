"""Attacks on connections: replayed, cut and altered handshakes, and floods
during which the broker's memory is bounded and everybody else goes on talking."""

import json
import random
import select
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from support import build, zmtp
from support.client import Door, Feed, quiet
from support.curve import Pair, encrypted
from support.secure import bodies, rss, sanitized
from support.wait import wait_until

MIB = 1 << 20


def stored(broker, person, room="street") -> list:
    return bodies(person(broker, f"w{random.randrange(10**9)}").history_all(room))


# --- handshakes


class Wiretap:
    """Somebody between client and broker: change (offset, data) is what goes on to the broker,
    None ends the connection. Everything is kept in up and down."""

    def __init__(self, port: int, change=lambda offset, data: data):
        self.port, self.change = port, change
        self.up, self.down = bytearray(), bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        try:
            near, _ = self.listener.accept()
            self.listener.close()  # once: the client does not come again
            far = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            return
        threading.Thread(target=self.back, args=(far, near), daemon=True).start()
        try:
            while data := near.recv(65536):
                offset = len(self.up)
                self.up += data
                data = self.change(offset, data)
                if data is None:
                    break
                far.sendall(data)
        except OSError:
            pass
        self.end(near, far)

    def back(self, far, near) -> None:
        try:
            while data := far.recv(65536):
                self.down += data
                near.sendall(data)
        except OSError:
            pass
        self.end(near, far)

    @staticmethod
    def end(*sockets) -> None:
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@contextmanager
def tapped(context, broker, change=lambda offset, data: data):
    """A DEALER with a key, and the wire it goes over."""
    wire = Wiretap(broker.door_port, change)
    dealer = quiet(encrypted(context, broker).socket(zmq.DEALER))
    dealer.setsockopt(zmq.RECONNECT_IVL, -1)
    dealer.connect(wire.endpoint)
    yield wire, dealer
    dealer.close(0)
    wire.listener.close()


def say(dealer, user: bytes, body: bytes) -> None:
    dealer.send_multipart([b"SAY", b"t", user, b"street", body])


def test_a_recorded_conversation_says_nothing_again(safe, person, context):
    with tapped(context, safe) as (wire, dealer):
        say(dealer, b"bob", b"once")
        assert dealer.recv_multipart()[0] == b"OK"
    up, down = bytes(wire.up), bytes(wire.down)
    assert len(up) > 600
    for pace in ("at once", "in turn"):
        for _ in range(3):
            with zmtp.connect(safe.door_port) as connection:
                connection.settimeout(10)
                try:
                    if pace == "at once":
                        connection.sendall(up)
                    else:
                        for at in (0, 64, 64 + 202, len(up)):
                            connection.sendall(up[at : at + 202])
                            connection.recv(65536)
                    got = b""
                    while data := connection.recv(65536):
                        got += data
                except OSError:
                    pass
                assert down[64:] not in got
    wait_until(lambda: "handshake-failed" in safe.log)
    assert stored(safe, person) == ["once"]


def test_a_message_repeated_within_its_connection_is_not_taken(safe, person, context):
    again = []

    def change(offset, data):
        return data + data if again else data

    with tapped(context, safe, change) as (wire, dealer):
        say(dealer, b"bob", b"before")
        assert dealer.recv_multipart()[0] == b"OK"
        again.append(True)
        say(dealer, b"bob", b"repeated")
        wait_until(lambda: dealer.poll(100) or "repeated" in stored(safe, person))
    said = stored(safe, person)
    assert said.count("before") == 1 and said.count("repeated") <= 1


def test_altered_bytes_are_never_taken(safe, person, context):
    """One bit is changed behind the handshake: what arrives is what was said, or nothing."""
    with tapped(context, safe) as (wire, dealer):
        dealer.send_multipart([b"PING", b"p", b""])
        dealer.recv_multipart()
        shaken = len(wire.up)
        say(dealer, b"bob", b"altered")
        dealer.recv_multipart()
        whole = len(wire.up)
    for offset in range(shaken, whole, 7):

        def change(start, data, offset=offset):
            if start <= offset < start + len(data):
                data = bytearray(data)
                data[offset - start] ^= 1
            return bytes(data)

        with tapped(context, safe, change) as (wire, dealer):
            dealer.send_multipart([b"PING", b"p", b""])
            assert dealer.recv_multipart()[0] == b"OK"
            say(dealer, b"eve", b"altered")
            dealer.poll(50)
    said = stored(safe, person)
    assert set(said) == {"altered"} and len(said) <= 1 + len(range(shaken, whole, 7))


def test_handshakes_cut_at_every_offset(safe, person, context):
    with tapped(context, safe) as (wire, dealer):
        say(dealer, b"bob", b"whole")
        dealer.recv_multipart()
    recorded = bytes(wire.up)
    bob = person(safe, "carl")
    before = safe.fds()
    for port in (safe.door_port, safe.feed_port):
        for length in range(0, len(recorded), 1 if port == safe.door_port else 5):
            with zmtp.connect(port) as connection:
                try:
                    connection.sendall(recorded[:length])
                except OSError:
                    pass
    # and cut while both sides mean it
    for length in range(1, len(recorded), 11):

        def change(start, data, length=length):
            return data if start + len(data) < length else None

        with tapped(context, safe, change) as (wire, dealer):
            try:
                dealer.send_multipart([b"SAY", b"t", b"eve", b"street", b"cut off"], zmq.NOBLOCK)
            except zmq.Again:
                pass  # cut off already, and told not to come again
            wait_until(lambda: len(wire.up) >= length, what=f"{length} bytes came")
    assert bob.say("street", "goes on").ok
    assert stored(safe, person) == ["whole", "goes on"]
    wait_until(lambda: safe.fds() <= before + 12, what="their descriptors are given back")


def test_a_key_somebody_else_has(safe, person, context):
    """A public key is known to everybody; without its secret half it opens nothing."""
    bob = person(safe, "bob")
    stolen = Pair()
    stolen.public = bob.pair.public
    door = quiet(encrypted(context, safe, stolen).socket(zmq.DEALER))
    door.connect(safe.door)
    say(door, b"bob", b"I am bob")
    assert not door.poll(1000)
    assert stored(safe, person) == []


# --- floods

#   kind: MiB that the broker may grow by in it, as a release build. A connection of libzmq costs
#   up to 40 KB; what is not yet on disk 128 MiB in all and 8 MiB a connection; a HISTORY 512 KiB,
#   4 a connection under way; what waits for who does not read 4 MiB and a page a connection: 45 MiB
#   for ten of them.
FLOODS = {
    "connections": 64, "guests": 128, "churn": 24, "joins": 32, "rooms": 64, "names": 64,
    "tiny": 64, "huge": 192, "oversized": 128, "failing": 24, "histories": 96, "deaf": 64,
    "subscriptions": 64, "long_subscriptions": 16, "resets": 16,
}  # fmt: skip
SECONDS = 3
FOLDER = Path(__file__).parent


def bound(mib: int) -> int:
    """A sanitizer keeps what was freed, up to 256 MiB, and puts red zones around the rest."""
    return (4 * mib + 512 if sanitized() else mib) * MIB


@contextmanager
def flooding(broker, kind: str):
    process = subprocess.Popen(
        [sys.executable, "-m", "support.flood", kind, broker.door, broker.feed,
         *([broker.address] if broker.address else [])],
        cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=build.environment(),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.stdin.close()
        try:
            line = process.stdout.read().splitlines()
            counted = json.loads(line[-1]) if line and line[-1].startswith(b"{") else {}
            print(kind, counted)
            process.counted = counted
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class Others:
    """Two who talk to each other all the while."""

    def __init__(self, broker, one: Door, feed: Feed):
        self.broker, self.one, self.feed = broker, one, feed
        self.number, self.most, self.slowest = 0, 0, 0.0

    def talk(self) -> None:
        self.number += 1
        start = time.monotonic()
        body = f"word {self.number}"
        seq = self.one.say("street", body)["seq"]
        event = self.feed.next_of("say")
        assert (event.body, event.seq) == (body, seq), "in order, none lost"
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.most = max(self.most, rss(self.broker))


@pytest.mark.parametrize(
    "kind, way",
    [*((kind, "plain") for kind in FLOODS),
     *((kind, "curve") for kind in ("connections", "guests", "churn", "names", "tiny"))],
)  # fmt: skip
def test_floods(brokers, context, kind, way):
    broker = brokers(args=["--curve"] if way == "curve" else [])
    own = encrypted(context, broker) if broker.address else context
    bob = Door(own, broker.door, "bob", hello=True)
    feed = Feed(own, broker.feed)
    feed.subscribe("room/street/")
    feed.sync(bob)
    others = Others(broker, bob, feed)
    others.talk()
    before = rss(broker)
    with flooding(broker, kind) as flood:
        while not (ready := line_of(flood)) and flood.poll() is None:
            others.talk()
        assert ready == b"ready\n", "the flood itself came to an end"
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            others.talk()
    others.talk()
    grew = others.most - before
    print(f"{kind} {way}: {others.number} words, slowest {others.slowest:.2f} s, "
          f"grew {grew >> 20} MiB")  # fmt: skip
    assert grew < bound(FLOODS[kind]), f"{grew >> 20} MiB"
    if kind == "failing":
        assert flood.counted.get("slow", 0) > 0, "requests that fail are slowed"


def line_of(flood) -> bytes:
    return flood.stdout.readline() if select.select([flood.stdout], [], [], 0)[0] else b""


def test_slowed_is_told_how_long(broker, door):
    """The wait that ERR slow tells is enough, and others are not slowed by it."""
    eve, bob = door(broker, "eve"), door(broker, "bob")
    tags = [eve.post("JOIN", "a b") for _ in range(1500)]
    replies = [eve.reply(tag) for tag in tags]
    slow = [reply for reply in replies if reply.code == "slow"]
    assert slow and all(0 < reply["wait_ms"] <= 60_000 for reply in slow)
    assert bob.refused("SAY", "a b", "x")["code"] == "name"
    assert bob.say("street", "goes on").ok
    wait_until(lambda: eve.request("SAY", "street", "again").ok, pause=0.05)


def test_several_devices_have_one_count(safe, person):
    """Who guesses with more connections under one name guesses no faster."""
    eve, bob = person(safe, "eve"), person(safe, "bob")
    devices = [eve, *(eve.device() for _ in range(5))]
    start = time.monotonic()
    tags = [(one, one.post("JOIN", "a b")) for _ in range(400) for one in devices]
    replies = [one.reply(tag) for one, tag in tags]
    took = time.monotonic() - start
    answered = sum(reply.code == "name" for reply in replies)
    assert all(reply.code in ("name", "slow") for reply in replies)
    assert answered <= 500 + 50 * (took + 1), f"{answered} in {took:.1f} s"
    assert bob.say("street", "goes on").ok
