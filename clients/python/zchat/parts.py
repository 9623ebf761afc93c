"""What the core keeps of itself: its settings, and requests that are under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Optional


@dataclass
class Settings:
    door: str
    user: str = ""  # empty: a guest
    feed: Optional[str] = None  # instead of what the broker names
    claim: bool = False
    token: Optional[str] = None
    agent: str = "zchat for Python"
    log: Optional[str] = None  # the log that what is known of rooms is of
    wait_for_name: bool = False  # where somebody else holds it for the moment


@dataclass
class Asked:
    """A request of the program, asked again over the next connection until it is answered."""

    ticket: int
    verb: str
    arguments: tuple
    collect: bool = False  # keep the mail: it is the answer
    tag: Optional[bytes] = None
    not_before: float = 0.0
    events: list = field(default_factory=list)


@dataclass
class Pending:
    """A request that is under way over this connection."""

    deadline: float
    answer: Callable[[bool, dict, float], None]
    mail: Optional[Callable[[list, float], None]] = None
