"""What peers may send: each is checked, bounded, answered; the broker serves on after all of it."""

import random
import socket

import pytest
import zmq
from zmq.utils.monitor import recv_monitor_message

from support import zmtp
from support.client import Door, quiet
from support.wait import wait_until
from support.wire import Reply, decode_door

DEEP = 100_000


@pytest.fixture(autouse=True)
def serves_on(request, context):
    """After each test the broker serves a fresh client."""
    shared = "shared_broker" in request.fixturenames
    broker = request.getfixturevalue("shared_broker" if shared else "broker")
    yield
    broker.check_alive()
    fresh = Door(context, broker.door, f"fresh{random.randrange(10**9)}", hello=True)
    assert fresh.say("fresh", "hello").ok and fresh.ask("BYE").ok


# --- frames


@pytest.mark.parametrize(
    "frames",
    [
        [b""],
        [b"", b""],
        [b"", b"", b""],
        [b"PING"],
        [b"PING", b"t"],
        [b"PING", b"t", b"bob", b"extra"],
        [b"SAY", b"t", b"bob"],
        [b"SAY", b"t", b"bob", b"dev"],
        [b"SAY", b"t", b"bob", b"dev", b"x", b"{}", b"extra"],
        [b"SAY", b"t", b"bob", b"dev", b"x", b"{}", b"1", b"2"],
        [b"HELLO", b"t", b"bob", b"{}", b"{}"],
        [b"JOIN", b"t", b"bob"],
        [b"JOIN", b"t", b"bob", b"dev", b"", b""],
        [b"TELL", b"t", b"bob", b"ann"],
        [b"TELL", b"t", b"bob", b"ann", b"x", b"{}", b""],
        [b"INVITE", b"t", b"bob", b"dev"],
        [b"KICK", b"t", b"bob", b"dev", b"ann", b"why", b""],
        [b"MODE", b"t", b"bob"],
        [b"REMOVE", b"t", b"bob", b"dev"],
        [b"KEYS", b"t", b"bob", b"ann", b""],
        [b"KEY", b"t", b"bob"],
        [b"PART", b"t", b"bob"],
        [b"WHO", b"t", b""],
        [b"ROOMS", b"t", b"", b"{}", b""],
        [b"TOPIC", b"t", b""],
        [b"TOPIC", b"t", b"bob", b"dev", b"x", b"y"],
        [b"HISTORY", b"t", b""],
        [b"HISTORY", b"t", b"", b"dev", b"{}", b""],
        [b"SYNC", b"t", b""],
        [b"SYNC", b"t", b"", b"a", b"b"],
        [b"BYE", b"t", b"bob", b"{}", b"x"],
        [b"x"] * 9,
        [b""] * 9,
        [b""] * 1000,
        [b"SAY", b"t"] + [b"x" * 1000] * 500,
    ],
)
def test_number_of_frames(shared_broker, door, frames):
    reply = door(shared_broker).exchange(*frames)
    assert not reply.ok and reply.code in ("malformed", "verb"), reply.json
    assert reply.tag in (b"", b"t", b"x")


@pytest.mark.parametrize(
    "verb",
    [b"say", b"SAYS", b"SA", b"SAY\0", b" SAY", b"EVENT", b"OK", b"ERR", b"NOOP", b"\xff\xfe",
     b"%s%s%n", b"X" * 65536, b"A" * 255],
)  # fmt: skip
def test_unknown_verbs(shared_broker, door, verb):
    reply = door(shared_broker).exchange(verb, b"t", b"", b"dev")
    assert reply.code == "verb" and reply.tag == b"t"


def test_an_over_long_tag(shared_broker, door):
    for size in (33, 1000, 500_000):
        reply = door(shared_broker).exchange(b"PING", b"t" * size, b"")
        assert reply.code in ("malformed", "limit") and len(reply.tag) <= 32
    assert door(shared_broker).exchange(b"PING", b"t" * 32, b"").tag == b"t" * 32


