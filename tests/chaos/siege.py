#!/usr/bin/python3
"""siege - every attack that is known, in turn, beside honest clients who talk all the while.

    ZCHAT_BUILD=build/release tests/chaos/siege.py --seconds 600 [--curve]

The honest are a hundred clients at an address of their own; so has each attacker. Shown for
each attack, and for a while without one: how long the honest waited from said to heard, and what
became of the broker's memory and descriptors. Exit status 0: the broker lives, no honest connection
was lost, of what it acknowledged nothing is lost, twice, out of order or invented, p99 is below
200 ms in each attack, and the broker's memory below 1 GiB.
"""

import argparse
import os
import random
import re
import resource
import select
import subprocess
import sys
import time

import stage as st
from chaos import HOST, Network
from stage import Broker, Crowd, Door, Failed, say
from verdict import Verdict, log_of_disk

SUPPORT = st.ROOT / "tests" / "integration"
KINDS = (
    "announced_ids", "probed_ids", "second_of_an_id", "rounds_of_an_id", "others_names", "wrong_keys",
    "pages", "old_peers", "web_sockets", "empty_frames", "feed_frames", "silent", "trie",
    "subscription_churn", "leaving", "producers", "mailboxes", "tells", "keys", "bans", "bodies", "presence", "lists",
    "unknown", "connections", "guests", "churn", "joins", "rooms", "names", "tiny", "huge",
    "oversized", "failing", "histories", "deaf", "subscriptions", "long_subscriptions", "resets",
)  # fmt: skip
#   What ends before anything was sent where the broker encrypts.
PLAIN = ("second_of_an_id", "rounds_of_an_id", "old_peers", "empty_frames", "feed_frames")
P99_MS, MEMORY_MB = 200, 1024
# How an attack ends that the broker shut out, or that went on until its own descriptors ran out.
SHUT_OUT = ("zmq.error.Again", "ConnectionRe", "BrokenPipe", "TimeoutError", "OSError",
            "zmq.error.ZMQError: Too many open files")  # fmt: skip
SETTLE = 120


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=600, help="of attacks, all together")
    parser.add_argument("--clients", type=int, default=100, help="that are honest")
    parser.add_argument("--rate", type=float, default=200, help="messages a second, of all of them")
    parser.add_argument("--rooms", type=int, default=10)
    parser.add_argument("--curve", action="store_true", help="an encrypted broker")
    parser.add_argument("--only", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


class Attacker:
    """A process of support.attack; at the lowest priority, for its machine would be another."""

    def __init__(self, stage, kind: str, broker, address: str | None, before: list):
        command = ["nice", "-n", "19", *before, sys.executable, "-m", "support.attack", kind,
                   broker.door, broker.feed]  # fmt: skip
        self.errors = stage.work / f"{kind}.err"
        with open(self.errors, "wb") as errors:
            self.process = st.spawn(
                command + ([address] if address else []), cwd=SUPPORT, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip

    def stop(self) -> str:
        """What it counted, if it still says so. An attack that ended for another reason than that
        the broker shut it out was none."""
        if self.process.poll() is not None:
            said = self.errors.read_text(errors="replace").strip().rpartition("\n")[2]
            self.process.stdin.close()
            self.process.stdout.close()
            st.CHILDREN.discard(self.process)
            if not said.startswith(SHUT_OUT):
                raise Failed(f"{self.process.args}: {said}")
            return said
        self.process.stdin.close()
        words = b""
        end = time.monotonic() + 3
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.process.stdout], [], [], left)[0]:
                break
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                break
            words += chunk
        self.process.kill()
        st.reap(self.process)
        self.process.stdout.close()
        found = re.search(rb"\{.*\}", words)
        return found[0].decode() if found else ""


