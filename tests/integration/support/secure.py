"""People who come with a key, what is sent to them unasked, and the whole feed as it comes."""

import os
import time
from pathlib import Path

import zmq

from . import build
from .client import Door, Feed, quiet
from .curve import Pair, encrypted
from .wait import DEADLINE, wait_until
from .wire import Event, decode_feed

DAYS_30 = 30 * 24 * 3600 * 1000
#   A session's name is kept for it so long, with what a busy machine adds.
GRACE = 5.0


class Person(Door):
    """A Door with a key of its own, which it keeps: it claims its name. What comes with an empty
    tag is kept in pushed."""

    def __init__(self, context, broker, user="", pair=None, hello=True, **options):
        self.broker = broker
        self.pair = pair or Pair()
        self.plain_context = context
        super().__init__(encrypted(context, broker, self.pair), broker.door, user)
        if hello:
            self.greeting = self.hello(**options).json

    def hello(self, user=None, **options):
        return super().hello(user, **{"claim": True, **options})

    def device(self, pair=None, hello=True, **options) -> "Person":
        """Another connection of the same user."""
        return Person(
            self.plain_context, self.broker, self.user, pair or self.pair, hello, **options
        )

    def back(self, *rooms: str, **options) -> "Person":
        """A new connection instead of this one, as after a restart of the broker."""
        self.reconnect()
        self.greeting = self.hello(**options).json
        for room in rooms:
            self.join(room)
        return self

    @property
    def key(self) -> str:
        return self.pair.text

    # --- rooms of one's own

    def found(self, room: str, *members: "Person") -> None:
        """Make a private room; the members are invited and join."""
        self.ask("JOIN", room, {"private": True})
        for member in members:
            self.ask("INVITE", room, member.user)
            member.join(room)

    def set(self, room: str, what: str, user: str | None = None, **options):
        return self.ask("MODE", room, self.setting(what, user, **options))

    @staticmethod
    def setting(what: str, user: str | None = None, **options) -> dict:
        return {"set": what, **({"user": user} if user else {}), **options}

    # --- what is sent unasked

    @property
    def pushed(self) -> list:
        return self.mail.get(b"", [])

    def of(self, room: str, *types: str) -> list:
        return [e for e in self.pushed if e.room == room and (not types or e.type in types)]

    def wait(self, predicate, what: str = "", timeout: float = DEADLINE) -> Event:
        """The first event that was sent unasked and fits."""
        end = time.monotonic() + timeout
        while True:
            for event in self.pushed:
                if predicate(event):
                    return event
            left = end - time.monotonic()
            if left <= 0 or not self.take(left):
                raise AssertionError(f"{what or 'it'} did not come; came: {self.pushed[-20:]}")

    def wait_body(self, body: str, timeout: float = DEADLINE) -> Event:
        return self.wait(lambda e: e.body == body, repr(body), timeout)

    def settle(self) -> None:
        """All that the broker had sent here before this call has been read."""
        self.ask("PING")
        self.ask("PING")
        while self.take(0.2):
            pass


def bodies(events) -> list:
    return [event.body for event in events if event.type in ("say", "action", "tell", "told")]


def seqs(events) -> list:
    return [event.seq for event in events if event.stored]


class Capture:
    """Everything the feed sends, to a SUB and to an XSUB that both ask for all of it."""

    def __init__(self, context, broker, through: Door):
        self.through = through
        keyed = encrypted(context, broker) if broker.address else context
        self.feed = Feed(keyed, broker.feed)
        self.feed.subscribe("")
        self.raw = quiet(keyed.socket(zmq.XSUB))
        self.raw.connect(broker.feed)
        self.raw.send(b"\x01")
        self.seen: list = []
        self.events: list = []  # those of room/, so each once
        self.feed.sync(through)
        wait_until(self.raw_is_live, what="the XSUB hears everything")

    def raw_is_live(self) -> bool:
        self.through.ask("SYNC", "raw")
        return self.read(0.1) > 0

    def read(self, timeout: float = 0) -> int:
        count = 0
        while self.raw.poll(int(timeout * 1000)):
            frames = self.raw.recv_multipart()
            events = decode_feed(frames)
            self.events += events if frames[0].startswith(b"room/") else []
            self.seen.append(b"\0".join(frames))
            count += 1
            timeout = 0
        return count

    def bytes(self) -> bytes:
        """What came until now, of both."""
        before = self.feed.events
        self.feed.events = []
        self.feed.events = before + self.feed.barrier(self.through)
        nonce = os.urandom(8).hex()
        self.through.ask("SYNC", nonce)
        wait_until(lambda: self.read(0.1) and any(nonce.encode() in s for s in self.seen))
        kept = [repr(e).encode() + e.body.encode() for e in self.feed.events]
        return b"\n".join(self.seen + kept)


def rss(broker) -> int:
    """Bytes of memory that the broker's process holds."""
    text = Path(f"/proc/{broker.process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) * 1024


def sanitized() -> bool:
    """What a sanitizer adds (red zones, freed blocks kept back) is not the broker's memory."""
    return b"__asan_init" in Path(build.zchatd()).read_bytes()
