"""What zchat is to reach beside its peers, as ratios within one run. At most the bound is good."""


class Group:
    """The figures of one work and size; KeyError where one was not measured."""

    def __init__(self, results: dict, key: str):
        self.servers = results["groups"][key]

    def cpu(self, name: str) -> float:
        """Seconds a delivery."""
        return self.servers[name]["cpu"] / self.servers[name]["deliveries"]

    def message(self, name: str) -> float:
        """Seconds of CPU a message."""
        return self.servers[name]["cpu"] / self.servers[name]["messages"]

    def wait(self, name: str) -> float:
        return self.servers[name]["p50_us"]

    def rate(self, name: str) -> float:
        return self.servers[name]["deliveries"] / self.servers[name]["seconds"]


def sizes(results: dict, work: str) -> dict:
    return {key.split("|")[1]: Group(results, key)
            for key in results["groups"] if key.split("|")[0] == work}  # fmt: skip


def hot(results: dict):
    groups = sizes(results, "hot")
    for size in ("100 listeners", "1000 listeners"):
        g = groups[size]
        yield f"packs, {size}: CPU a delivery, of the better of Redis and NATS", 0.4, lambda g=g: (
            g.cpu("zchat-packs") / min(g.cpu("redis"), g.cpu("nats")))  # fmt: skip
        yield f"packs, {size}: CPU a delivery, of the floor", 3, lambda g=g: (
            g.cpu("zchat-packs") / g.cpu("plain"))  # fmt: skip
        yield f"single events, {size}: CPU a delivery, of Redis", 1.5, lambda g=g: (
            g.cpu("zchat-events") / g.cpu("redis"))  # fmt: skip
    yield "growth: packs, CPU a delivery at 1,000 listeners, of that at 100", 1.1, lambda: (
        groups["1000 listeners"].cpu("zchat-packs") / groups["100 listeners"].cpu("zchat-packs"))  # fmt: skip


def bodies(results: dict):
    g = sizes(results, "bodies")["1024 bytes"]
    yield "1 KB bodies: CPU a delivery, of Redis", 0.8, lambda: g.cpu("zchat-packs") / g.cpu("redis")
    yield "1 KB bodies: CPU a delivery, of the floor", 1.3, lambda: (
        g.cpu("zchat-packs") / g.cpu("plain"))  # fmt: skip


def secret(results: dict):
    for size, g in sizes(results, "secret").items():
        yield f"CURVE, packs, {size}: CPU a delivery, of NATS under TLS", 0.5, lambda g=g: (
            g.cpu("zchat-curve") / g.cpu("nats-tls"))  # fmt: skip


def quiet(results: dict):
    groups = sizes(results, "quiet")
    for size, bound in (("1 listener", 0.9), ("10 listeners", 1.0), ("100 listeners", 1.2)):
        g = groups[size]
        yield f"quiet room, {size}: p50, of Redis with fsync always", bound, lambda g=g: (
            g.wait("zchat-packs") / g.wait("redis-fsync"))  # fmt: skip
    g = groups["1 listener"]
    yield "quiet room, 1 listener: CPU a message, of Redis with fsync always", 1, lambda g=g: (
        g.message("zchat-packs") / g.message("redis-fsync"))  # fmt: skip


def durable(results: dict):
    g = sizes(results, "durable")["8 senders"]
    yield "durable publish, 8 senders: Redis with fsync always, of zchat", 1 / 1.5, lambda: (
        g.rate("redis-stream") / g.rate("zchat"))  # fmt: skip
    yield "durable publish, 8 senders: JetStream, of zchat", 1, lambda: (
        g.rate("jetstream") / g.rate("zchat"))  # fmt: skip


def replay(results: dict):
    for size, g in sizes(results, "replay").items():
        yield f"replay of {size}: JetStream, of zchat", 1, lambda g=g: (
            g.rate("jetstream") / g.rate("zchat"))  # fmt: skip
        yield f"replay of {size}: XRANGE, of zchat", 1, lambda g=g: (
            g.rate("redis-stream") / g.rate("zchat"))  # fmt: skip
        yield f"replay of {size}: 1 M/s, of zchat", 1, lambda g=g: 1e6 / g.rate("zchat")


def tools(results: dict):
    for size, g in sizes(results, "tools").items():
        for word, rate in (("send", 250e3), ("history", 1e6)):
            if size.startswith(word):
                yield f"zchat {size}: {rate / 1e3:.0f} k/s, of zchat", 1, lambda g=g, rate=rate: (
                    rate / g.rate("zchat"))  # fmt: skip


def arrive(results: dict):
    for size, g in sizes(results, "arrive").items():
        one = g.servers["zchat"]
        yield f"{size}: all live within 10 s; s", 10, lambda one=one: one["join_ms"] / 1e3
        yield f"{size}: KiB a client in the broker", 60, lambda one=one: one["kib"]
        yield f"{size}: idle, % of a core", 1, lambda one=one: one["cpu"] / one["seconds"] * 100


def rooms(results: dict):
    groups = list(sizes(results, "rooms").items())
    (_, first), (size, second) = groups[0], groups[1]
    yield f"growth: packs, CPU a delivery with {size}, of one room", 1.1, lambda: (
        second.cpu("zchat-packs") / first.cpu("zchat-packs"))  # fmt: skip


def judge(results: dict) -> list:
    """(text, bound, found, verdict) of each goal whose works were run."""
    judged = []
    for goals in (hot, bodies, secret, quiet, durable, replay, tools, arrive, rooms):
        try:
            for text, bound, ratio in goals(results):
                found = ratio()
                judged.append((text, f"{bound:.3g}", f"{found:.2f}", "holds" if found <= bound else "missed"))
        except (KeyError, IndexError, ZeroDivisionError):
            continue  # a work, a size or a server that was not measured
    return judged
