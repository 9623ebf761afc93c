"""What wants proven names: keys, private rooms, moderation. Only encrypted."""

from __future__ import annotations

import time

from . import keys
from .cases import case
from .link import Kit, pair
from .wire import must


@case("A HELLO with `\"claim\":true` over a connection with a key **claims** a free name", "from then on only its owner's keys",
      "what is owned it opens without asking", "A name is **proven** where the connection shows", proof=True)  # fmt: skip
def a_claimed_name(kit: Kit) -> None:
    bob = kit.owner()
    room = kit.name("room")
    bob.ok("SAY", room, "x")
    bob.ok("BYE")
    reply = kit.stranger(bob.user).err("taken", "HELLO")
    must(reply.json.get("owned") is True, f"owned is true where it is somebody's: {reply.json}")
    again = kit.stranger(bob.user, bob.own)
    must(again.ok("HELLO")["proven"] is True, "its owner's key opens it without asking")
    must(again.ok("KEYS").json["keys"] == [keys.encode(bob.own[0])], "KEYS tells the owner's key")


@case("A key that does not ask holds a free name as long as its connection", proof=True)
def a_key_that_does_not_ask(kit: Kit) -> None:
    bob = kit.stranger()
    must(bob.ok("HELLO")["proven"] is False, "it was not asked to be claimed")
    must(bob.ok("KEYS").json["keys"] == [], "a name that is only held has no keys")
    bob.ok("BYE")
    kit.owner(bob.user)


@case("Several connections may have the same proven name at once, up to 16", "listed once, who joins with the first and leaves with the last",
      proof=True)  # fmt: skip
def several_devices(kit: Kit) -> None:
    bob, room = kit.owner(), kit.name("room")
    two = kit.owner(bob.user, bob.own)
    watcher = kit.person()
    feed = kit.feed(watcher, f"room/{room}/")
    bob.ok("JOIN", room)
    two.ok("JOIN", room)
    must(watcher.ok("WHO", room)["users"] == [bob.user], "listed once")
    bob.ok("PART", room)
    two.ok("PART", room)
    watcher.ok("SAY", room, "x")
    must([e.type for e in feed.events()][:2] == ["join", "leave"], "joins with the first, leaves with the last")


@case("OK `{\"user\",\"proven\",\"keys\":[key,...]}`", "`{\"add\":key}` (up to 8 keys a name)", "`{\"remove\":key}` (not the last one, `limit`",
      "`vouches` is there where there are any", "`nobody` where it is none of them", "OK as of KEYS", "`{\"free\":true}`: the name is given up",
      "A name that is only held has `proven` false and no keys", "`nobody` where it belongs to nobody and nobody is here under it.", proof=True)  # fmt: skip
def keys_of_a_name(kit: Kit) -> None:
    bob, phone = kit.owner(), pair()
    text = keys.encode(phone[0])
    added = bob.ok("KEY", {"add": text, "vouch": "A" * 140}).json
    must(sorted(added["keys"]) == sorted([keys.encode(bob.own[0]), text]), f"two keys: {added}")
    must(added["vouches"] == {text: "A" * 140}, "the vouch is told")
    must(kit.guest().ok("KEYS", bob.user).json["keys"] == added["keys"], "a guest may ask")
    device = kit.stranger(bob.user, phone)
    must(device.ok("HELLO")["proven"] is True, "the new key opens the name")
    bob.err("malformed", "KEY", {"add": "x"})
    bob.err("nobody", "KEY", {"remove": keys.encode(pair()[0])})
    bob.ok("KEY", {"remove": text})
    device.err("hello", "JOIN", kit.name("room"))
    must(bob.err("limit", "KEY", {"remove": keys.encode(bob.own[0])}), "not the last one")
    kit.guest().err("nobody", "KEYS", kit.name("none"))
    bob.ok("KEY", {"free": True})
    reply = kit.stranger(bob.user).err("taken", "HELLO")
    must(reply.json.get("wait_ms", 0) > 24 * 3600 * 1000, f"nobody can have it for 30 days: {reply.json}")


