"""Connections that break while the broker has more of them to read than it keeps."""

import signal
import subprocess
import sys
import time

from support.client import Door

#   Asks much from many connections, reads nothing, and is killed: their queues in the broker are
#   full at the moment they break. Each reply is long, so that they stay full for a while.
FLOOD = """
import sys, zmq
context = zmq.Context()
doors = []
for _ in range(20):
    door = context.socket(zmq.DEALER)
    door.linger, door.sndhwm, door.rcvhwm = 0, 0, 10
    door.connect(sys.argv[1])
    doors.append(door)
for door in doors:
    door.send_multipart([b"PING", b"1", b""])
    door.recv_multipart()
for _ in range(3000):
    for door in doors:
        door.send_multipart([b"ROOMS", b"1", b""])
print("flooded", flush=True)
sys.stdin.read()
"""
#   A timer of a connection fires this often at most, whatever it is set to.
INTERVAL = 6


def test_connections_that_break_with_full_queues_harm_nobody(broker, context):
    door = Door(context, broker.door, "maker", hello=True)
    for number in range(500):
        assert door.say(f"room{number}", "x" * 10).ok
    flood = subprocess.Popen(
        [sys.executable, "-c", FLOOD, broker.door], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert flood.stdout.readline() == b"flooded\n"
    finally:
        flood.send_signal(signal.SIGKILL)
        flood.wait()
        flood.stdin.close()
        flood.stdout.close()
    end = time.monotonic() + INTERVAL
    while time.monotonic() < end:
        broker.check_alive()
        assert door.ask("PING").ok
        door.take(0.005)  # as many questions as its own quota has, and no more
