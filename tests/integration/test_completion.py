"""What shells complete behind zchat and zchatd: bash is driven on a terminal, zsh and fish are asked
where they can be, and whatever a broker names does no harm."""

import functools
import os
import re
import shutil
import subprocess
import sys
import time

import pexpect
import pytest

from support import build
from support.build import ROOT
from support.wait import DEADLINE, wait_until

sys.path.insert(0, str(ROOT / "packaging"))
from helptext import Programs  # noqa: E402

SHELLS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}
HELPER = ROOT / "packaging/completion/zchat-complete"


@functools.cache
def made(shell: str) -> str:
    """The completion as it is installed, but for the path of its helper."""
    done = subprocess.run([ROOT / "packaging/completion/generate", shell, "--programs",
                           build.build_dir(), "--helper", HELPER], capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(shell: str, folder):
    path = folder / f"zchat.{shell}"
    path.write_text(made(shell))
    return path


def environment(folder, **more) -> dict:
    """Of somebody who has just come: a home without anything, and our programs."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    # a busy machine is waited for
    given = {"ZCHAT_COMPLETE_SECONDS": str(DEADLINE), **more}
    return build.environment(HOME=str(home), TERM="dumb", INPUTRC="/dev/null", HISTFILE="",
                             PATH=f"{build.build_dir()}:{os.environ['PATH']}", **given)  # fmt: skip


class Bash:
    """A shell on a terminal. What a line became after the keys is printed by the line itself."""

    def __init__(self, folder, **env):
        self.child = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], timeout=DEADLINE, cwd=folder,
                                   env=environment(folder, **env), encoding="utf-8",
                                   dimensions=(24, 1000))  # fmt: skip
        self.run("bind 'set enable-bracketed-paste off'; bind 'set bell-style none'")
        self.run(f"source {script('bash', folder)}")

    def run(self, line: str) -> str:
        self.child.sendline(f"{line}; PS1=; printf '\\nEN''D\\n'")
        self.child.expect("\r\nEND\r\n")
        return self.child.before

    def words(self, text: str, keys: str = "\t") -> list:
        """The words of the line after these keys: TAB, or ESC * for every completion."""
        self.child.send(f"{text}{keys}\x01show \x05\n")
        self.child.expect(r"\r\nEND\r\n")
        return re.findall(r"<(.*?)>", self.child.before.split("show ")[-1])

    def every(self, text: str) -> list:
        """What may stand for the last word."""
        return sorted(self.words(text, "\x1b*")[len(text.split()) - (not text.endswith(" ")) :])


@pytest.fixture
def bash(tmp_path):
    made = []

    def make(**env) -> Bash:
        shell = Bash(tmp_path, **env)
        shell.run("show () { printf '\\n'; printf '<%s>' \"$@\"; printf '\\nEN''D\\n'; }")
        made.append(shell)
        return shell

    yield make
    for shell in made:
        shell.child.close(force=True)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_syntax(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    done = subprocess.run([*SHELLS[shell], script(shell, tmp_path)], capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_and_options_are_those_of_help(bash):
    programs, shell = Programs(build.build_dir()), bash()
    assert shell.words("zchat hist") == ["zchat", "history"]
    for program in ("zchat", "zchatd"):
        assert shell.every(f"{program} ") == sorted(programs.commands(program))
        for command in ("", *programs.commands(program)):
            words = [*filter(None, (program, command))]
            names = {name for one in programs.options(*words) for name in one.names}
            assert set(shell.every(" ".join([*words, "-"]))) == names
    assert shell.every("zchat key ") == ["add", "free", "list", "remove"]
    assert shell.every("zchatd --log-level ") == ["debug", "error", "info", "warning"]
    assert shell.words("zchat send --nick l") == ["zchat", "send", "--nick", "l"], "nothing is known"


def test_files_and_brokers(bash, tmp_path):
    (tmp_path / "my.token").write_text("")
    known = tmp_path / "home/.config/zchat"
    known.mkdir(parents=True)
    (known / "known_brokers").write_text("# met\nchat.example.org:5680 abc\n$(touch owned) abc\n"
                                         "[::1]:77 def # mine\n")  # fmt: skip
    shell = bash()
    assert shell.words("zchat who --token-file my") == ["zchat", "who", "--token-file", "my.token"]
    assert shell.words("zchat who -e ch") == ["zchat", "who", "-e", "chat.example.org:5680"]
    assert shell.words("zchat who -e chat.example.org:5") == ["zchat", "who", "-e", "chat.example.org:5680"]
    assert shell.words("zchat who -e tcp://12")[3] == "tcp://127.0.0.1:5680"
    assert not (tmp_path / "owned").exists()


def test_rooms_and_users_of_the_default_broker(bash, broker, client):
    here = [client(broker, "maria", "build"), client(broker, "иван", "lobby", "комната")]
    shell = bash(ZCHAT_ENDPOINT=broker.door)
    assert shell.words("zchat listen -r bu") == ["zchat", "listen", "-r", "build"]
    assert shell.every("zchat who --room ") == ["build", "lobby", "комната"]
    assert shell.every("zchat send --to ") == ["maria", "иван"], here


def test_rooms_of_the_broker_that_is_named(bash, broker, client):
    maria = client(broker, "maria", "build")
    shell = bash(ZCHAT_ENDPOINT="ipc:///nowhere")
    assert shell.words(f"zchat who -e {broker.door} -r bu")[-1] == "build", maria


def test_an_answer_is_remembered(bash, broker, client, tmp_path):
    maria = client(broker, "maria", "build")
    shell = bash(ZCHAT_ENDPOINT=broker.door)
    assert shell.every("zchat who -r ") == ["build"]
    maria.join("later")
    (kept,) = (tmp_path / "home/.cache/zchat").iterdir()
    os.utime(kept, (time.time() + 60,) * 2)
    assert shell.every("zchat who -r ") == ["build"], "of the cache"
    assert kept.stat().st_mode & 0o077 == 0
    os.utime(kept, (time.time() - 60,) * 2)
    assert shell.every("zchat who -r ") == ["build", "later"]


def test_a_broker_that_is_not_there_is_not_waited_for(bash, tmp_path):
    """A second, and from then on nothing: that too is remembered. No time is measured here: a shell
    that waits for ever does not get as far."""
    shell = bash(ZCHAT_ENDPOINT="ipc:///nowhere", ZCHAT_COMPLETE_SECONDS="1")
    assert shell.words("zchat who -r x") == ["zchat", "who", "-r", "x"]
    wait_until(lambda: list((tmp_path / "home/.cache/zchat").iterdir()), what="it is remembered")


#   A program in zchat's place: what a broker says in the worst case.
EVIL = r"""#!/bin/sh
case $1 in rooms)
printf '%s\t1\t1\t\n' '$(touch owned)' '`touch owned`' 'a;touch owned' 'a b' '-rf' 'a|b' 'a>owned' "a'b" \
    'a"b' 'a\b' '*' '~' '!x' 'good' 'a&b' '{x,y}' 'bad'"$(printf '\033[2J')" ;;
