"""@name and @room: who is mentioned, who only looks so, and what comes into their mailboxes."""

import unicodedata

import pytest

from support.curve import Pair
from support.log import check, rows
from support.wait import wait_until

MARKS = "\u0301" * 4


@pytest.fixture
def people(safe, person):
    return [person(safe, user) for user in ("bob", "alice", "eve")]


def said(one, room, body, **options):
    """What is said, as it stands in the room."""
    seq = one.say(room, body, **options)["seq"]
    (event,) = [e for e in one.history(room, after=seq - 1).mail if e.seq == seq]
    return event


def zchat(event) -> dict:
    return (event.data or {}).get("zchat", {})


def names(event) -> list:
    return zchat(event).get("mentions", [])


def mentions(one) -> list:
    """What came into the mailbox: (who, room, seq)."""
    return [
        (e.user, e.data["room"], e.data["seq"]) for e in one.history_all("@") if e.type == "mention"
    ]


# --- who


def test_it_stands_in_the_message_and_in_the_mailbox(people):
    bob, alice, eve = people
    alice.join("@")
    event = said(bob, "lobby", "hello @ALICE, and @eve!")
    assert names(event) == ["alice", "eve"] and "all" not in zchat(event)
    told = alice.wait(lambda e: e.type == "mention")
    assert (told.room, told.user, told.body, told.seq) == ("@", "bob", "", 1)
    assert told.data == {"room": "lobby", "seq": event.seq} and told.time == event.time
    assert mentions(alice) == mentions(eve) == [("bob", "lobby", event.seq)]
    assert mentions(bob) == []


@pytest.mark.parametrize("form", ["events", "pack"])
def test_it_is_told_at_once_in_both_forms(safe, person, form):
    bob, alice = person(safe, "bob"), person(safe, "alice", form=form)
    alice.join("@")
    phone = alice.device(form="events")
    phone.join("@")
    bob.say("lobby", "@alice")
    for one in (alice, phone):
        assert one.wait(lambda e: e.type == "mention").data == {"room": "lobby", "seq": 1}


def test_where_a_name_begins_and_ends(people):
    bob, *_ = people
    for text, wanted in (
        ("@alice", ["alice"]), ("(@alice)", ["alice"]), ("hi,@alice", ["alice"]),
        ("@alice...", ["alice"]), ("@alice-_.", ["alice"]), ("@alice's", ["alice"]),
        ("@@alice", ["alice"]), ("«@alice»", ["alice"]), ("@alice@eve", ["alice"]),
        ("\n@alice\n@eve\n", ["alice", "eve"]), ("@alice @eve @alice", ["alice", "eve"]),
        ("mail@alice", []), ("a.@alice", []), ("-@alice", []), ("ж@alice", []),
        ("@alices", []), ("@alice.smith", []), ("@", []), ("@.", []), ("@ alice", []),
        ("alice", []), ("@bob", []), ("@nobody-at-all", []), ("＠alice", []),
    ):  # fmt: skip
        event = said(bob, "lobby", text)
        assert names(event) == wanted, text
        assert not wanted or event.data is not None
        assert wanted or event.data is None, text


def test_names_with_signs_at_their_end(safe, person):
    bob = person(safe, "bob")
    people = [person(safe, user) for user in ("dot.", "dot", "under_")]
    assert names(said(bob, "lobby", "@dot. @under_ @dot")) == ["dot.", "under_", "dot"]
    assert names(said(bob, "lobby", "@dot..")) == ["dot."], "as long as it goes"
    assert names(said(bob, "lobby", "@dot-")) == ["dot"]
    assert names(said(bob, "lobby", "@under")) == []
    assert [len(mentions(one)) for one in people] == [2, 2, 1]


def test_russian_and_other_letters(safe, person):
    иван, bob = person(safe, "иван"), person(safe, "bob")
    zoe, farsi = person(safe, "Zoë"), person(safe, "نامه‌ای")
    assert names(said(bob, "чай", "привет, @Иван!")) == ["иван"]
    assert names(said(bob, "чай", "@ИВАН: чай?")) == ["иван"]
    assert names(said(bob, "чай", "почта@иван")) == []
    assert mentions(иван) == [("bob", "чай", 1), ("bob", "чай", 2)]
    decomposed = unicodedata.normalize("NFD", "@zoë")
    assert decomposed != "@zoë" and names(said(bob, "чай", decomposed)) == ["Zoë"]
    assert names(said(bob, "чай", "@zoe")) == [], "another name"
    for spelling in ("@نامه‌ای", "@نامهای"):
        assert names(said(bob, "чай", spelling)) == ["نامه‌ای"], "joiners are left out"
    assert len(mentions(zoe)) == 1 and len(mentions(farsi)) == 2


