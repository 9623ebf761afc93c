"""Direct messages that the broker cannot read, over the verbs that wait."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Mapping, Optional, Union

from . import calls, results, seal
from .address import key_decode, key_encode, public_key
from .base import Setup
from .errors import CannotOpen, KeysChanged, Malformed, ZchatError
from .events import Event
from .people import People
from .seals import checked, opened, plain_of, proven_keys
from .verbs import Verbs


class Sealing(Verbs):
    def __init__(self, setup: Setup, people: Union[str, Path, None]):
        self.secret = setup.secret if seal.available() else None
        self.people = People(setup.address.key, people) if setup.address.key is not None else None

    @property
    def user(self) -> str:
        raise NotImplementedError

    def _keys_of(self, name: str) -> list[bytes]:
        """The keys to seal for; none where the name is not proven. KeysChanged as `trust` has it."""
        told = self.keys(name)
        assert self.people is not None
        return proven_keys(self.people, name, told, int(time.time() * 1000))

    def tell(self, name: str, text: str, *, sealed: Optional[bool] = None, data: Optional[Mapping[str, Any]] = None,
             re: Optional[int] = None) -> results.Stored:  # fmt: skip
        """Tell one person. sealed: True - or fail; False - never; None - where both have keys."""
        if sealed is not False and self.secret is not None and self.people is not None:
            theirs = self._keys_of(name)
            if theirs:
                own = self._keys_of(self.user)
                plain = plain_of(self.user, name, text, data, int(time.time() * 1000))
                keys = list(dict.fromkeys([*theirs, *own, public_key(self.secret)]))
                body = seal.seal(plain, self.secret, keys, os.urandom(24), os.urandom(32))
                return self._call(calls.tell(name, body, data={"sealed": 1}, re=re))
        if sealed:
            raise ZchatError(f"it cannot be sealed: {name} has no keys, or this client has none")
        return self._call(calls.tell(name, text, data=data, re=re))

    def open(self, event: Event) -> Event:
        """The event with what was in it, or with seal "shut" where it does not open, or was sealed by
        somebody else. `events` does this by itself where the client has a key."""
        if not event.sealed or self.secret is None or self.people is None:
            return event
        sender = self.user if event.type == "told" else event.user
        try:
            plain = seal.unseal(event.text, self.secret)
            if not self.people.known_once(sender, plain.sender):
                self._keys_of(sender)
            return opened(event, plain, self.user, self.people)
        except (CannotOpen, KeysChanged, Malformed):
            return checked(event)

    def fingerprint(self, name: str) -> str:
        """What the two of you compare, by a way that is not the broker's."""
        pairs = [(one, [key_decode(key) for key in self.keys(one).keys]) for one in (self.user, name)]
        return seal.fingerprint(*pairs)

    def trust(self, name: str) -> None:
        """The fingerprints were compared: the keys that are told now are theirs."""
        if self.people is None:
            raise ZchatError("the broker does not encrypt")
        self.people.trust(name, self.keys(name).keys)

    def add_key(self, key: str) -> results.Keys:
        """Another device of one's own comes in under the name, and this key vouches for it."""
        if self.secret is None or self.people is None:
            raise ZchatError("a key, and python3-nacl, are wanted")
        now = int(time.time() * 1000)
        text = seal.vouch(self.secret, self.people.broker, key_decode(key), now, self.user, os.urandom(64))
        return self.change_keys({"add": key, "vouch": text})

    @property
    def public_key(self) -> Optional[str]:
        """One's own public key as text."""
        return key_encode(public_key(self.secret)) if self.secret is not None else None
