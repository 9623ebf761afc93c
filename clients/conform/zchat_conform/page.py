"""PROTOCOL.md, taken apart into sentences: paragraphs, points of lists and rows of tables; no code."""

from __future__ import annotations

import re


def squeeze(text: str) -> str:
    return " ".join(text.split())


def blocks(text: str) -> list:
    """(section, text) of each paragraph, point and row."""
    made: list = []
    section, lines, code, headed = "", [], False, False

    def end() -> None:
        if lines:
            made.append((section, squeeze(" ".join(lines))))
            lines.clear()

    for line in text.splitlines():
        if line.startswith("```"):
            end()
            code = not code
        elif code:
            continue
        elif line.startswith("#"):
            end()
            section = line.lstrip("# ").strip()
        elif line.startswith("|"):
            end()
            if re.fullmatch(r"[|\s:-]*", line):
                if headed:
                    made.pop()  # the heads of the columns
                headed = False
            else:
                headed = not made or not made[-1][1].startswith("|")
                made.append((section, squeeze(line)))
        elif re.match(r"(- |\d+\. )", line):
            end()
            lines.append(line)
        elif not line.strip():
            end()
        else:
            lines.append(line)
    end()
    return made


#   A sentence ends at a full stop or a semicolon's end of thought, before a capital, a quote or code.
END = re.compile(r"(?<=[.;])\s+(?=[A-Z`*\"(\[{-])")


def sentences(text: str) -> list:
    """(section, sentence), in the order of the page; each is a part of it, spaces aside."""
    made: list = []
    for section, block in blocks(text):
        if block.startswith("|"):
            made.append((section, block))
            continue
        block = re.sub(r"^(- |\d+\. )", "", block)
        made += [(section, part) for part in END.split(block) if len(part) > 12]
    return made
