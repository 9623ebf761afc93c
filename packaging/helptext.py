"""The texts of --help, read: blocks, options, commands. Man pages, completions and the sample of the
config file are made of them, so that these cannot tell of other options than the programs have."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Option:
    names: list  # ["-e", "--endpoint"]; or ["ENDPOINT"], of a word
    value: str  # "ENDPOINT", or "" where it takes none
    text: str  # one paragraph
    term: str = ""  # the first column, as it stands there

    @property
    def name(self) -> str:
        return self.names[-1].lstrip("-")

    @property
    def is_option(self) -> bool:
        return self.names[0].startswith("-")


@dataclass
class Block:
    kind: str  # "examples", "usage", "options", "exit", "text", "literal"
    lines: list = field(default_factory=list)
    options: list = field(default_factory=list)


class Programs:
    """Where zchat and zchatd are, and what they say."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.known: dict = {}

    def help(self, *words: str) -> str:
        """help ("zchat", "send") is what zchat send --help prints."""
        if words not in self.known:
            done = subprocess.run([self.folder / words[0], *words[1:], "--help"], check=True,
                                  env={**os.environ, "LC_ALL": "C"},
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                  encoding="utf-8", timeout=60)  # fmt: skip
            self.known[words] = done.stdout
        return self.known[words]

    def commands(self, program: str) -> list:
        """The commands that the program's help names, in its order."""
        if program == "zchat-web":
            return []
        text = self.help(program)
        usage = re.search(rf"^ +{program} ((?:\w+ \|\s+)+\w+) \.\.\.", text, re.M)
        listed = re.search(r"^Commands[^:]*: ((?:\w+,\s+)+\w+)", text, re.M)
        if not usage and not listed:
            raise ValueError(f"{program} --help names no commands where they were looked for")
        return re.findall(r"\w+", usage[1] if usage else listed[1])

    def options(self, *words: str) -> list:
        """Its options, those with a dash."""
        return [one for block in blocks(self.help(*words)) for one in block.options if one.is_option]


def column(lines: list) -> int:
    """Where the second column of a list begins: most of its lines say so."""
    starts = [len(line) - len(line.lstrip()) for line in lines if line.startswith("     ")]
    starts += [match.end() for line in lines if (match := re.match(r" {2}\S.*? {2,}(?=\S)", line))]
    return max(set(starts), key=starts.count) if starts else 80


def term_read(term: str, text: str) -> Option:
    """"-n, --last NUMBER" is two names of one option with one value."""
    names, value = [], ""
    for part in term.split(", "):
        words = part.split(" ", 1)
        names.append(words[0])
        value = words[1] if len(words) > 1 else value
    return Option(names, value, text, term)


def options_read(lines: list) -> list:
    at, found = column(lines), []
    for line in lines:
        if not line.startswith("     "):
            whole = len(line) > at and line[at - 1] == " " and line[at] != " "
            term, text = (line[:at].strip(), line[at:]) if whole else (line.strip(), "")
            found.append([term, text])
        else:
            said, line = found[-1][1], line.strip()
            found[-1][1] += ("; " if line.startswith("default") and said[-1:] not in ",;:." else " ") + line
    # what stands alone on its line, such as "--help, --version", is two options, not two names
    alone = {"--help": "print this text", "--version": "print the version"}
    made = []
    for term, text in found:
        text = text.strip()
        parts = term.split(", ")
        if not text and all(part.startswith("--") for part in parts):
            made += [term_read(part, alone.get(part, "")) for part in parts]
        else:
            made.append(term_read(term, text))
    return made


def block_read(lines: list) -> list:
    """The blocks of a paragraph: a heading and what stands under it."""
    first, rest = lines[0], lines[1:]
    if first.startswith("Examples:"):
        return [Block("examples", [line.removeprefix("  ") for line in rest])]
    if first.startswith("Usage:"):
        return [Block("usage", [line[7:] for line in lines])]
    if first.startswith("Exit status:"):
        return [Block("exit", [first.removeprefix("Exit status: "), *rest])]
    if first.startswith("Options:"):
        return [Block("options", rest, options_read(rest))]
    if re.match(r"  (-|[A-Z]{3,} {3,})", first):
        return [Block("options", lines, options_read(lines))]
    made: list = []
    for line in lines:
        kind = "literal" if line.startswith("  ") else "text"
        if not made or made[-1].kind != kind:
            made.append(Block(kind))
        made[-1].lines.append(line.removeprefix("  "))
    return made


def blocks(text: str) -> list:
    paragraphs = [part.split("\n") for part in text.strip("\n").split("\n\n") if part.strip()]
    return [block for lines in paragraphs for block in block_read(lines)]
