"""The page as it stands: its two programs, every verb, every code that can be reached."""

import json
import secrets
import subprocess
import sys
import time

import zmq

from support import build, page
from support.client import Door, pick_feed, quiet
from support.wait import wait_until
from support.wire import decode_door

HEX = set("0123456789abcdef")


def with_ports(program: str, broker) -> str:
    program = program.replace("127.0.0.1:5680", f"127.0.0.1:{broker.door_port}")
    return program.replace("127.0.0.1:5681", f"127.0.0.1:{broker.feed_port}")


def run_program(program: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", program], env=build.environment(PYTHONIOENCODING="utf-8"),
        **options,
    )  # fmt: skip


def test_five_lines_to_talk_and_to_listen(broker, tmp_path):
    listen = page.program("Five lines to listen")
    talk = page.program("Five lines to talk")
    assert len(listen.splitlines()) == 5 and len(talk.splitlines()) == 5
    out = tmp_path / "listener.out"
    with open(out, "wb") as file:
        listener = run_program(with_ports(listen, broker), stdout=file)
    try:

        def heard():
            talker = run_program(with_ports(talk, broker), stdout=subprocess.PIPE)
            reply, _ = talker.communicate(timeout=20)
            assert talker.returncode == 0
            reply = eval(reply)  # noqa: S307 - a list of bytes, as print shows it
            # bob's name is free as soon as the broker has seen the last talker go
            assert reply[0] == b"OK" or json.loads(reply[2])["code"] == "taken"
            assert reply[1] == b"1"
            return out.read_text(encoding="utf-8")

        text = wait_until(heard, what="the listener hears the talker")
    finally:
        listener.kill()
        listener.wait()
    line = text.splitlines()[0]
    assert line.startswith("room/lobby/ bob hello, привет {"), line
    assert json.loads(line[line.index("{") :])["type"] == "say"


def test_verbs_of_the_page_are_the_verbs_of_this_file():
    assert page.verbs() == ["HELLO", "SAY", "JOIN", "PART", "WHO", "ROOMS", "TOPIC", "HISTORY",
                            "SYNC", "PING", "BYE", "TELL", "INVITE", "KICK", "MODE", "REMOVE",
                            "KEYS", "KEY", "PURGE", "EDIT", "REACT", "UNREACT", "READ", "UNREAD",
                            "SEARCH", "AWAY"]  # fmt: skip


def test_hello_says_everything(broker, door):
    bob = door(broker)
    hello = bob.hello("bob")
    assert hello["protocol"] == "ZCHAT/1"
    assert hello["server"] and isinstance(hello["server"], str)
    assert len(hello["log"]) == 32 and set(hello["log"]) <= HEX
    assert hello["user"] == "bob"
    assert len(hello["session"]) == 64 and set(hello["session"]) <= HEX
    assert hello.json.get("resumed", False) is False
    assert hello["feeds"] == broker.feeds
    assert hello["heartbeat_ms"] == 5000
    limits = hello["limits"]
    assert {k: limits[k] for k in ("body", "data", "topic", "name")} == {
        "body": 65536, "data": 4096, "topic": 1024, "name": 32,
    }  # fmt: skip
    assert limits["history"] == 1000 and limits["rooms"] == 100 and limits["pending"] > 0


def test_hello_of_a_guest_and_without_json(broker, door):
    guest = door(broker)
    hello = guest.hello()
    assert hello["user"] == "" and "session" not in hello.json
    bob = door(broker, "bob")
    assert bob.ask("HELLO")["user"] == "bob"


def test_hello_again_is_harmless(broker, door, client):
    alice = client(broker, "alice", "dev")
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    again = bob.hello()
    assert again["user"] == "bob"
    assert bob.ask("PING")["heads"] == {"dev": 0}, "it is still in its room"
    bob.ask("PART", "dev")
    alice.wait_for("dev", lambda e: e.type == "leave")
    assert [e.type for e in alice.got["dev"]] == ["join", "leave"], "and nobody was told"


def test_say(broker, door):
    bob = door(broker, "bob")
    before = time.time() * 1000
    first = bob.say("dev", "one")
    assert first["seq"] == 1 and before - 5000 < first["time"] < before + 60000
    second = bob.say("dev", "waves", type="action", data={"z": 1, "a": [None, True, "ы"]})
    assert second["seq"] == 2 and second["time"] >= first["time"]
    assert bob.say("ops", "another room counts for itself")["seq"] == 1


