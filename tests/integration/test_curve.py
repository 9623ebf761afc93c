"""Encryption and admission: who gets in, who gets nothing, and what a person is told."""

import os
import socket
import stat
import subprocess
import sys
import threading

import pytest
import zmq

from support import build, page
from support.broker import Broker, free_ports
from support.client import Door, Feed, quiet
from support.curve import Encrypted, Pair, encrypted, key_encode
from support.wait import wait_until

USAGE, DAMAGED, UNREACHABLE, CANTCREAT, REFUSED = 64, 65, 69, 73, 77


@pytest.fixture
def club(brokers):
    """A broker that encrypts and admits its members."""
    return brokers(args=["--curve", "--admission", "members"])


def enrol(broker, *pairs) -> None:
    with open(broker.data / "members", "a") as file:
        file.writelines(f"{pair.text} somebody\n" for pair in pairs)


def talks(broker, context, user: str) -> Door:
    return Door(context, broker.door, user, hello=True)


def silent(sock, milliseconds: int = 700) -> bool:
    return not sock.poll(milliseconds)


def mode(path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def config(zchat_process, name: str):
    return zchat_process.stdout_path.parent / ".config" / "zchat" / name


# --- the broker's key and its address


def test_the_address_stays(safe):
    host, key = safe.address.removeprefix("zchat://").split("/")
    assert host == safe.door.removeprefix("tcp://")
    assert len(key) == 56 and key.isalnum() and key == key.lower()
    assert f'address="{safe.address}"' in safe.log
    before = safe.address
    safe.restart()
    assert safe.address == before
    safe.crash()
    assert safe.address == before


def test_no_address_without_encryption(broker):
    assert broker.address is None
    assert not (broker.data / "broker.key").exists()


def test_the_broker_key_file(safe):
    path = safe.data / "broker.key"
    assert mode(path) == 0o600
    assert not [n for n in os.listdir(safe.data) if n.startswith("broker.key.")]
    assert safe.stop() == 0
    text = path.read_text()
    for wrong in (0o640, 0o604, 0o666):
        path.chmod(wrong)
        ended(safe, CANTCREAT, "broker.key")
    path.chmod(0o600)
    key = text.splitlines()[1]
    for spoilt in ("", "nonsense\n", text[:-2] + "\n", key[:20] + key[21] + key[20] + key[22:]):
        if spoilt.strip() == key:
            continue
        path.write_text(spoilt)
        ended(safe, DAMAGED, "broker.key")
    path.write_text(text)
    safe.start()


def ended(broker, code: int, word: str, *args) -> None:
    done = subprocess.run(
        [build.zchatd(), "--data", broker.data, "--door", "tcp://127.0.0.1:*", "--feed",
         "tcp://127.0.0.1:*", "--curve", *args],
        capture_output=True, text=True, timeout=20, env=build.environment(),
    )  # fmt: skip
    build.assert_clean(done.stderr, "zchatd")
    assert done.returncode == code and word in done.stderr, (done.returncode, done.stderr)


@pytest.mark.parametrize(
    "arguments, word",
    [(["--admission", "members"], "--curve"), (["--host", "h.example"], "--curve"),
     (["--curve", "--admission", "all"], "admission"), (["--curve", "--host", "a b"], "host"),
     (["--curve", "--host", "a/b"], "host"), (["--curve", "--door", "ipc:///tmp/zchat-x"], "tcp")],
)  # fmt: skip
def test_bad_flags(tmp_path, arguments, word):
    done = subprocess.run(
        [build.zchatd(), "--data", tmp_path / "d", *arguments],
        capture_output=True, text=True, timeout=20, env=build.environment(),
    )  # fmt: skip
    assert done.returncode == USAGE and word in done.stderr, (done.returncode, done.stderr)
    assert not (tmp_path / "d").exists()


def test_beyond_this_machine_only_encrypted(brokers):
    everywhere = dict(doors=["tcp://*:*"], feeds=["tcp://*:*"])
    with pytest.raises(AssertionError, match="ended with 64"):
        brokers(**everywhere)
    named = brokers(**everywhere, args=["--curve", "--host", "chat.example.org"])
    assert named.address.startswith(f"zchat://chat.example.org:{named.door_port}/")
    found = brokers(**everywhere, args=["--curve"])
    host = found.address.removeprefix("zchat://").split(":")[0]
    assert host not in ("0.0.0.0", "*") and f":{found.door_port}/" in found.address


# --- who gets in


def test_a_conversation(safe, context):
    pair = Pair()
    inside = encrypted(context, safe, pair)
    door = talks(safe, inside, "bob")
    feed = Feed(inside, safe.feed)
    feed.subscribe("room/lobby/")
    feed.sync(door)
    door.ask("SAY", "lobby", "hello")
    wait_until(lambda: feed.take(0.1) and any(e.body == "hello" for e in feed.events))
    assert 'user="bob"' in safe.log and f'key="{pair.text}"' in safe.log


def test_a_plain_client_gets_nothing(safe, context):
    inside = encrypted(context, safe)
    door = talks(safe, inside, "bob")
    feed = Feed(inside, safe.feed)
    feed.subscribe("")
    feed.sync(door)
    outside_door, outside_feed = quiet(context.socket(zmq.DEALER)), quiet(context.socket(zmq.SUB))
    outside_feed.subscribe("")
    outside_door.connect(safe.door)
    outside_feed.connect(safe.feed)
    outside_door.send_multipart([b"SAY", b"1", b"eve", b"lobby", b"let me in"])
    for number in range(20):
        door.ask("SAY", "lobby", f"private {number}")
    wait_until(lambda: feed.take(0.1) and any(e.body == "private 19" for e in feed.events))
    assert silent(outside_door) and silent(outside_feed)
    assert not any(e.body == "let me in" for e in feed.events)
    assert door.ask("HISTORY", "lobby")["head"] == 20
    wait_until(lambda: "handshake-failed" in safe.log, what="the broker's log tells of it")


@pytest.mark.parametrize("mechanism", ["plain", "wrong server key", "small order"])
def test_other_mechanisms_get_nothing(safe, context, mechanism):
    for kind, endpoint in ((zmq.DEALER, safe.door), (zmq.SUB, safe.feed)):
        if mechanism == "plain":
            sock = context.socket(kind)
            sock.setsockopt(zmq.PLAIN_USERNAME, b"admin")
            sock.setsockopt(zmq.PLAIN_PASSWORD, b"admin")
        elif mechanism == "wrong server key":
            sock = Encrypted(context, Pair().public, Pair()).socket(kind)
        else:
            pair = Pair()
            pair.public = bytes(32)
            sock = encrypted(context, safe, pair).socket(kind)
        quiet(sock).connect(endpoint)
        if kind == zmq.DEALER:
            sock.send_multipart([b"PING", b"1", b""])
        else:
            sock.subscribe("")
            talks(safe, encrypted(context, safe), "bob").ask("SAY", "lobby", "private")
        assert silent(sock)
    assert 'user="admin"' not in safe.log


def test_members_only(club, context):
    member, stranger = Pair(), Pair()
    assert "members-not-read" in club.log
    enrol(club, member)
    inside = encrypted(context, club, member)
    door = talks(club, inside, "bob")
    feed = Feed(inside, club.feed)
    feed.subscribe("")
    feed.sync(door)
    outside = encrypted(context, club, stranger)
    outside_door, outside_feed = quiet(outside.socket(zmq.DEALER)), quiet(outside.socket(zmq.SUB))
    outside_feed.subscribe("")
    outside_door.connect(club.door)
    outside_feed.connect(club.feed)
    outside_door.send_multipart([b"SAY", b"1", b"eve", b"lobby", b"let me in"])
    wait_until(lambda: club.log.count(stranger.text) >= 2, what="both sockets refuse")
    door.ask("SAY", "lobby", "among us")
    wait_until(lambda: feed.take(0.1) and any(e.body == "among us" for e in feed.events))
    assert silent(outside_door) and silent(outside_feed)
    assert door.ask("HISTORY", "lobby")["head"] == 1
    assert f'not-admitted key="{stranger.text}"' in club.log
    # once the stranger is a member, the broker need not be started again
    enrol(club, stranger)
    assert talks(club, outside, "eve").ask("PING").ok


def test_a_member_no_more(club, context):
    pair = Pair()
    enrol(club, pair)
    door = talks(club, encrypted(context, club, pair), "bob")
    (club.data / "members").write_text("# nobody\n")
    door.reconnect()
    door.send_raw("PING", "1", "")
    wait_until(lambda: "not-admitted" in club.log)
    assert silent(door.socket)


def test_a_bad_line_admits_nobody_else(club, context):
    pair = Pair()
    (club.data / "members").write_text(f"{Pair().text[:-1]} cut off\n{pair.text} bob\n")
    talks(club, encrypted(context, club, pair), "bob")
    assert 'members-bad-lines count="1"' in club.log and 'line="1"' in club.log


# --- who tries too often, or not to the end


def test_strangers_are_slowed_and_members_are_not(club, context):
    member = Pair()
    enrol(club, member)
    outside = encrypted(context, club)

    def slowed():
        sock = quiet(outside.socket(zmq.DEALER))
        sock.connect(club.door)
        monitor = sock.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_DISCONNECTED)
        monitor.poll(1000)
        sock.disable_monitor()
        sock.close(0)
        return "too many refused handshakes from this address" in club.log

    wait_until(slowed, deadline=60)
    assert club.log.count(outside.pair.text) >= 20
    assert talks(club, encrypted(context, club, member), "bob").ask("PING").ok


