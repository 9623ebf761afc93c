"""Sealed messages after protocol/PROTOCOL.md, on libsodium: written from the page, not from seal.c."""

import base64
import ctypes
import ctypes.util
import hashlib
import json
import os
import unicodedata

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
BOX = 8 + 80
HEAD = 1 + 32 + 24 + 1


class Shut(Exception):
    """It cannot be opened."""


def public_key(secret: bytes) -> bytes:
    out = ctypes.create_string_buffer(32)
    SODIUM.crypto_scalarmult_base(out, secret)
    return out.raw


def call(function, size: int, text: bytes, *rest: bytes) -> bytes:
    out = ctypes.create_string_buffer(max(size, 1))
    if getattr(SODIUM, function)(out, text, ctypes.c_ulonglong(len(text)), *rest) != 0:
        raise Shut(function)
    return out.raw[:size]


def pack(plain: bytes, secret: bytes, keys: list, nonce=None, text_key=None) -> bytes:
    nonce, text_key = nonce or os.urandom(24), text_key or os.urandom(32)
    head = b"\1" + public_key(secret) + nonce + bytes([len(keys)])
    text = call("crypto_secretbox_easy", len(plain) + 16, plain, nonce, text_key)
    bind = hashlib.blake2b(head + text, digest_size=32).digest()
    boxes = [key[:8] + call("crypto_box_easy", 80, text_key + bind, nonce, key, secret) for key in keys]
    return head + b"".join(boxes) + text


def seal(plain: dict, secret: bytes, keys: list, **fixed) -> str:
    written = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(pack(written, secret, keys, **fixed)).decode()


def unseal(body: str, secret: bytes) -> tuple:
    """(the sender's key, plain)."""
    sealed = base64.b64decode(body, validate=True)
    if len(sealed) < HEAD or sealed[0] != 1:
        raise Shut("head")
    sender, nonce, count = sealed[1:33], sealed[33:57], sealed[57]
    text = sealed[HEAD + count * BOX :]
    mine = public_key(secret)
    for at in range(HEAD, HEAD + count * BOX, BOX):
        box = sealed[at : at + BOX]
        if box[:8] == mine[:8]:
            inner = call("crypto_box_open_easy", 64, box[8:], nonce, sender, secret)
            bind = hashlib.blake2b(sealed[:HEAD] + text, digest_size=32).digest()
            if inner[32:] != bind:
                raise Shut("bind")
            plain = call("crypto_secretbox_open_easy", len(text) - 16, text, nonce, inner[:32])
            return sender, json.loads(plain)
    raise Shut("no box")


def fingerprint(*users: tuple) -> str:
    """Of two (name, keys)."""
    halves = []
    for name, keys in users:
        folded = unicodedata.normalize("NFKC", name.casefold()).encode()
        digest = hashlib.blake2b(folded + b"\0" + b"".join(sorted(keys))).digest()
        groups = [int.from_bytes(digest[i : i + 8], "big") % 100000 for i in range(0, 48, 8)]
        halves.append((folded, " ".join(f"{group:05}" for group in groups)))
    return " ".join(half for _, half in sorted(halves))


# --- vouches


def statement(broker: bytes, user: str, key: bytes, time: int) -> bytes:
    fold = unicodedata.normalize("NFKC", user).casefold()
    return b"ZCHAT/1 vouch\0" + broker + key + time.to_bytes(8, "big") + fold.encode()


def vouch(secret: bytes, broker: bytes, user: str, key: bytes, time: int) -> str:
    """Ed25519 as RFC 8032 has it, in whole numbers; but the scalar is the CURVE key's."""
    scalar = int.from_bytes(secret, "little") & ((1 << 254) - 8) | 1 << 254
    said = statement(broker, user, key, time)
    point = multiple(scalar)
    nonce = int.from_bytes(os.urandom(64), "little") % ORDER
    first = multiple(nonce)
    challenge = int.from_bytes(hashlib.sha512(first + point + said).digest(), "little")
    second = (nonce + challenge * scalar) % ORDER
    made = point + time.to_bytes(8, "big") + first + second.to_bytes(32, "little")
    return base64.b64encode(made).decode()


def vouched(text: str, broker: bytes, user: str, key: bytes) -> bytes:
    """By whom."""
    made = base64.b64decode(text, validate=True)
    point, time, signature = made[:32], int.from_bytes(made[32:40], "big"), made[40:]
    said = statement(broker, user, key, time)
    if SODIUM.crypto_sign_verify_detached(signature, said, ctypes.c_ulonglong(len(said)), point) != 0:
        raise Shut("signature")
    # the point's y becomes u = (1 + y) / (1 - y) of the CURVE key
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return ((1 + y) * pow(1 - y, -1, PRIME) % PRIME).to_bytes(32, "little")


PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
BASE_Y = 4 * pow(5, -1, PRIME) % PRIME
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202


def plus(a: tuple, b: tuple) -> tuple:
    (x, y), (u, v) = a, b
    cross = D * x * u * y * v
    return (
        (x * v + u * y) * pow(1 + cross, -1, PRIME) % PRIME,
        (y * v + x * u) * pow(1 - cross, -1, PRIME) % PRIME,
    )


def multiple(scalar: int) -> bytes:
    """Of the base point, encoded."""
    total, power = (0, 1), (BASE_X, BASE_Y)
    while scalar:
        if scalar & 1:
            total = plus(total, power)
        power = plus(power, power)
        scalar >>= 1
    return (total[1] | (total[0] & 1) << 255).to_bytes(32, "little")
