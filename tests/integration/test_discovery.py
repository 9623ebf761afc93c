"""zchatd --announce and zchat find: brokers of the local network, listed with their keys; nobody is joined."""

import os
import re
import socket
import subprocess

import pytest

from support import build
from support.broker import Broker
from support.wait import DEADLINE, wait_until

NAMES = ("zchat-a", "zchat-b")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=DEADLINE)


@pytest.fixture
def network():
    """Two machines on a cable of their own: network namespaces."""
    if os.geteuid() or subprocess.run(["ip", "netns", "list"], capture_output=True).returncode:
        pytest.skip("root and network namespaces are needed")
    names = [f"{name}-{os.getpid()}" for name in NAMES]
    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", "zv0", "netns", names[0], "type", "veth", "peer", "name", "zv1", "netns", names[1])
        for i, name in enumerate(names):
            ip("-n", name, "addr", "add", f"10.77.0.{i + 1}/24", "brd", "+", "dev", f"zv{i}")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", f"zv{i}", "up")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network can be made here: {error.stderr}")
    yield names
    for name in names:
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def find(where: str, status: int = 0) -> list:
    done = subprocess.run(["ip", "netns", "exec", where, build.zchat(), "find"], capture_output=True, text=True,
                          timeout=DEADLINE, env=build.environment())  # fmt: skip
    build.assert_clean(done.stderr, "zchat find")
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout.splitlines()


@pytest.mark.parametrize("interface", ["", "zv0"])
def test_a_broker_is_found_with_its_key(network, tmp_path, interface):
    here, there = network
    broker = Broker(tmp_path / "b", doors=["tcp://10.77.0.1:5680"], feeds=["tcp://10.77.0.1:5681"],
                    args=["--curve", f"--announce={interface}" if interface else "--announce=any"],
                    wrap=["ip", "netns", "exec", here]).start()  # fmt: skip
    try:
        (line,) = find(there)
        assert line.split()[0] == broker.address and line.split()[1] == socket.gethostname().split(".")[0] or \
            line.split()[0] == broker.address
        assert "hello" not in broker.log, "nobody has come by it"
    finally:
        broker.close()
    assert find(there, status=69) == []


def test_what_others_say_there(network):
    """Anything may come: what is no beacon is passed over, and nothing of it reaches the terminal as it is."""
    here, there = network
    key = "h85x7n4enf25cx210r9t57p82492mfhbvrqrq3b1z3ztp4mn42q3te2"
    said = [b"", b"x" * 300, b"ZCHAT/1", b"ZCHAT/1 0 - x", b"ZCHAT/1 99999 - x", b"ZCHAT/1 5680 " + key.encode() + b" x",
            b"ZCHAT/2 5680 - x", b"ZCHAT/1 5680\x00 - x", b"ZCHAT/1 5680 - \x1b[31mred\x07"]  # fmt: skip
    code = f"""
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for _ in range(200):
    for text in {said!r}:
        s.sendto(text, ("10.77.0.255", 5680))
    time.sleep(0.05)
"""
    liar = subprocess.Popen(["ip", "netns", "exec", here, "/usr/bin/python3", "-c", code])
    try:
        lines = find(there)
    finally:
        liar.kill()
        liar.wait()
    assert len(lines) == 1 and lines[0].startswith("tcp://10.77.0.1:5680  ") and lines[0].endswith("NOT ENCRYPTED")
    assert "\x1b" not in lines[0] and "\x07" not in lines[0]


def test_an_interface_that_is_not_there(tmp_path):
    done = subprocess.run([build.zchatd(), "--data", tmp_path / "data", "--door", "tcp://127.0.0.1:*", "--feed",
                           "tcp://127.0.0.1:*", "--door", "tcp://*:*", "--insecure", "--announce", "nothere0"], capture_output=True, text=True,
                          env=build.environment(), timeout=60)  # fmt: skip
    assert done.returncode == 69 and "nothere0" in done.stderr