@pytest.mark.parametrize("greets", [False, True])
def test_a_handshake_has_an_end(safe, greets):
    with socket.create_connection(("127.0.0.1", safe.door_port)) as half:
        half.settimeout(20)
        if greets:
            half.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0"))
            half.sendall(b"\0" + bytes(31))
        while half.recv(4096):
            pass
    wait_until(lambda: "handshake-failed" in safe.log)


# --- people


def test_the_printed_address_is_enough(safe, zchat):
    # a script that asks for what was said before sees it, however late it comes
    maria = zchat(safe.address, "--nick", "maria", "-n", "5")
    maria.type("hello, привет")
    bob = zchat(safe.address, "--nick", "bob", "-n", "5")
    bob.shows("maria: hello, привет")
    bob.type("and hello")
    maria.shows("bob: and hello")
    assert maria.eof() == 0 and bob.eof() == 0
    assert zchat("send", "-e", safe.address, "-r", "lobby", "by command").wait() == 0
    history = zchat("history", "-r", "lobby", env={"ZCHAT_ENDPOINT": safe.address.upper()
                    .replace("ZCHAT://", "zchat://")})  # fmt: skip
    assert history.wait() == 0 and "by command" in history.out
    listener = zchat("listen", "-e", safe.address, "-r", "lobby", "--since", "0", "--count", "3")
    assert listener.wait() == 0 and len(listener.lines) == 3
    # one key for all of them, and only its owner may read it
    assert mode(config(maria, "key")) == 0o600 and mode(config(maria, "key").parent) == 0o700
    assert mode(config(maria, "known_brokers")) == 0o600
    known = config(maria, "known_brokers").read_text().splitlines()
    assert known == [safe.address.removeprefix("zchat://").replace("/", " ")]
    own = zchat("key")
    assert own.wait() == 0
    keys = {w[5:-1] for w in safe.log.split() if w.startswith('key="')}
    assert keys == {own.lines[0]}


