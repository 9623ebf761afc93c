"""Tokens: a name for a program that has no key."""

import re
import secrets
import subprocess
import sys
import time

import pytest

from support import build
from support.token import command as run_token
from support.client import Door
from support.curve import Pair
from support.wait import wait_until

FOLDER = __file__.rsplit("/", 1)[0]


def command(broker, *arguments, status: int = 0) -> str:
    """zchatd token ..., beside the running broker."""
    done = subprocess.run(
        [build.zchatd(), "token", "--data", str(broker.data), *arguments], capture_output=True,
        text=True, timeout=20, env=build.environment(),
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd token")
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout


def made(broker, name: str, *arguments) -> str:
    token = command(broker, *arguments, name).strip()
    assert re.fullmatch("[0-9a-f]{64}", token), token
    return token


def code(one, *request) -> str:
    return one.refused(*request)["code"]


@pytest.fixture
def bot(broker, door):
    """bot (token, user="robot") said HELLO with it."""

    def make(token, user="robot", **options):
        one = door(broker, user)
        one.greeting = one.hello(token=token, **options).json
        return one

    return make


def test_the_right_one(broker, door, bot):
    token = made(broker, "robot")
    robot = bot(token)
    assert robot.greeting["proven"] is True and robot.greeting["admin"] is False
    assert robot.say("street", "beep").ok
    robot.ask("JOIN", "den", {"private": True})
    assert robot.ask("MODE", "street")["operators"] == ["robot"]
    keys = robot.ask("KEYS").json
    assert keys["proven"] is True and keys["keys"] == []
    second = bot(token)
    assert second.session != robot.session, "several devices"
    broker.crash()
    robot.reconnect()
    assert robot.hello(token=token)["proven"] is True
    assert robot.ask("JOIN", "den")["role"] == "operator"


def test_wrong_ones(broker, door):
    token = made(broker, "robot")
    other = made(broker, "other")
    flipped = ("0" if token[0] != "0" else "1") + token[1:]
    thief = door(broker, "robot")
    for spelling in ("robot", "ROBOT", "ｒｏｂｏｔ"):
        for wrong in (flipped, other, token[:-1], token + "0", "0" * 64, secrets.token_hex(32),
                      token[:-1] + " ", token[:32] * 2):  # fmt: skip
            error = door(broker, spelling).refused("HELLO", {"token": wrong})
            shaped = re.fullmatch("[0-9a-f]{64}", wrong)
            assert error["code"] in ("token", "token" if shaped else "malformed"), (wrong, error)
            assert wrong not in error["text"] and token not in error["text"]
    for wrong in (5, None, [token], {"t": token}):
        assert code(thief, "HELLO", {"token": wrong}) in ("malformed", "token")
    assert code(thief, "HELLO", {"token": ""}) in ("malformed", "token")
    assert token not in broker.log and other not in broker.log and flipped not in broker.log


def test_a_name_with_a_token_is_reserved(brokers, broker, door):
    made(broker, "robot")
    for request in (("HELLO",), ("SAY", "street", "beep"), ("PING",), ("JOIN", "street"),
                    ("TELL", "bob", "x"), ("HISTORY", "@")):  # fmt: skip
        for user in ("robot", "Robot"):
            assert code(door(broker, user), *request) in ("token", "taken", "hello"), request
    assert code(door(broker, "robot"), "HELLO") == "token", "it says what is wanted"
    assert door(broker).ask("HISTORY", "street")["head"] == 0
    bob = door(broker, "bob", hello=True)
    assert bob.refused("TELL", "robot", "for later")["code"] == "nobody", "it was never here"
    broker.crash()
    assert code(door(broker, "robot"), "HELLO") == "token"


def test_reserved_from_keys_too(safe, person):
    token = made(safe, "robot")
    eve = person(safe, "robot", hello=False)
    for request in (("HELLO",), ("SAY", "street", "x")):
        assert code(eve, *request) in ("token", "taken")
    assert person(safe, "robot", Pair(), token=token).greeting["proven"] is True


def test_the_key_that_came_with_it_stays(safe, person):
    """Where it is kept; also when the token is none any more."""
    token = made(safe, "robot")
    first = person(safe, "robot", token=token)
    second = person(safe, "robot", token=token, claim=False)
    assert first.ask("KEYS").json["keys"] == [first.key]
    command(safe, "--revoke", command(safe, "--list").split()[1])
    assert code(second.device(hello=False), "HELLO") in ("token", "taken")
    assert first.device().greeting["proven"] is True


def test_revoked_with_the_keys_that_came_with_it(safe, person):
    """A machine that used a token is locked out with it; the name keeps its mail and rooms."""
    token, other = made(safe, "robot"), made(safe, "maria")
    robot, maria = person(safe, "robot", token=token), person(safe, "maria", token=other)
    maria.ask("TELL", "robot", "still there")
    number = command(safe, "--list").split()[1]
    command(safe, "--revoke", number, "--and-keys", status=75)
    assert robot.device(hello=False).request("HELLO", {"token": token}).ok, "nothing was changed"
    assert safe.stop() == 0
    command(safe, "--revoke", number, "--and-keys")
    assert number not in command(safe, "--list")
    assert command(safe, "--revoke", "nobody", "--and-keys", status=66) == ""
    safe.start()
    for again in (robot.device(hello=False), person(safe, "robot", hello=False)):
        assert code(again, "HELLO") == "taken"
        assert code(again, "HELLO", {"token": token}) == "token"
    heir = person(safe, "robot", token=made(safe, "robot"))
    assert heir.greeting["proven"] is True
    assert [event.body for event in heir.history("@").mail] == ["still there"]
    assert maria.device().greeting["proven"] is True, "nobody else is concerned"


def test_revoking_says_that_keys_stay(safe, person):
    person(safe, "robot", token=made(safe, "robot"))
    number = command(safe, "--list").split()[1]
    done = run_token("--revoke", number, "--data", safe.data)
    assert done.returncode == 0 and "--revoke robot --and-keys" in done.stderr
    assert safe.stop() == 0
    done = run_token("--revoke", "robot", "--and-keys", "--data", safe.data)
    assert done.returncode == 0 and "1 key no longer opens the name" in done.stderr, "by its name, the token being gone"
    safe.start()
    assert code(person(safe, "robot", hello=False), "HELLO") == "taken"


def test_a_name_that_is_held_gets_a_token(broker, door):
    """Whoever holds the name without proof does not keep it against its owner."""
    holder = door(broker, "robot", hello=True)
    token = made(broker, "robot")
    owner = door(broker, "robot")
    wait_until(lambda: owner.request("HELLO", {"token": token}).ok or not holder.ask("PING").ok)
    late = door(broker, "robot")
    assert code(late, "HELLO") in ("token", "taken")


def test_expired(broker, door):
    token = made(broker, "robot", "--expires", "3s")
    one = door(broker, "robot")
    assert one.hello(token=token)["proven"] is True
    one.ask("BYE")

    def wrong() -> bool:
        other = door(broker, "robot")
        reply = other.request("HELLO", {"token": token})
        other.close()
        return reply.code == "token"

    wait_until(wrong, what="it expires", pause=0.2)
    assert code(door(broker, "robot"), "HELLO", {"token": token}) == "token"


def test_revoked(broker, door, bot):
    token, second = made(broker, "robot"), made(broker, "robot")
    assert token != second
    for one in (token, second):
        bot(one).ask("BYE")
    listed = command(broker, "--list")
    assert listed.count("robot") == 2 and token not in listed and second not in listed
    ids = [line.split()[1] for line in listed.splitlines() if line.startswith("robot")]
    command(broker, "--revoke", ids[0])
    assert code(door(broker, "robot"), "HELLO", {"token": token}) == "token"
    bot(second).ask("BYE")
    command(broker, "--revoke", ids[1])
    for again in (False, True):
        for one in (token, second):
            reply = door(broker, "robot").request("HELLO", {"token": one})
            assert not reply.ok or reply["proven"] is False
        if not again:
            broker.crash()
    command(broker, "--revoke", ids[0], status=66)


def test_it_is_not_stored(broker, bot):
    token = made(broker, "robot")
    bot(token)
    wait_until(lambda: "robot" in broker.log)
    for path in broker.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert token.encode() not in data and bytes.fromhex(token) not in data, path
            if "token" in path.name:
                assert path.stat().st_mode & 0o077 == 0
    assert token not in broker.log


def test_guessing_is_slowed(broker, door, bot):
    token = made(broker, "robot")
    eve = door(broker, "robot")
    start = time.monotonic()
    tags = [eve.post("HELLO", {"token": secrets.token_hex(32)}) for _ in range(2000)]
    replies = [eve.reply(tag) for tag in tags]
    took = time.monotonic() - start
    slow = [reply for reply in replies if reply.code == "slow"]
    refused = [reply for reply in replies if reply.code == "token"]
    assert len(slow) + len(refused) == 2000
    assert slow and all(reply["wait_ms"] > 0 for reply in slow)
    assert len(refused) <= 500 + 50 * (took + 1), "as LIMITS.md says"
    assert bot(token).greeting["proven"] is True, "the owner is not slowed"


def test_nobody_comes_with_a_token_of_a_name_that_has_none(broker, door):
    eve = door(broker, "eve")
    reply = eve.request("HELLO", {"token": secrets.token_hex(32)})
    assert (not reply.ok and reply.code == "token") or reply["proven"] is False


# --- another machine

REMOTE = """
import sys
sys.path.insert(0, sys.argv[1])
import zmq
from support.client import Door
door = Door(zmq.Context(), sys.argv[2], "robot")
reply = door.request("HELLO", {"protocol": "ZCHAT/1", "token": sys.argv[3]})
print(reply.code or "proven" if reply.ok is False or reply["proven"] else "unproven")
print(door.request("SAY", "street", "beep").code)
"""


def remote(there, broker_door: str, token: str) -> list:
    done = subprocess.run(
        [*there, sys.executable, "-c", REMOTE, FOLDER, broker_door, token], capture_output=True,
        text=True, timeout=60, env=build.environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_refused_in_the_clear_from_another_machine(hosts, brokers, zchat):
    here, there, address = hosts
    broker = brokers(doors=["tcp://*:5680"], feeds=["tcp://*:5681"], args=["--insecure"],
                     wrap=here)  # fmt: skip
    token = made(broker, "robot")
    assert remote(there, f"tcp://{address}:5680", token)[0] == "token"
    assert remote(there, f"tcp://{address}:5680", token)[1] in ("token", "taken")
    assert remote(here, "tcp://127.0.0.1:5680", token)[0] == "proven", "of this machine it may"
    assert token not in broker.log


def test_ipc_is_of_this_machine(brokers, context, tmp_path):
    broker = brokers(doors=[f"ipc://{tmp_path}/door"], feeds=[f"ipc://{tmp_path}/feed"])
    token = made(broker, "robot")
    assert Door(context, broker.door, "robot").hello(token=token)["proven"] is True
