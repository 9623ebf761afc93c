"""zchatd restore, and the drill: a backup under load put in the place of a log, and what clients see of it."""

import json
import os
import re
import shutil
import sqlite3
import threading

import pytest

from support.admin import run
from support.client import Door, Sender
from support.wait import wait_until


def said(folder) -> dict:
    """What check counts."""
    words = run(None, "check", data=folder).stdout.split()
    assert words[0] == "ok"
    return dict(word.split("=") for word in words[1:])


def talk(broker, context, count: int, room: str = "dev", user: str = "bob") -> None:
    sender = Sender(Door(context, broker.door, user, hello=True), room)
    for i in range(count):
        sender.send(f"{user} {i + 1}")
    sender.flush()
    sender.door.ask("BYE")


def files(folder) -> dict:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name != "zchatd.lock"}


def test_the_drill(broker, brokers, context, door, zchat, tmp_path):
    """Backup under load, restore elsewhere, compare, serve, and the clients say what happened."""
    old = said_log = door(broker, "guest").hello().json["log"]
    listener = zchat("listen", "-e", broker.door, "-r", "dev", "--since", "0", "--json")
    wait_until(lambda: "ready" in listener.err, what="it listens")
    stop = threading.Event()

    def load() -> None:
        sender = Sender(Door(context, broker.door, "bob", hello=True), "dev")
        while not stop.is_set():
            for _ in range(20):
                sender.send(f"bob {sender.n + 1}")
            sender.flush()

    thread = threading.Thread(target=load)
    thread.start()
    guest = door(broker, "")
    wait_until(lambda: guest.ask("HISTORY", "dev")["head"] >= 100, what="much was said")
    run(broker, "backup", tmp_path / "copy")
    kept = guest.ask("HISTORY", "dev", {"limit": 1})["head"]
    wait_until(lambda: guest.ask("HISTORY", "dev", {"limit": 1})["head"] > kept + 50, what="and more")
    stop.set()
    thread.join()
    copied = said(tmp_path / "copy")
    assert int(copied["messages"]) >= 100 and copied["log"] == old
    was = guest.history_all("dev")
    # elsewhere, under the id that it had: the same log, up to a moment
    twin = brokers(start=False)
    done = run(twin, "restore", tmp_path / "copy", "--same-log")
    assert said(twin.data) == copied and done.stdout.startswith("ok ") and not done.stderr
    twin.start()
    there = door(twin, "").history_all("dev")
    assert len(there) == int(copied["messages"]) < len(was)
    assert [(e.seq, e.user, e.body, e.time) for e in there] == [
        (e.seq, e.user, e.body, e.time) for e in was[: len(there)]]  # fmt: skip
    # who knew more of it: there is nothing behind its head, by which they see that it went back
    head = door(twin, "").ask("HISTORY", "dev", {"after": was[-1].seq})["head"]
    assert head == len(there) < was[-1].seq
    # in the place of the log, under a new id: whoever listens says so, and reads anew
    wait_until(lambda: len(listener.lines) == len(was), what="all was heard")
    assert broker.stop() == 0
    done = run(broker, "restore", tmp_path / "copy")
    assert said(broker.data)["messages"] == copied["messages"] and said(broker.data)["log"] != old
    aside = re.search(r"is in (\S+)", done.stderr)[1]
    assert said(aside)["messages"] == str(len(was)) and said(aside)["log"] == said_log
    broker.start()
    door(broker, "bob").say("dev", "back")
    wait_until(lambda: '"text":"back"' in listener.out, what="it goes on")
    new = [json.loads(line) for line in listener.lines[len(was):]]
    assert new[0]["type"] == "log_replaced" and [r["text"] for r in new[1:]] == [
        *(e.body for e in there), "back"]  # fmt: skip


def test_a_damaged_log_is_put_aside(broker, context, tmp_path):
    talk(broker, context, 30)
    run(broker, "backup", tmp_path / "copy")
    broker.kill()
    wal = (broker.data / "zchat.db-wal").read_bytes()
    (broker.data / "zchat.db").write_bytes(b"x" * 8192)
    done = run(broker, "restore", tmp_path / "copy")
    aside = re.search(r"is in (\S+)", done.stderr)[1]
    kept = files(tmp_path.__class__(aside))
    assert kept["zchat.db"] == b"x" * 8192 and kept["zchat.db-wal"] == wal
    assert said(broker.data)["messages"] == "30"
    broker.start()
    assert Door(context, broker.door, "eve").say("dev", "on")["seq"] == 31


def test_not_while_a_broker_has_it(broker, context, tmp_path):
    talk(broker, context, 3)
    run(broker, "backup", tmp_path / "copy")
    assert "in use" in run(broker, "restore", tmp_path / "copy", status=75).stderr
    assert Door(context, broker.door, "eve").say("dev", "on")["seq"] == 4


def damage(copy) -> None:
    with sqlite3.connect(copy / "zchat.db") as db:
        db.execute("DELETE FROM messages WHERE id & 1099511627775 = 2")
    db.close()


def newer(copy) -> None:
    with sqlite3.connect(copy / "zchat.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize("spoil, status", [(damage, 65), (newer, 65), (shutil.rmtree, 66)])
def test_a_backup_that_is_none_changes_nothing(broker, context, tmp_path, spoil, status):
    talk(broker, context, 3)
    copy = tmp_path / "copy"
    run(broker, "backup", copy)
    broker.stop()
    spoil(copy)
    before = files(broker.data)
    run(broker, "restore", copy, status=status)
    assert files(broker.data) == before and not [p for p in broker.data.iterdir() if p.is_dir()]
    # where there was no log, there is none
    run(None, "restore", copy, data=tmp_path / "fresh", status=status)
    assert os.listdir(tmp_path / "fresh") == ["zchatd.lock"]


def test_what_a_killed_restore_left_is_no_hindrance(broker, context, tmp_path):
    talk(broker, context, 3)
    run(broker, "backup", tmp_path / "copy")
    broker.stop()
    part = broker.data / "restore.part"
    part.mkdir(mode=0o700)
    (part / "zchat.db.part").write_bytes(b"half")
    run(broker, "restore", tmp_path / "copy")
    assert not part.exists() and said(broker.data)["messages"] == "3"


LITESTREAM = """CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER);
CREATE TABLE _litestream_lock (id INTEGER);
INSERT INTO _litestream_seq VALUES (1, 7);"""


def test_the_tables_of_litestream_are_no_damage(broker, context, tmp_path):
    """It makes them in the log that it copies, while that is served."""
    talk(broker, context, 3)
    with sqlite3.connect(broker.data / "zchat.db") as db:
        db.executescript(LITESTREAM)
    db.close()
    assert said(broker.data)["messages"] == "3"
    broker.crash()
    assert Door(context, broker.door, "eve").say("dev", "on")["seq"] == 4
    run(broker, "backup", tmp_path / "copy")
    assert said(tmp_path / "copy")["messages"] == "4"
    with sqlite3.connect(tmp_path / "copy" / "zchat.db") as db:
        db.execute("CREATE TABLE _litestream_more (id INTEGER)")
    db.close()
    assert "_litestream_more" in run(None, "check", data=tmp_path / "copy", status=65).stdout


def test_usage(tmp_path):
    for wrong in (["restore"], ["restore", "a", "b"], ["check", "--same-log"], ["backup", "x", "--same-log"]):
        run(None, *wrong, data=tmp_path / "x", status=64)
    assert not (tmp_path / "x").exists()