def test_sizes_of_every_argument(shared_broker, door, name):
    user = name()
    bob = door(shared_broker, user, hello=True)
    bob.join("dev")
    big = b"x" * 300_000
    for request, codes in (
        (("WHO", big), {"name"}),
        (("JOIN", big), {"name"}),
        (("PART", big), {"name"}),
        (("TOPIC", big), {"name"}),
        (("HISTORY", big), {"name"}),
        (("SAY", big, "x"), {"name"}),
        (("SAY", "dev", big), {"limit"}),
        (("SAY", "dev", "x", big), {"limit", "malformed"}),
        (("TOPIC", "dev", big), {"limit"}),
        (("TOPIC", "dev", b"x" * 1025), {"limit"}),
        (("HISTORY", "dev", big), {"limit", "malformed"}),
        (("ROOMS", big), {"limit", "malformed"}),
        (("HELLO", big), {"limit", "malformed"}),
        (("SYNC", big), {"limit", "malformed"}),
        (("SYNC", b"n" * 65), {"limit", "malformed"}),
        (("SYNC", ""), {"malformed"}),
        (("SYNC", "a/b"), {"malformed"}),
        (("SYNC", "a b"), {"malformed"}),
        (("SYNC", "é"), {"malformed"}),
        (("SYNC", b"a\0"), {"malformed"}),
        (("SAY", "", "x"), {"name"}),
        (("SAY", "dev", ""), {"malformed"}),
    ):
        error = bob.refused(*request)
        assert error["code"] in codes, (request[0], error)
    assert bob.ask("SYNC", b"n" * 64).ok
    assert bob.ask("TOPIC", "dev", b"x" * 1024).ok
    assert door(shared_broker, big).refused("HELLO")["code"] == "name"


@pytest.mark.parametrize(
    "text",
    [b"\xff", b"abc\x80", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82",
     b"ok " * 300 + b"\xfe", b"a\0b"],
)  # fmt: skip
def test_invalid_utf8(shared_broker, door, name, text):
    bob = door(shared_broker, name(), hello=True)
    bob.join("dev")
    assert bob.refused("SAY", "dev", text)["code"] == "malformed"
    assert bob.refused("TOPIC", "dev", text)["code"] == "malformed"
    quoted = b'{"k":"' + text + b'"}'
    assert bob.refused("SAY", "dev", "x", b'{"data":' + quoted + b"}")["code"] == "malformed"
    assert bob.refused("HELLO", b'{"agent":"' + text + b'"}')["code"] in ("malformed", "limit")


def test_any_valid_text_passes_whole(shared_broker, door, feed, name):
    room = name("room")
    bob = door(shared_broker, name())
    live = feed(shared_broker, bob, f"room/{room}/")
    texts = ["\x01\x7f", "\x1b[31mred\x1b]0;title\x07", "\r\n", " ", "\ufeff", "‮abc", "😀" * 1000,
             "\U0010ffff\ufffe", "{}", "room/x/", "x" * 65536, "ж" * 32768]  # fmt: skip
    for text in texts:
        bob.say(room, text)
        assert live.next().body == text
    assert [e.body for e in bob.history(room, form="events").mail] == texts


def test_names_of_other_people(shared_broker, door, name):
    bob, eve = door(shared_broker, name(), hello=True), door(shared_broker, name(), hello=True)
    bob.join("dev")
    for request in (("SAY", "dev", "x"), ("PART", "dev"), ("BYE",), ("TOPIC", "dev", "x")):
        assert eve.refused(*request, user=bob.user)["code"] == "identity"
    nobody = door(shared_broker, bob.user)
    for request in (("SAY", "dev", "x"), ("PART", "dev"), ("BYE",), ("JOIN", "dev"), ("PING",)):
        assert nobody.refused(*request)["code"] in ("taken", "hello")
    assert bob.ask("PING")["heads"].keys() == {"dev"}


# --- JSON


