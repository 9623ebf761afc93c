"""WebSockets by hand: a peer that no library speaks for, and such as libzmq does not close."""

import select

import pytest
import zmq

from support import ws
from support.client import Door
from support.curve import encrypted
from support.wait import wait_until


def ws_is_spoken_here() -> bool:
    context = zmq.Context()
    try:
        context.socket(zmq.ROUTER).bind("ws://127.0.0.1:*")
    except zmq.ZMQError:
        return False
    finally:
        context.destroy(0)
    return True


pytestmark = pytest.mark.skipif(not ws_is_spoken_here(), reason="this libzmq has no ws://")
MODES = [pytest.param([], id="plain"), pytest.param(["--curve"], id="curve")]
BOTH = ["tcp://127.0.0.1:*", "ws://127.0.0.1:*"]
FDS = 320


def over_ws(endpoints) -> str:
    return next(each for each in endpoints if each.startswith("ws://"))


@pytest.fixture
def serving(brokers):
    return lambda *args: brokers(doors=BOTH, feeds=BOTH, args=["--ws", *args])


def ask(peer, *request: bytes) -> list:
    peer.send(request[0], b"t", b"wanda", *request[1:])
    while (reply := peer.receive())[0] == b"NOOP":
        pass
    return reply


def test_a_peer_by_hand(serving, door):
    """It talks like all others; nobody can watch its end, so it is over after four heartbeats."""
    broker = serving()
    bob = door(broker, "bob")
    wanda, sub = ws.Peer(over_ws(broker.doors)), ws.Peer(over_ws(broker.feeds))
    wanda.greet()
    assert ask(wanda, b"HELLO")[0] == b"OK"
    assert ask(wanda, b"JOIN", b"street")[0] == b"OK"
    sub.socket.sendall(ws.frame(b"\0"))
    assert sub.receive() == [b""]
    sub.send(b"\1sync/")
    sub.send(b"\1room/street/")
    wait_until(
        # A SYNC may overtake the subscription: wait for each a moment, and ask again.
        lambda: ask(wanda, b"SYNC", b"abc") and select.select([sub.socket], [], [], 0.1)[0],
        what="it is subscribed",
    )  # fmt: skip
    assert ask(wanda, b"SAY", b"street", b"by hand")[0] == b"OK"
    assert "by hand" in [event.body for event in bob.history_all("street")]
    assert "wanda" in str(bob.request("WHO", "street").json)
    ws.reset(wanda)
    wait_until(
        lambda: "wanda" not in str(bob.request("WHO", "street").json),
        deadline=60, pause=0.5, what="it has left",
    )  # fmt: skip
    sub.close()
    broker.check_alive()


def leaks(endpoint: str, count: int, protocol: bytes, greeting=None) -> None:
    for _ in range(count):
        try:
            peer = ws.Peer(endpoint, protocol, timeout=0.5)  # it may be deaf, and is forgotten then
            if greeting is not None:
                peer.socket.sendall(ws.frame(b"\0" + greeting))
            peer.leak()
        except OSError:  # while it is bound anew
            pass


@pytest.fixture
def narrow(brokers):
    """A broker that has few descriptors."""
    return lambda *args: brokers(
        doors=BOTH, feeds=BOTH, args=["--ws", *args], wrap=["prlimit", f"--nofile={FDS}:{FDS}"]
    )


@pytest.mark.timeout(180)  # it is deaf for a second, more than ten times
@pytest.mark.parametrize("mode", MODES)
def test_descriptors_come_back(narrow, context, mode):
    """libzmq keeps the descriptor of who sends a text frame and goes, until the endpoint is unbound:
    newcomers over tcp come in all the while, and ws goes on too."""
    broker = narrow(*mode)
    protocol = b"ZWS2.0/CURVE" if mode else b"ZWS2.0"
    for endpoint in (over_ws(broker.doors), over_ws(broker.feeds)):
        leaks(endpoint, 2 * FDS, protocol)
        own = encrypted(context, broker) if mode else context
        tcp = Door(own, broker.door)
        assert tcp.request("PING").ok
        tcp.close()
    wait_until(lambda: broker.fds() < FDS // 4, what="descriptors are given back")
    assert "ws-bound-anew" in broker.log and "ws-closed" not in broker.log
    if not mode:
        wait_until(lambda: comes_in(over_ws(broker.doors)), what="ws is served again")


def comes_in(endpoint: str) -> bool:
    try:
        peer = ws.Peer(endpoint)
        peer.greet()
        peer.send(b"PING", b"t", b"")
        return peer.receive()[0] == b"OK"
    except OSError:
        return False


@pytest.mark.timeout(180)
def test_descriptors_that_never_come_back(narrow, door):
    """Those of connections that announced one routing id are kept until the end of the process, so
    ws is not served any more; tcp is."""
    broker = narrow()
    while "ws-closed" not in broker.log:
        leaks(over_ws(broker.doors), 20, b"ZWS2.0", b"same")
        assert door(broker).request("PING").ok
    assert broker.fds() < FDS // 2
    assert not comes_in(over_ws(broker.doors))
    assert door(broker).request("PING").ok
