"""zchat.lua in tshark, on sessions with the real broker, and on bytes that are none."""

import json
import random
import re
import shutil
import subprocess

import pytest
import zmq
from conftest import ROOT
from pcap import Tap, write

SCRIPT = ROOT / "clients/wireshark/zchat.lua"
pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")


def tshark(path, *arguments, timeout: float = 60) -> str:
    done = subprocess.run(["tshark", "-X", f"lua_script:{SCRIPT}", "-r", path, *arguments], capture_output=True, text=True,
                          errors="replace", timeout=timeout)  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if "dangerous" not in line]
    assert not said, said
    assert "Lua Error" not in done.stdout, done.stdout[-2000:]
    return done.stdout


def fields(path, wanted: str, *names: str) -> list:
    """Of each packet that fits, the values of these fields."""
    arguments = [word for name in names for word in ("-e", name)]
    out = tshark(path, "-Y", wanted, "-T", "fields", "-E", "separator=|", "-E", "occurrence=a", "-E", "aggregator=;", *arguments)
    return [line.split("|") for line in out.splitlines()]


class Session:
    """Two sockets through taps, and what they said."""

    def __init__(self, broker):
        self.door, self.feed = Tap(broker.door_port), Tap(broker.feed_port)
        self.context = zmq.Context()
        self.dealer, self.sub = self.context.socket(zmq.DEALER), self.context.socket(zmq.SUB)
        self.dealer.connect(self.door.endpoint)
        self.sub.connect(self.feed.endpoint)
        self.count = 0
        for one in (self.dealer, self.sub):
            one.linger, one.rcvtimeo = 0, 20000

    def ask(self, verb: str, *arguments: str, user: str = "боб") -> list:
        self.count += 1
        tag = str(self.count)
        self.dealer.send_multipart([word.encode() for word in (verb, tag, user, *arguments)])
        got = []
        while not got or got[-1][0] == b"EVENT":
            got.append(self.dealer.recv_multipart())
        return got

    def barrier(self) -> None:
        """Until the subscriptions up to here are live."""
        self.sub.subscribe("sync/n/")
        self.sub.rcvtimeo = 200
        while True:
            self.ask("SYNC", "n")
            try:
                while self.sub.recv_multipart()[0] != b"sync/n/":
                    pass
                break
            except zmq.Again:
                pass
        self.sub.rcvtimeo = 20000

    def end(self) -> list:
        self.context.destroy(0)
        self.door.close()
        self.feed.close()
        return [(40001, 5680, self.door.flow), (40002, 5681, self.feed.flow)]


@pytest.fixture
def session(broker):
    made = Session(broker)
    yield made
    made.end()


def talk(session, big: int = 0) -> list:
    session.ask("HELLO", '{"agent":"x"}')
    session.ask("JOIN", "dev")
    session.sub.subscribe("room/dev/")
    session.sub.subscribe("pack/dev/")
    session.barrier()
    session.ask("SAY", "dev", "hello, привет", '{"data":{"seq":99,"s":"}\\"{"}}')
    session.sub.recv_multipart(), session.sub.recv_multipart()
    if big:
        session.ask("SAY", "dev", "x" * big)
        session.sub.recv_multipart(), session.sub.recv_multipart()
    session.ask("HISTORY", "dev", '{"form":"pack"}')
    session.ask("HISTORY", "dev", '{"limit":1}')
    session.ask("TOPIC", "other", "no")
    session.ask("NONSENSE")
    return session.end()


def test_a_session(session, tmp_path):
    write(tmp_path / "x.pcap", *talk(session))
    asked = fields(tmp_path / "x.pcap", 'zchat.kind == "request"', "zchat.verb", "zchat.tag", "zchat.user", "zchat.room", "zchat.text")
    asked = [one for one in asked if one[0] not in ("SYNC",)]
    assert [one[0] for one in asked] == ["HELLO", "JOIN", "SAY", "HISTORY", "HISTORY", "TOPIC", "NONSENSE"]
    assert asked[2][2:] == ["боб", "dev", "hello, привет"]
    answers = fields(tmp_path / "x.pcap", 'zchat.kind == "reply" and zchat.verb != "SYNC"', "zchat.status", "zchat.verb", "zchat.code",
                     "zchat.request_in")  # fmt: skip
    assert [one[:3] for one in answers] == [["OK", "HELLO", ""], ["OK", "JOIN", ""], ["OK", "SAY", ""], ["OK", "HISTORY", ""],
                                           ["OK", "HISTORY", ""], ["ERR", "TOPIC", "member"], ["ERR", "NONSENSE", "verb"]]  # fmt: skip
    numbers = fields(tmp_path / "x.pcap", 'zchat.kind == "request" and zchat.verb != "SYNC"', "frame.number")
    assert [one[3] for one in answers] == [one[0] for one in numbers], "each names the packet of its request"
    assert fields(tmp_path / "x.pcap", 'zchat.code == "verb"', "zchat.status", "zchat.verb") == [["ERR", "NONSENSE"]]


