"""ZMTP over WebSocket (ZWS 2.0) by hand, without a mechanism."""

import socket

from . import zmtp

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: %s\r\n\r\n"
)
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of that key, by RFC 6455
TEXT, BINARY, CLOSE = 1, 2, 8
MASK = b"\x11\x22\x33\x44"


def frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """A masked frame, as clients send them."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + MASK + bytes(
        byte ^ MASK[at % 4] for at, byte in enumerate(payload)
    )


def port(endpoint: str) -> int:
    return int(endpoint.rsplit(":", 1)[1].rstrip("/"))


def host(endpoint: str) -> str:
    return endpoint.removeprefix("ws://").rsplit(":", 1)[0]


class Peer:
    def __init__(self, endpoint: str, protocol: bytes = b"ZWS2.0", timeout: float = 20.0):
        self.socket = zmtp.connect(port(endpoint), timeout, host(endpoint))
        self.rest = b""
        self.socket.sendall(UPGRADE % protocol)
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 ") and ACCEPT in head, head

    def more(self) -> None:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionResetError
        self.rest += chunk

    def take(self, size: int) -> bytes:
        while len(self.rest) < size:
            self.more()
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def greet(self, routing_id: bytes = b"") -> None:
        """Without a mechanism the first message is one's routing id."""
        self.socket.sendall(frame(b"\0" + routing_id))
        assert self.receive() == [b""]

    def send(self, *frames: bytes) -> None:
        last = len(frames) - 1
        for at, each in enumerate(frames):
            self.socket.sendall(frame((b"\1" if at < last else b"\0") + each))

    def receive(self) -> list:
        frames = []
        while True:
            opcode, size = self.take(2)
            assert opcode == 0x80 | BINARY, opcode
            if size == 126:
                size = int.from_bytes(self.take(2), "big")
            body = self.take(size)
            frames.append(body[1:])
            if not body[0] & 1:
                return frames

    def leak(self) -> None:
        """A text frame, which libzmq does not take, and the end."""
        self.socket.sendall(frame(b"\0x", TEXT))
        self.close()

    def close(self) -> None:
        self.socket.close()


def reset(peer: Peer) -> None:
    """End a connection without a word."""
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
