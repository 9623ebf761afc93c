"""zchat-web's streams: nothing is missed and nothing comes twice, whatever goes down meanwhile."""

import json
import random
import socket
import threading
import time

from support import token as tokens
from support.wait import DEADLINE, wait_until
from support.web import Stream, quoted


def say(web, who, room, *texts):
    for text in texts:
        assert web.post(f"/rooms/{room}", text, who=who).status == 200


def test_a_stream_brings_what_happens(web, token):
    ada = token("ada")
    say(web, ada, "dev", "before")
    stream = web.stream("/rooms/dev/events")
    assert stream.response.headers["Content-Type"] == "text/event-stream"
    ready = stream.until("ready")
    assert ready["rooms"] == [{"room": "dev", "head": 1}] and ready["user"] == "" and len(ready["log"]) == 32
    assert stream.id == "1"
    stream.until("live")
    say(web, ada, "dev", "first\nsecond", "third")
    event = stream.message()
    assert event["seq"] == 2 and event["text"] == "first\nsecond" and event["user"] == "ada" and "own" not in event
    assert stream.id == "2" and stream.message()["seq"] == 3
    web.call("PUT", "/rooms/dev/2", "changed", who=ada)
    assert stream.message(type="edit")["target"] == 2
    stream.close()


def test_where_a_stream_begins(web, token):
    ada = token("ada")
    say(web, ada, "dev", *(f"m{i}" for i in range(1, 8)))

    def seqs(query, count, **headers):
        stream = web.stream(f"/rooms/dev/events{query}", **headers)
        assert stream.status == 200
        found = [stream.message()["seq"] for _ in range(count)]
        stream.until("live")
        stream.close()
        return found

    assert seqs("?since=5", 2) == [6, 7]
    assert seqs("?since=0", 7) == [1, 2, 3, 4, 5, 6, 7]
    assert seqs("?last=3", 3) == [5, 6, 7] and seqs("?last=100", 7)[0] == 1
    assert seqs("?since=2", 1, Last_Event_ID="6") == [7]
    assert seqs("?last=3", 1, Last_Event_ID="6") == [7]
    for bad in ("?since=x", "?last=1001", "?since=1%3B", "?presence=2"):
        assert web.get(f"/rooms/dev/events{bad}").status == 400, bad
    ahead = web.stream("/rooms/dev/events?since=99")
    assert ahead.until("ahead") == {"room": "dev", "after": 99, "head": 7}
    say(web, ada, "dev", "on")
    assert ahead.message()["seq"] == 8
    ahead.close()
    other = web.stream(f"/rooms/dev/events?since=6&log={'0' * 32}")
    other.until("log_replaced")
    assert other.message()["seq"] == 1
    other.close()


def test_long_histories_come_in_pages(web, token):
    ada = token("ada")
    for i in range(250):
        say(web, ada, "dev", f"{i}")
    stream = web.stream("/rooms/dev/events?since=0")
    assert [stream.message()["seq"] for _ in range(250)] == list(range(1, 251))
    stream.close()


def test_several_rooms_in_one_stream(web, token):
    ada = token("ada")
    a, b = "dev", "комната"
    say(web, ada, a, "1")
    say(web, ada, quoted(b), "1", "2")
    path = f"/events?room={a}&room={quoted(b)}"
    stream = web.stream(path + f"&since={quoted('dev=0;' + quoted(b) + '=1')}")
    seen = sorted((e["room"], e["seq"]) for e in (stream.message(), stream.message()))
    assert seen == [(a, 1), (b, 2)]
    say(web, ada, a, "2")
    assert stream.message()["seq"] == 2
    assert stream.id == f"dev=2;{quoted(b)}=2"
    stream.close()
    say(web, ada, a, "3")
    say(web, ada, quoted(b), "3")
    again = web.stream(path, Last_Event_ID=stream.id)
    assert sorted((e["room"], e["seq"]) for e in (again.message(), again.message())) == [(a, 3), (b, 3)]
    again.close()
    for bad in ("/events", "/events?room=a&room=a", "/events?" + "&".join(f"room=r{i}" for i in range(17))):
        assert web.get(bad).status == 400


