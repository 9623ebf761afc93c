#!/usr/bin/python3
"""chaos - real brokers and clients, killed, stopped, cut off and out of disk, then compared.

    ZCHAT_BUILD=build/release tests/chaos/chaos.py --seconds 600 --clients 300 --seed 7

Every acknowledged message must stand in the log once, in its sender's order, and in the
transcript of every client, in the order of the log. Exit status 0: it is so.
"""

import argparse
import heapq
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter

import stage as st
from stage import Broker, Crowd, Door, Failed, say
from verdict import Verdict, log_of_disk

HOST = "10.77.0.1"
SETTLE = 180  # s, for everything to come after the last fault
#   kind: (mean s between two, chances of how long it lasts in s)
FAULTS = {
    "broker killed": (14, ((0.6, 0, 0.05), (0.3, 0.05, 2), (0.1, 2, 8))),
    "broker stopped": (20, ((0.7, 0.1, 3), (0.2, 3, 9), (0.1, 10, 22))),
    "clients killed": (18, ((0.5, 0, 0.1), (0.5, 0.1, 8))),
    "clients stopped": (18, ((0.6, 0.2, 4), (0.3, 4, 12), (0.1, 12, 35))),
    "clients asleep": (25, ((0.5, 0.5, 5), (0.5, 15, 25))),
    "network cut": (14, ((0.6, 0.1, 3), (0.3, 3, 12), (0.1, 12, 35))),
    "disk full": (25, ((0.5, 1, 6), (0.5, 6, 15))),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long faults go on")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--processes", type=int, default=5, help="of clients; the first is spared")
    parser.add_argument("--rooms", type=int, default=10)
    parser.add_argument("--each", type=int, default=2, help="rooms a client is in")
    parser.add_argument("--rate", type=float, default=200, help="messages a second, of all")
    parser.add_argument("--burst", type=int, default=300, help="messages at once, when bursting")
    parser.add_argument("--disk-mb", type=int, default=1024, help="size of the disk that fills up")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--without", nargs="*", default=[], metavar="FAULT",
                        help=f"leave out: {', '.join(FAULTS)}")  # fmt: skip
    parser.add_argument("--keep", action="store_true", help="keep log and transcripts")
    parser.add_argument("--json", help="write the figures there too")
    return parser.parse_args()


class Network:
    """A bridge, and for every process of clients a namespace of its own that hangs on it."""

    def __init__(self):
        # an address of its own: else it takes the lowest of its members, and whoever knew the one it
        # had hears nothing for seconds, whenever a member is added
        st.run("ip link add zbridge address 02:00:00:00:00:01 type bridge")
        st.run(f"ip addr add {HOST}/24 dev zbridge")
        st.run("ip link set zbridge up")

    def add(self, i: int) -> list:
        """What a program is started by to be there."""
        st.run(f"ip netns add n{i}")
        st.run(f"ip link add v{i} type veth peer name w{i}")
        st.run(f"ip link set v{i} master zbridge up")
        st.run(f"ip link set w{i} netns n{i}")
        for command in (f"ip addr add 10.77.0.{10 + i}/24 dev w{i}", f"ip link set w{i} up",
                        "ip link set lo up"):  # fmt: skip
            st.run(f"ip netns exec n{i} {command}")
        return ["ip", "netns", "exec", f"n{i}"]

    def set(self, i: int, state: str) -> None:
        st.run(f"ip link set v{i} {state}")


class Disk:
    def __init__(self, path, megabytes: int):
        self.path, self.filler = path, path / "filler"
        path.mkdir()
        st.run(f"mount -t tmpfs -o size={megabytes}m none {path}")

    def fill(self, leave: int) -> None:
        info = os.statvfs(self.path)
        fd = os.open(self.filler, os.O_CREAT | os.O_WRONLY)
        try:
            os.posix_fallocate(fd, 0, max(4096, info.f_bavail * info.f_frsize - leave))
        except OSError:
            pass  # it was filled meanwhile
        finally:
            os.close(fd)

    def free(self) -> None:
        self.filler.unlink(missing_ok=True)


