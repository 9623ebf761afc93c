"""Frames as the page has them, read strictly: whatever it does not allow is Wrong."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any, Optional

TYPES = {
    1: "say", 2: "action", 3: "topic", 4: "mode", 5: "remove", 6: "tell", 7: "told", 8: "invite", 9: "gone", 10: "edit",
    11: "react", 12: "unreact", 13: "mention", 16: "join", 17: "leave", 18: "presence", 19: "read", 20: "marks",
}  # fmt: skip
NUMBERS = {name: number for number, name in TYPES.items()}
CODES = frozenset(
    "malformed verb protocol name taken identity hello guest member limit slow gap storage closing private proof token "
    "operator banned muted closed nobody".split()
)


class Wrong(Exception):
    """Something is not as the page says."""


def must(holds: Any, what: str) -> None:
    if not holds:
        raise Wrong(what)


@dataclass(frozen=True)
class Event:
    room: str
    type: str
    user: str
    body: str
    seq: int
    time: int
    data: Optional[dict]
    raw: bytes = field(default=b"", compare=False)  # meta, or data of a pack, as it came


@dataclass
class Reply:
    ok: bool
    tag: bytes
    json: dict
    mail: list = field(default_factory=list)

    def __getitem__(self, key: str) -> Any:
        must(key in self.json, f"the answer has no {key}: {self.json}")
        return self.json[key]

    @property
    def code(self) -> Optional[str]:
        return None if self.ok else self.json.get("code")


def _object(pairs: list) -> dict:
    made = dict(pairs)
    must(len(made) == len(pairs), "a key stands twice in an object")
    return made


def parse(frame: bytes) -> dict:
    try:
        value = json.loads(frame.decode(), object_pairs_hook=_object)
    except ValueError as error:
        raise Wrong(f"no JSON: {error}") from error
    must(isinstance(value, dict), f"no JSON object: {frame[:100]!r}")
    return value


def topic_of(frame: bytes, kind: str) -> str:
    text = frame.decode()
    must(text.startswith(f"{kind}/") and text.endswith("/"), f"no topic of {kind}: {text}")
    return text[len(kind) + 1 : -1]


def event_of(frames: list) -> Event:
    must(len(frames) == 4, f"an event has four frames, not {len(frames)}")
    meta = parse(frames[3])
    must(isinstance(meta.get("type"), str), f"meta without a type: {meta}")
    must(isinstance(meta.get("data", {}), dict), f"data is no object: {meta}")
    must(len(frames[3]) <= 8192 and len(frames[2]) <= 65536, "a frame is too long")
    must(isinstance(meta.get("time"), int), "meta without a time")
    return Event(topic_of(frames[0], "room"), meta["type"], frames[1].decode(), frames[2].decode(), meta.get("seq", 0),
                 meta["time"], meta.get("data"), frames[3])  # fmt: skip


def pack_of(frames: list) -> list:
    must(len(frames) == 2 and frames[1], "a pack has two frames, and holds something")
    room, pack, at, events = topic_of(frames[0], "pack"), frames[1], 0, []
    while at < len(pack):
        must(len(pack) - at >= 4, "a pack ends within a length")
        end = at + 4 + int.from_bytes(pack[at : at + 4], "big")
        at += 4
        must(end <= len(pack) and end - at >= 20, "a record does not fit its pack")
        seq, time, kind, length = struct.unpack_from("!QQBB", pack, at)
        at += 18
        user = pack[at : at + length].decode()
        at += length
        size = int.from_bytes(pack[at : at + 2], "big")
        data = pack[at + 2 : at + 2 + size]
        at += 2 + size
        must(at <= end, "data runs over its record")
        events.append(Event(room, TYPES.get(kind, str(kind)), user, pack[at:end].decode(), seq, time,
                            parse(data) if size else None, data))  # fmt: skip
        at = end
    return events


def pack_make(events: list) -> bytes:
    packed = b""
    for event in events:
        user, body = event.user.encode(), event.body.encode()
        data = json.dumps(event.data).encode() if event.data else b""
        number = NUMBERS.get(event.type) or int(event.type)
        record = struct.pack("!QQBB", event.seq, event.time, number, len(user)) + user
        record += struct.pack("!H", len(data)) + data + body
        packed += struct.pack("!I", len(record)) + record
    return packed


def event_make(event: Event) -> list:
    meta: dict = {"type": event.type, "time": event.time}
    meta.update({"seq": event.seq} if event.seq else {}, **({"data": event.data} if event.data else {}))
    return [f"room/{event.room}/".encode(), event.user.encode(), event.body.encode(), json.dumps(meta).encode()]


def said_of(frames: list) -> list:
    """The events of what came on the feed, or in mail."""
    return pack_of(frames) if frames[0].startswith(b"pack/") else [event_of(frames)]
