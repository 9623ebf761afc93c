"""zchatd's commands for who runs it."""

import json
import subprocess

from . import build
from .wait import DEADLINE


def run(broker, *arguments, status: int = 0, data=None, stdin=None):
    """zchatd ARGUMENTS on the broker's folder, to its end."""
    done = subprocess.run(
        [build.zchatd(), *map(str, arguments), "--data", str(data or broker.data)], capture_output=True, text=True,
        timeout=3 * DEADLINE, env=build.environment(), input=stdin,
    )  # fmt: skip
    build.assert_clean(done.stderr, f"zchatd {arguments[0]}")
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def ask(broker, *arguments):
    """What the broker answers, by --json."""
    return json.loads(run(broker, *arguments, "--json").stdout)
