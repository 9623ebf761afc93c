"""Whom the broker believes: a folder, a log or a file that others could have written is refused,
by zchatd check with the same words as by the start."""

import os
import sqlite3
import subprocess

import pytest
from support import build
from support.wait import DEADLINE, wait_until

DATAERR, OSERR, CANTCREAT = 65, 71, 73
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="giving files away wants root")


def zchatd(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run(
        [build.zchatd(), *map(str, arguments)], capture_output=True, text=True, timeout=DEADLINE,
        env=build.environment(), stdin=subprocess.DEVNULL,
    )  # fmt: skip


def start(data, *arguments) -> subprocess.CompletedProcess:
    anywhere = ["--door", "tcp://127.0.0.1:*", "--feed", "tcp://127.0.0.1:*"]
    return zchatd("--data", data, *anywhere, *arguments)


def both_refuse(data, *words) -> None:
    """The start and the check, with the same sentence."""
    started, checked = start(data), zchatd("check", "--data", data)
    assert (started.returncode, checked.returncode) == (CANTCREAT, OSERR), (started, checked)
    sentence = checked.stderr.removeprefix("zchatd: ").strip()
    assert all(word in sentence for word in words), sentence
    assert sentence in started.stderr, (sentence, started.stderr)


@pytest.fixture
def data(broker, door):
    """The folder of a log that was served."""
    door(broker, "bob").request("SAY", "dev", "hello")
    assert broker.stop() == 0
    yield broker.data
    broker.start()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777])
def test_a_folder_that_others_may_write(data, mode):
    data.chmod(mode)
    both_refuse(data, str(data), f"{mode:04o}", "chmod go-w")
    data.chmod(0o755)
    assert zchatd("check", "--data", data).returncode == 0


def test_a_log_that_others_may_write(data):
    (data / "zchat.db").chmod(0o666)
    both_refuse(data, "zchat.db", "0666", "chmod go-w")
    (data / "zchat.db").chmod(0o600)


@as_root
@pytest.mark.parametrize("name", ["zchat.db", "zchat.db-wal", "zchat.db-shm", "tokens"])
def test_a_file_of_somebody_else(data, name):
    made = not (data / name).exists()
    if made:
        (data / name).touch(0o600)
    os.chown(data / name, NOBODY, NOBODY)
    both_refuse(data, name, f"uid {NOBODY}", "chown")
    os.chown(data / name, 0, 0)
    if made:
        (data / name).unlink()


@as_root
def test_root_checks_the_log_of_another_user(data):
    for path in [data, *data.iterdir()]:
        os.chown(path, NOBODY, NOBODY)
    assert zchatd("check", "--data", data).returncode == 0
    for path in [data, *data.iterdir()]:
        os.chown(path, 0, 0)


@as_root
def test_a_key_of_somebody_else(brokers):
    broker = brokers(args=["--curve"])
    assert broker.stop() == 0
    os.chown(broker.data / "broker.key", NOBODY, NOBODY)
    done = start(broker.data, "--curve")
    assert done.returncode == CANTCREAT and "broker.key" in done.stderr, done
    assert f"uid {NOBODY}" in done.stderr and "chown" in done.stderr
    os.chown(broker.data / "broker.key", 0, 0)
    broker.start()


def test_tokens_that_others_may_write(broker, door):
    """At each reading: they are wrong from then on, the name stays kept."""
    token = zchatd("token", "maria", "--data", broker.data).stdout.strip()
    assert door(broker, "maria").request("HELLO", '{"token": "%s"}' % token).ok
    tokens = broker.data / "tokens"
    tokens.chmod(0o666)
    refused = door(broker, "maria").request("HELLO", '{"token": "%s"}' % token).json
    assert refused["code"] == "token", refused
    line = next(line for line in broker.log.splitlines() if "tokens-not-read" in line)
    assert "0666" in line and "chmod go-w" in line and str(tokens) in line
    refused = zchatd("token", "bob", "--data", broker.data)
    assert refused.returncode == OSERR and "0666" in refused.stderr and not refused.stdout
    tokens.chmod(0o600)
    assert door(broker, "maria").request("HELLO", '{"token": "%s"}' % token).ok


@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_config_file_that_others_may_write(tmp_path, data, mode):
    config = tmp_path / "zchatd.conf"
    config.write_text(f'data = "{data}"\n')
    config.chmod(mode)
    for done in (start(data, "--config", config), zchatd("check", "--config", config)):
        assert done.returncode == 78 and f"{mode:04o}" in done.stderr, done
        assert str(config) in done.stderr and "chmod go-w" in done.stderr
    config.chmod(0o644)
    assert zchatd("check", "--config", config).returncode == 0
    assert zchatd("check", "--data", data, "--config", "/dev/null").returncode == 0


def test_members_that_others_may_write(brokers, person):
    broker = brokers(start=False, args=["--curve", "--admission", "members"])
    broker.data.mkdir(mode=0o700)
    members = broker.data / "members"
    members.touch()
    members.chmod(0o620)
    broker.start()
    line = wait_until(
        lambda: next((line for line in broker.log.splitlines() if "members-not-read" in line), None)
    )
    assert "0620" in line and "chmod go-w" in line


def test_check_says_what_the_start_says(data):
    """What only the core knows to make no sense is no sound log either."""
    with sqlite3.connect(data / "zchat.db") as db:
        db.execute("INSERT INTO facts VALUES (1, 'ban/#x', 'no json')")
    assert start(data).returncode == DATAERR
    checked = zchatd("check", "--data", data)
    assert checked.returncode == DATAERR and "a broker does not load it" in checked.stdout, checked
    copied = zchatd("backup", "--data", data, data.parent / "copy")
    assert copied.returncode == DATAERR and not (data.parent / "copy").exists()
    with sqlite3.connect(data / "zchat.db") as db:
        db.execute("DELETE FROM facts")
