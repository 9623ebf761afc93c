"""The core: it decides, and does nothing. Frames and the time come in as arguments; what is to be done
(`effects`), what is to be told (`events`) and which requests are finished (`finished`) lie ready to be
taken. It reads no clock, no disk and no randomness, and it never blocks.

A shell (client.py, aio.py) calls `start`, then `door`, `feed`, `lost` and `tick` as things happen, and
after each call does the effects in their order."""

from __future__ import annotations

import random
from typing import Any, Callable, Mapping, Optional, Sequence, Union

from . import wire
from .address import feed_of
from .effects import CloseDoor, Done, Effect, Keep, OpenDoor, Send
from .errors import Closed, Full, Malformed, Refused
from .events import AnyEvent, Connected, Disconnected, Ended, LogReplaced, Unsure
from .follow import Following
from .outbox import Item, Outbox, wait_of
from .parts import Asked, Pending, Settings

GREETING_S = 5.0
REPLY_S = 10.0
BACKOFF_MIN, BACKOFF_MAX = 0.1, 5.0
HEARTBEAT_S = 5.0
ASKS_MAX = 64
BYE_S = 1.0
STORAGE_S = 1.0
NEVER = float("inf")
#   Answers to a request after which the connection is made anew: its session is not there any more,
#   or the broker is about to go.
GONE = ("hello", "closing", "identity", "taken")


