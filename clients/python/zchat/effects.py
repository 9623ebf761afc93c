"""What the core gives out: what a shell is to do, and which requests are finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from .events import AnyEvent


@dataclass(frozen=True)
class OpenDoor:
    endpoint: str


@dataclass(frozen=True)
class CloseDoor:
    pass


@dataclass(frozen=True)
class OpenFeed:
    endpoint: str


@dataclass(frozen=True)
class CloseFeed:
    pass


@dataclass(frozen=True)
class Send:
    """Over the door."""

    frames: tuple


@dataclass(frozen=True)
class Subscribe:
    topic: bytes


@dataclass(frozen=True)
class Unsubscribe:
    topic: bytes


@dataclass(frozen=True)
class Keep:
    """A line of the journal. Where `sync`, it is on disk before any Send of the same turn goes out."""

    record: Mapping[str, Any]
    sync: bool


Effect = Union[OpenDoor, CloseDoor, OpenFeed, CloseFeed, Send, Subscribe, Unsubscribe, Keep]


@dataclass
class Done:
    """A request of the program is finished: one of `reply` and `error` is there."""

    ticket: int
    reply: Optional[dict] = None
    error: Optional[Exception] = None
    events: Sequence[AnyEvent] = ()
