"""Two machines, as in "Done when": the address is enough, a name stays, a stranger gets nothing,
a private room is not on the feed, a sealed message not in the database."""

import json
import subprocess
import sys

import pytest

from support import build
from support.wait import wait_until

FOLDER = __file__.rsplit("/", 1)[0]

#   Without a key: asks the door, and listens to all of the feed, for so long as its input is open.
STRANGER = """
import select, sys, zmq
context = zmq.Context()
door, feed, raw = context.socket(zmq.DEALER), context.socket(zmq.SUB), context.socket(zmq.XSUB)
feed.subscribe("")
door.connect(f"tcp://{sys.argv[1]}:5680")
for one in (feed, raw):
    one.connect(f"tcp://{sys.argv[1]}:5681")
raw.send(bytes([1]))
for frames in ([b"PING", b"1", b""], [b"SAY", b"2", b"eve", b"street", b"let me in"],
               [b"HISTORY", b"3", b"", b"street"]):
    door.send_multipart(frames)
print("listening", flush=True)
got = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    got += bool(door.poll(50)) + bool(feed.poll(50)) + bool(raw.poll(50))
print(got)
"""

#   With a key, which everybody may make: everything that the feed sends, as hex, a line a message.
CAPTURE = """
import sys
sys.path.insert(0, sys.argv[1])
import select, zmq
from support.client import Door, quiet
from support.curve import Encrypted, Pair, server_key
address = sys.argv[2]
host = address.split("/")[2].split(":")[0]
key = Encrypted(zmq.Context(), server_key(address), Pair())
feeds = [quiet(key.socket(kind)) for kind in (zmq.SUB, zmq.XSUB)]
feeds[0].subscribe("")
for one in feeds:
    one.connect(f"tcp://{host}:5681")
feeds[1].send(bytes([1]))
door = Door(key, f"tcp://{host}:5680", "watcher", hello=True)
live = set()
while len(live) < 2:
    door.ask("SYNC", "live")
    for one in feeds:
        if one.poll(100):
            one.recv_multipart()
            live.add(one)
print("listening", flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    for one in feeds:
        if one.poll(20):
            print(b" ".join(one.recv_multipart()).hex())
door.ask("SYNC", "end")
for one in feeds:
    while one.poll(500):
        print(b" ".join(one.recv_multipart()).hex())
"""