@case("A private room is made by JOIN with `private`", "To all others it answers `private`", "It is never on the feed", 
      "An operator makes the user of that (proven) name a member", "A member reads the whole history; who was removed reads nothing more",
      "A public room that is there makes it `taken`", "Its members stay members, here or not", "| `private` | | the room is private", "| `invite` | 8 |",
      "Everything else is as in a public room", "json: `private` (true: make the room, a private one", proof=True)  # fmt: skip
def private_rooms(kit: Kit) -> None:
    anna, bob, eve, den = kit.owner(), kit.owner(), kit.owner(), kit.name("den")
    info = anna.ok("JOIN", den, {"private": True})
    must((info["private"], info["role"]) == (True, "operator"), f"who makes it is its operator: {info.json}")
    feed = kit.feed(eve, "")
    bob.ok("JOIN", "@")
    for verb, arguments in (("JOIN", [den]), ("WHO", [den]), ("HISTORY", [den]), ("SAY", [den, "x"]), ("TOPIC", [den])):
        eve.err("private", verb, *arguments)
    anna.ok("INVITE", den, bob.user, "come")
    invite = bob.told(lambda e: e.type == "invite", "the invite")
    must((invite.room, invite.user, invite.body, invite.data) == ("@", anna.user, "come", {"room": den}), f"invite: {invite}")
    must(bob.ok("JOIN", den)["role"] == "member", "a member")
    seq = anna.ok("SAY", den, "psst")["seq"]
    event = bob.told(lambda e: e.room == den and e.type == "say", "what was said")
    must((event.body, event.seq) == ("psst", seq), f"say: {event}")
    must(den in bob.ok("PING")["heads"], "PING")
    must([e.data["set"] for e in bob.history(den) if e.type == "mode"] == ["create", "invite"], "create and invite are modes")
    must(den not in [r["room"] for r in eve.ok("ROOMS")["rooms"]], "it is not in the ROOMS of others")
    anna.ok("KICK", den, bob.user)
    bob.err("private", "HISTORY", den)
    feed.barrier()
    must(not [f for f in feed.frames if den.encode() in f[0]], "it is never on the feed")
    public = kit.name("public")
    eve.ok("SAY", public, "x")
    anna.err("taken", "JOIN", public, {"private": True})


@case("An **operator** of a room is the user with a proven name who first had something stored", "| `ban`, `unban` | JOIN, SAY and TOPIC are refused",
      "| `mute`, `unmute` |", "| `lock`, `unlock` | only operators set the topic |", "| `op`, `deop` |", "| `mode` | 4 | yes |", "Everything is stored in the room as a `mode`",
      "Without json: OK `{\"room\",\"private\",\"locked\",\"closed\"", "With json: `set`, one of the below", "nobody can ban or mute an operator",
      "| `banned` | `until` (ms)", "| `muted` | `until` (ms)", "| `create` | stands in a room that was made private; cannot be set", proof=True)  # fmt: skip
def moderation(kit: Kit) -> None:
    anna, eve, room = kit.owner(), kit.owner(), kit.name("room")
    anna.ok("SAY", room, "mine")
    eve.ok("JOIN", room)
    eve.err("operator", "MODE", room, {"set": "lock"})
    anna.err("malformed", "MODE", room, {"set": "create"})
    anna.ok("MODE", room, {"set": "mute", "user": eve.user, "for_ms": 60000})
    must(eve.err("muted", "SAY", room, "x")["until"] > time.time() * 1000, "until")
    anna.ok("MODE", room, {"set": "unmute", "user": eve.user})
    anna.ok("MODE", room, {"set": "lock"})
    eve.err("operator", "TOPIC", room, "x")
    anna.ok("MODE", room, {"set": "ban", "user": eve.user, "reason": "enough"})
    for verb, arguments in (("SAY", [room, "x"]), ("JOIN", [room])):
        reply = eve.err("banned", verb, *arguments)
        must("until" not in reply.json, "for good: without until")
    told = anna.ok("MODE", room).json
    must(told["locked"] is True and told["operators"] == [anna.user] and [b["user"] for b in told["bans"]] == [eve.user], f"MODE: {told}")
    anna.ok("MODE", room, {"set": "unban", "user": eve.user})
    anna.ok("MODE", room, {"set": "op", "user": eve.user})
    anna.err("operator", "MODE", room, {"set": "ban", "user": eve.user})
    modes = [(e.user, e.body, e.data["set"]) for e in anna.history(room) if e.type == "mode"]
    must((anna.user, "enough", "ban") in modes and len(modes) == 6, f"modes: {modes}")


