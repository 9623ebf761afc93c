"""protocol/vectors.json against the page's implementation in Python and against the broker."""

import json
import subprocess
import sys

import pytest
import zmq

from support import build, seal
from support.client import quiet
from support.curve import Pair, encrypted, key_decode, key_encode
from support.wire import TYPES, decode_pack, decode_single, parse_object

VECTORS = json.loads((build.ROOT / "protocol/vectors.json").read_text())
ERRORS = {vector["code"]: vector for vector in VECTORS["errors"]}


def test_the_file_is_what_the_script_makes():
    pytest.importorskip("icu", reason="python3-icu is not installed: scripts/setup test")
    done = subprocess.run([sys.executable, build.ROOT / "scripts/vectors", "--check"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


# --- computed alike


def test_packs():
    for vector in VECTORS["packs"]:
        known = [event for event in vector["events"] if event["type"]]
        if len(known) < len(vector["events"]):
            continue  # support.wire is strict, and knows no types of tomorrow
        events = decode_pack([vector["topic"].encode(), bytes.fromhex(vector["pack"])])
        for event, want, frames in zip(events, known, vector["frames"], strict=True):
            assert (event.room, event.type, event.user, event.body, event.seq, event.time) == (
                vector["room"], TYPES[want["number"]], want["user"], want["body"], want["seq"],
                want["time"])  # fmt: skip
            assert event.data == (json.loads(want["data"]) if want["data"] else None)
            assert decode_single([frame.encode() for frame in frames]) == event


def test_bad_packs():
    for vector in VECTORS["bad_packs"]:
        with pytest.raises(Exception):
            decode_pack([b"pack/dev/", bytes.fromhex(vector["pack"])])
            raise AssertionError(f"taken: {vector['why']}")


def test_keys():
    for vector in VECTORS["keys"]:
        assert key_encode(bytes.fromhex(vector["key"])) == vector["text"]
        assert key_decode(vector["text"]).hex() == vector["key"]


def test_seals_and_fingerprints():
    for vector in VECTORS["seals"]:
        for secret in vector["secrets"]:
            sender, plain = seal.unseal(vector["body"], bytes.fromhex(secret))
            assert plain == vector["plain"]
            assert sender == seal.public_key(bytes.fromhex(vector["sender"]))
    for vector in VECTORS["bad_seals"]:
        with pytest.raises(Exception):
            seal.unseal(vector["body"], bytes.fromhex(vector["secret"]))
            raise AssertionError(f"opened: {vector['why']}")
    for vector in VECTORS["fingerprints"]:
        users = [(user["name"], list(map(bytes.fromhex, user["keys"]))) for user in vector["users"]]
        assert seal.fingerprint(*users) == seal.fingerprint(*reversed(users)) == vector["text"]


# --- the broker


def test_names(broker, door):
    bob = door(broker, "bob", hello=True)
    for vector in VECTORS["names"]:
        assert bob.request("JOIN", vector["name"]).ok, vector
        bob.ask("PART", vector["name"])
    for name in set(VECTORS["bad_names"]) - {"@"}:  # one's mailbox, and nobody's name
        reply = bob.request("JOIN", name.encode())
        assert reply.code == "name", (name, reply.json)
    for vector in VECTORS["composed_names"]:
        assert bob.ask("JOIN", vector["sent"])["room"] == vector["name"]
        bob.ask("PART", vector["sent"])
    for vector in VECTORS["same_names"]:
        one, other = vector["names"]
        bob.ask("JOIN", one)
        assert (bob.ask("WHO", other)["members"] == 1) == vector["same"], vector
        bob.ask("PART", one)


class Play:
    """The connections of a vector, each with a key where the broker encrypts."""

    def __init__(self, context, broker, keys: dict):
        self.context, self.broker, self.keys, self.sockets = context, broker, keys, {}

    def send(self, who: str, request: list) -> tuple:
        if who not in self.sockets:
            secure = self.broker.address is not None
            context = self.context
            if secure:
                context = encrypted(context, self.broker, self.keys.setdefault(who, Pair()))
            self.sockets[who] = quiet(context.socket(zmq.DEALER))
            self.sockets[who].connect(self.broker.door)
        self.sockets[who].send_multipart([word.encode() for word in request])
        while True:
            frames = self.sockets[who].recv_multipart()
            if frames[0] in (b"OK", b"ERR") and frames[1] == request[1].encode():
                return frames[0].decode(), parse_object(frames[2])


@pytest.mark.parametrize("code", ERRORS)
def test_errors(brokers, context, code):
    vector = ERRORS[code]
    example = parse_object(vector["reply"][2].encode())
    assert example["code"] == code and set(example) == {"code", "text", *vector["keys"]}
    if vector["when"]:
        return
    keys = {"root": Pair()}
    options = {"plain": [], "encrypted": ["--curve", "--admin", keys["root"].text]}
    wanted = vector["broker"]
    play = Play(context, brokers(args=options[wanted] if isinstance(wanted, str) else wanted), keys)
    *before, last = vector["do"]
    for step in before:
        status, answer = play.send(step["as"], step["send"])
        assert status == "OK", answer
    status, answer = play.send(last["as"], last["send"])
    assert (status, answer["code"]) == ("ERR", code)
    assert set(vector["keys"]) <= set(answer), "the further keys of the page"


def test_every_code_of_the_page_has_a_vector():
    from support import page

    assert set(ERRORS) == set(page.codes())
