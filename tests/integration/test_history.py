"""HISTORY: what it gives, where it ends, what retention leaves of it."""

import pytest

from support.wait import wait_until


@pytest.fixture
def filled(broker, door):
    """A room with 250 messages, and somebody who may read it."""
    bob = door(broker, "bob")
    tags = [bob.post_say("dev", f"m{i}") for i in range(1, 251)]
    for tag in tags:
        assert bob.reply(tag).ok
    return door(broker)  # a guest: reading wants no name


def seqs(reply) -> list:
    return [event.seq for event in reply.mail]


@pytest.mark.parametrize("form", ["events", "pack"])
@pytest.mark.parametrize(
    "options, wanted, more",
    [
        ({}, range(151, 251), True),
        ({"limit": 1000}, range(1, 251), False),
        ({"limit": 250}, range(1, 251), False),
        ({"limit": 1}, [250], True),
        ({"after": 0}, range(1, 101), True),
        ({"after": 0, "limit": 1000}, range(1, 251), False),
        ({"after": 100, "limit": 10}, range(101, 111), True),
        ({"after": 240, "limit": 10}, range(241, 251), False),
        ({"after": 241, "limit": 10}, range(242, 251), False),
        ({"after": 250}, [], False),
        ({"after": 10**12}, [], False),
        ({"before": 11, "limit": 5}, range(6, 11), True),
        ({"before": 6, "limit": 5}, range(1, 6), False),
        ({"before": 3}, [1, 2], False),
        ({"before": 1}, [], False),
        ({"before": 10**12, "limit": 2}, [249, 250], True),
    ],
)
def test_which_events(filled, options, wanted, more, form):
    reply = filled.history("dev", form=form, **options)
    assert seqs(reply) == list(wanted)
    assert [e.body for e in reply.mail] == [f"m{i}" for i in wanted]
    assert all(e.user == "bob" and e.type == "say" and e.room == "dev" for e in reply.mail)
    assert (reply["room"], reply["head"], reply["first"]) == ("dev", 250, 1)
    assert reply["more"] is more


def test_both_forms_and_the_feed_say_the_same(broker, door, feed):
    bob = door(broker, "bob", hello=True)
    packs = feed(broker, bob, "pack/dev/")
    bob.join("dev")
    bob.say("dev", "x", data={"b": 1, "a": [2]})
    bob.say("dev", "waves", type="action")
    bob.ask("TOPIC", "dev", "t")
    bob.ask("TOPIC", "dev", "")
    live = [e for e in packs.barrier(bob) if e.stored]
    assert len(live) == 4
    assert bob.history("dev", form="events").mail == live
    assert bob.history("dev", form="pack").mail == live
    assert bob.history("dev").mail == live


def test_mail_comes_in_frames_of_the_form_asked_for(broker, door):
    bob = door(broker, "bob")
    bob.say("dev", "x")
    bob.send_raw("HISTORY", "t", "", "dev", {"form": "events"})
    mail, done = bob.recv_raw(), bob.recv_raw()
    assert mail[:5] == [b"EVENT", b"t", b"room/dev/", b"bob", b"x"] and len(mail) == 6
    assert done[:2] == [b"OK", b"t"]
    bob.send_raw("HISTORY", "t", "", "dev", {"form": "pack"})
    mail, done = bob.recv_raw(), bob.recv_raw()
    assert mail[:3] == [b"EVENT", b"t", b"pack/dev/"] and len(mail) == 4


def test_unknown_room(broker, door):
    guest = door(broker)
    reply = guest.history("nowhere")
    assert reply.mail == [] and reply["head"] == 0 and reply["more"] is False
    assert guest.ask("ROOMS")["rooms"] == [], "asking does not make a room"


@pytest.mark.parametrize("form", ["events", "pack"])
def test_a_run_ends_at_512_kib(broker, door, form):
    bob = door(broker, "bob")
    for i in range(30):
        bob.post_say("big", f"{i:4}" + "ж" * 30000)
    assert bob.ask("HISTORY", "big", {"after": 29}).ok
    wait_until(lambda: bob.history("big", limit=1)["head"] == 30)
    reply = bob.history("big", after=0, limit=1000, form=form)
    size = sum(len(e.body.encode()) for e in reply.mail)
    assert 60004 <= size <= 524288 and reply["more"] is True
    assert seqs(reply) == list(range(1, len(reply.mail) + 1))
    everything = bob.history_all("big", form=form)
    assert [e.seq for e in everything] == list(range(1, 31))
    last = bob.history("big", limit=1000, form=form)
    assert seqs(last)[-1] == 30 and last["more"] is True, "of the last ones, the last"


