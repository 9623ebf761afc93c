"""The page shows what others wrote as the terminal does, or less of it: never more."""

import itertools
import subprocess
import unicodedata

from support import build

PAGE = build.ROOT / "client/web/page"
SHOW = f"""
import {{ display }} from "{PAGE.as_uri()}/text.js";
import {{ readFileSync, writeSync }} from "node:fs";
const texts = readFileSync(0, "utf8").split("\\0").slice(0, -1);
process.stdout.write(texts.map((text) => display(text, true) + "\\0").join(""));
"""
# the two may know different versions of Unicode: what is not assigned here is left out
EVERY = [c for c in range(1, 0x110000) if unicodedata.category(chr(c)) not in ("Cs", "Cn")]
NONE = [c for c in (*range(0xFDD0, 0xFDF0), 0x2065, 0xFFFE, 0x1FFFF, 0x10FFFF, 0xE0000, 0xE01F0)]


def shown(texts, command) -> list:
    done = subprocess.run(
        command, input="".join(text + "\0" for text in texts).encode(), capture_output=True, check=True
    )
    return done.stdout.decode().split("\0")[:-1]


def by_both(texts):
    terminal = shown(texts, [build.build_dir() / "text_tool"])
    page = shown(texts, ["node", "--input-type=module", "-e", SHOW])
    assert len(terminal) == len(page) == len(texts)
    return zip(texts, terminal, page)


def test_every_character_between_letters():
    for text, terminal, page in by_both([f"a{chr(c)}b" for c in EVERY + NONE]):
        assert page == terminal, ascii(text)


def test_every_character_that_shows_nothing_beside_those_it_may_join():
    hidden = [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x61C, 0xAD, 0x34F, 0xFE0E, 0xFE0F, 0xFE00, 0xE0100,
              0x202E, 0x2066, 0x2069, 0xFEFF, 0x301, 0x1F3F4, 0xE0067, 0xE007F]  # fmt: skip
    beside = ["", "a", "я", "م", "ש", "क", "क्", "👩", "❤", "葛", "1", " "]
    differ = 0
    texts = [before + chr(one) + (chr(two) if two else "") + after
             for before, one, two, after in itertools.product(beside, hidden, [None, *hidden], beside)]  # fmt: skip
    for text, terminal, page in by_both(texts):
        if page != terminal:
            # stricter only: something that shows nothing is left out
            left = iter(terminal)
            assert all(c in left for c in page), (ascii(text), ascii(terminal), ascii(page))
            differ += 1
    assert differ < len(texts) / 20
