"""The client that waits, against the real broker."""

import threading

import pytest
from support.wait import wait_until

import zchat


def texts(events) -> list:
    return [event.text for event in events if event.type == "say"]


def collect(client, count, room=None) -> list:
    """So many messages of the room, as they come."""
    got = []
    for event in client.events(timeout=20):
        if event.type == "say" and room in (None, event.room):
            got.append(event)
            if len(got) == count:
                return got
        assert event.type != "ended", event
    raise AssertionError(f"{len(got)} of {count} came: {got[-3:]}")


def test_two_talk(broker, client):
    anna, bob = client(broker.door, "anna"), client(broker.door, "боб")
    info = anna.join("dev")
    assert (info.room, info.head, info.members) == ("dev", 0, 1)
    bob.join("DEV")
    stored = bob.say("dev", "hello, привет", data={"x": [1, None, "é"]})
    assert stored.seq == 1 and not stored.duplicate
    (event,) = collect(anna, 1)
    assert (event.room, event.user, event.text, event.seq, event.time, event.data) == (
        "dev", "боб", "hello, привет", 1, stored.time, {"x": [1, None, "é"]})  # fmt: skip
    assert sorted(anna.who("dev").users) == ["anna", "боб"]
    anna.set_topic("dev", "work")
    assert bob.topic("dev").topic == "work"
    assert [room.room for room in bob.rooms().rooms] == ["dev"]
    assert [e.text for e in bob.history("dev", limit=1).events] == ["work"]
    bob.part("dev")
    seen = [next(event for event in anna.events(20) if event.type == "leave")]
    assert seen[0].user == "боб"


def test_a_bot_of_ten_lines(broker, client):
    def bot():
        with zchat.Client(broker.door, "echo") as me:
            me.join("lobby")
            for message in me.messages():
                if message.text == "stop":
                    return
                if message.user != me.user:
                    me.say(message.room, message.text)

    thread = threading.Thread(target=bot)
    thread.start()
    anna = client(broker.door, "anna")
    anna.join("lobby")
    wait_until(lambda: "echo" in anna.who("lobby").users)
    anna.say("lobby", "are you there?")
    assert [(e.user, e.text) for e in collect(anna, 2)] == [("anna", "are you there?"), ("echo", "are you there?")]
    anna.say("lobby", "stop")
    thread.join(20)
    assert not thread.is_alive()


def test_a_guest_reads(broker, client):
    anna, guest = client(broker.door, "anna"), client(broker.door)
    anna.join("dev")
    anna.say("dev", "before")
    guest.join("DEV", last=1)
    anna.say("dev", "after")
    assert texts(collect(guest, 2)) == ["before", "after"]
    with pytest.raises(zchat.Refused) as refused:
        guest.say("dev", "me too")
    assert refused.value.code == "guest"


def test_from_a_seq_on(broker, client):
    anna, bob = client(broker.door, "anna"), client(broker.door, "bob")
    for number in range(5):
        anna.say("dev", f"m{number}")
    bob.join("dev", after=2)
    assert [e.seq for e in collect(bob, 3)] == [3, 4, 5]


def test_what_is_refused_holds_nobody_up(broker, client):
    bob = client(broker.door, "bob")
    futures = [bob.post("dev", text) for text in ("one", "x" * 70000, "two", "y" * 70000, "three")]
    done = [future.exception(20) or future.result() for future in futures]
    assert [getattr(d, "code", None) for d in done] == [None, "limit", None, "limit", None]
    assert texts(bob.history("dev").events) == ["one", "two", "three"]


def test_a_name_that_is_taken(broker, client):
    client(broker.door, "bob").join("dev")
    other = client(broker.door, "BOB")
    with pytest.raises(zchat.Refused) as refused:
        other.join("dev")
    assert refused.value.code == "taken"
    with pytest.raises(zchat.Closed):
        other.who("dev")


def test_slow_is_waited_for(brokers, client):
    broker = brokers(args=["--quota", "messages=5/20"])
    bob = client(broker.door, "bob")
    futures = [bob.post("dev", f"m{number}") for number in range(40)]
    assert [future.result(30).seq for future in futures] == list(range(1, 41))
    assert texts(bob.history("dev", limit=100).events) == [f"m{number}" for number in range(40)]


def test_a_silent_feed_is_told_and_the_door_brings_everything(broker, client):
    anna = client(broker.door, "anna", feed="tcp://127.0.0.1:9")
    anna.join("dev")
    bob = client(broker.door, "bob")
    bob.say("dev", "one")
    got = []
    for event in anna.events(30):
        got.append(event.type)
        if event.type == "say":
            break
    assert "say" in got
    wait_until(lambda: any(e.type == "feed-silent" for e in iter(lambda: anna.next_event(0.2), None)) or "feed-silent" in got)


