"""The admin door: zchatd status, reload, rooms, users, sessions, kick, close, ban, on the running broker."""

import os
import socket
import stat

import pytest
import zmq

from support.admin import ask, run
from support.client import quiet
from support.wait import wait_until


@pytest.fixture
def at_the_door(context):
    """at_the_door (broker): a DEALER at its admin door."""

    def make(broker):
        made = quiet(context.socket(zmq.DEALER))
        made.connect(f"ipc://{broker.data}/admin.sock")
        return made

    return make


def test_status_tells_the_truth(broker, door):
    bob, ann = door(broker, "bob", hello=True), door(broker, "ann", hello=True)
    bob.ask("JOIN", "dev"), ann.ask("JOIN", "den")
    for i in range(5):
        bob.say("dev", f"line {i}")
    told = ask(broker, "status")
    assert told["pid"] == broker.process.pid and told["data"] == str(broker.data)
    assert told["log"]["id"] == bob.ask("HELLO")["log"] and told["log"]["position"] >= 5
    assert told["log"]["failing"] is False and 0 <= told["log"]["last_commit_ms"] < 60000
    assert told["here"]["users"] == told["here"]["sessions"] == told["here"]["connections"] == 2
    assert told["here"]["rooms"] == 2 and told["rates"]["events_s"] > 0
    wait_until(lambda: ask(broker, "status")["index"]["behind"] == 0, what="the index has all")
    assert told["disk"]["log_bytes"] > 0 and 0 < told["disk"]["free_bytes"] <= told["disk"]["bytes"]
    assert abs(told["process"]["descriptors"] - broker.fds()) < 8
    text = run(broker, "status").stdout
    assert told["log"]["id"] in text and "2 people" in text and str(broker.process.pid) in text


def test_rooms_users_and_sessions(broker, door):
    bob, ann = door(broker, "bob", hello=True), door(broker, "ann", hello=True)
    bob.ask("JOIN", "dev"), ann.ask("JOIN", "den"), bob.say("dev", "hi"), bob.ask("TOPIC", "dev", "\x1b[31mred")
    assert [room["room"] for room in ask(broker, "rooms")["rooms"]] == ["dev", "den"]
    text = run(broker, "rooms").stdout
    assert "dev members=1 first=1 head=2 topic: " in text and "\x1b" not in text
    assert run(broker, "users").stdout.splitlines() == ["bob sessions=1", "ann sessions=1"]
    assert run(broker, "users", "dev").stdout == "bob\n"
    sessions = ask(broker, "sessions")["sessions"]
    assert [(s["user"], s["rooms"], s["address"], s["hello"]) for s in sessions] == [
        ("bob", 1, "127.0.0.1", True), ("ann", 1, "127.0.0.1", True)]  # fmt: skip
    assert len(run(broker, "sessions").stdout.splitlines()) == 2


def test_many_sessions_come_in_several_messages(broker, door):
    """Hundreds do not fit one."""
    people = [door(broker, f"u{i}") for i in range(260)]
    for one in people:
        one.say("dev", "x")
    assert sorted(s["user"] for s in ask(broker, "sessions")["sessions"]) == sorted(p.user for p in people)


def test_kick_ban_and_close_are_the_verbs_of_an_admin(broker, door, client):
    bob = client(broker, "bob", "dev")
    ann = door(broker, "ann", hello=True)
    ann.say("dev", "hi")
    run(broker, "kick", "dev", "bob", "--reason", "enough")
    event = bob.wait_for("dev", lambda e: e.type == "mode", what="it is told")
    assert (event.user, event.body, event.data["set"], event.data["user"]) == ("zchatd", "enough", "kick", "bob")
    run(broker, "ban", "dev", "ann", "--for", "1h")
    assert 0 < ann.refused("SAY", "dev", "x")["until"]
    run(broker, "unban", "dev", "ann")
    ann.say("dev", "x")
    run(broker, "close", "dev")
    assert ann.refused("SAY", "dev", "x")["code"] == "closed"
    run(broker, "open", "dev")
    ann.say("dev", "x")
    refused = run(broker, "ban", "dev", "b/b", status=1)
    assert "refused" in refused.stderr and refused.stdout == ""
    assert ask(broker, "status")["here"]["users"] == 2, "who runs it is not left standing around"


