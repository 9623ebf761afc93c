#!/usr/bin/python3
"""restart - kill -9, or an upgrade, under load: how long until the last client is live again.

    ZCHAT_BUILD=build/release tests/chaos/restart.py --clients 1000 --times 5
    ZCHAT_BUILD=build/release tests/chaos/restart.py --clients 1000 --old PATH-OF-AN-OLDER-ZCHATD

Live: connected, in all its rooms, everything said meanwhile heard. The broker is started again
at once. In the end all clients must have heard the same, and nothing acknowledged is lost.
"""

import argparse
import sys
import time

import stage as st
from stage import Broker, Crowd, Door, Failed, say

SETTLE = 120


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--rate", type=float, default=200, help="messages a second, of all")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--stop", action="store_true", help="stop it in order, as an upgrade does")
    parser.add_argument("--old", help="begin with this zchatd; the first time it is stopped, and the built one started")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def again(broker, crowds, clients: int, stop: bool) -> dict:
    """Kill or stop, and start: seconds until the broker served, half and all of the clients were live."""
    for crowd in crowds:
        crowd.ask("mark")
    begin = time.monotonic()
    if not stop:
        broker.kill()
    elif broker.stop():
        raise Failed("the broker did not stop in order")
    broker.start()
    served = time.monotonic() - begin
    while True:
        counts = [crowd.status()[0] for crowd in crowds]
        if sum(c["lost"] for c in counts) == clients == sum(c["live"] for c in counts):
            break
        if time.monotonic() - begin > SETTLE:
            raise Failed(f"not all live again after {SETTLE} s: {counts}")
        time.sleep(0.1)
    lives = sorted(int(us) for crowd in crowds for us in crowd.ask("lives")[0].split())
    return {"served": served, "half": lives[len(lives) // 2] / 1e6 - begin,
            "all": lives[-1] / 1e6 - begin}  # fmt: skip


def same(crowds) -> int:
    """Messages heard; Failed where two clients heard something else."""
    hashes = {}
    for crowd in crowds:
        counts, rooms = crowd.status()
        if any(counts[k] for k in ("holes", "again", "unknown", "failed", "gone")):
            raise Failed(f"{crowd.name}: {counts}")
        for room, (_, most, digest, agree) in rooms.items():
            if not agree or hashes.setdefault(room, (most, digest)) != (most, digest):
                raise Failed(f"{crowd.name} heard something else in {room} than others")
    return sum(most for most, _ in hashes.values())


def main() -> int:
    args = arguments()
    stage = st.enter(args.keep, 120 + args.times * (SETTLE + 30) + SETTLE)
    broker = Broker(stage)
    built = broker.command[0]
    broker.command[0] = args.old or built
    broker.start()
    broker.command[0] = built
    crowds = [Crowd(stage, f"p{i}", broker, clients, rooms=args.rooms, brief=True, seed=i)
              for i, clients in enumerate(st.parted(args.clients, args.processes))]  # fmt: skip
    for crowd in crowds:
        crowd.start()
    door = Door(broker)
    st.whole_wait(crowds, door, SETTLE)
    for crowd in crowds:
        crowd.ask(f"load {args.rate / len(crowds)} 0 0")
    rounds = []
    for i in range(args.times):
        time.sleep(3)
        rounds.append(again(broker, crowds, args.clients, args.stop or args.old))
        say(f"{i + 1}: served again after {rounds[-1]['served']:.2f} s, half of the clients live "
            f"after {rounds[-1]['half']:.2f} s, all after {rounds[-1]['all']:.2f} s")  # fmt: skip
    for crowd in crowds:
        crowd.ask("load 0 0 0")
    st.whole_wait(crowds, door, SETTLE)
    said = sum(crowd.status()[0]["acked"] for crowd in crowds)
    heard = same(crowds)
    if said != heard:
        raise Failed(f"{said} messages acknowledged, {heard} heard")
    for key, what in (("served", "served again"), ("half", "half live"), ("all", "all live")):
        values = [r[key] for r in rounds]
        say(f"{what}: median {st.median(values):.2f} s, most {max(values):.2f} s")
    say(f"{said} messages acknowledged, each heard once, in one order, by all of its room")
    for crowd in crowds:
        crowd.quit()
    return 1 if broker.stop() else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        say(f"FAILED: {failed}")
        sys.exit(1)
