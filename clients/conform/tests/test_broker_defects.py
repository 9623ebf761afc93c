"""Brokers with one defect each, and what finds it: the kit says wrong where something is, and nowhere else."""

import json

import pytest
from zchat_conform import broker, main
from zchat_conform.fake import Fake, Mischief

#   What the fake broker does as the page says: it is small, and does not do everything.
RIGHT = ["say_without_more", "an_empty_first_frame", "an_unknown_verb", "no_tag", "bodies", "one_name_a_connection",
         "a_session_is_taken_over", "joining", "heads", "the_feed", "presence_keeps_its_place", "exactly_once", "history",
         "exactly_once_over_a_new_connection", "a_refused_message_does_not_count", "one_connection_a_producer",
         "answers_come_in_order", "errors_have_texts"]  # fmt: skip


class StoresTwice(Fake):
    def verb_say(self, peer, tag, user, name, body, options=""):
        asked = json.loads(options or "{}")
        asked.pop("producer", None)
        return super().verb_say(peer, tag, user, name, body, json.dumps(asked))


class SeesNoGap(Fake):
    def verb_say(self, peer, tag, user, name, body, options=""):
        asked = json.loads(options or "{}")
        if "producer" in asked:
            self.producers.setdefault(asked["producer"], [0, peer])[0] = asked["n"] - 1
        return super().verb_say(peer, tag, user, name, body, options)


class ForgetsTheTag(Mischief):
    def answer(self, fake, frames):
        return [[frames[0], b"x", *frames[2:]]] if frames[0] == b"ERR" else [frames]


class CountsWithHoles(Fake):
    def store(self, room, kind, user, body, data=None):
        event = super().store(room, kind, user, body, data)
        if event.seq % 50 == 0:
            super().store(room, "topic", user, "", None)
        return event


class HistoryBackwards(Mischief):
    def mail(self, fake, events):
        return events[::-1]


class HistoryLosesTheLast(Mischief):
    def mail(self, fake, events):
        return events[:-1] if len(events) > 3 else events


class AnnouncesTwice(Mischief):
    def publish(self, fake, events):
        return [events, events] if events[0].type == "join" else [events]


class TrustsTheUser(Fake):
    def handle(self, peer, verb, tag, user, *arguments):
        if verb == b"SAY" and user:
            self.sessions[peer] = (user.decode(), "x")
        return super().handle(peer, verb, tag, user, *arguments)


class AnswersOutOfOrder(Mischief):
    held: list = []

    def answer(self, fake, frames):
        if frames[0] == b"OK" and b'"seq"' in frames[2]:
            out = [frames, *self.held] if self.held else []
            self.held = [] if self.held else [frames]
            return out
        return [frames]


DEFECTS = {
    StoresTwice: "exactly_once", SeesNoGap: "exactly_once", ForgetsTheTag: "errors_have_texts",
    CountsWithHoles: "answers_come_in_order", HistoryBackwards: "history", HistoryLosesTheLast: "history",
    AnnouncesTwice: "joining", TrustsTheUser: "one_name_a_connection", AnswersOutOfOrder: "answers_come_in_order",
}  # fmt: skip


def wrong(fake, names):
    try:
        outcomes = broker.run(fake.door, lambda case: case.name in names)
        assert len(outcomes) == len(names)
        return {outcome.case.name: outcome for outcome in outcomes if outcome.verdict != "ok"}
    finally:
        fake.close()


def test_what_is_right_is_right():
    assert not wrong(Fake(heartbeat_ms=5000), RIGHT)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: d.__name__)
def test_a_defect_is_found(defect, monkeypatch):
    monkeypatch.setattr("zchat_conform.link.PATIENCE", 2.0)
    monkeypatch.setattr("zchat_conform.link.Door.reply.__defaults__", (2.0,))
    fake = defect(heartbeat_ms=5000) if issubclass(defect, Fake) else Fake(defect(), heartbeat_ms=5000)
    found = wrong(fake, [DEFECTS[defect]])
    assert found
    assert found[DEFECTS[defect]].why and found[DEFECTS[defect]].transcript


def test_the_report_names_the_sentence_and_shows_the_frames(capsys):
    fake = StoresTwice(heartbeat_ms=5000)
    try:
        assert main.main([fake.door, "--only", "exactly_once"]) == 1
    finally:
        fake.close()
    said = capsys.readouterr().out
    assert "  wrong    an `n` already seen: OK `{\"duplicate\":true}`" in said
    assert "> SAY | " in said and "1 wrong: exactly_once" in said
    fake = Fake(heartbeat_ms=5000)
    try:
        assert main.main([fake.door, "--only", "exactly_once"]) == 0
    finally:
        fake.close()
