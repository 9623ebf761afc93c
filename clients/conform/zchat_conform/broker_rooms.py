"""HELLO and sessions, rooms, the feed, HISTORY."""

from __future__ import annotations

import re
import time

from .cases import case
from .link import PATIENCE, Kit
from .wire import event_of, must, pack_of


@case("| `protocol`, `server` |", "| `log` | id of this log, 32 hex digits", "| `session` | 64 hex digits", "| `resumed` |", "| `proven`, `admin` |",
      "| `feeds` |", "| `heartbeat_ms` |", "| `limits` |", "| `user` | the name as the broker spells it",
      "| `protocol` | | another version was asked for |", "(`\"ZCHAT/1\"`; another is refused with `protocol`)",
      "One address is enough: the reply to HELLO names the feeds", "| `forgotten` |")  # fmt: skip
def hello(kit: Kit) -> None:
    bob = kit.stranger()
    bob.err("protocol", "HELLO", {"protocol": "ZCHAT/2"})
    hello = bob.ok("HELLO", {"protocol": "ZCHAT/1", "agent": "zchat-conform", "tomorrow": [1]})
    must(hello["protocol"] == "ZCHAT/1" and isinstance(hello["server"], str), "protocol and server")
    must(re.fullmatch("[0-9a-f]{32}", hello["log"]), "log is 32 hex digits")
    must(re.fullmatch("[0-9a-f]{64}", hello["session"]), "session is 64 hex digits")
    must(hello["user"] == bob.user and hello["resumed"] is False, "user, resumed")
    must(hello["proven"] is False and hello["admin"] is False, "nothing proves this name")
    must(hello["feeds"] and all("://" in feed for feed in hello["feeds"]), "feeds are endpoints")
    must(isinstance(hello["heartbeat_ms"], int) and hello["heartbeat_ms"] > 0, "heartbeat_ms")
    limits = hello["limits"]
    must({"body", "data", "topic", "name", "history", "rooms", "pending"} <= set(limits), f"limits: {limits}")
    must(isinstance(hello.json.get("forgotten", 0), int), "forgotten is a number")
    must(bob.err("limit", "HELLO", {"agent": "x" * 129})["limit"] == 128, "agent has 128 bytes")
    must(bob.ok("HELLO")["user"] == bob.user, "HELLO again")


@case("this connection takes that session over at once, its rooms included", "HELLO again on the same connection with the same name is harmless",
      "Say HELLO again with the `session`", "| `session` | 64 hex digits: keep it secret")  # fmt: skip
