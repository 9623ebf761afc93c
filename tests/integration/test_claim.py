"""A name is claimed where that is asked for: by who keeps their key, and nobody else."""

import os
import subprocess
import sys

import pytest

from support import build, page
from support.curve import Pair
from support.secure import Person
from support.wait import DEADLINE, wait_until


def test_a_passing_key_holds_its_name_while_it_is_here(safe, person):
    bob = person(safe, "bob", claim=False)
    assert bob.greeting["proven"] is False
    eve = person(safe, "eve")
    assert eve.ask("KEYS", "bob").json == {"user": "bob", "proven": False, "keys": []}
    assert person(safe, "bob", hello=False).refused("HELLO", {"claim": True})["code"] == "taken"
    assert bob.refused("JOIN", "den", {"private": True})["code"] == "proof"
    bob.ask("BYE")
    said = person(safe, "carl", hello=False)
    said.say("lobby", "a SAY without HELLO claims nothing")
    said.close()
    for name in ("bob", "carl"):
        other = person(safe, name, hello=False)
        owned = wait_until(lambda: other.request("HELLO", {"claim": True}).json.get("proven"), what=f"{name} is free again")
        assert owned is True
        assert person(safe, name, hello=False).refused("HELLO")["code"] == "taken"


def test_the_program_of_the_page_runs_twice(safe, tmp_path):
    program = page.program("Encryption")
    program = program.replace("zchat://127.0.0.1:5680/KEY", safe.address)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, env=build.environment(),
            capture_output=True, text=True, timeout=DEADLINE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        hello, said = (eval(line) for line in done.stdout.splitlines())  # noqa: S307
        assert hello[0] == said[0] == b"OK" and b'"proven":true' in hello[2], done.stdout
    assert (tmp_path / "bob.key").stat().st_mode & 0o777 == 0o600


# --- the bot


@pytest.fixture
def bot(safe, tmp_path):
    """Runs of echo_bot against the safe broker, with a home of its own."""
    runs = []

    def run(home="home"):
        (tmp_path / home).mkdir(exist_ok=True)
        env = build.environment(HOME=str(tmp_path / home))
        env.pop("XDG_CONFIG_HOME", None)
        path = build.build_dir() / "examples" / "echo_bot"
        runs.append(subprocess.Popen([path, "lobby", safe.address], env=env,
                                     stderr=subprocess.PIPE, text=True))  # fmt: skip
        return runs[-1]

    yield run
    for one in runs:
        one.kill()
        one.wait()
        one.stderr.close()


def test_the_bot_comes_back_and_is_refused_in_words(safe, person, bot, client):
    ann = person(safe, "ann")
    ann.join("lobby")
    for number in range(2):
        running = bot()

        def echoed():
            text = f"hi {number} {os.urandom(4).hex()}"
            ann.say("lobby", text)
            events = ann.history_all("lobby")
            return any(e.user == "echo" and e.body.startswith(f"hi {number}") for e in events)

        wait_until(echoed, what="the bot says it again")
        running.kill()
        running.wait()
    other = bot("elsewhere")
    _, error = other.communicate(timeout=DEADLINE)
    assert other.returncode == 1 and "belongs to another key" in error


# --- tokens


def token_of(broker, name: str) -> str:
    done = subprocess.run(
        [build.zchatd(), "token", "--data", broker.data, name], env=build.environment(),
        capture_output=True, text=True, timeout=DEADLINE, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_a_key_that_came_with_a_token_opens_the_name_without_it(safe, person):
    token = token_of(safe, "robot")
    first, second, passing = Pair(), Pair(), Pair()
    person(safe, "robot", pair=first, token=token).close()
    person(safe, "robot", pair=second, token=token).close()
    person(safe, "robot", pair=passing, token=token, claim=False).close()
    for pair in (first, second):
        assert person(safe, "robot", pair=pair).greeting["proven"] is True
    late = person(safe, "robot", pair=passing, hello=False)
    assert late.refused("HELLO", {"claim": True})["code"] == "taken"
    assert person(safe, "eve").ask("KEYS", "robot")["keys"] == [first.text, second.text]
    assert isinstance(late, Person)


# --- a program that was killed


def test_a_killed_program_finds_its_name_kept_and_waits(broker, zchat):
    """On a plain broker, at once after kill -9: never "choose another", and nothing to do by hand."""
    first = zchat("listen", "-e", broker.door, "--nick", "bob", "--mail", "--json")
    wait_until(lambda: 'hello user="bob"' in broker.log, what="bob is here")
    first.kill()
    sent = zchat("send", "-e", broker.door, "--nick", "bob", "-r", "lobby", "--timeout", "20", "hi")
    assert sent.wait(40) == 0, sent.err
    assert "choose another" not in sent.err