@pytest.mark.parametrize(
    "text",
    [
        b" ", b"null", b"1", b"[]", b'"x"', b"true", b"{", b"}", b"{}}", b"{} {}", b"{a:1}",
        b"{'a':1}", b'{"a":1,}', b'{"a":}', b'{"a"}', b'{"a":1 "b":2}', b"\xef\xbb\xbf{}", b"{}\0",
        b'{"a":NaN}', b'{"a":Infinity}', b'{"a":01}', b'{"a":+1}', b'{"a":.5}', b'{"a":"\n"}',
        b'{"a":"\\x"}', b'{"a":"\\ud800"}', b'{"limit":1,"limit":2}', b'{"a":1,"a":1}',
        b"[" * 8000, b'{"a":' * 1500, b"{" * 8192,
    ],
)  # fmt: skip
def test_json_that_is_none(shared_broker, door, name, text):
    bob = door(shared_broker, name())
    for request in (("HISTORY", "dev"), ("ROOMS",), ("HELLO",), ("SAY", "dev", "x")):
        assert bob.refused(*request, text)["code"] == "malformed", (request, text[:50])


def test_json_bombs(shared_broker, door, name):
    bob = door(shared_broker, name())
    bombs = [
        b'{"data":' + b'{"a":' * 800 + b"1" + b"}" * 800 + b"}",
        b'{"data":{"a":' + b"[" * 2000 + b"]" * 2000 + b"}}",
        b"[" * DEEP,
        b'{"a":' * DEEP,
        b'{"data":{"n":' + b"9" * 4000 + b"}}",
        b'{"data":{"n":1e' + b"9" * 4000 + b"}}",
        b'{"data":{"n":-1e999}}',
        b'{"data":{"n":0.' + b"0" * 4000 + b"1}}",
        b'{"data":{"n":123456789012345678901234567890}}',
        b'{"data":{' + b",".join(b'"%d":1' % i for i in range(900)) + b"}}",
        b'{"data":{' + b",".join(b'"a":1' for i in range(500)) + b"}}",
        b'{"data":{"s":"' + b"\\u0000" * 600 + b'"}}',
        b'{"data":{"s":"' + b"\\u001b" * 680 + b'"}}',
        b'{"n":' + b"9" * 30 + b',"producer":"' + b"a" * 32 + b'"}',
    ]
    for bomb in bombs:
        reply = bob.request("SAY", "bombs", "x", bomb)
        assert reply.ok or reply.code in ("malformed", "limit", "gap"), (bomb[:60], reply.json)
    for event in bob.history_all("bombs", form="events") + bob.history_all("bombs"):
        assert event.data, "what was accepted comes out again"


def test_nesting_is_bounded(shared_broker, door, name):
    """What goes out to everybody must not make a listener run out of stack."""
    bob = door(shared_broker, name())
    for depth, fits in ((20, True), (500, False), (1500, False)):
        nested = b'{"data":{"a":' + b"[" * depth + b"]" * depth + b"}}"
        reply = bob.request("SAY", "nested", "x", nested)
        assert reply.ok is fits and (fits or reply.code in ("limit", "malformed")), depth


def test_a_number_over_its_type(shared_broker, door):
    guest = door(shared_broker)
    for number in (2**63 - 1, 2**63, 2**64, 2**64 - 1, -(2**63), 10**40, 1e300):
        for key in ("after", "before", "limit"):
            reply = guest.request("HISTORY", "dev", b'{"%s":%s}' % (key.encode(), b"%d" % number))
            assert reply.ok or reply.code in ("malformed", "limit"), reply.json


def test_json_of_the_wrong_types(shared_broker, door, name):
    bob = door(shared_broker, name())
    for request, options in (
        (("HELLO",), {"protocol": 1}),
        (("HELLO",), {"protocol": None}),
        (("HELLO",), {"agent": []}),
        (("SAY", "dev", "x"), {"type": 1}),
        (("SAY", "dev", "x"), {"type": "join"}),
        (("SAY", "dev", "x"), {"type": "topic"}),
        (("SAY", "dev", "x"), {"data": "text"}),
        (("SAY", "dev", "x"), {"data": [1]}),
        (("SAY", "dev", "x"), {"data": None}),
        (("ROOMS",), {"after": 1}),
    ):
        code = bob.refused(*request, options)["code"]
        assert code in ("malformed", "protocol"), (request, options, code)
    error = bob.refused("HELLO", {"agent": "a" * 129})
    assert error["code"] in ("limit", "malformed")
    assert bob.ask("HELLO", {"agent": "a" * 128, "unknown": {"key": [1]}}).ok
    error = bob.refused("SAY", "dev", "x", {"data": {"k": "x" * 4096}})
    assert error["code"] == "limit" and error["limit"] == 4096


