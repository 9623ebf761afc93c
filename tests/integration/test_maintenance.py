"""zchatd check and zchatd backup, and what a broker does with a damaged log, without
descriptors, without memory and over a limit of file size."""

import contextlib
import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time

import pytest
import zmq

from support import build, zmtp
from support.client import Door, Sender
from support.wait import DEADLINE, wait_until

OK, USAGE, DATAERR, NOINPUT, CANTCREAT, IOERR = 0, 64, 65, 66, 73, 74
PAGE = 4096


def command(*arguments, env=None, wrap=()) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [*wrap, build.zchatd(), *map(str, arguments)], capture_output=True, text=True,
        timeout=DEADLINE, env=build.environment(**(env or {})), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd")
    return done


def check(data) -> dict:
    """The log is sound; returns what the last line counts."""
    done = command("check", "--data", data)
    assert done.returncode == OK and not done.stderr, (done.returncode, done.stdout, done.stderr)
    lines = done.stdout.splitlines()
    assert len(lines) == 1 and lines[0].startswith("ok "), lines
    return dict(word.split("=") for word in lines[0].split()[1:])


def damaged(data) -> str:
    """The log is not sound; returns the lines that say why."""
    done = command("check", "--data", data)
    assert done.returncode == DATAERR, (done.returncode, done.stdout, done.stderr)
    assert "zchat.db" in done.stderr and "backup" in done.stderr, done.stderr
    lines = done.stdout.splitlines()
    assert lines and lines[-1].startswith("damaged rooms="), lines
    assert f"problems={len(lines) - 1}" in lines[-1], lines
    return "\n".join(lines[:-1])


def start_fails(data, code: int) -> str:
    """A broker on that folder ends with this code; returns what it said."""
    done = command("--data", data, "--door", "tcp://127.0.0.1:*", "--feed", "tcp://127.0.0.1:*")
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "cannot-start" in done.stderr and str(data) in done.stderr, done.stderr
    return done.stderr


def spoil(data, page: int, byte: int = 0xFF) -> None:
    with open(data / "zchat.db", "r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(bytes([byte]) * PAGE)


def root_page(data, name: str) -> int:
    with sqlite3.connect(data / "zchat.db") as db:
        return db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]


def leaf_of(data, text: str) -> int:
    """The page that holds this text."""
    content = (data / "zchat.db").read_bytes()
    assert content.count(text.encode()) == 1, text
    return content.index(text.encode()) // PAGE + 1


def talk(broker, context, count: int = 20, room: str = "dev", user: str = "bob") -> Door:
    bob = Door(context, broker.door, user)
    bob.hello()
    for i in range(count):
        bob.say(room, f"{room} {i} " + "x" * 300)
    return bob


# --- the commands


def test_help():
    for name in ("check", "backup"):
        done = command(name, "--help")
        assert done.returncode == 0 and "Examples:" in done.stdout and not done.stderr
        assert f"zchatd {name}" in done.stdout and "Exit status:" in done.stdout
    shown = command("--help").stdout
    assert "zchatd check" in shown and "zchatd backup" in shown


@pytest.mark.parametrize(
    "arguments",
    [["check", "stray"], ["check", "--door", "x"], ["check", "--data"], ["check", "--data="],
     ["backup"], ["backup", "a", "b"], ["backup", "--nonsense", "a"], ["backup", ""]],
)  # fmt: skip
def test_usage(tmp_path, arguments):
    done = command(*arguments, env={"HOME": str(tmp_path)})
    expected = {"": NOINPUT}.get(arguments[-1], USAGE)
    assert done.returncode == expected, (done.returncode, done.stderr)
    assert done.stderr.startswith("zchatd: ") and done.stderr.count("\n") == 1


def test_nothing_there(tmp_path):
    for arguments in (["check"], ["backup", tmp_path / "to"]):
        done = command(arguments[0], "--data", tmp_path / "no", *arguments[1:])
        assert done.returncode == NOINPUT and str(tmp_path / "no") in done.stderr
        assert not done.stdout
    assert os.listdir(tmp_path) == [], "nothing was made"


