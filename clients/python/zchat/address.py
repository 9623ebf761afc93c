"""Addresses, keys as text, key files: "Encryption" of the page."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union
from urllib.parse import quote, unquote

from .errors import Malformed

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
READ_AS = str.maketrans("oil", "011")
KEY_SIZE = 32
KEY_DIGITS = 56
DEFAULT_PORT = 5680


def crc24(data: bytes) -> int:
    """The checksum of RFC 4880, section 6.1."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


def key_encode(key: bytes) -> str:
    if len(key) != KEY_SIZE:
        raise Malformed("a key is of 32 bytes")
    number = int.from_bytes(key + crc24(key).to_bytes(3, "big"), "big")
    return "".join(DIGITS[number >> shift & 31] for shift in range(275, -1, -5))


def key_decode(text: str) -> bytes:
    if len(text) != KEY_DIGITS:
        raise Malformed("a key has 56 characters: was it cut off?")
    number = 0
    for digit in text.lower().translate(READ_AS):
        if digit not in VALUES:
            raise Malformed(f"{digit!r} stands in no key")
        number = number << 5 | VALUES[digit]
    data = number.to_bytes(35, "big")
    key, check = data[:KEY_SIZE], data[KEY_SIZE:]
    if crc24(key).to_bytes(3, "big") != check:
        raise Malformed("the key is mistyped: its checksum is wrong")
    return key


@dataclass(frozen=True)
class Address:
    """Where a broker is. `door` is a zmq endpoint; `key` is the broker's, or None: not encrypted."""

    door: str
    key: Optional[bytes] = None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`zchat://host[:port]/key`, or a bare zmq endpoint of a broker that does not encrypt."""
        scheme, mark, rest = text.partition("://")
        if not mark or not rest:
            raise Malformed(f"no address: {text!r}")
        if scheme.lower() != "zchat":
            if scheme not in ("tcp", "ipc", "ws"):
                raise Malformed(f"an address begins with zchat://, tcp://, ipc:// or ws://: {text!r}")
            return cls(text)
        place, mark, key = rest.partition("/")
        found = re.fullmatch(r"(\[[^\]\s]+\]|[^\[\]:\s]+)(?::(\d{1,5}))?", place, re.ASCII)
        if not found or not mark:
            raise Malformed(f"no address: {text!r}")
        host, port = found[1], int(found[2] or DEFAULT_PORT)
        if not 1 <= port <= 65535:
            raise Malformed(f"no port: {port}")
        if host.startswith("["):
            try:
                ipaddress.IPv6Address(host[1:-1])
            except ValueError as error:
                raise Malformed(f"no IPv6 address: {host}") from error
        return cls(f"tcp://{host}:{port}", key_decode(key))

    def __str__(self) -> str:
        if self.key is None:
            return self.door
        return f"zchat://{self.door[len('tcp://'):]}/{key_encode(self.key)}"


def permalink(address: Union[str, Address], room: str, seq: int) -> str:
    return f"{address}/{quote(room, safe='')}/{seq}"


def permalink_parse(text: str) -> tuple[Address, str, int]:
    address, mark, rest = text.rpartition("/")
    if not mark or not re.fullmatch(r"[1-9]\d{0,18}", rest, re.ASCII):
        raise Malformed(f"no permalink: {text!r}")
    address, mark, room = address.rpartition("/")
    try:
        return Address.parse(address), unquote(room, errors="strict"), int(rest)
    except UnicodeDecodeError as error:
        raise Malformed(f"no room: {room!r}") from error


def host_of(endpoint: str) -> str:
    """The host of a tcp or ws endpoint, with the brackets of IPv6."""
    place = endpoint.partition("://")[2].split("/", 1)[0]
    return place.rpartition(":")[0]


def feed_of(door: str, feeds: list[str]) -> Optional[str]:
    """The feed to take, at the host the door was reached by, whatever host the broker names."""
    transport, _, place = door.partition("://")
    usable = [f for f in feeds if isinstance(f, str) and "://" in f]
    if transport != "ipc":  # no folder in which such a feed could lie
        usable = [f for f in usable if not f.startswith("ipc://")]
    usable.sort(key=lambda feed: not feed.startswith(f"{transport}://"))  # stable: else the first
    if not usable:
        return None
    kind, _, rest = usable[0].partition("://")
    if kind == "ipc":
        return "ipc://" + os.path.join(os.path.dirname(place), os.path.basename(rest))
    host = "127.0.0.1" if transport == "ipc" else host_of(door)
    place, slash, path = rest.partition("/")
    port = place.rpartition(":")[2]
    if not re.fullmatch(r"\d{1,5}", port, re.ASCII):
        return None
    return f"{kind}://{host}:{port}{slash}{path}"


def key_read(path: Union[str, Path]) -> bytes:
    """The secret key of a key file."""
    lines = [line.strip() for line in Path(path).read_text("ascii", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) != 1:
        raise Malformed(f"{path}: one line with a key is wanted")
    return key_decode(lines[0])


def key_make(path: Union[str, Path]) -> bytes:
    """The secret key of the file, which is made, with mode 0600, where there is none."""
    import zmq
    from zmq.utils import z85

    path = Path(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        secret = z85.decode(zmq.curve_keypair()[1])
        try:
            made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return key_read(path)
        with os.fdopen(made, "w") as file:
            file.write(f"# secret key of zchat: whoever has it is you\n{key_encode(secret)}\n")
            file.flush()
            os.fsync(file.fileno())
    return key_read(path)


def public_key(secret: bytes) -> bytes:
    import zmq
    from zmq.utils import z85

    return z85.decode(zmq.curve_public(z85.encode(secret)))
