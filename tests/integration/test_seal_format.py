"""Sealed messages: what libzchat writes, another program written from PROTOCOL.md reads, and back."""

import json
import os
import subprocess

import pytest

from support import build, seal

TEXTS = ["x", "здравствуй,\n\"мир\" \\ \t\x01", "🙂" * 8000, "y" * 32768]
DATA = [None, {}, {"a": [1, -2, {"b": None}], "ключ": "\n"}]


def tool(*args: str, text: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run(
        [build.binary("seal_tool"), *args], input=text, capture_output=True, timeout=30, env=build.environment()
    )


def pairs(count: int) -> tuple:
    secrets = [os.urandom(32) for _ in range(count)]
    return secrets, [seal.public_key(secret) for secret in secrets]


def hexes(keys) -> str:
    return ",".join(key.hex() for key in keys)


@pytest.mark.parametrize("count", [2, 16])
@pytest.mark.parametrize("text", TEXTS, ids=["short", "escapes", "wide", "longest"])
@pytest.mark.parametrize("data", DATA, ids=["none", "empty", "some"])
def test_both_ways(count, text, data):
    secrets, keys = pairs(count)
    plain = {"from": "alice", "to": "боб", "time": 1732089600123, "body": text}
    if data is not None:
        plain["data"] = data
    written = "-" if data is None else json.dumps(data)
    ours = tool("seal", secrets[0].hex(), "alice", "боб", "1732089600123", written, hexes(keys), text=text.encode())
    assert ours.returncode == 0, ours.stderr
    for secret in secrets:
        assert seal.unseal(ours.stdout.decode().strip(), secret) == (keys[0], plain)

    theirs = seal.seal(plain, secrets[0], keys)
    opened = tool("open", secrets[-1].hex(), text=theirs.encode())
    assert opened.returncode == 0, opened.stderr
    sender, user, to, time, more, body = opened.stdout.decode().split("\n", 5)
    assert (sender, user, to, int(time), body) == (keys[0].hex(), "alice", "боб", 1732089600123, text)
    assert (None if more == "-" else json.loads(more)) == data


def test_the_wrong_key_opens_nothing():
    secrets, keys = pairs(3)
    ours = tool("seal", secrets[0].hex(), "alice", "bob", "1", "-", hexes(keys[:2]), text=b"hello")
    with pytest.raises(seal.Shut):
        seal.unseal(ours.stdout.decode().strip(), secrets[2])
    body = seal.seal({"from": "alice", "to": "bob", "time": 1, "body": "hello"}, secrets[0], keys[:2])
    assert tool("open", secrets[2].hex(), text=body.encode()).stderr == b"invalid\n"


@pytest.mark.parametrize("a, b", [("alice", "Bob"), ("Zoë", "боб"), ("ＷＩＤＥ".lower(), "straße")])
def test_fingerprints(a, b):
    _, keys = pairs(5)
    ours = tool("fingerprint", a, hexes(keys[:2]), b, hexes(keys[2:]))
    turned = tool("fingerprint", b, hexes(keys[:1:-1]), a, hexes(keys[1::-1]))
    assert ours.returncode == 0, ours.stderr
    assert ours.stdout.decode().strip() == seal.fingerprint((a, keys[:2]), (b, keys[2:]))
    assert turned.stdout == ours.stdout


# --- vouches


@pytest.mark.parametrize("user", ["bob", "Zoë", "ＷＩＤＥ", "straße", "боб"])
def test_vouches_both_ways(user):
    """Written from the page, in whole numbers, and read by libsodium's Ed25519."""
    (secret, _), (own, other) = pairs(2)
    broker, now = os.urandom(32), "1732089600123"
    for who in (user, user.upper()) if user.isascii() else (user,):
        ours = tool("vouch", secret.hex(), broker.hex(), who, other.hex(), now)
        assert ours.returncode == 0, ours.stderr
        text = ours.stdout.decode().strip()
        assert len(text) == 140 and seal.vouched(text, broker, user, other) == own
    theirs = seal.vouch(secret, broker, user, other, int(now))
    read = tool("vouched", theirs, broker.hex(), user, other.hex(), now)
    assert read.stdout.decode().strip() == own.hex(), read.stderr
    for wrong in ((os.urandom(32).hex(), user, other.hex()), (broker.hex(), "eve", other.hex()),
                  (broker.hex(), user, own.hex())):  # fmt: skip
        assert tool("vouched", theirs, *wrong, now).stderr == b"invalid\n"
    late = str(int(now) + 30 * 24 * 3600 * 1000 + 1)
    assert tool("vouched", theirs, broker.hex(), user, other.hex(), late).stderr == b"timeout\n"
