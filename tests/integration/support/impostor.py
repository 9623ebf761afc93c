"""A broker that means harm to terminals: every text in its answers is the same poison."""

import json
import struct
import threading

import zmq

from .wait import DEADLINE


class Impostor:
    """Speaks enough of ZCHAT/1 for every command of zchat. name: what users and rooms are called
    in its answers; refuses: verbs it answers with ERR code, and the poison as text."""

    last = 1  # the type of the last message: say, or what is newer

    def __init__(self, context, poison: str, name: str | None = None, refuses=(), code="limit"):
        self.poison, self.name = poison, poison if name is None else name
        self.refuses, self.code = refuses, code
        self.router, self.pub = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        self.door = f"tcp://127.0.0.1:{self.router.bind_to_random_port('tcp://127.0.0.1')}"
        self.feed = f"tcp://127.0.0.1:{self.pub.bind_to_random_port('tcp://127.0.0.1')}"
        self.ending = threading.Event()
        self.asked: set = set()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.ending.set()
        self.thread.join(DEADLINE)

    def serve(self) -> None:
        while not self.ending.is_set():
            if self.router.poll(50):
                self.answer(*self.router.recv_multipart())
            while self.pub.poll(0):
                self.pub.recv()
        self.router.close(0)
        self.pub.close(0)

    def answer(self, peer, verb, tag, user, *arguments) -> None:
        verb = verb.decode()
        self.asked.add(verb)
        if verb in self.refuses:
            error = {"code": self.code, "text": self.poison, "limit": 1, "what": self.poison}
            self.router.send_multipart([peer, b"ERR", tag, json.dumps(error).encode()])
            return
        room = arguments[0].decode() if arguments else ""
        if verb == "HISTORY":
            for frames in self.mail(room):
                self.router.send_multipart([peer, b"EVENT", tag, *frames])
        if verb == "SYNC":
            self.pub.send_multipart([b"sync/" + arguments[0] + b"/", b"", b"", b"{}"])
        reply = self.replies(verb, user.decode(), room)
        self.router.send_multipart([peer, b"OK", tag, json.dumps(reply).encode()])

    def replies(self, verb: str, user: str, room: str) -> dict:
        p, n = self.poison, self.name
        return {
            "HELLO": {"protocol": "ZCHAT/1", "server": p, "log": "ab" * 16, "user": user,
                      "session": "cd" * 32, "resumed": False, "proven": False, "admin": False,
                      "feeds": [self.feed], "heartbeat_ms": 5000,
                      "limits": {"body": 65536, "data": 4096, "topic": 1024, "name": 32,
                                 "history": 1000, "rooms": 100, "pending": 2048}},
            "SAY": {"seq": 99, "time": 1732089600123},
            "JOIN": {"room": room, "head": 8, "first": 1, "topic": p, "topic_by": n,
                     "topic_time": 1732089600123, "members": 2, "private": False, "role": ""},
            "WHO": {"room": room, "members": 2, "users": [n, "bob"], "away": {n: p, "bob": p}},
            "EDIT": {"seq": 100, "time": 1732089600123},
            "READ": {"room": room, "read": 8, "head": 8},
            "UNREAD": {"rooms": [{"room": n, "read": 1, "head": 8, "first": 1, "mentions": 2}]},
            "SEARCH": {"hits": [{"room": n, "seq": 1, "time": 1732089600123, "type": p, "user": n,
                                 "text": p, "found": [[0, 3], [2, 1], [3, 9999]]}], "behind": 3},
            "ROOMS": {"rooms": [{"room": n, "head": 8, "first": 1, "members": 2, "topic": p},
                                {"room": "lobby", "head": 8, "first": 1, "members": 2,
                                 "topic": p}], "more": False},
            "TOPIC": {"room": room, "topic": p, "by": n, "time": 1732089600123},
            "HISTORY": {"room": room, "more": False, "first": 1, "head": 8},
            "MODE": {"room": room, "private": False, "locked": False, "closed": False,
                     "operators": [n], "members": [n],
                     "bans": [{"user": n, "by": n, "reason": p, "until": 1}],
                     "mutes": [{"user": n, "by": n, "reason": p}]},
            "KEYS": {"user": n, "proven": True, "keys": [p]},
            "PING": {"time": 1732089600123, "heads": {}},
        }.get(verb, {})  # fmt: skip

    def mail(self, room: str):
        """The eight messages of the room, single and packed."""
        data = {"k": self.poison, "set": "mute", "user": self.name, "seq": 1, "reason": "kick",
                "zchat": {"re": 1, "mentions": [self.name, "bob"]}, "at": 8, "edited": 8,
                "reactions": {self.poison[:8]: {"count": 2, "users": [self.name, self.poison]}}}
        records = b""
        for seq in [1, 0, 2, 3, 4, 5, 6, 7, 8]:
            kind = {0: 20, 3: 3, 4: 4, 5: 5, 6: 2, 7: 9, 8: self.last}.get(seq, 1)
            user = (self.name if seq % 2 else "eve").encode()[:255]
            body = b"" if kind == 9 else f"{self.poison}{seq}".encode()
            more = b"" if kind == 9 else json.dumps(data, ensure_ascii=False).encode()
            record = struct.pack("!QQBB", seq, 1732089600123, kind, len(user)) + user
            record += struct.pack("!H", len(more)) + more + body
            records += struct.pack("!I", len(record)) + record
        yield [f"pack/{room}/".encode(), records]
