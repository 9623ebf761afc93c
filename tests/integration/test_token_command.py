"""zchatd token: tokens are made, listed, revoked; what is shown, what is kept, what is lost."""

import hashlib
import os
import re
import resource
import stat
import subprocess
import threading
from datetime import datetime, timezone

import pytest

from support import build, token, zmtp
from support.wait import wait_until

OK, USAGE, DATAERR, NOINPUT, CANTCREAT, IOERR, CONFIG = 0, 64, 65, 66, 73, 74, 78
ANY = "tcp://127.0.0.1:*"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def lines(data) -> list:
    return [line.split(" ") for line in (data / "tokens").read_text().splitlines()]


def hash_of(made: str) -> str:
    return hashlib.blake2b(bytes.fromhex(made), digest_size=32).hexdigest()


def fails(code: int, *arguments, **options) -> str:
    done = token.command(*arguments, **options)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == "" and done.stderr.strip(), "one clear thing, and no token"
    return done.stderr


def starts(data) -> subprocess.CompletedProcess:
    """A broker on that folder that is expected to end by itself."""
    return subprocess.run(
        [build.zchatd(), "--data", data, "--door", ANY, "--feed", ANY], capture_output=True,
        text=True, timeout=20, env=build.environment(), stdin=subprocess.DEVNULL,
    )  # fmt: skip


# --- making


def test_the_line_and_the_hash(data):
    made = [token.make(data, "maria"), token.make(data, "иван"), token.make(data, "maria")]
    assert len(set(made)) == 3
    text = (data / "tokens").read_text()
    for one, words, name in zip(made, lines(data), ["maria", "иван", "maria"]):
        assert one not in text, "the file holds hashes only"
        assert words[0] == name and re.fullmatch("[0-9a-f]{8}", words[1])
        assert words[2] == hash_of(one) and words[3] == "-"
        assert re.fullmatch("made=" + TIME, words[4])
    assert len({words[1] for words in lines(data)}) == 3


def test_a_name_in_another_form(data):
    """As macOS types it: the file holds what the broker calls it."""
    token.make(data, "zoe\u0308")
    assert lines(data)[0][0] == "zo\u00eb"


def test_what_is_said(data):
    done = token.command("maria", "--data", data, "--expires", "30d")
    (number,) = token.ids(data, "maria")
    assert number in done.stderr and "maria" in done.stderr and "--revoke" in done.stderr
    assert hash_of(done.stdout.strip()) not in done.stderr
    (until,) = re.findall(TIME, done.stderr)
    assert lines(data)[0][3].isdigit()
    left = datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert 29.9 < (left - datetime.now(timezone.utc)).total_seconds() / 86400 <= 30


def test_help():
    done = token.command("--help")
    assert done.returncode == OK and done.stderr == ""
    for word in ("--expires", "--list", "--revoke", "--data", "--config"):
        assert word in done.stdout, word


@pytest.mark.parametrize(
    "arguments",
    [[], ["a b"], [""], ["@"], ["a/b"], ["x" * 33], ["maria", "bob"], ["--nonsense"],
     ["list"], ["revoke"], ["revoke", "a1"],
     ["maria", "--expires"], ["maria", "--expires", "soon"], ["maria", "--expires", "30"],
     ["maria", "--expires", "0d"], ["maria", "--expires", "-1d"], ["maria", "--expires", "10M"],
     ["maria", "--expires", "999999999d"], ["maria", "--list"], ["maria", "--revoke", "a"],
     ["--list", "--revoke", "a"], ["--list", "--expires", "1d"], ["--revoke"]],
)  # fmt: skip
def test_bad_arguments(data, arguments):
    fails(USAGE, *arguments, "--data", data)
    assert not list(data.iterdir()), "nothing was written"


def test_names_and_folders(data, tmp_path):
    assert "not" in fails(USAGE, "mаria", "--data", data), "a Cyrillic а among Latin letters"
    assert str(tmp_path / "none") in fails(NOINPUT, "maria", "--data", tmp_path / "none")
    assert not (tmp_path / "none").exists(), "a mistyped folder is not made"
    (tmp_path / "file").write_text("")
    fails(NOINPUT, "maria", "--data", tmp_path / "file")
    fails(NOINPUT, "--list", "--data", tmp_path / "none")
    made = token.command("--", "-x", env={"ZCHATD_DATA": str(data)})
    assert made.returncode == OK and token.ids(data, "-x")
    (tmp_path / "config").write_text(f'data = "{data}"\n')
    assert token.command("zoe", "--config", tmp_path / "config").returncode == OK
    assert token.ids(data, "zoe")
    (tmp_path / "config").write_text("nonsense\n")
    assert fails(CONFIG, "zoe", "--config", tmp_path / "config")


