"""What an admin may: only where the kit is given an admin's key (--admin FILE)."""

from __future__ import annotations

from .cases import case
from .link import Kit
from .wire import must


@case("An **admin**, whose key the broker is told to trust", "| `close`, `open` | admin", "| `closed` | | by an admin |", proof=True)
def an_admin_closes_a_room(kit: Kit) -> None:
    root, bob, room = kit.admin(), kit.owner(), kit.name("room")
    must(root.greeting["admin"] is True, "HELLO says admin")
    bob.ok("SAY", room, "mine")
    bob.ok("JOIN", room)
    bob.err("operator", "MODE", room, {"set": "close"})
    root.ok("MODE", room, {"set": "close"})
    for verb, arguments in (("SAY", [room, "x"]), ("JOIN", [room])):
        bob.err("closed", verb, *arguments)
    must(room not in bob.ok("PING")["heads"], "all leave")
    root.ok("MODE", room, {"set": "open"})
    bob.ok("SAY", room, "x")
    root.ok("KICK", room, bob.user)
    must(bob.history(room)[-1].data["set"] == "kick", "an admin puts an operator out")


@case("and every verb that names it is refused, to an admin JOIN, WHO, TOPIC, HISTORY and SAY", proof=True)
def an_admin_and_a_private_room(kit: Kit) -> None:
    root, bob, den = kit.admin(), kit.owner(), kit.name("den")
    bob.ok("JOIN", den, {"private": True})
    for verb, arguments in (("JOIN", [den]), ("WHO", [den]), ("TOPIC", [den]), ("HISTORY", [den]), ("SAY", [den, "x"])):
        root.err("private", verb, *arguments)
    root.ok("INVITE", den, root.user)
    must(root.ok("JOIN", den)["role"] in ("member", "operator"), "an admin may invite itself")
    must([e.data.get("user") for e in bob.history(den) if e.type == "mode"][-1] == root.user, "which its members see")


@case("For admins (`operator`): frees names, or removes rooms, in bulk", "`dry` (true) changes nothing", "Whoever is here by one loses the session", "One's own name stays",
      "OK `{\"names\":[{\"user\",\"since\",\"used\",\"place\"}],\"after\",\"more\"}`", "An admin may add `\"user\":name` to `free`",
      "`{\"what\":\"names\"}` or `{\"what\":\"rooms\"}`, and at least one of", proof=True)  # fmt: skip
def names_are_purged(kit: Kit) -> None:
    root, bob, anna = kit.admin(), kit.owner(), kit.owner()
    mine = {"what": "names", "match": f"*.{kit.run}"}
    root.err("malformed", "PURGE", {"what": "names"})
    told = root.ok("PURGE", {**mine, "dry": True}).json
    must(sorted(n["user"] for n in told["names"]) == sorted([bob.user, anna.user]), f"two names: {told}")
    must(told["more"] is False and all(n["used"] is False and n["since"] > 0 for n in told["names"]), f"names: {told}")
    must(bob.ok("KEYS")["proven"] is True, "dry changes nothing")
    root.ok("KEY", {"free": True, "user": anna.user})
    anna.err("hello", "JOIN", kit.name("room"))
    root.ok("PURGE", mine)
    bob.err("hello", "JOIN", kit.name("room"))
    must(root.ok("KEYS")["proven"] is True, "one's own name stays")
    kit.owner(bob.user)


@case("OK `{\"rooms\":[{\"room\",\"time\",\"head\",\"members\",\"private\",\"place\"}],\"after\",\"more\"}`", "A room is removed with its events, and its members see everybody leave",
      "A room that is made later, of this or another name, does not begin with seq 1", "Who is in a room that ends gets a `leave`, reason `\"close\"`", proof=True)  # fmt: skip
def rooms_are_purged(kit: Kit) -> None:
    root, bob, room = kit.admin(), kit.owner(), kit.name("room")
    bob.ok("JOIN", room)
    head = [bob.ok("SAY", room, f"m{number}")["seq"] for number in range(3)][-1]
    watcher = kit.person()
    feed = kit.feed(watcher, f"room/{room}/")
    told = root.ok("PURGE", {"what": "rooms", "match": room, "dry": True}).json
    must([(r["room"], r["head"], r["members"], r["private"]) for r in told["rooms"]] == [(room, head, 1, False)], f"a room: {told}")
    root.ok("PURGE", {"what": "rooms", "match": room})
    watcher.ok("SAY", kit.name("other"), "x")
    left = [(e.type, e.user, e.data["reason"]) for e in feed.events() if e.type == "leave"]
    must(left == [("leave", bob.user, "close")], f"everybody leaves: {left}")
    must(bob.history(room) == [] and room not in bob.ok("PING")["heads"], "its messages are no more")
    seq = bob.ok("SAY", room, "anew")["seq"]
    page = bob.ok("HISTORY", room, {"after": head})
    must(seq > head + 1 and page["first"] == seq, f"it begins beyond all seqs that were: {seq} after {head}, {page.json}")
