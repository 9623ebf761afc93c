"""What sealing decides, apart from the asking: shared by both clients."""

from __future__ import annotations

import dataclasses
from typing import Any, Mapping, Optional

from .errors import CannotOpen, Malformed
from .events import Event
from .people import People
from .results import Keys
from .seal import Plain, fold


def proven_keys(people: People, name: str, told: Keys, now_ms: int) -> list[bytes]:
    """A broker that tells of another name, or of one that only looks like this one, is not followed."""
    if told.proven and told.keys and fold(told.user) != fold(name):
        raise Malformed(f"the broker spells this name {told.user}: ask for that one")
    return people.learn(name, told.keys, told.vouches, now_ms) if told.proven and told.keys else []


def plain_of(user: str, name: str, text: str, data: Optional[Mapping[str, Any]], now_ms: int) -> dict[str, Any]:
    made: dict[str, Any] = {"from": user, "to": name, "time": now_ms, "body": text}
    return {**made, "data": dict(data)} if data is not None else made


def opened(event: Event, plain: Plain, user: str, people: People) -> Event:
    """The event as it was meant: sealed by a key of its user, and between these two."""
    sender, addressee = (user, event.user) if event.type == "told" else (event.user, user)
    if not people.known_once(sender, plain.sender):
        raise CannotOpen(f"the key that sealed it is not known as {sender}'s")
    if (fold(plain.sent_from), fold(plain.sent_to)) != (fold(sender), fold(addressee)):
        raise CannotOpen("it was meant for another conversation")
    return dataclasses.replace(event, text=plain.text, data=plain.data, sealed_time=plain.time, seal="opened")


def checked(event: Event) -> Event:
    return dataclasses.replace(event, text="", data=None, seal="shut")
