"""Only the door is reachable: nothing is lost, it is said once, and the feed is returned to."""

import json
import socket
import threading

import pytest

from support.wait import wait_until


class Forward:
    """A port that leads to another one; the other way round of a tunnel."""

    def __init__(self, port: int, target: int):
        self.target, self.listener = target, socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            other = socket.create_connection(("127.0.0.1", self.target))
            for ends in ((one, other), (other, one)):
                threading.Thread(target=self.copy, args=ends, daemon=True).start()

    def copy(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_listening_over_the_door_alone(brokers, door, zchat):
    lost = free_port()
    broker = brokers(args=["--announce-feed", f"tcp://127.0.0.1:{lost}"])
    alice = door(broker, "alice")
    tunnel = Forward(0, broker.door_port)
    listener = zchat("listen", "-e", f"tcp://127.0.0.1:{tunnel.port}", "-r", "dev", "--json",
                     "--nick", "robot")  # fmt: skip

    def heard():
        return [json.loads(line).get("text") for line in listener.out.splitlines()]

    wait_until(lambda: "stays silent" in listener.err, what="a warning")
    assert alice.say("dev", "one").ok
    wait_until(lambda: "one" in heard(), what="what was said, over the door")
    feed = Forward(lost, broker.feed_port)
    wait_until(lambda: "answers" in listener.err, what="the feed found again")
    assert alice.say("dev", "two").ok
    wait_until(lambda: "two" in heard(), what="what was said, over the feed")
    assert [text for text in heard() if text in ("one", "two")] == ["one", "two"], "each once"
    assert listener.err.count("stays silent") == 1
    tunnel.close()
    feed.close()


@pytest.mark.parametrize("announced", ["tcp://chat.example.org:15681", "tcp://*:15681"])
def test_what_is_announced_is_told(brokers, door, announced):
    broker = brokers(args=["--announce-feed", announced])
    assert door(broker, "alice").hello()["feeds"] == [announced]


@pytest.mark.parametrize("wrong", ["nonsense://x", "tcp://chat.example.org:*"])
def test_what_cannot_be_announced(brokers, wrong):
    broker = brokers(start=False, args=["--announce-feed", wrong])
    with pytest.raises(AssertionError, match="announce-feed"):
        broker.start()
