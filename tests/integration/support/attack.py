"""Attacks that broke a broker once, as a program: python -m support.attack KIND DOOR FEED [ADDRESS].

Like support.flood, whose kinds it has too.
"""

import json
import os
import random
import struct
import time

import zmq

from support import ws, zmtp
from support.client import quiet
from support.curve import Encrypted, Pair
from support.flood import Flood, counted, main

HTTP = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 2000000\r\n\r\n"


class Attack(Flood):
    def stranger(self, kind=zmq.DEALER, endpoint=None, routing_id=None) -> zmq.Socket:
        """A socket that comes once; of an encrypted broker's with a new key."""
        maker = Encrypted(self.plain, self.key, Pair()) if self.key else self.plain
        made = quiet(maker.socket(kind))
        made.setsockopt(zmq.RECONNECT_IVL, -1)
        if routing_id is not None:
            made.setsockopt(zmq.ROUTING_ID, routing_id)
        made.connect(endpoint or self.door)
        return made

    def raw(self, endpoint: str, data: bytes, timeout: float = 2.0) -> None:
        """Bytes to a port; what the broker makes of them does not matter."""
        try:
            with self.wire(endpoint, timeout) as connection:
                connection.sendall(data)
                connection.recv(64)
                counted["made"] += 1
        except OSError:
            counted["refused"] += 1

    def pause(self, seconds: float) -> bool:
        """Let time pass, unless the end has come."""
        end = time.monotonic() + seconds
        while self.goes_on():
            if time.monotonic() >= end:
                return True
            time.sleep(0.02)
        return False

    # --- identity

    def announced_ids(self) -> None:
        """Ids like those that a ROUTER gives, each with a request for what is somebody's."""
        held = []
        while self.goes_on():
            routing_id = b"\0" + struct.pack("!I", random.getrandbits(32))
            thief = self.stranger(routing_id=routing_id)
            for request in ((b"HISTORY", b"@"), (b"KEY", b"{}"), (b"PING",)):
                thief.send_multipart([request[0], b"t", b"owner", *request[1:]])
            held.append(thief)
            counted["made"] += 1
            if len(held) > 200:
                held.pop(0).close(0)
            self.pause(0.002)  # sockets are closed by another thread

    def probed_ids(self) -> None:
        """Which ids are given is asked as fast as the broker answers, without libzmq."""
        number = random.getrandbits(32)
        while self.goes_on():
            ready = zmtp.ready(b"DEALER", b"\0" + struct.pack("!I", number & 0xFFFFFFFF))
            self.raw(self.door, zmtp.GREETING + ready + zmtp.message(b"PING", b"1", b""), 0.5)
            number += 50

    def second_of_an_id(self) -> None:
        """Connections under one announced id, of which only the first is read, full of words."""
        held = []
        ready = zmtp.GREETING + zmtp.ready(b"DEALER", b"the same")
        body = zmtp.message(b"SAY", b"1", b"", b"attack", b"x" * 60000)
        while self.goes_on():
            try:
                connection = self.wire(self.door, 1.0)
                held.append(connection)
                connection.sendall(ready)
                connection.recv(64)
                for _ in range(200):
                    connection.sendall(body)
            except OSError:
                counted["refused"] += 1
            if len(held) > 20:
                held.pop(0).close()

    def rounds_of_an_id(self) -> None:
        """The same in rounds of hundreds, each with less than what is noticed of one."""
        ready = zmtp.GREETING + zmtp.ready(b"DEALER", b"the same")
        body = zmtp.message(b"SAY", b"1", b"", b"attack", b"x" * 60000) * 20
        while self.goes_on():
            held = []
            for _ in range(400):
                try:
                    connection = self.wire(self.door, 1.0)
                    held.append(connection)
                    connection.sendall(ready)
                    connection.recv(64)
                    connection.sendall(body)
                except OSError:
                    counted["refused"] += 1
                if not self.goes_on():
                    break
            counted["made"] += len(held)
            for connection in held:
                connection.close()

    def others_names(self) -> None:
        """Who is here is asked for their name, again and again, without the session's secret."""
        doors = [self.stranger() for _ in range(4)]
        number = 0
        while self.goes_on():
            for door in doors:
                for _ in range(20):
                    number += 1
                    door.send_multipart([b"HELLO", b"h", b"honest-%d" % (number % 100)])
                door.poll(50)
                self.read(door)

    def wrong_keys(self) -> None:
        """Handshakes for another broker's key, and words without encryption."""
        while self.goes_on():
            maker = Encrypted(self.plain, Pair().public, Pair())
            held = []
            for made in [maker.socket(zmq.DEALER) for _ in range(5)] + [self.plain.socket(zmq.DEALER)]:
                held.append(quiet(made))
                made.connect(self.door)
                made.send_multipart([b"PING", b"p", b""])
            self.pause(0.05)
            for made in held:
                made.close(0)
            counted["made"] += len(held)

    # --- what is no peer of zmq

    def pages(self) -> None:
        """What a web page makes a browser send, to the door and to the feed."""
        body = bytes([2]) + b"SA" + bytes([0, 2]) + b"xy"
        while self.goes_on():
            self.raw(random.choice((self.door, self.feed)), HTTP + body * 50000)

    def old_peers(self) -> None:
        """ZMTP 1.0, without a greeting of later versions, and ZMTP 2."""
        while self.goes_on():
            self.raw(self.door, b"\x01\x00" + b"\x05\x01PING" * 2000)
            self.raw(self.feed, b"\x01\x00" + b"\x05\x00\x01room" * 2000)
            self.raw(self.door, b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00" + b"\x00\x04PING" * 2000)

    def empty_frames(self) -> None:
        """Messages of frames without end, two bytes each."""
        while self.goes_on():
            try:
                with self.wire(self.door, 2.0) as connection:
                    connection.sendall(zmtp.GREETING + zmtp.ready(b"DEALER"))
                    connection.recv(64)
                    for _ in range(200):
                        connection.sendall(b"\x01\x00" * 50000)
            except OSError:
                counted["refused"] += 1

    def web_sockets(self) -> None:
        """Connections that libzmq keeps for ever, at endpoints two ports above the others."""
        protocol = b"ZWS2.0/CURVE" if self.key else b"ZWS2.0"
        while self.goes_on():
            host, port = random.choice((self.door, self.feed)).removeprefix("tcp://").rsplit(":", 1)
            try:
                ws.Peer(f"ws://{host}:{int(port) + 2}", protocol, timeout=1).leak()
                counted["made"] += 1
            except OSError:
                counted["refused"] += 1

    def feed_frames(self) -> None:
        """The same to the feed, as large as a frame may be, and larger."""
        while self.goes_on():
            try:
                with self.wire(self.feed, 2.0) as connection:
                    connection.sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
                    connection.recv(64)
                    for size in (0, 300, 100_000, 2_000_000):
                        connection.sendall(zmtp.frame(b"\x01" * size, more=True) * 50)
            except OSError:
                counted["refused"] += 1

    def silent(self) -> None:
        """Connections whose handshake ends and that never say a word."""
        held = []
        while self.goes_on():
            try:
                connection = self.wire((self.door, self.feed)[len(held) % 2], 1.0)
                kind = (b"DEALER", b"SUB")[len(held) % 2]
                connection.sendall(zmtp.GREETING + zmtp.ready(kind))
                held.append(connection)
                counted["made"] += 1
            except OSError:
                counted["refused"] += 1
            if len(held) > 3000:
                held.pop(0).close()

    # --- the feed

    def trie(self) -> None:
        """A megabyte of topics that begin alike nowhere, and subscribers that come and go."""
        held = []
        for _ in range(2):
            sub = self.stranger(zmq.SUB, self.feed)
            sub.setsockopt(zmq.SNDHWM, 0)
            for _ in range(1000):
                sub.subscribe(os.urandom(1000))
            held.append(sub)
        while self.goes_on():
            if self.key:
                visitor = self.stranger(zmq.SUB, self.feed)
                visitor.subscribe(b"room/lobby/")
                self.pause(0.02)
                visitor.close(0)
            else:
                self.visit()
            counted["made"] += 1

    def visit(self) -> None:
        """A subscriber that is served, and goes."""
        got = b""
        try:
            with self.wire(self.feed, 5.0) as connection:
                connection.sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
                while len(got) < 80 and (data := connection.recv(256)):  # greeting and READY
                    got += data
                connection.sendall(zmtp.frame(b"\x01room/a/"))
        except OSError:
            counted["refused"] += 1

    def subscription_churn(self) -> None:
        """Subscribe and unsubscribe, on and on."""
        subs = [self.stranger(zmq.SUB, self.feed) for _ in range(5)]
        number = 0
        while self.goes_on():
            for sub in subs:
                for _ in range(200):
                    sub.subscribe(b"room/r%d/" % (number % 5000))
                    sub.unsubscribe(b"room/r%d/" % ((number - 50) % 5000))
                    number += 1
            self.pause(0.01)

    def leaving(self) -> None:
        """Two hundred subscribers of a hundred rooms each, who all leave in one moment; and again."""
        while self.goes_on():
            subs = [self.stranger(zmq.SUB, self.feed) for _ in range(200)]
            for index, sub in enumerate(subs):
                for room in range(100):
                    sub.subscribe(b"room/leaving%d/" % (index + room * 10))
            counted["made"] += len(subs)
            self.pause(0.5)
            for sub in subs:
                sub.close(0)

    # --- tables that all share

    def producers(self) -> None:
        doors = [self.stranger() for _ in range(4)]
        number = random.getrandbits(100)
        while self.goes_on():
            for door in doors:
                for _ in range(200):
                    number += 1
                    meta = json.dumps({"producer": f"{number:032x}", "n": 1}).encode()
                    door.send_multipart([b"SAY", b"s", b"eve", b"attack", b"x", meta])
                door.poll(100)
                self.read(door)

    def mailboxes(self) -> None:
        doors = [self.stranger() for _ in range(2)]
        number = 0
        for door in doors:
            door.send_multipart([b"HELLO", b"h", b"teller%d" % id(door)])
        while self.goes_on():
            for door in doors:
                for _ in range(200):
                    number += 1
                    door.send_multipart(
                        [b"TELL", b"s", b"teller%d" % id(door), b"nobody%d" % number, b"x"]
                    )
                door.poll(100)
                self.read(door)

    def tells(self) -> None:
        """Direct messages of a stranger to everybody, and invitations to rooms of its own."""
        doors = [self.stranger() for _ in range(4)]
        for index, door in enumerate(doors):
            door.send_multipart([b"HELLO", b"h", b"pest%d" % index, b'{"claim":true}'])
            door.send_multipart([b"JOIN", b"j", b"pest%d" % index, b"den%d" % index, b'{"private":true}'])
        number = 0
        while self.goes_on():
            for index, door in enumerate(doors):
                user = b"pest%d" % index
                for _ in range(100):
                    number += 1
                    honest = b"honest-%d" % (number % 100)
                    door.send_multipart([b"TELL", b"t", user, honest, b"x" * 1000])
                    door.send_multipart([b"INVITE", b"i", user, b"den%d" % index, honest])
                door.poll(100)
                self.read(door)

    def keys(self) -> None:
        """A new name with a new key, and asked to be its owner's."""
        while self.goes_on():
            door = self.stranger()
            counted["made"] += 1
            door.send_multipart([b"HELLO", b"h", b"k%d" % counted["made"], b'{"claim":true}'])
            door.poll(300)
            self.read(door)
            door.close(0)

    def bans(self) -> None:
        """Rooms of one's own, with bans for reasons as long as they may be."""
        door = self.stranger()
        door.send_multipart([b"HELLO", b"h", b"founder", b'{"claim":true}'])
        number = 0
        while self.goes_on():
            for _ in range(100):
                number += 1
                room = b"ours%d" % (number // 4000)
                if number % 4000 == 1:
                    door.send_multipart([b"SAY", b"s", b"founder", room, b"x"])
                ban = {"set": "ban", "user": f"u{number}", "reason": "r" * 512}
                door.send_multipart([b"MODE", b"m", b"founder", room, json.dumps(ban).encode()])
            door.poll(200)
            self.read(door)

    # --- work that others wait for

    def bodies(self) -> None:
        """Sixty connections that say the longest there is."""
        doors = [self.stranger() for _ in range(60)]
        body = b"x" * 65536
        while self.goes_on():
            for number, door in enumerate(doors):
                name = b"big%d" % number
                for _ in range(4):
                    door.send_multipart([b"SAY", b"s", name, b"attack", body], zmq.DONTWAIT)
                self.read(door)
            self.pause(0.005)

    def presence(self) -> None:
        """Comes into the rooms where the others are, and goes, so that all of them are told."""
        doors = [self.stranger() for _ in range(10)]
        for index, door in enumerate(doors):
            door.send_multipart([b"HELLO", b"h", b"fidget%d" % index])
        number = 0
        while self.goes_on():
            for index, door in enumerate(doors):
                for _ in range(10):
                    number += 1
                    for verb in (b"JOIN", b"PART"):
                        door.send_multipart([verb, b"j", b"fidget%d" % index, b"room%d" % (number % 10)])
                door.poll(50)
                self.read(door)

    def lists(self) -> None:
        doors = [self.stranger() for _ in range(10)]
        while self.goes_on():
            for door in doors:
                for _ in range(50):
                    door.send_multipart([b"ROOMS", b"r", b""])
                door.poll(50)
                self.read(door)

    def unknown(self) -> None:
        doors = [self.stranger() for _ in range(4)]
        while self.goes_on():
            for door in doors:
                for _ in range(500):
                    door.send_multipart([b"NONSENSE", b"u", b""])
                door.poll(50)
                self.read(door)


if __name__ == "__main__":
    main(Attack)
