"""Addresses and keys as text."""

from __future__ import annotations

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def crc24(data: bytes) -> int:
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


def encode(key: bytes) -> str:
    number = int.from_bytes(key + crc24(key).to_bytes(3, "big"), "big")
    return "".join(DIGITS[number >> shift & 31] for shift in range(275, -1, -5))


def decode(text: str) -> bytes:
    number = 0
    for digit in text.lower().translate(str.maketrans("oil", "011")):
        number = number << 5 | DIGITS.index(digit)
    data = number.to_bytes(35, "big")
    if len(text) != 56 or crc24(data[:32]) != int.from_bytes(data[32:], "big"):
        raise ValueError("no key")
    return data[:32]


def address(text: str) -> tuple:
    """(door, key or None)."""
    if not text.lower().startswith("zchat://"):
        return text, None
    place, _, key = text[8:].partition("/")
    port = "" if place.rpartition(":")[2].isdigit() and ":" in place else ":5680"
    return f"tcp://{place}{port}", decode(key)


def read(path: str) -> bytes:
    """The secret key of a key file: one line, # begins a remark."""
    with open(path) as file:
        lines = [line.strip() for line in file]
    (text,) = [line for line in lines if line and not line.startswith("#")]
    return decode(text)