class Chaos:
    def __init__(self, args, stage):
        self.args, self.stage, self.rng = args, stage, random.Random(args.seed)
        self.done, self.plan, self.order = Counter(), [], 0
        self.network = Network() if stage.namespaces else None
        self.disk = Disk(stage.work / "disk", args.disk_mb) if stage.namespaces else None
        data = self.disk.path / "data" if self.disk else None
        self.broker = Broker(stage, HOST if self.network else "127.0.0.1", data)
        self.crowds = []
        for i, clients in enumerate(st.parted(args.clients, args.processes)):
            before = self.network.add(i) if self.network else ()
            self.crowds.append(Crowd(stage, f"p{i}", self.broker, clients, before,
                                     rooms=args.rooms, each=args.each, seed=args.seed + i))  # fmt: skip
        self.load = "load 0 0 0"
        self.busy = set()  # what is failing now: (kind, number of the process)
        self.problems = []

    # --- the plan

    def later(self, seconds: float, action, *arguments) -> None:
        self.order += 1
        heapq.heappush(self.plan, (time.monotonic() + seconds, self.order, action, arguments))

    def fault_later(self, kind: str) -> None:
        self.later(self.rng.expovariate(1 / FAULTS[kind][0]), self.fault, kind)

    def lasting(self, kind: str) -> float:
        chances = FAULTS[kind][1]
        _, low, high = self.rng.choices(chances, [chance[0] for chance in chances])[0]
        return self.rng.uniform(low, high)

    def fault(self, kind: str) -> None:
        self.fault_later(kind)
        seconds = self.lasting(kind)
        spared = 1 if kind in ("clients killed", "network cut") else 0
        victim = self.rng.randrange(spared, len(self.crowds))
        if self.rng.random() < 0.6:  # with much on its way
            self.burst(self.rng.randrange(1, 200))
            time.sleep(self.rng.choice((0, 0.002, 0.005, 0.02)))
        getattr(self, kind.replace(" ", "_"))(kind, victim, seconds)

    def begin(self, kind: str, victim) -> bool:
        if (kind, victim) in self.busy:
            return False
        self.busy.add((kind, victim))
        self.done[kind] += 1
        return True

    # --- the faults

    def broker_killed(self, kind, _, seconds):
        if self.broker.process:
            self.done[kind] += 1
            self.broker.kill()
            self.later(seconds, self.broker_start)

    def broker_start(self):
        """It may find the disk full: then it says so, and is started again later."""
        try:
            self.broker.start()
        except Failed as failed:
            if not any(kind == "disk full" for kind, _ in self.busy):
                self.problems.append(str(failed))
            self.done["broker did not start on the full disk"] += 1
            self.later(0.5, self.broker_start)

    def broker_stopped(self, kind, _, seconds):
        process = self.broker.process
        if process and self.begin(kind, process):
            process.send_signal(signal.SIGSTOP)
            self.later(seconds, self.go_on, kind, process)

    def clients_asleep(self, kind, victim, seconds):
        """Not stopped: the threads of libzmq go on, and their queues fill."""
        crowd = self.crowds[victim]
        if crowd.process:
            self.done[kind] += 1
            crowd.tell(f"nap {seconds * 1000:.0f}")

    def go_on(self, kind, process):
        self.busy.discard((kind, process))
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)

    def clients_killed(self, kind, victim, seconds):
        crowd = self.crowds[victim]
        if crowd.process:
            self.done[kind] += 1
            crowd.kill()
            self.later(seconds, self.clients_start, crowd)

    def clients_start(self, crowd):
        crowd.start(whole=10)
        crowd.tell(self.load)

    def clients_stopped(self, kind, victim, seconds):
        process = self.crowds[victim].process
        if process and self.begin(kind, process):
            process.send_signal(signal.SIGSTOP)
            self.later(seconds, self.go_on, kind, process)

    def network_cut(self, kind, victim, seconds):
        if self.begin(kind, victim):
            self.network.set(victim, "down")
            self.later(seconds, self.network_heal, kind, victim)

    def network_heal(self, kind, victim):
        self.network.set(victim, "up")
        self.busy.discard((kind, victim))

    def disk_full(self, kind, _, seconds):
        if self.begin(kind, 0):
            self.disk.fill(self.rng.choice((0, 4096, 65536, 300000)))
            self.later(seconds, self.disk_free, kind)

    def disk_free(self, kind):
        self.disk.free()
        self.busy.discard((kind, 0))

    # --- the load

    def burst(self, count):
        for crowd in self.crowds:
            if crowd.process:
                crowd.tell(f"burst {count // len(self.crowds) + 1}")

    def phase(self):
        each = self.args.rate / len(self.crowds)
        kind = self.rng.choice(("steady", "steady", "bursting", "bursting", "quiet"))
        self.load = {
            "steady": f"load {each} 0 0",
            "bursting": f"load {each / 4} {self.args.burst / len(self.crowds)} 1500",
            "quiet": f"load {each / 20} 0 0",
        }[kind]
        self.done[f"phases {kind}"] += 1
        for crowd in self.crowds:
            if crowd.process:
                crowd.tell(self.load)
        self.later(self.rng.uniform(8, 20), self.phase)

    # --- the run

    def watch(self):
        code = self.broker.gone()
        if code is not None:
            self.problems.append(f"the broker ended by itself: {code}, {self.broker.last_words()}")
            self.broker_start()
        for crowd in self.crowds:
            if crowd.process and crowd.process.poll() is not None:
                raise Failed(f"{crowd.name} ended by itself: {crowd.process.returncode}")

    def run(self):
        self.broker.start()
        for crowd in self.crowds:
            crowd.start()
        self.phase()
        for kind in FAULTS:
            possible = self.network or kind not in ("network cut", "disk full")
            if possible and kind not in self.args.without:
                self.fault_later(kind)
        end = time.monotonic() + self.args.seconds
        told = time.monotonic()
        while time.monotonic() < end:
            if self.plan and self.plan[0][0] <= time.monotonic():
                _, _, action, values = heapq.heappop(self.plan)
                action(*values)
            else:
                time.sleep(0.01)
            self.watch()
            if time.monotonic() - told > 30:
                told = time.monotonic()
                say(f"  {end - told:4.0f} s left: " + self.told())
        self.heal()

    def told(self) -> str:
        return ", ".join(f"{count} {kind}" for kind, count in sorted(self.done.items()))

    def heal(self):
        """Do all that ends a fault, and nothing that begins one."""
        begins = (self.fault, self.phase)
        for _, _, action, values in sorted(self.plan, key=lambda entry: entry[:2]):
            if action not in begins and action != self.broker_start:
                action(*values)
        if not self.broker.process:
            self.broker.start()
        for crowd in self.crowds:
            crowd.tell("load 0 0 0")

    def settle(self) -> float:
        door = Door(self.broker)
        try:
            self.settled = st.whole_wait(self.crowds, door, SETTLE)
            return {room: door.history(room) for room in door.heads()}
        finally:
            door.close()


