"""zchat and its peers as processes: each one fresh, on ports and in a folder of its own."""

import base64
import hashlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("ZCHAT_BUILD", "build/release")
HERE = Path(__file__).resolve().parent


def free_port() -> int:
    """Below the range outgoing connections are given."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


DIALECTS = {"zchat": "zchat-packs", "zchat-curve": "zchat-packs", "nats-tls": "nats"}


class Server:
    """One server under test."""

    programs = ()  # what must be installed
    note = ""  # what it promises, for the table

    def __init__(self, name: str):
        self.name = name
        self.dialect = DIALECTS.get(name, name)  # in which the driver speaks to it
        self.process = None

    # --- to be overridden

    def command(self) -> list:
        raise NotImplementedError

    def version(self) -> str:
        return ""

    def guard(self) -> list:
        """How the driver encrypts: its options."""
        return []

    # --- for all

    def missing(self) -> str:
        return next((p for p in self.programs if not shutil.which(p)), "")

    def start(self) -> "Server":
        self.folder = Path(tempfile.mkdtemp(prefix="zchat-bench-"))
        self.door = self.feed = free_port()
        command = self.command()
        self.log = open(self.folder / "server.log", "wb")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.folder
        )
        deadline = time.monotonic() + 10
        for port in {self.door, self.feed}:
            while not self.listens(port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"{self.name} does not start")
                time.sleep(0.01)
        return self

    @staticmethod
    def listens(port: int) -> bool:
        """Asked of the kernel: a connection would be one that the server counts."""
        with open("/proc/net/tcp") as table:
            ends = (line.split() for line in table)
            return any(e[1].endswith(f":{port:04X}") and e[3] == "0A" for e in ends if len(e) > 3)

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu(self) -> float:
        """Seconds that its threads have had, as the driver counts them."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


def first_line(*command) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0].strip() if lines else ""


class Zchat(Server):
    note = "every message on disk before it is answered or seen"

    def missing(self) -> str:
        return "" if (BUILD / "zchatd").exists() else str(BUILD / "zchatd")

    def command(self) -> list:
        self.feed = free_port()
        # the quotas guard against people; the driver says more than one person may
        quotas = ["messages", "bytes", "reads", "joins", "failed", "stored"]
        return [
            BUILD / "zchatd", "--data", self.folder / "data",
            "--door", f"tcp://127.0.0.1:{self.door}", "--feed", f"tcp://127.0.0.1:{self.feed}",
            *(word for quota in quotas for word in ("--quota", f"{quota}=0")),
        ]  # fmt: skip

    def version(self) -> str:
        commit = first_line("git", "-C", ROOT, "rev-parse", "--short", "HEAD")
        return f"{first_line(BUILD / 'zchatd', '--version')} ({commit})"


