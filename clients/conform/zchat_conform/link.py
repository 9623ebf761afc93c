"""Connections to a broker that write down every frame."""

from __future__ import annotations

import itertools
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

import zmq
from zmq.utils import z85

from . import keys
from .wire import CODES, Event, Reply, Wrong, must, parse, said_of, topic_of

PATIENCE = 10.0  # seconds until a broker that says nothing is wrong
SHOWN = 160  # bytes of a frame in a transcript


class Skip(Exception):
    """The case cannot be tried on this broker: why."""


@dataclass
class Case:
    """A thing to try. tries: parts of the sentences of the page that it tries."""

    name: str
    run: Callable
    tries: tuple
    proof: bool = False  # it wants an encrypted broker


@dataclass
class Outcome:
    case: Case
    verdict: str  # ok, wrong, skipped
    why: str = ""
    transcript: list = field(default_factory=list)


def show(frame: bytes) -> str:
    text = frame.decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:SHOWN])
    return f"{text}...({len(frame)} bytes)" if len(frame) > SHOWN else text or "(empty)"


class Transcript:
    def __init__(self) -> None:
        self.lines: list = []
        self.begin = time.monotonic()

    def note(self, who: str, way: str, frames: list) -> None:
        at = time.monotonic() - self.begin
        self.lines.append(f"{at:8.3f}  {who:12} {way} " + " | ".join(show(bytes(f)) for f in frames))


def pair() -> tuple:
    """(public, secret), 32 bytes each."""
    public, secret = zmq.curve_keypair()
    return z85.decode(public), z85.decode(secret)


class Kit:
    """What a case works with: fresh names, connections, all closed at its end."""

    def __init__(self, context: zmq.Context, endpoint: str, admin: Optional[bytes] = None):
        self.context = context
        self.admin_secret = admin
        self.door, self.key = keys.address(endpoint)
        self.transcript = Transcript()
        self.open: list = []
        self.run = os.urandom(3).hex()
        self.numbers = itertools.count(1)

    @property
    def encrypted(self) -> bool:
        return self.key is not None

    def name(self, stem: str = "u") -> str:
        return f"{stem}{next(self.numbers)}.{self.run}"

    def socket(self, kind: int, own: Optional[tuple]) -> zmq.Socket:
        made = self.context.socket(kind)
        made.linger = 0
        if self.key is not None:
            public, secret = own or pair()
            made.curve_serverkey = z85.encode(self.key)
            made.curve_publickey, made.curve_secretkey = z85.encode(public), z85.encode(secret)
        self.open.append(made)
        return made

    def guest(self) -> "Door":
        return Door(self, "")

    def stranger(self, user: Optional[str] = None, own: Optional[tuple] = None) -> "Door":
        """A connection that has said nothing yet."""
        return Door(self, self.name() if user is None else user, own)

    def person(self, user: Optional[str] = None, **hello: Any) -> "Door":
        """Who has said HELLO, without proof."""
        made = self.stranger(user)
        made.greeting = made.ok("HELLO", hello)
        return made

    def owner(self, user: Optional[str] = None, own: Optional[tuple] = None, **hello: Any) -> "Door":
        """Who has said HELLO with a key, and claimed the name."""
        own = own or pair()
        made = self.stranger(user, own)
        made.greeting = made.ok("HELLO", {"claim": True, **hello})
        must(made.greeting["proven"] is True, "a claimed name is not proven")
        return made

    def admin(self) -> "Door":
        """Who has an admin's key, always by the same name: a key has 8 at most."""
        if self.admin_secret is None:
            raise Skip("it wants an admin's key: --admin FILE")
        public = z85.decode(zmq.curve_public(z85.encode(self.admin_secret)))
        own = (public, self.admin_secret)
        return self.owner(f"chief.{public[:4].hex()}", own)

    def feed(self, through: "Door", *topics: str) -> "Feed":
        return Feed(self, through, topics)

    def close(self) -> None:
        for socket in self.open:
            socket.close(0)