def test_join_and_part(broker, door):
    bob, eve = door(broker, "bob", hello=True), door(broker, "eve", hello=True)
    empty = bob.join("dev").json
    assert {k: empty[k] for k in ("room", "head", "members")} == {
        "room": "dev", "head": 0, "members": 1,
    }  # fmt: skip
    assert empty["first"] == 1, "head + 1: none is stored"
    assert empty["topic"] == ""
    bob.say("dev", "x")
    bob.ask("TOPIC", "dev", "what this is for")
    joined = eve.join("dev").json
    assert joined["head"] == 2 and joined["first"] == 1 and joined["members"] == 2
    assert joined["topic"] == "what this is for" and joined["topic_by"] == "bob"
    assert joined["topic_time"] > 1.6e12
    assert eve.ask("PART", "dev").json == {} and eve.refused("PART", "dev")["code"] == "member"


def test_joining_twice_is_announced_once(broker, door, client):
    alice = client(broker, "alice", "dev")
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    assert bob.join("dev")["members"] == 2
    bob.say("dev", "hi")
    alice.wait_for("dev", lambda e: e.body == "hi")
    assert [e.type for e in alice.got["dev"]] == ["join", "say"]


def test_who(broker, door):
    bob, eve, guest = door(broker, "bob", hello=True), door(broker, "eve", hello=True), door(broker)
    bob.join("dev")
    eve.join("dev")
    who = guest.ask("WHO", "dev")
    assert who["room"] == "dev" and who["members"] == 2 and sorted(who["users"]) == ["bob", "eve"]
    nobody = guest.ask("WHO", "nowhere")
    assert nobody["members"] == 0 and nobody["users"] == []


def test_rooms(broker, door):
    bob, guest = door(broker, "bob", hello=True), door(broker)
    assert guest.ask("ROOMS").json == {"rooms": [], "more": False}
    for room in ("zeta", "alpha", "комната"):
        bob.say(room, "x")
    bob.join("alpha")
    bob.ask("TOPIC", "alpha", "t")
    rooms = guest.ask("ROOMS")
    assert rooms["more"] is False
    assert [r["room"] for r in rooms["rooms"]] == ["zeta", "alpha", "комната"], "oldest first"
    alpha = rooms["rooms"][1]
    assert (alpha["head"], alpha["first"], alpha["members"], alpha["topic"]) == (2, 1, 1, "t")
    behind = guest.ask("ROOMS", {"after": "zeta"})
    assert [r["room"] for r in behind["rooms"]] == ["alpha", "комната"]


def test_topic(broker, door, client):
    alice = client(broker, "alice", "dev")
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    assert bob.ask("TOPIC", "dev")["topic"] == ""
    done = bob.ask("TOPIC", "dev", "тема")
    assert done["seq"] == 1 and done["time"] > 1.6e12
    read = door(broker).ask("TOPIC", "dev")
    assert (read["room"], read["topic"], read["by"]) == ("dev", "тема", "bob")
    assert read["time"] == done["time"]
    event = alice.wait_for("dev", lambda e: e.type == "topic")
    assert (event.user, event.body, event.seq) == ("bob", "тема", 1)
    assert bob.ask("TOPIC", "dev", "")["seq"] == 2, "an empty body clears"
    assert bob.ask("TOPIC", "dev")["topic"] == ""
    assert alice.wait_for("dev", lambda e: e.type == "topic" and not e.body).seq == 2


def test_history_sync_ping_bye(broker, door):
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    bob.say("dev", "hello")
    history = bob.history("dev")
    assert {k: history[k] for k in ("room", "more", "first", "head")} == {
        "room": "dev", "more": False, "first": 1, "head": 1,
    }  # fmt: skip
    assert [(e.user, e.body) for e in history.mail] == [("bob", "hello")]
    assert bob.ask("SYNC", "Nonce-1._").json == {}
    ping = bob.ask("PING")
    assert ping["heads"] == {"dev": 1} and abs(ping["time"] - time.time() * 1000) < 60000
    assert bob.ask("BYE").json == {}
    again = door(broker, "bob")
    assert again.ask("HELLO")["user"] == "bob", "the name is free at once"