def test_the_feed_and_mail(session, tmp_path):
    write(tmp_path / "x.pcap", *talk(session))
    names = ("zchat.type", "zchat.seq", "zchat.user", "zchat.text")
    wanted = ["say", "1", "боб", "hello, привет"]  # the seq of meta, not that of the program's data
    for topic in ("room/dev/", "pack/dev/"):
        #   Messages that came in one segment share a packet: each has its values.
        said = fields(tmp_path / "x.pcap", f'zchat.topic == "{topic}" and zchat.kind == "feed" and zchat.type == "say"', *names)
        assert [[one.split(";")[-1] for one in packet] for packet in said] == [wanted]
    mail = fields(tmp_path / "x.pcap", 'zchat.kind == "mail"', *names, "zchat.topic", "zchat.records", "zchat.data", "zchat.time")
    assert [packet[:4] for packet in mail] == [wanted, wanted]
    assert [packet[4:6] for packet in mail] == [["pack/dev/", "1"], ["room/dev/", ""]]
    assert json.loads(mail[0][6]) == {"seq": 99, "s": '}"{'}
    assert mail[0][7] == mail[1][7] and re.search(r" 20\d\d ", mail[0][7])
    assert fields(tmp_path / "x.pcap", "zchat.nonce", "zchat.nonce")
    topics = fields(tmp_path / "x.pcap", "zchat.subscribe", "zchat.subscribe")
    assert {"room/dev/", "pack/dev/", "sync/n/"} <= {topic for one in topics for topic in one[0].split(";")}
    greetings = fields(tmp_path / "x.pcap", "zmtp.mechanism", "zmtp.mechanism", "zmtp.version")
    assert len(greetings) == 4 and all(mechanism == "NULL" and version.startswith("3.") for mechanism, version in greetings)
    assert any("Socket-Type: ROUTER" in one[0] for one in fields(tmp_path / "x.pcap", "zmtp.property", "zmtp.property"))


@pytest.mark.parametrize("size, big", [(1, 500), (13, 9000), (700, 60000)])
def test_messages_over_many_segments(session, tmp_path, size, big):
    write(tmp_path / "x.pcap", *talk(session, big=big), size=size)
    texts = fields(tmp_path / "x.pcap", 'zchat.kind == "request" and zchat.verb == "SAY"', "zchat.text")
    assert [len(one[0]) for one in texts] == [len("hello, привет"), big]
    assert not fields(tmp_path / "x.pcap", "zchat.malformed", "frame.number")
    records = fields(tmp_path / "x.pcap", 'zchat.kind == "mail" and zchat.records', "zchat.records")
    assert records == [["2"]]


def test_by_the_greeting_on_any_port_and_by_decode_as(session, tmp_path):
    streams = talk(session)
    write(tmp_path / "x.pcap", (40001, 9001, streams[0][2]))
    assert len(fields(tmp_path / "x.pcap", 'zchat.verb == "JOIN"', "zchat.verb")) == 2
    #   From the middle of a connection: no greeting tells what it is.
    handshake = [part for part in streams[0][2]]
    while b"READY" not in handshake[0][1]:
        handshake.pop(0)
    write(tmp_path / "y.pcap", (40001, 9001, handshake[2:]))
    out = tshark(tmp_path / "y.pcap", "-d", "tcp.port==9001,zchat", "-Y", 'zchat.verb == "JOIN"')
    assert "JOIN dev by боб" in out and "OK JOIN" in out
    assert "ZCHAT/1" in out


