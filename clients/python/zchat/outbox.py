"""Sending exactly once: which message goes out when, under which number, and what an answer means.
No clock, no socket, no disk: `Outbox` says what is to be sent and what is to be kept."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from .errors import Refused, Uncertain

WINDOW = 1024
WINDOW_BYTES = 1 << 20
ITEMS_MAX = 10000
BYTES_MAX = 16 << 20
STORAGE_WAIT = 0.1
STORAGE_WAIT_MAX = 5.0
#   Refusals of a moment: the message is sent again, and those behind it too.
PASSING = ("slow", "storage")


@dataclass(eq=False)
class Item:
    """A message on its way. `options` is the json argument without producer, n and again."""

    ticket: int
    verb: str
    arguments: list[str]
    options: dict[str, Any]
    producer: str = ""
    n: int = 0
    tag: Optional[bytes] = None  # of the attempt that is not answered yet
    first: int = 0  # the connection it was sent over first; 0: never; -1: in an earlier run, or perhaps
    forgotten: Optional[int] = None  # HELLO's `forgotten` of that connection
    kept: bool = False  # from an earlier run: nobody waits for it
    key: str = ""  # its name in the journal

    @property
    def size(self) -> int:
        return sum(len(a.encode()) for a in self.arguments) + 256

    def json(self, connection: int) -> dict[str, Any]:
        made = {**self.options, "producer": self.producer, "n": self.n}
        #   Of the first message alone the broker cannot tell whether it is new.
        if self.n == 1 and self.first not in (0, connection) and self.forgotten is not None:
            made["again"] = self.forgotten
        return made


@dataclass
class Finished:
    item: Item
    reply: Optional[dict] = None
    error: Optional[Exception] = None


@dataclass
class Outbox:
    """`entropy` makes producers; `keep` (where there is a journal) gets ("put" | "sent" | "done", item)."""

    entropy: Callable[[int], bytes]
    keep: Optional[Callable[[str, Optional[Item]], None]] = None
    producer: str = ""
    n: int = 0
    items: deque[Item] = field(default_factory=deque)
    bytes: int = 0
    window: int = WINDOW
    limit: int = WINDOW
    in_flight: int = 0
    in_flight_bytes: int = 0
    draining: bool = False  # nothing goes out until all that is under way has been answered
    hold_until: float = 0.0
    storage_wait: float = STORAGE_WAIT

    def __post_init__(self) -> None:
        if not self.producer:
            self.producer = self.entropy(16).hex()
        for item in self.items:
            self.bytes += item.size

    def _note(self, what: str, item: Optional[Item] = None) -> None:
        if self.keep:
            if item and not item.key:
                item.key = self.entropy(8).hex()
            self.keep(what, item)

    @property
    def full(self) -> bool:
        return len(self.items) >= ITEMS_MAX or self.bytes >= BYTES_MAX

    def put(self, item: Item) -> None:
        self.n += 1
        item.producer, item.n = self.producer, self.n
        self.items.append(item)
        self.bytes += item.size
        self._note("put", item)

    def take(self, now: float, connection: int, forgotten: Optional[int]) -> Optional[Item]:
        """The next message to send, or None. The caller sends it, and sets its tag."""
        if self.draining or now < self.hold_until or self.in_flight >= min(self.window, self.limit):
            return None
        item = self._unsent()
        if item is None or (self.in_flight and self.in_flight_bytes + item.size > WINDOW_BYTES):
            return None
        if item.first == 0:
            item.first, item.forgotten = connection, forgotten
            if item.n == 1:
                self._note("sent", item)
        self.in_flight += 1
        self.in_flight_bytes += item.size
        return item

    def _unsent(self) -> Optional[Item]:
        """All that is under way stands in front: what was not is the one at that place."""
        return self.items[self.in_flight] if self.in_flight < len(self.items) else None

    def lost(self) -> None:
        """The connection is gone; what was not answered is sent again over the next one."""
        for item in self.items:
            item.tag = None
        self.in_flight = self.in_flight_bytes = 0
        self.draining = False

    def _rest(self, until: float) -> None:
        """Wait for the answers under way, and for the time; then send again from the first one."""
        self.draining = True
        self.hold_until = max(self.hold_until, until)

    def _settle(self) -> None:
        """Once nothing is under way, go on from the first."""
        if self.draining and not any(item.tag for item in self.items):
            self.draining = False
            self.in_flight = self.in_flight_bytes = 0

    def _done(self, item: Item) -> None:
        if self.items and self.items[0] is item:
            self.items.popleft()
        else:
            self.items.remove(item)
        self.bytes -= item.size
        self.in_flight -= 1
        self.in_flight_bytes -= item.size
        self._note("done", item)

    def answer(self, item: Item, ok: bool, reply: dict, now: float, connection: int) -> list[Finished]:
        """An answer to the attempt whose tag `item.tag` was. Returns what is finished."""
        item.tag = None
        finished: list[Finished] = []
        if ok:
            self._done(item)
            self.storage_wait = STORAGE_WAIT
            if self.window < WINDOW:
                self.window += 1
            finished.append(Finished(item, reply=reply))
        else:
            finished = self._refused(item, reply, now, connection)
        self._settle()
        return finished

    def _refused(self, item: Item, reply: dict, now: float, connection: int) -> list[Finished]:
        code = reply.get("code")
        if code == "slow":
            if not self.draining:  # those behind it are refused for the same reason
                self.window = max(1, self.window // 2)
            self._rest(now + wait_of(reply))
        elif code == "storage":
            if not self.draining:
                self.storage_wait = min(STORAGE_WAIT_MAX, 2 * self.storage_wait)
            self._rest(now + self.storage_wait)
        elif code == "gap" and item is not self.items[0]:
            self._rest(now)  # one before it was refused
        elif code == "gap":
            return self._forgotten(connection)
        else:
            return self._final(item, reply)
        return []

    def _final(self, item: Item, reply: dict) -> list[Finished]:
        """Refused for good: its number goes to the next, or, where others were sent behind it, to none."""
        at = self.items.index(item)
        behind = list(self.items)[at + 1 :]
        self._done(item)
        if any(other.first for other in behind):
            self._renew(at)
        else:
            self.n -= 1
            for other in behind:
                other.n -= 1
                self._note("put", other)
            self._note("next")
        return [Finished(item, error=Refused(reply))]

    def _forgotten(self, connection: int) -> list[Finished]:
        """The broker knows another number: it forgot this producer, or has another log. What was sent
        over an earlier connection may be stored or not."""
        unsure = [item for item in self.items if item.first not in (0, connection)]
        for item in unsure:
            self.items.remove(item)
            self.bytes -= item.size
            self._note("done", item)
        self._renew(0)
        return [Finished(item, error=Uncertain("the broker has forgotten whether this was stored")) for item in unsure]

    def _renew(self, at: int) -> None:
        """A new producer for all from place `at` on. What is under way of these counts no more."""
        self.producer = self.entropy(16).hex()
        self.n = 0
        for item in list(self.items)[at:]:
            self.n += 1
            item.producer, item.n = self.producer, self.n
            item.tag, item.first, item.forgotten = None, 0, None
            self._note("put", item)
        self.in_flight = min(self.in_flight, at)
        self.in_flight_bytes = sum(item.size for item in list(self.items)[: self.in_flight])
        self._note("next")


def wait_of(reply: dict) -> float:
    """wait_ms of a refusal, in seconds."""
    wait = reply.get("wait_ms")
    return wait / 1000 if isinstance(wait, (int, float)) and not isinstance(wait, bool) and wait >= 0 else 1.0
