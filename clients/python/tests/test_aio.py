"""The client for asyncio, against the real broker: its core is that of the other one."""

import asyncio
import re
from pathlib import Path

import pytest
from proxy import FeedProxy

import zchat
from zchat import aio

PACKAGE = Path(zchat.__file__).parent


async def collect(client, count):
    got = []
    async for event in client.events():
        if event.type == "say":
            got.append(event)
            if len(got) == count:
                return got


def test_two_talk(broker):
    async def talk():
        async with aio.Client(broker.door, "anna") as anna, aio.Client(broker.door, "bob") as bob:
            await anna.join("dev")
            await bob.join("dev")
            stored = await bob.say("dev", "hello")
            (event,) = await collect(anna, 1)
            assert (event.user, event.text, event.seq) == ("bob", "hello", stored.seq)
            assert sorted((await anna.who("dev")).users) == ["anna", "bob"]
            with pytest.raises(zchat.Refused):
                await bob.tell("nobody-at-all", "hello")
            await bob.part("dev")

    asyncio.run(asyncio.wait_for(talk(), 30))


def test_a_stream_over_a_crash_and_a_feed_that_loses(broker):
    async def stream():
        proxy = FeedProxy(broker.feed, lambda i, frames: [] if i % 5 == 3 else None)
        try:
            async with aio.Client(broker.door, "anna", feed=proxy.endpoint) as anna:
                async with aio.Client(broker.door, "bob") as bob:
                    await anna.join("dev")
                    task = asyncio.ensure_future(collect(anna, 3000))
                    futures = []
                    for number in range(3000):
                        futures.append(bob.post("dev", f"m{number}"))
                        if number % 100 == 0:
                            await asyncio.sleep(0)
                        if number == 1500:
                            await futures[700]
                            await asyncio.get_running_loop().run_in_executor(None, broker.crash)
                    await asyncio.gather(*futures)
                    assert [e.text for e in await task] == [f"m{number}" for number in range(3000)]
        finally:
            proxy.close()

    asyncio.run(asyncio.wait_for(stream(), 50))


def test_sealed(safe, tmp_path):
    pytest.importorskip("nacl")

    async def talk():
        async with aio.Client(safe.address, "anna", key=tmp_path / "anna.key") as anna:
            async with aio.Client(safe.address, "bob", key=tmp_path / "bob.key") as bob:
                await bob.join("@")
                await anna.tell("bob", "secret")
                async for event in bob.messages():
                    assert (event.user, event.text, event.seal) == ("anna", "secret", "opened")
                    break
                await bob.add_key(zchat.key_encode(zchat.public_key(zchat.key_make(tmp_path / "phone"))))
                await anna.tell("bob", "to both")
                assert await anna.fingerprint("bob") == await bob.fingerprint("anna")

    asyncio.run(asyncio.wait_for(talk(), 30))


@pytest.mark.parametrize("waits, other", [("verbs.py", "aio_verbs.py"), ("sealing.py", "aio_sealing.py")])
def test_both_clients_say_the_same(waits, other):
    """Apart from `async` and `await` the two are one text."""

    def bare(name):
        text = (PACKAGE / name).read_text().split('"""', 2)[2]
        text = re.sub(r"\(await ([^()]*(?:\([^()]*\)))\)", r"\1", text)
        text = text.replace("async def", "def").replace("await ", "").replace("aio_verbs", "verbs")
        return re.sub(r"\s+", " ", text)

    assert bare(waits) == bare(other)
