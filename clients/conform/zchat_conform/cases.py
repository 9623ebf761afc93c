"""The list of cases; the files broker_*.py fill it."""

from __future__ import annotations

from typing import Callable

from .link import Case

BROKER: list = []
CLIENT: list = []


def case(*tries: str, proof: bool = False) -> Callable:
    def keep(run: Callable) -> Callable:
        BROKER.append(Case(run.__name__, run, tries, proof))
        return run

    return keep


def client_case(*tries: str, needs: str = "listen") -> Callable:
    """needs: what is asked of the client: listen, or send."""

    def keep(run: Callable) -> Callable:
        made = Case(run.__name__, run, tries)
        made.needs = needs  # type: ignore[attr-defined]
        CLIENT.append(made)
        return run

    return keep