def test_what_is_said_is_not_on_the_wire(safe, zchat):
    seen, listener = bytearray(), socket.create_server(("127.0.0.1", free_ports(1)[0]))

    def pump(source, sink):
        while data := source.recv(65536):
            seen.extend(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def serve():
        near, _ = listener.accept()
        far = socket.create_connection(("127.0.0.1", safe.door_port))
        back = threading.Thread(target=pump, args=(far, near), daemon=True)
        back.start()
        pump(near, far)
        back.join(20)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    key = safe.address.rsplit("/", 1)[1]
    port = listener.getsockname()[1]
    sent = zchat("send", "-e", f"zchat://127.0.0.1:{port}/{key}", "-r", "lobby", "--nick", "bob",
                 "sotto voce")  # fmt: skip
    assert sent.wait() == 0, sent.err
    thread.join(20)
    listener.close()
    assert len(seen) > 500
    for word in (b"sotto", b"voce", b"lobby", b"bob", b"HELLO ZCHAT", b"session"):
        assert word not in seen, word


def test_a_changed_key_is_refused(safe, zchat):
    assert zchat("rooms", "-e", safe.address).wait() == 0
    old = safe.address
    assert safe.stop() == 0
    (safe.data / "broker.key").unlink()
    safe.start()
    assert safe.address != old and safe.address.split("/")[2] == old.split("/")[2]
    for arguments in (["rooms", "-e", safe.address], ["--nick", "bob", safe.address]):
        refused = zchat(*arguments)
        assert refused.wait() == REFUSED
        known = config(refused, "known_brokers")
        assert "HAS CHANGED" in refused.err and f"line 1 of {known}" in refused.err
        assert old.rsplit("/", 1)[1] in refused.err and refused.out == ""
    # the old address leads to a handshake that fails, never to the other broker
    stale = zchat("rooms", "-e", old, "--timeout", "2")
    assert stale.wait() == UNREACHABLE and "another key" in stale.err
    # as the message says
    known.write_text("")
    assert zchat("rooms", "-e", safe.address).wait() == 0
    assert safe.address.rsplit("/", 1)[1] in known.read_text()


def test_a_key_is_remembered_once_it_is_proven(safe, zchat):
    wrong = safe.address.rsplit("/", 1)[0] + "/" + Pair().text
    mistaken = zchat("rooms", "-e", wrong, "--timeout", "2")
    assert mistaken.wait() == UNREACHABLE
    assert not config(mistaken, "known_brokers").exists()
    assert zchat("rooms", "-e", safe.address).wait() == 0


def test_a_key_that_is_not_admitted(club, zchat):
    own = zchat("key")
    assert own.wait() == 0 and len(own.lines) == 1
    for arguments in (["send", "-e", club.address, "-r", "lobby", "hello"],
                      ["--nick", "bob", club.address]):  # fmt: skip
        refused = zchat(*arguments)
        assert refused.wait() == REFUSED
        assert "does not admit" in refused.err and own.lines[0] in refused.err
    (club.data / "members").write_text(own.out)
    assert zchat("send", "-e", club.address, "-r", "lobby", "hello").wait() == 0


def test_tampered_addresses(zchat):
    key = key_encode(bytes(range(32)))
    whole = f"zchat://127.0.0.1:1/{key}"
    swapped = whole[:40] + whole[41] + whole[40] + whole[42:]
    other = whole[:-1] + ("0" if whole[-1] != "0" else "1")
    cases = [(whole[:-1], "cut off"), (whole[:30], "cut off"), (whole + "x", "behind the key"),
             (whole + ".", "behind the key"), (swapped, "mistyped"), (other, "mistyped"),
             (whole[:-1] + "u", "character"), ("zchat://:1/" + key, "looks like"),
             ("zchat://h:0/" + key, "port"), ("zchat://127.0.0.1:1", "not known")]  # fmt: skip
    for address, word in cases:
        for arguments in (["rooms", "-e", address], [address, "--nick", "bob"]):
            refused = zchat(*arguments)
            assert refused.wait() == USAGE, (address, refused.err)
            assert word in refused.err, (address, refused.err)
    assert not config(refused, "key").exists(), "nothing was made for an address that is none"


def test_own_key_files(safe, zchat):
    first = zchat("key")
    assert first.wait() == 0
    path = config(first, "key")
    path.chmod(0o644)
    refused = zchat("rooms", "-e", safe.address)
    assert refused.wait() == 71 and "chmod 600" in refused.err and str(path) in refused.err
    path.chmod(0o600)
    path.write_text("spoilt\n")
    assert zchat("rooms", "-e", safe.address).wait() == 71
    path.unlink()
    elsewhere = zchat("key", env={"XDG_CONFIG_HOME": str(path.parent / "xdg")})
    assert elsewhere.wait() == 0 and (path.parent / "xdg" / "zchat" / "key").exists()
    assert not path.exists()


def test_wrong_ways_are_told(safe, broker, zchat):
    """An unencrypted client at an encrypted broker, and the other way round."""
    plain = zchat("rooms", "-e", safe.door, "--timeout", "2")
    assert plain.wait() == UNREACHABLE and "zchat://" in plain.err
    key = safe.address.rsplit("/", 1)[1]
    sealed = zchat("rooms", "-e", broker.door.replace("tcp", "zchat") + "/" + key,
                   "--timeout", "2")  # fmt: skip
    assert sealed.wait() == UNREACHABLE


# --- two machines


def test_two_machines(hosts, brokers, zchat):
    here, there, address = hosts
    broker = brokers(doors=["tcp://*:5680"], feeds=["tcp://*:5681"], args=["--curve"], wrap=here)
    assert broker.address.startswith(f"zchat://{address}:5680/")
    maria = zchat(broker.address, "--nick", "maria", "-n", "5", wrap=there)
    bob = zchat(broker.address, "--nick", "bob", "-n", "5", wrap=here)
    bob.type("over the cable")
    maria.shows("bob: over the cable")
    maria.type("and back")
    bob.shows("maria: and back")
    assert maria.eof() == 0 and bob.eof() == 0
    # who has met it speaks encrypted also where the address is given as of old
    again = zchat("send", "-e", f"{address}:5680", "-r", "lobby", "again", wrap=there)
    assert again.wait() == 0, again.err
    # and who has not gets nothing
    config(again, "known_brokers").unlink()
    plain = zchat("rooms", "-e", f"{address}:5680", "--timeout", "2", wrap=there)
    assert plain.wait() == UNREACHABLE and "zchat://" in plain.err
