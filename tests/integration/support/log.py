"""The log of a broker, running or not: what zchatd check says of it, and how much is in a table."""

import sqlite3
import subprocess

from . import build


def check(broker) -> int:
    command = [build.zchatd(), "check", "--data", broker.data]
    return subprocess.run(command, timeout=60, env=build.environment()).returncode


def rows(broker, table: str) -> int:
    log = sqlite3.connect(f"file:{broker.data}/zchat.db?mode=ro", uri=True)
    try:
        return log.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        log.close()
