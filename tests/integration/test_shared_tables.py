"""Tables that all share: none is lost to one client, and what is old goes."""

import sqlite3

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
