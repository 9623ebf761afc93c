"""What the broker answers, as dataclasses. Keys that are not named here stand in `more`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence

from .errors import Malformed
from .events import Event


def _get(reply: Mapping[str, Any], key: str, kind: Any, default: Any = None) -> Any:
    value = reply.get(key, default)
    if value is default or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
        return value
    raise Malformed(f"the answer has a wrong {key}")


def _strings(reply: Mapping[str, Any], key: str) -> list[str]:
    return [text for text in _get(reply, key, list, []) if isinstance(text, str)]


@dataclass(frozen=True)
class Stored:
    """Something is on the broker's disk. A duplicate has no seq: it was there already."""

    seq: int
    time: int
    duplicate: bool

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Stored":
        return cls(_get(reply, "seq", int, 0), _get(reply, "time", int, 0), reply.get("duplicate") is True)


@dataclass(frozen=True)
class RoomInfo:
    """A room as JOIN and ROOMS tell of it."""

    room: str
    head: int
    first: int
    topic: str = ""
    members: int = 0
    private: bool = False
    role: str = ""
    read: Optional[int] = None

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "RoomInfo":
        return cls(_get(reply, "room", str, ""), _get(reply, "head", int, 0), _get(reply, "first", int, 0),
                   _get(reply, "topic", str, ""), _get(reply, "members", int, 0), reply.get("private") is True,
                   _get(reply, "role", str, ""), _get(reply, "read", int))  # fmt: skip


@dataclass(frozen=True)
class Rooms:
    rooms: Sequence[RoomInfo]
    more: bool

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Rooms":
        return cls([RoomInfo.of(r) for r in _get(reply, "rooms", list, []) if isinstance(r, dict)],
                   reply.get("more") is True)  # fmt: skip


@dataclass(frozen=True)
class Who:
    room: str
    members: int
    users: Sequence[str]
    away: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Who":
        return cls(_get(reply, "room", str, ""), _get(reply, "members", int, 0), _strings(reply, "users"),
                   _get(reply, "away", dict, {}))  # fmt: skip


@dataclass(frozen=True)
class Topic:
    room: str
    topic: str
    by: str
    time: int

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Topic":
        return cls(_get(reply, "room", str, ""), _get(reply, "topic", str, ""), _get(reply, "by", str, ""),
                   _get(reply, "time", int, 0))  # fmt: skip


@dataclass(frozen=True)
class History:
    """One page, in ascending seq, `marks` behind the messages they are of."""

    room: str
    events: Sequence[Event]
    more: bool
    first: int
    head: int

    @classmethod
    def of(cls, reply: Mapping[str, Any], events: Sequence[Event] = ()) -> "History":
        return cls(_get(reply, "room", str, ""), tuple(events), reply.get("more") is True,
                   _get(reply, "first", int, 0), _get(reply, "head", int, 0))  # fmt: skip


@dataclass(frozen=True)
class Keys:
    """Public keys as text; `vouches` by key."""

    user: str
    proven: bool
    keys: Sequence[str]
    vouches: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Keys":
        return cls(_get(reply, "user", str, ""), reply.get("proven") is True, _strings(reply, "keys"),
                   _get(reply, "vouches", dict, {}))  # fmt: skip


@dataclass(frozen=True)
class Marker:
    """How far a room was read. `mentions` (of unread messages) where it was asked for."""

    room: str
    read: int
    head: int
    first: int = 0
    mentions: int = 0

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Marker":
        return cls(*(_get(reply, key, kind, default) for key, kind, default in (
            ("room", str, ""), ("read", int, 0), ("head", int, 0), ("first", int, 0), ("mentions", int, 0))))  # fmt: skip


def markers_of(reply: Mapping[str, Any]) -> list[Marker]:
    return [Marker.of(room) for room in _get(reply, "rooms", list, []) if isinstance(room, dict)]


@dataclass(frozen=True)
class Hit:
    """`found`: (begin, length) of each place in `text`, in bytes of its UTF-8."""

    room: str
    seq: int
    time: int
    type: str
    user: str
    text: str
    found: Sequence[Sequence[int]]

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Hit":
        return cls(*(_get(reply, key, kind, default) for key, kind, default in (
            ("room", str, ""), ("seq", int, 0), ("time", int, 0), ("type", str, ""), ("user", str, ""),
            ("text", str, ""), ("found", list, []))))  # fmt: skip


@dataclass(frozen=True)
class Found:
    """`next` goes into the next question where there may be more; `partial`: time was over."""

    hits: Sequence[Hit]
    next: Any = None
    behind: int = 0
    partial: bool = False

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> "Found":
        return cls([Hit.of(hit) for hit in _get(reply, "hits", list, []) if isinstance(hit, dict)],
                   reply.get("next"), _get(reply, "behind", int, 0), reply.get("partial") is True)  # fmt: skip


def plain(reply: Mapping[str, Any]) -> dict:
    """Verbs whose answer is a table of its own."""
    return dict(reply)