def test_any_spelling_of_the_room(broker, door):
    bob = door(broker, "bob")
    bob.say("Комната", "x")
    reply = bob.history("КОМНАТА")
    assert reply["room"] == "Комната" and [e.room for e in reply.mail] == ["Комната"]


def test_arguments_that_do_not_fit(broker, door):
    guest = door(broker)
    for options in (
        {"after": 1, "before": 5},
        {"after": -1},
        {"after": "1"},
        {"after": 1.5},
        {"before": -1},
        {"limit": 0},
        {"limit": -5},
        {"limit": "10"},
        {"form": "xml"},
        {"form": 1},
    ):
        assert guest.refused("HISTORY", "dev", options)["code"] == "malformed", options
    over = guest.request("HISTORY", "dev", {"limit": 1001})
    assert over.code == "limit" and over["limit"] == 1000


def test_a_long_replay_does_not_stop_the_room(broker, door):
    """Somebody asks for all and reads nothing; the others go on; then it all arrives."""
    bob, reader = door(broker, "bob"), door(broker)
    for i in range(40):
        bob.post_say("big", "x" * 60000)
    bob.say("big", "end")
    tags = [reader.post("HISTORY", "big", {"after": 0, "limit": 1000}) for _ in range(4)]
    for i in range(100):
        assert bob.say("dev", f"m{i}")["seq"] == i + 1
    for tag in tags:
        reply = reader.reply(tag)
        assert reply.ok and seqs(reply) == list(range(1, len(reply.mail) + 1))
        assert reply["more"] is True


def test_survives_a_restart(broker, door):
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    bob.say("dev", "one", data={"k": 1})
    bob.ask("TOPIC", "dev", "t")
    before = bob.history("dev").mail
    broker.restart()
    assert door(broker).history("dev").mail == before


# --- retention


def trimmed(door, room):
    first = door.history(room, limit=1)["first"]
    return first if first > 1 else None


def test_retention_by_age(brokers, door):
    broker = brokers(args=["--retain", "1s"])
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    for i in range(20):
        bob.say("dev", f"old {i}")

    def all_gone():
        return bob.history("dev", limit=1)["first"] == 21

    wait_until(all_gone, deadline=50, what="the old ones are trimmed", pause=0.2)
    reply = bob.history("dev", after=0)
    assert reply.mail == [] and reply["head"] == 20 and reply["first"] == 21
    assert bob.ask("PING")["heads"] == {"dev": 20}
    assert bob.join("dev")["first"] == 21
    assert bob.say("dev", "young")["seq"] == 21, "numbering goes on"
    broker.restart()
    after = door(broker).history("dev", limit=1)
    assert after["head"] == 21 and after["first"] in (21, 22), "and after a restart"


def test_retention_by_size(brokers, door):
    broker = brokers(args=["--retain", "1M"])
    bob = door(broker, "bob")
    for i in range(60):
        bob.post_say("dev", f"{i:4}" + "x" * 60000)
    bob.say("dev", "last")
    guest = door(broker)
    first = wait_until(lambda: trimmed(guest, "dev"), deadline=50, pause=0.2)
    reply = guest.history("dev", after=0, limit=1)
    assert seqs(reply) == [reply["first"]] and reply["first"] >= first > 1
    assert reply["head"] == 61, "the newest stay"
    assert guest.history("dev", limit=1).mail[0].body == "last"
    room = guest.ask("ROOMS")["rooms"][0]
    assert room["first"] >= first and room["head"] == 61


def test_a_client_is_told_what_it_missed(brokers, door, client):
    """Retention passes a client's cursor: first tells it how many are gone."""
    broker = brokers(args=["--retain", "1s"])
    bob = door(broker, "bob")
    for i in range(5):
        bob.say("dev", f"m{i}")
    wait_until(lambda: bob.history("dev", limit=1)["first"] == 6, deadline=50, pause=0.2)
    cursor = 2
    reply = door(broker).history("dev", after=cursor)
    assert reply["first"] - (cursor + 1) == 3, "three are gone"
