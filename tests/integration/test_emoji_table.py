"""client/screen/emoji_data.c is what scripts/emoji-table makes of Debian's Unicode data."""

import subprocess
from pathlib import Path

import pytest

from support import build


def test_the_table_is_what_the_script_makes():
    if not Path("/usr/share/unicode/emoji/emoji-test.txt").exists():
        pytest.skip("unicode-data is not installed: scripts/setup test")
    done = subprocess.run([build.ROOT / "scripts" / "emoji-table", "--check"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
