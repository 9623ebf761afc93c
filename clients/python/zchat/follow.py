"""The half of the core that follows rooms: subscriptions, the barrier, gaps, heads. See protocol.py."""

from __future__ import annotations

import random
from typing import Callable, Optional, Sequence, Union

from . import wire
from .effects import CloseFeed, Done, Effect, OpenFeed, Subscribe, Unsubscribe
from .errors import Malformed, Refused
from .events import AnyEvent, Event, FeedBack, FeedSilent, RoomLost
from .outbox import wait_of
from .parts import Asked, Settings
from .rooms import Room

SYNC_S = 0.2
SYNC_SILENT_S = 5.0
GAP_WAIT_S = 0.1
FETCHES_MAX = 2
PAGE = 1000
RUN_MAX = 3 * PAGE
EVENTS_MAX = 16384
AGAIN_S = 1.0


class Following:
    """Rooms by the name as asked and as the broker spells it; one feed; one barrier at a time."""

    # What the other half, Core, has.
    settings: Settings
    entropy: Callable[[int], bytes]
    random: random.Random
    effects: list[Effect]
    events: list[AnyEvent]
    finished: list[Done]
    state: str

    def request(self, now: float, verb: str, *arguments: Union[str, dict], collect: bool = False) -> int:
        raise NotImplementedError

    def _ticket(self) -> int:
        raise NotImplementedError

    def _send(self, now: float, verb: str, arguments: Sequence, answer: Callable, mail: Optional[Callable] = None) -> bytes:
        raise NotImplementedError

    def _gone(self, reply: dict, now: float) -> bool:
        raise NotImplementedError

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}  # by the broker's spelling, once it is known
        self.joining: list[Room] = []  # of which the spelling is not known yet
        self.endpoint: Optional[str] = None  # of the feed
        self.feed_open = False
        self.feed_silent = False
        self.events_max = EVENTS_MAX  # that the program leaves unread
        self.unread = 0  # of those that were taken, as the shell told
        self.paused = False
        self.nonce: Optional[str] = None
        self.sync_at = 0.0
        self.sync_since = 0.0
        self.fetches = 0

    # --- for the shell and the program

    def feed(self, frames: list, now: float) -> None:
        """A message came over the feed."""
        if self.state != "ready":
            return
        try:
            if frames and bytes(frames[0]).startswith(b"sync/"):
                self._barrier_back(wire.topic_parse(frames[0])[1], now)
                return
            for event in wire.events_decode(frames):
                room = self.rooms.get(event.room)
                if room is not None and not room.door:  # what is private never comes over the feed
                    self._take(event, now)
        except Malformed:
            return  # if it was a message, its seq shows the gap


    def follow(self, now: float, name: str, join: bool = True, private: bool = False,
               after: Optional[int] = None, last: int = 0) -> int:  # fmt: skip
        """Deliver what is said in a room from now on (or behind `after`, or from `last` before its
        head). Finished once the broker told of the room: nothing said later will be missing."""
        ticket = self._ticket()
        room = next((r for r in [*self.rooms.values(), *self.joining] if name in (r.asked, r.name)), None)
        if room is None:
            room = Room(name, join and bool(self.settings.user), private, after, last)
            self.joining.append(room)
        elif join and not room.join and self.settings.user:
            room.join = True
        elif room.info:
            self._done(ticket, dict(room.info))
            return ticket
        room.tickets.append(ticket)
        if self.state == "ready" and (room.join_at is not None or len(room.tickets) == 1):
            self._join(room, now)
        return ticket

    def unfollow(self, now: float, name: str) -> int:
        """The other way round: PART, where it was joined."""
        room = next((r for r in [*self.rooms.values(), *self.joining] if name in (r.asked, r.name)), None)
        if room is None or not room.join:
            self._remove(room)
            ticket = self._ticket()
            self._done(ticket, {})
            return ticket
        return self.request(now, "PART", name)

    def read_up_to(self, unread: int, now: float) -> None:
        """The program has so many events before it. Where they are too many, what comes counts as
        lost, and is fetched once it reads again."""
        self.unread = unread
        if self.paused and not self._full():
            self.paused = False
            for room in self.rooms.values():
                self._gap(room, now, 0.0)

    def _full(self) -> bool:
        return self.unread + len(self.events) >= self.events_max

    def _asked(self, ask: Asked, ok: bool) -> None:
        if ok and ask.verb == "PART":
            self._remove(next((r for r in self.rooms.values() if ask.arguments[0] in (r.asked, r.name)), None))

    def _done(self, ticket: int, reply: Optional[dict] = None, error: Optional[Exception] = None) -> None:
        self.finished.append(Done(ticket, reply, error))

    def _remove(self, room: Optional[Room]) -> None:
        if room is None:
            return
        if room in self.joining:
            self.joining.remove(room)
        if room.name is not None and self.rooms.get(room.name) is room:
            del self.rooms[room.name]
            if self.feed_open and not room.door:
                self._unsubscribe(f"pack/{room.name}/")

    # --- the connection, as the core sees it

    def _follow_start(self, endpoint: Optional[str], now: float) -> None:
        self.endpoint = endpoint
        for room in [*self.rooms.values(), *self.joining]:
            self._join(room, now)

    def _follow_stop(self) -> None:
        """The connection is gone; rooms and cursors stay."""
        if self.feed_open:
                self.effects.append(CloseFeed())
        self.feed_open = self.feed_silent = False
        self.nonce = None
        self.fetches = 0
        for room in self.rooms.values():
            room.live = room.fetching = False
            room.fetch_at = None
        for room in [*self.rooms.values(), *self.joining]:
            room.join_at = None

    def _forget_rooms(self) -> None:
        for room in self.rooms.values():
            room.forget()

    def _fail_rooms(self, error: Exception) -> None:
        for room in [*self.rooms.values(), *self.joining]:
            for ticket in room.tickets:
                self._done(ticket, error=error)
            room.tickets = []

    def _follow_deadlines(self) -> list:
        times = [r.join_at for r in [*self.rooms.values(), *self.joining] if r.join_at is not None]
        if self.nonce is not None:
            times += [self.sync_at, self.sync_since + SYNC_SILENT_S]
        if self.fetches < FETCHES_MAX and not self.paused:
            times += [r.fetch_at for r in self.rooms.values() if r.fetch_at is not None]
        return times

    def _follow_tick(self, now: float) -> None:
        for room in [*self.rooms.values(), *self.joining]:
            if room.join_at is not None and now >= room.join_at:
                self._join(room, now)
        if self.nonce is not None and now >= self.sync_since + SYNC_SILENT_S:
            self._silent(now)
        if self.nonce is not None and now >= self.sync_at:
            self._sync(now)
        self._fetch_due(now)

    # --- coming into a room

    def _join(self, room: Room, now: float) -> None:
        room.join_at = None

        def answer(ok: bool, reply: dict, at: float) -> None:
            if not ok:
                self._not_joined(room, reply, at)
                return
            try:
                self._joined(room, reply, at)
            except Malformed:
                room.join_at = at + AGAIN_S

        if room.join:
            options = [{"private": True}] if room.make_private and room.name is None else []
            self._send(now, "JOIN", [room.asked, *options], answer)
        else:  # a guest is in no room
            self._send(now, "HISTORY", [room.asked, {"limit": 1, "form": "pack"}], answer)

    def _joined(self, room: Room, reply: dict, now: float) -> None:
        name, head, first = reply.get("room"), reply.get("head"), reply.get("first")
        if not isinstance(name, str) or not isinstance(head, int) or not isinstance(first, int):
            raise Malformed("no room")
        if self.rooms.get(name, room) is not room:  # asked for by two spellings
            self.rooms[name].tickets += room.tickets
            self.joining.remove(room)
            room = self.rooms[name]
        if room in self.joining:
            self.joining.remove(room)
        if room.name is not None and room.name != name:  # it ended, and is spelled otherwise now
            self._remove(room)
        room.name, room.info = name, reply
        self.rooms[name] = room
        room.door = reply.get("private") is True or name == "@"
        self.events += room.arrived(head, first)
        for ticket in room.tickets:
            self._done(ticket, dict(reply))
        room.tickets = []
        if room.door:
            room.live = True
            self._gap_now(room, now)
        elif self.endpoint is None:
            room.live = True  # there is no feed: what PING tells of comes by HISTORY
            self._gap_now(room, now)
        else:
            self._subscribe(f"pack/{name}/")
            self._barrier(now)

    def _not_joined(self, room: Room, reply: dict, now: float) -> None:
        code = reply.get("code")
        if code == "slow":
            room.join_at = now + wait_of(reply)
        elif code == "storage":
            room.join_at = now + AGAIN_S
        elif not self._gone(reply, now):
            if not room.tickets:
                self.events.append(RoomLost(room.name or room.asked, str(code), str(reply.get("text", ""))))
            for ticket in room.tickets:
                self._done(ticket, error=Refused(reply))
            room.tickets = []
            self._remove(room)

    # --- the feed and its barrier

    def _subscribe(self, topic: str) -> None:
        if not self.feed_open:
            assert self.endpoint is not None
            self.feed_open = True
            self.effects.append(OpenFeed(self.endpoint))
        self.effects.append(Subscribe(topic.encode()))

    def _unsubscribe(self, topic: str) -> None:
        self.effects.append(Unsubscribe(topic.encode()))

    def _barrier(self, now: float) -> None:
        """Find out that every subscription up to here is live. One that is under way gives way to the
        new one, which tells of its subscriptions too."""
        if self.nonce is not None:
            self._unsubscribe(f"sync/{self.nonce}/")
        else:
            self.sync_since = now
        self.nonce = self.entropy(8).hex()
        self._subscribe(f"sync/{self.nonce}/")
        self._sync(now)

    def _sync(self, now: float) -> None:
        self.sync_at = now + SYNC_S

        def answer(ok: bool, reply: dict, at: float) -> None:
            if not ok and reply.get("code") == "slow":
                self.sync_at = max(self.sync_at, at + wait_of(reply))
            elif not ok:
                self._gone(reply, at)

        assert self.nonce is not None
        self._send(now, "SYNC", [self.nonce], answer)

    def _barrier_back(self, nonce: str, now: float) -> None:
        if nonce != self.nonce:
            return
        self._unsubscribe(f"sync/{nonce}/")
        self.nonce = None
        if self.feed_silent:
            self.feed_silent = False
            self.events.append(FeedBack(self.endpoint or ""))
        for room in self.rooms.values():
            if not room.live:
                room.live = True
                self._gap_now(room, now)

    def _silent(self, now: float) -> None:
        """The nonce does not come back: say so, live by the door, and try the feed again."""
        if not self.feed_silent:
            self.feed_silent = True
            self.events.append(FeedSilent(self.endpoint or ""))
        self.effects.append(CloseFeed())
        self.feed_open = False
        self.nonce = None
        for room in self.rooms.values():
            if not room.door:
                self._subscribe(f"pack/{room.name}/")
                room.live = False
                self._gap_now(room, now)
        self._barrier(now)

    # --- events, and what is missing

    def _take(self, event: Event, now: float) -> None:
        room = self.rooms.get(event.room)
        if room is not None:
            self.paused = self.paused or self._full()
            self.events += room.take(event, self.paused)
            self._gap(room, now)

    def _heads(self, reply: dict, now: float) -> None:
        """PING told where the rooms end. One that this session is no longer in is joined again."""
        heads = reply.get("heads")
        if not isinstance(heads, dict):
            return
        for room in list(self.rooms.values()):
            if not room.join or room.next is None or room.join_at is not None:
                continue
            head = heads.get(room.name)
            if not isinstance(head, int):
                room.join_at = now
            elif head >= room.next:
                room.head = max(room.head, head)
                self._gap(room, now)
                self._doubt_feed(room, now)
            elif head < room.next - 1:
                self._gap_now(room, now)  # HISTORY tells whether the log went back

    def _doubt_feed(self, room: Room, now: float) -> None:
        """The feed did not bring what PING tells of: find out whether it is there at all."""
        if not room.door and self.feed_open and self.nonce is None:
            self._barrier(now)

    def _follow_guest(self, now: float) -> None:
        """For rooms that are read from outside PING has no heads."""
        for room in self.rooms.values():
            if not room.join and room.next is not None:
                self._gap_now(room, now)

    def _gap(self, room: Room, now: float, wait: float = GAP_WAIT_S) -> None:
        """Fetch what is missing after a short random wait: it may only be late, and all who miss
        it should not ask at once. What came too early alone is no reason before the barrier."""
        if not room.gap:
            if not room.fetching and not room.must_fetch:
                room.fetch_at = None
        elif room.fetch_at is None and not room.fetching and (room.live or self.feed_silent):
            room.fetch_at = now + wait * self.random.uniform(0.2, 1.0)

    def _gap_now(self, room: Room, now: float) -> None:
        room.fetch_at, room.must_fetch = now, True
        self._fetch_due(now)

    def _fetch_due(self, now: float) -> None:
        self.paused = self.paused or self._full()
        if self.state != "ready" or self.paused:
            return
        for room in self.rooms.values():
            due = room.fetch_at is not None and now >= room.fetch_at and not room.fetching
            if due and self.fetches < FETCHES_MAX and room.next is not None:
                self._fetch(room, now)

    def _fetch(self, room: Room, now: float) -> None:
        assert room.next is not None
        after = room.next - 1
        room.fetching, room.fetch_at, room.must_fetch = True, None, False
        self.fetches += 1

        run: list[Event] = []

        def mail(events: list, at: float) -> None:
            if len(run) <= RUN_MAX:  # of a broker that does not end
                run.extend(event for event in events if event.room == room.name)

        def answer(ok: bool, reply: dict, at: float) -> None:
            room.fetching = False
            self.fetches -= 1
            if ok:
                self.events += room.take_history(run)
                self._fetched(room, after, reply, at)
            elif reply.get("code") == "slow":
                room.fetch_at = at + wait_of(reply)
            elif reply.get("code") in ("private", "nobody", "name"):
                self.events.append(RoomLost(room.name or "", str(reply.get("code")), str(reply.get("text", ""))))
                self._remove(room)
            elif not self._gone(reply, at):
                room.fetch_at = at + AGAIN_S
            self._fetch_due(at)

        self._send(now, "HISTORY", [room.name, {"after": after, "limit": PAGE, "form": "pack", "marks": True}], answer, mail)

    def _fetched(self, room: Room, after: int, reply: dict, now: float) -> None:
        head, first = reply.get("head"), reply.get("first")
        if not isinstance(head, int) or not isinstance(first, int) or room.next is None:
            room.fetch_at = now + AGAIN_S
            return
        out: list[AnyEvent] = room.bounds(after, first, head)
        self.events += out
        if reply.get("more") is True or room.gap:
            #   Where the answer brought nothing there is no hurry to ask again.
            room.fetch_at = now if room.next > after + 1 else now + AGAIN_S