@case("An operator, or who said it under a proven name, takes a message", "What is stored of it is from then on of type `gone`",
      "Stored as a `remove`, with `{\"seq\":n}` in data", "| `remove` | 5 | yes |", "| `gone` | 9 | yes |", "`nobody` where there is no such message.", proof=True)  # fmt: skip
def removing(kit: Kit) -> None:
    anna, bob, room = kit.owner(), kit.owner(), kit.name("room")
    anna.ok("SAY", room, "first")
    seq = bob.ok("SAY", room, "regret", {"data": {"x": 1}})["seq"]
    kit.owner().err("operator", "REMOVE", room, str(seq))
    bob.ok("REMOVE", room, str(seq), "sorry")
    events = bob.history(room)
    must([(e.type, e.body, e.data) for e in events[1:]] == [("gone", "", None), ("remove", "sorry", {"seq": seq})], f"gone, remove: {events}")
    must(events[1].user == bob.user, "gone: who said it")
    anna.err("nobody", "REMOVE", room, str(seq + 50))
    anna.err("malformed", "REMOVE", room, "x")


@case("Of a public room one can JOIN again", "| `leave` | 17 | no |" , "An operator puts a user out: their sessions leave the room", proof=True)
def kicking(kit: Kit) -> None:
    anna, eve, room = kit.owner(), kit.person(), kit.name("room")
    anna.ok("SAY", room, "mine")
    eve.ok("JOIN", room)
    feed = kit.feed(anna, f"room/{room}/")
    anna.ok("KICK", room, eve.user, "out")
    anna.ok("SAY", room, "x")
    left = [e for e in feed.events() if e.type == "leave"]
    must([e.data["reason"] for e in left] == ["kick"], f"leave with the reason kick: {left}")
    must(room not in eve.ok("PING")["heads"], "their sessions leave the room")
    eve.ok("JOIN", room)


@case("`ban`, `unban` | the user's are refused; `reason`", "`lock`, `unlock` | those of strangers are refused", "A stranger is who one has neither written to",
      "TELL and INVITE that are refused answer `banned`", "Whose direct messages and invitations a mailbox takes", "Without json MODE of `@` answers as of a room",
      "`allow`, `unallow` | the user is no stranger", "any other `set` is `malformed`", proof=True)  # fmt: skip
def ones_own_mailbox(kit: Kit) -> None:
    anna, bob, eve = kit.owner(), kit.owner(), kit.owner()
    anna.ok("MODE", "@", {"set": "ban", "user": eve.user})
    must("until" not in eve.err("banned", "TELL", anna.user, "x").json, "without until")
    bob.ok("TELL", anna.user, "x")
    anna.ok("MODE", "@", {"set": "lock"})
    bob.err("banned", "TELL", anna.user, "x")
    anna.ok("MODE", "@", {"set": "allow", "user": bob.user})
    bob.ok("TELL", anna.user, "x")
    told = anna.ok("MODE", "@").json
    must(told["locked"] is True and told["allowed"] == [bob.user] and [b["user"] for b in told["bans"]] == [eve.user], f"MODE of @: {told}")
    anna.err("malformed", "MODE", "@", {"set": "op", "user": bob.user})


@case("| `token` | | the token does not prove this name", proof=True)
def a_wrong_token(kit: Kit) -> None:
    kit.stranger().err("token", "HELLO", {"token": "0" * 64})