def test_who_names_themselves_is_here(web, token):
    ada, bob = token("ada"), token("bob")
    guest = web.stream("/rooms/dev/events?presence=1")
    guest.until("ready")
    stream = web.stream("/rooms/dev/events", ada)
    ready = stream.until("ready")
    assert ready["user"] == "ada" and ready["rooms"][0]["members"] == 1 and ready["rooms"][0]["topic"] == ""
    assert guest.message(type="join")["user"] == "ada"
    assert web.get("/who?room=dev").json["users"] == ["ada"]
    say(web, ada, "dev", "mine")
    say(web, bob, "dev", "hi @ada")
    assert stream.message()["own"] is True
    assert stream.message()["mentions_me"] is True
    mail = web.stream("/rooms/@/events", ada)
    mail.until("ready")
    web.post("/direct/ada", "psst", who=bob)
    assert mail.message(type="tell")["text"] == "psst"
    web.call("PUT", "/rooms/dev/read", {"seq": 1}, who=ada)
    for one in (guest, stream, mail):
        one.close()


def test_private_rooms_are_for_members(web, token, broker, door):
    ada, bob = token("ada"), token("bob")
    owner = door(broker, "ada")
    owner.hello(token=ada.split(":")[1])
    assert owner.ask("JOIN", "den", {"private": True}).json["private"]
    say(web, ada, "den", "between us")
    stream = web.stream("/rooms/den/events?since=0", ada)
    assert stream.message(type="say")["text"] == "between us"
    stream.close()
    for who in ("", bob):
        refused = web.stream("/rooms/den/events", who)
        assert refused.status == 403 and json.loads(refused.body)["code"] == "private", refused.body
        assert web.get("/rooms/den", who=who).json["code"] == "private"
        # of two rooms the other one goes on
        both = web.stream("/events?room=den&room=dev", who)
        assert both.status == 200 and both.until("parted")["code"] == "private"
        say(web, ada, "dev", "hello all")
        assert both.message()["room"] == "dev"
        both.close()
    assert web.stream("/rooms/@/events").status == 401
    refused = web.stream("/rooms/dev/events", "bob:" + "0" * 64)
    assert refused.status == 401 and json.loads(refused.body)["code"] == "token"


def test_the_broker_is_killed_and_comes_back(web, token, broker):
    ada = token("ada")
    streams = [web.stream("/rooms/dev/events"), web.stream("/rooms/dev/events", ada)]
    for stream in streams:
        stream.until("ready")
    say(web, ada, "dev", "1")
    broker.crash()
    say(web, ada, "dev", "2")
    broker.kill()
    offline = [stream.until("offline") for stream in streams]
    assert all(o["code"] for o in offline)
    broker.start()
    say(web, ada, "dev", "3")
    fresh = web.stream("/rooms/dev/events?since=0")
    assert [fresh.message()["seq"] for _ in range(3)] == [1, 2, 3]
    fresh.close()
    for stream in streams:
        stream.close()


def test_gap_free_over_a_killed_broker(web, token, broker):
    ada = token("ada")
    stream = web.stream("/rooms/dev/events?since=0")
    done = threading.Event()

    def kill():
        for _ in range(3):
            time.sleep(0.3)  # the load runs meanwhile; nothing depends on how long
            broker.crash()
        done.set()

    thread = threading.Thread(target=kill)
    thread.start()
    count = 0
    while not done.is_set() or count < 50:
        answer = web.post("/rooms/dev", f"{count}", who=ada, Idempotency_Key=f"k{count}", timeout=60)
        count += answer.status == 200
    thread.join()
    texts = [stream.message()["text"] for _ in range(count)]
    assert texts == [f"{i}" for i in range(count)]
    stream.close()


def test_a_stream_begins_without_the_broker(webs, brokers):
    broker = brokers()
    door = webs(broker)
    assert door.get("/rooms").status == 200
    me = "ada:" + tokens.make(broker.data, "ada")
    broker.kill()
    stream = door.stream("/rooms/dev/events")
    assert stream.status == 200
    stream.until("offline")
    broker.start()
    stream.until("ready")
    assert door.post("/rooms/dev", "back", who=me).status == 200
    assert stream.message()["text"] == "back"
    stream.close()


