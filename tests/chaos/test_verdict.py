#!/usr/bin/python3
"""Does the verdict bite? A run that went well, then the same with one thing wrong."""

import sqlite3
import tempfile
import unittest
from pathlib import Path

from stage import Failed
from verdict import Verdict, log_of_disk

LOG = {
    "room0": [b"a-0 1 1 10 --", b"a-1 1 1 11 --", b"a-0 1 2 12 --", b"a-0 1 3 13 --"],
    "room1": [b"a-1 1 2 14 --"],
}
LINES = """N 0 a-0 1
N 1 a-1 1
S 0 1 room0
S 1 1 room0
S 0 2 room0
S 0 3 room0
S 1 2 room1
C 0
A 0 1 1
A 1 1 2
A 0 2 0
A 0 3 4
A 1 2 1
M 0 room0 1 a-0 1 1 10 --
M 0 room0 2 a-1 1 1 11 --
M 0 room0 3 a-0 1 2 12 --
M 0 room0 4 a-0 1 3 13 --
M 1 room0 1 a-0 1 1 10 --
M 1 room0 2 a-1 1 1 11 --
M 1 room0 3 a-0 1 2 12 --
M 1 room0 4 a-0 1 3 13 --
M 1 room1 1 a-1 1 2 14 --
"""


def judged(log=LOG, lines=LINES, alive=True, whole_each=1) -> Verdict:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as out:
        out.write(lines)
        out.flush()
        verdict = Verdict()
        verdict.log(log)
        verdict.transcript(Path(out.name), 1, alive, whole_each)
        verdict.end()
        return verdict


def without(line: str, text=LINES) -> str:
    assert line + "\n" in text
    return text.replace(line + "\n", "")


class TheVerdict(unittest.TestCase):
    def wrong(self, verdict: Verdict) -> set:
        return {kind for kind in Verdict.WRONG if verdict.counts[kind]}

    def test_nothing_wrong(self):
        verdict = judged()
        self.assertEqual(self.wrong(verdict), set(), verdict.examples)
        self.assertEqual(verdict.counts["acknowledged"], 5)
        self.assertEqual(verdict.counts["heard"], 9)

    def test_acknowledged_but_not_in_the_log(self):
        log = {**LOG, "room1": []}
        self.assertIn("lost", self.wrong(judged(log, without("M 1 room1 1 a-1 1 2 14 --"))))

    def test_a_hole_in_a_transcript(self):
        self.assertEqual(self.wrong(judged(lines=without("M 0 room0 2 a-1 1 1 11 --"))), {"lost"})

    def test_an_end_that_is_missing(self):
        lines = without("M 1 room0 4 a-0 1 3 13 --")
        self.assertEqual(self.wrong(judged(lines=lines)), {"lost"})
        self.assertEqual(self.wrong(judged(lines=lines, alive=False)), set())

    def test_a_beginning_that_is_missing(self):
        lines = without("M 1 room0 1 a-0 1 1 10 --")
        self.assertEqual(self.wrong(judged(lines=lines)), {"lost"})
        self.assertEqual(self.wrong(judged(lines=lines, whole_each=10)), set())

    def test_heard_twice(self):
        line = "M 0 room0 2 a-1 1 1 11 --\n"
        self.assertEqual(self.wrong(judged(lines=LINES.replace(line, line * 2))), {"duplicated"})

    def test_heard_otherwise_than_the_log_has_it(self):
        lines = LINES.replace("M 0 room0 2 a-1 1 1 11 --", "M 0 room0 2 a-1 1 1 99 --")
        self.assertEqual(self.wrong(judged(lines=lines)), {"reordered"})

    def test_heard_in_another_order(self):
        two, three = "M 0 room0 2 a-1 1 1 11 --\n", "M 0 room0 3 a-0 1 2 12 --\n"
        lines = LINES.replace(two + three, three + two)
        self.assertEqual(self.wrong(judged(lines=lines)), {"lost", "duplicated"})

    def test_twice_in_the_log(self):
        log = {**LOG, "room1": [LOG["room1"][0]] * 2}
        lines = LINES + "M 1 room1 2 a-1 1 2 14 --\n"
        self.assertIn("duplicated", self.wrong(judged(log, lines)))

    def test_another_order_in_the_log(self):
        one, two, three, four = LOG["room0"]
        log = {**LOG, "room0": [one, two, four, three]}
        self.assertIn("reordered", self.wrong(judged(log)))

    def test_acknowledged_with_the_seq_of_another(self):
        self.assertEqual(self.wrong(judged(lines=LINES.replace("A 1 1 2", "A 1 1 3"))), {"reordered"})

    def test_in_another_room_than_said(self):
        lines = LINES.replace("S 1 2 room1", "S 1 2 room0")
        self.assertEqual(self.wrong(judged(lines=lines)), {"reordered"})

    def test_refused_but_stored(self):
        lines = LINES.replace("A 1 2 1", "F 1 2 limit too much")
        self.assertEqual(self.wrong(judged(lines=lines)), {"invented"})

    def test_said_by_nobody(self):
        self.assertEqual(self.wrong(judged(lines=LINES.replace("S 1 2 room1\nC 0\n", "")
                                           .replace("A 1 2 1\n", ""))), {"invented"})  # fmt: skip

    def test_never_answered(self):
        lines = without("A 1 2 1")
        self.assertEqual(self.wrong(judged(lines=lines)), {"lost"})
        self.assertEqual(self.wrong(judged(lines=lines, alive=False)), set())

    def test_told_as_gone_or_unknown(self):
        self.assertEqual(self.wrong(judged(lines=LINES + "L 0 room0 3 5\n")), {"lost"})
        self.assertEqual(self.wrong(judged(lines=LINES + "R 0\n")), {"unknown"})

    def test_a_line_cut_off_by_a_kill(self):
        verdict = judged(lines=LINES + "M 0 room0 7 a-", alive=False)
        self.assertEqual(self.wrong(verdict), set())


class TheDisk(unittest.TestCase):
    def made(self, folder: str, head: int, seqs) -> Path:
        db = sqlite3.connect(f"{folder}/zchat.db")
        db.execute("CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT, head INTEGER)")
        db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, user TEXT, body BLOB)")
        db.execute("INSERT INTO rooms VALUES (3, 'room0', ?)", (head,))
        for seq in seqs:
            db.execute("INSERT INTO messages VALUES (?, 'ann', ?)", (3 << 40 | seq, b"hello"))
        db.commit()
        db.close()
        return Path(folder)

    def test_a_log(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(log_of_disk(self.made(folder, 2, (1, 2))), {"room0": [b"ann hello"] * 2})

    def test_a_hole(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Failed):
            log_of_disk(self.made(folder, 3, (1, 3)))


if __name__ == "__main__":
    unittest.main()
