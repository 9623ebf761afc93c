"""A second device, from end to end: what its owner does, and what everybody else sees."""

import json
import re

import pytest

from support import build
from test_chat_private import home, run  # noqa: F401 - fixtures

REFUSED = 77


@pytest.fixture
def town(safe, run):  # noqa: F811
    """bob and alice have written to each other."""
    for one, other in (("bob", "alice"), ("alice", "bob")):
        run(safe, one, "key", "list")
    for one, other in (("bob", "alice"), ("alice", "bob")):
        sent = run(safe, one, "send", "--to", other, "hello")
        assert sent.status == 0, sent.err
    return safe


def mail(run, broker, who, nick):  # noqa: F811
    done = run(broker, who, "history", "--mail", "--all", "--json", "--nick", nick, nick=False)
    assert done.status == 0, done.err
    return [json.loads(line) for line in done.lines]


def key_of(run, broker, who) -> str:  # noqa: F811
    return run(broker, who, "key", nick=False).out.strip() or ""


@pytest.fixture
def phone(town, run, home):  # noqa: F811
    """The public key of bob's phone."""
    import subprocess

    done = subprocess.run([build.zchat(), "key"], env=build.environment(**home("phone")),
                          capture_output=True, text=True, timeout=20, check=True)  # fmt: skip
    return done.stdout.strip()


def test_a_second_device_cuts_nobody_off(town, run, phone):  # noqa: F811
    added = run(town, "bob", "key", "add", phone)
    assert added.status == 0 and phone in added.out, added.err
    sent = run(town, "alice", "send", "--to", "bob", "to both")
    assert sent.status == 0, sent.err
    assert "bob has another device" in sent.err and phone in sent.err and "***" not in sent.err
    again = run(town, "alice", "send", "--to", "bob", "once more")
    assert again.status == 0 and "another device" not in again.err, "it is told once"
    for who in ("bob", "phone"):
        texts = [m["text"] for m in mail(run, town, who, "bob") if m["type"] == "tell"]
        assert texts[-2:] == ["to both", "once more"], who
    # the new device says which key is its owner's old one, and writes to alice as bob
    old = re.search(r"^([0-9a-z]{56})\tthis device$", added.out, re.M)[1]
    shut = run(town, "phone", "send", "--to", "alice", "--nick", "bob", "from the phone", nick=False)
    assert shut.status == REFUSED and "THE KEYS OF bob HAVE CHANGED" in shut.err
    trust = run(town, "phone", "key", "add", old, "--nick", "bob", nick=False)
    assert trust.status == 0, trust.err
    sent = run(town, "phone", "send", "--to", "alice", "--nick", "bob", "from the phone", nick=False)
    assert sent.status == 0, sent.err
    last = mail(run, town, "alice", "alice")[-1]
    assert last["text"] == "from the phone" and last["seal"] == "sealed", last


def test_a_key_that_nobody_vouched_for_is_an_alarm(town, run, phone, person):  # noqa: F811
    """As a broker could add it, or a client that does not vouch."""
    token = build.zchatd()
    assert token
    import subprocess

    made = subprocess.run([token, "token", "--data", town.data, "bob"], env=build.environment(),
                          capture_output=True, text=True, timeout=20, check=True)  # fmt: skip
    bob = person(town, "bob", token=made.stdout.strip(), claim=False)
    bob.ask("KEY", {"add": phone})
    sent = run(town, "alice", "send", "--to", "bob", "psst")
    assert sent.status == REFUSED and "THE KEYS OF bob HAVE CHANGED" in sent.err
    forged = bob.ask("KEY", {"add": phone, "vouch": "A" * 140}).json
    assert forged["vouches"] == {phone: "A" * 140}, "the broker keeps it; it is not its to judge"
    sent = run(town, "alice", "send", "--to", "bob", "psst")
    assert sent.status == REFUSED
