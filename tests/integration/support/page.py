"""The programs that stand in protocol/PROTOCOL.md, taken from there."""

import re

from .build import PAGE


def program(heading: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(?:(?!## |```python)[^\n]*\n)*```python\n(.*?)^```$", text, re.M | re.S)
    assert found, f"no program under {heading!r} in {PAGE}"
    return found[1]


def codes() -> list:
    """The codes of the table under Errors."""
    text = PAGE.read_text(encoding="utf-8").split("## Errors")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ((?:`[a-z]+`(?:, )?)+) \|", text, re.M)
    return re.findall("[a-z]+", " ".join(rows))


def verbs() -> list:
    """The words of the ABNF's verb."""
    text = PAGE.read_text(encoding="utf-8").split("\nverb ")[1].split("\ntag ")[0]
    return re.findall(r'"([A-Z]+)"', text)
