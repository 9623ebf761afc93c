"""The verbs, as what is to be asked: shared by both clients, which differ in how they wait."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

from . import results


class Call(NamedTuple):
    """A request, and what its answer becomes. once: it goes through the outbox."""

    verb: str
    arguments: tuple
    shape: Callable[..., Any]
    once: bool = False
    options: Mapping[str, Any] = {}
    collect: bool = False


def _options(**given: Any) -> dict:
    return {key: value for key, value in given.items() if value is not None}


def _ask(verb: str, *arguments: Union[str, dict, None], shape: Callable = results.plain, **more: Any) -> Call:
    return Call(verb, tuple(a for a in arguments if a is not None and a != {}), shape, **more)


def say(room: str, text: str, *, action: bool = False, data: Optional[Mapping] = None, re: Optional[int] = None,
        private: Optional[bool] = None) -> Call:  # fmt: skip
    options = _options(type="action" if action else None, data=data, re=re, private=private)
    return Call("SAY", (room, text), results.Stored.of, True, options)


def tell(name: str, text: str, *, data: Optional[Mapping] = None, re: Optional[int] = None) -> Call:
    return Call("TELL", (name, text), results.Stored.of, True, _options(data=data, re=re))


def edit(room: str, seq: int, text: str) -> Call:
    return Call("EDIT", (room, str(seq), text), results.Stored.of, True, {})


def react(room: str, seq: int, text: str) -> Call:
    return _ask("REACT", room, str(seq), text, shape=results.Stored.of)


def unreact(room: str, seq: int, text: str) -> Call:
    return _ask("UNREACT", room, str(seq), text, shape=results.Stored.of)


def remove(room: str, seq: int, reason: Optional[str] = None) -> Call:
    return _ask("REMOVE", room, str(seq), reason, shape=results.Stored.of)


def who(room: str) -> Call:
    return _ask("WHO", room, shape=results.Who.of)


def rooms(after: Optional[str] = None) -> Call:
    return _ask("ROOMS", _options(after=after), shape=results.Rooms.of)


def topic(room: str) -> Call:
    return _ask("TOPIC", room, shape=results.Topic.of)


def set_topic(room: str, text: str) -> Call:
    return _ask("TOPIC", room, text, shape=results.Stored.of)


def history(room: str, *, after: Optional[int] = None, before: Optional[int] = None, limit: Optional[int] = None) -> Call:
    options = _options(after=after, before=before, limit=limit)
    return _ask("HISTORY", room, {**options, "form": "pack", "marks": True}, shape=results.History.of, collect=True)


def away(text: Optional[str] = None) -> Call:
    return _ask("AWAY", text)


def read(room: str, seq: Optional[int] = None) -> Call:
    return _ask("READ", room, None if seq is None else str(seq), shape=results.Marker.of)


def unread() -> Call:
    return _ask("UNREAD", shape=results.markers_of)


def search(query: str, *, limit: Optional[int] = None, before: Any = None) -> Call:
    return _ask("SEARCH", query, _options(limit=limit, before=before), shape=results.Found.of)


def invite(room: str, name: str, reason: Optional[str] = None) -> Call:
    return _ask("INVITE", room, name, reason, shape=results.Stored.of)


def kick(room: str, name: str, reason: Optional[str] = None) -> Call:
    return _ask("KICK", room, name, reason, shape=results.Stored.of)


def modes(room: str) -> Call:
    return _ask("MODE", room)


def mode(room: str, what: str, user: Optional[str] = None, *, reason: Optional[str] = None,
         for_ms: Optional[int] = None) -> Call:  # fmt: skip
    return _ask("MODE", room, {"set": what, **_options(user=user, reason=reason, for_ms=for_ms)}, shape=results.Stored.of)


def keys(name: Optional[str] = None) -> Call:
    return _ask("KEYS", name, shape=results.Keys.of)


def key(change: Mapping[str, Any]) -> Call:
    return _ask("KEY", dict(change), shape=results.Keys.of)


def purge(what: Mapping[str, Any]) -> Call:
    return _ask("PURGE", dict(what))


def ping() -> Call:
    return _ask("PING")


def join(room: str, join: bool, private: bool, after: Optional[int], last: int) -> Call:
    options = {"join": join, "private": private, "after": after, "last": last}
    return Call("JOIN", (room,), results.RoomInfo.of, options=options)


def part(room: str) -> Call:
    return _ask("PART", room)
