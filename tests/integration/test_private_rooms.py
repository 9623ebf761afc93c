"""Private rooms: who is a member reads all of it, who is not finds none of it anywhere."""

import time

import pytest
import zmq

from support.client import Feed, quiet
from support.curve import Pair
from support.secure import bodies, rss, sanitized, seqs
from support.wait import wait_until

FORMS = ["events", "pack"]


@pytest.fixture
def people(safe, person):
    """Bob, who makes rooms; alice and carol, whom he invites; eve, whom nobody invites."""
    return [person(safe, user) for user in ("bob", "alice", "carol", "eve")]


def everywhere(one) -> str:
    """All that one has been sent and can still ask for, as text."""
    one.settle()
    found = repr(one.pushed)
    for room in ("den", "DEN"):
        for options in ({"after": 0}, {"form": "pack", "after": 0}, {"limit": 1}, {"before": 5}):
            reply = one.request("HISTORY", room, options)
            found += repr(reply.json) + repr(reply.mail)
    return found


# --- made and seen


def test_made_private(people, safe):
    bob, alice, _, eve = people
    made = bob.ask("JOIN", "den", {"private": True}).json
    assert made["private"] is True and made["role"] == "operator" and made["members"] == 1
    bob.ask("INVITE", "den", "alice")
    joined = alice.join("den").json
    assert joined["private"] is True and joined["role"] == "member" and joined["members"] == 2
    assert bob.ask("MODE", "den").json.items() >= {
        "room": "den", "private": True, "locked": False, "closed": False, "operators": ["bob"],
        "bans": [], "mutes": [],
    }.items()  # fmt: skip
    assert sorted(bob.ask("MODE", "den")["members"]) == ["alice", "bob"]
    public = eve.join("street").json
    assert public["private"] is False and public["role"] == ""
    eve.say("street", "first")
    assert eve.join("street")["role"] == "operator", "who spoke first"
    assert [r["room"] for r in eve.ask("ROOMS")["rooms"]] == ["street"]
    assert sorted(r["room"] for r in alice.ask("ROOMS")["rooms"]) == ["den", "street"]


def test_only_proven_names_make_one(broker, door):
    bob = door(broker, "bob", hello=True)
    assert bob.refused("JOIN", "den", {"private": True})["code"] == "proof"
    assert bob.ask("ROOMS")["rooms"] == [], "nor was a public one made"
    assert bob.refused("JOIN", "den", {"private": 1})["code"] == "malformed"


def test_a_public_room_stays_public(people):
    bob, _, _, eve = people
    bob.say("street", "for all")
    for one in (eve, bob):
        one.request("JOIN", "STREET", {"private": True})
        one.say("street", "still for all")
    reader = eve.device()
    assert len(bodies(reader.history_all("street"))) == 3
    assert reader.join("street")["private"] is False


def test_a_private_room_stays_private(people):
    """The last member's leaving opens nothing, nor does making it again."""
    bob, _, _, eve = people
    bob.found("den")
    bob.say("den", "the word")
    bob.ask("PART", "den")
    bob.ask("BYE")
    for options in ({}, {"private": False}, {"private": True}):
        assert eve.refused("JOIN", "den", options)["code"] == "private"
    assert "the word" not in everywhere(eve)


@pytest.mark.parametrize("spelling", ["den", "DEN", "ｄｅｎ"])
def test_refused_to_others(people, safe, person, spelling):
    bob, alice, _, eve = people
    bob.found("den", alice)
    seq = bob.say("den", "the word")["seq"]
    bob.ask("TOPIC", "den", "the plan")
    for request in (("JOIN",), ("WHO",), ("TOPIC",), ("TOPIC", "x"), ("HISTORY",),
                    ("HISTORY", {"after": 0, "form": "pack"}), ("SAY", "x"), ("MODE",),
                    ("MODE", {"set": "op", "user": "eve"}), ("INVITE", "eve"),
                    ("INVITE", "alice"), ("KICK", "alice"), ("REMOVE", seq),
                    ("SAY", "x", {"producer": "ab" * 16, "n": 1})):  # fmt: skip
        error = eve.refused(request[0], spelling, *request[1:])
        assert error["code"] == "private", (request, error)
        assert "word" not in repr(error) and "plan" not in repr(error) and "bob" not in repr(error)
    assert eve.refused("PART", spelling)["code"] in ("member", "private")
    assert eve.refused("KICK", spelling, "eve")["code"] in ("member", "private")
    guest = person(safe)
    for verb in ("WHO", "TOPIC", "HISTORY", "MODE"):
        assert guest.refused(verb, spelling)["code"] in ("private", "guest", "hello"), verb
    for one in (eve, guest):
        assert one.ask("ROOMS")["rooms"] == []
        reply = one.request("ROOMS", {"after": spelling})
        assert not reply.ok or reply["rooms"] == []
    alice.wait_body("the word")
    assert "the word" not in everywhere(eve) and "the plan" not in everywhere(eve)
    assert bob.history("den")["head"] == alice.history("den")["head"], "eve stored nothing"


