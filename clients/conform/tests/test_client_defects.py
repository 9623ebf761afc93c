"""A client with one defect at a time, and what finds it."""

import sys
from pathlib import Path

import pytest
import zmq
from zchat_conform import clients, keys
from zchat_conform.fake import Fake
from zmq.utils import z85

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


def test_with_curve_only_who_encrypts_comes_in():
    fake = Fake(curve=True)
    try:
        with zmq.Context() as context, context.socket(zmq.DEALER) as plain, context.socket(zmq.DEALER) as dealer:
            watch = plain.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_DISCONNECTED)
            plain.connect(fake.endpoint)
            plain.send_multipart([b"HELLO", b"1", b"", b"{}"])
            assert watch.poll(10000), "the connection is refused"
            plain.disable_monitor()
            assert not fake.requests
            door, key = keys.address(fake.door)
            dealer.curve_publickey, dealer.curve_secretkey = zmq.curve_keypair()
            dealer.curve_serverkey = z85.encode(key)
            dealer.connect(door)
            dealer.send_multipart([b"HELLO", b"1", b"", b"{}"])
            assert dealer.poll(10000) and dealer.recv_multipart()[0] == b"OK"
            for one in (plain, dealer):
                one.linger = 0
    finally:
        fake.close()
