"""Replies, mentions, edits, reactions, marks, read markers, search, being away."""

from __future__ import annotations

import os
import time

from .cases import case
from .link import Kit
from .wire import must


@case("`re` in SAY is the seq of a message in the same room that is answered", "carries it in `data`, as `{\"zchat\":{\"re\":n}}`", "in it is the broker's (`malformed`)")
def replies(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    seq = bob.ok("SAY", room, "who?")["seq"]
    bob.ok("SAY", room, "I", {"re": seq, "data": {"x": 1}})
    data = bob.history(room)[-1].data
    must(data["zchat"]["re"] == seq and data["x"] == 1, f"data of a reply: {data}")
    bob.err("nobody", "SAY", room, "x", {"re": seq + 100})


@case("Who said a message (`say`, `action`) under a proven name gives it another text", "Stored as an `edit`: user, the new text", "| `edit` | 10 | yes |",
      "`nobody` where there is no such message, `operator` where it is not one's own", "What is stored of the message has the new text from then on", proof=True)  # fmt: skip
def edits(kit: Kit) -> None:
    bob, anna, room = kit.owner(), kit.owner(), kit.name("room")
    feed = kit.feed(anna, f"room/{room}/")
    seq = bob.ok("SAY", room, "helo", {"data": {"x": 1}})["seq"]
    mine = os.urandom(16).hex()
    stored = bob.ok("EDIT", room, str(seq), "hello", {"producer": mine, "n": 1})
    must(bob.ok("EDIT", room, str(seq), "hello", {"producer": mine, "n": 1})["duplicate"] is True, "one count with SAY")
    bob.ok("SAY", room, "next", {"producer": mine, "n": 2})
    event = next(e for e in feed.events() if e.type == "edit")
    must((event.user, event.body, event.data, event.seq) == (bob.user, "hello", {"seq": seq}, stored["seq"]), f"edit: {event}")
    first = anna.history(room)[0]
    must((first.type, first.body, first.data) == ("say", "hello", {"x": 1}), f"the message has the new text, its data stays: {first}")
    anna.err("operator", "EDIT", room, str(seq), "mine")
    bob.err("nobody", "EDIT", room, str(seq + 100), "x")
    bob.err("malformed", "EDIT", room, str(seq), "")
    bob.ok("EDIT", room, str(seq), "hello!")
    bodies = [e.body for e in anna.history(room) if e.type == "edit"]
    must(bodies == ["", "hello!"], f"of the edits the last one alone has a body: {bodies}")


@case("`proof` where the name is not proven")
def edits_want_proof(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    seq = bob.ok("SAY", room, "x")["seq"]
    bob.err("proof", "EDIT", room, str(seq), "y")


@case("A short text (an emoji or a word: 1 to 32 bytes", "Stored as `react` or `unreact`", "Where it is so already, nothing is stored", "| `react` | 11 | yes |", "| `unreact` | 12 | yes |",
      "20 texts a message (`limit`")  # fmt: skip
def reactions(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    seq = bob.ok("SAY", room, "x")["seq"]
    anna.ok("REACT", room, str(seq), "👍")
    must(anna.ok("REACT", room, str(seq), "👍")["duplicate"] is True, "it is so already")
    anna.ok("UNREACT", room, str(seq), "👍")
    must(anna.ok("UNREACT", room, str(seq), "👍")["duplicate"] is True, "it is so already")
    events = [(e.type, e.user, e.body, e.data) for e in bob.history(room) if e.type in ("react", "unreact")]
    must(events == [("react", anna.user, "👍", {"seq": seq}), ("unreact", anna.user, "👍", {"seq": seq})], f"events: {events}")
    for text in ("", "a b", "x" * 33, "a\u0007"):
        must(not anna.ask("REACT", room, str(seq), text).ok, f"{text!r} is no reaction")
    anna.err("nobody", "REACT", room, str(seq + 100), "x")
    for number in range(20):
        anna.ok("REACT", room, str(seq), f"t{number}")
    anna.err("limit", "REACT", room, str(seq), "one-more")


@case("HISTORY brings messages as they are now", "there is behind each that was edited or has reactions a **`marks`**", "`marks` (true: what became of messages comes behind them", "| `marks` | 20 | no; in HISTORY |",
      "that all up to `at` is in it", "`marks` count neither for `limit` nor for `more`")  # fmt: skip
def marks(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    seqs = [bob.ok("SAY", room, f"m{number}")["seq"] for number in range(3)]
    anna.ok("REACT", room, str(seqs[0]), "+1")
    bob.ok("REACT", room, str(seqs[0]), "+1")
    for form in ("events", "pack"):
        page = anna.ok("HISTORY", room, {"after": seqs[0] - 1, "limit": 2, "form": form, "marks": True})
        must([e.type for e in page.mail] == ["say", "marks", "say"] and page["more"] is True, f"say, marks, say: {page.mail}")
        event = page.mail[1]
        must((event.seq, event.user, event.body) == (0, "", ""), f"marks has no seq, user, body: {event}")
        reaction = event.data["reactions"]["+1"]
        must(event.data["seq"] == seqs[0] and event.data["at"] >= seqs[-1] + 2, f"seq and at: {event.data}")
        must((reaction["count"], reaction["users"], reaction["mine"]) == (2, [anna.user, bob.user], True), f"reactions: {reaction}")
        must("edited" not in event.data, "what is not so is left out")
        bare = anna.ok("HISTORY", room, {"after": seqs[0] - 1, "limit": 2, "form": form})
        must([e.type for e in bare.mail] == ["say", "say"], f"marks for who did not ask: {bare.mail}")


@case("`@name` in what is said in a room", "Whose name is proven gets a `mention` into the mailbox", "| `mention` | 13 | in `@` |", "The event carries in `data` `{\"zchat\":{\"mentions\":[name,...]",
      proof=True)  # fmt: skip
def mentions(kit: Kit) -> None:
    bob, anna, room = kit.owner(), kit.owner(), kit.name("room")
    anna.ok("JOIN", "@")
    seq = bob.ok("SAY", room, f"look, @{anna.user}: x")["seq"]
    event = anna.told(lambda e: e.type == "mention", "the mention")
    must((event.room, event.user, event.data) == ("@", bob.user, {"room": room, "seq": seq}), f"mention: {event}")
    must(bob.history(room)[0].data["zchat"]["mentions"] == [anna.user], "the event names whom it mentions")
    bob.ok("SAY", room, f"me@{anna.user} and @{bob.user}")
    must("mentions" not in ((bob.history(room)[1].data or {}).get("zchat") or {}), "not behind a letter, and not oneself")


@case("With seq: what is in the room up to it is read by the user", "It only goes forward: a smaller one changes nothing", "OK `{\"room\",\"read\",\"head\"}`, at once",
      "Without seq: OK `{\"room\",\"read\",\"head\",\"mentions\"}`", "sessions of the name that joined `@` get a `read`", "| `read` | 19 | no; in `@` |",
      "OK `{\"rooms\":[{\"room\",\"read\",\"head\",\"first\",\"mentions\"},...]}`", proof=True)  # fmt: skip
def read_markers(kit: Kit) -> None:
    bob, anna, room = kit.owner(), kit.owner(), kit.name("room")
    seqs = [bob.ok("SAY", room, f"m{number}")["seq"] for number in range(5)]
    device = kit.owner(anna.user, anna.own)
    device.ok("JOIN", "@")
    told = anna.ok("READ", room, str(seqs[2])).json
    must((told["room"], told["read"], told["head"]) == (room, seqs[2], seqs[4]), f"READ: {told}")
    event = device.told(lambda e: e.type == "read", "read")
    must((event.room, event.user, event.data) == ("@", anna.user, {"room": room, "seq": seqs[2]}), f"read: {event}")
    must(anna.ok("READ", room, str(seqs[0]))["read"] == seqs[2], "it only goes forward")
    must(anna.ok("READ", room, str(seqs[4] + 50))["read"] == seqs[4], "one beyond the head counts as the head")
    must(device.ok("READ", room)["mentions"] == 0 and device.ok("READ", room)["read"] == seqs[4], "READ without seq")
    bob.ok("SAY", room, f"@{anna.user}")
    mine = next(r for r in anna.ok("UNREAD")["rooms"] if r["room"] == room)
    must((mine["read"], mine["head"] - mine["read"], mine["mentions"]) == (seqs[4], 1, 1), f"UNREAD: {mine}")
    must(anna.ok("JOIN", room)["read"] == seqs[4], "JOIN tells it")


@case("With seq: what is in the room up to it is read by the user")
def read_wants_proof(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    bob.ok("SAY", room, "x")
    bob.err("proof", "READ", room, "1")


def searched(door, query: str, count: int, **options) -> list:
    end = time.monotonic() + 10
    while True:
        reply = door.ok("SEARCH", query, options)
        if len(reply["hits"]) >= count or time.monotonic() > end:
            return reply["hits"]
        time.sleep(0.05)


@case("Finds messages (`say`, `action`, `tell`, `told`, `topic`), newest first", "| `word` | a word, whatever the case", "| `wor*` |", "| `\"two words\"` |", "| `from:name` |", "| `in:room` |",
      "| `has:link` |", "At least one word, or `from:`, is needed", "| `after:2026-11-28`, `before:2026-11-28` |", "`next` is there where there may be more", "The query, up to 512 bytes, consists of words", "OK `{\"hits\":[", "A guest finds what was said in public")  # fmt: skip
def search(kit: Kit) -> None:
    bob, room = kit.person(), kit.name("room")
    word = "q" + kit.run
    one = bob.ok("SAY", room, f"The {word} brown fóx")["seq"]
    two = bob.ok("SAY", room, f"{word} http://example.org")["seq"]
    hits = searched(bob, word, 2)
    must([h["seq"] for h in hits] == [two, one], f"newest first: {hits}")
    begin, length = hits[1]["found"][0]
    must(hits[1]["text"].encode()[begin : begin + length] == word.encode(), f"found is in bytes: {hits[1]}")
    must((hits[0]["room"], hits[0]["user"], hits[0]["type"]) == (room, bob.user, "say"), f"a hit: {hits[0]}")
    for query, want in ((f"{word.upper()} FOX", [one]), (f"{word[:4]}* in:{room} fox", [one]), (f'"{word} brown"', [one]), (f'"brown {word}"', []),
                        (f"{word} from:me", [two, one]), (f"{word} from:{bob.user} has:link", [two]), (f"{word} nothing", []),
                        (f"{word} after:2020-01-01 before:2020-01-02", [])):  # fmt: skip
        got = [h["seq"] for h in bob.ok("SEARCH", query)["hits"]]
        must(got == want, f"{query}: {got} instead of {want}")
    must(len(kit.guest().ok("SEARCH", word)["hits"]) == 2, "a guest finds what was said in public")
    page = bob.ok("SEARCH", word, {"limit": 1})
    must([h["seq"] for h in page["hits"]] == [two] and "next" in page.json, "a page, and next")
    must([h["seq"] for h in bob.ok("SEARCH", word, {"before": page["next"], "limit": 5})["hits"]] == [one], "before: next")
    bob.err("malformed", "SEARCH", "has:link")


@case("One is away, with a text", "WHO shows it, in every room and for all sessions of the name", "It is not stored, and ends when the user says something", "OK `{\"room\",\"members\":n,\"users\":[name,...],\"away\"",
      "`away` is absent where nobody of these is away")  # fmt: skip
def away(kit: Kit) -> None:
    bob, anna, room = kit.person(), kit.person(), kit.name("room")
    bob.ok("JOIN", room)
    must("away" not in anna.ok("WHO", room).json, "nobody is away")
    bob.ok("AWAY", "lunch")
    must(anna.ok("WHO", room)["away"] == {bob.user: "lunch"}, "WHO shows it")
    bob.ok("SAY", room, "back")
    must("away" not in anna.ok("WHO", room).json, "it ends when the user says something")
    bob.ok("AWAY", "x" * 200)
    bob.ok("AWAY")
    must("away" not in anna.ok("WHO", room).json, "or says so")
    bob.err("limit", "AWAY", "x" * 201)
