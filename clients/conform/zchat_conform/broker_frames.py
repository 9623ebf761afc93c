"""Frames, requests that do not fit, who somebody is."""

from __future__ import annotations

import time
import unicodedata

import zmq

from .cases import case
from .link import Kit, Skip
from .wire import Wrong, must, parse


@case("Anything that speaks zmq takes part", "The room needs no JOIN and need not exist", "once it is ordered and on disk")
def say_without_more(kit: Kit) -> None:
    bob = kit.stranger()
    reply = bob.ok("SAY", kit.name("room"), "hello, привет")
    must(reply["seq"] >= 1 and reply["time"] > 1500000000000, f"seq and time: {reply.json}")


@case("An empty first frame is accepted and echoed")
def an_empty_first_frame(kit: Kit) -> None:
    bob = kit.stranger()
    bob.frames("", "SAY", "t", bob.user, kit.name("room"), "x")
    frames = bob.receive()
    must(frames and len(frames) == 4 and frames[:3] == [b"", b"OK", b"t"], f"it was answered {frames}")


@case("More frames than a verb takes, or fewer, is `malformed`", "| `malformed` |", "An argument in brackets may be left out")
def too_many_and_too_few_frames(kit: Kit) -> None:
    bob = kit.person()
    room = kit.name("room")
    bob.refused("malformed", "SAY", "t", bob.user, room)
    bob.refused("malformed", "SAY", "t", bob.user, room, "x", "{}", "more")
    bob.refused("malformed", "PING", "t", bob.user, "more")
    bob.refused("malformed", "SAY", "t", bob.user, room, "x", "{}", "4", "5", "6")
    bob.ok("SAY", room, "x")


@case("| `verb` | | unknown verb |")
def an_unknown_verb(kit: Kit) -> None:
    kit.person().err("verb", "SHOUT", "x")


@case("A request that cannot be understood at all (no verb, no tag, or a tag that is too long)")
def no_tag(kit: Kit) -> None:
    bob = kit.person()
    for frames in (["PING"], ["PING", "t" * 33, bob.user]):
        bob.frames(*frames)
        reply = bob.reply(b"")
        must(not reply.ok, f"{frames} was taken")
    bob.frames("PING", "t" * 32, bob.user)
    must(bob.reply(b"t" * 32).ok, "a tag of 32 bytes is none too many")