# --- the feed


def test_nothing_of_it_is_on_the_feed(people, safe, capture):
    bob, alice, carol, eve = people
    feed = capture(safe, eve)
    bob.found("hideout", alice, carol)
    bob.say("hideout", "the-word")
    alice.say("hideout", "the-answer", type="action", data={"k": "the-data"})
    bob.ask("TOPIC", "hideout", "the-plan")
    bob.set("hideout", "mute", "carol", reason="the-reason")
    bob.set("hideout", "op", "alice")
    seq = bob.say("hideout", "the-mistake")["seq"]
    bob.ask("REMOVE", "hideout", seq, "the-remorse")
    carol.ask("PART", "hideout")
    bob.ask("KICK", "hideout", "carol", "the-boot")
    alice.ask("TELL", "bob", "the-whisper")
    alice.close()
    bob.wait(lambda e: e.type == "leave" and e.user == "alice")
    bob.ask("BYE")
    eve.say("street", "in-public")
    seen = feed.bytes()
    assert b"in-public" in seen and b"street" in seen
    for word in (b"hideout", b"the-", b"alice", b"carol", b"bob", b"whisper"):
        assert word not in seen, word


def test_guessed_topics_bring_nothing(people, safe, feed):
    bob, alice, _, eve = people
    guesses = ["room/den", "room/den/", "pack/den/", "room/@/", "pack/@/", "room/alice/",
               "room/DEN/", ""]  # fmt: skip
    live = feed_of(eve, safe, guesses)
    bob.found("den", alice)
    bob.say("den", "the word")
    alice.ask("TELL", "bob", "the word")
    bob.wait_body("the word")
    assert live.barrier(eve) == []


def feed_of(one, broker, topics):
    made = Feed(one.context, broker.feed)
    made.subscribe(*topics)
    made.sync(one)
    return made


# --- members


@pytest.mark.parametrize("form", FORMS)
def test_members_hear_everything_in_order(safe, person, form):
    bob = person(safe, "bob", form=form)
    alice = person(safe, "alice", form=form)
    bob.found("den", alice)
    second = alice.device(form=form)
    second.join("den")
    for number in range(50):
        (bob, alice, second)[number % 3].say("den", f"word {number}")
    wanted = [f"word {number}" for number in range(50)]
    for one in (bob, alice, second):
        one.wait_body("word 49")
        assert bodies(one.of("den")) == wanted, "own words too, as on the feed"
        got = seqs(one.of("den"))
        assert got == list(range(got[0], got[0] + len(got))), "in order, without holes"
    other_form = "pack" if form == "events" else "events"
    assert bodies(second.history_all("den", form=other_form)) == wanted
    assert second.ask("PING")["heads"] == {"den": got[-1]}
    assert [e.user for e in bob.of("den", "join") if e.user != "bob"] == ["alice"]


def test_a_guest_with_a_members_key_is_a_guest(people, safe, person):
    bob, alice, *_ = people
    bob.found("den", alice)
    bob.say("den", "the word")
    guest = person(safe, "", alice.pair)
    other_name = person(safe, "alice2", alice.pair)
    for one in (guest, other_name):
        assert one.refused("HISTORY", "den")["code"] == "private"
        assert one.refused("WHO", "den")["code"] == "private"
        assert "the word" not in everywhere(one)
    unsaid = alice.device(hello=False)
    assert bodies(unsaid.history_all("den")) == ["the word"], "but a name is enough to read"


