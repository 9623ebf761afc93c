"""What both clients are made of: the core, its sockets, the keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional, Union

from .address import Address, key_make
from .journal import Journal
from .parts import Settings
from .protocol import Core
from .sockets import Sockets


class Setup:
    """The arguments of a client, made into its parts."""

    def __init__(self, address: Union[str, Address], user: str, key: Union[bytes, str, Path, None], claim: Optional[bool],
                 token: Optional[str], feed: Optional[str], outbox: Union[str, Path, None], agent: str,
                 log: Optional[str], wait_for_name: bool):  # fmt: skip
        self.address = address if isinstance(address, Address) else Address.parse(address)
        self.secret: Optional[bytes] = None
        if self.address.key is not None and key is not None:
            self.secret = key if isinstance(key, bytes) else key_make(key)
        if claim is None:
            claim = self.secret is not None  # a key that is not kept would lose the name to everybody
        settings = Settings(self.address.door, user, feed, claim, token, agent, log, wait_for_name)
        journal = Journal(outbox) if outbox is not None else None
        if journal is not None:
            self.core = Core(settings, os.urandom, True, journal.items(), journal.producer, journal.n)
        else:
            self.core = Core(settings, os.urandom)
        self.sockets = Sockets(self.address, self.secret, journal)
