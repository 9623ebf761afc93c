"""What a client tells its program. Everything has a `type`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, ClassVar, Mapping, Optional, Union

#   Stored types that hold something a person said.
SAID = ("say", "action", "tell", "told")


@dataclass(frozen=True)
class Event:
    """Something that happened in a room (of the mailbox: room "@"); types as in the page's table.

    seq: 0 where it is not stored. time: Unix time in ms. data: the program's own, or the type's.
    seal: "" - not sealed; "opened" - it was, and this is what was in it; "shut" - it does not open.
    sealed_time: when its sender says it was sealed (ms); worth showing where it is far from `time`.
    """

    room: str
    type: str
    user: str
    text: str
    seq: int = 0
    time: int = 0
    data: Optional[Mapping[str, Any]] = None
    seal: str = ""
    sealed_time: int = 0

    @property
    def sealed(self) -> bool:
        """The text is the base64 of a sealed message, which is yet to be opened."""
        return self.type in ("tell", "told") and not self.seal and (self.data or {}).get("sealed") == 1

    @property
    def re(self) -> Optional[int]:
        """What is answered: a seq of the room, or of a direct message its time."""
        mine = (self.data or {}).get("zchat")
        found = mine.get("re") if isinstance(mine, dict) else None
        return found if isinstance(found, int) else None

    @property
    def mentions(self) -> list:
        mine = (self.data or {}).get("zchat")
        found = mine.get("mentions") if isinstance(mine, dict) else None
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Connected:
    """HELLO was answered. `user` is the name as the broker spells it."""

    type: ClassVar[str] = "connected"
    user: str
    log: str
    resumed: bool
    proven: bool
    server: str


@dataclass(frozen=True)
class Disconnected:
    """The connection is lost; another attempt follows after `again_in` seconds."""

    type: ClassVar[str] = "disconnected"
    reason: str
    again_in: float


@dataclass(frozen=True)
class Ended:
    """There will be nothing more: `error` says why, None where the program closed the client."""

    type: ClassVar[str] = "ended"
    error: Optional[Exception]


@dataclass(frozen=True)
class LogReplaced:
    """The broker has another log than before: all that was known of seqs counts no more."""

    type: ClassVar[str] = "log-replaced"
    old: str
    new: str


@dataclass(frozen=True)
class Missed:
    """Messages first..last of the room are gone: retention has taken them, or the room ended."""

    type: ClassVar[str] = "missed"
    room: str
    first: int
    last: int


@dataclass(frozen=True)
class WentBack:
    """The room ends at `head`, before `known`, what was known: its log was restored from an older copy."""

    type: ClassVar[str] = "went-back"
    room: str
    known: int
    head: int


@dataclass(frozen=True)
class RoomLost:
    """The room cannot be followed any longer: `code` and `text` of the broker."""

    type: ClassVar[str] = "room-lost"
    room: str
    code: str
    text: str


@dataclass(frozen=True)
class FeedSilent:
    """The feed cannot be reached; messages come over the door, joins and leaves do not."""

    type: ClassVar[str] = "feed-silent"
    endpoint: str


@dataclass(frozen=True)
class FeedBack:
    """The feed can be reached again."""

    type: ClassVar[str] = "feed-back"
    endpoint: str


@dataclass(frozen=True)
class Unsure:
    """A message that was kept from an earlier run may be stored or not: nobody can tell any more;
    or, with `code`, the broker refused it. It is not sent again."""

    type: ClassVar[str] = "unsure"
    verb: str
    to: str
    text: str
    code: str = ""


Notice = Union[Connected, Disconnected, Ended, LogReplaced, Missed, WentBack, RoomLost, FeedSilent, FeedBack, Unsure]
AnyEvent = Union[Event, Notice]

#   Notices of every day; all others tell of something that is missing.
EVERY_DAY = (Connected, Disconnected, Ended, FeedBack)


def log_notice(event: AnyEvent) -> None:
    """For programs that look at messages alone: nothing goes missing without a word (logger "zchat")."""
    if not isinstance(event, Event):
        level = logging.INFO if isinstance(event, EVERY_DAY) else logging.WARNING
        logging.getLogger("zchat").log(level, "%s", event)
