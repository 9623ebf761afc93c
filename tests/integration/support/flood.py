"""Peers that mean harm, as a program of its own: python -m support.flood KIND DOOR FEED [ADDRESS].

It prints "ready" once its load is on the broker, and goes on until its input ends; then it prints
what it counted, as JSON, and ends. With ADDRESS it comes with keys of its own.
"""

import collections
import json
import os
import select
import socket
import struct
import sys

import zmq

from support import zmtp
from support.client import quiet
from support.curve import Encrypted, Pair, server_key

counted: collections.Counter = collections.Counter()


class Flood:
    def __init__(self, door: str, feed: str, address: str | None):
        self.door, self.feed = door, feed
        self.plain = zmq.Context()
        self.plain.set(zmq.MAX_SOCKETS, 8192)
        self.key = server_key(address) if address else None
        self.said_ready = False

    def socket(self, kind, endpoint: str) -> zmq.Socket:
        maker = Encrypted(self.plain, self.key, Pair()) if self.key else self.plain
        made = quiet(maker.socket(kind))
        made.connect(endpoint)
        return made

    def goes_on(self) -> bool:
        if not self.said_ready:
            print("ready", flush=True)
            self.said_ready = True
        return not select.select([sys.stdin], [], [], 0)[0]

    def wait(self) -> None:
        while self.goes_on():
            select.select([sys.stdin], [], [], 0.1)

    @staticmethod
    def wire(endpoint: str, timeout: float = 20.0):
        """A connection without libzmq."""
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        return zmtp.connect(int(port), timeout, host)

    def dealer(self) -> zmq.Socket:
        return self.socket(zmq.DEALER, self.door)

    @staticmethod
    def read(door) -> None:
        while door.poll(0):
            frames = door.recv_multipart()
            kind = frames[0].decode()
            counted[json.loads(frames[2])["code"] if kind == "ERR" else kind] += 1

    # --- the kinds

    def connections(self) -> None:
        """3,000 connections that say nothing at all, and greet at most."""
        held = []
        for number in range(3000):
            held.append(self.wire((self.door, self.feed)[number % 2]))
            if number % 3 == 0:
                held[-1].sendall(zmtp.GREETING[: number % 65])
        self.wait()

    def guests(self) -> None:
        """1,500 connections that ask once and then stay."""
        doors = [self.dealer() for _ in range(1500)]
        for door in doors:
            door.send_multipart([b"PING", b"1", b""])
        for door in doors:
            door.recv_multipart()
        self.wait()

    def churn(self) -> None:
        """Connections that come, ask and break off, all the time."""
        while self.goes_on():
            door = self.dealer()
            door.send_multipart([b"WHO", b"1", b"", b"street"])
            if counted["made"] % 2:
                door.poll(1000)
            door.close(0)
            counted["made"] += 1

    def joins(self) -> None:
        doors = [self.dealer() for _ in range(10)]
        for number, door in enumerate(doors):
            door.send_multipart([b"HELLO", b"h", b"flood%d" % number])
        number = 0
        while self.goes_on():
            for index, door in enumerate(doors):
                user = b"flood%d" % index
                for verb in (b"JOIN", b"PART"):
                    door.send_multipart([verb, b"j", user, b"r%d" % (number % 90)])
                number += 1
                if number % 50 == 0:
                    door.poll(50)
                self.read(door)

    def rooms(self) -> None:
        """A new room with every word."""
        door = self.dealer()
        number = 0
        while self.goes_on():
            for _ in range(100):
                door.send_multipart([b"SAY", b"s", b"flood", b"flood%d" % number, b"x"])
                number += 1
            door.poll(100)
            self.read(door)

    def names(self) -> None:
        """A new name with every connection, 500 of them held."""
        held = collections.deque()
        number = 0
        while self.goes_on():
            door = self.dealer()
            door.send_multipart([b"HELLO", b"h", b"flood%d" % number])
            number += 1
            held.append(door)
            if len(held) > 500:
                old = held.popleft()
                self.read(old)
                old.close(0)

    def tiny(self) -> None:
        self.messages(b"x")

    def huge(self) -> None:
        self.messages(b"x" * 65536)

    def oversized(self) -> None:
        self.messages(b"x" * (1 << 20))

    def messages(self, body: bytes) -> None:
        doors = [self.dealer() for _ in range(4)]
        while self.goes_on():
            for number, door in enumerate(doors):
                for _ in range(20 if len(body) > 100 else 500):
                    door.send_multipart([b"SAY", b"s", b"flood%d" % number, b"flood", body])
                door.poll(200)
                self.read(door)

    def failing(self) -> None:
        """Requests that are refused, each for another reason, without a pause."""
        doors = [self.dealer() for _ in range(4)]
        wrong = [[b"XYZ", b"f", b""], [b"JOIN", b"f", b"", b"x"], [b"SAY", b"f", b"", b"a b", b""],
                 [b"HISTORY", b"f", b"", b"street", b"{" * 8000], [b"HELLO", b"f", b"\xff"],
                 [b"HELLO", b"f", b"street/"], [b"x"] * 8, [b""]]  # fmt: skip
        while self.goes_on():
            for door in doors:
                for frames in wrong * 20:
                    door.send_multipart(frames)
                door.poll(200)
                self.read(door)

    def histories(self) -> None:
        doors = [self.dealer() for _ in range(10)]
        while self.goes_on():
            for door in doors:
                for _ in range(20):
                    door.send_multipart(
                        [b"HISTORY", b"h", b"", b"street", b'{"after":0,"limit":1000}']
                    )
                door.poll(50)
                while door.poll(0):
                    counted[door.recv_multipart()[0].decode()] += 1

    def deaf(self) -> None:
        """Ten who ask for all of a large room, again and again, and read nothing."""
        door = self.dealer()
        for _ in range(40):
            door.send_multipart([b"SAY", b"s", b"flood", b"flood", b"x" * 60_000])
            door.recv_multipart()
        deaf = []
        for _ in range(10):
            deaf.append(self.plain.socket(zmq.DEALER))
            for option, value in ((zmq.RCVHWM, 1), (zmq.RCVBUF, 4096), (zmq.SNDHWM, 0),
                                  (zmq.LINGER, 0)):  # fmt: skip
                deaf[-1].setsockopt(option, value)
            deaf[-1].connect(self.door)
        while self.goes_on():
            for one in deaf:
                for _ in range(4):
                    one.send_multipart([b"HISTORY", b"h", b"", b"flood"])
                    counted["asked"] += 1
            door.poll(20)

    def subscriptions(self) -> None:
        """100,000 topics that nobody has, on five connections."""
        for number in range(5):
            sub = self.socket(zmq.SUB, self.feed)
            sub.setsockopt(zmq.SNDHWM, 0)
            for topic in range(20_000):
                sub.subscribe(b"room/%d-%s/" % (topic, os.urandom(8).hex().encode()))
                counted["subscriptions"] += 1
        self.wait()

    def long_subscriptions(self) -> None:
        """Topics far longer than any room's, of which each byte would cost the feed a node."""
        connections = []
        for _ in range(20):
            connection = self.wire(self.feed)
            connections.append(connection)
            try:
                connection.sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
                for _ in range(5):
                    connection.sendall(zmtp.frame(b"\x01" + os.urandom(200_000)))
                    counted["sent"] += 1
            except OSError:
                counted["dropped"] += 1
        self.wait()

    def resets(self) -> None:
        """Connections that are reset in the middle of a message."""
        while self.goes_on():
            with self.wire(self.door) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                try:
                    connection.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
                    half = zmtp.message(b"SAY", b"t", b"flood", b"street", b"x" * 60_000)
                    connection.sendall(half[: counted["made"] * 997 % len(half)])
                except OSError:
                    pass
            counted["made"] += 1


def main(kinds: type) -> None:
    """Be the KIND that the command line names, of those that the class has."""
    flood = kinds(*sys.argv[2:4], sys.argv[4] if len(sys.argv) > 4 else None)
    getattr(flood, sys.argv[1])()
    print(json.dumps(counted), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Flood)
