"""A broker is started with what the integration tests start theirs with; of the client nothing is shared."""

import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT / "tests" / "integration")]

from support.broker import Broker  # noqa: E402

import zchat  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def brokers(tmp_path):
    """brokers (...) starts one; all are stopped, and their end is looked at."""
    made = []

    def make(**options) -> Broker:
        made.append(Broker(tmp_path / f"broker-{len(made)}", **options))
        return made[-1].start()

    yield make
    for broker in made:
        broker.close()


@pytest.fixture
def broker(brokers):
    return brokers()


@pytest.fixture
def safe(brokers):
    return brokers(args=["--curve", "--quota", "strangers=0"])


@pytest.fixture
def client():
    """client (address, user, ...) is a Client; all are closed at the end."""
    made = []

    def make(address, *arguments, **options) -> zchat.Client:
        made.append(zchat.Client(address, *arguments, **options))
        return made[-1]

    yield make
    for one in reversed(made):
        one.close()
