#!/usr/bin/python3
"""slow_reader - one client stopped for a minute while the room talks at full speed.

    ZCHAT_BUILD=build/release tests/chaos/slow_reader.py

Twice the same: a room of listeners in which some talk as fast as they are acknowledged
(--window messages under way each), beside a client that reads all along, then beside one that
is stopped (SIGSTOP). Shown: the broker's memory, and how long the others' messages took to
be heard. Afterwards the stopped one goes on, and must have heard all of it, in the same order.
"""

import argparse
import signal
import sys
import time

import stage as st
from stage import Broker, Crowd, Door, Failed, say

SETTLE = 120


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="that it is stopped")
    parser.add_argument("--listeners", type=int, default=20)
    parser.add_argument("--talkers", type=int, default=4, help="of the listeners")
    parser.add_argument("--window", type=int, default=64, help="messages on their way of each")
    parser.add_argument("--rate", type=float, help="so many a second, instead of full speed")
    parser.add_argument("--pad", type=int, default=40, help="bytes a message is longer")
    parser.add_argument("--memory-mb", type=int, default=256, help="that the broker may grow by")
    parser.add_argument("--csv", help="write the memory over time there")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def sampled(broker, seconds: float, pause: float = 0.5) -> list:
    """(second, KB) of the broker."""
    begin, rows = time.monotonic(), []
    while time.monotonic() - begin < seconds:
        rows.append((round(time.monotonic() - begin, 1), broker.memory_kb()))
        time.sleep(pause)
    return rows


def stretch(args, broker, crowd, reader, stop: bool, seconds: float) -> dict:
    """One of the two: the figures."""
    go = f"load {args.rate} 0 0" if args.rate else f"window {args.talkers} {args.window}"
    halt = "load 0 0 0" if args.rate else "window 0 0"
    crowd.ask(go)
    time.sleep(2)
    before, _ = crowd.status()
    memory = broker.memory_kb()
    crowd.ask("latency")
    if stop:
        reader.signal(signal.SIGSTOP)
    begin = time.monotonic()
    rows = sampled(broker, seconds)
    took = time.monotonic() - begin
    latency = crowd.numbers("latency")
    after, _ = crowd.status()
    crowd.ask(halt)
    if stop:
        reader.signal(signal.SIGCONT)
    door = Door(broker)
    whole = st.whole_wait([crowd, reader], door, SETTLE)
    door.close()
    return {"rows": rows, "latency": latency, "before": memory, "whole": whole,
            "rate": (after["acked"] - before["acked"]) / took}  # fmt: skip


def show(name: str, figures: dict) -> None:
    latency = figures["latency"]
    say(f"{name}: {figures['rate']:.0f} messages/s; heard after p50 {latency['p50'] / 1000:.2f} ms, "
        f"p99 {latency['p99'] / 1000:.2f} ms, most {latency['max'] / 1000:.1f} ms "
        f"({latency['count']} heard); broker {figures['before']} KB before, "
        f"{max(kb for _, kb in figures['rows'])} KB at most, "
        f"{figures['rows'][-1][1]} KB at the end; all whole {figures['whole']:.1f} s later")  # fmt: skip


def curve(rows: list) -> None:
    most = max(kb for _, kb in rows)
    for second, kb in rows[:: max(1, len(rows) // 20)]:
        say(f"{second:6.1f} s {kb:8d} KB " + "#" * round(60 * kb / most))


def agreed(crowds: list) -> None:
    """All heard all of it, in the same order."""
    hashes = set()
    for crowd in crowds:
        counts, rooms = crowd.status()
        if counts["holes"] or counts["again"] or counts["unknown"] or counts["failed"]:
            raise Failed(f"{crowd.name}: {counts}")
        _, most, digest, agree = rooms["room0"]
        hashes.add((most, digest))
        if not agree:
            raise Failed(f"the clients of {crowd.name} heard different things")
    if len(hashes) != 1:
        raise Failed(f"the stopped client heard something else than the others: {hashes}")
    say(f"the stopped client heard all {hashes.pop()[0]} messages, as the others did")


def main() -> int:
    args = arguments()
    stage = st.enter(args.keep, 3 * args.seconds + 2 * SETTLE + 60)
    broker = Broker(stage)
    broker.start()
    crowd = Crowd(stage, "others", broker, args.listeners, rooms=1, brief=True, pad=args.pad)
    reader = Crowd(stage, "stopped", broker, 1, rooms=1, brief=True, pad=args.pad)
    crowd.start()
    reader.start()
    door = Door(broker)
    st.whole_wait([crowd, reader], door, SETTLE)
    door.close()
    without = stretch(args, broker, crowd, reader, False, min(args.seconds, 30))
    show("nobody stopped", without)
    stopped = stretch(args, broker, crowd, reader, True, args.seconds)
    show("one stopped", stopped)
    curve(stopped["rows"])
    if args.csv:
        with open(args.csv, "w", encoding="utf-8") as out:
            out.writelines(f"{second},{kb}\n" for second, kb in stopped["rows"])
    agreed([crowd, reader])
    crowd.quit()
    reader.quit()
    code = broker.stop()
    grew = max(kb for _, kb in stopped["rows"]) - stopped["before"]
    say(f"the broker grew by {grew} KB ({args.memory_mb * 1024} allowed), ended with {code}")
    return 1 if code or grew > args.memory_mb * 1024 else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        say(f"FAILED: {failed}")
        sys.exit(1)