def test_the_folder_is_the_brokers(tmp_path, broker, context):
    """Environment and config file name it as they do for the broker."""
    talk(broker, context, 3)
    assert "messages=3" in command("check", env={"ZCHATD_DATA": str(broker.data)}).stdout
    config = tmp_path / "zchatd.conf"
    config.write_text(f'data = "{broker.data}"\n')
    assert "messages=3" in command("check", "--config", config).stdout
    assert "messages=3" in command("check", env={"ZCHATD_CONFIG": str(config)}).stdout
    state = broker.data.parent / "zchatd"
    state.symlink_to(broker.data)
    assert "messages=3" in command("check", env={"XDG_STATE_HOME": str(state.parent)}).stdout


def test_check_result_not_written(broker, context):
    talk(broker, context, 3)
    with open("/dev/full", "w") as full:
        done = subprocess.run([build.zchatd(), "check", "--data", broker.data], stdout=full,
                              stderr=subprocess.PIPE, text=True, env=build.environment())  # fmt: skip
    assert done.returncode == IOERR and "cannot be written" in done.stderr


def test_check_of_a_running_broker(broker, context):
    bob = talk(broker, context, 20)
    sender = Sender(bob, "комната")
    for i in range(5):
        sender.send(f"раз {i}")
    sender.flush()
    counts = check(broker.data)
    assert (counts["rooms"], counts["messages"], counts["producers"]) == ("2", "25", "1")
    assert counts["log"] == bob.hello()["log"]
    broker.crash()
    assert check(broker.data)["messages"] == "25"
    broker.kill()
    before = {p.name: p.read_bytes() for p in broker.data.iterdir() if p.is_file() and not p.name.endswith("-shm")}
    assert check(broker.data)["messages"] == "25"
    after = {p.name: p.read_bytes() for p in broker.data.iterdir() if p.is_file() and not p.name.endswith("-shm")}
    assert before == after, "it only looks"
    broker.start()
    assert broker.stop() == 0
    assert check(broker.data)["messages"] == "25"
    for path in broker.data.iterdir():
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"
    broker.start()


