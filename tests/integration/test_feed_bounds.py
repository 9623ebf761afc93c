"""What subscribers may ask of the feed: topics that can be, a bounded number, and nobody waits."""

import contextlib
import random

import pytest
import zmq

from support import zmtp
from support.curve import encrypted
from support.wait import wait_until

GREETED = 91  # bytes of a greeting and a READY


def subscriber(broker):
    connection = zmtp.connect(broker.feed_port)
    connection.sendall(zmtp.GREETING + zmtp.ready(b"SUB"))
    got = 0
    while got < GREETED:
        more = len(connection.recv(GREETED - got))
        if not more:
            raise ConnectionResetError("closed before it was greeted")
        got += more
    return connection


def subscribe(connection, *topics):
    connection.sendall(b"".join(zmtp.frame(b"\x01" + topic) for topic in topics))


@pytest.mark.parametrize("topics", [
    [b"nonsense"], [b"room/a b/"], [b"room/dev/further"], [b"room/" + b"x" * 129],
    [b"pack/" + b"y" * 400], [b"room/%d/" % n for n in range(1100)],
    [b"room/%0100d/" % n for n in range(400)],
])  # fmt: skip
def test_who_asks_for_too_much_is_closed(shared_broker, topics):
    with subscriber(shared_broker) as connection:
        try:
            subscribe(connection, *topics)
        except ConnectionError:
            return
        assert zmtp.ended(connection)


def test_it_is_logged_with_the_topic(broker):
    with subscriber(broker) as connection:
        subscribe(connection, b"rooms/dev/")
        assert zmtp.ended(connection)
    wait_until(lambda: "subscriber-closed" in broker.log, what="a line of it")
    assert 'topic="rooms/dev/"' in broker.log


def test_whoever_has_the_descriptor_of_one_that_was_closed(broker):
    """What a closed connection sent is still being read when the next one has its descriptor: that
    one is looked at all the same."""
    burst = b"".join(zmtp.frame(b"\x01" + random.randbytes(400)) for _ in range(200))
    for _ in range(25):
        crowd = []
        for _ in range(4):
            with contextlib.suppress(ConnectionError):
                crowd.append(subscriber(broker))
        for connection in crowd:
            with contextlib.suppress(ConnectionError):
                connection.sendall(burst)
        for connection in crowd:
            with connection:
                assert zmtp.ended(connection)


@pytest.mark.parametrize("topic", ["", "r", "room/", "room/lat", "room/later", "room/later/"])
def test_everything_that_can_be_is_heard(shared_broker, context, door, topic, name):
    """Prefixes, all of it, and rooms that are not there yet."""
    alice = door(shared_broker, name("alice"))
    with context.socket(zmq.SUB) as feed:
        feed.linger = 0
        feed.connect(shared_broker.feed)
        feed.subscribe(topic)

        def heard():
            assert alice.say("later", "hello").ok
            return feed.poll(50)

        wait_until(heard, what="an event")


@pytest.mark.parametrize("secure", [False, True])
def test_topics_of_others_hold_nobody_up(brokers, person, door, context, secure):
    """A megabyte of topics, then hundreds of connections that come and go: libzmq walks all topics
    for each of those, 80 ms a megabyte."""
    broker = brokers(args=["--curve"]) if secure else brokers()
    alice = (person if secure else door)(broker, "alice")
    keys = encrypted(context, broker) if secure else context
    with keys.socket(zmq.SUB) as greedy:
        greedy.linger = 0
        greedy.sndhwm = 0
        greedy.connect(broker.feed)
        for _ in range(1000):
            greedy.subscribe(random.randbytes(900 if not secure else 450))
        for _ in range(5):
            assert alice.say("street", "while it subscribes").ok
        for _ in range(300):
            with keys.socket(zmq.SUB) as other:
                other.linger = 0
                other.connect(broker.feed)
                other.subscribe("room/street/")
                if not secure:
                    other.poll(2)
        assert alice.ask("PING", timeout=10).ok


def test_many_that_leave_at_once(broker, door):
    """Hundreds of subscribers of hundreds of rooms, gone together; and their rooms are heard."""
    alice = door(broker, "alice")
    crowd = [subscriber(broker) for _ in range(300)]
    for number, connection in enumerate(crowd):
        subscribe(connection, b"room/r%d/" % number, b"pack/r%d/" % number)
    for number in (0, 150, 299):
        wait_until(lambda n=number: alice.say(f"r{n}", "x").ok and readable(crowd[n]), what="an event")
    for connection in crowd:
        connection.close()
    assert alice.ask("PING", timeout=10).ok


def readable(connection) -> bool:
    connection.settimeout(0.05)
    try:
        return bool(connection.recv(4096))
    except TimeoutError:
        return False
