"""A broker in memory, small and right; what it is to do wrong is told by `Mischief`."""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from typing import Any, Callable, Optional

import zmq
from zmq.utils import z85

from . import keys
from .link import Transcript
from .wire import Event, event_make, pack_make

LIMITS = {"body": 65536, "data": 4096, "topic": 1024, "name": 32, "history": 1000, "rooms": 100, "pending": 2048}


class Mischief:
    """What a case, or a planted defect, changes. Each method stands for something that is right."""

    def request(self, fake: "Fake", peer: bytes, frames: list) -> Optional[list]:
        """None: as it is right; else the frames to answer with, of which there may be none."""
        return None

    def publish(self, fake: "Fake", events: list) -> list:
        """The events to publish, each a list of its own pack."""
        return [events]

    def mail(self, fake: "Fake", events: list) -> list:
        return events

    def answer(self, fake: "Fake", frames: list) -> list:
        """The messages that go to the client instead of this answer."""
        return [frames]

    def hello(self, fake: "Fake", reply: dict) -> dict:
        return reply


class Room:
    def __init__(self, name: str, first: int = 1):
        self.name, self.first = name, first
        self.events: list = []
        self.members: list = []  # sessions

    @property
    def head(self) -> int:
        return self.first + len(self.events) - 1


class Fake:
    def __init__(self, mischief: Optional[Mischief] = None, heartbeat_ms: int = 500, curve: bool = False):
        self.mischief = mischief or Mischief()
        self.keys = zmq.curve_keypair() if curve else None  # whoever knows the public one comes in
        self.heartbeat_ms = heartbeat_ms
        self.transcript = Transcript()
        self.log = os.urandom(16).hex()
        self.forgotten = 0
        self.rooms: dict = {}
        self.producers: dict = {}  # producer: [n, peer]
        self.sessions: dict = {}  # peer: (user, secret)
        self.secrets: dict = {}  # secret: (user, rooms), of sessions that ended
        self.requests: list = []  # (time, peer, frames), all that ever came
        self.peers: dict = {}  # peer: connections are told apart over restarts by a number
        self.starts = 0
        self.topics: set = set()
        self.port = self.feed_port = 0
        self.jobs: queue.Queue = queue.Queue()
        self.ending = False
        self.context = zmq.Context()
        self._bind()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # --- sockets

    def _bind(self) -> None:
        self.router, self.pub = self.context.socket(zmq.ROUTER), self.context.socket(zmq.XPUB)
        for socket in (self.router, self.pub):
            socket.linger = 0
            socket.sndhwm = 0
            if self.keys:
                socket.curve_server, socket.curve_secretkey = 1, self.keys[1]
        self.pub.setsockopt(zmq.XPUB_VERBOSE, 1)
        end = time.monotonic() + 5
        while True:
            try:
                if not self.port:
                    self.port = self.router.bind_to_random_port("tcp://127.0.0.1", 20000, 32000)
                    self.feed_port = self.pub.bind_to_random_port("tcp://127.0.0.1", 20000, 32000)
                else:
                    self.router.bind(self.endpoint)
                    self.pub.bind(f"tcp://127.0.0.1:{self.feed_port}")
                break
            except zmq.ZMQError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.starts += 1
        self.sessions, self.topics = {}, set()
        for room in self.rooms.values():
            room.members.clear()

    @property
    def endpoint(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def door(self) -> str:
        """What a client is told: the address, where it encrypts."""
        if not self.keys:
            return self.endpoint
        return f"zchat://127.0.0.1:{self.port}/{keys.encode(z85.decode(self.keys[0]))}"

    def _close(self) -> None:
        self.router.close(0)
        self.pub.close(0)

    def _run(self) -> None:
        while not self.ending:
            poller = zmq.Poller()
            poller.register(self.router, zmq.POLLIN)
            poller.register(self.pub, zmq.POLLIN)
            ready = dict(poller.poll(5))
            if self.pub in ready:
                topic = self.pub.recv()
                self.transcript.note("(feed)", ">", [topic])
                (self.topics.add if topic[:1] == b"\1" else self.topics.discard)(topic[1:])
            if self.router in ready:
                self._request(self.router.recv_multipart())
            while not self.jobs.empty():
                self.jobs.get()()

    def do(self, job: Callable) -> Any:
        """Run it in the broker's thread; returns what it returns."""
        done: queue.Queue = queue.Queue()

        def run() -> None:
            try:
                done.put((job(), None))
            except Exception as error:  # noqa: BLE001 - it is whoever waits who wants it
                done.put((None, error))

        self.jobs.put(run)
        value, error = done.get(timeout=20)
        if error is not None:
            raise error
        return value

    def restart(self, down: float = 0.1) -> None:
        """As after kill -9: connections and sessions are gone, the log stands."""
        self.transcript.note("(broker)", "*", [b"restarts"])
        self._close()
        time.sleep(down)
        self._bind()

    def replace_log(self) -> None:
        self.log, self.rooms, self.producers = os.urandom(16).hex(), {}, {}

    def close(self) -> None:
        self.ending = True
        self.thread.join(10)
        self._close()
        self.context.destroy(0)

    # --- what it does

    def room(self, name: str) -> Room:
        return self.rooms.setdefault(name, Room(name))

    def store(self, room: Room, kind: str, user: str, body: str, data: Optional[dict] = None) -> Event:
        event = Event(room.name, kind, user, body, room.head + 1, int(time.time() * 1000), data)
        room.events.append(event)
        return event

    def say(self, name: str, *bodies: str, kind: str = "say") -> None:
        """Somebody else says something: one commit."""
        room = self.room(name)
        self.publish([self.store(room, kind, "eve", body) for body in bodies])

    def publish(self, events: list) -> None:
        for part in self.mischief.publish(self, events):
            for event in part:
                self.broadcast(event_make(event))
            if part:
                self.broadcast([f"pack/{part[0].room}/".encode(), pack_make(part)])

    def broadcast(self, frames: list) -> None:
        if any(frames[0].startswith(topic) for topic in self.topics):
            self.transcript.note("(feed)", "<", frames)
        self.pub.send_multipart(frames)

    def to(self, peer: bytes, frames: list) -> None:
        for one in self.mischief.answer(self, frames):
            self.transcript.note(self.who(peer), "<", one)
            self.router.send_multipart([peer, *one])

    def who(self, peer: bytes) -> str:
        number = self.peers.setdefault((self.starts, peer), len(self.peers) + 1)
        return f"client {number}"

    # --- requests

    def _request(self, frames: list) -> None:
        peer, *request = frames
        self.transcript.note(self.who(peer), ">", request)
        self.requests.append((time.monotonic(), self.who(peer), request, peer))
        envelope = request[:1] == [b""]
        request = request[1:] if envelope else request
        instead = self.mischief.request(self, peer, request)
        if instead is not None:
            for one in instead:
                self.to(peer, one)
            return
        if len(request) < 3 or len(request[1]) > 32:
            answer = [b"ERR", b"", b'{"code":"malformed","text":"too short"}']
        else:
            answer = self.handle(peer, *request)
        self.to(peer, [b"", *answer] if envelope else answer)

    @staticmethod
    def err(tag: bytes, code: str, **more: Any) -> list:
        return [b"ERR", tag, json.dumps({"code": code, "text": f"{code}, says the fake broker", **more}).encode()]

    def handle(self, peer: bytes, verb: bytes, tag: bytes, user: bytes, *arguments: bytes) -> list:
        known = getattr(self, f"verb_{verb.decode('latin1').lower()}", None)
        if known is None:
            return self.err(tag, "verb")
        name = user.decode()
        if name and verb == b"SAY" and peer not in self.sessions:
            self.sessions[peer] = (name, os.urandom(32).hex())
        if name and verb != b"HELLO":
            session = self.sessions.get(peer)
            if session is None and verb in (b"JOIN", b"PART", b"BYE", b"PING", b"TOPIC", b"TELL", b"MODE"):
                return self.err(tag, "hello")
            if session is not None and session[0] != name:
                return self.err(tag, "identity")
        if not name and verb in (b"SAY", b"JOIN", b"PART", b"BYE"):
            return self.err(tag, "guest")
        try:
            reply = known(peer, tag, name, *(a.decode() for a in arguments))
        except (TypeError, ValueError, AttributeError, KeyError):
            return self.err(tag, "malformed")
        return reply if isinstance(reply, list) else [b"OK", tag, json.dumps(reply).encode()]

    def verb_hello(self, peer: bytes, tag: bytes, user: str, options: str = "") -> Any:
        asked = json.loads(options or "{}")
        if asked.get("protocol", "ZCHAT/1") != "ZCHAT/1":
            return self.err(tag, "protocol")
        holder = next((p for p, (name, _) in self.sessions.items() if name.lower() == user.lower() and p != peer), None)
        resumed = False
        if user and holder is not None:
            if self.sessions[holder][1] != asked.get("session"):
                return self.err(tag, "taken")
            secret = self.sessions.pop(holder)[1]
            for room in self.rooms.values():
                room.members = [peer if p == holder else p for p in room.members]
            resumed = True
        else:
            secret = self.sessions.get(peer, ("", os.urandom(32).hex()))[1]
        reply: dict = {"protocol": "ZCHAT/1", "server": "zchat-conform", "log": self.log, "user": user,
                       "feeds": [f"tcp://127.0.0.1:{self.feed_port}"], "heartbeat_ms": self.heartbeat_ms,
                       "forgotten": self.forgotten, "limits": LIMITS}  # fmt: skip
        if user:
            self.sessions[peer] = (user, secret)
            reply.update(session=secret, resumed=resumed, proven=False, admin=False)
        return self.mischief.hello(self, reply)

    def verb_say(self, peer: bytes, tag: bytes, user: str, name: str, body: str, options: str = "") -> Any:
        asked = json.loads(options or "{}")
        producer, n = asked.get("producer"), asked.get("n")
        if producer is not None:
            last = self.producers.get(producer, [0, peer])[0]
            if last and self.producers[producer][1] != peer and self.newer(self.producers[producer][1], peer):
                return self.err(tag, "hello")
            if n <= last:
                self.producers[producer][1] = peer
                return {"duplicate": True}
            if n > last + 1:
                return self.err(tag, "gap", expected=last + 1)
            if not last and asked.get("again", self.forgotten) < self.forgotten:
                return self.err(tag, "gap", expected=1, forgotten=True)
        if "\0" in body:
            return self.err(tag, "malformed")
        if not body or len(body.encode()) > LIMITS["body"]:
            return self.err(tag, "limit", limit=65536) if body else self.err(tag, "malformed")
        room = self.room(name)
        event = self.store(room, asked.get("type", "say"), user, body, asked.get("data"))
        if producer is not None:
            self.producers[producer] = [n, peer]
        self.publish([event])
        return {"seq": event.seq, "time": event.time}

    def newer(self, one: bytes, other: bytes) -> bool:
        return self.peers.get((self.starts, one), 0) > self.peers.get((self.starts, other), 0)

    def info(self, room: Room) -> dict:
        return {"room": room.name, "head": room.head, "first": room.first, "members": len(room.members), "topic": "",
                "private": False}  # fmt: skip

    def verb_join(self, peer: bytes, tag: bytes, user: str, name: str, options: str = "") -> Any:
        room = self.room(name)
        if peer not in room.members:
            room.members.append(peer)
            self.publish([Event(name, "join", user, "", 0, 1, {"members": len(room.members)})])
        return {**self.info(room), "topic_by": "", "topic_time": 0, "role": ""}

    def verb_part(self, peer: bytes, tag: bytes, user: str, name: str) -> Any:
        room = self.room(name)
        if peer not in room.members:
            return self.err(tag, "member")
        room.members.remove(peer)
        self.publish([Event(name, "leave", user, "", 0, 1, {"members": len(room.members), "reason": "part"})])
        return {}

    def verb_who(self, peer: bytes, tag: bytes, user: str, name: str) -> Any:
        users = [self.sessions[p][0] for p in self.room(name).members if p in self.sessions]
        return {"room": name, "members": len(users), "users": users}

    def verb_rooms(self, peer: bytes, tag: bytes, user: str, options: str = "") -> Any:
        return {"rooms": [self.info(room) for room in self.rooms.values()], "more": False}

    def verb_topic(self, peer: bytes, tag: bytes, user: str, name: str) -> Any:
        return {"room": name, "topic": "", "by": "", "time": 0}

    def verb_history(self, peer: bytes, tag: bytes, user: str, name: str, options: str = "") -> Any:
        asked = json.loads(options or "{}")
        room, limit = self.room(name), asked.get("limit", 100)
        if limit > 1000:
            return self.err(tag, "limit", limit=1000)
        if "after" in asked and "before" in asked:
            return self.err(tag, "malformed")
        events = room.events
        if "after" in asked:
            events = [e for e in events if e.seq > asked["after"]]
            page = events[:limit]
        else:
            events = [e for e in events if e.seq < asked.get("before", 1 << 60)]
            page = events[-limit:] if limit else []
        more = len(page) < len(events) and "after" in asked
        sent = self.mischief.mail(self, list(page))
        if asked.get("marks") is not True:  # who did not ask may not know them
            sent = [event for event in sent if event.type != "marks"]
        if asked.get("form") == "pack":
            for at in range(0, len(sent), 50):
                self.to(peer, [b"EVENT", tag, f"pack/{name}/".encode(), pack_make(sent[at : at + 50])])
        else:
            for event in sent:
                self.to(peer, [b"EVENT", tag, *event_make(event)])
        return {"room": name, "more": more, "first": room.first, "head": room.head}

    def verb_sync(self, peer: bytes, tag: bytes, user: str, nonce: str) -> Any:
        self.broadcast([f"sync/{nonce}/".encode(), b"", b"", b"{}"])
        return {}

    def verb_ping(self, peer: bytes, tag: bytes, user: str) -> Any:
        heads = {room.name: room.head for room in self.rooms.values() if peer in room.members}
        return {"time": int(time.time() * 1000), "heads": heads}

    def verb_bye(self, peer: bytes, tag: bytes, user: str, options: str = "") -> Any:
        self.sessions.pop(peer, None)
        for room in self.rooms.values():
            if peer in room.members:
                self.verb_part(peer, tag, user, room.name)
        return {}