# --- bounds


def test_a_message_at_and_over_the_limit(shared_broker, door, feed, name):
    room = name("room")
    bob = door(shared_broker, name())
    live, packs = (feed(shared_broker, bob, f"{kind}/{room}/") for kind in ("room", "pack"))
    error = bob.refused("SAY", room, "x" * 65537)
    assert (error["code"], error["limit"]) == ("limit", 65536)
    assert error["what"]
    for text in ("y" * 60_000, "ж" * 32768, "z" * 65536):
        bob.say(room, text)
        assert live.next().body == text and packs.next().body == text
        assert bob.history(room, limit=1).mail[0].body == text
    assert bob.history(room)["head"] == 3


def test_two_messages_in_one_instant_stay_two(shared_broker, door, feed, name):
    room = name("room")
    bob = door(shared_broker, name())
    live = feed(shared_broker, bob, f"room/{room}/")
    first, second = bob.post_say(room, "one"), bob.post_say(room, "two")
    assert bob.reply(first)["seq"] == 1 and bob.reply(second)["seq"] == 2
    assert [(e.seq, e.body) for e in live.barrier(bob)] == [(1, "one"), (2, "two")]


def dropped(context, endpoint: str, *frames: bytes) -> None:
    """The connection that sends this ends."""
    s = quiet(context.socket(zmq.DEALER))
    s.setsockopt(zmq.RECONNECT_IVL, -1)
    monitor = s.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECTED)
    s.connect(endpoint)
    s.send_multipart([b"PING", b"1", b""])
    assert s.recv_multipart()[0] == b"OK"
    s.send_multipart(frames)

    def gone():
        if monitor.poll(100):
            return recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED
        return False

    wait_until(gone, what="the connection is dropped", pause=0)
    s.disable_monitor()
    s.close(0)


def test_a_frame_over_1_mib_ends_the_connection(shared_broker, context):
    dropped(context, shared_broker.door, b"x" * (2 << 20))
    dropped(context, shared_broker.door, b"SAY", b"t", b"bob", b"dev", b"x" * (2 << 20))
    dropped(context, shared_broker.door, b"SAY", b"t" * ((1 << 20) + 1), b"bob", b"dev", b"x")


def test_a_frame_of_1_mib_is_answered(shared_broker, door, name):
    bob = door(shared_broker, name())
    error = bob.refused("SAY", "dev", b"x" * (1 << 20))
    assert (error["code"], error["limit"]) == ("limit", 65536)


def test_rooms_per_session(broker, door):
    bob = door(broker, "bob", hello=True)
    for tag in [bob.post("JOIN", f"r{i}") for i in range(100)]:
        assert bob.reply(tag).ok
    error = bob.refused("JOIN", "one-too-many")
    assert (error["code"], error["limit"]) == ("limit", 100) and error["what"]
    assert bob.join("r5")["room"] == "r5", "where it is already, it may join"
    bob.ask("PART", "r5")
    assert bob.join("another").ok
    assert len(bob.ask("PING")["heads"]) == 100


def test_reads_per_peer(broker, door):
    bob, greedy = door(broker, "bob"), door(broker)
    for i in range(60):
        bob.post_say("big", "x" * 60000)
    bob.say("big", "end")
    tags = [greedy.post("HISTORY", "big", {"after": 0, "limit": 1000}) for _ in range(60)]
    replies = [greedy.reply(tag) for tag in tags]
    assert all(reply.ok or reply.code == "slow" for reply in replies)
    slow = [reply for reply in replies if not reply.ok]
    assert replies[0].ok and slow, "sixty at once were all taken"
    assert all(0 < reply["wait_ms"] <= 60000 for reply in slow)
    assert all(len(reply.mail) == len(replies[0].mail) for reply in replies if reply.ok)
    assert all(reply.mail == [] for reply in slow)
    assert greedy.history("big").ok, "and later it may again"