# --- errors


def test_codes_of_the_page():
    assert set(page.codes()) == {
        "malformed", "verb", "protocol", "name", "taken", "identity", "hello", "guest",
        "member", "limit", "slow", "gap", "storage", "closing",
        "private", "proof", "token", "operator", "banned", "muted", "closed", "nobody",
    }  # fmt: skip


def test_refused_with_each_code(broker, door):
    bob = door(broker, "bob", hello=True)
    assert bob.refused("SAY", "dev")["code"] == "malformed"
    assert bob.refused("SHOUT", "dev", "x")["code"] == "verb"
    assert door(broker, "x").refused("HELLO", {"protocol": "ZCHAT/2"})["code"] == "protocol"
    assert bob.refused("SAY", "a b", "x")["code"] == "name"
    assert door(broker, "no spaces").refused("HELLO")["code"] == "name"
    taken = door(broker, "bob").refused("HELLO")
    assert taken["code"] == "taken"
    assert bob.refused("SAY", "dev", "x", user="eve")["code"] == "identity"
    shy = door(broker, "shy")
    for request in (("JOIN", "dev"), ("PART", "dev"), ("TOPIC", "dev", "x"), ("BYE",)):
        assert shy.refused(*request)["code"] == "hello", request
    guest = door(broker)
    for request in (("SAY", "dev", "x"), ("JOIN", "dev"), ("PART", "dev"), ("TOPIC", "dev", "x")):
        assert guest.refused(*request)["code"] == "guest", request
    assert bob.refused("PART", "dev")["code"] == "member"
    assert bob.refused("TOPIC", "dev", "x")["code"] == "member"
    long = bob.refused("SAY", "dev", "x" * 65537)
    assert long["code"] == "limit" and long["limit"] == 65536
    gap = bob.refused("SAY", "dev", "x", {"producer": "ab" * 16, "n": 7})
    assert gap["code"] == "gap" and gap["expected"] == 1
    assert bob.ask("HISTORY", "dev")["head"] == 0, "ERR means: not stored"


def test_a_name_is_bound_by_the_first_request_and_free_after(broker, door):
    bob = door(broker, "bob")
    bob.say("dev", "I never said HELLO")
    assert door(broker, "bob").refused("SAY", "dev", "x")["code"] == "taken"
    bob.close()
    other = door(broker, "bob")
    wait_until(lambda: other.request("SAY", "dev", "x").ok, what="the name is free again")


# --- shapes


def test_req_socket(broker, context):
    req = quiet(context.socket(zmq.REQ))
    req.connect(broker.door)
    for number in (b"1", b"2"):
        req.send_multipart([b"SAY", number, b"bob", b"dev", b"from a REQ"])
        status, tag, reply = req.recv_multipart()
        assert (status, tag) == (b"OK", number) and json.loads(reply)["seq"] == int(number)


def test_what_a_req_socket_is_not_for(broker, context, door):
    """HISTORY: it takes the mail for the answer; the OK is dropped, or, where it comes after the next
    question was sent, taken for the answer to that."""
    door(broker, "bob").say("dev", "one")
    req = quiet(context.socket(zmq.REQ))
    req.connect(broker.door)
    req.send_multipart([b"HISTORY", b"h", b"", b"dev"])
    assert req.recv_multipart()[0] == b"EVENT"
    req.send_multipart([b"PING", b"p", b""])
    status, tag, reply = req.recv_multipart()
    assert status == b"OK" and tag in (b"p", b"h")
    if tag == b"p":
        assert json.loads(reply)["heads"] == {}, "a guest is in no room"


def test_a_cursor_beyond_the_head(broker, door):
    bob = door(broker, "bob")
    bob.say("dev", "one")
    beyond = bob.history("dev", after=7)
    assert (beyond.mail, beyond["head"], beyond["more"]) == ([], 1, False)


