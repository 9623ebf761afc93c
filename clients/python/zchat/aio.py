"""The client for asyncio: `Client`. Everything happens in the loop that `connect`, or `async with`, is called in."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path
from typing import Any, AsyncIterator, Mapping, Optional, Union

from . import calls, results
from .address import Address
from .aio_sealing import Sealing
from .base import Setup
from .errors import Closed, TooSlow
from .events import SAID, AnyEvent, Ended, Event, log_notice


class Client(Sealing):
    """As `zchat.Client`, whose arguments it takes; `async with` connects and leaves."""

    def __init__(
        self,
        address: Union[str, Address],
        user: str = "",
        *,
        key: Union[bytes, str, Path, None] = None,
        claim: Optional[bool] = None,
        token: Optional[str] = None,
        feed: Optional[str] = None,
        outbox: Union[str, Path, None] = None,
        people: Union[str, Path, None] = None,
        agent: str = "zchat for Python",
        log: Optional[str] = None,
        wait_for_name: bool = False,
        timeout: Optional[float] = 30.0,
    ):
        setup = Setup(address, user, key, claim, token, feed, outbox, agent, log, wait_for_name)
        super().__init__(setup, people)
        self.core, self.sockets = setup.core, setup.sockets
        self.timeout = timeout
        self.queue: deque[AnyEvent] = deque()
        self.waiting: dict[int, tuple] = {}  # ticket: (future, what its answer becomes)
        self.over = False
        self.some = asyncio.Event()
        self.readers: dict[int, Any] = {}  # the descriptors that are looked at
        self.timer: Optional[asyncio.TimerHandle] = None
        self.loop: Optional[asyncio.AbstractEventLoop] = None

    async def connect(self) -> None:
        """What `async with` begins with."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            self.core.start(time.monotonic())
            self._turn()

    # --- in the loop

    def _turn(self) -> None:
        """Do what is due; then wait for a socket or the time."""
        if self.over:
            return
        assert self.loop is not None
        #   zmq tells of a socket once, so nothing may be left in it, nor by what is sent meanwhile.
        self.sockets.do(self.core.take_effects())
        more = self.sockets.read(self.core)
        now = time.monotonic()
        self.core.tick(now)
        self.core.read_up_to(len(self.queue), now)
        effects = self.core.take_effects()
        self.sockets.do(effects)
        self._give()
        self._watch()
        if self.core.ended:
            self._finish()
        elif more or effects:
            self.loop.call_soon(self._turn)
        else:
            self._set_timer()

    def _set_timer(self) -> None:
        assert self.loop is not None
        if self.timer is not None:
            self.timer.cancel()
        due = self.core.deadline()
        wait = 60.0 if due is None else max(0.0, due - time.monotonic())
        self.timer = self.loop.call_later(min(wait, 60.0) + 0.001, self._turn)

    def _watch(self) -> None:
        """Look at the descriptors of the sockets that are open now."""
        assert self.loop is not None
        now = {} if self.core.ended else {s.fileno(): s for s in self.sockets.open_sockets()}
        for number, socket in list(self.readers.items()):
            if now.get(number) is not socket:
                self.loop.remove_reader(number)
                del self.readers[number]
        for number, socket in now.items():
            if number not in self.readers:
                self.loop.add_reader(number, self._turn)
                self.readers[number] = socket

    def _give(self) -> None:
        for done in self.core.take_finished():
            future, shape = self.waiting.pop(done.ticket, (None, None))
            if future is None or future.done():
                continue
            try:
                if done.error is not None:
                    raise done.error
                future.set_result(shape(done.reply, done.events) if done.events else shape(done.reply))
            except Exception as error:  # noqa: BLE001 - it is whoever waits who wants it
                future.set_exception(error)
        self.queue.extend(self.core.take_events())
        if self.queue or self.core.ended:
            self.some.set()

    def _finish(self) -> None:
        if self.over:
            return
        self.over = True
        if self.timer is not None:
            self.timer.cancel()
        for future, _ in self.waiting.values():
            if not future.done():
                future.set_exception(Closed("the client has ended"))
        self.waiting.clear()
        self.sockets.close()
        self.some.set()

    # --- asking

    def _start(self, call: calls.Call) -> "asyncio.Future[Any]":
        if self.over or self.loop is None:
            raise Closed("the client has ended" if self.over else "the client is not open yet")
        future = self.loop.create_future()
        now = time.monotonic()
        if call.once:
            ticket = self.core.send(now, call.verb, call.arguments, call.options)
        elif call.verb == "JOIN":
            ticket = self.core.follow(now, *call.arguments, **call.options)
        elif call.verb == "PART":
            ticket = self.core.unfollow(now, *call.arguments)
        else:
            ticket = self.core.request(now, call.verb, *call.arguments, collect=call.collect)
        self.waiting[ticket] = (future, call.shape)
        self.loop.call_soon(self._turn)
        return future

    async def _call(self, call: calls.Call) -> Any:
        try:
            return await asyncio.wait_for(self._start(call), self.timeout)
        except asyncio.TimeoutError:
            raise TooSlow(f"no answer to {call.verb} within {self.timeout} s") from None

    # --- what happens

    async def next_event(self) -> Optional[AnyEvent]:
        """The next one; None where the client has ended and all were given."""
        while not self.queue:
            if self.over:
                return None
            self.some.clear()
            await self.some.wait()
        event = self.queue.popleft()
        if len(self.queue) == self.core.events_max - 1 and self.loop is not None:
            self.loop.call_soon(self._turn)
        if isinstance(event, Event) and event.sealed and self.secret is not None:
            return await self.open(event)
        return event

    async def events(self) -> AsyncIterator[AnyEvent]:
        """Everything, in order, until the client ends."""
        while True:
            event = await self.next_event()
            if event is None:
                return
            yield event

    async def messages(self) -> AsyncIterator[Event]:
        """What people say: `say`, `action`, `tell`. Raises what ended the client; what is missing is
        told to the logger "zchat"."""
        async for event in self.events():
            if isinstance(event, Event) and event.type in SAID and event.type != "told":
                yield event
            elif isinstance(event, Ended) and event.error is not None:
                raise event.error
            else:
                log_notice(event)

    # --- who and what

    @property
    def user(self) -> str:
        """The name as the broker spells it."""
        return self.core.user

    @property
    def log(self) -> Optional[str]:
        """The id of the broker's log; keep it with a seq that is to be gone on from."""
        return self.core.log

    # --- rooms

    async def join(
        self, room: str, *, private: bool = False, after: Optional[int] = None, last: int = 0
    ) -> results.RoomInfo:
        """Come into a room: see `zchat.Client.join`."""
        return await self._call(calls.join(room, True, private, after, last))

    async def watch(self, room: str, *, after: Optional[int] = None, last: int = 0) -> results.RoomInfo:
        """Read a room without coming into it."""
        return await self._call(calls.join(room, False, False, after, last))

    async def part(self, room: str) -> None:
        await self._call(calls.part(room))

    # --- sending

    def post(self, room: str, text: str, **options: Any) -> "asyncio.Future[results.Stored]":
        """`say` without waiting: the future is done once the message is on the broker's disk."""
        return self._start(calls.say(room, text, **options))

    async def say(self, room: str, text: str, *, action: bool = False, data: Optional[Mapping[str, Any]] = None,
                  re: Optional[int] = None) -> results.Stored:  # fmt: skip
        """Returns once it is on the broker's disk, there once, whatever happens meanwhile."""
        return await self._call(calls.say(room, text, action=action, data=data, re=re))

    async def close(self) -> None:
        """Leave. What was not acknowledged and is in no outbox file is not sent."""
        if self.loop is None or self.over:
            return
        self.core.close(time.monotonic())
        self._turn()
        while not self.over:
            self.some.clear()
            await self.some.wait()

    async def __aenter__(self) -> "Client":
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