def test_encrypted(safe, client, tmp_path):
    anna = client(safe.address, "anna", key=tmp_path / "anna.key")
    bob = client(safe.address, "bob", key=tmp_path / "bob.key")
    anna.join("den", private=True)
    with pytest.raises(zchat.Refused) as refused:
        bob.join("den")
    assert refused.value.code == "private"
    bob.join("@")
    anna.invite("den", "bob", "come")
    invite = next(e for e in bob.events(20) if e.type == "invite")
    assert (invite.room, invite.user, invite.data["room"]) == ("@", "anna", "den")
    assert bob.join("den").private
    anna.say("den", "psst")
    assert texts(collect(bob, 1)) == ["psst"]
    assert anna.modes("den")["members"] == ["anna", "bob"]
    assert (tmp_path / "anna.key").stat().st_mode & 0o777 == 0o600


def test_direct_messages_are_sealed(safe, client, tmp_path):
    pytest.importorskip("nacl")
    anna = client(safe.address, "anna", key=tmp_path / "anna.key")
    bob = client(safe.address, "bob", key=tmp_path / "bob.key")
    anna.join("@")
    bob.join("@")
    stored = anna.tell("bob", "secret", data={"n": 1})
    for who, kind, user in ((bob, "tell", "anna"), (anna, "told", "bob")):
        event = next(e for e in who.events(20) if e.type == kind)
        assert (event.user, event.text, event.data, event.seal) == (user, "secret", {"n": 1}, "opened")
    assert stored.seq == 1
    raw = bob.history("@").events[0]
    assert raw.sealed and "secret" not in raw.text
    assert bob.open(raw).text == "secret"
    assert anna.fingerprint("bob") == bob.fingerprint("anna")
    anna.tell("bob", "open", sealed=False)
    event = next(e for e in bob.events(20) if e.type == "tell")
    assert (event.text, event.seal) == ("open", "")


def test_a_second_device_is_vouched_for_and_a_strange_key_is_an_alarm(safe, client, tmp_path):
    pytest.importorskip("nacl")
    anna = client(safe.address, "anna", key=tmp_path / "anna.key", people=tmp_path / "people")
    bob = client(safe.address, "bob", key=tmp_path / "bob.key")
    bob.ping()
    anna.tell("bob", "one")
    phone, thief = tmp_path / "phone.key", tmp_path / "thief.key"
    bob.add_key(zchat.key_encode(zchat.public_key(zchat.key_make(phone))))
    anna.tell("bob", "two")
    two = client(safe.address, "bob", key=phone)
    assert [two.open(e).text for e in two.history("@").events][-1] == "two"
    bob.change_keys({"add": zchat.key_encode(zchat.public_key(zchat.key_make(thief)))})
    with pytest.raises(zchat.KeysChanged):
        anna.tell("bob", "three")
    with pytest.raises(zchat.KeysChanged):
        anna.tell("bob", "three")
    anna.trust("bob")
    anna.tell("bob", "four")


def test_the_wrong_key_of_a_broker_is_no_broker(safe, client):
    wrong = zchat.Address(zchat.Address.parse(safe.address).door, bytes(range(32)))
    bob = client(str(wrong), "bob")
    assert next(e for e in bob.events(20) if e.type == "disconnected")


@pytest.mark.parametrize("transport", ["ipc", "ws"])
def test_other_transports(brokers, client, tmp_path, transport):
    if transport == "ws":
        broker = brokers(args=["--ws"], doors=["ws://127.0.0.1:*"], feeds=["ws://127.0.0.1:*"])
    else:
        broker = brokers(doors=[f"ipc://{tmp_path}/door"], feeds=[f"ipc://{tmp_path}/feed"])
    anna, bob = client(broker.door, "anna"), client(broker.door, "bob")
    anna.join("dev")
    bob.say("dev", "over " + transport)
    assert texts(collect(anna, 1)) == ["over " + transport]


def test_a_key_that_is_refused_is_told_so(brokers, client):
    broker = brokers(args=["--curve", "--admission", "members"])
    bob = client(broker.address, "bob")
    gone = next(e for e in bob.events(20) if e.type == "disconnected")
    assert gone.reason == "this key is refused"
    bob.close()
    bob.close()
    with pytest.raises(zchat.Closed):
        bob.who("dev")


def test_a_program_that_looks_at_messages_alone_is_told_what_is_missing(broker, client, caplog):
    anna, bob = client(broker.door, "anna"), client(broker.door, "bob")
    for number in range(3):
        anna.say("dev", f"m{number}")
    bob.join("dev", after=100)
    anna.say("dev", "new")
    with caplog.at_level("WARNING", "zchat"):
        assert next(bob.messages(20)).text == "new"
    assert "WentBack" in caplog.text