def test_only_sessions_that_joined_are_sent_it(people):
    bob, alice, *_ = people
    bob.found("den", alice)
    second = alice.device()
    bob.say("den", "one")
    alice.wait_body("one")
    second.settle()
    assert second.of("den") == []
    assert bodies(second.history_all("den")) == ["one"], "but it may read"
    alice.ask("PART", "den")
    bob.say("den", "two")
    bob.wait_body("two")
    alice.settle()
    assert "two" not in bodies(alice.pushed)
    assert alice.join("den")["role"] == "member", "who parts stays a member"


def test_a_gap_is_mended_by_history(people):
    bob, alice, *_ = people
    bob.found("den", alice)
    last = bob.say("den", "before")["seq"]
    alice.wait_body("before")
    alice.back()
    alice.mail.clear()
    for number in range(10):
        bob.say("den", f"missed {number}")
    alice.join("den")
    assert alice.ask("PING")["heads"]["den"] == last + 10
    bob.say("den", "after")
    event = alice.wait_body("after")
    assert event.seq == last + 11 > last + 1, "the gap shows"
    events = [e for e in alice.history_all("den", after=last) if e.seq < event.seq]
    assert bodies(events) == [f"missed {number}" for number in range(10)]


def test_exactly_once_counts_over_public_and_private(people):
    bob, alice, *_ = people
    bob.found("den", alice)
    producer = "0123456789abcdef" * 2
    for n, room in enumerate(("den", "street", "den", "street"), 1):
        for again in (False, True):
            reply = bob.say(room, f"n {n}", producer=producer, n=n)
            assert reply.json.get("duplicate", False) is again
    assert bob.refused("SAY", "den", "x", {"producer": producer, "n": 9})["expected"] == 5
    assert bodies(alice.history_all("den")) == ["n 1", "n 3"]
    alice.wait_body("n 3")
    assert bodies(alice.of("den")) == ["n 1", "n 3"]


def test_an_invitation_waits_in_the_mailbox(people, safe):
    bob, alice, carol, eve = people
    carol.ask("BYE")
    bob.found("den")
    alice.join("@")
    reply = bob.ask("INVITE", "den", "alice", "come in").json
    invited = alice.wait(lambda e: e.type == "invite")
    assert (invited.user, invited.body, invited.data) == ("bob", "come in", {"room": "den"})
    assert invited.room == "@" and invited.seq == 1
    bob.ask("INVITE", "den", "CAROL")
    modes = [e for e in bob.history_all("den") if (e.data or {}).get("set") == "invite"]
    assert modes[0].seq == reply["seq"] and modes[0].time == reply["time"]
    assert [(m.user, m.body, m.data) for m in modes] == [
        ("bob", "come in", {"set": "invite", "user": "alice"}),
        ("bob", "", {"set": "invite", "user": "carol"}),
    ]
    safe.crash()
    carol.back("@")
    (waiting,) = carol.history_all("@")
    assert (waiting.type, waiting.user, waiting.data) == ("invite", "bob", {"room": "den"})
    bob.back()
    assert bob.refused("INVITE", "den", "nobody-here")["code"] == "nobody"
    alice.back("den")
    assert alice.refused("INVITE", "den", "eve")["code"] == "operator"
    assert eve.back().refused("JOIN", "den")["code"] == "private"
    assert bob.refused("INVITE", "den", "alice", "x" * 513)["code"] == "limit"


# --- removed


