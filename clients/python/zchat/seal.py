"""Sealed messages, fingerprints and vouches, as the page has them; on PyNaCl (Debian: python3-nacl).
Nothing here reads a clock or makes randomness: both come in."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import unicodedata
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Sequence

from .address import public_key
from .errors import CannotOpen, Malformed
from .wire import parse_json, write_json

try:
    from nacl import bindings as sodium
    from nacl.exceptions import CryptoError
except ImportError:  # the rest of the package does without
    sodium = None  # type: ignore[assignment]
    CryptoError = Exception  # type: ignore[assignment, misc]

BODY_MAX = 32768
KEYS_MAX = 16
KEY_ID = 8
BOX = KEY_ID + 80
HEAD = 1 + 32 + 24 + 1
MAC = 16
VOUCH = 32 + 8 + 64
VOUCH_AGE_MS = 30 * 24 * 3600 * 1000
VOUCH_EARLY_MS = 24 * 3600 * 1000
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19


def available() -> bool:
    return sodium is not None


def fold(name: str) -> str:
    """Two names are of one user where their folds are the same (their looks aside)."""
    bare = name.replace("\u200c", "").replace("\u200d", "")
    return unicodedata.normalize("NFKC", bare.casefold())


def _base64(text: str) -> bytes:
    try:
        made = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("no base64") from error
    if base64.b64encode(made).decode() != text:
        raise CannotOpen("no base64 as RFC 4648 writes it")
    return made


# --- messages


@dataclass(frozen=True)
class Plain:
    """What was in a sealed message. `sender` is the public key that sealed it."""

    sender: bytes
    sent_from: str
    sent_to: str
    time: int
    text: str
    data: Optional[Mapping[str, Any]]


def seal(plain: Mapping[str, Any], secret: bytes, keys: Sequence[bytes], nonce: bytes, text_key: bytes) -> str:
    """The body of a message that `keys` can open, each once. nonce: 24 fresh random bytes, text_key: 32."""
    keys = list(dict.fromkeys(keys))
    if not 1 <= len(keys) <= KEYS_MAX:
        raise Malformed(f"sealed for 1 to {KEYS_MAX} keys, not {len(keys)}")
    if not 1 <= len(plain["body"].encode()) <= BODY_MAX:
        raise Malformed("a sealed text has 1 to 32,768 bytes")
    head = b"\1" + public_key(secret) + nonce + bytes([len(keys)])
    text = sodium.crypto_secretbox(write_json(dict(plain)), nonce, text_key)
    bind = hashlib.blake2b(head + text, digest_size=32).digest()
    boxes = [key[:KEY_ID] + sodium.crypto_box(text_key + bind, nonce, key, secret) for key in keys]
    body = base64.b64encode(head + b"".join(boxes) + text).decode()
    if len(body) > 65536:
        raise Malformed("too long to be sealed")
    return body


def unseal(body: str, secret: bytes) -> Plain:
    """Open it, and check `bind`. Whether `sender` is a key of the user is the caller's to look at."""
    sealed = _base64(body)
    if len(sealed) < HEAD + BOX + MAC or sealed[0] != 1:
        raise CannotOpen("no sealed message of version 1")
    sender, nonce, count = sealed[1:33], sealed[33:57], sealed[57]
    text_at = HEAD + count * BOX
    if not 1 <= count <= KEYS_MAX or len(sealed) < text_at + MAC:
        raise CannotOpen("it is cut off")
    mine = public_key(secret)[:KEY_ID]
    text = sealed[text_at:]
    bind = hashlib.blake2b(sealed[:HEAD] + text, digest_size=32).digest()
    for at in range(HEAD, text_at, BOX):
        if sealed[at : at + KEY_ID] != mine:
            continue
        try:
            opened = sodium.crypto_box_open(sealed[at + KEY_ID : at + BOX], nonce, sender, secret)
            if opened[32:] != bind:
                raise CannotOpen("another text was put under its boxes")
            return _plain(sender, sodium.crypto_secretbox_open(text, nonce, opened[:32]))
        except CryptoError as error:
            raise CannotOpen("it was touched") from error
    raise CannotOpen("it is not for this key")


