"""Names that look the same are the same: the rule of the page, reckoned from confusables.txt as ICU
has it, against the broker; and logs from before that rule."""

import hashlib
import json
import random
import sqlite3
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("icu", reason="python3-icu is not installed: scripts/setup test")

from support import build, lookalikes
from support.curve import Pair

OPEN = [f"--quota={kind}=0" for kind in ("messages", "bytes", "reads", "joins", "failed")]
DISGUISED = ["admi\u0307n", "adrnin", "admin_", "a-dmin", "adm1n", "ADMlN", "r00t", "ro0t.",
             "\u0430\u0434\u043c\u0438\u043d_", "\u00e1dmin", "zchatd-", "operat0r"]  # fmt: skip


@pytest.fixture
def unbound(brokers):
    return brokers(args=OPEN)


def spellings(through, first: str, others) -> dict:
    """As which room the broker knows each of the others, while one called first is there. None: no
    room can be called so."""
    if not through.request("JOIN", first).ok:
        return {}
    tags = {other: through.post("WHO", other) for other in others}
    found = {}
    for other, tag in tags.items():
        reply = through.reply(tag)
        assert reply.ok or reply.code == "name", reply.json
        found[other] = reply["room"] if reply.ok else None
    through.ask("PART", first)
    return found


def test_the_table_is_what_the_script_makes():
    if not Path("/usr/share/unicode/StandardizedVariants.txt").exists():
        pytest.skip("unicode-data is not installed: scripts/setup test")
    done = subprocess.run([build.ROOT / "scripts" / "unicode-tables", "--check"],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_every_letter_of_the_confusables(unbound, door):
    """Each letter and digit against all that have its prototype; those that names cannot hold are
    left out by the broker."""
    alike = {}
    for letter in lookalikes.letters():
        alike.setdefault(lookalikes.prototype(letter), []).append(letter)
    bob = door(unbound, "bob", hello=True)
    pairs, apart = 0, []
    for letters in alike.values():
        tried = iter(letters)
        for first in tried:
            found = spellings(bob, first, letters)
            if found:
                break
        else:
            continue
        for other, room in found.items():
            if room is None or other == first:
                continue
            pairs += 1
            if room != first:
                apart.append((first, other))
    print(f"{pairs} pairs, {len(apart)} kept apart")
    assert pairs > 1000
    #   Nothing but what is read as I among capitals, which a letter alone is not.
    assert not apart


def test_names_at_random(unbound, door):
    """Names of letters that are mistaken for each other, and the same ones changed a little."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    letters = [c for c in lookalikes.letters() if len(c) == 1 and ord(c) < 0x2000]
    latin = "lI1i0OomMrnabJj\u0131\u0307"
    bob = door(unbound, "bob", hello=True)
    checked = {True: 0, False: 0}
    for _ in range(400):
        some = [chance.choice(letters) for _ in range(3)]
        pool = latin if chance.random() < 0.6 else [*some, "l", "1", "0"]
        first = "".join(chance.choice(pool) for _ in range(chance.randrange(1, 5)))
        others = set()
        for _ in range(6):
            other = "".join(
                chance.choice([c, c, c.swapcase(), lookalikes.prototype(c)]) for c in first
            )
            others.add(lookalikes.NFC.normalize(other))
        first = lookalikes.NFC.normalize(first)
        for other, room in spellings(bob, first, others).items():
            if room is None:
                continue
            same = lookalikes.same(first, other)
            checked[same] += 1
            assert (room == first) == same or other == first, (seed, first, other, room)
    assert checked[True] > 100 and checked[False] > 20, (seed, checked)


@pytest.mark.parametrize("name", DISGUISED)
def test_reserved_names_in_disguise(shared_broker, door, name):
    error = door(shared_broker, name).refused("HELLO")
    assert error["code"] == "name" and "reserved" in error["text"]


def test_names_and_rooms_of_a_log_from_before(safe, person):
    """What today is one name was two: nobody loses a name or a room."""
    maria, rnaria = person(safe, "maria"), Pair()
    maria.say("maria", "in the room of that name")
    maria.found("den")
    maria.ask("TELL", "maria", "a note")
    safe.stop()
    with sqlite3.connect(safe.data / "zchat.db") as log:
        log.execute("INSERT INTO facts (room, key, value) VALUES (0, 'name/2', ?)",
                    [json.dumps({"name": "rnaria", "keys": [rnaria.text], "by": rnaria.text,
                                 "since": 1})])  # fmt: skip
        number = log.execute("SELECT max (id) + 1 FROM rooms").fetchone()[0]
        log.execute("INSERT INTO rooms (id, name, head, first, time, oldest) VALUES (?, ?, 1, 1, 5, 5)",
                    [number, "rnaria"])  # fmt: skip
        log.execute("INSERT INTO messages (id, time, type, user, body, data) VALUES (?, 5, 1, ?, ?, '')",
                    [number << 40 | 1, "rnaria", b"in mine"])  # fmt: skip
    checked = subprocess.run([build.zchatd(), "check", "--data", safe.data],
                             capture_output=True, text=True, env=build.environment())  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for _ in range(2):
        safe.start()
        maria.back("maria", "den", "@")
        other = person(safe, "rnaria", rnaria)
        assert other.greeting["user"] == "rnaria" and other.greeting["proven"]
        assert maria.ask("PING").ok, "nobody was put out by that"
        assert maria.join("maria")["room"] == "maria" and maria.join("rnaria")["room"] == "rnaria"
        assert [e.body for e in other.history("rnaria").mail][0] == "in mine"
        assert other.ask("KEYS", "rnaria")["keys"] == [rnaria.text]
        assert other.ask("KEYS", "maria")["keys"] == [maria.key]
        other.ask("TELL", "maria", "from the other")
        maria.wait_body("from the other")
        other.join("@")
        maria.ask("TELL", "rnaria", "to the other")
        other.wait_body("to the other")
        stranger = person(safe, "m\u0251ria", hello=False)
        assert stranger.refused("HELLO")["code"] == "taken"
        assert person(safe, "rnaria", hello=False).refused("HELLO")["code"] == "taken"
        other.close(), stranger.close()
        safe.stop()
    safe.start()


def test_bans_and_mail_of_a_log_from_before(brokers, door, person, tmp_path):
    """Names that nobody proves are known to the log as they were."""
    broker = brokers()
    ivan = door(broker, "\u0438\u0432\u0430\u043d", hello=True)
    bob = door(broker, "bob", hello=True)
    bob.ask("TELL", ivan.user, "keep this")
    broker.stop()
    with sqlite3.connect(broker.data / "zchat.db") as log:
        boxes = {name for (name,) in log.execute("SELECT name FROM rooms")}
    #   BLAKE2b-128 of "=" and the name with the letters that stood for it.
    old = "=" + "\u1d0e\u0299a\u029c"
    assert "@=" + hashlib.blake2b(old.encode(), digest_size=16).hexdigest() in boxes
    broker.start()
    again = door(broker, ivan.user, hello=True)
    again.join("@")
    assert [e.body for e in again.history("@").mail] == ["keep this"]