@case("An empty json argument is as good as none", "keys stand once in an object, and no string holds")
def json_that_is_none(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    must(bob.ok("SAY", room, "x", "")["seq"] >= 1, "an empty json argument")
    bad = ["[]", "7", "{", '{"n":1,"n":1}', '{"data":{"a":1,"a":2}}', '{"data":{"a":"\\u0000"}}',
           '{"data":{"a":9223372036854775808}}', '{"data":{"a":1e999}}', '{"a":NaN}', b"\xff{}"]  # fmt: skip
    for json in bad:
        bob.refused("malformed", "SAY", "t", bob.user, room, "x", json)
    must(len(bob.history(room)) == 1, "something of that was stored")
    bob.ok("SAY", room, "x", '{"data":{"a":9223372036854775807,"b":-9223372036854775808,"c":1e308}}')


@case("| `limit` | `limit` (the number), `what` |", "OK `{\"seq\":n,\"time\":ms}` once it is ordered")
def bodies(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    reply = bob.err("limit", "SAY", room, "x" * 65537)
    must(reply["limit"] == 65536, f"limit is the number: {reply.json}")
    for body in (b"", b"a\0b", b"\xff", b"\xed\xa0\x80", b"\xc0\xaf"):
        bob.refused("malformed", "SAY", "t", bob.user, room, body)
    bob.ok("SAY", room, "x" * 65536)
    must([len(e.body) for e in bob.history(room)] == [65536], "what was refused is not stored, 65,536 bytes are")


@case("an **empty user** is a guest: it reads", "| `guest` | | guests only read |", "Absent for a guest",
      "A guest is in no room: its `heads` are empty", "a guest may ask too, naming one", "`\"\"` for a guest")  # fmt: skip
def a_guest(kit: Kit) -> None:
    bob, guest, room = kit.person(), kit.guest(), kit.name("room")
    bob.ok("JOIN", room)
    bob.ok("SAY", room, "x")
    must(guest.ok("WHO", room)["users"] == [bob.user], "WHO lists who speaks, and no guest")
    for verb, arguments in (("ROOMS", []), ("TOPIC", [room]), ("SYNC", ["n"]), ("KEYS", [bob.user])):
        guest.ok(verb, *arguments)
    must([e.body for e in guest.history(room)] == ["x"], "HISTORY for a guest")
    must(guest.ok("PING")["heads"] == {}, "a guest has no heads")
    guest.err("guest", "SAY", room, "y")
    hello = guest.ok("HELLO").json
    must(hello["user"] == "" and not {"session", "resumed", "proven", "admin"} & set(hello), f"HELLO of a guest: {hello}")


@case("the **first request** with a name binds the connection", "A connection speaks under one name; another is refused with `identity`",
      "The broker checks it against the connection", "| `identity` |", "The user stands in every request")  # fmt: skip
def one_name_a_connection(kit: Kit) -> None:
    bob, room = kit.stranger(), kit.name("room")
    bob.ok("SAY", room, "x")
    bob.err("identity", "SAY", room, "y", user=kit.name())
    kit.person(kit.name()).ok("SAY", room, "z")
    must([e.user for e in bob.history(room)][0] == bob.user, "the user of the event is who said it")


@case("JOIN, PART, setting a TOPIC, BYE and everything under", "| `hello` | | HELLO first, or again |")
def hello_before(kit: Kit) -> None:
    bob, room = kit.stranger(), kit.name("room")
    bob.ok("SAY", room, "x")
    for verb, arguments in (("JOIN", [room]), ("PART", [room]), ("TOPIC", [room, "t"]), ("BYE", []), ("TELL", [bob.user, "x"]),
                            ("MODE", [room, {"set": "lock"}]), ("REMOVE", [room, "1"]), ("INVITE", [room, "x"]),
                            ("KICK", [room, "x"])):  # fmt: skip
        bob.err("hello", verb, *arguments)


@case("| `taken` | `wait_ms` where it will become free", "is refused first with a short `wait_ms` (250 at most)",
      "Where it is not, the next `taken` is without", "(`taken` if not)")  # fmt: skip
def a_name_that_is_held(kit: Kit) -> None:
    bob = kit.person()
    other = kit.stranger(bob.user)
    wait = other.err("taken", "HELLO").json.get("wait_ms", 0)
    must(wait <= 250, f"the first refusal waits 250 ms at most, not {wait}")
    end = time.monotonic() + 5
    while "wait_ms" in (said := other.err("taken", "HELLO").json):
        must(time.monotonic() < end, "the holder is there, and yet there is a wait_ms")
        bob.ok("PING")
        time.sleep(said["wait_ms"] / 1000)
    other.err("taken", "SAY", kit.name("room"), "x")


@case("is kept for it for 5 s; meanwhile others get `taken` with `wait_ms`", "the session leaves its rooms and its name is kept",
      "The name is free again when the connection ends", "Without key and token a name is held as long as its connection")  # fmt: skip
def a_name_after_its_connection(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    bob.ok("JOIN", room)
    quick = kit.stranger()
    quick.ok("SAY", room, "x")
    quick.close()
    begin = time.monotonic()
    bob.close()
    other = kit.stranger(bob.user)
    waited = []
    while True:
        reply = other.ask("HELLO")
        if reply.ok:
            break
        must(reply.code == "taken" and time.monotonic() - begin < 20, f"the name does not become free: {reply.json}")
        waited.append(reply.json.get("wait_ms", 0))
        time.sleep(min(max(waited[-1], 20), 1000) / 1000)
    took = time.monotonic() - begin
    must(took > 3 and max(waited) > 250, f"it was free after {took:.1f} s, and others waited {waited}")
    must(other.ok("WHO", room)["members"] == 0, "the lost session is still in its room")
    again = kit.stranger(quick.user)
    end = time.monotonic() + 10
    while not again.ask("SAY", room, "y").ok:
        must(time.monotonic() < end, "without a session the name is free with its connection")
        time.sleep(0.05)


@case("A client sets no routing id: requests from a connection that did are refused with `malformed`")
def a_routing_id(kit: Kit) -> None:
    if kit.encrypted:
        raise Skip("encrypted, what it set is not used")
    socket = kit.socket(zmq.DEALER, None)
    socket.routing_id = b"mine"
    socket.connect(kit.door)
    frames = [b"SAY", b"1", kit.name().encode(), b"room", b"x"]
    kit.transcript.note("mine", ">", frames)
    socket.send_multipart(frames)
    if not socket.poll(5000):
        return  # closed before it was answered
    answer = socket.recv_multipart()
    kit.transcript.note("mine", "<", answer)
    must(answer[0] == b"ERR" and parse(answer[2])["code"] == "malformed", f"answered {answer}")


@case("Users and rooms: UTF-8 in NFC, 1 to 32 code points", "No `/`, no spaces, no control or format characters",
      "A name whose letters mix Latin, Greek and Cyrillic", "| `name` | | the name is not allowed", "no user or room can have that name")  # fmt: skip
def names(kit: Kit) -> None:
    bob = kit.person()
    for name in ("", " ", "a b", "a/b", "#", "...", "-", "_", "a\n", "a\u202e", "a\u200b", "a\u200cb", "p\u0430ul", "\u03b1b",
                 "x" * 33, "\U0001f642", "a\u00a0", "\ufeffa", b"\xff"):  # fmt: skip
        bob.frames("SAY", "t", bob.user, name, "x")
        reply = bob.reply(b"t")
        must(not reply.ok and reply.code in ("name", "malformed"), f"the room {name!r} was answered {reply.json}")
    bob.refused("name", "SAY", "t", bob.user, "a b", "x")
    kit.stranger("@").err("name", "HELLO")
    tail = kit.run
    for name in (f"й{int(tail, 16)}", f"名.{tail}", f"x-{tail}_"):
        bob.ok("JOIN", name)


@case("A request may hold a name in another normalisation form", "A room has one spelling: that of whoever named it first",
      "JOIN and HISTORY accept every spelling and answer with that one", "what it says is NFC")  # fmt: skip
def spellings(kit: Kit) -> None:
    bob = kit.person()
    room = f"Café.{kit.run}"
    must(bob.ok("JOIN", unicodedata.normalize("NFD", room))["room"] == room, "the broker makes NFC of it")
    feed = kit.feed(bob, f"room/{room}/")
    must(bob.ok("JOIN", room.upper())["room"] == room, "the spelling of whoever named it first")
    bob.ok("SAY", room.lower(), "x")
    must(bob.ok("HISTORY", room.upper())["room"] == room, "HISTORY answers with that spelling")
    must([e.room for e in feed.events() if e.type == "say"] == [room], "the topic carries that spelling")


@case("Each name has two keys; two names are the same where", "So `сор` in Cyrillic and `cop` are the same", "`иван` and `ivan` are two",
      "The *fold*: casefold", "Joiners (U+200C, U+200D) are left out first", "Take NFD; replace each code point by its prototype", "One change: what has the prototype `l`")  # fmt: skip
def names_that_are_the_same(kit: Kit) -> None:
    bob = kit.person()
    tail = f".{kit.run.translate(str.maketrans('01', '23'))}".replace("l", "k")
    pairs = [("cob", "сов", False), ("Straße", "STRASSE", True), ("pauI", "paul", True), ("b0b", "bob", True),
             ("rnaria", "maria", True), ("ﬁn", "fin", True), ("ian", "lan", False), ("é", "e", False)]  # fmt: skip
    for one, other, same in pairs:
        room = bob.ok("JOIN", one + tail)["room"]
        if all(ord(c) < 0x400 for c in other):
            got = bob.ok("WHO", other + tail)["members"] == 1
            must(got == same, f"{one} and {other} {'are the same' if same else 'are two'}")
        bob.ok("PART", room)
    bob.ok("JOIN", "cop")
    must(bob.ok("WHO", "сор")["members"] >= 1, "сор in Cyrillic and cop are the same")


@case("Names that sound like the broker or who runs it (`admin`, `system`, `zchat`, ...) are refused with `name`")
def reserved_names(kit: Kit) -> None:
    for name in ("admin", "System", "zchat", "z.c-h_a.t", "aámin".replace("aá", "ad")):
        kit.stranger(name).err("name", "HELLO")


@case("A frame of more than 1 MiB ends the connection")
def a_frame_that_is_too_long(kit: Kit) -> None:
    bob = kit.stranger()
    bob.frames("SAY", "t", bob.user, kit.name("room"), "x" * ((1 << 20) + 1))
    try:
        reply = bob.reply(b"t", 1.0)
    except Wrong:
        return
    raise Wrong(f"it was answered {reply.json}")


@case("The code is stable; the text says what to do", "`ERR tag {\"code\",\"text\",...}`")
def errors_have_texts(kit: Kit) -> None:
    reply = kit.guest().err("guest", "SAY", kit.name("room"), "x")
    must(isinstance(reply["text"], str) and reply["text"], "text is for people")
