#!/usr/bin/python3
"""subscribers - how long anybody waits while others flood the feed with topics, or leave it.

    ZCHAT_BUILD=build/release tests/chaos/subscribers.py [--curve] [--leaving 9000]

Somebody says a word and waits until it comes back over the feed, again and again. Meanwhile others
subscribe to topics that cannot be, to long ones, to many, subscribe and unsubscribe without a
pause, and come and go; and at last thousands of subscribers of 1,000 rooms leave at once. Shown:
the longest wait of each, and the longest by the processor time that the broker's loop and libzmq's
thread took meanwhile, which other load of the machine touches less. Attackers have the lowest priority, for their
machine would be another. libzmq walks all subscriptions of all for each connection that ends.
"""

import argparse
import contextlib
import multiprocessing
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import zmq

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))
from support import zmtp  # noqa: E402
from support.curve import Pair, server_key  # noqa: E402

BUILD = Path(os.environ.get("ZCHAT_BUILD", "build/release"))
OF_AN_ADDRESS = 4096  # connections that leave


def socket_of(context, kind, key):
    socket = context.socket(kind)
    socket.linger = 0
    socket.sndhwm = 0
    if key:
        pair = Pair()
        socket.curve_serverkey, socket.curve_publickey = key, pair.public
        socket.curve_secretkey = pair.secret
    return socket


def topics(kind: str):
    number = 0
    while True:
        number += 1
        yield {"impossible": lambda: os.urandom(400),
               "long": lambda: os.urandom(1000),
               "many": lambda: b"room/" + os.urandom(60).hex().encode() + b"/",
               "churn": lambda: b"room/one/"}[kind]()  # fmt: skip


def flood(endpoint: str, key, kind: str, seconds: float) -> None:
    """Subscribe as fast as it goes; come again wherever the connection was closed."""
    os.nice(19)
    context, end = zmq.Context(), time.monotonic() + seconds
    while time.monotonic() < end:
        socket = socket_of(context, zmq.SUB, key)
        socket.connect(endpoint)
        for number, topic in zip(range(1000), topics(kind)):
            socket.subscribe(topic)
            if kind == "churn":
                socket.unsubscribe(topic)
            if number % 100 == 99:
                time.sleep(0.001)
        time.sleep(0.05)
        socket.close()


def raw_flood(port: int, kind: str, seconds: float) -> None:
    os.nice(19)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with zmtp.connect(port) as connection:
                connection.sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
                got = b""
                while len(got) < 91:
                    got += connection.recv(4096) or bytes(91)
                for number, topic in zip(range(100000), topics(kind)):
                    connection.sendall(zmtp.frame(b"\x01" + topic))
                    if kind == "churn":
                        connection.sendall(zmtp.frame(b"\x00" + topic))
                    if time.monotonic() > end:
                        return
        except OSError:
            pass


def subscribes(connection, topic: bytes) -> None:
    """Nothing is sent where the broker closed it meanwhile."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while len(got) < 91:
            came = connection.recv(4096)
            if not came:
                return
            got += came
        connection.sendall(zmtp.frame(b"\x01" + topic))


def stands(connection) -> bool:
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


def leavers(port: int, count: int, ready, leave, left) -> None:
    """From addresses of their own: the floods come again thousands of times, and an address has so
    many handshakes, and no more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 64,) * 2)
    connections = []
    for number in range(count):
        source = f"127.0.1.{1 + number // OF_AN_ADDRESS}"
        connections.append(zmtp.connect(port, source=source))
        connections[-1].sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
    for number, connection in enumerate(connections):
        subscribes(connection, b"pack/room%d/" % (number % 1000))
    ready.set()
    leave.wait()
    left.value = sum(map(stands, connections))
    os._exit(0)


def processor_ms(process: int) -> float:
    """What the broker's loop and libzmq's thread have taken; the store's threads are not waited for."""
    taken = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        if task.name == str(process) or "IO" in (task / "comm").read_text():
            taken += int((task / "schedstat").read_text().split()[0])
    return taken / 1e6


