"""How much of handshakes that do not end one address can have under way."""

import select
import socket

import pytest

from support.client import Door
from support.curve import Encrypted, Pair, server_key
from support.wait import wait_until

AT_ONCE = 512  # ZCHAT_ADMIT_UNFINISHED


def own_address() -> str:
    """An address of this machine that is not of the loopback: the one of its way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("198.51.100.1", 9))
            address = way.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        pytest.skip("this machine has no address but the loopback's")
    return address


@pytest.fixture
def open_broker(brokers):
    return brokers(doors=["tcp://0.0.0.0:*"], feeds=["tcp://0.0.0.0:*"], args=["--curve"])


@pytest.fixture
def silent():
    """silent (address, port, count): connections that say nothing."""
    made = []

    def make(address: str, port: int, count: int) -> list:
        made.extend(socket.create_connection((address, port), timeout=20) for _ in range(count))
        return made[-count:]

    yield make
    for connection in made:
        connection.close()


def closed(connections) -> list:
    """Those that the broker has closed; its greeting is no end."""
    ended = []
    for connection in connections:
        while select.select([connection], [], [], 0)[0]:
            try:
                if not connection.recv(4096):
                    raise ConnectionResetError
            except OSError:
                ended.append(connection)
                break
    return ended


def talks(context, broker, address: str, user: str) -> None:
    encrypted = Encrypted(context, server_key(broker.address), Pair())
    door = Door(encrypted, f"tcp://{address}:{broker.door_port}", user, hello=True)
    assert door.say("dev", "hello").ok
    door.close()


def test_an_address_that_ends_none(open_broker, silent, context):
    """It gets so many and no more, of door and feed together; others do not notice."""
    address = own_address()
    halves = silent(address, open_broker.door_port, 400) + silent(address, open_broker.feed_port, 400)
    wait_until(lambda: "that do not end" in open_broker.log)
    assert f'address="{address}"' in open_broker.log
    wait_until(lambda: len(closed(halves)) >= 800 - AT_ONCE - 200)
    talks(context, open_broker, "127.0.0.1", "bob")
    # and is let in again, once its handshakes have ended
    talks(context, open_broker, address, "eve")


def test_this_machine_is_not_bounded(open_broker, silent, context):
    silent("127.0.0.1", open_broker.door_port, AT_ONCE + 300)
    talks(context, open_broker, "127.0.0.1", "bob")
    assert "that do not end" not in open_broker.log


def test_handshakes_that_end_are_not_counted(open_broker, context):
    """As many as one likes, one after the other and at once."""
    address = own_address()
    rounds, many = 6, 150
    for turn in range(rounds):
        # two keys: those of one key are bounded too
        pairs = [Encrypted(context, server_key(open_broker.address), Pair()) for _ in range(2)]
        doors = [Door(pairs[i % 2], f"tcp://{address}:{open_broker.door_port}") for i in range(many)]
        tags = [door.post("PING") for door in doors]
        for door, tag in zip(doors, tags):
            assert door.reply(tag).ok
        for door in doors:
            door.close()
    assert rounds * many > AT_ONCE + 300
    assert "that do not end" not in open_broker.log
