"""A broker is started with what the integration tests start theirs with."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "integration")]

from support.broker import Broker  # noqa: E402


@pytest.fixture
def broker(tmp_path):
    made = Broker(tmp_path / "broker").start()
    yield made
    made.close()