class Siege:
    def __init__(self, args, stage):
        self.args, self.stage, self.rng = args, stage, random.Random(args.seed)
        network = Network() if stage.namespaces else None
        where = HOST if network else "127.0.0.1"
        options = ["--curve"] if args.curve else []
        if network:  # see web_sockets of support.attack
            options += ["--ws", "--door", f"ws://{where}:5682", "--feed", f"ws://{where}:5683"]
        self.broker = Broker(stage, where, args=options)
        if args.curve and "--insecure" in self.broker.command:
            self.broker.command.remove("--insecure")
        door = self.broker.door
        self.broker.feed = door.replace(":5680", ":5681") if network else self.broker.command[6]
        self.broker.start()
        self.address = self._address() if args.curve else None
        self.crowd = Crowd(stage, "honest", self.broker, args.clients, network.add(0) if network else (),
                           rooms=args.rooms, each=2, endpoint=self.address or door)  # fmt: skip
        self.network, self.rows = network, []

    def _address(self) -> str:
        return re.search(r"zchat://\S+", self.broker.ready)[0]

    def watch(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            code = self.broker.gone()
            if code is not None:
                raise Failed(f"the broker ended with {code}: {self.broker.last_words()}")
            time.sleep(0.2)

    def attack(self, kind: str | None, seconds: float) -> None:
        """None: nobody attacks, which is what the machine itself makes them wait."""
        self.crowd.ask("latency")
        pid = self.broker.process.pid
        before_s, attacker = self.worked_s(pid), None
        if kind:
            # an address of its own: one that was shut out would attack nobody any more
            place = self.network.add(1 + len(self.rows)) if self.network else []
            attacker = Attacker(self.stage, kind, self.broker, self.address, place)
        counted = ""
        try:
            self.watch(seconds)
            latency = self.crowd.numbers("latency")
            busy = 100 * (self.worked_s(pid) - before_s) / seconds
        finally:
            if attacker:
                counted = attacker.stop()
        lost = self.crowd.status()[0]["lost"]
        self.crowd.ask("mark")
        row = {"kind": kind, **latency, "lost": lost, "mb": self.broker.memory_kb() // 1024,
               "fds": len(os.listdir(f"/proc/{pid}/fd"))}  # fmt: skip
        if kind:
            self.rows.append(row)
        say(f"{kind or '(no attack)':20} heard {row['count']:7d}  p50 {row['p50'] / 1000:7.2f} ms  p99 "
            f"{row['p99'] / 1000:8.2f} ms  most {row['max'] / 1000:8.1f} ms  connections lost {lost:3d}  "
            f"broker {busy:3.0f} % CPU, {row['mb']:5d} MB, {row['fds']:5d} descriptors  {counted[:100]}")  # fmt: skip

    @staticmethod
    def worked_s(pid: int) -> float:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def run(self) -> None:
        kinds = [k for k in self.args.only or KINDS if not (self.args.curve and k in PLAIN)]
        self.rng.shuffle(kinds)
        each = self.args.seconds / len(kinds)
        self.crowd.start()
        self.crowd.ask(f"load {self.args.rate} 0 0")
        self.watch(2)
        self.crowd.ask("latency whole")
        for kind in (None, *kinds, None):
            self.attack(kind, each)
        self.crowd.ask("load 0 0 0")

    def settle(self) -> float:
        """Until every honest client has all there is of its rooms: by what they say themselves,
        for an address under attack may be refused new connections."""
        begin = time.monotonic()
        while True:
            counts, rooms = self.crowd.status()
            apart = [r for r, (least, most, _, _) in rooms.items() if least != most]
            if counts["live"] == counts["members"] and not counts["unacked"] and not apart:
                return time.monotonic() - begin
            if time.monotonic() - begin > SETTLE:
                raise Failed(f"not whole after {SETTLE} s: {counts}, {apart}")
            time.sleep(0.25)

    def judge(self) -> Verdict:
        verdict = Verdict()
        counts, _ = self.crowd.status()
        self.whole = self.crowd.numbers("latency whole")
        for kind in ("holes", "again"):
            if counts[kind]:
                verdict.wrong("lost" if kind == "holes" else "duplicated", f"honest {kind}")
        self.crowd.quit()
        code = self.broker.stop()
        if code:
            verdict.wrong("problems", f"the broker ended with {code}: {self.broker.last_words()}")
        ours = [f"room{i}" for i in range(self.args.rooms)]
        rooms = log_of_disk(self.broker.data, ours)
        verdict.log({name: rooms.get(name, []) for name in ours})
        verdict.transcript(self.crowd.transcript(1), 1, True, 1)
        verdict.end()
        return verdict


def main() -> int:
    args = arguments()
    stage = st.enter(args.keep, args.seconds * 2 + SETTLE + 300)
    say(f"siege: seed {args.seed}, {args.seconds:.0f} s, {args.clients} honest clients, "
        f"{args.rate:.0f} messages/s, {'encrypted' if args.curve else 'plain'}")  # fmt: skip
    if not stage.namespaces:
        say("no namespaces: the attackers have the address of the honest")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # attackers hold thousands
    siege = Siege(args, stage)
    siege.run()
    settled = siege.settle()
    verdict = siege.judge()
    whole = siege.whole
    worst = max(siege.rows, key=lambda row: row["p99"])
    most_mb = max(row["mb"] for row in siege.rows)
    say(f"heard {whole['count']}, p50 {whole['p50'] / 1000:.1f} ms, p99 {whole['p99'] / 1000:.1f} ms, most "
        f"{whole['max'] / 1000:.0f} ms; worst p99 of an attack {worst['p99'] / 1000:.1f} ms ({worst['kind']}); "
        f"broker {most_mb} MB at most; "
        f"whole {settled:.1f} s after the last; load of the machine {os.getloadavg()[1]:.1f}")  # fmt: skip
    bad = (*Verdict.WRONG, "problems", "connections lost")
    for kind in bad:
        say(f"  {verdict.counts[kind]:9d} {kind.upper()}")
    for example in verdict.examples:
        say("   ", example)
    good = worst["p99"] < P99_MS * 1000 and most_mb < MEMORY_MB and not any(verdict.counts[k] for k in bad)
    say("the honest noticed nothing" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        say(f"FAILED: {failed}")
        sys.exit(1)