def test_encrypted_is_told_as_much(tmp_path):
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00CURVE" + bytes(15) + b"\x00" + bytes(31)
    message = bytes([4, 40]) + b"\x07MESSAGE" + bytes(32)
    write(tmp_path / "x.pcap", (40001, 9001, [(True, greeting), (False, greeting), (True, message)]))
    assert fields(tmp_path / "x.pcap", "zmtp.mechanism", "zmtp.mechanism") == [["CURVE"], ["CURVE"]]
    assert fields(tmp_path / "x.pcap", "zmtp.command", "zmtp.command") == [["MESSAGE"]]


def hostile(rng: random.Random, streams: list) -> list:
    """Bytes of a session, changed here and there, cut, doubled, and some that were never any."""
    made = []
    for client, server, flow in streams:
        parts = []
        for out, data in flow:
            data = bytearray(data)
            for _ in range(rng.choice([0, 0, 1, 1, 3, 20])):
                if data:
                    data[rng.randrange(len(data))] = rng.choice([0, 1, 2, 3, 4, 6, 127, 255, rng.randrange(256)])
            if rng.randrange(8) == 0:
                data = data[: rng.randrange(len(data) + 1)]
            parts += [(out, bytes(data))] * rng.choice([1, 1, 1, 2])
            if rng.randrange(8) == 0:
                parts.append((out, rng.randbytes(rng.randrange(1, 3000))))
        made.append((client, server, [part for part in parts if part[1]]))
    return made


def test_hostile_captures(session, tmp_path):
    """tshark ends, in its time, and the script never fails."""
    streams, rng = talk(session, big=5000), random.Random(7)
    for _ in range(4):
        all_ = [(client + 2 * turn, server, flow) for turn in range(12) for client, server, flow in hostile(rng, streams)]
        write(tmp_path / "x.pcap", *all_, size=rng.choice([40, 700, 1400]), snap=rng.choice([0, 0, 90, 400]))
        assert tshark(tmp_path / "x.pcap", "-V", timeout=60)


def test_what_grows_without_end_is_malformed(tmp_path):
    frame = lambda body, flags=0: bytes([flags | 2]) + len(body).to_bytes(8, "big") + body  # noqa: E731
    worst = [
        b"\x02" + b"\xff" * 8,  # a frame of 2^64
        b"\x02" + (1 << 31).to_bytes(8, "big"),
        bytes([1, 0]) * 40000,  # frames without end
        bytes([0, 0]) * 30000,  # messages of nothing
        frame(b"pack/x/", 1) + frame(b"\0\0\0\0" * 200000),  # records of nothing
        frame(b"room/x/", 1) + frame(b"", 1) + frame(b"", 1) + frame(b'{"a":' * 200000),
        frame(b"OK", 1) + frame(b"1", 1) + frame(b'"' + b"\\" * 500001),
        bytes([4, 5]) + b"\x05READ",
        bytes([4, 20]) + b"\x05READY\xff" + b"x" * 13,
        b"\xff" * 200,
    ]  # fmt: skip
    write(tmp_path / "x.pcap", *((40001 + n, 5680, [(True, data)]) for n, data in enumerate(worst)))
    assert "Not ZCHAT/1 over ZMTP: size" in tshark(tmp_path / "x.pcap", "-V")
    found = {int(one[0]) for one in fields(tmp_path / "x.pcap", "zchat.malformed", "tcp.stream")}
    assert {0, 1, 2, 3, 4} <= found and 5 not in found, found


def test_it_is_found_where_the_readme_puts_it(tmp_path):
    folder = re.search(r"copy it to `~/(\S+)/`", (ROOT / "clients/wireshark/README.md").read_text())[1]
    (tmp_path / folder).mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / folder)
    env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    known = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, env=env, timeout=60).stdout
    assert "\tzchat\n" in known


def test_the_filters_of_the_readme_are_there():
    readme, script = (ROOT / "clients/wireshark/README.md").read_text(), SCRIPT.read_text()
    named = set(re.findall(r"\b(?:zchat|zmtp)\.[a-z_]+\b", readme)) - {"zchat.lua"}
    there = set(re.findall(r'"((?:zchat|zmtp)\.[a-z_]+)"', script))
    assert named <= there and there - named <= {"zchat.argument", "zmtp.as_server", "zmtp.frame"}