who) printf '%s\n' 'good' '$(touch owned)' ;;
esac
"""


def test_what_a_broker_names_is_never_run(bash, tmp_path):
    programs = tmp_path / "evil"
    programs.mkdir()
    (programs / "zchat").write_text(EVIL)
    (programs / "zchat").chmod(0o755)
    shell = bash()
    shell.run(f"PATH={programs}:$PATH")
    assert shell.every("zchat who -r ") == ["good"]
    assert shell.every("zchat send --to ") == ["good"]
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
def test_fish_is_asked(broker, client, tmp_path):
    maria = client(broker, "maria", "build")

    def offers(line: str) -> set:
        done = subprocess.run(["fish", "--no-config", "-c", f"source {path}; complete -C '{line}'"],
                              capture_output=True, text=True, timeout=60,
                              env=environment(tmp_path, ZCHAT_ENDPOINT=broker.door))  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return {offer.split("\t")[0] for offer in done.stdout.splitlines()}

    path, programs = script("fish", tmp_path), Programs(build.build_dir())
    assert offers("zchat ") == set(programs.commands("zchat"))
    names = {name for one in programs.options("zchat", "send") for name in one.names}
    assert offers("zchat send --") == {name for name in names if name.startswith("--")}
    assert offers("zchat who -r ") == {"build"} and offers("zchat send --to m") == {"maria"}, maria


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")
def test_zsh_is_asked(broker, client, tmp_path):
    """On a terminal, as zsh completes nowhere else."""
    maria = client(broker, "maria", "build")
    folder = tmp_path / "functions"
    folder.mkdir()
    shutil.copy(script("zsh", tmp_path), folder / "_zchat")
    child = pexpect.spawn("zsh", ["-f", "-i"], timeout=DEADLINE, encoding="utf-8", cwd=tmp_path,
                          env=environment(tmp_path, ZCHAT_ENDPOINT=broker.door), dimensions=(24, 1000))  # fmt: skip
    try:
        child.sendline(f"PS1= RPS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp; fpath=({folder} $fpath);"
                       " autoload -U compinit; compinit -u -D; show () { printf '<%s>' $@; print EN''D }; print BE''GIN")  # fmt: skip
        child.expect("BEGIN")
        for line, last in (("zchat his", "history"), ("zchat who --jso", "--json"),
                           ("zchat who -r bu", "build"), ("zchatd --log-level war", "warning")):  # fmt: skip
            child.send(f"{line}\t\x01show \x05\n")
            child.expect(r"<(?P<words>[^\r\n]*)>\s*END")
            assert child.match["words"].split("><")[-1] == last, maria
    finally:
        child.close(force=True)
