"""The verbs of the page as coroutines; `verbs` has the same for programs that wait."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from . import calls, results


class Verbs:
    async def _call(self, call: calls.Call) -> Any:
        raise NotImplementedError

    async def edit(self, room: str, seq: int, text: str) -> results.Stored:
        """Give a message of one's own another text (a proven name)."""
        return await self._call(calls.edit(room, seq, text))

    async def react(self, room: str, seq: int, text: str) -> results.Stored:
        return await self._call(calls.react(room, seq, text))

    async def unreact(self, room: str, seq: int, text: str) -> results.Stored:
        return await self._call(calls.unreact(room, seq, text))

    async def remove(self, room: str, seq: int, reason: Optional[str] = None) -> results.Stored:
        """Take a message away: one's own, or as an operator."""
        return await self._call(calls.remove(room, seq, reason))

    async def who(self, room: str) -> results.Who:
        return await self._call(calls.who(room))

    async def rooms(self, after: Optional[str] = None) -> results.Rooms:
        return await self._call(calls.rooms(after))

    async def topic(self, room: str) -> results.Topic:
        return await self._call(calls.topic(room))

    async def set_topic(self, room: str, text: str) -> results.Stored:
        return await self._call(calls.set_topic(room, text))

    async def history(self, room: str, *, after: Optional[int] = None, before: Optional[int] = None,
                limit: Optional[int] = None) -> results.History:  # fmt: skip
        """One page. Rooms that were joined are delivered anyway: this is for looking back."""
        return await self._call(calls.history(room, after=after, before=before, limit=limit))

    async def away(self, text: Optional[str] = None) -> None:
        """Be away, with a text; without one, be back."""
        await self._call(calls.away(text))

    async def read(self, room: str, seq: Optional[int] = None) -> results.Marker:
        """How far the room is read, on all devices; with seq, it is up to there."""
        return await self._call(calls.read(room, seq))

    async def unread(self) -> list[results.Marker]:
        return await self._call(calls.unread())

    async def search(self, query: str, *, limit: Optional[int] = None, before: Any = None) -> results.Found:
        return await self._call(calls.search(query, limit=limit, before=before))

    async def invite(self, room: str, name: str, reason: Optional[str] = None) -> results.Stored:
        return await self._call(calls.invite(room, name, reason))

    async def kick(self, room: str, name: str, reason: Optional[str] = None) -> results.Stored:
        return await self._call(calls.kick(room, name, reason))

    async def modes(self, room: str) -> dict[str, Any]:
        """Who may what in a room; of "@", whose direct messages one takes."""
        return await self._call(calls.modes(room))

    async def mode(self, room: str, what: str, user: Optional[str] = None, *, reason: Optional[str] = None,
             for_ms: Optional[int] = None) -> results.Stored:  # fmt: skip
        """op, deop, ban, unban, mute, unmute, lock, unlock, close, open; of "@" also allow, unallow."""
        return await self._call(calls.mode(room, what, user, reason=reason, for_ms=for_ms))

    async def keys(self, name: Optional[str] = None) -> results.Keys:
        return await self._call(calls.keys(name))

    async def change_keys(self, change: Mapping[str, Any]) -> results.Keys:
        """KEY: {"add": key, "vouch": text}, {"remove": key} or {"free": True}."""
        return await self._call(calls.key(change))

    async def purge(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call(calls.purge(what))

    async def ping(self) -> dict[str, Any]:
        return await self._call(calls.ping())
