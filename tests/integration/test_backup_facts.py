"""zchatd check and zchatd backup: facts, logs of the version before, and what is left out."""

import os
import re
import sqlite3
import subprocess

from support import build
from support.client import Door
from support.wait import DEADLINE


def command(*arguments) -> str:
    """Its last line, where it says ok."""
    done = subprocess.run(
        [build.zchatd(), *map(str, arguments)], capture_output=True, text=True,
        timeout=DEADLINE, env=build.environment(), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd")
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stdout, done.stderr)
    assert done.stdout.startswith("ok "), done.stdout
    return done.stdout


def sql(data, *statements) -> list:
    db = sqlite3.connect(data / "zchat.db")
    with db:
        rows = [db.execute(statement).fetchall() for statement in statements]
    db.close()
    return rows[-1]


def talk(broker, context, count: int) -> None:
    bob = Door(context, broker.door, "bob")
    bob.hello()
    for i in range(count):
        bob.say("dev", f"message {i}")


def test_backup_carries_facts_and_no_secrets(broker, context, tmp_path):
    talk(broker, context, 3)
    broker.crash()  # the WAL is part of it
    before = sql(broker.data, "SELECT count(*) FROM facts")[0][0]
    sql(broker.data, "INSERT INTO facts SELECT id, 'role/=eve', 'member' FROM rooms",
        "INSERT INTO facts SELECT id, 'role/=joe', 'operator' FROM rooms")  # fmt: skip
    for name in ("broker.key", "tokens", "members"):
        (broker.data / name).write_text("a secret")
    target = tmp_path / "copy"
    said = command("backup", "--data", broker.data, target)
    assert int(re.search(r" facts=(\d+) ", said)[1]) == before + 2, said
    assert sorted(os.listdir(target)) == ["zchat.db"], "keys and tokens are kept separately"
    assert b"a secret" not in (target / "zchat.db").read_bytes()
    query = "SELECT room, key, value FROM facts ORDER BY room, key"
    assert sql(target, query) == sql(broker.data, query)
    assert command("check", "--data", target) == said


def test_log_of_the_version_before(broker, context, tmp_path):
    """check and backup take it as it is; the broker brings it up to date and goes on."""
    talk(broker, context, 5)
    assert broker.stop() == 0
    sql(broker.data, "DROP TABLE facts", "DROP TABLE producers", "DROP TABLE edits",
        "DROP TABLE reactions", "DROP TABLE markers", "DROP TABLE mentions",
        "ALTER TABLE rooms DROP COLUMN charge", "DELETE FROM meta WHERE key = 'position'",
        "CREATE TABLE producers (id BLOB PRIMARY KEY, n INTEGER NOT NULL, time INTEGER NOT NULL)"
        " WITHOUT ROWID", "PRAGMA user_version = 1")  # fmt: skip
    assert "messages=5 facts=0 " in command("check", "--data", broker.data)
    command("backup", "--data", broker.data, tmp_path / "copy")
    for data in (broker.data, tmp_path / "copy"):
        assert sql(data, "PRAGMA user_version") == [(1,)], "it was only looked at"
    broker.start()
    talk(broker, context, 2)
    assert broker.stop() == 0
    assert sql(broker.data, "PRAGMA user_version") == [(6,)]
    assert "messages=7 " in command("check", "--data", broker.data)
    broker.start()
