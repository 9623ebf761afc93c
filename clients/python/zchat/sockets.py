"""The sockets of a client, and nothing else: does what the core wants done, and hands it what comes."""

from __future__ import annotations

import time
from typing import Optional, Sequence

import zmq
from zmq.utils import z85
from zmq.utils.monitor import parse_monitor_message

from .address import Address, public_key
from .effects import CloseDoor, CloseFeed, Effect, Keep, OpenDoor, OpenFeed, Send, Subscribe, Unsubscribe
from .journal import Journal
from .protocol import Core

TURN_MAX = 500  # messages of one socket before the others have their turn
FRAME_MAX = 2 << 20
WATCHED = {
    zmq.EVENT_DISCONNECTED: "the connection ended",
    zmq.EVENT_CLOSED: "nobody listens there",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "this key is refused",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "the other side speaks something else",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "the handshake failed",
}
WATCHED_MASK = sum(int(event) for event in WATCHED)


class Sockets:
    """Of one client, used by one thread."""

    def __init__(self, address: Address, secret: Optional[bytes], journal: Optional[Journal]):
        self.context = zmq.Context()
        self.address = address
        self.journal = journal
        self.keys: Optional[tuple] = None
        if address.key is not None:
            pair = (z85.encode(public_key(secret)), z85.encode(secret)) if secret else zmq.curve_keypair()
            self.keys = (z85.encode(address.key), *pair)
        self.door: Optional[zmq.Socket] = None
        self.feed: Optional[zmq.Socket] = None
        self.watch: Optional[zmq.Socket] = None
        self.feed_watch: Optional[zmq.Socket] = None

    def _socket(self, kind: int) -> zmq.Socket:
        made = self.context.socket(kind)
        made.linger = 0
        made.sndhwm = 0  # the core bounds what is under way
        made.rcvhwm = 10000
        made.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
        made.setsockopt(zmq.IPV6, 1)
        if self.keys:
            made.curve_serverkey, made.curve_publickey, made.curve_secretkey = self.keys
        return made

    def open_sockets(self) -> list[zmq.Socket]:
        return [socket for socket in (self.watch, self.feed_watch, self.door, self.feed) if socket is not None]

    # --- what the core wants

    def do(self, effects: Sequence[Effect]) -> None:
        """In their order, but what is to be kept is on disk before anything is sent."""
        kept = [effect for effect in effects if isinstance(effect, Keep)]
        if kept and self.journal is not None:
            self.journal.write([effect.record for effect in kept], any(effect.sync for effect in kept))
        for effect in effects:
            if isinstance(effect, Send):
                self._send(effect)
            elif isinstance(effect, (Subscribe, Unsubscribe)):
                if self.feed is not None:
                    option = zmq.SUBSCRIBE if isinstance(effect, Subscribe) else zmq.UNSUBSCRIBE
                    self.feed.setsockopt(option, effect.topic)
            elif isinstance(effect, OpenDoor):
                self._open_door(effect.endpoint)
            elif isinstance(effect, OpenFeed):
                self._close_feed()
                self.feed, self.feed_watch = self._watched(zmq.SUB, zmq.EVENT_DISCONNECTED, effect.endpoint)
            elif isinstance(effect, CloseDoor):
                self._close_door()
            elif isinstance(effect, CloseFeed):
                self._close_feed()

    def _send(self, effect: Send) -> None:
        if self.door is not None:
            try:
                self.door.send_multipart(effect.frames, zmq.DONTWAIT)
            except zmq.Again:
                pass  # the connection just ended: the core hears of it, and sends again

    def _open_door(self, endpoint: str) -> None:
        self._close_door()
        self.door, self.watch = self._watched(zmq.DEALER, WATCHED_MASK, endpoint)

    def _watched(self, kind: int, events: int, endpoint: str) -> tuple[zmq.Socket, zmq.Socket]:
        """A connection that ended is not taken up again by zmq: it may lead to another broker, or one
        with another log, whose seqs would be taken for those of the old one."""
        made = self._socket(kind)
        made.setsockopt(zmq.RECONNECT_IVL, -1)
        watch = made.get_monitor_socket(events)
        self._connect(made, endpoint)
        return made, watch

    @staticmethod
    def _connect(socket: zmq.Socket, endpoint: str) -> None:
        try:
            socket.connect(endpoint)
        except zmq.ZMQError:
            pass  # an endpoint that is none is as good as one where nobody answers

    def _close_door(self) -> None:
        if self.door is not None:
            self.door.disable_monitor()
            if self.watch is not None:
                self.watch.close(0)
            self.door.close(0)
        self.door = self.watch = None

    def _close_feed(self) -> None:
        if self.feed is not None:
            self.feed.disable_monitor()
            if self.feed_watch is not None:
                self.feed_watch.close(0)
            self.feed.close(0)
        self.feed = self.feed_watch = None

    # --- what came

    def read(self, core: Core) -> bool:
        """Hand the core what has come; whether there may be more."""
        more = self._read_one("door", core) | self._read_one("feed", core)
        #   Behind the door: what came before the end of a connection counts.
        if not more:
            self._read_watch("watch", core)
            self._read_watch("feed_watch", core)
        return more

    def _read_one(self, which: str, core: Core) -> bool:
        now = time.monotonic()
        for _ in range(TURN_MAX):
            socket = getattr(self, which)
            if socket is None:
                return False
            try:
                frames = socket.recv_multipart(zmq.DONTWAIT)
            except zmq.ZMQError:
                return False
            core.door(frames, now) if which == "door" else core.feed(frames, now)
            if core.effects:
                self.do(core.take_effects())
        return True

    def _read_watch(self, which: str, core: Core) -> None:
        while (socket := getattr(self, which)) is not None:
            try:
                event = parse_monitor_message(socket.recv_multipart(zmq.DONTWAIT))
            except zmq.ZMQError:
                return
            reason = WATCHED.get(event["event"], "the connection ended")
            core.lost(time.monotonic(), reason if which == "watch" else "the feed ended")
            self.do(core.take_effects())

    def close(self) -> None:
        self._close_door()
        self._close_feed()
        self.context.term()
        if self.journal is not None:
            self.journal.close()

