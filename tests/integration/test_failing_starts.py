"""A start that fails says what it is about, why, and what to do, in one line, and with its status."""

import os
import subprocess

import pytest

from support import build

KEY = "bb9dgfvk139zedhfm3h72za3pe43hr5t51g742vr00wa6e39qdj4bnq8"
FREE = ("--door", "tcp://127.0.0.1:*", "--feed", "tcp://127.0.0.1:*")
DATA = ("--data", "{tmp}/data")


@pytest.fixture
def place(tmp_path):
    """What the starts stumble over."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "syntax.zpl").write_text('door "x\n')
    (tmp_path / "setting.zpl").write_text('dor = "x"\n')
    (tmp_path / "value.zpl").write_text('retain = "soon"\n')
    for name, made in (("lock", "zchatd.lock"), ("db", "zchat.db"), ("key", "broker.key"),
                       ("tokens", "tokens")):  # fmt: skip
        (tmp_path / name / made).mkdir(parents=True)
    for name, text in (("nokey", "zzz\n"), ("openkey", KEY + "\n")):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "broker.key"
        path.write_text(text)
        path.chmod(0o600 if name == "nokey" else 0o644)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/zchat.db").write_text("nonsense " * 100)
    (tmp_path / "badkey/zchat").mkdir(parents=True)
    (tmp_path / "badkey/zchat/key").write_text("zzz\n")
    (tmp_path / "badkey/zchat/key").chmod(0o600)
    return tmp_path


def says(place, program: str, arguments, environment=None, wrap=()) -> tuple:
    fill = lambda text: text.replace("{tmp}", str(place))  # noqa: E731
    env = build.environment(HOME=str(place / "home"))
    for name, value in (environment or {}).items():
        env.pop(name, None)
        if value is not None:
            env[name] = fill(value)
    done = subprocess.run([*map(fill, wrap), program, *map(fill, arguments)], env=env, cwd=place,
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)  # fmt: skip
    build.assert_clean(done.stderr, program)
    lines = [line for line in done.stderr.splitlines() if not line.startswith("Try: ")]
    return done.returncode, lines[-1] if lines else ""


#   name: arguments, status, and words: the thing, the cause, the remedy
BROKER = {
    "a host's name": (["--insecure", "--door", "tcp://chat.example.org:5680"], 69,
                      ["tcp://chat.example.org:5680", "no such address", "bind"]),
    "another's address": (["--insecure", "--door", "tcp://192.0.2.1:5680"], 69,
                          ["tcp://192.0.2.1:5680", "no such address", "bind"]),
    "no port": (["--door", "tcp://127.0.0.1"], 64, ["tcp://127.0.0.1", "port", "tcp://HOST:PORT"]),
    "too high a port": (["--door", "tcp://127.0.0.1:99999"], 64, ["99999", "port", "65535"]),
    "a word for a port": (["--feed", "tcp://127.0.0.1:http"], 64, ["http", "port", "65535"]),
    "no host": (["--door", "tcp://:5680"], 64, ["tcp://:5680", "no host", "*"]),
    "IPv6 without brackets": (["--door", "tcp://::1:5680"], 64, ["::1", "IPv6", "[::1]"]),
    "IPv6 half in brackets": (["--door", "tcp://[::1:5680"], 64, ["[::1", "]", "tcp://[::1]:5680"]),
    "a blank": (["--door", "tcp:// 127.0.0.1:1"], 64, ["tcp:// 127", "blank", "take it out"]),
    "no transport": (["--door", "localhost:5680"], 64, ["localhost:5680", "tcp://HOST:PORT"]),
    "another transport": (["--door", "udp://127.0.0.1:5680"], 64, ["udp:", "tcp://HOST:PORT"]),
    "for everybody, in clear": (["--door", "tcp://*:5680"], 64, ["tcp://*:5680", "encrypted",
                                                                 "--curve"]),
    "a path in no folder": (["--door", "ipc://{tmp}/none/door"], 69, ["none/door", "folder",
                                                                      "make it"]),
    "a long path": (["--door", "ipc://{tmp}/" + "a" * 200], 69, ["aaa", "too long", "choose"]),
    "a host with its port": (["--curve", "--host", "chat.example.org:5680"], 64,
                             ["--host", "chat.example.org:5680", "alone"]),
    "a host in brackets": (["--curve", "--host", "[chat.example.org]"], 64, ["--host", "alone"]),
    "a host with a scheme": (["--curve", "--host", "tcp://x"], 64, ["--host", "tcp://x", "alone"]),
    "a host for nothing": (["--host", "x"], 64, ["--host", "--curve"]),
    "only ipc to be named": (["--curve", "--door", "ipc://{tmp}/door"], 64, ["--curve", "tcp://"]),
    "an admin's key": (["--curve", "--admin", "maria"], 64, ["--admin", "maria", "key",
                                                             "copy it whole"]),
    "a data folder that is a file": (["--data", "{tmp}/file"], 73, ["{tmp}/file", "Not a directory",
                                                                    "--data"]),
    "a folder in a file": (["--data", "{tmp}/file/data"], 73, ["file/data", "Not a directory",
                                                               "--data"]),
    "a folder that cannot be": (["--data", "/proc/zchatd/data"], 73, ["/proc/zchatd/data", "cannot",
                                                                      "--data"]),
    "no name of a folder": (["--data", ""], 64, ["--data", "folder", "give"]),
    "a lock that is none": (["--data", "{tmp}/lock"], 73, ["zchatd.lock", "directory", "another"]),
    "a log that is a folder": (["--data", "{tmp}/db"], 73, ["zchat.db", "directory", "make it"]),
    "a log that is none": (["--data", "{tmp}/damaged"], 65, ["zchat.db", "not a zchat log",
                                                             "restore"]),
    "a key that is a folder": (["--curve", "--data", "{tmp}/key"], 73, ["broker.key", "not a file",
                                                                        "move it"]),
    "a key that is none": (["--curve", "--data", "{tmp}/nokey"], 65, ["broker.key", "cut off",
                                                                      "restore"]),
    "a key open to others": (["--curve", "--data", "{tmp}/openkey"], 73, ["broker.key", "0644",
                                                                          "chmod 600"]),
    "tokens that are a folder": (["--data", "{tmp}/tokens"], 73, ["tokens", "Is a directory",
                                                                  "restore"]),
    "no config file": (["--config", "{tmp}/none"], 78, ["none", "No such file", "--config"]),
    "a config file that is a folder": (["--config", "{tmp}/folder"], 78, ["folder", "directory",
                                                                          "--config"]),
    "no name of a config file": (["--config", ""], 78, ["config file", "cannot be read"]),
    "a config file that is none": (["--config", "{tmp}/syntax.zpl"], 78, ["syntax.zpl", "not ZPL",
                                                                          "lines like"]),
    "an unknown setting": (["--config", "{tmp}/setting.zpl"], 78, ["setting.zpl", "dor", "--help"]),
    "a value of a file": (["--config", "{tmp}/value.zpl"], 78, ["value.zpl", "retain", "soon",
                                                                "30d"]),
    "an unknown option": (["--bogus"], 64, ["--bogus", "not an option", "--help"]),
    "a word too many": (["serve"], 64, ["serve", "not an option", "--help"]),
    "no value": (["--door"], 64, ["--door", "wants a value", "--help"]),
    "a closed descriptor": (["--ready-fd", "999"], 64, ["--ready-fd", "999", "open it"]),
    "a level": (["--log-level", "loud"], 64, ["loud", "debug, info"]),
    "a quota": (["--quota", "x=1"], 64, ["x=1", "messages, bytes"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKER)
def test_of_the_broker(place, case):
    arguments, status, words = BROKER[case]
    rest = [word for pair in (FREE[:2], FREE[2:], DATA) if pair[0] not in arguments for word in pair]
    got, line = says(place, build.zchatd(), [*rest, *arguments])
    assert got == status, line
    for word in words:
        assert word.replace("{tmp}", str(place)) in line


def test_of_the_broker_without_a_home(place):
    gone = {"HOME": None, "XDG_STATE_HOME": None}
    status, line = says(place, build.zchatd(), FREE, gone)
    assert status == 64 and "--data" in line and "HOME" in line


def test_of_the_broker_in_use(place, brokers):
    broker = brokers()
    status, line = says(place, build.zchatd(), [*FREE[2:], *DATA, "--door", broker.door])
    assert status == 69
    assert broker.door in line and "in use" in line and "another port" in line
    status, line = says(place, build.zchatd(), [*FREE, "--data", str(broker.data)])
    assert status == 75 and f"process {broker.process.pid}" in line and "another folder" in line


def test_localhost_is_an_address(brokers, door):
    """libzmq binds no names."""
    broker = brokers(doors=["tcp://localhost:*"], feeds=["tcp://localhost:*"])
    assert broker.door.startswith("tcp://127.0.0.1:")
    assert door(broker, "bob").say("dev", "x")["seq"] == 1


def ended(case) -> list:
    return [word.replace("{key}", KEY) for word in case]


SAFE = "zchat://127.0.0.1:9/{key}"
CLIENT = {
    "an unknown host": (["-e", "no-such-host.invalid:5680"], {}, 69,
                        ["no-such-host.invalid", "no host of this name", "check"]),
    "nobody there": (["-e", "127.0.0.1:9"], {}, 69, ["127.0.0.1:9", "nobody answers", "zchatd"]),
    "no socket there": (["-e", "ipc://{tmp}/none"], {}, 69, ["none", "nobody answers", "zchatd"]),
    "a wildcard": (["-e", "tcp://*:5680"], {}, 64, ["tcp://*:5680", "wildcard", "127.0.0.1"]),
    "too high a port": (["-e", "127.0.0.1:99999"], {}, 64, ["99999", "port", "65535"]),
    "another transport": (["-e", "http://x"], {}, 64, ["http://x", "tcp://"]),
    "a path": (["-e", "a/b"], {}, 64, ["a/b", "no endpoint", "tcp://127.0.0.1:5680"]),
    "nothing": (["-e", ""], {}, 64, ["--endpoint", "no endpoint", "tcp://127.0.0.1:5680"]),
    "in the environment": ([], {"ZCHAT_ENDPOINT": "a/b"}, 64, ["ZCHAT_ENDPOINT", "a/b",
                                                               "tcp://127.0.0.1:5680"]),
    "a key cut off": (["-e", "zchat://127.0.0.1/abc"], {}, 64, ["zchat://127.0.0.1/abc", "cut off",
                                                                "copy it whole"]),
    "an unknown broker": (["-e", "zchat://127.0.0.1"], {}, 64, ["127.0.0.1:5680", "not known",
                                                                "whole address"]),
    "a host that is none": (["-e", "zchat://[chat.example.org:5680]:35357/{key}"], {}, 64,
                            ["chat.example.org", "zchat://HOST:PORT/KEY"]),
    "no home": (["-e", SAFE], {"HOME": None, "XDG_CONFIG_HOME": None}, 71,
                ["key", "set HOME"]),
    "a home that is a file": (["-e", SAFE], {"HOME": "{tmp}/file"}, 71, ["{tmp}/file", "Not a dir",
                                                                         "XDG_CONFIG_HOME"]),
    "a home that cannot be": (["-e", SAFE], {"HOME": "/proc/zchat"}, 71, ["/proc/zchat", "cannot",
                                                                          "HOME"]),
    "a key that is none": (["-e", SAFE], {"XDG_CONFIG_HOME": "{tmp}/badkey"}, 71,
                           ["zchat/key", "cut off", "restore"]),
    "no token": (["--token-file", "{tmp}/none"], {}, 71, ["none", "No such file", "--token-file"]),
    "a folder for a token": (["--token-file", "{tmp}/folder"], {}, 71, ["folder", "not a file",
                                                                        "give"]),
    "a word for a token": ([], {"ZCHAT_TOKEN": "abc"}, 65, ["ZCHAT_TOKEN", "64 hex digits"]),
    "a name": (["--nick", "a b"], {}, 64, ["--nick", "a b", "letters, digits"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CLIENT)
def test_of_the_client(place, case):
    arguments, environment, status, words = CLIENT[case]
    got, line = says(place, build.zchat(), ["who", "-r", "dev", "--timeout", "2",
                                            *ended(arguments)], environment)  # fmt: skip
    assert got == status, line
    for word in words:
        assert word.replace("{tmp}", str(place)) in line


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 KiB; disk ("ro") makes it read-only, disk ("full") fills it."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    where = tmp_path / "disk"
    where.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", where]).returncode:
        pytest.skip("no tmpfs can be mounted")

    def make(what: str):
        if what == "ro":
            subprocess.run(["mount", "-o", "remount,ro", where], check=True)
        else:
            with open(where / "fill", "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 4096)
                except OSError:
                    pass
        return where

    yield make
    subprocess.run(["umount", "-l", where], check=True)


@pytest.mark.parametrize("what, cause", [("ro", "Read-only"), ("full", "full")])
def test_of_the_broker_on_a_bad_disk(place, disk, what, cause):
    status, line = says(place, build.zchatd(), FREE, {"HOME": str(disk(what))})
    assert status == 73
    assert "disk/.local/state/zchatd" in line and cause in line
    assert ("another one" if what == "ro" else "make space") in line


@pytest.mark.parametrize("what, cause", [("ro", "Read-only"), ("full", "No space")])
def test_of_the_client_on_a_bad_disk(place, disk, what, cause):
    status, line = says(place, build.zchat(), ["key"], {"HOME": str(disk(what))})
    assert status == 71
    assert "disk/.config/zchat" in line and cause in line
    assert ("HOME" if what == "ro" else "space on its disk") in line
