"""Whose keys are known: a key is believed the first time it is seen, and another one only where a known
one vouches for it, or a person says so (`trust`)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Mapping, Optional, Sequence, Union

from .address import key_decode, key_encode
from .errors import KeysChanged, Malformed
from .seal import fold, vouched_for

KEYS_MAX = 16  # of a person, former ones included


class People:
    """Of one broker. With a path it is kept on disk (mode 0600)."""

    def __init__(self, broker: bytes, path: Optional[Union[str, Path]] = None):
        self.broker = broker
        self.path = Path(path) if path is not None else None
        self.all: dict[str, Any] = {}
        if self.path is not None and self.path.exists():
            try:
                self.all = json.loads(self.path.read_text())
            except ValueError as error:
                raise Malformed(f"{self.path}: damaged; it tells whose keys are known") from error
        self.persons: dict[str, dict[str, list]] = self.all.setdefault(key_encode(broker), {})

    def _save(self) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(f"{self.path}.new")
        made = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(made, "w") as file:
            json.dump(self.all, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)

    def knows(self, name: str, key: bytes) -> bool:
        return key_encode(key) in self.persons.get(fold(name), {}).get("keys", [])

    def known_once(self, name: str, key: bytes) -> bool:
        """A key that is or was theirs: what was sealed by it before is theirs."""
        person = self.persons.get(fold(name), {})
        return key_encode(key) in person.get("keys", []) + person.get("former", [])

    def learn(self, name: str, keys: Sequence[str], vouches: Mapping[str, Any], now_ms: int) -> list[bytes]:
        """What KEYS told of somebody. Returns the keys to seal for; KeysChanged where one of them is
        not to be believed."""
        told = [key_encode(key_decode(key)) for key in keys]
        person = self.persons.get(fold(name))
        if person is None:
            person = self.persons[fold(name)] = {"keys": list(told), "former": [], "alarms": []}
            self._save()
            return [key_decode(key) for key in told]
        before = json.dumps(person)
        for key in told:
            if key not in person["keys"] and not self._believed(name, person, key, told, vouches, now_ms):
                if key not in person["alarms"]:
                    person["alarms"].append(key)
        accepted = [key for key in told if key in person["keys"]]
        if len(accepted) == len(told):
            person["former"] = ([k for k in person["keys"] if k not in told] + person["former"])[:KEYS_MAX]
            person["keys"] = accepted
        if json.dumps(person) != before:
            self._save()
        if len(accepted) < len(told):
            raise KeysChanged(f"the keys of {name} have changed, and nobody vouched for the new ones")
        return [key_decode(key) for key in accepted]

    def _believed(self, name: str, person: dict, key: str, told: Sequence[str], vouches: Mapping[str, Any],
                  now_ms: int) -> bool:  # fmt: skip
        if key in person["former"] or key in person["alarms"]:
            return False
        known = set(person["keys"])
        believed = vouched_for(key, told, vouches, self.broker, name, now_ms,
                               lambda by: key_encode(by) in known, key_decode)  # fmt: skip
        if believed:
            person["keys"].append(key)
        return believed

    def trust(self, name: str, keys: Sequence[str]) -> None:
        """A person has compared fingerprints, and says that these are the keys."""
        told = [key_encode(key_decode(key)) for key in keys]
        person = self.persons.setdefault(fold(name), {"keys": [], "former": [], "alarms": []})
        person["former"] = [k for k in [*person["keys"], *person["former"]] if k not in told][:KEYS_MAX]
        person["keys"], person["alarms"] = told, []
        self._save()