def test_who_was_removed_hears_nothing_more(people, safe):
    bob, alice, carol, _ = people
    bob.found("den", alice, carol)
    device = carol.device()
    device.join("den")
    own = carol.say("den", "by carol")["seq"]
    bob.say("den", "before")
    for one in (carol, device):
        one.wait_body("before")
    kicked = bob.ask("KICK", "den", "carol", "enough").json
    bob.say("den", "after the kick")
    left = alice.wait(lambda e: e.type == "leave" and e.user == "carol")
    assert left.data["reason"] == "kick"
    mode = alice.wait(lambda e: e.type == "mode" and (e.data or {}).get("set") == "kick")
    assert (mode.user, mode.body, mode.data["user"]) == ("bob", "enough", "carol")
    assert mode.seq == kicked["seq"]
    alice.wait_body("after the kick")
    for again in (False, True):
        for one in (carol, device):
            assert "after the kick" not in everywhere(one)
            for request in (("JOIN",), ("WHO",), ("HISTORY",), ("SAY", "x"), ("TOPIC",),
                            ("MODE",), ("REMOVE", own), ("JOIN", {"private": True})):  # fmt: skip
                assert one.refused(request[0], "den", *request[1:])["code"] == "private"
            assert "den" not in one.ask("PING")["heads"]
            assert [r for r in one.ask("ROOMS")["rooms"] if r["room"] == "den"] == []
        if not again:
            safe.crash()
            for one in (carol, device):
                one.back()
            bob.back("den")
            bob.say("den", "after the kick, again")
    bob.ask("INVITE", "den", "carol")
    carol.join("den")
    assert "after the kick" in bodies(carol.history_all("den")), "a member reads all of it"


def test_a_history_asked_before_is_answered_without_what_came_after(people):
    """The reader of the store is busy while the membership ends and more is said."""
    bob, alice, carol, _ = people
    bob.found("den", alice)
    for number in range(300):
        bob.post_say("den", "x" * 3000)
    bob.say("den", "filled")
    for turn in range(15):
        bob.ask("INVITE", "den", "carol")
        tags = [carol.post("HISTORY", "den", {"limit": 1000}) for _ in range(3)]
        tags.append(carol.post("HISTORY", "den", {"limit": 3}))
        out = bob.post("KICK", "den", "carol")
        said = bob.post("SAY", "den", f"secret {turn}")
        late = [carol.post("HISTORY", "den", {"limit": 3}) for _ in range(2)]
        assert bob.reply(out).ok and bob.reply(said).ok
        for tag in (*tags, *late):
            reply = carol.reply(tag)
            assert reply.ok or reply.code in ("private", "slow"), reply.json
            assert f"secret {turn}" not in bodies(reply.mail), (turn, tag)
        carol.settle()
        assert f"secret {turn}" not in bodies(carol.pushed)


def test_everybody_may_go(people, safe):
    bob, alice, carol, _ = people
    bob.found("den", alice, carol)
    alice.ask("KICK", "den", "alice", "I go")
    carol.wait(lambda e: e.type == "leave" and e.user == "alice")
    safe.crash()
    alice.back(), carol.back("den")
    assert alice.refused("JOIN", "den")["code"] == "private"
    assert carol.refused("KICK", "den", "bob")["code"] == "operator"
    assert carol.ask("MODE", "den")["members"].count("alice") == 0


def test_the_members_survive_a_crash(people, safe):
    bob, alice, carol, eve = people
    bob.found("den", alice)
    bob.ask("INVITE", "den", "carol")
    bob.set("den", "op", "alice")
    seq = bob.say("den", "before")["seq"]
    safe.crash()
    for one in people:
        one.back()
    assert carol.join("den")["role"] == "member", "invited, never there before"
    joined = alice.join("den").json
    assert joined["role"] == "operator" and joined["private"] is True and joined["head"] == seq
    assert eve.refused("JOIN", "den")["code"] == "private"
    assert alice.say("den", "after")["seq"] == seq + 1
    assert carol.wait_body("after").seq == seq + 1


def test_what_was_acknowledged_survives_a_kill_in_between(people, safe, person):
    """Invitations and removals sent ahead, the broker killed while they are on their way."""
    bob, *_ = people
    bob.found("den")
    users = [f"m{number}" for number in range(60)]
    members = [person(safe, user) for user in users]
    for stop in (7, 40, 95):
        tags = {}
        for user in users:
            tags[bob.post("INVITE", "den", user)] = (user, True)
            tags[bob.post("KICK", "den", user)] = (user, False)
        for tag in list(tags)[:stop]:
            assert bob.reply(tag).ok
        safe.kill()
        while bob.take(0.2):
            pass
        known = {}  # user -> whether it is a member, as far as it was acknowledged
        for place, (tag, (user, inside)) in enumerate(tags.items()):
            if place < stop or tag in bob.replies:
                known[user] = inside
            else:
                known.pop(user, None)
        safe.start()
        bob.back("den")
        listed = bob.ask("MODE", "den")["members"]
        for one in members:
            one.back()
            joins = one.request("JOIN", "den")
            assert joins.ok == (one.user in listed), "what is listed is what is held to"
            if one.user in known:
                assert joins.ok is known[one.user], (stop, one.user)
        said = [e.data for e in bob.history_all("den") if e.type == "mode"]
        last = {d["user"]: d["set"] == "invite" for d in said if d["set"] in ("invite", "kick")}
        assert {user for user, inside in last.items() if inside} == set(listed) - {"bob"}


