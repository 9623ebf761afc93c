"""Kill the broker again and again under load: every acknowledged message stands once, in its
sender's order, in every client and in the log."""

import os
import random
import time

import pytest

from support import build
from support.client import Door
from support.swarm import Swarm

KILLS = int(os.environ.get("ZCHAT_KILLS", "20"))
CLIENTS = int(os.environ.get("ZCHAT_CLIENTS", "100"))
PROGRAMS = 3  # real zchat among them
RATE = 400  # messages a second, of all together


@pytest.mark.timeout(180 + 5 * KILLS)
def test_kills_under_load(broker, context, zchat):
    seed = int(os.environ.get("ZCHAT_SEED", random.randrange(2**32)))
    print(f"ZCHAT_SEED={seed}")
    dice = random.Random(seed)
    swarm = Swarm(context, broker.door)
    for i in range(CLIENTS):
        swarm.add(f"client{i}", "storm", "pack" if i % 4 else "room")
    programs = []
    if os.path.exists(build.build_dir() / "zchat"):
        for i in range(PROGRAMS):
            program = zchat(broker.door, "--nick", f"program{i}", "--room", "storm", "--last", "0")
            programs.append((program, []))
    assert swarm.run(30, until=lambda: all(m.joined for m in swarm.members)), "not all are in"
    guest = Door(context, broker.door)

    def programs_are_in() -> bool:
        users = guest.ask("WHO", "storm")["users"]
        return all(f"program{i}" in users for i in range(len(programs)))

    assert swarm.run(30, until=programs_are_in), "the programs are not in"
    guest.close()
    due = [time.monotonic()]

    def load() -> None:
        """Somebody says something, at a steady rate and now and then in bursts."""
        now = time.monotonic()
        while due[0] <= now:
            due[0] = max(due[0] + 1 / RATE, now - 1)
            member = dice.choice(swarm.members)
            for _ in range(10 if dice.random() < 0.02 else 1):
                if member.may_say:
                    member.say(f"{member.user} {member.n + 1}")
            if programs and dice.random() < 0.02:
                program, said = dice.choice(programs)
                said.append(f"line {len(said) + 1}")
                program.type(said[-1])

    def acknowledged() -> int:
        return sum(len(member.acknowledged) for member in swarm.members)

    for kill in range(KILLS):
        before = acknowledged()
        swarm.run(dice.uniform(0.0, 1.5), each=load)
        if dice.random() < 0.8:  # else perhaps before anybody is back
            assert swarm.run(30, each=load, until=lambda: acknowledged() > before), (
                f"after kill {kill} nobody got on"
            )
        broker.kill()
        if dice.random() < 0.3:
            swarm.run(dice.uniform(0.0, 0.3), each=load)
        broker.start()

    def all_acknowledged() -> bool:
        return all(m.joined and not m.unacknowledged for m in swarm.members)

    assert swarm.run(60, until=all_acknowledged), [
        (m.user, m.joined, list(m.unacknowledged)) for m in swarm.members if m.unacknowledged
    ]
    guest = Door(context, broker.door)
    wanted = sum(m.n for m in swarm.members) + sum(len(said) for _, said in programs)

    def all_stored() -> bool:
        return guest.history("storm", limit=1)["head"] >= wanted

    assert swarm.run(30, until=all_stored), (guest.history("storm", limit=1).json, wanted)
    head = guest.history("storm", limit=1)["head"]
    assert swarm.run(60, until=lambda: all(m.last >= head for m in swarm.members)), (
        head, [(m.user, m.last) for m in swarm.members if m.last < head],
    )  # fmt: skip

    log = [(e.seq, e.user, e.body) for e in guest.history_all("storm")]
    print(f"{len(log)} messages, {KILLS} kills, {sum(m.reconnects for m in swarm.members)} "
          f"reconnects, {sum(m.holes for m in swarm.members)} holes mended")  # fmt: skip
    check_log(log, swarm, programs)
    for member in swarm.members:
        assert member.delivered == log, f"{member.user} was shown something else than the log"
    for number, (program, _) in enumerate(programs):
        check_program(program, f"program{number}", log, swarm)
    swarm.close()


def check_log(log, swarm, programs) -> None:
    assert [seq for seq, _, _ in log] == list(range(1, len(log) + 1)), "seq has holes"
    by_user: dict = {}
    for _, user, text in log:
        by_user.setdefault(user, []).append(text)
    for member in swarm.members:
        said = [f"{member.user} {n}" for n in range(1, member.n + 1)]
        assert by_user.get(member.user, []) == said, f"{member.user}: lost, twice or out of order"
        for n, seq in member.acknowledged.items():
            if seq:
                assert log[seq - 1][1:] == (member.user, f"{member.user} {n}")
    for number, (_, said) in enumerate(programs):
        assert by_user.get(f"program{number}", []) == said, f"program{number}"


def check_program(program, user: str, log, swarm) -> None:
    """It shows what all others said, once and in order."""
    wanted = [f"{who}: {text}" for _, who, text in log if who != user]
    prefixes = tuple({line.split(" ")[0] + " " for line in wanted})

    def shown() -> list:
        return [line for line in program.lines if line.startswith(prefixes)]

    assert swarm.run(30, until=lambda: len(shown()) >= len(wanted)), (
        f"{user} shows {len(shown())} of {len(wanted)}\n{program.err[-2000:]}"
    )
    assert shown() == wanted, f"{user} shows something else than the log"
