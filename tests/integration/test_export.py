"""zchatd export, import and forget: what was said out of a log, into one, and out of the world."""

import json
import subprocess
import time

import pytest

from support import build
from support.admin import run
from support.wait import wait_until

OLD = 1000000000000  # September 2001


def exported(broker, *arguments) -> list:
    return [json.loads(line) for line in run(broker, "export", *arguments).stdout.splitlines()]


def stored(door, room: str) -> list:
    return [e for e in door.history_all(room) if e.seq]


def said(records: list) -> list:
    return [(r["room"], r["type"], r["user"], r["text"]) for r in records]


@pytest.fixture
def town(safe, person):
    """bob and ann spoke in the street and with each other, and eve was there."""
    bob, ann, eve = (person(safe, name) for name in ("bob", "ann", "eve"))
    for one in (bob, ann, eve):
        one.ask("JOIN", "street"), one.ask("JOIN", "@")
    bob.say("street", "one"), ann.say("street", "two", data={"a": [1, "ü"]}), bob.say("street", "oops")
    bob.ask("EDIT", "street", 3, "three")
    ann.ask("REACT", "street", 1, "👍"), bob.ask("REACT", "street", 2, "👍"), bob.ask("REACT", "street", 2, "x")
    bob.ask("TOPIC", "street", "bobs topic")
    ann.ask("TELL", "bob", "psst"), bob.ask("TELL", "ann", "yes?"), eve.ask("TELL", "ann", "hi")
    bob.ask("JOIN", "den", {"private": True}), bob.ask("INVITE", "den", "ann")
    ann.ask("JOIN", "den"), ann.say("den", "secret"), bob.say("den", "bobs secret")
    bob.ask("READ", "street", 4)
    safe.bob, safe.ann, safe.eve = bob, ann, eve
    return safe


def test_all_that_was_said(town):
    """Beside the running broker, one record an event, in order."""
    records = exported(town)
    street = [r for r in records if r["room"] == "street"]
    assert [r["seq"] for r in street] == list(range(1, len(street) + 1))
    assert said(street)[:4] == [("street", "say", "bob", "one"), ("street", "say", "ann", "two"),
                                ("street", "say", "bob", "three"), ("street", "edit", "bob", "three")]  # fmt: skip
    assert street[1]["data"] == {"a": [1, "ü"]} and street[3]["data"] == {"seq": 3}
    history = stored(town.bob, "street")
    assert [(e.seq, e.type, e.user, e.body, e.time) for e in history] == [
        (r["seq"], r["type"], r["user"], r["text"], r["time"]) for r in street]  # fmt: skip
    assert {r.get("private", False) for r in records if r["room"] == "den"} == {True}
    mail = [(r["of"], r["type"], r["user"], r["text"]) for r in records if r["room"] == "@"]
    assert ("bob", "tell", "ann", "psst") in mail and ("ann", "told", "bob", "psst") in mail
    assert said(exported(town, "--room", "STREET")) == said(street)
    assert run(town, "export", "--room", "nowhere", status=66).stdout == ""
    run(town, "export", "--user", "b/b", status=64), run(town, "export", "x", status=64)


def test_what_a_person_said_and_what_is_known_of_them(town):
    wait_until(lambda: any(r["type"] == "read" for r in exported(town, "--user", "bob")), what="it is stored")
    records = exported(town, "--user", "BOB")
    assert records[0]["type"] == "name" and records[0]["user"] == "bob" and records[0]["keys"] == [town.bob.key]
    assert {"type": "read", "room": "street", "seq": 4} in records
    roles = [r for r in records if r["type"] == "fact"]
    assert {(r["room"], r["fact"], r["value"]) for r in roles} >= {("street", "role", "operator"), ("den", "role", "operator")}
    events = [r for r in records if "seq" in r and r["type"] not in ("read",)]
    assert {r["user"] for r in events if r["room"] not in ("@",)} == {"bob"}
    assert {r["of"] for r in events if r["room"] == "@"} == {"bob"}
    assert "hi" not in [r["text"] for r in events], "what eve told ann is no business of bob's"
    run(town, "export", "--user", "nobody", status=66)


SANITIZED = "release" not in str(build.build_dir())
MANY = 5000 if SANITIZED else 100000


