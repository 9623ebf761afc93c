#!/usr/bin/python3
"""search - how long SEARCH takes in a log of a million messages while a room talks, how fast an index
is made, and what it costs those who publish.

    ZCHAT_BUILD=build/release tests/bench/search.py [--messages 1000000]

One line a figure: name, value, unit. The log is written into the file by SQLite, so that its making
takes seconds; everything else goes over the door.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))

from support.broker import Broker  # noqa: E402
from support.client import Door  # noqa: E402

FREE = [a for name in ("messages", "bytes", "stored", "searches", "reads", "failed")
        for a in ("--quota", f"{name}=0")]  # fmt: skip
ROOMS = 20
RARE = "xylophone"
QUERIES = {
    "rare word": RARE,
    "common word": "common",
    "two common words": "common usual",
    "common and rare": f"common {RARE}",
    "prefix": "xylo*",
    "short prefix": "co*",
    "phrase": '"common usual"',
    "of a person": "from:user7 common",
    "a word nobody said": "syzygy",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=300, help="of each kind")
    parser.add_argument("--rate", type=int, default=1000, help="messages a second meanwhile")
    parser.add_argument("--publish", type=int, default=100_000, help="messages of one run")
    parser.add_argument("--pairs", type=int, default=5, help="of runs with and without an index")
    parser.add_argument("--burst", type=int, default=50_000, help="messages a second to keep up with")
    parser.add_argument("--burst-seconds", type=int, default=10)
    parser.add_argument("--only", choices=["search", "publish", "burst"])
    return parser.parse_args()


def figure(name: str, value, unit: str) -> None:
    print(f"{name:56} {value:>12} {unit}", flush=True)


def body(dice: random.Random, i: int, words: list, weights: list) -> str:
    said = dice.choices(words, cum_weights=weights, k=9)
    if i % 3 == 0:
        said[dice.randrange(9)] = "common"
    if i % 5 == 0:
        said[dice.randrange(9)] = "usual"
    if i % 100_003 == 77:
        said[4] = RARE
    return " ".join(said)


def vocabulary():
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghiklmnoprstuvw", k=dice.randrange(3, 11)))
             for _ in range(50_000)]  # fmt: skip
    total, weights = 0.0, []
    for i in range(len(words)):
        total += 1 / (i + 3)
        weights.append(total)
    return words, weights


def fill(path: Path, count: int) -> None:
    """A log of so many messages in some rooms."""
    dice, (words, weights) = random.Random(2), vocabulary()
    now = int(time.time() * 1000) - count * 10
    heads = [0] * ROOMS

    def rows():
        for i in range(count):
            room = dice.randrange(ROOMS)
            heads[room] += 1
            yield ((room + 1) << 40 | heads[room], now + i * 10, 1, f"user{i % 50}",
                   body(dice, i, words, weights).encode(), "")  # fmt: skip

    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        db.executemany("INSERT INTO messages (id, time, type, user, body, data)"
                       " VALUES (?, ?, ?, ?, ?, ?)", sorted(rows()))  # fmt: skip
        db.executemany("INSERT INTO rooms (id, name, head, first, time, oldest)"
                       " VALUES (?, ?, ?, 1, ?, ?)",
                       [(r + 1, f"room{r}", heads[r], now + count * 10, now) for r in range(ROOMS)])
        db.execute("UPDATE meta SET value = ? WHERE key = 'position'", (count,))
    db.close()


def talk(endpoint: str, user: str, room: str, rate: int, count: int, report) -> None:
    """Say count messages (0: until killed), rate a second, 2,000 under way at most (rate 0: as fast as
    they are acknowledged, 512 under way)."""
    socket = zmq.Context().socket(zmq.DEALER)
    socket.connect(endpoint)
    socket.send_multipart([b"HELLO", b"h", user.encode()])
    assert socket.recv_multipart()[0] == b"OK"
    dice, (words, weights) = random.Random(user), vocabulary()
    bodies = [body(dice, i, words, weights).encode() for i in range(5000)]
    frames = [b"SAY", b"t", user.encode(), room.encode()]
    window, sent, done, begin = 2000 if rate else 512, 0, 0, time.monotonic()
    while not count or done < count:
        due = int((time.monotonic() - begin) * rate) if rate else sent + window
        while sent < due and sent - done < window and (not count or sent < count):
            socket.send_multipart([*frames, bodies[sent % 5000]])
            sent += 1
        if not socket.poll(2 if rate else 1000):
            continue
        while True:
            try:
                assert socket.recv_multipart(zmq.DONTWAIT)[0] == b"OK"
                done += 1
            except zmq.Again:
                break
    report.put((sent, time.monotonic() - begin))


def talkers(broker, number: int, rate: int, count: int):
    report = multiprocessing.Queue()
    made = [multiprocessing.Process(target=talk, daemon=True,
                                    args=(broker.door, f"talker{i}", f"live{i}", rate // number,
                                          count // number, report))
            for i in range(number)]  # fmt: skip
    for process in made:
        process.start()
    return made, report


def door_to(broker, user="") -> Door:
    made = Door(zmq.Context.instance(), broker.door, user)
    made.hello()
    return made


def behind(door) -> int:
    return door.ask("SEARCH", "syzygy").json.get("behind", 0)


def complete(door) -> float:
    begin = time.monotonic()
    while behind(door):
        time.sleep(0.02)
    return time.monotonic() - begin


def quantile(values: list, share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def searches(args, folder: Path) -> None:
    broker = Broker(folder, args=[*FREE, "--index", "off"]).start()
    assert broker.stop() == 0
    fill(broker.data / "zchat.db", args.messages)
    broker.args = FREE
    broker.start()
    door = door_to(broker)
    took = complete(door)
    figure("an index made of a log", round(args.messages / took), "messages/s")
    size = (broker.data / "index.db").stat().st_size
    figure("the log", round((broker.data / "zchat.db").stat().st_size / args.messages), "bytes/message")
    figure("the index", round(size / args.messages), "bytes/message")
    for loaded in (False, True):
        made = []
        if loaded:
            made, _ = talkers(broker, 1, args.rate, 0)
        state = f", {args.rate} messages/s" if loaded else ", quiet"
        for name, query in QUERIES.items():
            times, partial, hits = [], 0, 0
            for _ in range(args.searches):
                begin = time.monotonic()
                reply = door.ask("SEARCH", query).json
                times.append((time.monotonic() - begin) * 1000)
                partial += "partial" in reply
                hits = len(reply["hits"])
                time.sleep(0.005)
            note = f" ({hits} hits{f', {partial} partial' if partial else ''})"
            for share in (0.5, 0.99):
                figure(f"{name}{note}{state}: p{int(share * 100)}",
                       round(quantile(times, share), 1), "ms")  # fmt: skip
        if loaded:
            figure(f"behind{state}", behind(door), "messages")
        for process in made:
            process.terminate()
            process.join()
    assert broker.stop() == 0


def spent(broker) -> float:
    """Seconds of processor time of all threads but those of the index, which are the nice ones: what a
    busy machine does to it is little, where rates mean nothing there."""
    ticks = 0
    for stat in Path(f"/proc/{broker.process.pid}/task").glob("*/stat"):
        fields = stat.read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12]) if fields[16] == "0" else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def publish(args, folder: Path) -> None:
    """The same run with and without an index, in turn; the ratio of each pair."""
    ratios, costs = [], []
    rates, cpu = {"on": [], "off": []}, {"on": [], "off": []}
    for pair in range(args.pairs):
        for index in ("on", "off") if pair % 2 else ("off", "on"):
            broker = Broker(folder / f"{pair}{index}", args=[*FREE, "--index", index]).start()
            made, report = talkers(broker, 2, 0, args.publish)
            took = max(report.get()[1] for _ in made)
            rates[index].append(args.publish / took)
            cpu[index].append(spent(broker) * 1e6 / args.publish)
            if index == "on":
                door = door_to(broker)
                figure("behind at the end of a run", behind(door), "messages")
                figure("and complete after", round(complete(door), 2), "s")
            assert broker.stop() == 0
        ratios.append(rates["on"][-1] / rates["off"][-1])
        costs.append(cpu["off"][-1] / cpu["on"][-1])
    for index, values in rates.items():
        figure(f"published, durable, index {index}: median", round(quantile(values, 0.5)), "messages/s")
    for index, values in cpu.items():
        figure(f"processor time of all else, index {index}: median",
               round(quantile(values, 0.5), 2), "us/message")  # fmt: skip
    figure("processor time without / with: median", round(quantile(costs, 0.5), 3), "")
    figure("ratio with / without: median", round(quantile(ratios, 0.5), 3), "")
    figure("ratio with / without: all", ",".join(f"{r:.2f}" for r in ratios), "")


def burst(args, folder: Path) -> None:
    broker = Broker(folder, args=FREE).start()
    count = args.burst * args.burst_seconds
    made, report = talkers(broker, 2, args.burst, count)
    door, most, begin = door_to(broker), 0, time.monotonic()
    while any(process.is_alive() for process in made):
        most = max(most, behind(door))
        time.sleep(0.1)
    took = max(report.get()[1] for _ in made)
    figure("a burst", round(count / took), "messages/s")
    figure("of it behind at most", most, "messages")
    figure("complete after its end", round(complete(door), 2), "s")
    assert broker.stop() == 0


def main() -> None:
    args = arguments()
    os.environ.setdefault("ZCHAT_BUILD", "build/release")
    folder = Path(tempfile.mkdtemp(prefix="zchat-search-"))
    print(json.dumps({"load": os.getloadavg(), "cores": os.cpu_count()}))
    try:
        for name, run in (("search", searches), ("publish", publish), ("burst", burst)):
            if args.only in (None, name):
                run(args, folder / name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
