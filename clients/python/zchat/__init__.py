"""ZCHAT/1 in Python: see README.md. `Client` waits, `zchat.aio.Client` is for asyncio."""

from .address import Address, key_decode, key_encode, key_make, key_read, permalink, permalink_parse, public_key
from .client import Client
from .errors import (
    CannotOpen, Closed, Full, KeysChanged, Malformed, Refused, TooSlow, Uncertain, ZchatError,
)  # fmt: skip
from .events import (
    AnyEvent, Connected, Disconnected, Ended, Event, FeedBack, FeedSilent, LogReplaced, Missed, Notice, RoomLost,
    Unsure, WentBack,
)  # fmt: skip
from .people import People
from .results import Found, History, Hit, Keys, Marker, RoomInfo, Rooms, Stored, Topic, Who

__version__ = "1.0.0"
__all__ = [name for name in dir() if name[0].isupper()] + [
    "key_decode", "key_encode", "key_make", "key_read", "permalink", "permalink_parse", "public_key",
]  # fmt: skip