# --- many


def test_many_members(safe, person, client, door):
    """Everybody gets everything in order, while the public rooms go on."""
    count, words = 240, 40
    bob = person(safe, "bob")
    bob.found("hall")
    members = [person(safe, f"m{number}") for number in range(count)]
    invited = [bob.post("INVITE", "hall", one.user) for one in members]
    assert all(bob.reply(tag).ok for tag in invited)
    joined = [(one, one.post("JOIN", "hall")) for one in members]
    head = {one.user: one.reply(tag)["head"] for one, tag in joined}
    eve = person(safe, "eve")
    public = feed_of(eve, safe, ["room/street/"])
    said = []
    for number in range(words):
        said.append(bob.post("SAY", "hall", f"word {number}"))
        eve.say("street", f"public {number}")
    events = public.until(lambda e: e.body == f"public {words - 1}")
    assert bodies(events) == [f"public {number}" for number in range(words)]
    first = bob.reply(said[0])["seq"]
    wanted = [(first + number, f"word {number}") for number in range(words)]
    for one in members:
        assert head[one.user] == first - 1
        one.wait_body(f"word {words - 1}")
        assert [(e.seq, e.body) for e in one.of("hall", "say")] == wanted, one.user
    assert bob.ask("WHO", "hall")["members"] == count + 1


def test_members_are_bounded(safe, person):
    bob = person(safe, "bob")
    bob.found("hall")
    names = []
    for _ in range(125):
        pair = Pair()
        made = [person(safe, f"m{len(names) + i}", pair, hello=False) for i in range(8)]
        tags = [one.post("HELLO", {"claim": True}) for one in made]
        assert all(one.reply(tag).ok for one, tag in zip(made, tags, strict=True))
        names += [one.user for one in made]
        for one in made:
            one.close()
    replies = []
    for name in names:
        while (reply := bob.request("INVITE", "hall", name)).code == "slow":
            time.sleep(reply["wait_ms"] / 1000)  # as it was told to
        replies.append(reply)
    assert all(reply.ok for reply in replies[:999])
    assert replies[999].code == "limit" and replies[999]["limit"] == 1000
    assert len(bob.ask("MODE", "hall")["members"]) == 1000
    bob.ask("KICK", "hall", names[5])
    bob.ask("INVITE", "hall", names[999])


def test_a_member_that_does_not_read_holds_nobody_up(people, safe, context):
    bob, alice, carol, _ = people
    bob.found("den", alice, carol)
    deaf = quiet(alice.context.socket(zmq.DEALER))
    deaf.setsockopt(zmq.RCVHWM, 1)
    deaf.setsockopt(zmq.RCVBUF, 4096)
    deaf.connect(safe.door)
    deaf.send_multipart([b"HELLO", b"1", b"alice", b'{"protocol":"ZCHAT/1"}'])
    deaf.recv_multipart()
    deaf.send_multipart([b"JOIN", b"2", b"alice", b"den"])
    alice.ask("PART", "den")
    before = rss(safe)
    for number in range(4000):
        bob.post_say("den", f"{number} " + "x" * 5000)
        if number % 100 == 99:
            carol.wait_body(f"{number} " + "x" * 5000)
            carol.mail.clear()
            while len(bob.replies) < number + 1:
                assert bob.take(20)
            bob.mail.clear()
    assert all(reply.ok for reply in bob.replies.values())
    print("grew by", (rss(safe) - before) >> 20, "MiB")
    assert rss(safe) - before < (400 if sanitized() else 48) << 20, "4 MiB and more wait at most"
    deaf.close(0)
    wait_until(lambda: bob.ask("PING").ok)