def test_what_only_looks_like_a_name_mentions_nobody(safe, person):
    bob, maria, paul = (person(safe, user) for user in ("bob", "Maria", "paul"))
    copy = person(safe, "сор")
    for text in (
        "@rnaria", "@pauI", "@раul", "@cop", "@mаria", "@paul" + MARKS, "@p\u200bau\u200bl",
    ):  # fmt: skip
        assert names(said(bob, "lobby", text)) == [], text
    assert mentions(maria) == mentions(paul) == mentions(copy) == []
    assert names(said(bob, "lobby", "@maria @paul @сор")) == ["Maria", "paul", "сор"]


def test_who_is_here_by_a_name_of_nobody(broker, door):
    bob, guest, other = (door(broker, user, hello=True) for user in ("bob", "guest", "other"))
    guest.join("lobby"), other.join("elsewhere")
    assert names(said(bob, "lobby", "@guest @other")) == ["guest"], "only who is in the room"
    assert guest.ask("HISTORY", "@")["head"] == 0, "a name that is not proven has no mention"
    guest.ask("PART", "lobby")
    assert names(said(bob, "lobby", "@guest")) == []


def test_eight_at_most(safe, person):
    bob = person(safe, "bob")
    people = [person(safe, f"p{i}") for i in range(10)]
    event = said(bob, "lobby", " ".join(f"@p{i}" for i in range(10)))
    assert names(event) == [f"p{i}" for i in range(8)]
    assert [len(mentions(one)) for one in people] == [1] * 8 + [0] * 2
    far = "@x " * 63 + "@p0 @p1"
    assert names(said(bob, "lobby", far)) == ["p0"], "the first 64 places are looked at"


def test_much_to_look_at_is_soon_done(people):
    bob, *_ = people
    for body in ("@" * 65536, "@a" * 32768, ("@" + "é" * 40) * 800, ("@а" + "." * 60) * 900,
                 "@" + "ж" * 32767, "@" + "a" + "\u0301" * 32000):  # fmt: skip
        assert names(said(bob, "lobby", body.encode()[:65536].decode(errors="ignore"))) == []


# --- in rooms of some only


def test_in_a_private_room_only_members(people):
    bob, alice, eve = people
    bob.found("den", alice)
    event = said(bob, "den", "@alice @eve")
    assert names(event) == ["alice"] and mentions(eve) == []
    bob.ask("KICK", "den", "alice")
    assert names(said(bob, "den", "@alice")) == []
    assert len(mentions(alice)) == 1


def test_at_room_is_the_operators(people):
    bob, alice, eve = people
    founded = said(bob, "hall", "@room")
    assert zchat(founded) == {"all": True}, "who says the first thing is the operator"
    assert said(alice, "hall", "@room please").data is None
    event = said(bob, "hall", "hey @room, and @alice")
    assert zchat(event) == {"mentions": ["alice"], "all": True}
    assert len(mentions(alice)) == 1 and mentions(eve) == [], "no mention for all"


def test_somebody_may_be_called_room(safe, person):
    bob, room = person(safe, "bob"), person(safe, "Room")
    assert zchat(said(bob, "hall", "@room")) == {"mentions": ["Room"]}
    assert len(mentions(room)) == 1


def test_an_admin_may_mention_all(brokers, person):
    boss = Pair()
    broker = brokers(args=["--curve", "--admin", boss.text])
    root, bob = person(broker, "chief", boss), person(broker, "bob")
    bob.say("hall", "mine")
    assert zchat(said(root, "hall", "@room")) == {"all": True}


# --- beside other data


