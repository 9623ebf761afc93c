"""The client for programs that wait: `Client`. A thread of its own does the talking, so PINGs go out and
nothing is lost while the program computes; each method waits for its answer."""

from __future__ import annotations

import concurrent.futures
import socket
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Union

import zmq

from . import calls, results
from .address import Address
from .base import Setup
from .errors import Closed, TooSlow
from .events import SAID, AnyEvent, Ended, Event, log_notice
from .sealing import Sealing

Future = concurrent.futures.Future


class Client(Sealing):
    """A connection to a broker, made again whenever it is lost. It is not waited for here: what cannot
    be (a name that is taken, a token that is wrong) is raised by the first method that waits.

    address: `zchat://host/key`, or `tcp://host:port` of a broker that does not encrypt.
    user: the name; empty for a guest, who only reads.
    key: the secret key (32 bytes) or the path of a key file, which is made where there is none. With it
    the name is claimed, unless claim=False.
    outbox: a file that keeps what is not acknowledged over a crash of this program.
    people: a file that remembers whose keys are known, for sealed messages.
    log: the id of the log that an `after` of `join` is of (`client.log` of an earlier run).
    timeout: how long a method waits for its answer, in seconds; None: for ever.
    """

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
        self.lock = threading.Condition()
        self.queue: deque[AnyEvent] = deque()
        self.waiting: dict[int, Any] = {}  # ticket: (future, what its answer becomes)
        self.over = False
        self.reader, self.waker = socket.socketpair()
        self.reader.setblocking(False)
        self.waker.setblocking(False)
        self.thread = threading.Thread(target=self._run, name="zchat", daemon=True)
        with self.lock:
            self.core.start(time.monotonic())
        self.thread.start()

    # --- the thread that talks

    def _run(self) -> None:
        failure: Optional[BaseException] = None
        try:
            while not self._turn():
                pass
        except BaseException as error:  # noqa: BLE001 - whoever waits has to learn of it
            failure = error
        with self.lock:
            self._abandon(failure)
            self.sockets.close()
            self.lock.notify_all()

    def _turn(self) -> bool:
        """Wait, do what is due; whether it is over."""
        with self.lock:
            self.sockets.do(self.core.take_effects())
            self._give()
            if self.core.ended:
                return True
            due = self.core.deadline()
            sockets = self.sockets.open_sockets()
        wait = 60.0 if due is None else max(0.0, due - time.monotonic())
        poller = zmq.Poller()
        poller.register(self.reader, zmq.POLLIN)
        for one in sockets:
            poller.register(one, zmq.POLLIN)
        poller.poll(int(min(wait, 60.0) * 1000) + 1 if wait else 0)
        try:
            while self.reader.recv(4096):
                pass
        except BlockingIOError:
            pass
        with self.lock:
            self.sockets.read(self.core)
            self.core.tick(time.monotonic())
            self.core.read_up_to(len(self.queue), time.monotonic())
        return False

    def _give(self) -> None:
        """Hand over what is finished, and what has happened. The lock is held."""
        for done in self.core.take_finished():
            future, shape = self.waiting.pop(done.ticket, (None, None))
            if future is None or not future.set_running_or_notify_cancel():
                continue
            try:
                if done.error is not None:
                    raise done.error
                future.set_result(shape(done.reply, done.events) if done.events else shape(done.reply))
            except Exception as error:  # noqa: BLE001 - it is whoever waits who wants it
                future.set_exception(error)
        self.queue.extend(self.core.take_events())
        self.lock.notify_all()

    def _abandon(self, failure: Optional[BaseException]) -> None:
        if failure is not None:
            self.queue.append(Ended(Closed(f"the client broke: {failure!r}")))
        for future, _ in self.waiting.values():
            if not future.done():
                future.set_exception(Closed(f"the client has ended: {failure!r}" if failure else "the client has ended"))
        self.waiting.clear()
        self.over = True

    def _wake(self) -> None:
        try:
            self.waker.send(b"\0")
        except OSError:
            pass  # it is awake already, or has ended

    # --- asking

    def _start(self, call: calls.Call) -> Future:
        future: Future = Future()
        with self.lock:
            if self.over:
                raise Closed("the client has ended")
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
        self._wake()
        return future

    def _call(self, call: calls.Call) -> Any:
        future = self._start(call)
        try:
            return future.result(self.timeout)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            raise TooSlow(f"no answer to {call.verb} within {self.timeout} s") from None

    # --- what happens

    def events(self, timeout: Optional[float] = None) -> Iterator[AnyEvent]:
        """Everything, in order, until the client ends, or nothing came for `timeout` seconds."""
        while True:
            event = self.next_event(timeout)
            if event is None:
                return
            yield event
            if isinstance(event, Ended):
                return

    def next_event(self, timeout: Optional[float] = None) -> Optional[AnyEvent]:
        """The next one; None where none came in time, or the client has ended and all were given."""
        with self.lock:
            self.lock.wait_for(lambda: self.queue or self.over, timeout)
            if not self.queue:
                return None
            event = self.queue.popleft()
            woken = len(self.queue) == self.core.events_max - 1
        if woken:
            self._wake()
        return self._opened(event)

    def messages(self, timeout: Optional[float] = None) -> Iterator[Event]:
        """What people say: `say`, `action`, `tell`. Raises what ended the client; what is missing is
        told to the logger "zchat"."""
        for event in self.events(timeout):
            if isinstance(event, Event) and event.type in SAID and event.type != "told":
                yield event
            elif isinstance(event, Ended) and event.error is not None:
                raise event.error
            else:
                log_notice(event)

    def _opened(self, event: AnyEvent) -> AnyEvent:
        if isinstance(event, Event) and event.sealed and self.secret is not None:
            return self.open(event)
        return event

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

    def join(self, room: str, *, private: bool = False, after: Optional[int] = None, last: int = 0) -> results.RoomInfo:
        """Come into a room, and have delivered what is said there from now on; or behind the seq
        `after`; or beginning `last` messages before its end. A guest only reads it."""
        return self._call(calls.join(room, True, private, after, last))

    def watch(self, room: str, *, after: Optional[int] = None, last: int = 0) -> results.RoomInfo:
        """Read a room without coming into it."""
        return self._call(calls.join(room, False, False, after, last))

    def part(self, room: str) -> None:
        self._call(calls.part(room))

    # --- sending

    def post(self, room: str, text: str, **options: Any) -> Future:
        """`say` without waiting: the future is done once the message is on the broker's disk. At most
        10,000 may wait (`Full`)."""
        return self._start(calls.say(room, text, **options))

    def say(self, room: str, text: str, *, action: bool = False, data: Optional[Mapping[str, Any]] = None,
            re: Optional[int] = None) -> results.Stored:  # fmt: skip
        """Returns once it is on the broker's disk, there once, whatever happens meanwhile."""
        return self._call(calls.say(room, text, action=action, data=data, re=re))

    def close(self) -> None:
        """Leave. What was not acknowledged and is in no outbox file is not sent."""
        with self.lock:
            if not self.over:
                self.core.close(time.monotonic())
        self._wake()
        if threading.current_thread() is not self.thread:
            self.thread.join()
        with self.lock:
            self.reader.close()
            self.waker.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
