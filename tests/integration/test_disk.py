"""Rooms that keep what is said for a time of their own, and a disk that has little space left."""

import subprocess

import pytest

from support import build
from support.admin import ask, run
from support.wait import wait_until


def first(door, room: str) -> int:
    return door.ask("HISTORY", room)["first"]


def test_one_room_forgets_sooner_and_one_later(brokers, door, tmp_path):
    path = tmp_path / "c"
    path.write_text('retain = "1h"\n')
    path.chmod(0o600)
    broker = brokers(args=["--config", str(path)])
    bob = door(broker, "bob")
    told = [bob.say(room, "x") for room in ("Dev", "den", "street")]
    wait_until(lambda: bob.ask("PING")["time"] > told[-1]["time"] + 1000, what="it is a second old")
    # by any spelling, and of a room that is not there yet
    path.write_text('retain = "1h"\nretain = "room:dev=1s"\nretain = "room:later=1s"\n')
    assert ask(broker, "reload")["taken"] == ["retain"]
    wait_until(lambda: first(bob, "dev") == 2, what="dev is forgotten")
    assert first(bob, "den") == first(bob, "street") == 1
    path.write_text('retain = "1s"\nretain = "room:den=30d"\n')
    ask(broker, "reload")
    wait_until(lambda: first(bob, "street") == 2, what="street is forgotten")
    assert first(bob, "den") == 1 and run(broker, "check").stdout.startswith("ok ")


def test_a_low_disk_is_said(brokers, door, tmp_path):
    path = tmp_path / "c"
    path.write_text('disk-low = "1000000T"\n')
    path.chmod(0o600)
    broker = brokers(args=["--config", str(path)])
    wait_until(lambda: " disk-low free=" in broker.log, what="it is said")
    assert ask(broker, "status")["disk"]["low"] is True and "THE DISK IS LOW" in run(broker, "status").stdout
    assert door(broker, "bob").say("dev", "all goes on")["seq"] == 1
    path.write_text('disk-low = "1K"\n')
    assert ask(broker, "reload")["taken"] == ["disk-low"]
    wait_until(lambda: "disk-no-longer-low" in broker.log, what="it is over")
    assert ask(broker, "status")["disk"]["low"] is False
    assert broker.log.count(" disk-low ") == 1, "once, not every ten seconds"


@pytest.mark.parametrize("value", ["room:dev", "room:=30d", "room:d v=30d", "room:dev=", "room:dev=5", "room:dev=10G",
                                   "rooms:dev=1d"])  # fmt: skip
def test_what_is_no_bound(tmp_path, value):
    done = subprocess.run([build.zchatd(), "--data", tmp_path / "data", "--retain", value], capture_output=True,
                          text=True, env=build.environment(), timeout=60)  # fmt: skip
    assert done.returncode == 64 and "room:" in done.stderr