def test_another_log(webs, brokers, tmp_path):
    broker = brokers()
    me = "ada:" + tokens.make(broker.data, "ada")
    door = webs(broker)
    assert door.post("/rooms/dev", "old", who=me).status == 200
    stream = door.stream("/rooms/dev/events?since=0")
    assert stream.message()["text"] == "old"
    broker.kill()
    for file in broker.data.glob("zchat.db*"):
        file.unlink()
    broker.start()
    assert len(stream.until("log_replaced")["log"]) == 32
    for i in range(2):
        assert door.post("/rooms/dev", f"new{i}", who=me).status == 200
    assert [(e["seq"], e["text"]) for e in (stream.message(), stream.message())] == [(1, "new0"), (2, "new1")]
    stream.close()


def test_a_hundred_readers_with_reconnects(web, token):
    ada = token("ada")
    total, failed = 400, []
    say(web, ada, "dev", "0")

    def read(number):
        rng = random.Random(number)
        seen, last = [], "1"
        try:
            while len(seen) < total:
                stream = web.stream("/rooms/dev/events", Last_Event_ID=last)
                assert stream.status == 200
                for _ in range(rng.randrange(1, 150)):
                    if len(seen) == total:
                        break
                    seen.append(stream.message()["seq"])
                    last = stream.id
                stream.close()
            assert seen == list(range(2, total + 2)), seen
        except Exception as error:
            failed.append(f"{number}: {error!r}")

    threads = [threading.Thread(target=read, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for i in range(total):
        say(web, ada, "dev", f"{i}")
    for thread in threads:
        thread.join(120)
    assert not failed and not any(t.is_alive() for t in threads), failed


def test_a_slow_reader_is_dropped_and_others_are_not(web, token):
    ada = token("ada")
    quick = web.stream("/rooms/dev/events")
    quick.until("ready")
    say(web, ada, "dev", "0")
    before = wait_until(lambda: quick.message() and web.fds())
    slow = socket.create_connection(("127.0.0.1", web.port), DEADLINE)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(b"GET /rooms/dev/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b"200 OK" in slow.recv(4096)
    body = "x" * 60000
    # more than sockets and ring hold together: only then is somebody slow
    for i in range(300):
        say(web, ada, "dev", body)
        assert quick.message()["seq"] == i + 2
        if i > 150 and web.fds() <= before:
            break
    wait_until(lambda: web.fds() <= before, what="the slow reader's connection is closed")
    say(web, ada, "dev", "still here")
    assert quick.message()["text"] == "still here"
    quick.close()
    slow.close()


def test_the_end_of_the_door_ends_streams(webs, broker):
    door = webs(broker)
    streams = [Stream(door.port, "/rooms/dev/events") for _ in range(5)]
    for stream in streams:
        stream.until("live")
    assert door.stop() == 0
    assert all(stream.next() is None for stream in streams)
    door.start()
    wait_until(lambda: door.get("/rooms").status == 200)


def test_more_streams_than_the_soft_limit_of_descriptors(webs, broker, token):
    door = webs(broker, wrap=["prlimit", "--nofile=128:4096"])
    ada = token("ada")
    streams = [Stream(door.port, "/rooms/dev/events") for _ in range(200)]
    for stream in streams:
        stream.until("live")
    say(door, ada, "dev", "to all")
    assert all(stream.message()["text"] == "to all" for stream in streams)
    for stream in streams:
        stream.close()


def test_guests_read_more_rooms_than_one_connection_may(web, token):
    ada = token("ada")
    streams = [web.stream("/events?" + "&".join(f"room=r{n}" for n in range(i, i + 16))) for i in range(0, 240, 16)]
    for stream in streams:
        stream.until("live")
    for n in (0, 100, 239):
        say(web, ada, f"r{n}", "here")
        assert streams[n // 16].message()["room"] == f"r{n}"
    for stream in streams:
        stream.close()