class Core(Following):
    """States: idle, waiting (for the next attempt), greeting (HELLO is under way), ready, leaving, ended."""

    def __init__(
        self,
        settings: Settings,
        entropy: Callable[[int], bytes],
        journal: bool = False,
        kept: Sequence[Item] = (),
        producer: str = "",
        n: int = 0,
    ):
        super().__init__()
        self.settings = settings
        self.entropy = entropy
        self.random = random.Random(entropy(8))
        self.effects: list[Effect] = []
        self.events: list[AnyEvent] = []
        self.finished: list[Done] = []
        self.outbox = Outbox(entropy, self._keep if journal else None, producer, n)
        for item in kept:
            self.outbox.items.append(item)
            self.outbox.bytes += item.size
        self.journal = journal
        self.state = "idle"
        self.user = settings.user
        self.log: Optional[str] = settings.log
        self.session: Optional[str] = None
        self.greeting: dict = {}
        self.connection = 0
        self.attempt_at = 0.0
        self.failures = 0
        self.hello_at: Optional[float] = None
        self.greeting_by = 0.0
        self.heartbeat = HEARTBEAT_S
        self.ping_at = 0.0
        self.leave_by = 0.0
        self.pending: dict[bytes, Pending] = {}
        self.asks: list[Asked] = []
        self.tags = 0
        self.tickets = 0

    # --- for the shell

    def start(self, now: float) -> None:
        self._connect(now)

    def take_effects(self) -> list[Effect]:
        taken, self.effects = self.effects, []
        return taken

    def take_events(self) -> list[AnyEvent]:
        taken, self.events = self.events, []
        return taken

    def take_finished(self) -> list[Done]:
        taken, self.finished = self.finished, []
        return taken

    @property
    def ended(self) -> bool:
        return self.state == "ended"

    def deadline(self) -> Optional[float]:
        """When `tick` is wanted at the latest."""
        if self.state == "waiting":
            return self.attempt_at
        times: list[float] = []
        if self.state == "greeting":
            times = [self.greeting_by] + ([self.hello_at] if self.hello_at is not None else [])
        elif self.state == "leaving":
            times = [self.leave_by]
        elif self.state == "ready":
            times = [self.ping_at, *(p.deadline for p in self.pending.values())]
            times += [ask.not_before for ask in self.asks if ask.tag is None]
            if self.outbox.items and not self.outbox.in_flight:
                times.append(self.outbox.hold_until)
            times += self._follow_deadlines()
        return min(times) if times else None

    def tick(self, now: float) -> None:
        if self.state == "waiting" and now >= self.attempt_at:
            self._connect(now)
        elif self.state == "greeting":
            if now >= self.greeting_by:
                self._lost(now, "no answer to HELLO")
            elif self.hello_at is not None and now >= self.hello_at:
                self._hello(now)
        elif self.state == "leaving" and now >= self.leave_by:
            self._end(None)
        elif self.state == "ready":
            if any(now >= p.deadline for p in self.pending.values()):
                self._lost(now, "no answer for 10 s")
                return
            if now >= self.ping_at:
                self._ping(now)
            self._ask_all(now)
            self._pump(now)
            self._follow_tick(now)

    def lost(self, now: float, reason: str) -> None:
        """The shell saw the connection to the door end."""
        if self.state == "leaving":
            self._end(None)
        elif self.state in ("greeting", "ready"):
            self._lost(now, reason)

    def door(self, frames: Sequence[bytes], now: float) -> None:
        """A message came over the door. What does not have the form is as good as not sent."""
        if self.state not in ("greeting", "ready", "leaving"):
            return
        try:
            message = wire.door_decode(frames)
            if message is None:
                return
            if isinstance(message, wire.Mail):
                self._mail(message, now)
            elif message.tag in self.pending:
                self.pending.pop(message.tag).answer(message.ok, message.json, now)
        except Malformed:
            return

    def _mail(self, message: wire.Mail, now: float) -> None:
        events = wire.events_decode(message.frames)
        if not message.tag:
            for event in events:
                self._take(event, now)
        elif message.tag in self.pending:
            pending = self.pending[message.tag]
            pending.deadline = max(pending.deadline, now + REPLY_S)
            if pending.mail:
                pending.mail(events, now)

    # --- for the program

    def request(self, now: float, verb: str, *arguments: Union[str, dict], collect: bool = False) -> int:
        """Ask; the answer is Done with the ticket that is returned."""
        ticket = self._ticket()
        if self.ended:
            self.finished.append(Done(ticket, error=Closed("the client has ended")))
        elif len(self.asks) >= ASKS_MAX:
            self.finished.append(Done(ticket, error=Full("64 requests are under way")))
        else:
            self.asks.append(Asked(ticket, verb, arguments, collect))
            self._ask_all(now)
        return ticket

    def send(self, now: float, verb: str, arguments: Sequence[str], options: Mapping[str, Any]) -> int:
        """Have a message (SAY, TELL, EDIT) stored exactly once."""
        ticket = self._ticket()
        if self.ended:
            self.finished.append(Done(ticket, error=Closed("the client has ended")))
        elif self.outbox.full:
            self.finished.append(Done(ticket, error=Full("too much waits to be sent")))
        else:
            self.outbox.put(Item(ticket, verb, list(arguments), dict(options)))
            self._pump(now)
        return ticket

    def close(self, now: float) -> None:
        """Say BYE, and end. What was not acknowledged stays unsent (in the journal, where there is one)."""
        if self.state != "ready":
            if not self.ended:
                self._end(None)
            return
        options: list = []
        done = not self.outbox.items and self.outbox.n > 0 and not self.journal
        if done and "forgotten" in self.greeting:
            options = [{"producer": self.outbox.producer}]
        self.state, self.leave_by = "leaving", now + BYE_S
        if not self.user:
            self._end(None)
        else:
            self._send(now, "BYE", options, lambda ok, reply, at: self._end(None))

    def _ticket(self) -> int:
        self.tickets += 1
        return self.tickets

    # --- the connection

    def _connect(self, now: float) -> None:
        self.connection += 1
        self.state = "greeting"
        self.greeting_by = now + GREETING_S
        self.effects.append(OpenDoor(self.settings.door))
        self._hello(now)

    def _hello(self, now: float) -> None:
        self.hello_at = None
        made: dict[str, Any] = {"protocol": "ZCHAT/1", "agent": self.settings.agent, "form": "pack"}
        if self.session:
            made["session"] = self.session
        if self.settings.claim and self.settings.user:
            made["claim"] = True
        if self.settings.token:
            made["token"] = self.settings.token
        self._send(now, "HELLO", [made], self._greeted)

    def _greeted(self, ok: bool, reply: dict, now: float) -> None:
        if not ok:
            self._unwelcome(reply, now)
            return
        try:
            self.greeting = greeting_of(reply)
        except Malformed as error:
            self._lost(now, f"HELLO was answered with what is none: {error}")
            return
        self.state = "ready"
        self.user = reply["user"]
        self.session = reply.get("session", self.session)
        self.heartbeat = self.greeting["heartbeat_ms"] / 1000
        self.outbox.limit = self.greeting["pending"]
        old, log = self.log, str(reply["log"])
        self.log = log
        if old is not None and old != log:
            self.events.append(LogReplaced(old, log))
            self._forget_rooms()
        self.events.append(Connected(self.user, log, reply.get("resumed") is True, reply.get("proven") is True,
                                     str(reply.get("server", ""))))  # fmt: skip
        self._follow_start(self.settings.feed or feed_of(self.settings.door, reply["feeds"]), now)
        self._ping(now)
        self._ask_all(now)
        self._pump(now)

    def _unwelcome(self, reply: dict, now: float) -> None:
        """HELLO was refused."""
        code = reply.get("code")
        wait = wait_of(reply)
        waits = code == "slow" or (code == "taken" and not reply.get("owned") is True
                                   and ("wait_ms" in reply or self.settings.wait_for_name))  # fmt: skip
        if waits:
            self.hello_at = now + wait
            self.greeting_by = self.hello_at + GREETING_S
        elif code in ("storage", "closing", "hello", "identity"):
            self._lost(now, f"HELLO: {code}")
        else:
            self._end(Refused(reply))

    def _lost(self, now: float, reason: str) -> None:
        self._close_sockets()
        self.outbox.lost()
        for ask in self.asks:
            ask.tag, ask.events = None, []
        self.failures += 1
        most = min(BACKOFF_MAX, BACKOFF_MIN * 2 ** min(self.failures - 1, 10))
        wait = most * self.random.uniform(0.5, 1.0)
        self.state, self.attempt_at = "waiting", now + wait
        self.events.append(Disconnected(reason, wait))

    def _close_sockets(self) -> None:
        self.pending.clear()
        self._follow_stop()
        self.effects.append(CloseDoor())

    def _end(self, error: Optional[Exception]) -> None:
        if self.ended:
            return
        self._close_sockets()
        self.state = "ended"
        closed = Closed("the client has ended" if error is None else f"the client has ended: {error}")
        closed.__cause__ = error
        self._fail_rooms(error or closed)
        for ask in self.asks:
            self.finished.append(Done(ask.ticket, error=error or closed))
        for item in self.outbox.items:
            if not item.kept:
                self.finished.append(Done(item.ticket, error=error or closed))
        self.asks = []
        self.events.append(Ended(error))

    # --- requests

    def _send(self, now: float, verb: str, arguments: Sequence, answer: Callable, mail: Optional[Callable] = None) -> bytes:
        self.tags += 1
        tag = b"%d" % self.tags
        frames = [verb.encode(), tag, self.settings.user.encode()]
        for argument in arguments:
            frames.append(wire.write_json(argument) if isinstance(argument, dict) else argument.encode())
        self.pending[tag] = Pending(now + REPLY_S, answer, mail)
        self.effects.append(Send(tuple(frames)))
        return tag

    def _gone(self, reply: dict, now: float) -> bool:
        """Whether the answer says that this connection is of no use any more; then it is made anew."""
        if reply.get("code") not in GONE:
            return False
        if self.state == "ready":
            self._lost(now, f"{reply.get('code')}: {reply.get('text')}")
        return True

    def _ping(self, now: float) -> None:
        self.ping_at = now + self.heartbeat

        def answer(ok: bool, reply: dict, at: float) -> None:
            if ok:
                self.failures = 0
                self._heads(reply, at)
            elif not self._gone(reply, at) and reply.get("code") == "slow":
                self.ping_at = at + wait_of(reply)

        self._send(now, "PING", [], answer)
        self._follow_guest(now)

    def _ask_all(self, now: float) -> None:
        if self.state != "ready":
            return
        for ask in self.asks:
            if ask.tag is None and now >= ask.not_before:
                self._ask(ask, now)

    def _ask(self, ask: Asked, now: float) -> None:
        def answer(ok: bool, reply: dict, at: float) -> None:
            ask.tag = None
            if not ok and reply.get("code") == "slow":
                ask.not_before, ask.events = at + wait_of(reply), []
            elif not ok and reply.get("code") == "storage":
                ask.not_before, ask.events = at + STORAGE_S, []  # nothing was stored; later it may be
            elif not ok and self._gone(reply, at):
                pass  # it is asked again over the next connection
            else:
                self.asks.remove(ask)
                error = None if ok else Refused(reply)
                self.finished.append(Done(ask.ticket, reply if ok else None, error, ask.events))
                self._asked(ask, ok)

        def mail(events: list, at: float) -> None:
            ask.events.extend(events)

        ask.tag = self._send(now, ask.verb, ask.arguments, answer, mail if ask.collect else None)

    # --- the outbox

    def _pump(self, now: float) -> None:
        while self.state == "ready":
            item = self.outbox.take(now, self.connection, self.greeting.get("forgotten"))
            if item is None:
                return
            self._send_item(item, now)

    def _send_item(self, item: Item, now: float) -> None:
        tag = b""

        def answer(ok: bool, reply: dict, at: float) -> None:
            if item.tag != tag:
                return  # of a producer that counts no more
            self._extend(at)
            if not ok and reply.get("code") in GONE:
                self._gone(reply, at)
                return
            for finished in self.outbox.answer(item, ok, reply, at, self.connection):
                self._item_done(finished.item, finished.reply, finished.error)
            self._pump(at)

        tag = self._send(now, item.verb, [*item.arguments, item.json(self.connection)], answer)
        item.tag = tag
        if self.outbox.in_flight > 1:
            self.pending[tag].deadline = NEVER  # until it is the first

    def _extend(self, now: float) -> None:
        """Answers come in the order of the messages, and of a thousand that wait the last one has no
        other time than the first: only the first that is not answered has a deadline."""
        for item in self.outbox.items:
            if item.tag in self.pending:
                self.pending[item.tag].deadline = now + REPLY_S
                break

    def _item_done(self, item: Item, reply: Optional[dict], error: Optional[Exception]) -> None:
        if not item.kept:
            self.finished.append(Done(item.ticket, reply, error))
        elif error is not None:
            code = error.code if isinstance(error, Refused) else ""
            self.events.append(Unsure(item.verb, item.arguments[0], item.arguments[-1], code))

    def _keep(self, what: str, item: Optional[Item]) -> None:
        """A line for the journal. That something is acknowledged need not be on disk at once."""
        record: dict[str, Any] = {"what": what, "producer": self.outbox.producer, "n": self.outbox.n}
        if item is not None:
            record.update(key=item.key, producer=item.producer, n=item.n)
            if what == "put":
                record.update(verb=item.verb, arguments=item.arguments, options=item.options)
            elif what == "sent":
                record.update(forgotten=item.forgotten)
        self.effects.append(Keep(record, sync=what in ("put", "sent")))


def greeting_of(reply: dict) -> dict:
    """What HELLO's OK must hold for us to go on; a broker is a stranger too."""
    feeds, heartbeat, limits = reply.get("feeds"), reply.get("heartbeat_ms"), reply.get("limits")
    if not isinstance(reply.get("log"), str) or not isinstance(reply.get("user"), str):
        raise Malformed("no log, or no user")
    if not isinstance(feeds, list) or not isinstance(heartbeat, int) or not 1 <= heartbeat <= 3600_000:
        raise Malformed("no feeds, or no heartbeat_ms")
    made: dict[str, Any] = {"heartbeat_ms": heartbeat, "pending": 2048}
    if isinstance(limits, dict) and isinstance(limits.get("pending"), int) and limits["pending"] > 0:
        made["pending"] = limits["pending"]
    if isinstance(reply.get("forgotten"), int):
        made["forgotten"] = reply["forgotten"]
    return made