@pytest.mark.timeout(300)
def test_memory_stays_small(broker, door, tmp_path):
    """100,000 events of 1 KB: more than the process is given."""
    lines = tmp_path / "many.jsonl"
    with open(lines, "w") as file:
        for n in range(1, MANY + 1):
            print(json.dumps({"room": "dev", "seq": n, "time": OLD + n, "type": "say", "user": f"u{n % 50}",
                              "text": f"{n} " + "x" * 1000}), file=file)  # fmt: skip
    broker.stop()
    limit = ["prlimit", f"--as={400 << 20}"]
    if SANITIZED:
        limit = []
    done = subprocess.run([*limit, build.zchatd(), "import", "--data", broker.data, lines], capture_output=True,
                          text=True, env=build.environment(), timeout=120)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"imported={MANY} left-out=0\n"), done
    with open(tmp_path / "out", "wb") as out:
        done = subprocess.run([*([limit[0], f"--as={60 << 20}"] if limit else []), build.zchatd(), "export", "--data",
                               broker.data], stdout=out, stderr=subprocess.PIPE, env=build.environment(),
                              timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_size > MANY * 1000
    assert sum(1 for _ in open(tmp_path / "out")) == MANY
    broker.start()
    assert door(broker, "bob").say("dev", "on")["seq"] == MANY + 1


def test_import_of_an_export(town, brokers, person, door):
    """Names, times, edits and reactions as they were; private rooms and mailboxes stay behind."""
    everything = run(town, "export").stdout
    other = brokers(start=False, args=["--curve"])
    left = sum(1 for r in exported(town) if r["room"] in ("den", "@"))
    done = run(other, "import", "-", stdin=everything)
    assert done.stdout.endswith(f"left-out={left}\n")
    was, now = exported(town, "--room", "street"), exported(other)
    keys = ("room", "seq", "time", "type", "user", "text", "data")
    assert [[r.get(k) for k in keys] for r in now] == [[r.get(k) for k in keys] for r in was]
    assert run(other, "check").stdout.startswith("ok ")
    other.start()
    zoe = person(other, "zoe")
    zoe.ask("JOIN", "street")
    assert zoe.ask("TOPIC", "street")["topic"] == "bobs topic"
    marks = {e.data["seq"]: e.data for e in zoe.history_all("street") if e.type == "marks"}
    assert marks[3]["edits"] == 1 and marks[2]["reactions"]["👍"]["users"] == ["bob"]
    assert zoe.say("street", "on")["seq"] == len(was) + 1
    bob = person(other, "bob")
    assert bob.greeting["proven"], "nobody has the name by an import"
    assert bob.refused("EDIT", "street", 1, "mine?")["code"] in ("operator", "limit")


def test_import_goes_behind_what_is_there(broker, door, tmp_path):
    """Times of a room do not go back; what edits are about is found by its new seq."""
    bob = door(broker, "bob")
    told = bob.say("dev", "here first")
    run(broker, "import", "-", status=75, stdin="")
    broker.stop()
    lines = [
        {"room": "dev", "seq": 7, "time": OLD, "type": "say", "user": "ann", "text": "changed"},
        {"room": "dev", "seq": 8, "time": OLD + 1, "type": "edit", "user": "ann", "text": "changed", "data": {"seq": 7}},
        {"room": "dev", "seq": 9, "time": OLD + 2, "type": "edit", "user": "ann", "text": "lost", "data": {"seq": 2}},
        {"room": "old", "seq": 1, "time": OLD, "type": "say", "user": "ann", "text": "long ago"},
    ]  # fmt: skip
    run(broker, "import", "-", stdin="\n".join(map(json.dumps, lines)))
    assert run(broker, "check").stdout.startswith("ok ")
    broker.start()
    bob = door(broker, "bob")
    events = stored(bob, "dev")
    assert [(e.seq, e.type, e.body) for e in events] == [
        (1, "say", "here first"), (2, "say", "changed"), (3, "edit", "changed"), (4, "gone", "")]  # fmt: skip
    assert events[2].data == {"seq": 2} and {e.time for e in events} == {told["time"]}
    assert [(e.user, e.time) for e in bob.history_all("old")] == [("ann", OLD)]


IRSSI = """--- Log opened Sat Nov 28 10:00:00 2026
10:01 < bob> hello <all>
10:02 <@an[n]> hi
10:02  * bob waves
10:03 -!- eve [e@host] has joined #dev
10:03 -!- bob changed the topic of #dev to: tea
--- Day changed Sun Nov 29 2026
00:01 < bob> \x02tomorrow\x02
"""
ENERGYMECH = "[10:01:02] <bob> hello\n[10:01:03] * bob waves\n[10:01:04] *** Joins: eve (e@host)\n"


def test_import_of_irc(brokers, door, tmp_path):
    broker = brokers(start=False, env={"TZ": "UTC"})
    (tmp_path / "irssi.log").write_text(IRSSI)
    (tmp_path / "dev_20261130.log").write_bytes(ENERGYMECH.encode() + b"[10:02:00] <bob> caf\xe9\r\n")
    run(broker, "import", tmp_path / "irssi.log", "--format", "irssi", status=64)
    run(broker, "import", tmp_path / "irssi.log", "--format", "irssi", "--room", "dev")
    run(broker, "import", tmp_path / "dev_20261130.log", "--format", "energymech", "--room", "dev")
    records = exported(broker)
    assert [(r["type"], r["user"], r["text"]) for r in records] == [
        ("say", "bob", "hello <all>"), ("say", "an_n_", "hi"), ("action", "bob", "waves"), ("topic", "bob", "tea"),
        ("say", "bob", "tomorrow"), ("say", "bob", "hello"), ("action", "bob", "waves"), ("say", "bob", "café"),
    ]  # fmt: skip
    stamp = [time.strftime("%d %H:%M:%S", time.localtime(r["time"] / 1000)) for r in records]
    assert stamp[0] == "28 10:01:00" and stamp[4] == "29 00:01:00" and stamp[5] == "30 10:01:02"
    assert run(broker, "check").stdout.startswith("ok ")
    undated = run(broker, "import", "-", "--format", "energymech", "--room", "dev", stdin=ENERGYMECH, status=65)
    assert "line 1" in undated.stderr and "--date" in undated.stderr
    run(broker, "import", "-", "--format", "energymech", "--room", "dev", "--date", "2026-12-01", stdin=ENERGYMECH)
    broker.start()
    assert door(broker, "eve").ask("TOPIC", "dev")["topic"] == "tea"


@pytest.mark.parametrize("line", ["x", "[]", "{}", '{"room":"dev","user":"bob","text":"x","type":"say","seq":1}',
                                  '{"room":"d v","user":"bob","text":"x","type":"say","seq":1,"time":5}',
                                  '{"room":"dev","user":"","text":"x","type":"say","seq":1,"time":5}',
                                  '{"room":"dev","user":"bob","text":"x","type":"tell","seq":1,"time":5}',
                                  '{"room":"dev","user":"bob","text":"x","type":"join","seq":1,"time":5}',
                                  '{"room":"dev","user":"bob","text":"x y","type":"react","seq":1,"time":5}',
                                  '{"room":"dev","user":"bob","text":"%s","type":"say","seq":1,"time":5}' % ("x" * 70000),
                                  '{"room":"dev","user":"bob","text":"x","type":"say","seq":1,"time":-5}'])  # fmt: skip
def test_a_line_that_is_wrong_is_named(brokers, line):
    """What stood before it is in the log, which is sound."""
    broker = brokers(start=False)
    good = '{"room":"dev","user":"bob","text":"x","type":"say","seq":1,"time":5}'
    done = run(broker, "import", "-", stdin=f"{good}\n{line}\n{good}\n", status=65)
    assert "line 2" in done.stderr and done.stdout == "imported=1 left-out=0\n"
    assert run(broker, "check").stdout.startswith("ok rooms=1 messages=1 ")


def files(folder) -> bytes:
    return b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())


