"""What goes wrong, as exceptions: one class for what the broker refused, and a few of our own."""

from __future__ import annotations

from typing import Any, Mapping


class ZchatError(Exception):
    """Base of everything this package raises by itself."""


class Refused(ZchatError):
    """The broker answered ERR. `code` is stable (the page's table of errors), `text` is for people."""

    def __init__(self, error: Mapping[str, Any]):
        self.error = dict(error)
        self.code = str(error.get("code", ""))
        self.text = str(error.get("text", ""))
        super().__init__(f"{self.code}: {self.text}")


class Uncertain(ZchatError):
    """The broker has forgotten this program's producer, or has another log: whether the message
    was stored, nobody can tell. It is not sent again."""


class Closed(ZchatError):
    """The client has ended; `__cause__` says why where it did not end by itself."""


class TooSlow(ZchatError, TimeoutError):
    """No answer within the time the program gave. A message that was handed over is still sent."""


class Full(ZchatError):
    """Too much waits to be sent; wait until some of it is acknowledged."""


class Malformed(ZchatError, ValueError):
    """Something does not have the form that the page gives it."""


class CannotOpen(ZchatError):
    """A sealed message does not open, or was sealed by a key that is not known as the sender's."""


class KeysChanged(ZchatError):
    """Somebody has keys that nobody vouched for; nothing is sealed for them until `trust`."""