def judge(chaos, history) -> Verdict:
    verdict = Verdict()
    for crowd in chaos.crowds:
        counts, _ = crowd.status()
        for kind in ("holes", "again"):
            if counts[kind]:
                verdict.wrong("lost" if kind == "holes" else "duplicated", f"{crowd.name} {kind}")
        crowd.quit()
    code = chaos.broker.stop()
    if code:
        chaos.problems.append(f"the broker ended with {code}: {chaos.broker.last_words()}")
    if chaos.disk:  # which is gone with the stage
        shutil.copytree(chaos.broker.data, chaos.stage.work / "data")
    rooms = log_of_disk(chaos.broker.data)
    for room, events in history.items():
        if events != list(enumerate(rooms[room], 1)):
            chaos.problems.append(f"HISTORY of {room} is not what is on disk")
    failed = chaos.broker.log_path.read_text(errors="replace").count("storage-fails")
    verdict.counts["times that commits began to fail"] += failed
    verdict.log(rooms)
    for crowd in chaos.crowds:
        for incarnation in range(1, crowd.incarnation + 1):
            alive = incarnation == crowd.incarnation
            verdict.transcript(crowd.transcript(incarnation), incarnation, alive,
                               1 if incarnation == 1 else 10)  # fmt: skip
    verdict.end()
    for problem in chaos.problems:
        verdict.wrong("problems", problem)
    return verdict


def main() -> int:
    args = arguments()
    stage = st.enter(args.keep, args.seconds + SETTLE + 300 + args.seconds)
    say(f"chaos: seed {args.seed}, {args.seconds:.0f} s, {args.clients} clients in "
        f"{args.processes} processes, {args.rate:.0f} messages/s or bursts of {args.burst}")  # fmt: skip
    if not stage.namespaces:
        say("left out: network cut, disk full")
    chaos = Chaos(args, stage)
    chaos.run()
    history = chaos.settle()
    say(f"faults: {chaos.told()}")
    say(f"whole {chaos.settled:.1f} s after the last of them")
    verdict = judge(chaos, history)
    counts = verdict.counts
    for kind, count in sorted(counts.items()):
        if kind not in (*verdict.WRONG, "accounted", "problems"):
            say(f"  {count:9d} {kind}")
    for kind in (*verdict.WRONG, "problems"):
        say(f"  {counts[kind]:9d} {kind.upper()}")
    for example in verdict.examples:
        say("   ", example)
    good = not any(counts[kind] for kind in (*verdict.WRONG, "problems"))
    if args.json:
        figures = {"seed": args.seed, "seconds": args.seconds, "clients": args.clients,
                   "settled": chaos.settled, "faults": chaos.done, "counts": counts}  # fmt: skip
        with open(args.json, "w", encoding="utf-8") as out:
            json.dump(figures, out, indent=1)
    say("every acknowledged message stands once, in order, everywhere" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        say(f"FAILED: {failed}")
        sys.exit(1)
