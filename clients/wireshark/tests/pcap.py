"""Captures without privileges: a relay that keeps what went through it, and a file of TCP segments made of that."""

import select
import socket
import struct
import threading


class Tap:
    """A TCP port that leads to another; `flow` holds (to the server?, bytes) as they came."""

    def __init__(self, port: int):
        self.to, self.flow, self.listener = port, [], socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            here = self.listener.accept()[0]
        except OSError:
            return
        with here, socket.create_connection(("127.0.0.1", self.to)) as there:
            while True:
                for source in select.select([here, there], [], [])[0]:
                    try:
                        data = source.recv(65536)
                    except ConnectionResetError:
                        return
                    if not data:
                        return
                    self.flow.append((source is here, data))
                    (there if source is here else here).sendall(data)

    def close(self) -> None:
        self.listener.close()
        self.thread.join(10)


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return ~(total + (total >> 16)) & 0xFFFF


def segment(source: int, to: int, seq: int, ack: int, flags: int, data: bytes) -> bytes:
    """Ethernet, IPv4, TCP; the checksum of TCP is 0, which tshark does not look at."""
    tcp = struct.pack("!HHIIBBHHH", source, to, seq, ack, 5 << 4, flags, 65535, 0, 0) + data
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes(12) + b"\x08\0" + ip + tcp


def write(path, *streams, size: int = 1400, snap: int = 0) -> None:
    """streams: (client's port, server's port, flow). size: of a segment at most; snap: what is kept of a packet."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        count = 0

        def put(packet: bytes) -> None:
            nonlocal count
            count += 1
            kept = packet[:snap] if snap else packet
            file.write(struct.pack("<IIII", 1700000000 + count // 1000, count % 1000 * 1000, len(kept), len(packet)) + kept)

        for client, server, flow in streams:
            seqs = {True: 1000, False: 2000}
            put(segment(client, server, 999, 0, 2, b""))
            put(segment(server, client, 1999, 1000, 18, b""))
            for out, data in flow:
                for at in range(0, len(data), size):
                    part = data[at : at + size]
                    ports = (client, server) if out else (server, client)
                    put(segment(*ports, seqs[out], seqs[not out], 24, part))
                    seqs[out] = (seqs[out] + len(part)) & 0xFFFFFFFF
