"""Many clients in one thread, each after the page, for a broker that is killed under them."""

import json
import random
import secrets
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from .client import pick_feed, quiet
from .wire import Reply, decode_door, decode_feed

SILENCE = 3.0  # seconds without a reply that is due: a new connection
PING_EVERY = 1.0
WINDOW = 16


class Member:
    """One client: no call on it blocks."""

    def __init__(self, swarm, user: str, room: str, form: str):
        self.swarm, self.user, self.room, self.form = swarm, user, room, form
        self.producer = secrets.token_hex(16)
        self.n = 0
        self.unacknowledged: dict = {}  # n -> text, in order
        self.acknowledged: dict = {}  # n -> seq; 0: it was a duplicate
        self.last = 0
        self.delivered: list = []  # (seq, user, text)
        self.session = None
        self.log = None
        self.serial = 0
        self.reconnects = 0
        self.holes = 0
        self.feed = None
        self.door = None
        self.open()

    # --- connection

    def open(self) -> None:
        now = time.monotonic()
        if self.door is not None:
            self.swarm.forget(self.door)
            self.swarm.forget(self.monitor)
            self.door.disable_monitor()
            self.door.close(0)
            self.reconnects += 1
        self.door = quiet(self.swarm.context.socket(zmq.DEALER))
        self.door.setsockopt(zmq.RECONNECT_IVL, 50)
        self.monitor = self.door.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.door.connect(self.swarm.endpoint)
        self.swarm.watch(self.door, self.on_door)
        self.swarm.watch(self.monitor, self.on_monitor)
        self.under_way: dict = {}  # tag -> what it was: ("say", n), ("history",) ...
        self.joined = self.fetching = False
        self.mail: list = []
        self.heard = now
        self.retry_at = None
        self.next_ping = now + PING_EVERY * random.random()
        self.hello()

    def close(self) -> None:
        for socket in (self.door, self.monitor, self.feed):
            if socket is not None:
                self.swarm.forget(socket)
        self.door.disable_monitor()
        self.door.close(0)
        if self.feed is not None:
            self.feed.close(0)

    def post(self, what: tuple, verb: bytes, *arguments) -> None:
        self.serial += 1
        tag = b"%d" % self.serial
        if not self.under_way:
            self.heard = time.monotonic()
        self.under_way[tag] = what
        frames = [a if isinstance(a, bytes) else json.dumps(a).encode() for a in arguments]
        self.door.send_multipart([verb, tag, self.user.encode(), *frames])

    def hello(self) -> None:
        options = {"protocol": "ZCHAT/1", "agent": "swarm"}
        if self.session:
            options["session"] = self.session
        self.post(("hello",), b"HELLO", options)

    def on_monitor(self) -> None:
        lost = False
        while self.monitor.poll(0):
            lost |= recv_monitor_message(self.monitor)["event"] == zmq.EVENT_DISCONNECTED
        if lost:
            self.open()

    # --- sending

    def say(self, text: str) -> None:
        self.n += 1
        self.unacknowledged[self.n] = text
        if self.joined and self.retry_at is None:
            self.post_say(self.n)

    def post_say(self, n: int) -> None:
        options = {"producer": self.producer, "n": n}
        text = self.unacknowledged[n].encode()
        self.post(("say", n), b"SAY", self.room.encode(), text, options)

    @property
    def may_say(self) -> bool:
        return self.joined and len(self.unacknowledged) < WINDOW

    # --- what comes

    def on_door(self) -> None:
        self.on_monitor()
        door = self.door
        while door is self.door and door.poll(0):
            got = decode_door(door.recv_multipart())
            self.heard = time.monotonic()
            if isinstance(got, Reply):
                what = self.under_way.pop(got.tag)
                if got.code in ("hello", "taken", "identity") and what[0] != "hello":
                    # libzmq connected again behind our back: HELLO was said to another broker
                    self.open()
                    return
                getattr(self, "on_" + what[0])(got, *what[1:])
            elif got is not None:
                self.mail += got[1]

    def on_hello(self, reply: Reply) -> None:
        if not reply.ok:
            assert reply.code in ("taken", "closing", "slow"), reply.json
            self.retry_at = time.monotonic() + reply.json.get("wait_ms", 200) / 1000
            return
        assert self.log in (None, reply["log"]), "the log was replaced"
        self.log, self.session = reply["log"], reply["session"]
        if self.feed is None:
            self.feed = quiet(self.swarm.context.socket(zmq.SUB))
            self.feed.setsockopt(zmq.RECONNECT_IVL, 50)
            self.feed.subscribe(f"{'pack' if self.form == 'pack' else 'room'}/{self.room}/")
            self.feed.connect(pick_feed(reply["feeds"], self.swarm.endpoint))
            self.swarm.watch(self.feed, self.on_feed)
        self.post(("join",), b"JOIN", self.room.encode())

    def on_join(self, reply: Reply) -> None:
        if not reply.ok:
            assert reply.code in ("closing", "slow"), reply.json
            self.open()
            return
        self.joined = True
        for n in self.unacknowledged:
            self.post_say(n)
        # the barrier of the page is left out: what the feed missed, heads and seq show
        if reply["head"] > self.last:
            self.fetch()

    def on_say(self, reply: Reply, n: int) -> None:
        if not reply.ok:
            assert reply.code in ("gap", "slow", "storage", "closing"), reply.json
            if reply.code == "gap":
                assert reply["expected"] in self.unacknowledged, (
                    f"{self.user}: the broker expects {reply['expected']}, acknowledged was more"
                )
            self.retry_at = time.monotonic() + 0.1
            return
        seq = reply.json.get("seq", 0) if not reply.json.get("duplicate") else 0
        self.unacknowledged.pop(n, None)
        known = self.acknowledged.get(n, 0)
        assert not (known and seq), f"{self.user}: {n} was stored at {known} and at {seq}"
        self.acknowledged[n] = known or seq

    def on_ping(self, reply: Reply) -> None:
        if reply.ok and reply["heads"].get(self.room, 0) > self.last:
            self.fetch()

    def fetch(self) -> None:
        if not self.fetching:
            self.fetching = True
            self.mail.clear()
            self.post(("history",), b"HISTORY", self.room.encode(),
                      {"after": self.last, "limit": 1000, "form": "pack"})  # fmt: skip

    def on_history(self, reply: Reply) -> None:
        self.fetching = False
        mail, self.mail = self.mail, []
        if not reply.ok:
            assert reply.code in ("slow", "closing"), reply.json
            return  # PING will show it again
        for event in mail:
            self.deliver(event)
        if reply["more"]:
            self.fetch()

    def on_feed(self) -> None:
        for _ in range(50):
            if not self.feed.poll(0):
                return
            for event in decode_feed(self.feed.recv_multipart()):
                self.deliver(event)

    def deliver(self, event) -> None:
        if not event.seq or event.seq <= self.last:
            return
        if event.seq > self.last + 1:
            self.holes += 1
            self.fetch()  # it brings this one too
            return
        self.last = event.seq
        self.delivered.append((event.seq, event.user, event.body))

    # --- time

    def tick(self, now: float) -> None:
        if self.under_way and now - self.heard > SILENCE:
            self.open()
        elif self.retry_at is not None and now >= self.retry_at:
            if any(what[0] == "say" for what in self.under_way.values()):
                return  # first hear the rest of what was refused
            self.retry_at = None
            if not self.joined:
                self.hello()
                return
            for n in self.unacknowledged:
                self.post_say(n)
        elif self.joined and now >= self.next_ping:
            self.next_ping = now + PING_EVERY
            self.post(("ping",), b"PING")


class Swarm:
    """The members and their loop."""

    def __init__(self, context, endpoint: str):
        self.context, self.endpoint = context, endpoint
        self.poller = zmq.Poller()
        self.handlers: dict = {}
        self.members: list = []
        self.ticked = 0.0

    def add(self, user: str, room: str, form: str) -> Member:
        self.members.append(Member(self, user, room, form))
        return self.members[-1]

    def watch(self, socket, handler) -> None:
        self.handlers[socket] = handler
        self.poller.register(socket, zmq.POLLIN)

    def forget(self, socket) -> None:
        if self.handlers.pop(socket, None):
            self.poller.unregister(socket)

    def run(self, seconds: float, each=lambda: None, until=lambda: False) -> bool:
        """Run for so long, calling each between; True as soon as until () holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for socket, _ in self.poller.poll(20):
                handler = self.handlers.get(socket)
                if handler is not None:
                    handler()
            now = time.monotonic()
            if now - self.ticked > 0.02:
                self.ticked = now
                for member in self.members:
                    member.tick(now)
            each()
            if until():
                return True
        return False

    def close(self) -> None:
        for member in self.members:
            member.close()
