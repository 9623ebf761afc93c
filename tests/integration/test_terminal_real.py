"""The line mode in a real terminal, tmux, which lays its lines out anew when it is resized: what a person
sees, and where the cursor stands."""

import itertools
import shlex
import shutil
import subprocess
import unicodedata

import pytest

from support import build
from support.wait import wait_until

numbers = itertools.count(1)
pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux: scripts/setup test")

#   Name, text, and whether terminals agree about its columns: of some pictures they draw one, or
#   several, and zchat takes the most.
SAMPLES = {
    "hindi": ("नमस्ते दुनिया में आपका स्वागत है ", True),
    "tamil": ("வணக்கம் உலகம் எப்படி இருக்கிறீர்கள் ", True),
    "bengali": ("বাংলা ভাষা আমার মাতৃভাষা ", True),
    "burmese": ("မြန်မာစကားပြောတတ်ပါတယ် ", True),
    "khmer": ("ភាសាខ្មែរ​ជា​ភាសា​ជាតិ ", True),
    "thai": ("ภาษาไทยเป็นภาษาราชการ ", True),
    "persian": ("می\u200cخواهم بروم ", True),
    "cjk": ("漢字かなカナ한글", True),
    "emoji": ("😀👍🎉", True),
    "flags": ("🇩🇪🇺🇦🇯🇵", False),
    "family": ("👩\u200d💻👨\u200d👩\u200d👧", False),
    "heart": ("❤\ufe0f1\ufe0f\u20e3", False),
    "england": ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", True),
}


class Tmux:
    """One window of tmux with a program in it."""

    def __init__(self, folder, number, columns=60, rows=16):
        self.socket = folder / f"tmux{number}"
        self.size = (columns, rows)
        self.env = build.environment(TERM="xterm-256color", HOME=str(folder), LANG="C.UTF-8")

    def run(self, *arguments) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-f", "/dev/null", "-S", str(self.socket), *arguments],
            env=self.env, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command, env=None) -> "Tmux":
        words = [*(f"{k}={v}" for k, v in (env or {}).items()), *command]
        columns, rows = self.size
        self.run("new-session", "-d", "-x", str(columns), "-y", str(rows),
                 "exec env " + shlex.join(map(str, words)))  # fmt: skip
        return self

    @property
    def rows(self) -> list:
        return [row.rstrip() for row in self.run("capture-pane", "-p").split("\n")]

    @property
    def text(self) -> str:
        """Lines that the terminal has wrapped, joined again."""
        return self.run("capture-pane", "-p", "-J", "-S", "-100")

    @property
    def cursor(self) -> tuple:
        x, y = self.run("display-message", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(x), int(y)

    def type(self, text: str) -> None:
        self.run("send-keys", "-l", "--", text)

    def key(self, name: str) -> None:
        self.run("send-keys", name)

    def resize(self, columns: int) -> None:
        self.run("resize-window", "-x", str(columns), "-y", str(self.size[1]))

    def wait(self, predicate, what: str) -> None:
        try:
            wait_until(lambda: predicate(self), what=what)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n" + "\n".join(self.rows)) from None

    def wait_text(self, text: str) -> None:
        self.wait(lambda t: text in t.text, repr(text))

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], capture_output=True)


@pytest.fixture
def tmux(tmp_path):
    made = []

    def make(**size) -> Tmux:
        made.append(Tmux(tmp_path, len(made), **size))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def person(tmux, shared_broker, name):
    """Somebody who has entered a room of their own, with a prompt of 6 columns."""

    def make(env=None, **size) -> Tmux:
        made = tmux(**size)
        made.room = f"r{next(numbers):03}"
        made.start(build.zchat(), "-e", shared_broker.door, "--nick", name("b"),
                   "--room", made.room, env=env)  # fmt: skip
        made.wait_text("you are in")
        return made

    return make


def bare(text: str) -> str:
    """Without what tmux may leave out or put elsewhere: characters that take no column."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cn")).strip()


@pytest.mark.parametrize(
    "kind, lang", [*((kind, "C.UTF-8") for kind in SAMPLES), ("hindi", "C"), ("cjk", "C")]
)
def test_who_types_sees_what_they_type(person, kind, lang):
    sample, agreed = SAMPLES[kind]
    one = person(columns=40, env={"LANG": lang, "LC_ALL": lang})
    one.type(sample * 24)
    end = bare(sample)[-2:]
    one.wait(lambda t: bare(t.rows[t.cursor[1]]).endswith(end), "the end of it")
    x, y = one.cursor
    assert 6 < x < 39, "the cursor is in sight, with room to type"
    if agreed:
        #   Scrolled so that the cursor stands at two thirds: no more is left free than that.
        assert x >= 6 + (40 - 6) // 2, one.rows
    one.type("|")
    one.wait(lambda t: t.rows[t.cursor[1]].endswith("|"), "the next key")
    assert one.cursor[1] == y
    one.key("Enter")
    one.wait(lambda t: t.cursor[0] == 6, "an empty line")


@pytest.mark.parametrize("kind", [kind for kind, (_, agreed) in SAMPLES.items() if agreed])
def test_columns_are_reckoned_as_the_terminal_does(person, tmux, kind):
    """The prompt and the text, unscrolled: what zchat drew ends where tmux has it."""
    sample = SAMPLES[kind][0].strip()
    sample *= 24 // len(sample) + 1
    bare_terminal = tmux(columns=100).start(
        "sh", "-c", f"printf '%s' {shlex.quote('######' + sample)}; exec sleep 600"
    )
    bare_terminal.wait(lambda t: t.cursor[0] > 6, "the text")
    expected = bare_terminal.cursor[0]
    one = person(columns=100)
    one.resize(expected + 2)
    one.type(sample)
    one.wait(lambda t: t.cursor[0] == expected, f"the cursor at {expected}")
    assert not one.rows[one.cursor[1]].count("<"), "it fits, so nothing is scrolled out"
    one.resize(expected)
    one.wait(lambda t: "<" in t.rows[t.cursor[1]], "and now it does not")


def test_narrowing_the_window_leaves_nothing_behind(person):
    one = person(columns=60, rows=20)
    one.type("said before")
    one.key("Enter")
    one.wait_text("said before")
    line = "some words that are longer than the window will be"
    one.type(line)
    one.wait(lambda t: t.rows[t.cursor[1]].endswith("will be"), "the line")
    for columns in (40, 25, 50, 12, 30, 60):
        one.resize(columns)
        one.wait(lambda t: t.rows[t.cursor[1]].endswith("be") and ("<" in t.rows[t.cursor[1]]) == (columns < 60)
                 and sum(row.startswith("r") and "> " in row for row in t.rows) == 1,
                 f"drawn for {columns}, and once")  # fmt: skip
        assert "said before" in one.text, "nothing of the talk is lost"
    assert one.rows[one.cursor[1]].endswith(line)
    one.key("Enter")
    one.wait(lambda t: t.cursor[0] == 6 and t.text.count("some words") == 1, "it is said")


def test_a_long_address_is_the_terminals(person, shared_broker, door, name):
    one = person(columns=40, rows=16)
    address = "https://example.org/" + "".join(f"{i:03}/" for i in range(25)) + "?q=end"
    eve = door(shared_broker, name("eve"), hello=True)
    eve.say(one.room, f"see {address} there")
    one.wait(lambda t: "there" in t.text, "the message")
    #   Nothing follows it in its last row, which begins where times and names stand.
    assert f"see {address}\n" in one.text, "whole, as the terminal knows that it goes on"
