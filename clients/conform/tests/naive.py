"""A client that does not do what the page says: naive.py listen|send DOOR [DEFECT...]."""

import json
import sys

import zmq

command, door, *defects = sys.argv[1:]
context = zmq.Context()
dealer = context.socket(zmq.DEALER)
dealer.connect(door)
tags = iter(range(1, 1 << 30))


def ask(verb, *arguments, user=b""):
    tag = b"%d" % next(tags)
    dealer.send_multipart([verb, tag, user, *arguments])
    mail = []
    while True:
        frames = dealer.recv_multipart()
        if frames[0] == b"EVENT" and frames[1] == tag:
            mail.append(frames[2:])
        elif frames[0] in (b"OK", b"ERR") and frames[1] == tag:
            return frames[0] == b"OK", json.loads(frames[2]), mail


def listen():
    hello = ask(b"HELLO", b"{}")[1]
    feed = context.socket(zmq.SUB)
    feed.connect(hello["feeds"][0])
    feed.subscribe(b"room/lobby/")
    feed.subscribe(b"sync/n/")
    while True:
        ask(b"SYNC", b"n")
        if feed.poll(200):
            break
    last = ask(b"HISTORY", b"lobby", b'{"limit":1}')[1]["head"]
    while True:
        if not feed.poll(400):
            if "no-ping" not in defects:
                last = show(history(last), last)
            continue
        frames = feed.recv_multipart()
        if frames[0].startswith(b"room/"):
            meta = json.loads(frames[3])
            if meta.get("seq", 0) > last + 1 and "no-gaps" not in defects:
                last = show(history(last), last)
            last = show([frames], last)


def history(after):
    return ask(b"HISTORY", b"lobby", json.dumps({"after": after, "limit": 1000}).encode())[2]


def show(run, last):
    for _, user, body, meta in run:
        meta = json.loads(meta)
        seq = meta.get("seq", 0)
        if seq > last or ("doubles" in defects and seq):
            if meta["type"] == "say":
                print(json.dumps({"seq": seq, "type": "say", "text": body.decode()}), flush=True)
            last = max(last, seq)
    return last


def send():
    ask(b"HELLO", b"{}", user=b"naive")
    n = 0
    for line in sys.stdin.read().splitlines():
        n += 1
        while True:
            options = {"producer": "ab" * 16, "n": n}
            ok, reply, _ = ask(b"SAY", b"lobby", line.encode(), json.dumps(options).encode(), user=b"naive")
            if ok or "gives-up" in defects:
                break
            if "new-number" in defects:
                n += 1


listen() if command == "listen" else send()
