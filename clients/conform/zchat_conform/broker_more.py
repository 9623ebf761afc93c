"""What takes its time (silence), many at once, and the finer points of mailboxes, mentions and edits."""

from __future__ import annotations

import os
import time

import zmq
from zmq.utils.monitor import parse_monitor_message

from .cases import case
from .link import Kit, Skip
from .wire import must


def ends_within(socket: zmq.Socket, watch: zmq.Socket, seconds: float) -> bool:
    """Whether the connection is closed by the other side."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if watch.poll(int(left * 1000) + 1):
            if parse_monitor_message(watch.recv_multipart())["event"] == zmq.EVENT_DISCONNECTED:
                return True
        while socket.poll(0):
            socket.recv_multipart()
    return False


def watched(kit: Kit, kind: int, endpoint: str) -> tuple:
    socket = kit.socket(kind, None)
    socket.reconnect_ivl = -1
    watch = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    kit.open.append(watch)
    socket.connect(endpoint)
    return socket, watch


@case("Over a connection to the door something is said within 20 s, or it is closed")
def a_connection_that_says_nothing(kit: Kit) -> None:
    socket, watch = watched(kit, zmq.DEALER, kit.door)
    begin = time.monotonic()
    must(ends_within(socket, watch, 30), "it is still open after 30 s")
    must(time.monotonic() - begin > 15, f"it was closed after {time.monotonic() - begin:.1f} s already")


@case("A session of which nothing is heard (no request of any kind) for four heartbeats is lost", "The connection then gets `hello` to whatever it asks under a name",
      "Who never said HELLO, and guests, may be silent")  # fmt: skip
def a_session_that_is_silent(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    silent, guest = kit.stranger(), kit.guest()
    silent.ok("SAY", room, "x")
    guest.ok("PING")
    bob.ok("JOIN", room)
    heartbeat = bob.greeting["heartbeat_ms"] / 1000
    if heartbeat > 10:
        raise Skip("a heartbeat of more than 10 s")
    end = time.monotonic() + 4 * heartbeat + 5
    while time.monotonic() < end and anna.ok("WHO", room)["members"]:
        time.sleep(0.5)
    must(time.monotonic() < end, "the session is not lost")
    must(time.monotonic() > end - 5 - 0.5 * heartbeat, "it was lost before four heartbeats")
    bob.err("hello", "PING")
    bob.err("hello", "SAY", room, "x")
    must(bob.ok("HELLO", {"session": bob.greeting["session"]})["user"] == bob.user, "HELLO with the session has it back")
    bob.ok("JOIN", room)
    silent.ok("SAY", room, "y")
    guest.ok("PING")


@case("A connection that asks for anything else, for more than 1,024 topics")
def a_subscription_for_anything_else(kit: Kit) -> None:
    through = kit.person()
    right = kit.feed(through, "room/")
    socket, watch = watched(kit, zmq.SUB, right.socket.getsockopt(zmq.LAST_ENDPOINT).decode())
    socket.subscribe("elsewhere/")
    must(ends_within(socket, watch, 10), "it is still open")
    right.barrier()


@case("then it speaks nothing else", "A broker may speak CURVE", "The SUB socket takes the same three keys", proof=True)
def an_encrypted_broker_speaks_nothing_else(kit: Kit) -> None:
    plain = kit.context.socket(zmq.DEALER)
    plain.linger = 0
    kit.open.append(plain)
    plain.connect(kit.door)
    kit.transcript.note("plain", ">", [b"PING", b"1", b""])
    plain.send_multipart([b"PING", b"1", b""])
    must(not plain.poll(1500), "it answered without encryption")
    kit.person()


@case("From 64 members on joins and leaves of one second are merged into one `presence`", "| `presence` | 18 | no |")
def many_come_and_go(kit: Kit) -> None:
    first, room = kit.person(), kit.name("room")
    feed = kit.feed(first, f"pack/{room}/")
    everybody = [kit.person() for _ in range(80)]
    for one in everybody:
        one.ok("JOIN", room)
    time.sleep(1.2)
    first.ok("SAY", room, "x")
    events = feed.events()
    singles = [e for e in events if e.type == "join"]
    merged = [e for e in events if e.type == "presence"]
    must(merged and len(singles) < 80, f"{len(singles)} joins and {len(merged)} presence of 80")
    named = {e.user for e in singles} | {name for e in merged for name in e.data["join"]}
    must(named <= {one.user for one in everybody} and merged[-1].data["members"] == 80, f"names and members: {merged[-1]}")
    must(all(not e.user and not e.body and not e.seq for e in merged), "presence has no user, body, seq")


@case("Stored in the room as a `mode` (`\"set\":\"invite\"`)", "OK `{\"seq\",\"time\"}` of the former", "Everybody may KICK themselves", "Operators can be put out by admins alone",
      "Stored as a `mode`, `\"set\":\"kick\"`", "OK `{\"seq\",\"time\"}`.", proof=True)  # fmt: skip
def invited_and_put_out(kit: Kit) -> None:
    anna, bob, den = kit.owner(), kit.owner(), kit.name("den")
    anna.ok("JOIN", den, {"private": True})
    stored = anna.ok("INVITE", den, bob.user)
    event = anna.history(den)[-1]
    must((event.type, event.data["set"], event.data["user"], event.seq, event.time) == ("mode", "invite", bob.user, stored["seq"], stored["time"]),
         f"the mode of the invitation: {event}")  # fmt: skip
    anna.ok("MODE", den, {"set": "op", "user": bob.user})
    anna.err("operator", "KICK", den, bob.user)
    seq = bob.ok("KICK", den, bob.user)["seq"]
    event = anna.history(den)[-1]
    must((event.seq, event.user, event.data["set"], event.data["user"]) == (seq, bob.user, "kick", bob.user), f"kick: {event}")
    bob.err("private", "WHO", den)
    anna.err("nobody", "INVITE", den, kit.name("none"))


@case("the broker then stores and carries what it cannot read", "`data` is `{\"sealed\":1}`", "What was stored before is answered as ever (`duplicate`)", "OK `{\"seq\",\"time\"}`: those in one's own mailbox",
      "`banned` where the addressee refuses what the user sends", "It is stored in one's own mailbox as a `mode`", proof=True)  # fmt: skip
def sealed_and_refused(kit: Kit) -> None:
    anna, bob, mine = kit.owner(), kit.owner(), os.urandom(16).hex()
    options = {"producer": mine, "n": 1, "data": {"sealed": 1}}
    body = "AX" * 100
    bob.ok("TELL", anna.user, body, options)
    event = anna.history("@")[-1]
    must((event.type, event.body, event.data) == ("tell", body, {"sealed": 1}), f"carried as it is: {event}")
    anna.ok("MODE", "@", {"set": "ban", "user": bob.user, "reason": "enough"})
    mode = anna.history("@")[-1]
    must((mode.type, mode.user, mode.body, mode.data["set"]) == ("mode", anna.user, "enough", "ban"), f"mode in the mailbox: {mode}")
    bob.err("banned", "TELL", anna.user, "x", {"producer": mine, "n": 2})
    must(bob.ok("TELL", anna.user, body, options)["duplicate"] is True, "what was stored before is answered as ever")
    must(all(e.type != "mode" for e in bob.history("@")), "it is told to nobody else")


@case("In TELL it is the `time` of a direct message between the two", "it stands in both mailboxes, under two seqs, but with one time")
def replies_to_direct_messages(kit: Kit) -> None:
    bob, anna = kit.person(), kit.person()
    bob.ok("TELL", bob.user, "to myself")
    told = bob.ok("TELL", anna.user, "question")
    tell = anna.history("@")[-1]
    must(tell.time == told["time"] and tell.seq != told["seq"], f"two seqs, one time: {tell} and {told.json}")
    anna.ok("TELL", bob.user, "answer", {"re": tell.time})
    must(bob.history("@")[-1].data["zchat"]["re"] == told["time"], "re in data")


@case("The name goes on as long as it can", "`.`, `_` and `-` at its end may be left out", "8 people at most, the first ones, and not oneself", "An edit mentions nobody",
      "It is compared by its fold", "or who is in the room by it")  # fmt: skip
def who_is_mentioned(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    for one in (bob, anna):
        one.ok("JOIN", room)

    def mentioned(text: str) -> list:
        bob.ok("SAY", room, text)
        data = bob.history(room, limit=1)[0].data or {}
        return data.get("zchat", {}).get("mentions", [])

    for text, want in ((f"@{anna.user}", [anna.user]), (f"hello @{anna.user}.", [anna.user]), (f"(@{anna.user}...)", [anna.user]),
                       (f"@{anna.user.upper()}", [anna.user]), (f"@{anna.user}x", []), (f"x@{anna.user}", []), (f"@{bob.user}", []),
                       ("@nobody.here", [])):  # fmt: skip
        got = mentioned(text)
        must(got == want, f"{text!r} mentions {got} instead of {want}")
    many = [kit.person() for _ in range(10)]
    for one in many:
        one.ok("JOIN", room)
    got = mentioned(" ".join(f"@{one.user}" for one in many))
    must(got == [one.user for one in many[:8]], f"8 people, the first ones: {got}")


@case("REMOVE takes the edits away with the message", "`data` and `re` stay", "of a message's edits the last one alone has a body", "Else refused as SAY is", proof=True)
def what_becomes_of_edits(kit: Kit) -> None:
    bob, room = kit.owner(), kit.name("room")
    bob.ok("SAY", room, "question")
    seq = bob.ok("SAY", room, "one", {"re": 1, "data": {"x": 1}})["seq"]
    edit = bob.ok("EDIT", room, str(seq), "two")["seq"]
    event = bob.history(room, after=seq - 1)[0]
    must(event.body == "two" and event.data["x"] == 1 and event.data["zchat"]["re"] == 1, f"data and re stay: {event}")
    bob.err("limit", "EDIT", room, str(seq), "x" * 70000)
    bob.ok("REMOVE", room, str(edit))
    types = {e.seq: (e.type, e.body) for e in bob.history(room) if e.seq}
    must(types[seq] == ("gone", "") and types[edit] == ("gone", ""), f"REMOVE of an edit takes the message: {types}")
    bob.err("nobody", "EDIT", room, str(seq), "three")


@case("The broker keeps it for a proven name (`proof`) on all devices", "also of `@`", proof=True)
def markers_of_the_mailbox(kit: Kit) -> None:
    anna, bob = kit.owner(), kit.owner()
    bob.ok("TELL", anna.user, "x")
    must(anna.ok("READ", "@", "1")["read"] == 1, "the mailbox has a marker too")
    device = kit.owner(anna.user, anna.own)
    must(device.ok("READ", "@")["read"] == 1, "on all devices")
    anna.ok("BYE")
    must(device.ok("READ", "@")["read"] == 1, "it stays")


@case("`{\"seq\":n,\"at\":seq,\"edited\":seq,\"edits\":n,\"reactions\"", "What is not so is left out", proof=True)
def marks_of_an_edit(kit: Kit) -> None:
    bob, room = kit.owner(), kit.name("room")
    seq = bob.ok("SAY", room, "one")["seq"]
    bob.ok("EDIT", room, str(seq), "two")
    last = bob.ok("EDIT", room, str(seq), "three")["seq"]
    marks = next(e for e in bob.history(room, marks=True) if e.type == "marks").data
    must((marks["seq"], marks["edited"], marks["edits"]) == (seq, last, 2) and "reactions" not in marks, f"marks: {marks}")
    must(marks["at"] >= last, f"at: {marks}")


@case("Some refusals come at once: `slow`, `closing`, `verb`, frames that do not fit", "Other replies may overtake them")
def refusals_may_come_at_once(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    tags = [bob.send("SAY", room, f"m{n}") if n % 3 else bob.send("SHOUT", "x") for n in range(30)]
    replies = {tag: bob.reply(tag) for tag in tags}
    must([r.ok for r in replies.values()] == [bool(n % 3) for n in range(30)], "each has its own answer")