class Person:
    def __init__(self, door: str, feed: str, key, broker: int):
        self.broker = broker
        context = zmq.Context()
        self.door, self.feed = socket_of(context, zmq.DEALER, key), socket_of(context, zmq.SUB, key)
        self.door.connect(door)
        self.feed.connect(feed)
        self.feed.subscribe("room/street/")
        self.door.rcvtimeo = self.feed.rcvtimeo = 200
        self.number = 0
        while not self.heard():
            pass

    def heard(self, patience: float = 0) -> bool:
        self.number += 1
        body = b"%d" % self.number
        self.door.send_multipart([b"SAY", b"1", b"honest", b"street", body])
        begin = time.monotonic()
        while True:
            try:
                if self.feed.recv_multipart()[2] == body:
                    break
            except zmq.Again:
                if time.monotonic() - begin > patience:
                    return False
        while self.door.poll(0):
            self.door.recv_multipart()
        return True

    def longest(self, running) -> tuple:
        waits, taken = [], 0
        while running():
            begin, before = time.monotonic(), processor_ms(self.broker)
            if not self.heard(120):
                return len(waits), *[float("inf")] * 4
            waits.append(1000 * (time.monotonic() - begin))
            taken = max(taken, processor_ms(self.broker) - before)
            time.sleep(0.002)
        waits.sort()
        return len(waits), waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1], taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--seconds", type=float, default=5, help="each flood")
    parser.add_argument("--kinds", default="impossible,long,many,churn")
    parser.add_argument("--attackers", type=int, default=4)
    parser.add_argument("--leaving", type=int, default=9000, help="not with --curve")
    options = parser.parse_args()
    spawn, failed = multiprocessing.get_context("spawn"), False
    with tempfile.TemporaryDirectory() as data:
        command = [str(BUILD / "zchatd"), "--data", data, "--log-level", "error",
                   "--door", "tcp://127.0.0.1:*", "--feed", "tcp://127.0.0.1:*"]  # fmt: skip
        broker = subprocess.Popen(command + ["--curve"] * options.curve, stdout=subprocess.PIPE)
        line = broker.stdout.readline().decode()
        door, feed = (re.search(rf"{what}=(\S+)", line)[1] for what in ("door", "feed"))
        key = server_key(re.search(r"address=(\S+)", line)[1]) if options.curve else None
        person, port = Person(door, feed, key, broker.pid), int(feed.rsplit(":", 1)[1])

        def tell(what: str, figures: tuple, more: str = "") -> None:
            print(f"{what:12} {figures[0]:5} words, median {figures[1]:6.1f} ms,"
                  f" 99 % {figures[2]:7.1f}, longest {figures[3]:7.1f} ms,"
                  f" by processor time {figures[4]:7.1f}{more}", flush=True)  # fmt: skip

        end = time.monotonic() + 2
        tell("quiet", person.longest(lambda: time.monotonic() < end))
        for kind in filter(None, options.kinds.split(",")):
            arguments = (feed, key, kind, options.seconds) if options.curve else (port, kind, options.seconds)
            crowd = [spawn.Process(target=flood if options.curve else raw_flood, args=arguments)
                     for _ in range(options.attackers)]  # fmt: skip
            for process in crowd:
                process.start()
            tell(kind, person.longest(lambda: any(process.is_alive() for process in crowd)))
        if not options.curve and options.leaving:
            ready, leave, left = spawn.Event(), spawn.Event(), spawn.Value("i", 0)
            arguments = (port, options.leaving, ready, leave, left)
            crowd = spawn.Process(target=leavers, args=arguments)
            crowd.start()
            while not ready.wait(1) and crowd.is_alive():
                pass
            time.sleep(1)
            leave.set()
            end = time.monotonic() + 5
            figures = person.longest(lambda: time.monotonic() < end)
            crowd.join()
            failed = crowd.exitcode != 0
            if not failed:
                tell("leaving", figures, f", {left.value} left,"
                     f" {options.leaving - left.value} had been closed by the broker")  # fmt: skip
        broker.kill()
        broker.wait()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
