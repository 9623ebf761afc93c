"""What is measured: each cell is one work, of one size, on one server."""

from dataclasses import dataclass, field

FAN_OUT = ["plain", "zchat-packs", "zchat-events", "redis", "redis-fsync", "nats", "jetstream",
           "mosquitto", "ngircd", "classroom"]  # fmt: skip
# those that lose messages, or take minutes, when as many are under way as the others like
SLOW = ["mosquitto", "ngircd", "classroom"]
BODIES = ["plain", "zchat-packs", "zchat-events", "redis", "nats"]
DURABLE = ["zchat", "redis-stream", "jetstream"]
ROOMS = ["zchat-packs", "zchat-events", "redis", "nats"]
WINDOW = 1024  # messages under way: what libzchat sends ahead
WINDOW_BYTES = 4 << 20


@dataclass(frozen=True)
class Cell:
    work: str
    size: str  # what stands in the table
    server: str
    arguments: tuple = ()  # of the driver
    kind: str = "run"  # run, replay; else a function of its own

    @property
    def group(self) -> tuple:
        return self.work, self.size


@dataclass
class Work:
    name: str
    title: str
    number: int  # in the order of the table
    notes: str = ""
    cells: list = field(default_factory=list)

    def add(self, size: str, servers: list, *arguments, kind: str = "run") -> None:
        words = tuple(str(argument) for argument in arguments)
        self.cells += [Cell(self.name, size, server, words, kind) for server in servers]


def hot(quick: bool) -> Work:
    work = Work("hot", "One hot room, 64-byte bodies, pipelined", 1)
    for listeners in (10, 100, 1000):
        size, listen = f"{listeners} listeners", ("--listeners", listeners)
        quick_ones = [server for server in FAN_OUT if server not in SLOW]
        work.add(size, quick_ones, *listen, "--window", WINDOW)
        if not quick or listeners < 1000:
            work.add(size, SLOW, *listen, "--window", max(16, 6400 // listeners))
    return work


def quiet(quick: bool) -> Work:
    work = Work("quiet", "A quiet room: one message in flight, to the last listener and answered", 2)
    for listeners in (1, 10, 100):
        size = "1 listener" if listeners == 1 else f"{listeners} listeners"
        work.add(size, FAN_OUT, "--listeners", listeners, "--window", 1)
    return work


def durable(quick: bool) -> Work:
    work = Work("durable", "Durable publish, nobody listens; a delivery is an acknowledged message", 6)
    work.add("1 sender, one in flight", DURABLE, "--listeners", 0, "--window", 1)
    for speakers in (1, 8, 64):
        size = "1 sender" if speakers == 1 else f"{speakers} senders"
        window = WINDOW if speakers < 64 else WINDOW // 16  # docs/LIMITS.md: 8 MiB of all at once
        work.add(size, DURABLE, "--listeners", 0, "--speakers", speakers, "--window", window)
    return work


def bodies(quick: bool) -> Work:
    work = Work("bodies", "Bodies of several sizes, 100 listeners, pipelined", 4)
    for size in (16, 64, 1024, 16384):
        window = min(WINDOW, WINDOW_BYTES // size)
        work.add(f"{size} bytes", BODIES, "--listeners", 100, "--body", size, "--window", window)
        work.add(f"{size} bytes", ["mosquitto"], "--listeners", 100, "--body", size, "--window", 64)
    return work


def secret(quick: bool) -> Work:
    work = Work("secret", "The hot room, encrypted: CURVE beside TLS; the driver decrypts, too", 5)
    for listeners in (100,) if quick else (10, 100, 1000):
        work.add(f"{listeners} listeners", ["zchat-packs", "zchat-curve", "nats", "nats-tls"],
                 "--listeners", listeners, "--window", WINDOW)  # fmt: skip
    return work


def private(quick: bool) -> Work:
    work = Work("private", "A private room over the door, beside a public one", 9)
    for listeners in (100,) if quick else (100, 999):  # and the speaker: 1,000 members at most
        work.add(f"{listeners} listeners", ["zchat-packs", "zchat-private", "redis"],
                 "--listeners", listeners, "--window", WINDOW)  # fmt: skip
    return work


def replay(quick: bool) -> Work:
    count = 100_000 if quick else 1_000_000
    work = Work("replay", "Catching up: one client replays a room from its first message", 7)
    work.add(f"{count:,} messages", DURABLE, "--listeners", 0, "--count", count, "--seconds", 120,
             "--window", WINDOW, "--replay", kind="replay")  # fmt: skip
    return work


def rooms(quick: bool) -> Work:
    work = Work("rooms", "Many rooms, traffic after Zipf's law, pipelined", 3)
    sizes = [(1, 10), (100, 10)] if quick else [(1, 10), (1000, 10), (9000, 1)]
    for count, listeners in sizes:
        size = f"{count:,} room{'s' if count > 1 else ''} of {listeners}"
        # of each room only so many may be under way that a quiet one is not all that is waited for
        work.add(size, ROOMS, "--rooms", count, "--listeners", listeners, "--window", WINDOW)
    return work


def tools(quick: bool) -> Work:
    count = 20_000 if quick else 1_000_000
    work = Work("tools", "What a program sees: lines of 64 bytes through the command line", 10)
    work.add(f"send, {count:,} lines", ["zchat", "redis-stream", "mosquitto"], count, kind="send")
    work.add(f"listen, {count // 4:,} lines", ["zchat", "redis", "mosquitto"], count // 4, kind="listen")
    work.add(f"history, {count:,} lines", ["zchat", "redis-stream"], count, kind="history")
    return work


def arrive(quick: bool) -> Work:
    clients, idle = (500, 2) if quick else (9000, 20)
    work = Work("arrive", "Clients arrive at once, in rooms of 100, then are idle", 8)
    work.add(f"{clients:,} clients", ["zchat", "redis", "nats", "mosquitto"], "--rooms",
             max(1, clients // 100), "--arrive", clients, "--seconds", idle, kind="arrive")  # fmt: skip
    return work


WORKS = {work.__name__: work for work in (hot, quiet, durable, bodies, replay, tools, arrive, rooms, secret, private)}