def test_beside_the_programs_own_data(people):
    bob, *_ = people
    event = said(bob, "lobby", "@alice", data={"k": [1, "два"]})
    assert event.data == {"zchat": {"mentions": ["alice"]}, "k": [1, "два"]}
    event = said(bob, "lobby", "@alice", re=1)
    assert zchat(event) == {"re": 1, "mentions": ["alice"]}
    full = {"k": "x" * 4080}
    event = said(bob, "lobby", "@alice", data=full)
    assert event.data == full, "no place for it"
    assert len(mentions(people[1])) == 3, "but in the mailbox it is"
    assert bob.refused("SAY", "lobby", "x", {"data": {"zchat": {}}})["code"] == "malformed"


def test_an_action_mentions_too(people):
    bob, alice, _ = people
    assert names(said(bob, "lobby", "waves at @alice", type="action")) == ["alice"]
    bob.ask("TELL", "eve", "have you seen @alice")
    bob.join("lobby")
    bob.ask("TOPIC", "lobby", "ask @alice")
    assert len(mentions(alice)) == 1, "only what is said in a room"


# --- whose mailbox takes nothing


def test_who_takes_nothing_is_not_told(people, safe):
    bob, alice, eve = people
    alice.ask("MODE", "@", {"set": "ban", "user": "bob"})
    assert names(said(bob, "lobby", "@alice")) == ["alice"], "the sender is not told"
    assert mentions(alice) == []
    said(eve, "lobby", "@alice")
    assert len(mentions(alice)) == 1
    eve.ask("MODE", "@", {"set": "lock"})
    said(bob, "lobby", "@eve"), said(alice, "lobby", "@eve")
    assert mentions(eve) == []
    eve.ask("TELL", "alice", "you may")
    said(alice, "lobby", "@eve")
    assert len(mentions(eve)) == 1
    safe.stop()
    assert check(safe) == 0


def test_a_stranger_floods_nobody(people):
    """Mentions of strangers count like their direct messages, and together with them."""
    bob, alice, eve = people
    tags = [bob.post_say("lobby", "@alice, look") for _ in range(60)]
    assert all(bob.reply(tag).ok for tag in tags), "saying it is not refused"
    count = len(mentions(alice))
    assert 25 <= count <= 33
    assert bob.refused("TELL", "alice", "x")["what"] == "strangers"
    said(eve, "lobby", "@alice")
    assert len(mentions(alice)) == count + 1, "others still get through"
    alice.ask("TELL", "bob", "what is it?")
    said(bob, "lobby", "@alice")
    assert len(mentions(alice)) == count + 2, "and so does who was written to"


# --- on disk


def test_with_its_message_or_not_at_all(patient, person):
    """Killed in the middle: whatever mention there is has its message, and the other way round."""
    bob, alice = person(patient, "bob"), person(patient, "alice")
    for _ in range(4):
        tags = [bob.post_say("lobby", f"@alice {n}") for n in range(200)]
        bob.reply(tags[20])
        patient.crash()
        bob.back(), alice.back()
        messages = [e.seq for e in bob.history_all("lobby")]
        assert [seq for _, _, seq in mentions(alice)] == messages
    seqs = [e.seq for e in alice.history_all("@")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(mentions(alice)) == len(messages) >= 80
    unread = alice.ask("READ", "lobby").json
    assert unread["mentions"] == len(messages)
    patient.stop()
    assert check(patient) == 0


def test_who_is_away_finds_it_later(people, safe):
    bob, alice, _ = people
    alice.ask("BYE")
    bob.say("lobby", "@alice, where are you?")
    safe.restart()
    alice.back()
    assert mentions(alice) == [("bob", "lobby", 1)]


def test_who_gets_the_name_next_inherits_nothing(safe, person):
    bob, alice = person(safe, "bob"), person(safe, "alice")
    bob.say("lobby", "@alice")
    assert alice.ask("READ", "lobby")["mentions"] == 1
    alice.ask("KEY", {"free": True})
    assert names(said(bob, "lobby", "@alice")) == []
    safe.stop()
    assert check(safe) == 0
    assert rows(safe, "mentions") == rows(safe, "markers") == 0


def test_a_removed_message_mentions_nobody(people):
    bob, alice, _ = people
    event = said(bob, "lobby", "@alice")
    assert alice.ask("READ", "lobby")["mentions"] == 1
    bob.ask("REMOVE", "lobby", str(event.seq))
    wait_until(lambda: alice.ask("READ", "lobby")["mentions"] == 0, what="it mentions nobody")