class Elsewhere:
    """A program on the other machine."""

    def __init__(self, there, program: str, *arguments: str):
        self.process = subprocess.Popen(
            [*there, sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=build.environment(),
        )  # fmt: skip
        assert self.process.stdout.readline() == "listening\n"

    def end(self) -> list:
        out, _ = self.process.communicate("\n", timeout=30)
        assert self.process.returncode == 0
        return out.split()


@pytest.fixture
def town(hosts, brokers, zchat):
    """The broker on the one machine, and zchat on the other, with a folder for each person."""
    here, there, address = hosts
    broker = brokers(doors=["tcp://*:5680"], feeds=["tcp://*:5681"], args=["--curve"], wrap=here)
    assert broker.address.startswith(f"zchat://{address}:5680/")

    class Town:
        pass

    made = Town()
    made.broker, made.there, made.host = broker, there, address

    def run(who: str, *arguments: str):
        home = broker.folder / who
        home.mkdir(exist_ok=True)
        return zchat(*arguments, wrap=there, env={"HOME": str(home)})

    made.run = run
    return made


def done(process) -> str:
    assert process.wait() == 0, process.err + process.out
    return process.out


def test_the_address_is_all_that_a_client_needs(town):
    bob = town.run("bob", town.broker.address, "--nick", "bob", "-n", "5")
    alice = town.run("alice", town.broker.address, "--nick", "alice", "-n", "5")
    bob.type("hello from bob")
    alice.shows("bob: hello from bob")
    alice.type("hello from alice")
    bob.shows("alice: hello from alice")
    assert bob.eof() == 0 and alice.eof() == 0


def test_a_second_key_does_not_take_the_name(town):
    address = town.broker.address
    done(town.run("bob", "send", "-e", address, "--nick", "bob", "-r", "street", "I am bob"))
    for again in (False, True):
        for nick in ("bob", "BOB", "ｂｏｂ"):
            thief = town.run("eve", "send", "-e", address, "--nick", nick, "-r", "street", "mine")
            assert thief.wait() == 77, "refused"
            assert "belongs to another key" in thief.err
        if not again:
            town.broker.crash()
    done(town.run("bob", "send", "-e", address, "--nick", "bob", "-r", "street", "still bob"))
    history = done(town.run("eve", "history", "-e", address, "-r", "street", "--json"))
    assert [json.loads(line)["text"] for line in history.splitlines()] == ["I am bob", "still bob"]


def test_without_a_key_nothing_from_either_socket(town):
    stranger = Elsewhere(town.there, STRANGER, town.host)
    for number in range(10):
        done(town.run("bob", "send", "-e", town.broker.address, "--nick", "bob", "-r", "street",
                      f"among us {number}"))  # fmt: skip
    wait_until(lambda: "handshake-failed" in town.broker.log)
    assert stranger.end() == ["0"]
    history = done(town.run("bob", "history", "-e", town.broker.address, "-r", "street"))
    assert "let me in" not in history and history.count("among us") == 10


def test_a_private_room_is_not_on_the_feed(town, context):
    """The members are on the other machine too, and one of them is zchat itself."""
    capture = Elsewhere(town.there, CAPTURE, FOLDER, town.broker.address)
    program = PRIVATE.replace("ADDRESS", town.broker.address)
    talked = subprocess.run(
        [*town.there, sys.executable, "-c", program, FOLDER], capture_output=True, text=True,
        timeout=60, env=build.environment(),
    )  # fmt: skip
    assert talked.returncode == 0 and talked.stdout == "the-word\n", talked.stderr
    done(town.run("eve", "send", "-e", town.broker.address, "--nick", "eve", "-r", "street",
                  "in-public"))  # fmt: skip
    seen = b"\n".join(bytes.fromhex(line) for line in capture.end())
    assert b"in-public" in seen and b"street" in seen
    for word in (b"hideout", b"the-word", b"alice", b"bob"):
        assert word not in seen
    refused = town.run("eve", "history", "-e", town.broker.address, "-r", "hideout")
    assert refused.wait() == 77 and "the-word" not in refused.out + refused.err


PRIVATE = """
import sys
sys.path.insert(0, sys.argv[1])
import zmq
from support.client import Door
from support.curve import Encrypted, Pair, server_key
address = "ADDRESS"
door = "tcp://" + address.split("/")[2]
bob, alice = (Door(Encrypted(zmq.Context(), server_key(address), Pair()), door, user)
              for user in ("bob", "alice"))
for one in (bob, alice):
    one.hello(claim=True)
bob.ask("JOIN", "hideout", {"private": True})
bob.ask("INVITE", "hideout", "alice")
alice.join("hideout")
bob.say("hideout", "the-word")
while not any(e.body == "the-word" for e in alice.mail.get(b"", [])):
    assert alice.take(20)
print("the-word")
"""


def test_a_sealed_message_is_not_in_the_database(town):
    address, secret = town.broker.address, "the-sealed-secret"
    for user in ("bob", "alice"):
        done(town.run(user, "send", "-e", address, "--nick", user, "-r", "street", f"I am {user}"))
    sent = town.run("bob", "send", "-e", address, "--nick", "bob", "--to", "alice", secret)
    done(sent)
    for command in (["listen", "-n", "5", "--count", "1"], ["history"]):
        read = town.run("alice", *command, "--mail", "--json", "-e", address, "--nick", "alice")
        (record,) = [json.loads(line) for line in done(read).splitlines()]
        assert record["text"] == secret and record["user"] == "bob", "she can read it"
        assert record["sealed"] is True, record
    assert town.broker.stop() == 0
    found = b"".join(path.read_bytes() for path in town.broker.data.rglob("*") if path.is_file())
    assert b"I am alice" in found, "this is where messages are"
    assert secret.encode() not in found and secret.encode().hex().encode() not in found
    assert secret not in town.broker.log
    town.broker.start()
