"""Encryption for pyzmq: keys as text, and sockets that use them."""

import base64

import zmq
from zmq.utils import z85

CROCKFORD, RFC4648 = "0123456789abcdefghjkmnpqrstvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def crc24(data: bytes) -> bytes:
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
    return (crc & 0xFFFFFF).to_bytes(3, "big")


def key_decode(text: str) -> bytes:
    data = base64.b32decode(text.translate(str.maketrans(CROCKFORD, RFC4648)))
    assert len(data) == 35 and data[32:] == crc24(data[:32]), text
    return data[:32]


def key_encode(key: bytes) -> str:
    text = base64.b32encode(key + crc24(key)).decode()
    return text.translate(str.maketrans(RFC4648, CROCKFORD))


class Pair:
    """A person's keys."""

    def __init__(self):
        public, secret = zmq.curve_keypair()
        self.public, self.secret = z85.decode(public), z85.decode(secret)

    @property
    def text(self) -> str:
        return key_encode(self.public)


class Encrypted:
    """A context whose sockets speak to one broker, under one key."""

    def __init__(self, context, server_key: bytes, pair: Pair):
        self.context, self.server_key, self.pair = context, server_key, pair

    def socket(self, kind) -> zmq.Socket:
        made = self.context.socket(kind)
        made.setsockopt(zmq.CURVE_SERVERKEY, self.server_key)
        made.setsockopt(zmq.CURVE_PUBLICKEY, self.pair.public)
        made.setsockopt(zmq.CURVE_SECRETKEY, self.pair.secret)
        return made


def server_key(address: str) -> bytes:
    return key_decode(address.rsplit("/", 1)[1])


def encrypted(context, broker, pair=None) -> Encrypted:
    """What a client of this broker makes its sockets with."""
    return Encrypted(context, server_key(broker.address), pair or Pair())
