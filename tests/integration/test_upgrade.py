"""An upgrade under load: the old broker is stopped, the new one started on its log, and everybody goes on."""

import signal
import sqlite3

from support.admin import run
from support.build import ROOT
from support.client import Door
from support.swarm import Swarm
from support.wait import wait_until
from test_crash import check_log

CLIENTS = 40


def older(data) -> None:
    """A log as a zchatd of version 4 left it, with what was said there."""
    data.mkdir(mode=0o700, parents=True)
    with sqlite3.connect(data / "zchat.db") as db:
        db.executescript((ROOT / "tests/unit/store/log_of_version_4.sql").read_text())
    db.close()
    (data / "zchat.db").chmod(0o600)


def version(path) -> int:
    with sqlite3.connect(path) as db:
        number = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return number


def test_everybody_goes_on(brokers, context):
    """Nothing acknowledged is lost, nothing seen twice, on a log that is brought up to date and beyond."""
    broker = brokers(start=False)
    older(broker.data)
    broker.start()
    guest = Door(context, broker.door)
    street = [(e.seq, e.type, e.user, e.body) for e in guest.history_all("street") if e.seq]
    assert street[1] == (2, "say", "anna", "привет") and len(street) == 6
    swarm = Swarm(context, broker.door)
    for i in range(CLIENTS):
        swarm.add(f"client{i}", "storm", "pack" if i % 4 else "room")
    assert swarm.run(60, until=lambda: all(m.joined for m in swarm.members)), "not all are in"

    def load() -> None:
        for member in swarm.members:
            if member.may_say and member.n < 40 and len(member.unacknowledged) < 3:
                member.say(f"{member.user} {member.n + 1}")

    def acknowledged() -> int:
        return sum(len(member.acknowledged) for member in swarm.members)

    for _ in range(2):
        before = acknowledged()
        assert swarm.run(60, each=load, until=lambda: acknowledged() > before + 100), "nobody gets on"
        broker.process.send_signal(signal.SIGTERM)
        assert swarm.run(60, each=load, until=lambda: broker.process.poll() is not None), "it does not stop"
        assert broker.process.wait() == 0
        broker.process = None
        broker.start()
    assert swarm.run(60, each=load, until=lambda: all(m.joined and m.n == 40 and not m.unacknowledged
                                                      for m in swarm.members))  # fmt: skip
    head = CLIENTS * 40
    assert swarm.run(60, until=lambda: all(m.last >= head for m in swarm.members))
    guest = Door(context, broker.door)
    log = [(e.seq, e.user, e.body) for e in guest.history_all("storm")]
    check_log(log, swarm, [])
    for member in swarm.members:
        assert member.delivered == log, f"{member.user} was shown something else than the log"
    assert [(e.seq, e.type, e.user, e.body) for e in guest.history_all("street") if e.seq] == street
    swarm.close()


def test_the_way_back(brokers, door, tmp_path):
    """The copy that was kept is what the older broker had; an older broker refuses the newer log."""
    broker = brokers(start=False)
    older(broker.data)
    broker.start()
    door(broker, "zoe").say("street", "after the upgrade")
    assert broker.stop() == 0
    kept = broker.data / "zchat.db.version-4"
    assert version(kept) == 4 < version(broker.data / "zchat.db") and kept.stat().st_mode & 0o777 == 0o600
    back = tmp_path / "back"
    back.mkdir(mode=0o700)
    kept.rename(back / "zchat.db")
    assert run(None, "check", data=back).stdout.startswith("ok ") and version(back / "zchat.db") == 4
    run(broker, "restore", back)
    assert version(broker.data / "zchat.db") == 4
    broker.start()
    assert "after the upgrade" not in [e.body for e in door(broker, "").history_all("street")]
    wait_until(kept.exists, what="it is kept again")
    assert broker.stop() == 0
    with sqlite3.connect(broker.data / "zchat.db") as db:  # as one of the future is
        db.execute(f"PRAGMA user_version = {version(broker.data / 'zchat.db') + 1}")
    db.close()
    assert run(broker, "check", status=65).stderr.count("newer")