def test_modes_and_owner(data):
    old = os.umask(0)
    try:
        token.make(data, "maria")
    finally:
        os.umask(old)
    path = data / "tokens"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in data.iterdir()] == ["tokens"], "nothing is left beside it"
    path.chmod(0o644)
    token.make(data, "bob")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if os.geteuid() == 0:
        # root may make tokens for a broker that is somebody else
        os.chown(data, 65534, 65534)
        token.make(data, "zoe")
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)
    assert [words[0] for words in lines(data)] == ["maria", "bob", "zoe"][: len(lines(data))]


def test_what_a_killed_one_left(data):
    (data / "tokens.new").write_text("half a li")
    token.make(data, "maria")
    assert [p.name for p in data.iterdir()] == ["tokens"]
    (data / "target").write_text("of somebody else")
    (data / "tokens.new").symlink_to(data / "target")
    token.make(data, "bob")
    assert (data / "target").read_text() == "of somebody else"
    assert not (data / "tokens").is_symlink() and len(lines(data)) == 2


def test_several_at_once(data):
    """Each reads the file and writes it anew; none loses what another wrote."""
    made, failed = [], []

    def some(number: int) -> None:
        try:
            for i in range(4):
                made.append(token.make(data, f"user{number}.{i}"))
        except AssertionError as failure:
            failed.append(failure)

    threads = [threading.Thread(target=some, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert {words[2] for words in lines(data)} == {hash_of(one) for one in made}
    assert len(made) == 24 == len(lines(data))


def test_nobody_reads_the_token(data):
    """Standard output is full, or closed: an error, and the id to revoke."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [build.zchatd(), "token", "maria", "--data", data], stdout=full,
            stderr=subprocess.PIPE, text=True, timeout=20, env=build.environment(),
        )  # fmt: skip
    assert done.returncode == IOERR
    (number,) = token.ids(data, "maria")
    assert f"--revoke {number}" in done.stderr


def test_no_space(data):
    """What was there stays, whole."""
    before = [token.make(data, f"user{i}") for i in range(20)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    assert "tokens" in fails(IOERR, "maria", "--data", data, preexec_fn=limit)
    assert [words[2] for words in lines(data)] == [hash_of(one) for one in before]
    assert [p.name for p in data.iterdir()] == ["tokens"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_not_permitted(data):
    data.chmod(0o500)
    assert "owner" in fails(CANTCREAT, "maria", "--data", data)
    data.chmod(0o700)


# --- listing and revoking


def test_list(data):
    assert token.listed(data) == [], "no file, no tokens"
    assert not (data / "tokens").exists()
    made = [token.make(data, "maria", "--expires", "1s"), token.make(data, "иван")]
    done = token.command("--list", "--data", data)
    for one in made:
        assert one not in done.stdout and hash_of(one) not in done.stdout
    first, second = token.listed(data)
    assert second[0] == "иван" and re.fullmatch(TIME, second[2]) and second[3:] == ["-"]
    assert first[0] == "maria" and re.fullmatch(TIME, first[2]) and re.fullmatch(TIME, first[3])
    wait_until(lambda: token.listed(data)[0][4:] == ["expired"])
    assert token.listed(data)[1] == second


def test_a_remark_of_somebody(data):
    (data / "tokens").write_text(
        f"# by hand\n\n maria a1 {'0' * 64} - made=\x1b[31mred\nbob b1 {'1' * 64} 0 the second bob"
    )
    done = token.command("--list", "--data", data)
    assert done.stdout == "maria a1 - -\nbob b1 - 1970-01-01T00:00:00Z expired\n"
    token.make(data, "zoe")  # on a line of its own, though the last one had no end
    assert [words[0] for words in token.listed(data)] == ["maria", "bob", "zoe"]
    assert (data / "tokens").read_text().startswith("# by hand\n\n maria a1 ")


def test_revoke(data):
    for name in ("maria", "bob", "maria"):
        token.make(data, name)
    before = (data / "tokens").read_text().splitlines()
    first, second = token.ids(data, "maria")
    token.revoke(data, first)
    assert (data / "tokens").read_text().splitlines() == before[1:]
    assert token.ids(data, "maria") == [second]
    assert first in fails(NOINPUT, "--revoke", first, "--data", data)
    for wrong in ("", second[:-1], second + " ", second.upper() + "X", "maria", "made"):
        fails(NOINPUT, "--revoke", wrong, "--data", data)
    assert (data / "tokens").read_text().splitlines() == before[1:]
    token.revoke(data, second)
    token.revoke(data, token.ids(data, "bob")[0])
    assert (data / "tokens").read_text() == ""


# --- a bad file


def test_bad_lines(data):
    """They are said, never lost, and what is good works on."""
    text = f"maria a1 {'0' * 64} -\nbob\nzoe z1 {'g' * 64} -\na/b c1 {'0' * 64} -\n"
    (data / "tokens").write_text(text)
    done = token.command("--list", "--data", data)
    assert done.returncode == DATAERR and done.stdout == "maria a1 - -\n"
    for line in ("line 2", "line 3", "line 4"):
        assert line in done.stderr, done.stderr
    made = token.command("eve", "--data", data)
    assert made.returncode == OK and "line 2" in made.stderr
    assert (data / "tokens").read_text().startswith(text)
    token.revoke(data, "z1")  # a line with a mistake, by what stands where the id does
    assert (data / "tokens").read_text().startswith(text.replace(f"zoe z1 {'g' * 64} -\n", ""))


def test_files_that_are_none(data, tmp_path):
    (data / "tokens").mkdir()
    fails(71, "maria", "--data", data)
    (data / "tokens").rmdir()
    (tmp_path / "elsewhere").write_text("")
    (data / "tokens").symlink_to(tmp_path / "elsewhere")
    fails(71, "maria", "--data", data)
    (data / "tokens").unlink()
    os.mkfifo(data / "tokens")
    fails(71, "--list", "--data", data)
    (data / "tokens").unlink()
    (data / "tokens").write_bytes(b"#" * 4194305)
    fails(DATAERR, "maria", "--data", data)
    (data / "tokens").write_text("".join(f"u{i} a{i} {'0' * 64} -\n" for i in range(10000)))
    assert "10000" in fails(DATAERR, "maria", "--data", data)
    token.revoke(data, "a77")
    token.make(data, "maria")


# --- the broker


def test_the_broker_reads_it(data, brokers):
    token.make(data, "maria")
    broker = brokers(data=data)
    assert re.search(r'tokens count="1" file="[^"]*/tokens"', broker.log)
    token.make(data, "bob")  # beside the running broker
    assert broker.stop() == 0
    with open(data / "tokens", "a") as file:
        file.write("zoe z1 nonsense -\n")
    broker.start()
    assert 'tokens count="2"' in broker.log
    assert re.search(r'tokens-bad-lines count="1" .*line="3" text=".*hash', broker.log)


def test_no_start_without_the_names(data):
    """Which names are kept cannot be told: nobody may have them meanwhile."""
    (data / "tokens").mkdir()
    done = starts(data)
    assert done.returncode == CANTCREAT, (done.returncode, done.stderr)
    assert "cannot-start" in done.stderr and str(data / "tokens") in done.stderr
    (data / "tokens").rmdir()
    (data / "tokens").write_text("".join(f"u{i} a{i} {'0' * 64} -\n" for i in range(10001)))
    done = starts(data)
    assert done.returncode == CANTCREAT and "more tokens" in done.stderr


def test_a_key_that_the_peer_made_up(brokers):
    """Without encryption there are no keys, whatever a peer writes into its handshake."""
    broker = brokers()
    claimed = "k" * 56
    item = b"".join(
        bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
        for name, value in [(b"Socket-Type", b"DEALER"), (b"User-Id", claimed.encode()),
                            (b"Peer-Address", b"1.2.3.4")]
    )  # fmt: skip
    body = b"\x05READY" + item
    with zmtp.connect(broker.door_port) as peer:
        # one after the other: libzmq may leave unread what comes together with the handshake
        peer.sendall(zmtp.GREETING)
        read = peer.makefile("rb").read
        assert len(read(64)) == 64
        peer.sendall(b"\x04" + bytes([len(body)]) + body)
        assert read(1) == b"\x04"
        peer.sendall(zmtp.message(b"HELLO", b"1", b"eve"))
        wait_until(lambda: 'hello user="eve"' in broker.log)
    (line,) = [line for line in broker.log.splitlines() if 'hello user="eve"' in line]
    assert claimed not in line and 'address="127.0.0.1"' in line
