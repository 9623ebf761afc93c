"""ZCHAT/1 on the wire, read strictly: whatever the page does not allow is an AssertionError."""

import json
import struct
from dataclasses import dataclass, field

TYPES = {
    1: "say", 2: "action", 3: "topic", 4: "mode", 5: "remove", 6: "tell", 7: "told", 8: "invite",
    9: "gone", 10: "edit", 11: "react", 12: "unreact", 13: "mention", 16: "join", 17: "leave",
    18: "presence", 19: "read", 20: "marks",
}  # fmt: skip
STORED = {name for number, name in TYPES.items() if number < 16}
MAILBOX = {"tell", "told", "invite", "mention", "read"}
CODES = {
    "malformed", "verb", "protocol", "name", "taken", "identity", "hello", "guest",
    "member", "limit", "slow", "gap", "storage", "closing", "private", "proof", "token",
    "operator", "banned", "muted", "closed", "nobody",
}  # fmt: skip


class Refused(Exception):
    """An ERR where an OK was wanted."""

    def __init__(self, error: dict):
        super().__init__(f"{error.get('code')}: {error.get('text')}")
        self.error = error
        self.code = error["code"]


@dataclass
class Event:
    room: str
    type: str
    user: str
    body: str
    seq: int = 0
    time: int = 0
    data: dict | None = None

    @property
    def stored(self) -> bool:
        return self.seq > 0


    def __post_init__(self):
        assert self.type in ("mode", "gone") or (self.type in MAILBOX) == (self.room == "@"), self
        assert self.type != "gone" or (self.body == "" and self.data is None), self


@dataclass
class Reply:
    ok: bool
    tag: bytes
    json: dict
    mail: list = field(default_factory=list)
    enveloped: bool = False

    def __getitem__(self, key):
        return self.json[key]

    @property
    def code(self) -> str | None:
        return None if self.ok else self.json["code"]


def _pairs(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key twice in an object: {keys}"
    return dict(pairs)


def _no_constant(text):
    raise AssertionError(f"{text} is not JSON")


def parse_object(frame: bytes) -> dict:
    value = json.loads(frame.decode(), object_pairs_hook=_pairs, parse_constant=_no_constant)
    assert isinstance(value, dict), f"not an object: {frame[:200]!r}"
    return value


def topic_name(topic: bytes, kind: str) -> str:
    text = topic.decode()
    assert text.startswith(kind + "/") and text.endswith("/"), text
    name = text[len(kind) + 1 : -1]
    assert name and "/" not in name, text
    return name


def decode_single(frames) -> Event:
    """Four frames: where, who, what, meta."""
    assert len(frames) == 4, frames
    topic, user, body, meta_frame = frames
    meta = parse_object(meta_frame)
    if topic.startswith(b"sync/"):
        assert user == b"" and body == b"" and meta == {}, frames
        return Event(topic_name(topic, "sync"), "sync", "", "")
    assert len(body) <= 65536 and len(meta_frame) <= 8192
    kind = meta["type"]
    assert ("seq" in meta) == (kind in STORED), meta
    assert meta.get("data", {"-": 1}), f"data stands there only where there is some: {meta}"
    seq = meta.get("seq", 0)
    return Event(topic_name(topic, "room"), kind, user.decode(), body.decode(), seq,
                 meta["time"], meta.get("data"))  # fmt: skip


def decode_pack(frames) -> list:
    """Two frames: where, and one or more records."""
    assert len(frames) == 2, frames
    room = topic_name(frames[0], "pack")
    pack = frames[1]
    events, at = [], 0
    assert pack, "a pack holds one record at least"
    while at < len(pack):
        (length,) = struct.unpack_from("!I", pack, at)
        at += 4
        end = at + length
        assert end <= len(pack), "a record runs over its pack"
        seq, time, kind, user_length = struct.unpack_from("!QQBB", pack, at)
        at += 18
        user = pack[at : at + user_length].decode()
        at += user_length
        (data_length,) = struct.unpack_from("!H", pack, at)
        at += 2
        assert at + data_length <= end, "data runs over its record"
        data = parse_object(pack[at : at + data_length]) if data_length else None
        at += data_length
        name = TYPES[kind]
        assert (seq > 0) == (name in STORED), (name, seq)
        events.append(Event(room, name, user, pack[at:end].decode(), seq, time, data))
        at = end
    return events


def decode_feed(frames) -> list:
    if frames[0].startswith(b"pack/"):
        return decode_pack(frames)
    return [decode_single(frames)]


def decode_door(frames):
    """What came over the door: a Reply, (tag, [Event, ...]) of mail, or None for a probe."""
    enveloped = frames[0] == b""
    if enveloped:
        frames = frames[1:]
    kind = frames[0]
    if kind == b"NOOP":
        assert frames[1:] == [b""], frames
        return None
    if kind == b"EVENT":
        assert len(frames) in (4, 6), frames
        return frames[1], decode_feed(frames[2:])
    assert kind in (b"OK", b"ERR") and len(frames) == 3, frames
    assert len(frames[1]) <= 32, frames
    body = parse_object(frames[2])
    if kind == b"ERR":
        assert body["code"] in CODES and body["text"], body
    return Reply(kind == b"OK", frames[1], body, enveloped=enveloped)