def test_backup_under_load(broker, brokers, context, tmp_path):
    """Several copies while many talk: each holds all that was acknowledged before it began."""
    doors = [Door(context, broker.door, f"user{i}") for i in range(4)]
    senders = []
    for i, door in enumerate(doors):
        log = door.hello()["log"]
        senders.append(Sender(door, f"room{i % 2}"))

    def load(rounds: int) -> None:
        for _ in range(rounds):
            for sender in senders:
                for _ in range(20):
                    sender.send(f"{sender.door.user} {sender.n + 1}")
        for sender in senders:
            sender.collect(0.05)
            while sender.collect():
                pass

    copies = []
    for number in range(4):
        load(5)
        known = sum(len(s.acknowledged) for s in senders)
        target = tmp_path / f"copy{number}"
        process = subprocess.Popen(
            [build.zchatd(), "backup", "--data", str(broker.data), str(target)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=build.environment(),
        )  # fmt: skip
        while process.poll() is None:
            load(1)
        out, err = process.communicate()
        assert process.returncode == 0 and not err, (process.returncode, out, err)
        copied = int(re.search(r"messages=(\d+)", out)[1])
        assert copied >= known, "what was acknowledged before the backup began is in it"
        copies.append((target, copied))
        assert sorted(os.listdir(target)) == ["zchat.db"], "one file, and nothing beside it"
        assert check(target)["messages"] == str(copied)
    for sender in senders:
        sender.flush()
    target, copied = copies[-1]
    copy = brokers(data=target)
    guest = Door(context, copy.door)
    assert guest.hello()["log"] == log, "it is the same log"
    total = 0
    for room in ("room0", "room1"):
        theirs = Door(context, broker.door).history_all(room)
        events = guest.history_all(room)
        assert [e.seq for e in events] == list(range(1, len(events) + 1))
        assert [(e.user, e.body, e.time) for e in events] == [
            (e.user, e.body, e.time) for e in theirs[: len(events)]
        ]
        total += len(events)
    assert total == copied
    # and it is a log like any other: a sender goes on where the copy ends
    last = max(int(e.body.split()[1]) for e in guest.history_all("room0") if e.user == "user0")
    door = Door(context, copy.door, "user0")
    door.hello()
    said = door.request("SAY", "room0", "again", {"producer": senders[0].producer, "n": last})
    assert said.ok and said.json.get("duplicate"), "the copy knows the senders too"
    done = door.say("room0", "on", producer=senders[0].producer, n=last + 1)
    assert done["seq"] > 0
    assert copy.stop() == 0
    assert check(target)["messages"] == str(copied + 1)


def test_backup_does_not_overwrite(broker, context, tmp_path):
    talk(broker, context, 5)
    target = tmp_path / "copy"
    assert command("backup", "--data", broker.data, target).returncode == OK
    before = (target / "zchat.db").read_bytes()
    for to in (target, broker.data):
        done = command("backup", "--data", broker.data, to)
        assert done.returncode == CANTCREAT and str(to) in done.stderr, done.stderr
    assert (target / "zchat.db").read_bytes() == before
    assert check(broker.data)["messages"] == "5"


def test_backup_onto_a_full_disk(broker, context, tmp_path):
    """Here by a limit of file size: what cannot be copied whole is not left behind."""
    talk(broker, context, 200)
    target = tmp_path / "copy"
    done = command("backup", "--data", broker.data, target,
                   wrap=["prlimit", f"--fsize={8 * PAGE}"])  # fmt: skip
    assert done.returncode == IOERR and str(target) in done.stderr, (done.returncode, done.stderr)
    assert "space" in done.stderr
    assert not target.exists()
    assert check(broker.data)["messages"] == "200"


def test_backup_killed(broker, context, tmp_path):
    """A copy cut short is never taken for a log."""
    talk(broker, context, 300)
    dice = random.Random(4)
    for attempt in range(10):
        target = tmp_path / f"copy{attempt}"
        process = subprocess.Popen(
            [build.zchatd(), "backup", "--data", str(broker.data), str(target)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=build.environment(),
        )  # fmt: skip
        try:
            process.wait(dice.uniform(0.005, 0.2))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if (target / "zchat.db").exists():
            assert check(target)["messages"] == "300"
    assert check(broker.data)["messages"] == "300"


# --- damage


def test_newer_version(broker, context):
    talk(broker, context, 3)
    assert broker.stop() == 0
    with sqlite3.connect(broker.data / "zchat.db") as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA user_version = 7")
    db.close()
    said = start_fails(broker.data, DATAERR)
    assert "newer" in said and "log version 7" in said
    done = command("check", "--data", broker.data)
    assert done.returncode == DATAERR and "newer" in done.stderr and not done.stdout
    done = command("backup", "--data", broker.data, broker.folder / "copy")
    assert done.returncode == DATAERR and not (broker.folder / "copy").exists()
    with sqlite3.connect(broker.data / "zchat.db") as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 7, "it was left as it was"
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    broker.start()
    assert Door(context, broker.door).history("dev")["head"] == 3


@pytest.mark.parametrize("table", ["first page", "meta", "rooms", "producers"])
def test_damage_met_at_start(broker, context, table):
    bob = talk(broker, context, 3)
    sender = Sender(bob, "dev")
    sender.send("counted")
    sender.flush()
    assert broker.stop() == 0
    spoil(broker.data, 1 if table == "first page" else root_page(broker.data, table))
    said = start_fails(broker.data, DATAERR)
    assert "backup" in said and "zchatd check" in said, said
    done = command("check", "--data", broker.data)
    assert done.returncode == DATAERR and "zchat.db" in done.stderr, (done.stdout, done.stderr)
    done = command("backup", "--data", broker.data, broker.folder / "copy")
    assert done.returncode == DATAERR and "zchat.db" in done.stderr
    assert not (broker.folder / "copy").exists()


def test_what_no_broker_wrote(broker, context):
    """SQLite finds nothing wrong with it, the broker does."""
    talk(broker, context, 3)
    assert broker.stop() == 0
    with sqlite3.connect(broker.data / "zchat.db") as db:
        db.execute("UPDATE rooms SET name = 'two words'")
    db.close()
    said = start_fails(broker.data, DATAERR)
    assert "backup" in said and str(broker.data) in said, said
    assert "two words" in damaged(broker.data)


def test_damage_met_by_the_reader(broker, context):
    """The HISTORY that needs the page is refused; everything else goes on."""
    talk(broker, context, 200)
    talk(broker, context, 20, "other", "eve")
    assert broker.stop() == 0
    spoil(broker.data, leaf_of(broker.data, "dev 100 "))
    assert "room \"dev\": its messages behind seq" in damaged(broker.data)
    broker.start()
    bob = Door(context, broker.door, "bob")
    bob.hello()
    bob.join("dev")
    refused = bob.refused("HISTORY", "dev", {"after": 90, "limit": 50})
    assert refused["code"] == "storage", refused
    assert "history-not-read" in broker.log and "zchat.db" in broker.log
    for _ in range(100):  # as often as a client may ask, but not as often in the log
        bob.refused("HISTORY", "dev", {"after": 90, "limit": 50})
    assert broker.log.count("history-not-read") <= 60
    assert [e.seq for e in bob.history("dev", after=0, limit=50).mail] == list(range(1, 51))
    assert [e.seq for e in bob.history("dev", limit=20).mail] == list(range(181, 201))
    assert len(bob.history_all("other")) == 20
    assert bob.say("dev", "still here")["seq"] == 201
    assert bob.say("new", "room")["seq"] == 1
    assert bob.history("dev", limit=1).mail[0].body == "still here"


def test_damage_met_by_the_writer(broker, context, feed):
    """What needs the page is refused and was not stored; the rest is stored as before."""
    bob = talk(broker, context, 10)
    assert broker.stop() == 0
    spoil(broker.data, root_page(broker.data, "rooms_oldest"))
    assert "database: " in damaged(broker.data)
    broker.start()
    bob = Door(context, broker.door, "bob")
    bob.hello()
    live = feed(broker, bob, "room/")
    assert bob.refused("SAY", "new", "room")["code"] == "storage"
    assert bob.say("dev", "still here")["seq"] == 11
    for i in range(50):
        assert bob.refused("SAY", f"new{i}", "room")["code"] == "storage"
        bob.say("dev", f"and on {i}")
    assert [(e.room, e.seq) for e in live.barrier(bob) if e.stored] == [
        ("dev", seq) for seq in range(11, 62)
    ]
    assert bob.history("new")["head"] == 0
    fails = re.findall(r"error storage-fails .*", broker.log)
    assert 1 <= len(fails) <= 20 and "zchat.db" in fails[0] and "malformed" in fails[0], fails
    broker.crash()
    bob.reconnect()
    bob.hello()
    assert bob.history("dev")["head"] == 61 and bob.history("new")["head"] == 0


def test_damaged_then_restored(broker, context, tmp_path):
    """The way back that the texts name."""
    talk(broker, context, 50)
    assert command("backup", "--data", broker.data, tmp_path / "copy").returncode == OK
    assert broker.stop() == 0
    spoil(broker.data, root_page(broker.data, "rooms"))
    damaged_text = command("check", "--data", broker.data)
    assert damaged_text.returncode == DATAERR
    broker.data.rename(tmp_path / "aside")
    shutil.copytree(tmp_path / "copy", broker.data)
    # an older state of the log is another log: clients must not trust their cursors
    with sqlite3.connect(broker.data / "zchat.db") as db:
        db.execute("UPDATE meta SET value = randomblob (16) WHERE key = 'log_id'")
    db.close()
    old = check(tmp_path / "copy")["log"]
    broker.start()
    bob = Door(context, broker.door, "bob")
    assert bob.hello()["log"] not in (old, None)
    assert bob.say("dev", "back")["seq"] == 51
    check(broker.data)


def wal_commits(path) -> int:
    """The bytes up to which the WAL holds whole commits, by its format."""
    content = path.read_bytes()
    page, salt = struct.unpack(">I", content[8:12])[0], content[16:24]
    end, at = 0, 32
    while at + 24 + page <= len(content) and content[at + 8 : at + 16] == salt:
        at += 24 + page
        if struct.unpack(">I", content[at - page - 24 + 4 : at - page - 24 + 8])[0]:
            end = at
    return end


@pytest.mark.timeout(180)
def test_wal_cut_short(broker, brokers, context, tmp_path):
    """Whatever was acknowledged before the cut point is there after it."""
    broker.restart()  # the log itself has what is there now, the WAL what follows
    bob = Door(context, broker.door, "bob")
    bob.hello()
    sender = Sender(bob, "dev")
    wal = broker.data / "zchat.db-wal"
    ends = []
    for i in range(30):
        sender.send(f"message {i}")
        sender.flush()
        ends.append(wal_commits(wal))
    assert ends == sorted(set(ends)), "one commit each"
    broker.kill()
    dice = random.Random(17)
    cuts = [0, 1, 31, 32, 33, ends[0] - 1, ends[0], ends[-1] - 1, ends[-1]]
    cuts += [dice.randrange(ends[-1]) for _ in range(6)]
    for number, cut in enumerate(cuts):
        data = tmp_path / f"cut{number}"
        data.mkdir()
        shutil.copy(broker.data / "zchat.db", data)
        shutil.copy(wal, data)
        os.truncate(data / wal.name, cut)
        kept = sum(end <= cut for end in ends)
        assert check(data)["messages"] == str(kept), cut
        torn = brokers(folder=tmp_path / f"broker-cut{number}", data=data)
        guest = Door(context, torn.door)
        assert [e.body for e in guest.history_all("dev")] == [f"message {i}" for i in range(kept)]
        # a sender is told where to go on, so nothing is there twice and nothing lost for good
        again = Door(context, torn.door, "bob")
        again.hello()
        for n in range(kept + 1, 31):
            done = again.say("dev", f"message {n - 1}", producer=sender.producer, n=n)
            assert done["seq"] == n
        assert torn.stop() == 0
        assert check(data)["messages"] == "30"
    broker.start()


# --- limits


def test_file_size_limit(brokers, context):
    """RLIMIT_FSIZE: writes fail, as on a full disk, and no signal ends the broker."""
    # a limit, however far away, keeps the broker from reserving place for its WAL
    broker = brokers(wrap=["prlimit", f"--fsize={1 << 40}:unlimited"])
    bob = talk(broker, context, 10)
    sender = Sender(bob, "dev")
    pid = broker.process.pid
    used = max(p.stat().st_size for p in broker.data.iterdir())
    log = len(broker.log)
    # the broker's own log file is a file too, and far smaller
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (used + PAGE, resource.RLIM_INFINITY))
    stored = 0
    for _ in range(400):  # the WAL has its length before it is needed
        reply = bob.request("SAY", "dev", "x" * 60000)
        if not reply.ok:
            break
        stored += 1
    assert not reply.ok and reply.json["code"] == "storage", reply.json
    assert bob.history("dev")["head"] == 10 + stored
    assert "storage-fails" in broker.log[log:]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    sender.send("after")
    sender.flush()
    assert bob.history("dev")["head"] == 11 + stored
    assert wait_until(lambda: "storage-works-again" in broker.log)
    check(broker.data)


def test_too_few_descriptors(tmp_path):
    for few in (16, 24, 63):
        done = command("--data", tmp_path / "data", wrap=["prlimit", f"--nofile={few}:{few}"])
        assert done.returncode == 71 and "ulimit -n" in done.stderr, (few, done.stderr)


def test_descriptors_exhausted(brokers, context):
    """Those who are in are served, it is said in the log, and later others get in again."""
    broker = brokers(wrap=["prlimit", "--nofile=64:64"])
    bob = talk(broker, context, 5)
    bob.join("dev")
    crowd = [Door(context, broker.door) for _ in range(100)]
    wait_until(lambda: "connection-not-accepted" in broker.log, what="a line in the log")
    assert "ulimit -n" in broker.log and broker.fds() <= 64
    for i in range(50):
        bob.say("dev", f"still served {i}")
    assert bob.history("dev", limit=1).mail[0].seq == 55
    served = 0
    for door in crowd:
        door.post("PING")
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        served = sum(bool(door.replies) or door.take() for door in crowd)
    assert 0 < served < 100, served
    assert broker.log.count("connection-not-accepted") <= 3, "the log is not flooded"
    check(broker.data)
    for door in crowd:
        door.close()
    late = Door(context, broker.door, "late")
    assert late.hello().ok, "accepted again"
    assert late.say("dev", "here")["seq"] == 56
    lines = broker.log.count("connection-not-accepted")
    assert bob.request("WHO", "dev").ok and broker.log.count("connection-not-accepted") == lines


def test_descriptors_exhausted_on_the_feed(brokers, context):
    """The feed's connections are no less worth a line, and hold up nobody."""
    broker = brokers(wrap=["prlimit", "--nofile=64:64"])
    bob = talk(broker, context, 5)
    crowd = []
    for _ in range(100):
        socket = context.socket(zmq.SUB)
        socket.connect(broker.feed)
        crowd.append(socket)
    wait_until(lambda: "connection-not-accepted" in broker.log, what="a line in the log")
    end = time.monotonic() + 3  # long enough for thousands of failed accepts
    i = 0
    while time.monotonic() < end:
        # the broker's rounds are 10 s apart where nothing wakes it
        assert bob.request("SAY", "dev", f"still served {i}", timeout=5).ok
        i += 1
    for socket in crowd:
        socket.close(0)
    late = Door(context, broker.door, "late")
    assert late.hello().ok


def test_stop_while_descriptors_are_exhausted(brokers, context):
    broker = brokers(wrap=["prlimit", "--nofile=64:64"])
    talk(broker, context, 5)
    crowd = [Door(context, broker.door) for _ in range(100)]
    wait_until(lambda: "connection-not-accepted" in broker.log, what="a line in the log")
    assert broker.stop() == 0
    assert check(broker.data)["messages"] == "5"
    for door in crowd:
        door.close()


def sanitized() -> bool:
    with open(build.zchatd(), "rb") as file:
        return b"__asan_init" in file.read() or b"__tsan_init" in file.read()


def status_kb(pid: int, key: str) -> int:
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(rf"{key}:\s+(\d+)", file.read())[1])


