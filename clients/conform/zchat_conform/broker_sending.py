"""Exactly once, the order of answers, data, direct messages without proof."""

from __future__ import annotations

import os

from .cases import case
from .link import Kit
from .wire import must


def producer() -> str:
    return os.urandom(16).hex()


@case("the next `n`: stored, OK", "an `n` already seen: OK `{\"duplicate\":true}`", "which seq that has is not told", "a hole: `ERR gap` with the `expected` n", "| `gap` | `expected` |",
      "each message stands once, in the sender's order", "`duplicate` is as good as OK")  # fmt: skip
def exactly_once(kit: Kit) -> None:
    bob, room, mine = kit.person(), kit.name("room"), producer()
    for n in (1, 2, 3):
        must("seq" in bob.ok("SAY", room, f"m{n}", {"producer": mine, "n": n}).json, "stored, OK")
    for n in (3, 1, 2):
        must(bob.ok("SAY", room, f"m{n}", {"producer": mine, "n": n}).json == {"duplicate": True}, "seen already, and no more")
    must(bob.err("gap", "SAY", room, "m6", {"producer": mine, "n": 6})["expected"] == 4, "expected")
    must(bob.err("gap", "SAY", room, "m5", {"producer": producer(), "n": 5})["expected"] == 1, "a new producer begins at 1")
    bob.ok("SAY", room, "m4", {"producer": mine, "n": 4})
    must([e.body for e in bob.history(room)] == ["m1", "m2", "m3", "m4"], "each stands once, in order")


