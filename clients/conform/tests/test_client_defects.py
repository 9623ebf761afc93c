"""A client with one defect at a time, and what finds it."""

import sys
from pathlib import Path

import pytest
from zchat_conform import clients

NAIVE = Path(__file__).with_name("naive.py")


def wrong(command, case, *defects):
    text = f"{sys.executable} {NAIVE} {command} {{door}} {' '.join(defects)}"
    outcomes = clients.run(text if command == "listen" else None, text if command == "send" else None,
                           lambda one: one.name == case)  # fmt: skip
    assert len(outcomes) == 1
    return outcomes[0].why if outcomes[0].verdict == "wrong" else ""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr("zchat_conform.clients.PATIENCE", 4.0)
    monkeypatch.setattr("zchat_conform.clients.Play.until.__defaults__", (4.0,))
    monkeypatch.setattr("zchat_conform.clients.Play.hears.__defaults__", (4.0,))
    monkeypatch.setattr("zchat_conform.clients.Play.all_stored.__defaults__", (4.0,))


RIGHT = [("listen", "single_messages_are_lost"), ("listen", "everything_comes_twice"), ("listen", "the_last_message_is_lost"),
         ("send", "plain_sending"), ("send", "a_slow_broker")]  # fmt: skip


@pytest.mark.parametrize("command, case", RIGHT)
def test_what_is_right_is_right(command, case):
    assert wrong(command, case) == ""


DEFECTS = [("listen", "single_messages_are_lost", "no-gaps"), ("listen", "everything_comes_twice", "doubles"),
           ("listen", "the_last_message_is_lost", "no-ping"), ("send", "a_slow_broker", "gives-up"),
           ("send", "a_slow_broker", "new-number")]  # fmt: skip


@pytest.mark.parametrize("command, case, defect", DEFECTS)
def test_a_defect_is_found(command, case, defect):
    assert wrong(command, case, defect, *(["no-ping"] if defect == "no-gaps" else []))
