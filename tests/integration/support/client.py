"""Clients by pyzmq: Door (requests), Feed (events), and Client, which follows the page to its
end and so never loses, repeats or reorders a message."""

import itertools
import json
import secrets
import time
from urllib.parse import urlsplit

import zmq

from .wait import DEADLINE, wait_until
from .wire import Event, Refused, Reply, decode_door, decode_feed

LONG = int(DEADLINE * 1000)


def as_frame(value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False).encode()
    return str(value).encode()


def quiet(socket) -> zmq.Socket:
    """No call on it lasts for ever, and closing it waits for nobody."""
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, LONG)
    socket.setsockopt(zmq.SNDTIMEO, LONG)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.SNDHWM, 0)
    return socket


class Door:
    """A DEALER. Replies are kept by their tag, mail with the reply it belongs to."""

    def __init__(
        self, context, endpoint: str, user: str = "", hello: bool = False, routing_id: bytes = None
    ):
        self.context = context
        self.endpoint = endpoint
        self.user = user
        self.session = None
        self.tags = itertools.count(1)
        self.replies: dict = {}
        self.order: list = []  # tags, as their replies came
        self.mail: dict = {}
        self.noops = 0
        self.routing_id = routing_id
        self.connect()
        if hello:
            self.hello()

    def connect(self) -> None:
        self.socket = quiet(self.context.socket(zmq.DEALER))
        if self.routing_id is not None:
            self.socket.setsockopt(zmq.ROUTING_ID, self.routing_id)
        self.socket.connect(self.endpoint)

    def reconnect(self) -> None:
        """A new connection; what was under way on the old one is lost."""
        self.socket.close(0)
        self.mail.clear()
        self.connect()

    def close(self) -> None:
        self.socket.close(0)

    # --- frames

    def send_raw(self, *frames) -> None:
        self.socket.send_multipart([as_frame(frame) for frame in frames])

    def recv_raw(self, timeout: float = DEADLINE):
        if not self.socket.poll(int(timeout * 1000)):
            raise AssertionError(f"nothing came over {self.endpoint} in {timeout} s")
        return self.socket.recv_multipart()

    def exchange(self, *frames) -> Reply:
        """Send these frames as they are, and return the next reply of whatever tag."""
        self.send_raw(*frames)
        while True:
            got = decode_door(self.recv_raw())
            if isinstance(got, Reply):
                return got

    # --- requests

    def post(self, verb: str, *arguments, user: str | None = None, tag: bytes | None = None):
        """Send a request and return its tag; the reply may come later."""
        tag = tag if tag is not None else b"t%d" % next(self.tags)
        self.send_raw(verb, tag, self.user if user is None else user, *arguments)
        return tag

    def take(self, timeout: float = 0) -> bool:
        """Read one thing that came, if one comes in time."""
        if not self.socket.poll(int(timeout * 1000)):
            return False
        got = decode_door(self.socket.recv_multipart())
        if got is None:
            self.noops += 1
        elif isinstance(got, Reply):
            got.mail = self.mail.pop(got.tag, [])
            assert got.tag not in self.replies, f"two replies to {got.tag}"
            self.replies[got.tag] = got
            self.order.append(got.tag)
        else:
            self.mail.setdefault(got[0], []).extend(got[1])
        return True

    def reply(self, tag: bytes, timeout: float = DEADLINE) -> Reply:
        end = time.monotonic() + timeout
        while tag not in self.replies:
            left = end - time.monotonic()
            if left <= 0 or not self.take(left):
                raise AssertionError(f"no reply to {tag!r} in {timeout} s")
        return self.replies.pop(tag)

    def request(self, verb: str, *arguments, user=None, timeout: float = DEADLINE) -> Reply:
        """OK or ERR, as it comes."""
        return self.reply(self.post(verb, *arguments, user=user), timeout)

    def ask(self, verb: str, *arguments, user=None, timeout: float = DEADLINE) -> Reply:
        """OK, or Refused."""
        reply = self.request(verb, *arguments, user=user, timeout=timeout)
        if not reply.ok:
            raise Refused(reply.json)
        return reply

    def refused(self, verb: str, *arguments, user=None) -> dict:
        """The ERR that is expected here."""
        reply = self.request(verb, *arguments, user=user)
        assert not reply.ok, f"{verb} {arguments} was answered with OK {reply.json}"
        return reply.json

    # --- verbs

    def hello(self, user: str | None = None, **options) -> Reply:
        if user is not None:
            self.user = user
        reply = self.ask("HELLO", {"protocol": "ZCHAT/1", "agent": "tests", **options})
        self.session = reply.json.get("session")
        return reply

    def say(self, room: str, body, **options) -> Reply:
        return self.ask("SAY", room, body, *([options] if options else []))

    def post_say(self, room: str, body, tag: bytes | None = None, **options) -> bytes:
        return self.post("SAY", room, body, *([options] if options else []), tag=tag)

    def join(self, room: str) -> Reply:
        return self.ask("JOIN", room)

    def history(self, room: str, **options) -> Reply:
        return self.ask("HISTORY", room, *([options] if options else []))

    def history_all(self, room: str, after: int = 0, form: str = "pack") -> list:
        """Everything stored after a seq."""
        events: list = []
        while True:
            reply = self.history(room, after=after, limit=1000, form=form, marks=True)
            events += reply.mail
            if not reply["more"]:
                return events
            assert reply.mail, "more, and nothing came"
            after = max(event.seq for event in reply.mail)


