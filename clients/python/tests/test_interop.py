"""With the other implementation: what one seals and vouches for, the other opens and believes."""

import json
import subprocess

import pytest
from support import build

import zchat
from zchat import People
from zchat.results import Keys
from zchat.seal import vouch_read
from zchat.seals import proven_keys

pytest.importorskip("nacl")


@pytest.fixture
def program(safe, tmp_path):
    """program ("bob", "send", ...) is the C program zchat, with a home and a name of its own."""

    def run(who, *arguments, nick=None):
        home = tmp_path / who
        home.mkdir(exist_ok=True)
        done = subprocess.run([build.zchat(), *arguments, *(["-e", safe.address, "--nick", nick or who] if arguments != ("key",) else [])],
                              env=build.environment(HOME=str(home)), capture_output=True, text=True, timeout=30)  # fmt: skip
        return done

    return run


@pytest.fixture
def anna(safe, client, tmp_path):
    made = client(safe.address, "anna", key=tmp_path / "anna.key", people=tmp_path / "people")
    made.join("@")
    return made


def mail(program, who, nick=None):
    done = program(who, "history", "--mail", "--all", "--json", nick=nick)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sealed_both_ways(program, anna):
    sent = program("bob", "send", "--to", "anna", "from C, привет")
    assert sent.returncode == 0, sent.stderr
    event = next(e for e in anna.events(20) if e.type == "tell")
    assert (event.user, event.text, event.seal) == ("bob", "from C, привет", "opened")
    anna.tell("bob", "from Python, ü", data={"n": 1})
    last = mail(program, "bob")[-1]
    assert (last["text"], last["seal"], last["user"]) == ("from Python, ü", "sealed", "anna"), last


def test_a_vouch_of_python_is_believed_by_c(program, anna, tmp_path):
    assert program("bob", "send", "--to", "anna", "one").returncode == 0
    phone = zchat.key_make(tmp_path / "phone")
    anna.add_key(zchat.key_encode(zchat.public_key(phone)))
    sent = program("bob", "send", "--to", "anna", "two")
    assert sent.returncode == 0 and "anna has another device" in sent.stderr, sent.stderr


def test_a_vouch_of_c_is_believed_by_python(program, anna):
    assert program("bob", "send", "--to", "anna", "one").returncode == 0
    anna.tell("bob", "one")
    phone = program("phone", "key").stdout.strip()
    added = program("bob", "key", "add", phone)
    assert added.returncode == 0, added.stderr
    told = anna.keys("bob")
    by, _ = vouch_read(told.vouches[phone], anna.people.broker, zchat.key_decode(phone), "bob")
    assert zchat.key_encode(by) in told.keys
    anna.tell("bob", "to both")
    assert "to both" in [m["text"] for m in mail(program, "phone", nick="bob")]


# --- whose keys are known


def keys(*numbers):
    return [zchat.key_encode(bytes([number]) * 32) for number in numbers]


def test_keys_are_believed_once_and_strange_ones_are_an_alarm(tmp_path):
    broker = bytes(32)
    people = People(broker, tmp_path / "people")
    assert people.learn("Bob", keys(1), {}, 0) == [bytes([1]) * 32]
    for _ in range(2):
        with pytest.raises(zchat.KeysChanged):
            people.learn("bob", keys(1, 2), {}, 0)
    again = People(broker, tmp_path / "people")
    assert again.knows("BOB", bytes([1]) * 32) and not again.knows("bob", bytes([2]) * 32)
    with pytest.raises(zchat.KeysChanged):
        again.learn("bob", keys(2), {}, 0)
    again.trust("bob", keys(2))
    assert again.learn("bob", keys(2), {}, 0) == [bytes([2]) * 32]
    assert again.known_once("bob", bytes([1]) * 32) and not again.knows("bob", bytes([1]) * 32)
    with pytest.raises(zchat.KeysChanged):
        again.learn("bob", keys(1, 2), {}, 0)
    assert (tmp_path / "people").stat().st_mode & 0o777 == 0o600
    assert People(bytes([9]) * 32, tmp_path / "people").persons == {}, "of another broker nothing is known"


def test_keys_of_another_name_are_not_sealed_for():
    told = Keys("eve", True, keys(1))
    with pytest.raises(zchat.Malformed, match="spells this name eve"):
        proven_keys(People(bytes(32)), "bob", told, 0)
    assert proven_keys(People(bytes(32)), "EVE", told, 0) == [bytes([1]) * 32]


def vouching(old: bytes, broker: bytes, new: str, time: int) -> dict:
    from zchat.seal import vouch

    return {new: vouch(old, broker, zchat.key_decode(new), time, "bob", bytes(64))}


def test_a_vouch_counts_for_thirty_days_and_from_a_known_key_alone():
    broker, old = bytes([7]) * 32, bytes(range(32))
    mine, new = zchat.key_encode(zchat.public_key(old)), keys(5)[0]
    day, now = 24 * 3600_000, 1_700_000_000_000
    for when, counts in ((now, True), (now - 29 * day, True), (now - 31 * day, False), (now + 2 * day, False)):
        people = People(broker)
        people.learn("bob", [mine], {}, now)
        vouches = vouching(old, broker, new, when)
        if counts:
            assert len(people.learn("bob", [mine, new], vouches, now)) == 2
        else:
            with pytest.raises(zchat.KeysChanged):
                people.learn("bob", [mine, new], vouches, now)
    people = People(broker)
    people.learn("bob", keys(9), {}, now)
    with pytest.raises(zchat.KeysChanged):
        people.learn("bob", [*keys(9), new], vouching(old, broker, new, now), now)
    people = People(broker)
    people.learn("bob", [mine], {}, now)
    with pytest.raises(zchat.KeysChanged):
        people.learn("bob", [new], vouching(old, broker, new, now), now), "the key that vouches is in the same reply"
