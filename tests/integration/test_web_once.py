"""zchat-web and Idempotency-Key: a repetition stores nothing, whatever died between."""

import socket
import threading

from support import token as tokens
from support.wait import DEADLINE


def texts(web, room="dev"):
    return [e["text"] for e in web.get(f"/rooms/{room}").json["events"]]


def test_a_repetition_is_answered_as_the_first_was(web, token):
    ada, bob = token("ada"), token("bob")
    first = web.post("/rooms/dev", "once", who=ada, Idempotency_Key="k1")
    again = web.post("/rooms/dev", "once", who=ada, Idempotency_Key="k1")
    assert first.status == again.status == 200 and "duplicate" not in first.json
    assert again.json == {**first.json, "duplicate": True}
    # another body, key, room, name: another message
    assert web.post("/rooms/dev", "other", who=ada, Idempotency_Key="k1").json["code"] == "reused"
    assert web.post("/rooms/dev", "two", who=ada, Idempotency_Key="k2").status == 200
    assert web.post("/rooms/dev", "once", who=bob, Idempotency_Key="k1").status == 200
    assert web.post("/rooms/else", "once", who=ada, Idempotency_Key="k1").status == 200
    assert texts(web) == ["once", "two", "once"] and texts(web, "else") == ["once"]
    for bad in ("a b", "x" * 256, "\u00e4"):
        assert web.post("/rooms/dev", "x", who=ada, Idempotency_Key=bad.encode("latin-1")).status == 400


def test_edits_and_direct_messages_too(web, token):
    ada, bob = token("ada"), token("bob")
    assert web.get("/status", who=bob).status == 200
    web.post("/rooms/dev", "helo", who=ada)
    for _ in range(3):
        assert web.call("PUT", "/rooms/dev/1", "hello", who=ada, Idempotency_Key="e").json["seq"] == 2
        assert web.post("/direct/bob", "psst", who=ada, Idempotency_Key="d").json["seq"] == 1
    assert web.get("/rooms/dev").json["head"] == 2
    assert [e["text"] for e in web.get("/rooms/@", who=bob).json["events"]] == ["psst"]


def test_what_was_refused_may_be_mended(web, token):
    ada = token("ada")
    assert web.post("/rooms/dev", {"text": "x", "re": 9}, who=ada, Idempotency_Key="k").status == 404
    assert web.post("/rooms/dev", {"text": "x"}, who=ada, Idempotency_Key="k").status == 200


def test_over_a_restart_of_the_door(webs, broker, token):
    ada = token("ada")
    door = webs(broker)
    assert door.post("/rooms/dev", "once", who=ada, Idempotency_Key="k").status == 200
    door.kill()
    door.start()
    again = door.post("/rooms/dev", "once", who=ada, Idempotency_Key="k")
    assert again.status == 200 and again.json == {"room": "dev", "duplicate": True}
    assert texts(door) == ["once"]


def test_the_broker_is_killed_before_the_answer(webs, brokers):
    """Each message is posted, the broker killed before or after it is stored, and it is posted again."""
    broker = brokers()
    ada = "ada:" + tokens.make(broker.data, "ada")
    door = webs(broker)
    assert door.get("/status", who=ada).status == 200
    for i in range(8):
        request = (f"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada}\r\n"
                   f"Idempotency-Key: k{i}\r\nContent-Length: 2\r\n\r\nm{i}").encode()  # fmt: skip
        with socket.create_connection(("127.0.0.1", door.port), DEADLINE) as lost:
            lost.sendall(request)
            if i % 2:  # stored, and the answer is not read
                assert lost.recv(1)
            broker.kill()
        again = []
        thread = threading.Thread(target=lambda: again.append(
            door.post("/rooms/dev", f"m{i}", who=ada, Idempotency_Key=f"k{i}", timeout=60)))  # fmt: skip
        thread.start()
        broker.start()
        thread.join(60)
        assert again and again[0].status == 200, again
    assert texts(door) == [f"m{i}" for i in range(8)]


def test_ten_at_once(web, token):
    """The same request, ten times at once: one message, and all are told the same seq."""
    ada, answers = token("ada"), []
    web.get("/status", who=ada)

    def post():
        answers.append(web.post("/rooms/dev", "once", who=ada, Idempotency_Key="k"))

    threads = [threading.Thread(target=post) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert [a.status for a in answers] == [200] * 10
    assert {a.json["seq"] for a in answers} == {1} and sum("duplicate" not in a.json for a in answers) == 1
    assert texts(web) == ["once"]
