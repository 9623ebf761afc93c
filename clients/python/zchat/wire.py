"""Frames of ZCHAT/1: events, packs, replies. Whatever does not have the form raises Malformed."""

from __future__ import annotations

import json
import struct
from typing import Any, Optional, Sequence, Union

from .errors import Malformed
from .events import Event

TYPES = {
    1: "say", 2: "action", 3: "topic", 4: "mode", 5: "remove", 6: "tell", 7: "told", 8: "invite",
    9: "gone", 10: "edit", 11: "react", 12: "unreact", 13: "mention", 16: "join", 17: "leave",
    18: "presence", 19: "read", 20: "marks",
}  # fmt: skip
NUMBERS = {name: number for number, name in TYPES.items()}
BODY_MAX = 65536
FIXED = struct.Struct("!QQBB")


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _object(pairs: list) -> dict:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return made


def parse_json(frame: Union[bytes, str]) -> dict:
    """A JSON object, as RFC 8259 and the page have it."""
    try:
        text = frame.decode() if isinstance(frame, bytes) else frame
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {error}") from error
    if not isinstance(value, dict):
        raise Malformed("no JSON object")
    return value


def write_json(value: dict) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def text_of(frame: bytes) -> str:
    try:
        text = frame.decode()
    except UnicodeDecodeError as error:
        raise Malformed("no UTF-8") from error
    if "\0" in text:
        raise Malformed("a NUL in a text")
    return text


def topic_parse(topic: bytes) -> tuple[str, str]:
    """(kind, name) of `room/<name>/`, `pack/<name>/`, `sync/<nonce>/`."""
    kind, _, rest = text_of(topic).partition("/")
    if kind not in ("room", "pack", "sync") or not rest.endswith("/") or "/" in rest[:-1] or len(rest) < 2:
        raise Malformed("no topic")
    return kind, rest[:-1]


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed("no whole number")
    return value


def event_decode(frames: Sequence[bytes]) -> Event:
    """Four frames: where, who, what, meta."""
    if len(frames) != 4:
        raise Malformed("an event has four frames")
    kind, room = topic_parse(frames[0])
    if kind != "room" or len(frames[2]) > BODY_MAX:
        raise Malformed("no event")
    meta = parse_json(frames[3])
    data = meta.get("data")
    if not isinstance(meta.get("type"), str) or not (data is None or isinstance(data, dict)):
        raise Malformed("no meta")
    return Event(room, meta["type"], text_of(frames[1]), text_of(frames[2]), _whole(meta.get("seq", 0)),
                 _whole(meta.get("time", 0)), data)  # fmt: skip


def pack_decode(frames: Sequence[bytes]) -> list[Event]:
    """Two frames: where, and one or more records. Half a pack is none."""
    if len(frames) != 2:
        raise Malformed("a pack has two frames")
    kind, room = topic_parse(frames[0])
    pack = frames[1]
    if kind != "pack" or not pack:
        raise Malformed("no pack")
    events, at = [], 0
    while at < len(pack):
        if len(pack) - at < 4:
            raise Malformed("a pack ends within a length")
        end = at + 4 + int.from_bytes(pack[at : at + 4], "big")
        at += 4
        if end > len(pack):
            raise Malformed("a record runs over its pack")
        events.append(_record(room, pack[at:end]))
        at = end
    return events


def _record(room: str, record: bytes) -> Event:
    if len(record) < FIXED.size + 2:
        raise Malformed("a record is too short")
    seq, time, number, length = FIXED.unpack_from(record)
    at = FIXED.size
    user = record[at : at + length]
    at += length
    if at + 2 > len(record):
        raise Malformed("a user runs over its record")
    size = int.from_bytes(record[at : at + 2], "big")
    at += 2
    if at + size > len(record):
        raise Malformed("data runs over its record")
    data = parse_json(record[at : at + size]) if size else None
    at += size
    if len(record) - at > BODY_MAX:
        raise Malformed("a body is too long")
    return Event(room, TYPES.get(number, f"type {number}"), text_of(user), text_of(record[at:]), seq, time, data)


def pack_encode(events: Sequence[Event]) -> bytes:
    """What a broker puts into a pack: for tests, and for who writes a broker."""
    packed = b""
    for event in events:
        user, body = event.user.encode(), event.text.encode()
        data = write_json(dict(event.data)) if event.data else b""
        record = FIXED.pack(event.seq, event.time, NUMBERS[event.type], len(user)) + user
        record += len(data).to_bytes(2, "big") + data + body
        packed += len(record).to_bytes(4, "big") + record
    return packed


def events_decode(frames: Sequence[bytes]) -> list[Event]:
    """What came on the feed, or in mail: an event, or a pack of them."""
    return pack_decode(frames) if frames[:1] and frames[0].startswith(b"pack/") else [event_decode(frames)]


class Mail:
    """`EVENT tag ...`: events of a HISTORY, or, with an empty tag, what has just happened."""

    def __init__(self, tag: bytes, frames: Sequence[bytes]):
        self.tag, self.frames = tag, frames


class Reply:
    def __init__(self, ok: bool, tag: bytes, json: dict):
        self.ok, self.tag, self.json = ok, tag, json


def door_decode(frames: Sequence[bytes]) -> Optional[Union[Mail, Reply]]:
    """What came over the door; None for a probe."""
    if frames and frames[0] == b"":
        frames = frames[1:]
    kind = bytes(frames[0]) if frames else b""
    if kind == b"NOOP":
        return None
    if kind == b"EVENT" and len(frames) in (4, 6):
        return Mail(bytes(frames[1]), frames[2:])
    if kind in (b"OK", b"ERR") and len(frames) == 3:
        return Reply(kind == b"OK", bytes(frames[1]), parse_json(frames[2]))
    raise Malformed("no message of a door")
