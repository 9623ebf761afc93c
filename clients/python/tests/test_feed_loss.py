"""A feed that loses, doubles and reorders: the reader sees everything once, in order."""

import random

import pytest
from listener import Listener
from proxy import FeedProxy

RULES = {
    "one in three is lost": lambda rng: lambda i, frames: [] if rng.random() < 0.33 else None,
    "bursts are lost": lambda rng: lambda i, frames: [] if i % 40 < 15 else None,
    "all is lost": lambda rng: lambda i, frames: [],
    "all comes twice": lambda rng: lambda i, frames: [frames, frames],
}


@pytest.mark.parametrize("rule", RULES)
def test_a_feed_that_loses(broker, client, rule):
    proxy = FeedProxy(broker.feed, RULES[rule](random.Random(7)))
    try:
        reader, sender = client(broker.door, "reader", feed=proxy.endpoint), client(broker.door, "sender")
        reader.join("dev")
        listener = Listener(reader, 400)
        for number in range(400):
            sender.say("dev", f"m{number}")
        assert listener.texts() == [f"m{number}" for number in range(400)]
        assert proxy.dropped or "twice" in rule
    finally:
        proxy.close()


def test_a_feed_that_reorders(broker, client):
    held: list = []

    def rule(index, frames):
        held.append(frames)
        if len(held) < 4:
            return []
        out = held[::-1]
        held.clear()
        return out

    proxy = FeedProxy(broker.feed, rule)
    try:
        reader, sender = client(broker.door, "reader", feed=proxy.endpoint), client(broker.door, "sender")
        reader.join("dev")
        listener = Listener(reader, 200)
        for number in range(200):
            sender.say("dev", f"m{number}")
        assert listener.texts() == [f"m{number}" for number in range(200)]
    finally:
        proxy.close()
