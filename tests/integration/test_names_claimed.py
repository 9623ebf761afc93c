"""How many names one address can claim."""

import pytest

from support.client import Door
from support.curve import Encrypted, Pair, server_key
from test_handshakes import own_address

AT_ONCE = 50  # ZCHAT_CLAIMS_ADDRESS
EVERY_MS = 30_000  # ZCHAT_CLAIMS_ADDRESS_MS


def at(context, broker, address: str, user: str, pair=None) -> Door:
    encrypted = Encrypted(context, server_key(broker.address), pair or Pair())
    return Door(encrypted, f"tcp://{address}:{broker.door_port}", user)


def started(brokers, *args):
    return brokers(doors=["tcp://0.0.0.0:*"], feeds=["tcp://0.0.0.0:*"], args=["--curve", *args])


def hello(door: Door):
    return door.request("HELLO", {"protocol": "ZCHAT/1", "agent": "test", "claim": True})


@pytest.fixture
def used_up(brokers, context):
    """A broker at which this machine's address has claimed all it may, and its own claims."""
    address = own_address()
    broker = started(brokers)
    pairs = [Pair() for _ in range(AT_ONCE // 5 + 1)]
    for number in range(AT_ONCE):
        door = at(context, broker, address, f"name{number}", pairs[number // 5])
        reply = hello(door)
        assert reply.ok, (number, reply)
        door.close()
    return broker, address, pairs


def test_an_address_that_claims_and_claims(used_up, context):
    broker, address, pairs = used_up
    eve = at(context, broker, address, "one-more")
    refused = hello(eve)
    assert refused.code == "slow" and 0 < refused["wait_ms"] <= EVERY_MS
    eve.close()
    mine = at(context, broker, address, "name1", pairs[0])
    assert hello(mine)["proven"] and mine.say("street", "still here").ok
    mine.close()
    guest = at(context, broker, address, "")
    assert guest.request("KEYS", "one-more").code == "nobody", "it has not become anybody's"
    bob = at(context, broker, "127.0.0.1", "bob")
    assert hello(bob)["proven"], "this machine is not bounded"
    names = [at(context, broker, "127.0.0.1", f"local{number}") for number in range(AT_ONCE + 5)]
    assert all(hello(one).ok for one in names)


def test_zchat_waits_and_says_why(used_up, zchat):
    broker, address, _ = used_up
    endpoint = broker.address.replace("127.0.0.1", address)
    assert address in endpoint, endpoint
    process = zchat("send", "-e", endpoint, "--nick", "late", "--timeout", "2", "-r", "street", "x")
    assert process.wait(40) not in (0, None)
    assert "too many new names" in process.err and "no broker" not in process.err


def test_members_are_not_bounded(brokers, context):
    address = own_address()
    broker = started(brokers, "--admission", "members")
    pairs = [Pair() for _ in range(AT_ONCE // 8 + 2)]
    (broker.data / "members").write_text("".join(f"{pair.text}\n" for pair in pairs))
    for number in range(AT_ONCE + 6):
        door = at(context, broker, address, f"name{number}", pairs[number // 8])
        assert hello(door).ok, number
        door.close()