def test_too_much_under_way(broker, door):
    """More than may be pending: each is stored or refused as slow, none is lost or doubled."""
    bob = door(broker, "bob")
    tags = [bob.post_say("flood", f"{i:6}" + "x" * 60000) for i in range(400)]
    replies = [bob.reply(tag) for tag in tags]
    assert all(reply.ok or reply.code == "slow" for reply in replies)
    assert all(reply["wait_ms"] > 0 for reply in replies if not reply.ok)
    stored = [i for i, reply in enumerate(replies) if reply.ok]
    assert [replies[i]["seq"] for i in stored] == list(range(1, len(stored) + 1))
    assert [int(e.body[:6]) for e in bob.history_all("flood")] == stored


def test_a_peer_that_never_reads_its_replies(broker, door, context):
    """It is dropped in the end; the broker's memory does not grow for it, and others go on."""
    deaf = context.socket(zmq.DEALER)
    deaf.setsockopt(zmq.LINGER, 0)
    deaf.setsockopt(zmq.RCVHWM, 1)
    deaf.setsockopt(zmq.RCVBUF, 4096)
    deaf.setsockopt(zmq.SNDHWM, 0)
    deaf.connect(broker.door)
    bob = door(broker, "bob")
    for i in range(30_000):
        deaf.send_multipart([b"WHO", b"%d" % i, b"", b"dev"])
        if i % 1000 == 0:
            assert bob.say("dev", str(i)).ok
    assert bob.say("dev", "still here").ok
    deaf.close(0)


# --- identities


@pytest.mark.parametrize("routing_id", [b"me", b"x" * 255, b"\x80abcd", b"\xff" * 5])
def test_own_routing_ids_are_refused(shared_broker, door, name, routing_id):
    user = name()
    chosen = door(shared_broker, user, routing_id=routing_id)
    for request in (("PING",), ("HELLO",), ("SAY", "dev", "x"), ("WHO", "dev")):
        assert chosen.refused(*request)["code"] == "malformed"
    enveloped = chosen.exchange(b"", b"PING", b"e", user.encode())
    assert enveloped.code == "malformed" and enveloped.enveloped and enveloped.tag == b"e"
    assert door(shared_broker, user).ask("HELLO").ok


def test_somebody_elses_routing_id(shared_broker, door, context):
    one, two = door(shared_broker, routing_id=b"me"), door(shared_broker, routing_id=b"me")
    one.post("PING")
    two.post("PING")
    wait_until(lambda: one.take(0.1) or two.take(0.1))


# --- no ZMTP at all


GARBAGE = {
    "nothing": b"",
    "a byte": b"\xff",
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "half a greeting": zmtp.GREETING[:20],
    "greeting": zmtp.GREETING,
    "zmtp 2": b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00",
    "zmtp 1": b"\x01\x00\x05\x00hello",
    "another mechanism": zmtp.GREETING[:12] + b"CURVE" + zmtp.GREETING[17:],
    "wrong peer": zmtp.GREETING + zmtp.ready(b"PULL"),
    "empty type": zmtp.GREETING + zmtp.ready(b""),
    "endless ready": zmtp.GREETING + b"\x06" + b"\xff" * 8 + b"x" * 1000,
    "ready and garbage": zmtp.GREETING + zmtp.ready(b"DEALER") + random.Random(1).randbytes(3000),
    "huge frame": zmtp.GREETING + zmtp.ready(b"DEALER") + b"\x02\x7f" + b"\xff" * 7 + b"x" * 1000,
    "identity of zero": zmtp.GREETING + zmtp.ready(b"DEALER", b"\0abcd")
    + zmtp.message(b"PING", b"t", b""),
    "identity too long": zmtp.GREETING + zmtp.ready(b"DEALER", b"i" * 3000),
    "subscriptions": zmtp.GREETING + zmtp.ready(b"SUB") + zmtp.frame(b"\x01" + b"t" * 60000) * 20,
    "endless message": zmtp.GREETING + zmtp.ready(b"DEALER") + zmtp.frame(b"x", more=True) * 5000,
    "commands": zmtp.GREETING + zmtp.ready(b"DEALER") + b"\x04\x05\x04PING" * 100,
}  # fmt: skip


