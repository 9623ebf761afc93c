#!/usr/bin/python3
"""soak - memory of a broker and of a client that lives long, over an hour of churn.

    ZCHAT_BUILD=build/release tests/chaos/soak.py --minutes 60 --csv soak.csv

Clients come and go, join and leave rooms, change their names, set topics, and talk. What may
grow is only what the log counts: rooms and senders (a line says how many there were). Exit
status 0: after the first quarter neither memory grew beyond what these account for.
"""

import argparse
import os
import sys
import time

import stage as st
from stage import Broker, Crowd, Door, Failed, say

COLUMNS = ("minute", "broker_kb", "broker_fds", "client_kb", "connects", "moves", "renames",
           "topics", "messages", "rooms")  # fmt: skip
SENDER_BYTES = 400  # what a broker may keep of a sender it must recognise for 30 days
SLACK_KB = 3072


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=60, help="that churn")
    parser.add_argument("--every", type=float, default=15, help="seconds between two samples")
    parser.add_argument("--connects", type=float, default=2, help="clients replaced a second")
    parser.add_argument("--moves", type=float, default=5, help="rooms changed a second")
    parser.add_argument("--names", type=float, default=1, help="names changed a second")
    parser.add_argument("--topics", type=float, default=2, help="topics set a second")
    parser.add_argument("--rate", type=float, default=100, help="messages a second")
    parser.add_argument("--csv", help="write the samples there, as they are taken")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def sample(begin, broker, veteran, churn, rooms, moves) -> tuple:
    pid = broker.process.pid
    counts, _ = churn.status()
    old, _ = veteran.status()
    wrong = [k for k in ("holes", "again", "unknown", "gone", "replaced") if old[k]]
    if wrong or old["live"] != old["members"]:
        raise Failed(f"the client that stays is not whole: {old}")
    minute = (time.monotonic() - begin) / 60
    return (round(minute, 2), broker.memory_kb(), len(os.listdir(f"/proc/{pid}/fd")),
            st.memory_kb(veteran.process.pid), counts["connects"], int(moves * minute * 60),
            counts["renames"], counts["topics"], counts["said"], rooms)  # fmt: skip


def curve(rows: list, column: int, title: str) -> None:
    """A line a step: the memory over time, from 0."""
    most = max(row[column] for row in rows)
    say(f"\n{title}, KB (# is {most / 60:.0f})")
    step = max(1, len(rows) // 20)
    for row in rows[::step]:
        say(f"{row[0]:6.1f} min {row[column]:8d} " + "#" * round(60 * row[column] / most))


def table(rows: list) -> None:
    say("\n| " + " | ".join(c.replace("_", " ") for c in COLUMNS) + " |")
    say("|" + "---|" * len(COLUMNS))
    step = max(1, len(rows) // 12)
    for row in rows[::step] + ([rows[-1]] if (len(rows) - 1) % step else []):
        say("| " + " | ".join(str(value) for value in row) + " |")


def grown(rows: list, column: int) -> int:
    """KB between the most of the second quarter and the median of the last one: a quarter's
    peak, so that what merely comes and goes does not count."""
    quarter = len(rows) // 4
    return int(st.median([r[column] for r in rows[-quarter:]])
               - max(r[column] for r in rows[quarter : 2 * quarter]))  # fmt: skip


def soak(args, stage) -> int:
    broker = Broker(stage)
    broker.start()
    veteran = Crowd(stage, "veteran", broker, 1, rooms=10, each=10, brief=True)
    churn = Crowd(stage, "churn", broker, args.clients, rooms=10, each=1, brief=True, whole=1000000)
    veteran.start()
    churn.start()
    churn.tell(f"load {args.rate} 0 0")
    rates = (args.connects, args.moves, args.names, args.topics)
    churn.tell("churn " + " ".join(str(rate * 1000) for rate in rates))
    door = Door(broker)
    out = open(args.csv, "w", encoding="utf-8") if args.csv else None
    rows, begin = [], time.monotonic()
    if out:
        print(",".join(COLUMNS), file=out, flush=True)
    while time.monotonic() - begin < args.minutes * 60:
        time.sleep(args.every)
        rows.append(sample(begin, broker, veteran, churn, len(door.heads()), args.moves))
        if out:
            print(",".join(map(str, rows[-1])), file=out, flush=True)
    churn.tell("load 0 0 0")
    churn.tell("churn 0 0 0 0")
    settled = st.whole_wait([veteran], door, 60)
    table(rows)
    curve(rows, 1, "broker")
    curve(rows, 3, "client")
    if len(rows) < 8:
        raise Failed("too few samples to judge by")
    half = rows[len(rows) // 4 :]
    senders = half[-1][4] - half[0][4]
    allowed = senders * SENDER_BYTES // 1024 + SLACK_KB
    result = [("broker", grown(rows, 1), allowed), ("client", grown(rows, 3), SLACK_KB)]
    say(f"\n{senders} new senders after the first quarter; the client that stayed is whole "
        f"({settled:.1f} s)")  # fmt: skip
    for who, kb, most in result:
        say(f"{who}: {kb:+d} KB from the second quarter to the last ({most} KB allowed)")
    veteran.quit()
    churn.quit()
    code = broker.stop()
    if code:
        say(f"the broker ended with {code}")
    return 1 if code or any(kb > most for _, kb, most in result) else 0


def main() -> int:
    args = arguments()
    stage = st.enter(args.keep, args.minutes * 60 + 300)
    return soak(args, stage)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        say(f"FAILED: {failed}")
        sys.exit(1)
