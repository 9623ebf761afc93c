"""The outbox on disk: what was handed over and is not acknowledged yet survives a crash of the program,
and is sent, once, by its next run. One program at a time: the file is locked."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any, BinaryIO, Iterable, Mapping, Optional, Union

from .errors import ZchatError
from .outbox import Item

COMPACT_BYTES = 1 << 20


class Journal:
    """Lines of JSON, each a change; the last one may be cut off by a crash, and then never counted."""

    def __init__(self, path: Union[str, Path]):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self.lock)
            raise ZchatError(f"{self.path}: another program sends from this outbox") from error
        self.producer = ""
        self.n = 0
        self.records: dict[str, dict] = {}  # key: its last "put", with what "sent" added
        self.size = 0
        self.file: Optional[BinaryIO] = None
        self._load()
        self._compact()

    def _load(self) -> None:
        if not self.path.exists():
            return
        for line in self.path.read_bytes().split(b"\n")[:-1]:
            try:
                record = json.loads(line)
            except ValueError as error:
                raise ZchatError(f"{self.path}: damaged; what it holds may have been sent") from error
            self._apply(record)

    def _apply(self, record: Mapping[str, Any]) -> None:
        what, key = record["what"], record.get("key", "")
        if what == "next":
            self.producer, self.n = record["producer"], record["n"]
        elif what == "put":
            old = self.records.get(key, {})
            same = (old.get("producer"), old.get("n")) == (record["producer"], record["n"])
            self.records[key] = {**record, **({"forgotten": old["forgotten"]} if same and "forgotten" in old else {})}
            self.producer, self.n = record["producer"], record["n"]
        elif what == "sent" and key in self.records:
            self.records[key]["forgotten"] = record["forgotten"]
        elif what == "done":
            self.records.pop(key, None)

    def _compact(self) -> None:
        """A new file with what still counts, in the place of the old one."""
        fresh = Path(f"{self.path}.new")
        made = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        lines = [*self.records.values(), {"what": "next", "producer": self.producer, "n": self.n}]
        with os.fdopen(made, "wb") as file:
            for record in lines:
                put = {k: v for k, v in record.items() if k != "forgotten"}
                file.write(_line(put))
                if "forgotten" in record:
                    file.write(_line({"what": "sent", "key": record["key"], "forgotten": record["forgotten"]}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        if self.file is not None:
            self.file.close()
        self.file = open(self.path, "ab")  # noqa: SIM115 - it stays open
        self.size = 0

    def items(self) -> list[Item]:
        """What an earlier run left. Whether the last of it was sent, is not known."""
        made = []
        for record in self.records.values():
            sent = record["n"] > 1 or "forgotten" in record
            made.append(Item(0, record["verb"], record["arguments"], record["options"], record["producer"], record["n"],
                             first=-1 if sent else 0, forgotten=record.get("forgotten"), kept=True,
                             key=record["key"]))  # fmt: skip
        return made

    def write(self, records: Iterable[Mapping[str, Any]], sync: bool) -> None:
        assert self.file is not None
        for record in records:
            self._apply(record)
            self.size += self.file.write(_line(record))
        self.file.flush()
        if sync:
            os.fsync(self.file.fileno())
        if self.size > COMPACT_BYTES:
            self._compact()

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
        os.close(self.lock)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
