"""zchatd names: whose names there are, and giving them up, while the broker is stopped."""

import subprocess

from support import build
from support.curve import Pair
from support.wait import DEADLINE


def names(broker, *arguments, status: int = 0):
    done = subprocess.run(
        [build.zchatd(), "names", "--data", broker.data, *arguments], capture_output=True,
        text=True, timeout=DEADLINE, env=build.environment(),
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd names")
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done


def test_names_are_listed_and_given_up(safe, person):
    bob, eve = person(safe, "bob"), person(safe, "eve")
    phone = Pair().text
    bob.ask("KEY", {"add": phone, "vouch": "A" * 140})
    bob.ask("JOIN", "den", {"private": True})
    running = names(safe, status=75)
    assert running.stdout == ""
    safe.stop()
    lines = [line.split() for line in names(safe).stdout.splitlines()]
    assert [[line[0], *line[2:]] for line in lines] == [["bob", bob.key, phone], ["eve", eve.key]]
    assert lines[0][1].endswith("Z")
    assert "nobody" in names(safe, "--free", "carl", status=66).stderr
    names(safe, "bob", status=64), names(safe, "--free", status=64), names(safe, "-x", status=64)
    names(safe, "--free", "BOB")
    assert [line.split()[0] for line in names(safe).stdout.splitlines()] == ["eve"]
    safe.start()
    assert bob.back is not None
    thief = person(safe, "bob", hello=False)
    cooling = thief.refused("HELLO")
    assert cooling["code"] == "taken" and cooling["wait_ms"] > 29 * 24 * 3600 * 1000
    assert eve.back().greeting["proven"] is True


def test_keys_that_are_dropped_take_their_vouches_along(safe, person):
    """The log is whole afterwards, and its broker starts."""
    token = subprocess.run(
        [build.zchatd(), "token", "--data", safe.data, "robot"], capture_output=True, text=True,
        timeout=DEADLINE, env=build.environment(), check=True,
    ).stdout.strip()  # fmt: skip
    robot = person(safe, "robot", token=token)
    robot.ask("KEY", {"add": Pair().text, "vouch": "A" * 140})
    safe.stop()
    dropped = subprocess.run(
        [build.zchatd(), "token", "--data", safe.data, "--revoke", "robot", "--and-keys"],
        capture_output=True, text=True, timeout=DEADLINE, env=build.environment(),
    )  # fmt: skip
    assert dropped.returncode == 0, dropped.stderr
    assert names(safe).stdout.split()[0] == "robot"
    safe.start()
    assert robot.pair and person(safe, "eve").ask("KEYS", "robot")["keys"] == []


def test_where_there_is_no_log(tmp_path):
    done = subprocess.run(
        [build.zchatd(), "names", "--data", tmp_path], capture_output=True, text=True,
        timeout=DEADLINE, env=build.environment(),
    )  # fmt: skip
    assert done.returncode == 66 and "no log" in done.stderr
    assert not list(tmp_path.iterdir())
