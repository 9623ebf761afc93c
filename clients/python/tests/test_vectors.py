"""What two programs must compute alike: protocol/vectors.json."""

import json

import pytest
from conftest import ROOT

from zchat import address, seal, wire
from zchat.errors import Malformed, ZchatError

VECTORS = json.loads((ROOT / "protocol/vectors.json").read_text())


def test_packs():
    for vector in VECTORS["packs"]:
        events = wire.pack_decode([vector["topic"].encode(), bytes.fromhex(vector["pack"])])
        for event, want in zip(events, vector["events"], strict=True):
            assert (event.room, event.user, event.text, event.seq, event.time) == (
                vector["room"], want["user"], want["body"], want["seq"], want["time"])  # fmt: skip
            assert event.data == (json.loads(want["data"]) if want["data"] else None)
            if want["type"]:
                assert event.type == want["type"] and wire.NUMBERS[event.type] == want["number"]
        known = [event for event, want in zip(events, vector["events"]) if want["type"]]
        for event, frames in zip(known, vector["frames"] or []):
            assert wire.event_decode([frame.encode() for frame in frames]) == event
        if len(known) == len(events):
            assert wire.pack_decode([b"pack/x/", wire.pack_encode(events)])[0].text == events[0].text


@pytest.mark.parametrize("vector", VECTORS["bad_packs"], ids=lambda v: v["why"])
def test_bad_packs(vector):
    with pytest.raises(Malformed):
        wire.pack_decode([b"pack/dev/", bytes.fromhex(vector["pack"])])


def test_keys():
    for vector in VECTORS["keys"]:
        assert address.key_encode(bytes.fromhex(vector["key"])) == vector["text"]
    for vector in VECTORS["keys"] + VECTORS["keys_read_as"]:
        assert address.key_decode(vector["text"]).hex() == vector["key"]


@pytest.mark.parametrize("vector", VECTORS["bad_keys"], ids=lambda v: v["why"])
def test_bad_keys(vector):
    with pytest.raises(Malformed):
        address.key_decode(vector["text"])


def test_addresses():
    for vector in VECTORS["addresses"]:
        made = address.Address.parse(vector["address"])
        assert (made.door, made.key.hex()) == (vector["door"], vector["key"])
        assert address.Address.parse(str(made)) == made
        link = address.permalink(made, "чат ü", 7)
        assert address.permalink_parse(link) == (made, "чат ü", 7)


@pytest.mark.parametrize("vector", VECTORS["bad_addresses"], ids=lambda v: v["why"])
def test_bad_addresses(vector):
    with pytest.raises(Malformed):
        made = address.Address.parse(vector["address"])
        if made.key is None:
            raise Malformed("an endpoint, and no address: what it says of encryption counts for nothing")


def test_seals():
    pytest.importorskip("nacl")
    for vector in VECTORS["seals"]:
        for secret in map(bytes.fromhex, vector["secrets"]):
            opened = seal.unseal(vector["body"], secret)
            plain = vector["plain"]
            assert (opened.sent_from, opened.sent_to, opened.time, opened.text, opened.data) == (
                plain["from"], plain["to"], plain["time"], plain["body"], plain.get("data"))  # fmt: skip
            assert opened.sender == address.public_key(bytes.fromhex(vector["sender"]))
        made = seal.seal(vector["plain"], bytes.fromhex(vector["sender"]),
                         [bytes.fromhex(key) for key in vector["publics"]],
                         bytes.fromhex(vector["nonce"]), bytes.fromhex(vector["text_key"]))  # fmt: skip
        assert made == vector["body"]


@pytest.mark.parametrize("vector", VECTORS["bad_seals"], ids=lambda v: v["why"])
def test_bad_seals(vector):
    pytest.importorskip("nacl")
    with pytest.raises(ZchatError):
        seal.unseal(vector["body"], bytes.fromhex(vector["secret"]))


def test_fingerprints():
    for vector in VECTORS["fingerprints"]:
        users = [(user["name"], list(map(bytes.fromhex, user["keys"]))) for user in vector["users"]]
        assert seal.fingerprint(*users) == seal.fingerprint(*reversed(users)) == vector["text"]


def test_folds():
    for vector in VECTORS["names"]:
        assert seal.fold(vector["name"]) == vector["fold"], vector["name"]


FEEDS = [
    ("tcp://10.0.0.7:5680", ["tcp://0.0.0.0:5681"], "tcp://10.0.0.7:5681"),
    ("tcp://[::1]:5680", ["ws://evil:9/x", "tcp://evil:5681"], "tcp://[::1]:5681"),
    ("ws://h:1/door", ["tcp://a:2", "ws://b:3/feed"], "ws://h:3/feed"),
    ("ws://h:1", ["tcp://a:2"], "tcp://h:2"),
    ("ipc:///run/z/door", ["ipc:///elsewhere/feed"], "ipc:///run/z/feed"),
    ("ipc:///run/z/door", ["tcp://evil:5681"], "tcp://127.0.0.1:5681"),
    ("tcp://h:1", ["ipc:///run/z/feed"], None),
    ("tcp://h:1", [], None),
    ("tcp://h:1", ["tcp://a:no", 7], None),
]


@pytest.mark.parametrize("door, feeds, want", FEEDS)
def test_the_feed_is_where_the_door_is(door, feeds, want):
    assert address.feed_of(door, feeds) == want
