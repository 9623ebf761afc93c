"""All cases for brokers, and how they are run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Optional

import zmq

from . import broker_admin, broker_frames, broker_more, broker_proven, broker_rooms, broker_said, broker_sending  # noqa: F401 - they fill the list
from .cases import BROKER
from .link import Case, Kit, Outcome, Skip
from .wire import Wrong


LONG = ("a_connection_that_says_nothing", "a_session_that_is_silent", "a_name_after_its_connection")


def run_case(context: zmq.Context, endpoint: str, case: Case, admin: Optional[bytes] = None) -> Outcome:
    kit = Kit(context, endpoint, admin)
    try:
        if case.proof and not kit.encrypted:
            raise Skip("it wants an encrypted broker: zchat://host/key")
        case.run(kit)
        return Outcome(case, "ok", "", kit.transcript.lines)
    except Skip as reason:
        return Outcome(case, "skipped", str(reason), kit.transcript.lines)
    except Wrong as wrong:
        return Outcome(case, "wrong", str(wrong), kit.transcript.lines)
    except Exception as error:  # noqa: BLE001 - what a broker sent may be anything
        return Outcome(case, "wrong", f"{type(error).__name__}: {error}", kit.transcript.lines)
    finally:
        kit.close()


def there(context: zmq.Context, endpoint: str) -> None:
    """Whether anybody answers at all: else every case would wait for it."""
    kit = Kit(context, endpoint)
    try:
        kit.guest().ask("PING")
    except Wrong as wrong:
        raise SystemExit(f"nobody who speaks ZCHAT/1 answers at {endpoint}: {wrong}") from None
    finally:
        kit.close()


def run(endpoint: str, only: Optional[Callable] = None, at_once: int = 6, admin: Optional[bytes] = None) -> list:
    """Each case has names and rooms of its own, so several run at once."""
    context = zmq.Context()
    try:
        there(context, endpoint)
        chosen = [case for case in BROKER if only is None or only(case)]
        chosen.sort(key=lambda case: case.name not in LONG)  # what only waits comes first, beside the others
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(lambda case: run_case(context, endpoint, case, admin), chosen))
    finally:
        context.destroy(0)