class Feed:
    """A SUB, with the barrier of the page."""

    def __init__(self, context, endpoint: str):
        self.socket = quiet(context.socket(zmq.SUB))
        self.socket.connect(endpoint)
        self.events: list = []

    def close(self) -> None:
        self.socket.close(0)

    def subscribe(self, *topics: str) -> None:
        for topic in topics:
            self.socket.subscribe(topic)

    def sync(self, door: Door, deadline: float = DEADLINE) -> None:
        """Return when every earlier subscription of this socket is live."""
        nonce = secrets.token_hex(8)
        self.subscribe(f"sync/{nonce}/")
        end, due = time.monotonic() + deadline, 0.0
        while True:
            now = time.monotonic()
            assert now < end, "the nonce did not come back"
            if now >= due:
                door.ask("SYNC", nonce)
                due = now + 0.2
            if self.take(max(0.0, due - time.monotonic())):
                synced = [e for e in self.events if e.type == "sync" and e.room == nonce]
                if synced:
                    break
        self.socket.unsubscribe(f"sync/{nonce}/")
        self.events = [e for e in self.events if e.type != "sync"]

    def take(self, timeout: float = 0) -> bool:
        if not self.socket.poll(int(timeout * 1000)):
            return False
        self.events += decode_feed(self.socket.recv_multipart())
        return True

    def next(self, timeout: float = DEADLINE) -> Event:
        """The next event that is not a barrier's."""
        end = time.monotonic() + timeout
        while True:
            while self.events:
                event = self.events.pop(0)
                if event.type != "sync":
                    return event
            left = end - time.monotonic()
            if left <= 0 or not self.take(left):
                raise AssertionError(f"nothing came over the feed in {timeout} s")

    def next_of(self, *types: str, timeout: float = DEADLINE) -> Event:
        end = time.monotonic() + timeout
        while True:
            event = self.next(max(0.0, end - time.monotonic()))
            if event.type in types:
                return event

    def until(self, predicate, timeout: float = DEADLINE) -> list:
        """The events up to and with the first that fits."""
        end, events = time.monotonic() + timeout, []
        while True:
            try:
                events.append(self.next(max(0.0, end - time.monotonic())))
            except AssertionError as failure:
                raise AssertionError(f"it did not come; came: {events}") from failure
            if predicate(events[-1]):
                return events

    def barrier(self, door: Door) -> list:
        """Everything published before this call."""
        self.sync(door)
        events, self.events = self.events, []
        return events


def pick_feed(feeds: list, door: str) -> str:
    """Which of HELLO's feeds, and under which host, as the page says."""
    scheme = door.split("://")[0]
    fitting = [feed for feed in feeds if feed.startswith(scheme + "://")]
    feed = (fitting or feeds)[0]
    for wild in ("://*:", "://0.0.0.0:"):
        if wild in feed:
            feed = feed.replace(wild, f"://{urlsplit(door).hostname}:")
    return feed