class ZchatCurve(Zchat):
    note = "the same, encrypted by CURVE"

    def command(self) -> list:
        return [*super().command(), "--curve"]

    def guard(self) -> list:
        """The key stands in the address that the broker prints, in Crockford's base32."""
        printed, deadline = None, time.monotonic() + 10
        while not printed and time.monotonic() < deadline:
            said = (self.folder / "server.log").read_bytes()
            printed = re.search(rb"address=zchat://\S+/(\w{56})\s", said)
        alphabet = b"0123456789abcdefghjkmnpqrstvwxyz"
        rfc = printed[1].translate(bytes.maketrans(alphabet, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
        return ["--curve", base64.b32decode(rfc)[:32].hex()]


class ZchatPrivate(Zchat):
    note = "a private room, over the door; its speaker hears it, too"

    def command(self) -> list:
        """Names are proven by tokens that the driver knows: see dialect_zchat.c."""
        command = super().command()
        self.feed = self.door  # where its listeners listen
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        names = {f"client{number}": number for number in range(1000)} | {"speaker0": 0xFFFFF}
        lines = [
            f"{name} {number:x} {hashlib.blake2b(number.to_bytes(32, 'big'), digest_size=32).hexdigest()} -\n"
            for name, number in names.items()
        ]
        (data / "tokens").touch(mode=0o600)
        (data / "tokens").write_text("".join(lines))
        return command


class Redis(Server):
    programs = ("redis-server",)
    note = "nothing is kept"
    options = ("--appendonly", "no")

    def command(self) -> list:
        return [
            "redis-server", "--port", str(self.door), "--bind", "127.0.0.1", "--save", "",
            "--dir", self.folder, "--client-output-buffer-limit", "pubsub 0 0 0",
            "--client-output-buffer-limit", "normal 0 0 0", "--maxclients", "12000",
            *self.options,
        ]  # fmt: skip

    def version(self) -> str:
        return first_line("redis-server", "--version")


class RedisFsync(Redis):
    note = "each message in a stream, appendfsync always, then published"
    options = ("--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0")


class RedisStream(RedisFsync):
    note = "each message in a stream, appendfsync always"


class Nats(Server):
    programs = ("nats-server",)
    note = "nothing is kept"
    more = ""

    def command(self) -> list:
        (self.folder / "nats.conf").write_text(
            f"listen: 127.0.0.1:{self.door}\nmax_pending: 1GB\nmax_connections: 20000\n"
            f"write_deadline: 60s\n{self.more.format(folder=self.folder)}\n"
        )
        return ["nats-server", "-c", self.folder / "nats.conf"]

    def version(self) -> str:
        return first_line("nats-server", "--version")


class NatsTls(Nats):
    programs = ("nats-server", "openssl")
    note = "the same, under TLS"
    more = "tls {{ cert_file: {folder}/cert.pem, key_file: {folder}/key.pem }}"

    def command(self) -> list:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-subj", "/CN=bench", "-days", "2", "-keyout", self.folder / "key.pem",
             "-out", self.folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        return super().command()

    def guard(self) -> list:
        return ["--tls"]


class Jetstream(Nats):
    note = "each message in a file stream, without fsync; seen before that"
    more = "jetstream {{ store_dir: {folder}/js }}"


class Mosquitto(Server):
    programs = ("mosquitto",)
    note = "QoS 0, nothing is kept"

    def command(self) -> list:
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.door} 127.0.0.1\nallow_anonymous true\npersistence false\n"
            "max_queued_messages 0\nmax_queued_bytes 0\nset_tcp_nodelay true\nlog_type none\n"
            "user root\n"
        )
        return ["mosquitto", "-c", self.folder / "mosquitto.conf"]

    def version(self) -> str:
        return first_line("mosquitto", "-h")


class Ngircd(Server):
    programs = ("ngircd",)
    note = "nothing is kept"

    def command(self) -> list:
        (self.folder / "ngircd.conf").write_text(
            f"[Global]\nName = irc.bench.example\nInfo = bench\nListen = 127.0.0.1\nPorts = {self.door}\n"
            "MotdPhrase = bench\nServerUID = root\nServerGID = root\nPidFile =\n"
            "[Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxPenaltyTime = 0\n"
            "MaxNickLength = 20\nPingTimeout = 600\n"
            "[Options]\nDNS = no\nIdent = no\nPAM = no\nSyslogFacility = local1\n"
        )
        return ["ngircd", "-n", "-f", self.folder / "ngircd.conf"]

    def version(self) -> str:
        return first_line("ngircd", "--version")


class Classroom(Server):
    note = "Python, a thread for each client, nothing is kept"

    def command(self) -> list:
        return ["/usr/bin/python3", HERE / "classroom.py", str(self.door)]

    def version(self) -> str:
        return first_line("/usr/bin/python3", "--version")


class Plain(Server):
    note = "the floor: send() of the bodies alone"

    def missing(self) -> str:
        return "" if (BUILD / "bench_driver").exists() else str(BUILD / "bench_driver")

    def command(self) -> list:
        return [BUILD / "bench_driver", "--relay", str(self.door)]


SERVERS = {
    "zchat": Zchat,
    "zchat-packs": Zchat,
    "zchat-events": Zchat,
    "zchat-curve": ZchatCurve,
    "zchat-private": ZchatPrivate,
    "redis": Redis,
    "redis-fsync": RedisFsync,
    "redis-stream": RedisStream,
    "nats": Nats,
    "nats-tls": NatsTls,
    "jetstream": Jetstream,
    "mosquitto": Mosquitto,
    "ngircd": Ngircd,
    "classroom": Classroom,
    "plain": Plain,
}


def make(name: str) -> Server:
    return SERVERS[name](name)
