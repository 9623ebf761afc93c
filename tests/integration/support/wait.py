"""Waiting for something to become true: the only place where a test sleeps."""

import time

# Long enough for a sanitized build on a busy machine; nothing that works comes near it.
DEADLINE = 20.0


def wait_until(predicate, deadline: float = DEADLINE, what: str = "", pause: float = 0.01):
    """Call predicate until it returns something true, and return that."""
    end = time.monotonic() + deadline
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what or predicate}")
        time.sleep(pause)
