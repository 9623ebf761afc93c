"""The client in the language of the person: every sentence translated, English where it is not asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from support import build
from support.wait import DEADLINE, wait_until

ROOT = Path(__file__).resolve().parents[2]
LOCALE = str(build.build_dir() / "po")
RUSSIAN = {"LANG": "ru_RU.UTF-8", "ZCHAT_LOCALEDIR": LOCALE}


@pytest.fixture
def run(tmp_path):
    def go(*arguments, env=None, input=b""):
        done = subprocess.run(
            [build.zchat(), *arguments], input=input, capture_output=True, timeout=2 * DEADLINE,
            env=build.environment(**{"HOME": str(tmp_path), **(env or {})}),
        )  # fmt: skip
        build.assert_clean(done.stderr.decode(errors="replace"), "zchat")
        return done

    return go


@pytest.mark.skipif(not (build.build_dir() / "po/ru/LC_MESSAGES/zchat.mo").exists(), reason="built without msgfmt")
def test_no_sentence_is_missing():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/messages", "--check", "--programs", build.build_dir()], capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stdout + done.stderr


@pytest.mark.parametrize("catalog", sorted((ROOT / "po").glob("*.po")), ids=lambda path: path.stem)
def test_msgfmt_is_silent(catalog):
    done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", catalog], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("language", ["C", "C.UTF-8", "en_US.UTF-8", "xx_YY.UTF-8", "de_DE.UTF-8", ""])
def test_english_where_russian_is_not_asked_for(run, language):
    env = {"LANG": language, "ZCHAT_LOCALEDIR": LOCALE}
    assert run("send", "--help", env=env).stdout.startswith(b"Examples:\n")
    assert run("send", env=env).stderr.startswith(b"zchat: which room:")


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "ru_RU.UTF-8"}, {"LANG": "C", "LC_ALL": "ru_RU.UTF-8"}, {"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU"},
        {"LANG": "ru"}, {"LANG": "C.UTF-8", "LANGUAGE": "ru:en"},
    ],
)  # fmt: skip
def test_russian_where_it_is(run, env):
    """Though no Russian locale was made on this machine."""
    done = run("send", "--help", env={**env, "ZCHAT_LOCALEDIR": LOCALE})
    assert done.stdout.decode().startswith("Примеры:\n")


@pytest.mark.parametrize("command", ["", "send", "listen", "who", "rooms", "history", "edit", "react", "mark", "search",
                                     "purge", "key", "config", "find"])  # fmt: skip
def test_help_has_the_same_options_in_both(run, command):
    words = [command] if command else []
    english = run(*words, "--help").stdout.decode().splitlines()
    russian = run(*words, "--help", env=RUSSIAN).stdout.decode().splitlines()

    def terms(lines):
        return [line.split()[0] for line in lines if line.startswith("  ") and line[2:3].strip()]

    assert terms(russian) == terms(english)
    assert max(map(len, russian)) <= 100
    assert "Examples:" not in russian


def test_what_programs_read_stays_as_it_is(run, shared_broker, name):
    room = name("room")
    assert run("send", "-e", shared_broker.door, "-r", room, "hi", env=RUSSIAN).returncode == 0
    for arguments in (["history", "-r", room], ["history", "-r", room, "--json"], ["rooms"], ["who", "-r", room]):
        done = [run(*arguments, "-e", shared_broker.door, env=env) for env in ({}, RUSSIAN)]
        assert done[0].returncode == done[1].returncode == 0
        assert done[0].stdout == done[1].stdout


def test_a_talk_in_russian(zchat, shared_broker, name, tmp_path):
    me = zchat("-e", shared_broker.door, "--nick", name("bob"), env=RUSSIAN)
    for line, said in [
        ("/jion x", "/jion — не команда; может быть, /join?"),
        ("/help", "наберите текст; строка, которая начинается с /, — команда:"),
        ("/help комнаты", "войти в комнату или вернуться в неё"),
        ("/help rooms", "какие есть комнаты"),
        ("/set theme pink", "не изменено: это dark или light"),
        ("/rooms", "здесь: "),
    ]:
        me.type(line)
        wait_until(lambda: said in me.err + me.out, what=said)  # noqa: B023
    me.type("/quit")
    assert me.wait() in (64, 65)  # what was refused to a script


def test_numbers_choose_their_form(run, safe, tmp_path):
    done = run("purge", "names", "nobody*", "-e", safe.address, "--nick", "bob", env=RUSSIAN)
    assert "отказывает" in done.stderr.decode() or "0 имён" in done.stderr.decode()


@pytest.mark.parametrize("word, env", [("exit", {}), ("exit", RUSSIAN), ("выход", RUSSIAN)])
def test_the_word_that_leaves(terminal, shared_broker, name, word, env):
    me = terminal("-e", shared_broker.door, "--nick", name("bob"), "--plain", env=env)
    me.wait_row("lobby")
    me.type(f"{word}\r")
    me.wait_for(lambda t: not t.child.isalive(), "it leaves")
