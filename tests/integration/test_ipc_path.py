"""An ipc endpoint takes and deletes nothing that is there: only a socket that nobody serves."""

import os
import signal
import socket
import subprocess

import pytest
from support import build
from support.client import Door
from support.wait import DEADLINE

UNAVAILABLE = 69


def start_fails(data, door, feed="tcp://127.0.0.1:*") -> str:
    done = subprocess.run(
        [build.zchatd(), "--data", str(data), "--door", str(door), "--feed", str(feed)],
        capture_output=True, text=True, timeout=DEADLINE, env=build.environment(),
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == UNAVAILABLE, done
    assert "cannot-start" in done.stderr and "choose another" in done.stderr, done.stderr
    return done.stderr


@pytest.fixture
def served(brokers, tmp_path):
    return brokers(doors=[f"ipc://{tmp_path}/door"], feeds=[f"ipc://{tmp_path}/feed"])


def test_where_somebody_answers(served, tmp_path, context):
    for path in ("door", "feed"):
        text = start_fails(tmp_path / "other", f"ipc://{tmp_path}/{path}")
        assert "serves" in text and str(tmp_path / path) in text
        start_fails(tmp_path / "other", "tcp://127.0.0.1:*", f"ipc://{tmp_path}/{path}")
    os.kill(served.process.pid, signal.SIGSTOP)  # that it does not move does not matter
    try:
        start_fails(tmp_path / "other", served.door)
    finally:
        os.kill(served.process.pid, signal.SIGCONT)
    assert Door(context, served.door, "bob").hello().ok, "it was not disturbed"


def test_door_and_feed_over_each_other(tmp_path):
    text = start_fails(tmp_path / "data", f"ipc://{tmp_path}/both", f"ipc://{tmp_path}/./both")
    assert "both door and feed" in text


def test_a_stale_socket_is_replaced(served, context):
    served.crash()
    assert os.path.exists(served.door.removeprefix("ipc://"))
    assert Door(context, served.door, "bob").hello().ok


def test_whatever_else_is_there_stays(tmp_path):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagrams.bind(str(tmp_path / "datagrams"))
    before = sorted(os.listdir(tmp_path))
    inodes = [os.lstat(tmp_path / name).st_ino for name in before]
    for name in before:
        assert str(tmp_path / name) in start_fails(tmp_path / "data", f"ipc://{tmp_path}/{name}")
    assert [os.lstat(tmp_path / name).st_ino for name in before] == inodes
    assert (tmp_path / "file").read_text() == "precious"
    datagrams.close()


@pytest.mark.parametrize("name", ["zchat.db", "zchat.db-wal", "zchatd.lock", "broker.key", "tokens",
                                  "members"])  # fmt: skip
def test_the_files_of_the_data_folder(broker, context, name):
    assert Door(context, broker.door, "bob").request("SAY", "dev", "precious").ok
    assert broker.stop() == 0
    content = (broker.data / "zchat.db").read_bytes()
    start_fails(broker.data, f"ipc://{broker.data}/{name}")
    start_fails(broker.data, "tcp://127.0.0.1:*", f"ipc://{broker.data.parent}/./data/{name}")
    assert (broker.data / "zchat.db").read_bytes() == content
    broker.start()
    assert len(Door(context, broker.door).history_all("dev")) == 1


def test_a_socket_beside_the_log(brokers, context, tmp_path):
    broker = brokers(data=tmp_path / "data", doors=[f"ipc://{tmp_path}/data/door"],
                     feeds=[f"ipc://{tmp_path}/data/feed"])  # fmt: skip
    assert Door(context, broker.door, "bob").request("SAY", "dev", "hello").ok
    broker.crash()
    assert len(Door(context, broker.door).history_all("dev")) == 1


def test_two_at_once(tmp_path):
    """Of several that start at the same moment on one path, left stale, one serves."""
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(tmp_path / "door"))
    stale.close()
    started = [
        subprocess.Popen(
            [build.zchatd(), "--data", str(tmp_path / f"data{i}"), "--door", f"ipc://{tmp_path}/door",
             "--feed", "tcp://127.0.0.1:*"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=build.environment(), text=True,
        )  # fmt: skip
        for i in range(6)
    ]
    lines = [process.stdout.readline() for process in started]  # the end where it did not start
    ready = [i for i, line in enumerate(lines) if line.startswith("ready ")]
    for process in started:
        process.terminate()
    codes = [process.wait(DEADLINE) for process in started]
    assert len(ready) == 1, lines
    assert sorted(codes) == [0] + 5 * [UNAVAILABLE], codes
