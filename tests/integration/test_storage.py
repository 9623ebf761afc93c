"""The disk: what was acknowledged stays, a full one stops writing and nothing else."""

import os
import random
import subprocess

import pytest

from support.client import Door, Sender
from support.wait import wait_until


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs wants root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no tmpfs here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path) -> None:
    """Take every byte that is left."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def test_a_full_disk(small_disk, brokers, context, feed):
    broker = brokers(data=small_disk / "data", args=["--quota", "searches=0"])
    try:
        full_disk(small_disk, broker, context, feed)
    finally:
        (small_disk / "ballast").unlink(missing_ok=True)
        broker.close()


def full_disk(small_disk, broker, context, feed):
    bob = Door(context, broker.door, "bob")
    bob.hello()
    bob.join("dev")
    live = feed(broker, bob, "room/dev/")
    for i in range(10):
        bob.say("dev", f"before {i}")
    fill(small_disk / "ballast")
    sender = Sender(bob, "dev")
    refused, stored = None, 0
    for i in range(400):  # what SQLite has preallocated may hold some more
        reply = bob.request("SAY", "dev", "x" * 60000)
        if reply.ok:
            stored += 1
            continue
        refused = reply.json
        break
    assert refused and refused["code"] == "storage", refused
    # reads go on, presence too
    history = bob.history("dev", limit=1)
    assert history["head"] == 10 + stored, "what was refused was not stored"
    guest = Door(context, broker.door)
    assert guest.hello().ok and guest.ask("WHO", "dev")["users"] == ["bob"]
    assert bob.refused("SAY", "dev", "y" * 60000)["code"] == "storage"
    eve = Door(context, broker.door, "eve")
    assert eve.hello().ok and eve.join("dev")["members"] == 2
    # and it recovers by itself
    (small_disk / "ballast").unlink()
    seq = wait_until(lambda: bob.request("SAY", "dev", "after").json.get("seq"), pause=0.1)
    assert seq == 10 + stored + 1
    sender.send("exactly once")
    sender.flush()
    # the index, which had no place either, comes after, and finds nothing that was refused
    def found():
        reply = bob.ask("SEARCH", "in:dev once", {"limit": 100}).json
        return "behind" not in reply and reply["hits"]

    assert [hit["seq"] for hit in wait_until(found, deadline=60)] == [seq + 1]
    assert bob.ask("SEARCH", "in:dev " + "y" * 60 + "*").json["hits"] == []
    events = [e for e in live.until(lambda e: e.body == "exactly once") if e.stored]
    assert [e.seq for e in events] == list(range(1, seq + 2)), "only what was stored was published"
    broker.restart()
    bob.reconnect()
    assert [e.seq for e in bob.history_all("dev")] == list(range(1, seq + 2))


def test_kill_loses_nothing_acknowledged(broker, context):
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    acknowledged: dict = {}
    sent: list = []
    for round_number in range(6):
        bob = Door(context, broker.door, "bob")
        bob.hello()
        tags = {}
        for i in range(400):
            text = f"{round_number}.{i}"
            sent.append(text)
            tags[bob.post_say("dev", text)] = text
        for _ in range(dice.randrange(1, 400)):
            bob.take(5)
        broker.kill()
        while bob.take(0.05):
            pass  # what had left the broker before
        for tag, reply in bob.replies.items():
            if tag in tags:
                assert reply.ok
                acknowledged[reply["seq"]] = tags[tag]
        bob.close()
        broker.start()
    stored = Door(context, broker.door).history_all("dev")
    assert [e.seq for e in stored] == list(range(1, len(stored) + 1)), "no holes"
    by_seq = {e.seq: e.body for e in stored}
    assert {seq: by_seq.get(seq) for seq in acknowledged} == acknowledged
    bodies = [e.body for e in stored]
    assert len(bodies) == len(set(bodies)), "none twice"
    places = {text: i for i, text in enumerate(sent)}
    assert [places[b] for b in bodies] == sorted(places[b] for b in bodies), "in order"


def test_what_survives_a_restart(broker, context):
    bob = Door(context, broker.door, "bob")
    log = bob.hello()["log"]
    bob.join("dev")
    bob.join("комната")
    bob.say("dev", "one")
    bob.say("комната", "раз")
    done = bob.ask("TOPIC", "комната", "тема")
    for restart in (broker.restart, broker.crash):
        restart()
        bob.reconnect()
        assert bob.hello()["log"] == log
        joined = bob.join("комната").json
        assert (joined["head"], joined["first"], joined["topic"]) == (2, 1, "тема")
        assert (joined["topic_by"], joined["topic_time"]) == ("bob", done["time"])
        rooms = bob.ask("ROOMS")["rooms"]
        assert [(r["room"], r["head"]) for r in rooms] == [("dev", 1), ("комната", 2)]
        assert [r["members"] for r in rooms] == [0, 1], "presence is of the process"
    assert bob.say("комната", "два")["seq"] == 3


def test_a_new_folder_is_a_new_log(brokers, context):
    logs = {Door(context, brokers().door).hello()["log"] for _ in range(2)}
    assert len(logs) == 2


def test_the_folder_is_for_its_owner_only(broker):
    for path in [broker.data, *broker.data.iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"
