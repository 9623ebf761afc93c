"""The package can be had, and says of itself what is so."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

HERE = ROOT / "clients/python"


def test_the_bot_of_the_readme_is_the_example():
    readme = (HERE / "README.md").read_text()
    assert f"```python\n{(HERE / 'example/echo_bot.py').read_text()}```" in readme


def test_it_installs_without_a_network(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md"):
        (source / name).write_bytes((HERE / name).read_bytes())
    (source / "zchat").mkdir()
    for path in (HERE / "zchat").glob("*"):
        if path.is_file():
            (source / "zchat" / path.name).write_bytes(path.read_bytes())
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--no-index", "--no-build-isolation", "--no-deps", "-q",
                           "--target", tmp_path / "there", source], capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there/zchat/py.typed").exists()
    said = subprocess.run([sys.executable, "-c", "import zchat, zchat.aio; print(zchat.__file__)"], capture_output=True,
                          text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "there")})  # fmt: skip
    assert Path(said.stdout.strip()).parent == tmp_path / "there/zchat", said.stderr


def test_the_core_does_nothing_itself():
    """No socket, no clock, no disk and no randomness in what decides."""
    for name in ("protocol", "follow", "outbox", "rooms", "wire", "effects", "events", "calls", "results", "seal", "seals"):
        text = (HERE / "zchat" / f"{name}.py").read_text()
        for word in ("import zmq", "import time", "import os", "import socket", "import threading", "open("):
            assert word not in text.replace("crypto_secretbox_open(", "").replace("crypto_box_open(", "").replace(
                "crypto_sign_open(", ""), (name, word)  # fmt: skip