def test_a_person_is_forgotten(town, person, client):
    """Text, edits, reactions, direct messages, mailbox, markers, roles and name; and clients see it."""
    known = stored(town.bob, "street")[-1].seq
    assert "in use" in run(town, "forget", "bob", status=75).stderr
    town.stop()
    assert files(town.data).count(b"bobs secret") and files(town.data).count(b"yes?")
    done = run(town, "forget", "BOB")
    assert done.stdout.startswith("forgotten: ")
    assert run(town, "check").stdout.startswith("ok ")
    left = files(town.data)
    for text in (b"bobs secret", b"yes?", b"bobs topic", b"three", b"oops", town.bob.key.encode()):
        assert text not in left, text
    assert b"psst" in left and b"two" in left and not (town.data / "index.db").exists()
    assert "nothing of nobody" in run(town, "forget", "nobody", status=66).stderr
    town.start()
    ann = town.ann.back("street", "den", "@")
    events = {e.seq: e for e in stored(ann, "street")}
    assert [events[n].type for n in (1, 2, 3)] == ["gone", "say", "gone"]
    assert {e.data["seq"] for e in events.values() if e.type == "remove" and e.seq > known} == {1, 3}
    assert {(e.type, e.body) for e in events.values() if e.seq > known and e.type == "unreact"} == {
        ("unreact", "👍"), ("unreact", "x")}  # fmt: skip
    assert [e.data["seq"] for e in ann.history_all("street") if e.type == "marks" and "reactions" in e.data] == []
    assert ann.ask("TOPIC", "street")["topic"] == ""
    assert {(e.type, e.body) for e in ann.history_all("@") if e.user == "bob"} == {("told", "psst"), ("gone", "")}
    assert "bob" not in ann.ask("MODE", "street")["operators"] + ann.ask("MODE", "den")["members"]
    # the name is free at once, and whoever takes it inherits nothing
    new = person(town, "bob")
    assert new.greeting["proven"] and new.refused("HISTORY", "den")["code"] == "private"
    assert new.history_all("@") == [] and new.ask("UNREAD")["rooms"] == []
    assert ann.ask("SEARCH", "three")["hits"] == []


def test_who_never_proved_the_name_is_forgotten_too(broker, door):
    bob, ann = door(broker, "bob", hello=True), door(broker, "ann", hello=True)
    bob.say("dev", "one"), ann.say("dev", "two"), bob.ask("TELL", "ann", "psst"), ann.ask("TELL", "bob", "yes?")
    bob.ask("REACT", "dev", 2, "👍")
    broker.stop()
    run(broker, "forget", "bob")
    assert run(broker, "check").stdout.startswith("ok ")
    assert b"psst" not in files(broker.data)
    broker.start()
    ann = door(broker, "ann", hello=True)
    assert [e.type for e in ann.history_all("dev")][:2] == ["gone", "say"]
    ann.ask("JOIN", "@")
    assert "psst" not in [e.body for e in ann.history_all("@")]
    assert door(broker, "bob", hello=True).ask("JOIN", "@")["head"] >= 0