def test_a_sender_that_was_restarted(broker, door):
    """It kept producer, n and the message; the broker may have crashed as well."""
    kept = {"producer": secrets.token_hex(16), "n": 1}
    first = door(broker, "bob")
    assert first.say("dev", "once", **kept)["seq"] == 1
    for crash in (broker.crash, lambda: None):
        crash()
        again = door(broker, "bob")
        wait_until(lambda: again.request("HELLO").ok, what="the name is free again")
        assert again.say("dev", "once", **kept).json.get("duplicate") is True
        again.ask("BYE")
    last = door(broker, "bob")
    assert last.say("dev", "the next", producer=kept["producer"], n=2)["seq"] == 2
    unknown = last.refused("SAY", "dev", "x", {"producer": secrets.token_hex(16), "n": 9})
    assert (unknown["code"], unknown["expected"]) == ("gap", 1), "a log that does not know it"


def test_envelope_and_tag_are_echoed(broker, door):
    bob = door(broker, "bob")
    bob.send_raw(b"", b"SAY", b"\x00\xff any \n octets", b"bob", b"dev", b"x")
    frames = bob.recv_raw()
    assert frames[:3] == [b"", b"OK", b"\x00\xff any \n octets"], frames
    bob.send_raw(b"SAY", b"", b"bob", b"dev", b"y")
    assert bob.recv_raw()[:2] == [b"OK", b""]
    bob.send_raw(b"", b"HISTORY", b"h" * 32, b"bob", b"dev", b'{"form":"pack"}')
    mail, done = bob.recv_raw(), bob.recv_raw()
    assert mail[:4] == [b"", b"EVENT", b"h" * 32, b"pack/dev/"] and len(mail) == 5
    assert done[:3] == [b"", b"OK", b"h" * 32]
    bob.send_raw(b"", b"NONSENSE", b"n", b"bob")
    assert bob.recv_raw()[:3] == [b"", b"ERR", b"n"]


def test_replies_come_in_the_order_of_their_requests(broker, door):
    bob = door(broker, "bob")
    wanted = [bob.post("HELLO")]
    for i in range(50):
        wanted.append(bob.post("JOIN", f"r{i}"))
        wanted.append(bob.post_say(f"r{i}", f"text {i}"))
        wanted.append(bob.post("TOPIC", f"r{i}", "t"))
        wanted.append(bob.post("SAY", f"r{i}", "x" * 70000))
        wanted.append(bob.post("PART", f"r{i}"))
        wanted.append(bob.post("PART", f"r{i}"))
    wanted.append(bob.post("BYE"))
    wait_until(lambda: (bob.take(0.1), len(bob.order) == len(wanted))[1], what="all replies")
    # what waits for the disk comes in order; what does not may come before it
    stored = [tag for i in range(50) for tag in wanted[1 + 6 * i + 1 : 1 + 6 * i + 4]]
    assert [tag for tag in bob.order if tag in stored] == stored
    codes = [bob.replies[tag].code for tag in wanted]
    assert codes == [None, *[None, None, None, "limit", None, "member"] * 50, None]


def test_an_unintelligible_request_is_answered_with_an_empty_tag(broker, door):
    raw = door(broker)
    for frames in ([b""], [b"", b""], [b"SAY"]):
        reply = raw.exchange(*frames)
        assert (reply.ok, reply.tag) == (False, b""), frames
        assert reply.code in ("malformed", "verb"), frames


def test_which_feed(broker):
    assert pick_feed(["tcp://*:5681"], "tcp://10.1.2.3:5680") == "tcp://10.1.2.3:5681"
    assert pick_feed(["tcp://0.0.0.0:5681"], "tcp://chat.lan:5680") == "tcp://chat.lan:5681"
    feeds = ["tcp://127.0.0.1:1", "ipc:///tmp/f", "tcp://127.0.0.1:2"]
    assert pick_feed(feeds, "ipc:///tmp/d") == "ipc:///tmp/f"
    assert pick_feed(feeds, "ws://127.0.0.1:9/") == "tcp://127.0.0.1:1"


def test_a_probe_is_never_mistaken_for_a_reply():
    assert decode_door([b"NOOP", b""]) is None


def test_every_reply_goes_to_the_one_who_asked(broker, context):
    doors = [Door(context, broker.door, f"u{i}") for i in range(20)]
    tags = [(d, d.post_say(f"room{i}", "x", tag=b"same")) for i, d in enumerate(doors)]
    for each, tag in tags:
        assert each.reply(tag)["seq"] == 1
    assert not any(each.take(0) for each in doors)
