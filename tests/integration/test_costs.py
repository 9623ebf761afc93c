"""The hot paths cost no more, in instructions and system calls, than what was written down: see
tests/bench/costs.py. A change that is meant to cost more writes it down anew, where it can be seen."""

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import costs  # noqa: E402

GROWTH = 1.05
# how often the threads ask their sockets, and wake each other, depends on how they meet
LOOSE = {"poll": 1.25, "getpid": 1.25, "epoll_wait": 1.25, "futex": 1.5, "all": 1.25}
TRIES = 3
REMEDY = "if it is meant: tests/bench/costs.py --write"


def grown(found: dict, known: dict, slack: float = 0.0, loose: dict = {}) -> list:
    """What costs more than was written down."""
    return [
        f"{what}: {number:g}, was {known.get(what, 0):g}"
        for what, number in found.items()
        if number > known.get(what, 0) * loose.get(what, GROWTH) + slack
    ]


def comparable(path: Path, *programs: str) -> dict:
    """What was written down, where it can be compared with what is counted here."""
    absent = costs.missing(*programs)
    if absent:
        pytest.skip(f"nothing can be counted: there is no {absent}")
    if costs.compiler() not in path.read_text():
        pytest.skip(f"{path.name} is of another compiler or build than {costs.compiler()}")
    return costs.written(path)


def test_comparing():
    assert grown({"a": 105, "b": 9}, {"a": 100, "b": 10}) == []
    assert grown({"a": 106}, {"a": 100}) == ["a: 106, was 100"]
    assert grown({"new": 1}, {}) == ["new: 1, was 0"]
    assert grown({"poll": 120}, {"poll": 100}, loose=LOOSE) == []


@pytest.mark.timeout(120)
def test_instructions():
    known = comparable(costs.INSTRUCTIONS, "valgrind", "callgrind_annotate")
    found = costs.instructions()
    assert found.keys() == known.keys(), f"other paths are counted; {REMEDY}"
    assert grown(found, known) == [], REMEDY


@pytest.mark.timeout(240)
def test_system_calls_of_a_quiet_room():
    """On a busy machine threads meet otherwise; what costs more each time costs more."""
    known = comparable(costs.CALLS, "strace")
    least: dict = {}
    for _ in range(TRIES):
        for what, number in costs.calls().items():
            least[what] = min(number, least.get(what, number))
        if not grown(least, known, 0.5, LOOSE):
            return
    assert grown(least, known, 0.5, LOOSE) == [], REMEDY