def _plain(sender: bytes, written: bytes) -> Plain:
    try:
        plain = parse_json(written)
    except Malformed as error:
        raise CannotOpen(str(error)) from error
    texts = [text for text in (plain.get(key) for key in ("from", "to", "body")) if isinstance(text, str)]
    data, time = plain.get("data"), plain.get("time")
    if len(texts) != 3 or not isinstance(time, int):
        raise CannotOpen("no from, to, time or body in it")
    if not (data is None or isinstance(data, dict)) or not 1 <= len(texts[2].encode("utf-8", "replace")) <= BODY_MAX:
        raise CannotOpen("its body or data does not have the form")
    return Plain(sender, texts[0], texts[1], time, texts[2], data)


# --- fingerprints


def _groups(name: str, keys: Sequence[bytes]) -> str:
    digest = hashlib.blake2b(fold(name).encode() + b"\0" + b"".join(sorted(keys))).digest()
    numbers = (int.from_bytes(digest[at : at + 8], "big") % 100000 for at in range(0, 48, 8))
    return " ".join(f"{number:05d}" for number in numbers)


def fingerprint(one: tuple[str, Sequence[bytes]], other: tuple[str, Sequence[bytes]]) -> str:
    """What two people read to each other: (name, public keys) of both, in any order."""
    first, second = sorted((one, other), key=lambda user: fold(user[0]).encode())
    return f"{_groups(*first)} {_groups(*second)}"


# --- vouches


def _statement(broker: bytes, key: bytes, time: bytes, name: str) -> bytes:
    return b"ZCHAT/1 vouch\0" + broker + key + time + fold(name).encode()


def vouch(secret: bytes, broker: bytes, key: bytes, time: int, name: str, fresh: bytes) -> str:
    """The word of one's key that `key` is of the same person. fresh: 64 random bytes."""
    scalar = bytearray(secret)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    a = int.from_bytes(scalar, "little")
    when = struct.pack("!Q", time)
    statement = _statement(broker, key, when, name)
    point = sodium.crypto_scalarmult_ed25519_base_noclamp((a % ORDER).to_bytes(32, "little"))
    hashed = hashlib.sha512(b"\xfe" + b"\xff" * 31 + bytes(scalar) + statement + fresh).digest()
    r = int.from_bytes(hashed, "little") % ORDER
    big_r = sodium.crypto_scalarmult_ed25519_base_noclamp(r.to_bytes(32, "little"))
    h = int.from_bytes(hashlib.sha512(big_r + point + statement).digest(), "little") % ORDER
    s = (r + h * a) % ORDER
    return base64.b64encode(point + when + big_r + s.to_bytes(32, "little")).decode()


def vouch_read(text: str, broker: bytes, key: bytes, name: str) -> tuple[bytes, int]:
    """(the public key that vouches, the time); CannotOpen where it is no vouch for `key`."""
    made = _base64(text)
    if len(made) != VOUCH:
        raise CannotOpen("a vouch has 104 bytes")
    point, when, signature = made[:32], made[32:40], made[40:]
    try:
        sodium.crypto_sign_open(signature + _statement(broker, key, when, name), point)
        #   libsodium refuses points of small order here, and those that are not on the curve.
        return sodium.crypto_sign_ed25519_pk_to_curve25519(point), int.from_bytes(when, "big")
    except (CryptoError, ValueError, RuntimeError) as error:
        raise CannotOpen("its signature is wrong") from error


def vouched_for(
    new: str, keys: Sequence[str], vouches: Mapping[str, Any], broker: bytes, name: str, now_ms: int,
    known: Callable[[bytes], bool], decode: Callable[[str], bytes],
) -> bool:  # fmt: skip
    """Whether a chain of vouches in this reply of KEYS leads from a known key to `new`."""
    seen = set()
    while new not in seen:
        seen.add(new)
        text = vouches.get(new)
        if not isinstance(text, str):
            return False
        try:
            by, when = vouch_read(text, broker, decode(new), name)
        except (CannotOpen, Malformed):
            return False
        if not now_ms - VOUCH_AGE_MS <= when <= now_ms + VOUCH_EARLY_MS:
            return False
        texts = {decode(key): key for key in keys}
        if by not in texts:
            return False
        if known(by):
            return True
        new = texts[by]
    return False
