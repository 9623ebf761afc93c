"""What the classroom chats could do, and this one must: with the real programs."""

import os
import shutil
import signal
import subprocess

import pytest

from support import build
from support.broker import free_ports
from support.client import Client
from support.wait import wait_until


@pytest.fixture
def person(zchat):
    """person (broker, name) sits at zchat in the room, on pipes, and has arrived."""

    def make(broker, nick: str, room: str = "lobby", *, watcher, **options):
        endpoint = broker if isinstance(broker, str) else broker.door
        process = zchat(endpoint, "--nick", nick, "--room", room, **options)
        watcher.wait_for(room, lambda e: e.type == "join" and e.user == nick)
        watcher.say(room, f"welcome, {nick}")
        process.shows(f"{watcher.user}: welcome, {nick}")  # now its feed is live
        return process

    return make


def test_1_names_texts_exit_log_and_interrupt(brokers, client, person):
    """A name sent on connect; all but the sender see `name: text`; leaving; Ctrl-C."""
    broker = brokers()
    watcher = client(broker, "watcher", "lobby")
    alice = person(broker, "alice", watcher=watcher)
    bob = person(broker, "bob", watcher=watcher)
    carol = person(broker, "carol", watcher=watcher)
    alice.shows("* carol joined")
    bob.shows("* carol joined")
    alice.type("hello all")
    bob.shows("alice: hello all")
    carol.shows("alice: hello all")
    bob.type("hello alice")
    alice.shows("bob: hello alice")
    carol.shows("bob: hello alice")
    assert "alice: hello all" not in alice.lines and "bob: hello alice" not in bob.lines
    assert bob.eof() == 0
    alice.shows("* bob left")
    carol.shows("* bob left")
    alice.type("/quit")
    assert alice.wait() == 0
    carol.shows("* alice left")
    for user in ("alice", "bob", "carol"):
        assert user in broker.log, f"the log does not note {user}"
    assert broker.stop(signal.SIGINT) == 0


def test_2_many_clients_in_russian_and_one_that_vanishes(broker, client, person):
    watcher = client(broker, "наблюдатель", "лобби")
    names = ["Иван", "Мария", "Пётр", "Ольга", "Яна"]
    people = {n: person(broker, n, "лобби", watcher=watcher) for n in names}
    for name, each in people.items():
        each.type(f"привет от {name}, ёжик 😀")
    for name, each in people.items():
        for other in names:
            if other != name:
                each.shows(f"{other}: привет от {other}, ёжик 😀")
    people["Пётр"].kill()
    rest = {n: each for n, each in people.items() if n != "Пётр"}
    for each in rest.values():
        each.shows("* Пётр left")
    for name, each in rest.items():
        each.type(f"{name} здесь")
    for name, each in rest.items():
        for other in rest:
            if other != name:
                each.shows(f"{other}: {other} здесь")
    broker.check_alive()


def test_3a_join_and_leave_are_told_and_restart_is_immediate(broker, client, person):
    watcher = client(broker, "watcher", "lobby")
    alice = person(broker, "alice", watcher=watcher)
    bob = person(broker, "bob", watcher=watcher)
    carol = person(broker, "carol", watcher=watcher)
    alice.shows("* bob joined")
    alice.shows("* carol joined")
    bob.shows("* carol joined")
    bob.kill()
    alice.shows("* bob left")
    carol.shows("* bob left")
    broker.crash()  # on the same ports, with clients still connected
    back = Client(watcher.door.context, broker.door, "back")
    back.join("lobby")

    def both():
        return {"alice", "carol"} <= set(back.door.ask("WHO", "lobby")["users"])

    wait_until(both, what="alice and carol come back by themselves", pause=0.1)
    alice.type("after the restart")
    carol.shows("alice: after the restart")


def ip(*arguments) -> None:
    """Skips where the machine does not let us: not root, a chroot, a container."""
    try:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        pytest.skip(f"no network namespaces here: {getattr(error, 'stderr', '') or error}")