@pytest.mark.parametrize("kind", GARBAGE)
@pytest.mark.parametrize("port", ["door_port", "feed_port"])
def test_garbage_on_the_ports(shared_broker, kind, port):
    connections = [zmtp.connect(getattr(shared_broker, port)) for _ in range(5)]
    for number, connection in enumerate(connections):
        try:
            connection.sendall(GARBAGE[kind])
            if number % 2:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may already have been thrown out
    shared_broker.check_alive()
    for connection in connections:
        connection.close()


def test_random_bytes(shared_broker):
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    for port in (shared_broker.door_port, shared_broker.feed_port):
        for _ in range(50):
            start = dice.choice([b"", zmtp.GREETING, zmtp.GREETING + zmtp.ready(b"DEALER")])
            with zmtp.connect(port) as connection:
                try:
                    connection.sendall(start + dice.randbytes(dice.randrange(2000)))
                except OSError:
                    pass


def test_random_frames(shared_broker, door, name):
    """Requests made of pieces that are each nearly right."""
    seed = random.randrange(2**32)
    print("seed", seed)
    dice = random.Random(seed)
    bob = door(shared_broker, name())
    verbs = [b"HELLO", b"SAY", b"JOIN", b"PART", b"WHO", b"ROOMS", b"TOPIC", b"HISTORY", b"SYNC",
             b"PING", b"", b"XYZ"]  # fmt: skip
    pieces = [b"", b"dev", bob.user.encode(), b"{}", b'{"limit":5}', b'{"data":{"a":[]}}', b"\xff",
              b"x" * 70000, "имя".encode(), b"\0", b'{"producer":"' + b"a" * 32 + b'","n":1}',
              b'{"type":"action"}', b"{" * 3000, b"a/b"]  # fmt: skip
    asked = answered = 0
    for _ in range(1500):
        frames = [dice.choice(verbs), b"%d" % asked, bob.user.encode() if dice.random() < 0.7 else b""]
        frames += [dice.choice(pieces) for _ in range(dice.randrange(7))]
        if dice.random() < 0.1:
            frames = frames[: dice.randrange(1, 4)]
        if dice.random() < 0.1:
            frames[dice.randrange(len(frames))] = dice.randbytes(dice.randrange(50))
        bob.send_raw(*frames)
        asked += 1
        if asked % 50 == 0:
            while answered < asked:
                answered += isinstance(decode_door(bob.recv_raw()), Reply)
    assert answered == asked, "each request has one reply"


def test_two_hundred_connections_that_say_nothing(broker, door):
    before = broker.fds()
    ports = [broker.door_port, broker.feed_port]
    connections = [zmtp.connect(ports[i % 2]) for i in range(200)]
    bob = door(broker, "bob", hello=True)
    assert bob.say("dev", "hello").ok
    for connection in connections:
        connection.close()
    wait_until(lambda: broker.fds() <= before + 10, what="their descriptors are given back")


def test_connections_that_come_and_go(broker, door, context):
    bob = door(broker, "bob", hello=True)
    before = broker.fds()
    for i in range(200):
        brief = context.socket(zmq.DEALER)
        brief.linger = 0
        brief.connect(broker.door)
        brief.send_multipart([b"PING", b"1", b""])
        if i % 2:
            assert brief.poll(20000)
        brief.close(0)
    assert bob.say("dev", "hello").ok
    wait_until(lambda: broker.fds() <= before + 10, what="their descriptors are given back")
