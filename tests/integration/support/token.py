"""zchatd token, as the tests run it."""

import re
import subprocess

from . import build


def command(*arguments, env=None, **options) -> subprocess.CompletedProcess:
    """zchatd token with these arguments, to its end."""
    done = subprocess.run(
        [build.zchatd(), "token", *map(str, arguments)], capture_output=True, text=True,
        timeout=20, env=build.environment(**(env or {})), stdin=subprocess.DEVNULL, **options,
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd")
    return done


def make(data, name: str, *arguments) -> str:
    """A new token for a name, in the data folder of a broker, which may be running."""
    done = command(name, "--data", data, *arguments)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}\n", done.stdout), "the token alone"
    assert done.stdout.strip() not in done.stderr
    return done.stdout.strip()


def listed(data, code: int = 0) -> list:
    """What --list shows: the words of each line, name, id, made, expires and maybe expired."""
    done = command("--list", "--data", data)
    assert done.returncode == code, (done.returncode, done.stderr)
    return [line.split(" ") for line in done.stdout.splitlines()]


def ids(data, name: str) -> list:
    """The ids of the tokens of a name, the oldest first."""
    return [words[1] for words in listed(data) if words[0] == name]


def revoke(data, number: str) -> None:
    done = command("--revoke", number, "--data", data)
    assert done.returncode == 0 and number in done.stderr, done.stderr
    assert done.stdout == ""
