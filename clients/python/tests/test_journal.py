"""The outbox on disk: what a crash leaves, and what the next run makes of it."""

import json
import random

import pytest

import zchat
from zchat.journal import Journal
from zchat.outbox import Item, Outbox


def outbox(journal) -> Outbox:
    """An outbox whose notes go to the journal at once."""
    box = Outbox(random.Random(1).randbytes, None, journal.producer, journal.n)
    box.items.extend(journal.items())

    def keep(what, item):
        record = {"what": what, "producer": box.producer, "n": box.n}
        if item is not None:
            record.update(key=item.key, producer=item.producer, n=item.n)
            record.update({"verb": item.verb, "arguments": item.arguments, "options": item.options} if what == "put" else
                          {"forgotten": item.forgotten} if what == "sent" else {})  # fmt: skip
        journal.write([record], sync=True)

    box.keep = keep
    return box


def kept(path) -> list:
    journal = Journal(path)
    try:
        return [(item.arguments[1], item.n, item.first, item.forgotten) for item in journal.items()]
    finally:
        journal.close()


def test_what_was_handed_over_is_there_again(tmp_path):
    journal = Journal(tmp_path / "outbox")
    box = outbox(journal)
    for text in ("one", "two", "три"):
        box.put(Item(0, "SAY", ["dev", text], {"data": {"x": 1}}))
    journal.close()
    assert kept(tmp_path / "outbox") == [("one", 1, 0, None), ("two", 2, -1, None), ("три", 3, -1, None)]


def test_a_first_message_that_was_sent_says_again(tmp_path):
    journal = Journal(tmp_path / "outbox")
    box = outbox(journal)
    box.put(Item(0, "SAY", ["dev", "one"], {}))
    box.take(0.0, 1, 7).tag = b"1"
    producer = box.producer
    journal.close()
    assert kept(tmp_path / "outbox") == [("one", 1, -1, 7)]
    journal = Journal(tmp_path / "outbox")
    box = outbox(journal)
    item = box.take(0.0, 1, 9)
    assert item.json(1) == {"producer": producer, "n": 1, "again": 7}
    item.tag = b"1"
    box.answer(item, True, {"duplicate": True}, 0.0, 1)
    box.put(Item(0, "SAY", ["dev", "two"], {}))
    assert (box.producer, box.n) == (producer, 2), "the count goes on where it was"
    journal.close()
    assert kept(tmp_path / "outbox") == [("two", 2, -1, None)]


def test_a_line_that_a_crash_cut_off_never_counted(tmp_path):
    path = tmp_path / "outbox"
    journal = Journal(path)
    box = outbox(journal)
    for text in ("one", "two"):
        box.put(Item(0, "SAY", ["dev", text], {}))
    journal.close()
    whole = path.read_bytes()
    for cut in range(1, 40, 5):
        path.write_bytes(whole[:-cut])
        assert [text for text, *_ in kept(path)] == ["one"], cut
        path.write_bytes(whole)
    path.write_bytes(b"{\n" + whole)
    with pytest.raises(zchat.ZchatError, match="damaged"):
        Journal(path)


def test_the_file_does_not_grow_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("zchat.journal.COMPACT_BYTES", 8000)
    journal = Journal(tmp_path / "outbox")
    box = outbox(journal)
    for number in range(300):
        box.put(Item(0, "SAY", ["dev", f"m{number}"], {}))
        item = box.take(0.0, 1, 0)
        item.tag = b"1"
        box.answer(item, True, {"seq": 1, "time": 1}, 0.0, 1)
    assert (tmp_path / "outbox").stat().st_size < 12000
    journal.close()
    assert kept(tmp_path / "outbox") == []
    last = [json.loads(line) for line in (tmp_path / "outbox").read_text().splitlines()][-1]
    assert (last["producer"], last["n"]) == (box.producer, 300)
    assert (tmp_path / "outbox").stat().st_mode & 0o777 == 0o600
