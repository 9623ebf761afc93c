"""Tables that all share: none is lost to one client, and what is old goes."""

import sqlite3
import subprocess

from support import build
from support.wait import wait_until


def test_old_producers_go_at_once(brokers):
    """Where retention has nothing to do, a step of 500 used to be followed by a wait of 10 s."""
    broker = brokers()
    broker.stop()
    db = sqlite3.connect(broker.data / "zchat.db")
    rows = [(number.to_bytes(16, "big"), 1, 1) for number in range(20_000)]
    db.executemany("INSERT INTO producers (id, n, time) VALUES (?, ?, ?)", rows)
    db.commit()
    broker.start()

    def left() -> int:
        return db.execute("SELECT count(*) FROM producers").fetchone()[0]

    wait_until(lambda: left() == 0, deadline=60, what="20,000 old producers gone")
    db.close()


def test_a_flood_of_rooms_costs_nobody_theirs(broker, door):
    """Of 10,000 rooms one gives way: the oldest of who made most, also after a restart; and who knew
    it is told that what is of its name now is another."""
    bob, ann = door(broker, "bob", hello=True), door(broker, "ann", hello=True)
    bob.say("mine", "x")
    ann.say("ours", "x")
    eve = door(broker, "eve")
    for start in range(0, 10_000, 1_000):
        tags = [eve.post_say(f"r{number}", "x") for number in range(start, start + 1_000)]
        assert all(eve.reply(tag).ok for tag in tags)
    assert ann.history("r0", after=1)["first"] > 2, "r0 gave way, and says so"
    ann.say("new", "x")
    assert ann.join("new2").ok
    broker.restart()
    bob, ann = door(broker, "bob", hello=True), door(broker, "ann", hello=True)
    assert [event.body for event in bob.history("mine").mail] == ["x"]
    assert [event.body for event in ann.history("ours").mail] == ["x"]
    assert ann.history("r0", after=1)["first"] > 2
    assert ann.say("r0", "again")["seq"] > 2
    assert [event.body for event in ann.history("r0").mail] == ["again"]
    ann.say("new3", "x")
    broker.stop()
    said = subprocess.run([build.zchatd(), "check", "--data", broker.data], capture_output=True, text=True)
    assert said.stdout.startswith("ok rooms=10000 "), said