def test_reload_waits_and_says(brokers, door, tmp_path):
    path = tmp_path / "c"
    path.write_text("")
    path.chmod(0o600)
    broker = brokers(args=["--config", str(path)])
    bob = door(broker, "bob")
    assert ask(broker, "reload") == {"taken": [], "restart": []}
    path.write_text('quota = "messages=1/1"\nretain = "30d"\nhost = "x.example"\ncurve = "true"\n')
    assert ask(broker, "reload") == {"taken": ["retain", "quota"], "restart": ["curve", "host"]}
    bob.say("dev", "one")
    assert bob.refused("SAY", "dev", "two")["code"] == "slow"
    path.write_text('colour = "blue"\n')
    assert "colour is not a setting" in run(broker, "reload", status=1).stderr
    assert bob.ask("PING")["time"]


def test_nobody_else_may_open_it(broker):
    where = broker.data / "admin.sock"
    info = where.lstat()
    assert stat.S_ISSOCK(info.st_mode) and stat.S_IMODE(info.st_mode) == 0o600 and info.st_uid == os.geteuid()


def test_a_socket_that_was_left_is_replaced(broker):
    broker.kill()
    assert (broker.data / "admin.sock").is_socket()
    assert "left by one that is gone" in run(broker, "status", status=69).stderr
    broker.start()
    assert ask(broker, "status")["pid"] == broker.process.pid
    assert broker.stop() == 0
    assert not (broker.data / "admin.sock").exists()
    assert "no broker serves" in run(broker, "status", status=69).stderr


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_what_is_no_socket_is_left_alone(brokers, door, what):
    broker = brokers(start=False)
    broker.data.mkdir(mode=0o700)
    where = broker.data / "admin.sock"
    if what == "file":
        where.write_text("mine")
    elif what == "link":
        where.symlink_to("/nowhere")
    else:
        where.mkdir()
    broker.start()
    assert "admin-door-not-opened" in broker.log
    assert door(broker, "bob").say("dev", "hi")["seq"] == 1
    assert run(broker, "status", status=69).stderr
    assert os.path.lexists(where) and (what != "file" or where.read_text() == "mine")


def test_a_long_path(brokers, tmp_path):
    """Longer than the address of a socket."""
    data = tmp_path / ("x" * 120) / "data"
    data.parent.mkdir()
    broker = brokers(data=data)
    assert ask(broker, "status")["data"] == str(data)


def test_a_silent_and_a_slow_peer_stop_nobody(broker, door, at_the_door):
    bob = door(broker, "bob", hello=True)
    silent = [socket.socket(socket.AF_UNIX) for _ in range(30)]
    for one in silent:
        one.connect(f"{broker.data}/admin.sock")
    greedy = at_the_door(broker)
    greedy.setsockopt(zmq.RCVHWM, 1)
    for i in range(3000):
        greedy.send_multipart([b"STATUS", b"%d" % i])
    for i in range(20):
        assert bob.say("dev", "hello")["seq"] == i + 1
    assert ask(broker, "status")["here"]["users"] == 1
    for one in silent:
        one.close()


@pytest.mark.parametrize("frames, code", [
    ([b"STATUS"], "malformed"),
    ([b"STATUS", b"t" * 33], "malformed"),
    ([b"SAY", b"t", b"", b"dev", b"hi"], "verb"),
    ([b"JOIN", b"t", b"", b"dev"], "verb"),
    ([b"HISTORY", b"t", b"", b"dev"], "verb"),
    ([b"WHO", b"t"], "verb"),
    ([b"KICK", b"t", b"", b"dev"], "malformed"),
    ([b"ROOMS", b"t", b"", b"{"], "malformed"),
    ([b"\xff", b"t", b"", b"dev"], "verb"),
    ([b"KICK", b"t", b"", b"dev", b"bob", b"x", b"y", b"z", b"a", b"b"], "malformed"),
])  # fmt: skip
def test_what_is_no_request_is_answered(broker, door, at_the_door, frames, code):
    one = at_the_door(broker)
    one.send_multipart(frames)
    status, tag, text = one.recv_multipart()
    assert status == b"ERR" and f'"code":"{code}"'.encode() in text
    assert door(broker, "bob").say("dev", "hi")["seq"] == 1


def test_usage(broker):
    for wrong in (["status", "x"], ["kick", "dev"], ["ban", "dev", "bob", "--for", "soon"], ["rooms", "--reason", "x"],
                  ["close"], ["users", "a", "b"], ["status", "--colour"]):  # fmt: skip
        assert run(broker, *wrong, status=64).stdout == ""