@pytest.fixture
def other_host():
    """A network namespace with a cable to this one: (its name, our address)."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces want root")
    tag = f"zt{os.getpid() % 100000}"
    ours, theirs = "10.213.7.1", "10.213.7.2"
    try:
        ip("netns", "add", tag)
        ip("link", "add", f"{tag}a", "type", "veth", "peer", "name", f"{tag}b", "netns", tag)
        ip("addr", "add", f"{ours}/24", "dev", f"{tag}a")
        ip("link", "set", f"{tag}a", "up")
        ip("-n", tag, "addr", "add", f"{theirs}/24", "dev", f"{tag}b")
        ip("-n", tag, "link", "set", f"{tag}b", "up")
        ip("-n", tag, "link", "set", "lo", "up")
        yield tag, ours
    finally:
        if shutil.which("ip"):
            subprocess.run(["ip", "netns", "del", tag], capture_output=True)
            subprocess.run(["ip", "link", "del", f"{tag}a"], capture_output=True)


def test_3b_reachable_from_another_host(other_host, brokers, client, person):
    """Only the door is given: the feed is found by HELLO, though it was bound to every host."""
    namespace, address = other_host
    broker = brokers(doors=["tcp://0.0.0.0:*"], feeds=["tcp://0.0.0.0:*"], args=["--insecure"])
    local = f"tcp://127.0.0.1:{broker.door_port}"
    watcher = client(local, "watcher", "lobby")
    here = person(local, "here", watcher=watcher)
    there = person(
        f"tcp://{address}:{broker.door_port}", "there", watcher=watcher,
        wrap=["ip", "netns", "exec", namespace],
    )  # fmt: skip
    here.shows("* there joined")
    there.type("from another host")
    here.shows("there: from another host")
    here.type("and back")
    there.shows("here: and back")


def test_4_the_prompt_is_redrawn_with_what_is_being_typed(broker, client, terminal):
    alice = client(broker, "alice", "lobby")
    screen = terminal(broker.door, "--nick", "bob", "--room", "lobby")
    alice.wait_for("lobby", lambda e: e.type == "join" and e.user == "bob")
    screen.type("not yet fin")
    screen.wait_for(lambda t: t.cursor_row.endswith("not yet fin"), "what is typed is shown")
    for i in range(5):
        alice.say("lobby", f"message {i}")
        screen.wait_row(f"alice: message {i}")
        screen.wait_for(lambda t: t.cursor_row.endswith("not yet fin"), "the prompt is redrawn")
    rows = [row for row in screen.rows if "message" in row]
    assert len(rows) == 5 and [row[-1] for row in rows] == list("01234")
    assert sum("not yet fin" in row for row in screen.rows) == 1, "and stands there once"
    screen.type("ished\r")
    alice.wait_for("lobby", lambda e: e.body == "not yet finished")
    alice.say("lobby", "the end")
    screen.wait_row("alice: the end")
    screen.wait_for(lambda t: "not yet fin" not in t.cursor_row, "the line is empty again")
    shown = [row for row in screen.rows if "not yet finished" in row]
    assert len(shown) == 1, f"own messages are shown once: {screen.rows}"


def test_5a_a_client_without_a_broker(zchat):
    """A clear error, that names where it was looked for."""
    nowhere = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    for arguments in (["send", "hello"], ["listen"], ["who"], ["history"]):
        room = ["--room", "lobby", "--endpoint", nowhere, "--timeout", "1"]
        alone = zchat(arguments[0], *room, *arguments[1:])
        assert alone.wait() == 69, alone.err
        assert nowhere in alone.err and alone.out == ""
    person = zchat(nowhere, "--nick", "bob", "--room", "lobby")
    wait_until(lambda: nowhere in person.err + person.out, what="it says where it tries")
    person.type("this cannot be sent")
    assert person.eof() == 69, "what was typed did not get anywhere"


def test_5b_a_broker_that_cannot_bind(broker, tmp_path):
    done = subprocess.run(
        [build.zchatd(), "--data", str(tmp_path / "d"), "--door", broker.door,
         "--feed", "tcp://127.0.0.1:*"],
        capture_output=True, text=True, timeout=20, env=build.environment(),
    )  # fmt: skip
    assert done.returncode == 69 and broker.door in done.stderr


def test_5c_a_stopped_receiver_never_stops_the_others(broker, client, person):
    watcher = client(broker, "watcher", "lobby")
    alice = person(broker, "alice", watcher=watcher)
    bob = person(broker, "bob", watcher=watcher)
    bob.process.send_signal(signal.SIGSTOP)
    sender = client(broker, "sender", "lobby")
    for start in range(0, 3000, 500):
        tags = [sender.door.post_say("lobby", f"{i} " + "x" * 1000) for i in range(start, start + 500)]
        assert all(sender.door.reply(tag).ok for tag in tags)
    last = sender.say("lobby", "the last one")["seq"]
    watcher.wait_for("lobby", lambda e: e.seq == last)
    alice.shows("sender: the last one", deadline=40)
    bob.process.send_signal(signal.SIGCONT)
    bob.shows("sender: the last one", deadline=40)
    for each in (alice, bob):
        heard = [line for line in each.lines if line.startswith("sender: ")]
        assert len(heard) == 3001, f"{each.name} missed some or has some twice"
        numbers = [int(line.split()[1]) for line in heard[:-1]]
        assert numbers == list(range(3000))
