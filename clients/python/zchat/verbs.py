"""The verbs of the page as methods that wait; `aio_verbs` has the same for asyncio."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from . import calls, results


class Verbs:
    def _call(self, call: calls.Call) -> Any:
        raise NotImplementedError

    def edit(self, room: str, seq: int, text: str) -> results.Stored:
        """Give a message of one's own another text (a proven name)."""
        return self._call(calls.edit(room, seq, text))

    def react(self, room: str, seq: int, text: str) -> results.Stored:
        return self._call(calls.react(room, seq, text))

    def unreact(self, room: str, seq: int, text: str) -> results.Stored:
        return self._call(calls.unreact(room, seq, text))

    def remove(self, room: str, seq: int, reason: Optional[str] = None) -> results.Stored:
        """Take a message away: one's own, or as an operator."""
        return self._call(calls.remove(room, seq, reason))

    def who(self, room: str) -> results.Who:
        return self._call(calls.who(room))

    def rooms(self, after: Optional[str] = None) -> results.Rooms:
        return self._call(calls.rooms(after))

    def topic(self, room: str) -> results.Topic:
        return self._call(calls.topic(room))

    def set_topic(self, room: str, text: str) -> results.Stored:
        return self._call(calls.set_topic(room, text))

    def history(self, room: str, *, after: Optional[int] = None, before: Optional[int] = None,
                limit: Optional[int] = None) -> results.History:  # fmt: skip
        """One page. Rooms that were joined are delivered anyway: this is for looking back."""
        return self._call(calls.history(room, after=after, before=before, limit=limit))

    def away(self, text: Optional[str] = None) -> None:
        """Be away, with a text; without one, be back."""
        self._call(calls.away(text))

    def read(self, room: str, seq: Optional[int] = None) -> results.Marker:
        """How far the room is read, on all devices; with seq, it is up to there."""
        return self._call(calls.read(room, seq))

    def unread(self) -> list[results.Marker]:
        return self._call(calls.unread())

    def search(self, query: str, *, limit: Optional[int] = None, before: Any = None) -> results.Found:
        return self._call(calls.search(query, limit=limit, before=before))

    def invite(self, room: str, name: str, reason: Optional[str] = None) -> results.Stored:
        return self._call(calls.invite(room, name, reason))

    def kick(self, room: str, name: str, reason: Optional[str] = None) -> results.Stored:
        return self._call(calls.kick(room, name, reason))

    def modes(self, room: str) -> dict[str, Any]:
        """Who may what in a room; of "@", whose direct messages one takes."""
        return self._call(calls.modes(room))

    def mode(self, room: str, what: str, user: Optional[str] = None, *, reason: Optional[str] = None,
             for_ms: Optional[int] = None) -> results.Stored:  # fmt: skip
        """op, deop, ban, unban, mute, unmute, lock, unlock, close, open; of "@" also allow, unallow."""
        return self._call(calls.mode(room, what, user, reason=reason, for_ms=for_ms))

    def keys(self, name: Optional[str] = None) -> results.Keys:
        return self._call(calls.keys(name))

    def change_keys(self, change: Mapping[str, Any]) -> results.Keys:
        """KEY: {"add": key, "vouch": text}, {"remove": key} or {"free": True}."""
        return self._call(calls.key(change))

    def purge(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return self._call(calls.purge(what))

    def ping(self) -> dict[str, Any]:
        return self._call(calls.ping())