# The head of the largest frame that is let in: libzmq makes room for all of it when it reads this.
FRAME_HEAD = b"\x02" + struct.pack("!Q", 1 << 20)


def hold(broker, data: bytes, held: list) -> None:
    """One more connection to the door, which sends this and stays; unless the broker closes it."""
    with contextlib.suppress(OSError):
        connection = zmtp.connect(broker.door_port, DEADLINE)
        held.append(connection)
        connection.sendall(zmtp.GREETING + zmtp.ready(b"DEALER") + data)
        got = b""
        while len(got) <= len(zmtp.GREETING) and (came := connection.recv(4096)):
            got += came


def test_memory_limit(brokers, context):
    """Out of memory the broker ends at once with a clear line; a restart loses nothing that was
    acknowledged, and senders go on."""
    if sanitized():
        pytest.skip("a sanitizer reserves more address space than any limit")
    broker = brokers()
    doors = [Door(context, broker.door, f"user{i}") for i in range(20)]
    senders = []
    for door in doors:
        door.hello()
        senders.append(Sender(door, "dev"))
    for sender in senders:
        sender.send("first")
        sender.flush()
    pid = broker.process.pid
    limit = (status_kb(pid, "VmSize") + 8192) * 1024
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
    # How much of the senders is taken depends on quotas, and on who is faster: they are here for
    # what is acknowledged meanwhile. The memory is filled by what nothing refuses: frames of 1 MiB
    # that never come whole, and where libzmq closes their connections because there is no room for
    # one, connections that only stay. What malloc has reserved, and not used, is in VmSize already:
    # so some 70 of the frames find room in these 8 MiB.
    kept, held = ("slow", "gap", "storage", "hello"), []  # hello: a sender lost its connection
    for _ in range(300):
        if broker.process.poll() is not None:
            break
        for sender in senders:
            if len(sender.unacknowledged) < 20:
                sender.send("x" * 30000)
            while sender.collect(keep=kept):
                pass
        hold(broker, FRAME_HEAD, held)
        hold(broker, b"", held)
    wait_until(lambda: broker.process.poll() is not None, what="8 MiB are not enough for 300")
    assert broker.process.returncode == -signal.SIGABRT, broker.process.returncode
    broker.process = None
    assert re.search("out of memory|bad_alloc", broker.log, re.I), broker.log[-2000:]
    for connection in held:
        connection.close()
    for sender in senders:
        while sender.collect(0.01, keep=kept):
            pass
        sender.door.close()
    acknowledged = {s.door.user: dict(s.acknowledged) for s in senders}
    check(broker.data)
    broker.start()
    stored = Door(context, broker.door).history_all("dev")
    by_seq = {e.seq: e.user for e in stored}
    for user, seqs in acknowledged.items():
        for seq in seqs.values():
            assert not seq or by_seq.get(seq) == user, f"{seq} of {user} is lost"
    for sender in senders:
        sender.door.reconnect()
        sender.door.hello()
        sender.under_way.clear()
        sender.resend()
        sender.flush()
    assert Door(context, broker.door).history("dev")["head"] == sum(
        len(s.acknowledged) for s in senders
    )