class Door:
    def __init__(self, kit: Kit, user: str, own: Optional[tuple] = None):
        self.kit, self.user, self.own = kit, user, own or (pair() if kit.encrypted else None)
        self.greeting: Any = None
        self.mail: dict = {}  # tag: what came in mail
        self.replies: list = []
        self.tags = itertools.count(1)
        self.socket = kit.socket(zmq.DEALER, self.own)
        self.socket.connect(kit.door)

    @property
    def pushed(self) -> list:
        """What came with an empty tag."""
        return self.mail.setdefault(b"", [])

    def frames(self, *frames: Union[str, bytes]) -> None:
        """Send exactly these."""
        made = [f.encode() if isinstance(f, str) else f for f in frames]
        self.kit.transcript.note(self.user or "guest", ">", made)
        self.socket.send_multipart(made)

    def send(self, verb: str, *arguments: Any, user: Optional[str] = None) -> bytes:
        tag = b"%d" % next(self.tags)
        made = [json.dumps(a, ensure_ascii=False) if isinstance(a, dict) else a for a in arguments]
        self.frames(verb, tag, self.user if user is None else user, *made)
        return tag

    def receive(self, timeout: float = PATIENCE) -> Optional[list]:
        if not self.socket.poll(int(timeout * 1000)):
            return None
        frames = self.socket.recv_multipart()
        self.kit.transcript.note(self.user or "guest", "<", frames)
        return frames

    def take(self, timeout: float = PATIENCE) -> bool:
        """Read one message, into `mail` or `replies`."""
        frames = self.receive(timeout)
        if frames is None:
            return False
        if frames == [b"NOOP", b""]:
            return True
        if frames[0] == b"EVENT":
            must(len(frames) in (4, 6), f"mail of {len(frames)} frames")
            self.mail.setdefault(frames[1], []).extend(said_of(frames[2:]))
            return True
        must(len(frames) == 3 and frames[0] in (b"OK", b"ERR"), f"no message of a door: {frames}")
        must(len(frames[1]) <= 32, "a tag of more than 32 bytes")
        reply = Reply(frames[0] == b"OK", frames[1], parse(frames[2]), self.mail.pop(frames[1], []) if frames[1] else [])
        if not reply.ok:
            must(reply.code in CODES, f"a code that the page does not know: {reply.json}")
            must(isinstance(reply.json.get("text"), str), "ERR without a text")
        self.replies.append(reply)
        return True

    def reply(self, tag: bytes, timeout: float = PATIENCE) -> Reply:
        end = time.monotonic() + timeout
        while True:
            for reply in self.replies:
                if reply.tag == tag:
                    self.replies.remove(reply)
                    return reply
            if time.monotonic() > end or not self.take(max(0.0, end - time.monotonic())):
                raise Wrong(f"no answer with the tag {tag.decode()!r} within {timeout} s")

    def ask(self, verb: str, *arguments: Any, user: Optional[str] = None) -> Reply:
        return self.reply(self.send(verb, *arguments, user=user))

    def ok(self, verb: str, *arguments: Any, user: Optional[str] = None) -> Reply:
        reply = self.ask(verb, *arguments, user=user)
        must(reply.ok, f"{verb} was refused: {reply.json}")
        return reply

    def err(self, code: str, verb: str, *arguments: Any, user: Optional[str] = None) -> Reply:
        reply = self.ask(verb, *arguments, user=user)
        must(reply.code == code, f"{verb} was to be refused with {code}, and was answered {reply.json}")
        return reply

    def refused(self, code: str, *frames: Union[str, bytes]) -> Reply:
        """Frames as they are, with the tag `t`."""
        self.frames(*frames)
        reply = self.reply(b"t")
        must(reply.code == code, f"to be refused with {code}, and was answered {reply.json}")
        return reply

    def history(self, room: str, **options: Any) -> list:
        return self.ok("HISTORY", room, options).mail

    def told(self, fits: Callable[[Event], bool], what: str) -> Event:
        """The first event that came unasked and fits."""
        end = time.monotonic() + PATIENCE
        while True:
            found = next((event for event in self.pushed if fits(event)), None)
            if found is not None:
                return found
            if time.monotonic() > end or not self.take(max(0.0, end - time.monotonic())):
                raise Wrong(f"{what} did not come over the door")

    def settle(self) -> None:
        """What was sent here before has been read."""
        self.ok("PING")

    def close(self) -> None:
        self.kit.open.remove(self.socket)
        self.socket.close(0)


class Feed:
    """A SUB whose subscriptions are live."""

    def __init__(self, kit: Kit, through: Door, topics: tuple):
        self.kit, self.through = kit, through
        greeting = through.greeting or through.ok("HELLO")
        feeds = greeting["feeds"]
        kind = kit.door.split(":", 1)[0]
        feed = next((f for f in feeds if f.startswith(f"{kind}:")), feeds[0])
        host = kit.door.partition("://")[2].rpartition(":")[0]
        self.socket = kit.socket(zmq.SUB, None)
        self.socket.connect(feed if kind == "ipc" else f"{kind}://{host}:{feed.rpartition(':')[2]}")
        for topic in topics:
            self.socket.subscribe(topic)
        self.frames: list = []
        self.barrier()

    def receive(self, timeout: float) -> Optional[list]:
        if not self.socket.poll(int(timeout * 1000)):
            return None
        frames = self.socket.recv_multipart()
        self.kit.transcript.note("(feed)", "<", frames)
        return frames

    def barrier(self) -> list:
        """All that was published until now, by the barrier of the page."""
        nonce = os.urandom(8).hex()
        self.socket.subscribe(f"sync/{nonce}/")
        end, new = time.monotonic() + PATIENCE, []
        while time.monotonic() < end:
            self.through.ok("SYNC", nonce)
            while (frames := self.receive(0.2)) is not None:
                if frames[0] == f"sync/{nonce}/".encode():
                    must([bytes(f) for f in frames[1:]] == [b"", b"", b"{}"], "sync/ has three more frames: empty, empty, {}")
                    self.frames += new
                    return new
                if not frames[0].startswith(b"sync/"):
                    new.append(frames)
        raise Wrong("the nonce does not come back on the feed")

    def events(self) -> list:
        """What came since the last time, with the barrier behind it."""
        return [event for frames in self.barrier() for event in said_of(frames)]


def topic_name(frame: bytes) -> str:
    return topic_of(frame, frame.split(b"/", 1)[0].decode())