class Client:
    """Joined rooms, delivered without a gap. One thread, blocking calls."""

    def __init__(self, context, door: str, user: str, form: str = "pack"):
        self.door = Door(context, door, user)
        self.user = user
        self.form = form
        self.greeting = self.door.hello().json
        self.feed = Feed(context, pick_feed(self.greeting["feeds"], door))
        self.last: dict = {}  # room -> last seq delivered
        self.got: dict = {}  # room -> events, in order

    def close(self) -> None:
        self.door.close()
        self.feed.close()

    def topic(self, room: str) -> str:
        return ("pack/" if self.form == "pack" else "room/") + room + "/"

    def join(self, room: str, since: int | None = None) -> dict:
        """Join; deliver what follows since (default: only what comes from now on)."""
        joined = self.door.join(room).json
        name = joined["room"]
        self.last[name] = joined["head"] if since is None else since
        self.got.setdefault(name, [])
        self.feed.subscribe(self.topic(name))
        self.feed.sync(self.door)
        self.repair(name)
        self.pump()
        return joined

    def repair(self, room: str) -> None:
        for event in self.door.history_all(room, after=self.last[room]):
            self.deliver(event)

    def deliver(self, event: Event) -> None:
        if event.room not in self.last:
            return
        if event.type == "join" and event.user == self.user:
            return  # seen or not, as its own subscription was sooner or later than its join
        if event.stored:
            last = self.last[event.room]
            if event.seq <= last:
                return
            if event.seq > last + 1:
                self.repair(event.room)
                last = self.last[event.room]
                if event.seq <= last:
                    return
            assert event.seq == last + 1, f"{event.seq} after {last}: HISTORY left a hole"
            self.last[event.room] = event.seq
        self.got[event.room].append(event)

    def pump(self, timeout: float = 0) -> None:
        """Deliver what the feed brought."""
        self.feed.take(timeout)
        while True:
            events, self.feed.events = self.feed.events, []
            for event in events:
                if event.type != "sync":
                    self.deliver(event)
            if not self.feed.take(0):
                return

    def catch_up(self) -> None:
        """Compare with the heads of PING: even the last message of a room is not missed."""
        for room, head in self.door.ask("PING")["heads"].items():
            if head > self.last.get(room, head):
                self.repair(room)

    def say(self, room: str, body: str, **options) -> Reply:
        return self.door.say(room, body, **options)

    def seen(self, room: str, predicate=lambda event: True) -> list:
        return [event for event in self.got[room] if predicate(event)]

    def wait_for(self, room: str, predicate, deadline: float = DEADLINE, what: str = "") -> Event:
        """The first event of the room that fits, delivered in its order."""

        def found():
            self.pump(0.05)
            return self.seen(room, predicate)

        try:
            return wait_until(found, deadline, what or "the event", pause=0)[0]
        except AssertionError as failure:
            raise AssertionError(f"{failure}; {self.user} has {self.got[room][-20:]}") from None

    def texts(self, room: str) -> list:
        """(user, text) of what was said."""
        return [(e.user, e.body) for e in self.got[room] if e.type in ("say", "action")]


class Sender:
    """Sends exactly once: counts, keeps what was not acknowledged, sends it again in order."""

    def __init__(self, door: Door, room: str):
        self.door = door
        self.room = room
        self.producer = secrets.token_hex(16)
        self.n = 0
        self.unacknowledged: dict = {}  # n -> text, in order
        self.acknowledged: dict = {}  # n -> seq, 0 for a duplicate
        self.under_way: dict = {}  # tag -> n

    def send(self, text: str) -> int:
        self.n += 1
        self.unacknowledged[self.n] = text
        self._post(self.n)
        return self.n

    def _post(self, n: int) -> None:
        text = self.unacknowledged[n]
        tag = self.door.post_say(self.room, text, producer=self.producer, n=n)
        self.under_way[tag] = n

    def resend(self) -> None:
        """After a new connection: everything not acknowledged, in order."""
        self.under_way.clear()
        for n in self.unacknowledged:
            self._post(n)

    def collect(self, timeout: float = 0, keep: tuple = ()) -> bool:
        """Take replies that are there. False: none came. keep: codes of ERR after which a message
        stays unacknowledged."""
        took = self.door.take(timeout)
        for tag in [tag for tag in self.under_way if tag in self.door.replies]:
            reply, n = self.door.replies.pop(tag), self.under_way.pop(tag)
            if not reply.ok and reply.json["code"] in keep:
                continue
            if not reply.ok:
                raise Refused(reply.json)
            self.unacknowledged.pop(n, None)
            self.acknowledged.setdefault(n, reply.json.get("seq", 0))
        return took

    def flush(self, deadline: float = DEADLINE) -> None:
        end = time.monotonic() + deadline
        while self.unacknowledged:
            assert time.monotonic() < end, f"unacknowledged: {list(self.unacknowledged)[:10]}"
            self.collect(0.1)