def a_session_is_taken_over(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    bob.ok("JOIN", room)
    session = bob.greeting["session"]
    bob.ok("HELLO")
    must(room in bob.ok("PING")["heads"], "HELLO again took the room away")
    wrong = kit.stranger(bob.user)
    wrong.err("taken", "HELLO", {"session": "0" * 64})
    new = kit.stranger(bob.user)
    hello = new.ok("HELLO", {"session": session})
    must(hello["resumed"] is True, "the session was not taken over")
    must(room in new.ok("PING")["heads"], "its rooms are not included")
    old = bob.ask("PING")
    must(old.code in ("hello", "taken", "identity"), f"the older connection goes on speaking: {old.json}")


@case("It says nothing of rooms: a session that was lost has left them", "JOIN what PING's `heads` do not have",
      "the session leaves its rooms and its name is kept for it")  # fmt: skip
def a_session_that_was_lost_has_left_its_rooms(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    bob.ok("JOIN", room)
    feed = kit.feed(anna, f"room/{room}/")
    bob.close()
    until = time.monotonic() + PATIENCE
    gone: list = []
    while not gone:
        must(time.monotonic() < until, "a lost session leaves its rooms")
        gone = [event for event in feed.events() if event.type == "leave" and event.user == bob.user]
    must(gone[0].data["reason"] == "lost", f"the reason is lost: {gone[0]}")
    new = kit.stranger(bob.user)
    must(new.ok("HELLO", {"session": bob.greeting["session"]})["resumed"] is True, "the session was not taken over")
    must(new.ok("PING")["heads"] == {}, "it is in no room")
    new.ok("JOIN", room)
    must(room in new.ok("PING")["heads"], "until it joins")


@case("OK `{\"room\",\"head\",\"first\", \"topic\",\"topic_by\",\"topic_time\",\"members\",\"private\",\"role\",\"read\"}`", "Others get a `join` event",
      "Joining twice is harmless and announced once", "`member` where you are not in it", "OK `{}`; others get a `leave` event", "| `member` | | JOIN first |",
      "| `join` | 16 | no |", "| `leave` | 17 | no |", "Membership is presence; reading a public room needs none")  # fmt: skip
def joining(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    info = bob.ok("JOIN", room)
    must((info["room"], info["head"], info["members"], info["private"]) == (room, 0, 1, False) or info["head"] == info["first"] - 1,
         f"a new room: {info.json}")  # fmt: skip
    feed = kit.feed(bob, f"room/{room}/")
    must(anna.ok("JOIN", room)["members"] == 2, "two members")
    anna.ok("JOIN", room)
    must(sorted(anna.ok("WHO", room)["users"]) == sorted([bob.user, anna.user]), "WHO")
    anna.ok("PART", room)
    anna.err("member", "PART", room)
    bob.ok("SAY", room, "x")
    events = feed.events()
    must([(e.type, e.user) for e in events] == [("join", anna.user), ("leave", anna.user), ("say", bob.user)],
         f"join, leave, say: {events}")  # fmt: skip
    must(events[0].data == {"members": 2} and events[1].data == {"members": 1, "reason": "part"}, "data of join and leave")
    must(b'"seq"' not in events[0].raw, "seq is there only in stored events")


@case("OK `{}`; the session leaves its rooms and ends, the name is free")
def bye(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    bob.ok("JOIN", room)
    feed = kit.feed(anna, f"room/{room}/")
    bob.ok("BYE")
    kit.stranger(bob.user).ok("HELLO")
    anna.ok("SAY", room, "x")
    left = [e for e in feed.events() if e.type == "leave"]
    must([e.data["reason"] for e in left] == ["bye"], f"leave with the reason bye: {left}")


@case("Without body: OK `{\"room\",\"topic\",\"by\",\"time\"}`", "With a body (up to 1,024 bytes, empty to clear) and a membership", "| `topic` | 3 | yes |")
def topics(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    bob.err("member", "TOPIC", room, "x")
    bob.ok("JOIN", room)
    stored = bob.ok("TOPIC", room, "work")
    told = kit.guest().ok("TOPIC", room)
    must((told["room"], told["topic"], told["by"], told["time"]) == (room, "work", bob.user, stored["time"]), f"TOPIC: {told.json}")
    must(bob.err("limit", "TOPIC", room, "x" * 1025)["limit"] == 1024, "a topic has 1,024 bytes")
    bob.ok("TOPIC", room, "")
    must(kit.guest().ok("TOPIC", room)["topic"] == "", "an empty topic clears it")
    must([(e.type, e.body) for e in bob.history(room)] == [("topic", "work"), ("topic", "")], "topics are stored like messages")


@case("OK `{\"rooms\":[{\"room\",\"head\",\"first\",\"members\",\"topic\",\"private\"},...],\"more\":bool}`")
def rooms(kit: Kit) -> None:
    bob = kit.person()
    made = [kit.name("room") for _ in range(3)]
    for room in made:
        bob.ok("SAY", room, "x")
    listed, after = [], None
    while True:
        page = bob.ok("ROOMS", {"after": after} if after else {})
        listed += page["rooms"]
        if not page["more"]:
            break
        after = listed[-1]["room"]
    must([r["room"] for r in listed if r["room"] in made] == made, "oldest room first")
    mine = next(r for r in listed if r["room"] == made[0])
    must((mine["head"] - mine["first"], mine["members"], mine["topic"], mine["private"]) == (0, 0, "", False), f"a room: {mine}")
    behind = [r["room"] for r in bob.ok("ROOMS", {"after": made[0]})["rooms"]]
    must([r for r in behind if r in made] == made[1:], "`after` goes on behind that room")
    bob.err("name", "ROOMS", {"after": kit.name("none")})


@case("json: `after` (events with a seq above it)", "`limit` (100, up to 1,000)", "A run of mail with the request's tag, always in ascending seq",
      "`more`: the run was cut short", "A room nobody has spoken in: no mail", "An `after` beyond `head` is answered with no mail",
      "`form` (`\"events\"`, also where it is left out, or `\"pack\"`)", "`first`: the oldest seq still stored")  # fmt: skip
def history(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    empty = bob.ok("HISTORY", room)
    must(empty.mail == [] and empty["more"] is False, "a room nobody has spoken in has no mail")
    seqs = [bob.ok("SAY", room, f"m{number}")["seq"] for number in range(130)]
    must(seqs == list(range(seqs[0], seqs[0] + 130)), "seq counts without holes")
    first = seqs[0]

    def look(want: list, more: bool, **options: object) -> None:
        for form in ("events", "pack"):
            reply = bob.ok("HISTORY", room, {**options, "form": form})
            must([e.seq for e in reply.mail] == want, f"HISTORY {options} {form} brought {[e.seq for e in reply.mail]}")
            must(reply["more"] is more, f"HISTORY {options}: more is {reply['more']}")
            must((reply["head"], reply["first"], reply["room"]) == (seqs[-1], first, room), f"head, first, room: {reply.json}")

    look(seqs[5:105], True, after=seqs[4])
    look(seqs[5:7], True, after=seqs[4], limit=2)
    look(seqs[125:], False, after=seqs[124], limit=1000)
    look([], False, after=seqs[-1])
    look([], False, after=seqs[-1] + 10)
    look(seqs[:3], False, before=seqs[3], limit=3)
    must([e.seq for e in bob.history(room)] == seqs[30:], "without after and before the last 100")
    must([e.seq for e in bob.history(room, before=seqs[50], limit=10)] == seqs[40:50], "`before`: the last ones below it")
    must(bob.err("limit", "HISTORY", room, {"limit": 1001})["limit"] == 1000, "1,000 at most")
    bob.err("malformed", "HISTORY", room, {"after": 1, "before": 9})


@case("cut short (by `limit` or at 512 KiB)")
def a_page_of_history_ends(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    tags = [bob.send("SAY", room, f"{number}" + "x" * 60000) for number in range(12)]
    for tag in tags:
        must(bob.reply(tag).ok, "SAY of 60 KB")
    got, after = [], 0
    while True:
        page = bob.ok("HISTORY", room, {"after": after, "limit": 1000})
        must(page.mail or not page["more"], "more without any mail")
        must(sum(len(e.body) for e in page.mail) <= 512 << 10, "a page of more than 512 KiB")
        got += page.mail
        if not page["more"]:
            break
        after = got[-1].seq
    must(len(got) == 12, f"{len(got)} of 12 came")


@case("The broker publishes topic `sync/<nonce>/`", "SYNC, again every 200 ms, until the nonce comes back on the feed", "| `sync/<nonce>/` | the barrier |")
def the_barrier(kit: Kit) -> None:
    bob = kit.person()
    kit.feed(bob, "room/")
    must(bob.ok("SYNC", "n").json == {}, "OK {}")
    for nonce in ("", "a/b", "x" * 65, "ü"):
        bob.err("malformed", "SYNC", nonce)


@case("OK `{\"time\":ms,\"heads\":{room:seq,...}}` for the rooms the session is in")
def heads(kit: Kit) -> None:
    bob, room, other = kit.person(), kit.name("room"), kit.name("room")
    bob.ok("JOIN", room)
    must(set(bob.ok("PING")["heads"]) == {room}, "the rooms the session is in")
    seq = bob.ok("SAY", room, "x")["seq"]
    bob.ok("SAY", other, "x")
    reply = bob.ok("PING")
    must(reply["heads"] == {room: seq} and reply["time"] > 1500000000000, f"PING: {reply.json}")
    bob.ok("PART", room)
    must(bob.ok("PING")["heads"] == {}, "a room one has left")


@case("| `room/<room>/` | one event a message", "| `pack/<room>/` | the same events", "Topics end in `/` because SUB matches prefixes", "`meta` is `{\"type\":\"say\"",
      "`seq` is there only in stored events, `data` only where there is some", "All integers in network order", "The first frames of an event read as a sentence",
      "| `say` | 1 | yes |", "| `action` | 2 | yes |", "A batch of one is a pack of one")  # fmt: skip
def the_feed(kit: Kit) -> None:
    bob, room = kit.person(), f"dev.{kit.run}"
    single, packs = kit.feed(bob, f"room/{room}/"), kit.feed(bob, f"pack/{room}/")
    bob.ok("SAY", f"{room}ops", "elsewhere")
    first = bob.ok("SAY", room, "one", {"data": {"b": 1, "a": "é"}})
    second = bob.ok("SAY", room, "waves", {"type": "action"})
    for feed, read in ((single, event_of), (packs, pack_of)):
        feed.barrier()
        events = [e for frames in feed.frames for e in ([read(frames)] if read is event_of else read(frames))]
        told = [(e.room, e.type, e.user, e.body, e.seq, e.time, e.data) for e in events]
        must(told == [(room, "say", bob.user, "one", first["seq"], first["time"], {"b": 1, "a": "é"}),
                      (room, "action", bob.user, "waves", second["seq"], second["time"], None)], f"the feed told {told}")  # fmt: skip
    must(single.frames[0][0] == f"room/{room}/".encode(), "the topic")
    must(len(packs.frames) == 2, "each commit is a pack of its own: one message in flight")


@case("A subscriber may ask for what these begin with: `\"\"`, `room/`")
def prefixes_of_the_feed(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    everything, rooms = kit.feed(bob, ""), kit.feed(bob, "room/")
    bob.ok("SAY", room, "x")
    everything.barrier(), rooms.barrier()
    mine = [f[0].split(b"/")[0] for f in everything.frames if room.encode() in f[0]]
    must(sorted(mine) == [b"pack", b"room"], f"everything is both forms: {mine}")
    must([f[0] for f in rooms.frames if room.encode() in f[0]] == [f"room/{room}/".encode()], "room/ is the events alone")


@case("Presence keeps its place among the messages", "An event is published only after the commit that holds it")
def presence_keeps_its_place(kit: Kit) -> None:
    anna, room = kit.person(), kit.name("room")
    feed = kit.feed(anna, f"room/{room}/")
    for number in range(10):
        bob = kit.person()
        bob.ok("JOIN", room)
        tags = [bob.send("SAY", room, f"{number}"), bob.send("PART", room)]
        for tag in tags:
            must(bob.reply(tag).ok, "SAY and PART")
    must([e.type for e in feed.events()] == ["join", "say", "leave"] * 10, "who says a word and goes is heard before the leave")


@case("Who never said HELLO, and guests, may be silent")
def guests_may_be_silent(kit: Kit) -> None:
    guest = kit.guest()
    guest.ok("PING")
    time.sleep(0.5)
    guest.ok("PING")
