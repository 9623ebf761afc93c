"""ZMTP 3.0 by hand, for peers that do not keep to it."""

import socket
import struct

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL" + bytes(16) + b"\x00" + bytes(31)


def ready(socket_type: bytes, identity: bytes = b"") -> bytes:
    def item(name: bytes, value: bytes) -> bytes:
        return bytes([len(name)]) + name + struct.pack("!I", len(value)) + value

    body = b"\x05READY" + item(b"Socket-Type", socket_type) + item(b"Identity", identity)
    if len(body) < 256:
        return b"\x04" + bytes([len(body)]) + body
    return b"\x06" + struct.pack("!Q", len(body)) + body


def frame(body: bytes, more: bool = False) -> bytes:
    if len(body) < 256:
        return bytes([1 if more else 0, len(body)]) + body
    return bytes([3 if more else 2]) + struct.pack("!Q", len(body)) + body


def message(*frames: bytes) -> bytes:
    parts = [frame(body, more=True) for body in frames[:-1]]
    return b"".join([*parts, frame(frames[-1])])


def connect(
    port: int, timeout: float = 20.0, host: str = "127.0.0.1", source: str = ""
) -> socket.socket:
    """source: this machine's address that it comes from."""
    return socket.create_connection((host, port), timeout, (source, 0) if source else None)


def ended(connection: socket.socket) -> bool:
    """Read until the other side closes; False where it does not within the timeout."""
    try:
        while connection.recv(65536):
            pass
    except (ConnectionResetError, BrokenPipeError):
        return True
    except TimeoutError:
        return False
    return True