@case("a `producer` wants an `n`, and without `producer` the two others count for nothing")
def an_n_of_nobody(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    for _ in range(2):
        must("seq" in bob.ok("SAY", room, "x", {"n": 7, "again": 3}).json, "an n without producer is no number of a message")
    bob.err("malformed", "SAY", room, "x", {"producer": producer()})
    bob.err("malformed", "SAY", room, "x", {"producer": producer(), "n": 0})
    must(len(bob.history(room)) == 2, "both stand there, and what is malformed does not")


@case("The broker keeps the last `n` of every producer in the same transaction", "So resend, in order, whatever was not acknowledged, across reconnects")
def exactly_once_over_a_new_connection(kit: Kit) -> None:
    bob, room, mine = kit.person(), kit.name("room"), producer()
    for n in (1, 2):
        bob.ok("SAY", room, f"m{n}", {"producer": mine, "n": n})
    session = bob.greeting["session"]
    bob.close()
    new = kit.stranger(bob.user)
    new.ok("HELLO", {"session": session})
    for n in (1, 2):
        must(new.ok("SAY", room, f"m{n}", {"producer": mine, "n": n})["duplicate"] is True, "over a new connection it is known too")
    new.ok("SAY", room, "m3", {"producer": mine, "n": 3})
    must([e.body for e in new.history(room)] == ["m1", "m2", "m3"], "each stands once")


@case("A refused message (`limit`, `malformed`, ...) does not count: its `n` goes to the next one", "`ERR` means: not stored")
def a_refused_message_does_not_count(kit: Kit) -> None:
    bob, room, mine = kit.person(), kit.name("room"), producer()
    bob.ok("SAY", room, "m1", {"producer": mine, "n": 1})
    bob.err("limit", "SAY", room, "x" * 70000, {"producer": mine, "n": 2})
    bob.err("malformed", "SAY", room, "", {"producer": mine, "n": 2})
    bob.ok("SAY", room, "m2", {"producer": mine, "n": 2})
    must([e.body for e in bob.history(room)] == ["m1", "m2"], "what was refused is not stored")


@case("A producer speaks on one connection at a time", "what still comes over the older is refused with `hello`")
def one_connection_a_producer(kit: Kit) -> None:
    bob, anna, room, mine = kit.person(), kit.person(), kit.name("room"), producer()
    bob.ok("SAY", room, "m1", {"producer": mine, "n": 1})
    anna.ok("SAY", room, "m2", {"producer": mine, "n": 2})
    bob.err("hello", "SAY", room, "m3", {"producer": mine, "n": 3})
    anna.ok("SAY", room, "m3", {"producer": mine, "n": 3})


@case("A sender names itself with a random 128-bit `producer` (32 hex digits in lower case, a secret)")
def producers_have_a_form(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    for options in ({"producer": "AB" * 16, "n": 1}, {"producer": "ab", "n": 1}, {"producer": producer()},
                    {"producer": producer(), "n": 0}, {"producer": producer(), "n": "1"}):  # fmt: skip
        bob.err("malformed", "SAY", room, "x", options)
    must(bob.history(room) == [], "nothing of that is stored")


@case("come in the order of their requests", "Replies to SAY, TELL and everything else that is stored", "OK means: ordered, and on disk")
def answers_come_in_order(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    tags = [bob.send("SAY", room, f"m{number}") for number in range(300)]
    while len(bob.replies) < len(tags):
        must(bob.take(), "300 answers")
    must([r.tag for r in bob.replies] == tags, "answers to SAY come in the order of the requests")
    seqs = [r["seq"] for r in bob.replies]
    must(seqs == list(range(seqs[0], seqs[0] + 300)), "seq in the order of the requests, without holes")
    events = bob.history(room, after=seqs[0] - 1, limit=1000)
    must([e.body for e in events] == [f"m{number}" for number in range(300)], "and so they stand in HISTORY")
    must([e.time for e in events] == [r["time"] for r in bob.replies], "with the time that was answered")


@case("which comes out in `meta` as it came in, byte for byte", "The key `zchat` in it is the broker's", "nested up to 32 deep")
def data_comes_out_as_it_came_in(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    texts = ['{"b":1,"a":[ 1 , 2.50,1e3,"\\u00e9é"],"c":{"d":null}}', '{ }', '{"x":-0,"y":0.10}']
    for text in texts:
        bob.ok("SAY", room, "x", f'{{"data":{text}}}')
    raw = [e.raw for e in bob.history(room)]
    must(texts[0].encode() in raw[0], f"byte for byte: {raw[0]!r}")
    must(texts[2].encode() in raw[2], f"byte for byte: {raw[2]!r}")
    bob.err("malformed", "SAY", room, "x", {"data": {"zchat": {}}})
    bob.err("malformed", "SAY", room, "x", {"data": [1]})
    bob.err("malformed", "SAY", room, "x", {"type": "topic"})
    bob.err("limit", "SAY", room, "x", {"data": {"x": "y" * 4097}})
    bob.err("limit", "SAY", room, "x", '{"data":' + '{"a":' * 33 + "1" + "}" * 33 + "}")
    bob.ok("SAY", room, "x", '{"data":' + '{"a":' * 32 + "1" + "}" * 32 + "}")


@case("but with `private` (true): what is said for a private room is refused with `private` where there is none")
def said_for_a_private_room(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    bob.err("private", "SAY", room, "x", {"private": True})
    must(bob.history(room) == [], "nothing was stored")


@case("Stored in two mailboxes in one transaction", "`nobody` where the name belongs to nobody and nobody is here under it",
      "`JOIN` of `@` makes this session one that direct messages are sent to", "| `nobody` | | nobody has this name |",
      "A name that is not proven has a mailbox too", "to oneself once, as `tell`",
      "| `tell` | 6 | in `@` |", "| `told` | 7 | in `@` |", "The room `@` is everybody's own **mailbox**")  # fmt: skip
def direct_messages(kit: Kit) -> None:
    bob, anna = kit.person(), kit.person()
    bob.err("nobody", "TELL", kit.name("none"), "x")
    for one in (bob, anna):
        one.ok("JOIN", "@")
    stored = bob.ok("TELL", anna.user, "psst", {"data": {"a": 1}})
    event = anna.told(lambda e: e.type == "tell", "tell")
    must((event.room, event.user, event.body, event.data) == ("@", bob.user, "psst", {"a": 1}), f"tell: {event}")
    event = bob.told(lambda e: e.type == "told", "told")
    must((event.room, event.user, event.body, event.seq, event.time) == ("@", anna.user, "psst", stored["seq"], stored["time"]), f"told: {event}")
    must([e.body for e in anna.history("@")] == ["psst"], "HISTORY knows the room @")
    must("@" in anna.ok("PING")["heads"], "PING knows the room @")
    bob.ok("TELL", bob.user, "to myself")
    must([(e.type, e.body) for e in bob.history("@")] == [("told", "psst"), ("tell", "to myself")], "to oneself once, as tell")


@case("json: `producer`, `n`, `data`, as in SAY (one count for both)")
def one_count_for_say_and_tell(kit: Kit) -> None:
    bob, anna, room, mine = kit.person(), kit.person(), kit.name("room"), producer()
    bob.ok("SAY", room, "one", {"producer": mine, "n": 1})
    bob.ok("TELL", anna.user, "two", {"producer": mine, "n": 2})
    must(bob.ok("TELL", anna.user, "two", {"producer": mine, "n": 2})["duplicate"] is True, "a TELL that is seen already")
    must(bob.err("gap", "TELL", anna.user, "x", {"producer": mine, "n": 4})["expected"] == 3, "one count for both")
    bob.ok("SAY", room, "three", {"producer": mine, "n": 3})


@case("A program that is done ends its producer by BYE")
def bye_ends_a_producer(kit: Kit) -> None:
    bob, room, mine = kit.person(), kit.name("room"), producer()
    bob.ok("SAY", room, "x", {"producer": mine, "n": 1})
    if "forgotten" in bob.greeting.json:
        bob.ok("BYE", {"producer": mine})
        new = kit.person()
        must(new.ok("SAY", room, "x", {"producer": mine, "n": 1})["duplicate"] is True, "for an hour it is still known")


@case("Of one's own mailbox (`@`) everybody is the master", "| `proof` | | it wants a proven name")
def what_wants_proof(kit: Kit) -> None:
    bob, anna = kit.person(), kit.person()
    bob.err("proof", "JOIN", kit.name("den"), {"private": True})
    bob.err("proof", "MODE", "@", {"set": "ban", "user": anna.user})
    bob.err("proof", "KEY", {"free": True})


@case("| `operator` | | only operators may do this |", "A refusal is `operator`")
def who_is_no_operator(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    seq = bob.ok("SAY", room, "x")["seq"]
    anna.err("operator", "MODE", room, {"set": "lock"})
    anna.err("operator", "KICK", room, bob.user)
    anna.err("operator", "REMOVE", room, str(seq))
    anna.err("operator", "PURGE", {"what": "names", "match": "*", "dry": True})
