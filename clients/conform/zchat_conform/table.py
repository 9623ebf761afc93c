"""The table: number, sentence as it stands in the page, cases that try it (sentences.tsv)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from . import cases, page

HERE = Path(__file__).resolve().parent
TABLE = HERE / "sentences.tsv"
PAGE = HERE.parents[2] / "protocol" / "PROTOCOL.md"
HEAD = "number\tcases\tsentence"


class Sentence(NamedTuple):
    number: int
    cases: tuple
    text: str


def load(path: Path = TABLE) -> list:
    made = []
    for line in path.read_text().splitlines()[1:]:
        number, names, text = line.split("\t", 2)
        made.append(Sentence(int(number), tuple(names.split()), text))
    return made


def write(table: list, path: Path = TABLE) -> None:
    lines = [HEAD] + [f"{s.number}\t{' '.join(s.cases)}\t{s.text}" for s in table]
    path.write_text("\n".join(lines) + "\n")


def make(text: str, old: list) -> tuple:
    """(the table for this page, parts that no sentence has). A sentence keeps its number as long as it
    stands in the page; new ones get numbers of their own."""
    numbers = {s.text: s.number for s in old}
    last = max(numbers.values(), default=0)
    table, lost = [], []
    tried: dict = {}
    found = [sentence for _, sentence in page.sentences(text)]
    for case in [*cases.BROKER, *cases.CLIENT]:
        for part in case.tries:
            hits = [sentence for sentence in found if page.squeeze(part) in sentence]
            if not hits:
                lost.append((case.name, part))
            for sentence in hits:
                tried.setdefault(sentence, []).append(case.name)
    for sentence in dict.fromkeys(found):
        number = numbers.get(sentence)
        if number is None:
            last += 1
            number = last
        table.append(Sentence(number, tuple(dict.fromkeys(tried.get(sentence, ()))), sentence))
    return table, lost
