"""One room as it arrives: in order, without a gap, nothing twice. No clock, no socket."""

from __future__ import annotations

from typing import Optional

from .events import AnyEvent, Event, Missed, WentBack

AHEAD_MAX = 4096
AHEAD_BYTES_MAX = 8 << 20
PRESENCE = ("join", "leave", "presence")
KNOWN = frozenset(
    "say action topic mode remove tell told invite gone edit react unreact mention "
    "join leave presence read marks".split()
)


class Room:
    """Stored events are delivered at `next`; those ahead of it wait until the gap is fetched."""

    def __init__(self, asked: str, join: bool, private: bool = False, after: Optional[int] = None, last: int = 0):
        self.asked = asked  # the name as the program wrote it
        self.join = join  # or only read
        self.make_private = private
        self.last = last  # a new follower begins so many before the head
        self.name: Optional[str] = None  # as the broker spells it
        self.door = False  # a private room, or the mailbox: its events come over the door
        self.next: Optional[int] = None if after is None else after + 1
        self.anew = False  # begin at the first message that is there
        self.head = 0  # the last seq that is known to be there
        self.live = False  # the barrier of its subscription came back
        self.fetching = False
        self.fetch_at: Optional[float] = None
        self.must_fetch = False  # though no gap is known: something may have been said meanwhile
        self.join_at: Optional[float] = None  # when to ask JOIN again
        self.tickets: list[int] = []  # of JOIN requests of the program
        self.info: dict = {}
        self.ahead: dict[int, Event] = {}
        self.behind: dict[int, list[Event]] = {}  # unstored events, by the seq they came after
        self.bytes = 0
        self.seen = 0  # the last seq that came, for the place of unstored events

    def forget(self) -> None:
        """The log is another one: nothing that was known counts, and all that is in it is new."""
        self.next, self.anew = None, True
        self.head = self.seen = 0
        self.drop()

    def drop(self) -> None:
        self.ahead.clear()
        self.behind.clear()
        self.bytes = 0

    def arrived(self, head: int, first: int) -> list[AnyEvent]:
        """The broker told of the room. Who is new begins behind the head, or `last` before it. Where it
        ends before what was known, all behind its head is new."""
        out: list[AnyEvent] = []
        if self.next is None:
            self.next = max(first, 1 if self.anew else head - self.last + 1, 1)
        elif head < self.next - 1 and not self.live:  # while it is live the feed may be ahead of this answer
            out = self._back(self.next - 1, head)
        self.head = max(self.head, head)
        return out

    def _back(self, known: int, head: int) -> list[AnyEvent]:
        self.drop()
        self.next, self.head, self.seen = head + 1, head, head
        return [WentBack(self.name or self.asked, known, head)]

    @property
    def gap(self) -> bool:
        return self.next is not None and self.head >= self.next

    def take(self, event: Event, paused: bool = False) -> list[AnyEvent]:
        """What can be delivered, now that this came over the feed, or unasked over the door."""
        if event.seq == 0:
            if event.type == "marks":
                return []  # only HISTORY tells these
            return [] if paused else self._unstored(event, self.seen)
        self.seen = max(self.seen, event.seq)
        self.head = max(self.head, event.seq)
        if not paused:
            self._keep(event)
        return self._flush()

    def take_history(self, events: list[Event]) -> list[AnyEvent]:
        """A whole run of HISTORY. `marks` belong to the message before them: they are delivered right
        behind it, before what the feed brought meanwhile, or fall with it."""
        kept: Optional[int] = None
        for event in events:
            if event.seq:
                self.head = max(self.head, event.seq)
                kept = event.seq if self._keep(event) else None
            elif kept is not None and event.type == "marks":
                self.behind.setdefault(kept, []).append(event)
                self.bytes += len(event.text) + 64
        return self._flush()

    def _unstored(self, event: Event, after: int) -> list[AnyEvent]:
        """In its place among the messages: behind the one it came after."""
        if self.next is None or event.type not in KNOWN:
            return []
        if after < self.next:
            return [event]
        if self.bytes < AHEAD_BYTES_MAX and after in self.ahead:
            self.behind.setdefault(after, []).append(event)
            self.bytes += len(event.text) + 64
        return []

    def _keep(self, event: Event) -> bool:
        if self.next is None or event.seq < self.next or event.seq in self.ahead:
            return False
        size = len(event.text) + 64
        if event.seq != self.next and (len(self.ahead) >= AHEAD_MAX or self.bytes + size > AHEAD_BYTES_MAX):
            return False  # it is fetched again when the gap is closed
        self.ahead[event.seq] = event
        self.bytes += size
        return True

    def _flush(self) -> list[AnyEvent]:
        out: list[AnyEvent] = []
        while self.next is not None and self.next in self.ahead:
            event = self.ahead.pop(self.next)
            self.bytes -= len(event.text) + 64
            if event.type in KNOWN:
                out.append(event)
            for later in self.behind.pop(self.next, []):
                self.bytes -= len(later.text) + 64
                out.append(later)
            self.next += 1
        return out

    def bounds(self, after: int, first: int, head: int) -> list[AnyEvent]:
        """The OK of a HISTORY that was asked for what is behind `after`."""
        out: list[AnyEvent] = []
        assert self.name is not None and self.next is not None
        if head < after:
            out += self._back(after, head)
        self.head = max(self.head, head)
        if first > self.next:
            out.append(Missed(self.name, self.next, first - 1))
            for seq in [seq for seq in self.ahead if seq < first]:
                self.bytes -= len(self.ahead.pop(seq).text) + 64
                for later in self.behind.pop(seq, []):
                    self.bytes -= len(later.text) + 64
            self.next = first
        return out + self._flush()
