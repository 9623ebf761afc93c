"""The config file: where it is, what it says, its mistakes, and /set."""

import os
import subprocess
from pathlib import Path

import pytest

from support import build
from support.wait import DEADLINE, wait_until


@pytest.fixture
def home(tmp_path):
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def config(home):
    path = home / ".config" / "zchat" / "config"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def run(home):
    def go(*arguments, env=None, drop=(), **more):
        whole = build.environment(**{"HOME": str(home), **(env or {})})
        for name in drop:
            whole.pop(name, None)
        done = subprocess.run([build.zchat(), *arguments], capture_output=True, timeout=2 * DEADLINE, env=whole,
                              **more)  # fmt: skip
        build.assert_clean(done.stderr.decode(errors="replace"), "zchat")
        return done

    return go


def test_no_file_is_needed(run):
    done = run("config")
    assert done.returncode == 0
    assert 'theme = "dark"\n' in done.stdout.decode()


@pytest.mark.parametrize("drop", [("HOME",), ("HOME", "USER", "LOGNAME", "PATH")])
def test_neither_is_a_home(run, shared_broker, name, drop):
    """As cron, env -i and a container have it."""
    assert run("config", drop=drop).returncode == 0
    room = name("room")
    done = run("send", "-e", shared_broker.door, "-r", room, "hi", drop=drop)
    assert done.returncode == 0, done.stderr


def test_a_broker_by_name(run, shared_broker, config, name):
    room, bob = name("room"), name("bob")
    config.write_text(f'@lab = "{shared_broker.door}"\n    nick = {bob}\n@down = "tcp://127.0.0.1:1"\nbroker = @down\n')
    assert run("send", "-e", "@LAB", "-r", room, "hi").returncode == 0
    done = run("history", "-e", "@lab", "-r", room, "-F", "%u %m")
    assert done.stdout.decode() == f"{bob} hi\n"
    assert run("history", "-r", room, env={"ZCHAT_ENDPOINT": "@lab"}).returncode == 0
    assert run("history", "-r", room, "--timeout", "0.1").returncode == 69  # the standard one
    config.write_text(f"broker = {shared_broker.door}\n")
    assert run("history", "-r", room, "-F", "%m").stdout == b"hi\n"


def test_flags_win_over_the_environment_and_it_over_the_file(run, shared_broker, config, name):
    one, two, three, room = name("one"), name("two"), name("three"), name("room")
    config.write_text(f"broker = {shared_broker.door}\nnick = {one}\n")
    assert run("send", "-r", room, "1").returncode == 0
    assert run("send", "-r", room, "2", env={"ZCHAT_NICK": two}).returncode == 0
    assert run("send", "-r", room, "--nick", three, "3", env={"ZCHAT_NICK": two}).returncode == 0
    assert run("history", "-r", room, "-F", "%u").stdout.decode().split() == [one, two, three]


def test_autojoin_where_no_room_is_given(zchat, run, shared_broker, home, config, name):
    one, two, other, bob = name("one"), name("two"), name("other"), name("bob")
    config.write_text(f"@lab = {shared_broker.door}\n  autojoin = {one}, {two}\nautojoin = lobby\n")

    def there(room):
        return bob in run("who", "-e", "@lab", "-r", room).stdout.decode().split()

    me = zchat("@lab", "--nick", bob, env={"HOME": str(home)})
    wait_until(lambda: there(one) and there(two), what="in both")
    assert me.eof() == 0
    me = zchat("@lab", "--nick", bob, "-r", other, env={"HOME": str(home)})
    wait_until(lambda: there(other), what="in the other one")
    assert not there(one)
    assert me.eof() == 0


MISTAKES = [
    ("nik = x\n", 1, "there is no setting 'nik'"),
    ("\n# x\nnick = a b\n", 3, "nick = a b: 1 at most"),
    ("nick = \x1b[2J\n", 1, "control characters"),
    ("theme = pink", 1, "dark or light"),
    ("nick = \xff", 1, "UTF-8"),
    ("x" * 5000, 1, "longer than 4096"),
]


@pytest.mark.parametrize("text, line, said", MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_told_with_file_and_line(run, config, text, line, said):
    config.write_bytes(text.encode("latin-1"))
    done = run("rooms", "-e", "tcp://127.0.0.1:1")
    assert done.returncode == 78
    assert done.stderr.decode().startswith(f"zchat: {config}:{line}: ")
    assert said in done.stderr.decode()
    assert "\x1b" not in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 1
    assert run("--help").returncode == run("send", "--help").returncode == 0


def test_a_broker_that_is_not_in_it(run, config):
    config.write_text("@lab = x y\n@two = @lab\n")
    done = run("rooms", "-e", "@home")
    assert done.returncode == 64
    assert f"@home is no broker of the config file: {config}" in done.stderr.decode()
    done = run("rooms", "-e", "@lab")
    assert (done.returncode, done.stderr.decode().split("'")[0]) == (64, f"zchat: {config}:1: ")
    assert f"{config}:2: @two is not an address" in run("rooms", "-e", "@two").stderr.decode()


def test_crlf_and_a_mark_at_the_begin(run, config):
    config.write_bytes(b"\xef\xbb\xbfnick = maria\r\ntheme = light # x\r\n")
    done = run("config")
    assert 'nick = "maria" # line 1\n' in done.stdout.decode()
    assert 'theme = "light" # line 2\n' in done.stdout.decode()


def test_a_folder_a_pipe_a_huge_one_and_one_that_others_may_write(run, config):
    config.mkdir()
    done = run("config")
    assert (done.returncode, done.stderr.decode()) == (78, f"zchat: {config} is a folder, not a file\n")
    config.rmdir()
    os.mkfifo(config)
    assert run("config").returncode == 78  # and does not wait for a writer
    config.unlink()
    config.write_text("#" * 70000)
    assert "larger than 65536" in run("config").stderr.decode()
    config.write_text("nick = maria\n")
    config.chmod(0o622)
    done = run("config")
    assert done.returncode == 78
    assert "chmod go-w" in done.stderr.decode()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be somebody else")
def test_an_unreadable_one_and_one_of_another_user(run, config):
    config.write_text("nick = maria\n")
    for path in [*config.parents][:4]:
        path.chmod(0o755) if path.owner() == "root" and path != Path("/tmp") else None
    os.chown(config, 1234, 1234)
    done = run("config")
    assert done.returncode == 78
    assert "belongs to another user (uid 1234)" in done.stderr.decode()


def test_another_file(run, tmp_path, config):
    config.write_text("nick = x y z\n")
    other = tmp_path / "other"
    other.write_text("nick = maria\n")
    for done in (run("config", "--config", str(other)), run("config", env={"ZCHAT_CONFIG": str(other)})):
        assert done.returncode == 0
        assert done.stdout.decode().startswith(f"# {other}\n")
    assert run("config", "--config", "/dev/null").returncode == 0
    done = run("config", "--config", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.decode()) == (78, f"zchat: {tmp_path / 'none'}: No such file or directory\n")


def test_the_sample_is_a_config_file_and_names_every_setting(run, tmp_path):
    sample = run("config", "--sample").stdout.decode()
    every = [line.split(" = ")[0] for line in run("config").stdout.decode().splitlines() if " = " in line]
    assert len(every) >= 9
    for name in every:
        assert f"\n#{name} = " in sample
        assert f"\n  {name} = " in run("config", "--help").stdout.decode()
    bare = "".join(f"{line.lstrip('#')}\n" for line in sample.splitlines() if line.startswith("#") and line[1:2] != " ")
    path = tmp_path / "sample"
    path.write_text(bare)
    done = run("config", "--config", str(path))
    assert done.returncode == 0, done.stderr
    assert '@lab = "zchat://chat.example.org:5680/KEY"' in done.stdout.decode()


# --- /set


@pytest.fixture
def chat(zchat, shared_broker, home, name):
    def go(*arguments, env=None):
        return zchat("-e", shared_broker.door, "--nick", name("bob"), *arguments, env={"HOME": str(home), **(env or {})})

    return go


def says(me, text):
    wait_until(lambda: text in me.err + me.out, what=repr(text))


def test_set_makes_the_file_and_changes_it(chat, home, run):
    me = chat()
    path = home / ".config" / "zchat" / "config"
    me.type("/set theme light")
    says(me, 'theme = "light"')
    assert path.read_text() == "theme = light\n"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("# mine\ntheme = light # why\n@lab = x\n    nick = y\n")  # edited meanwhile
    me.type('/set notify notify-send "it is" #1')
    says(me, "notify = ")
    me.type("/set THEME dark")
    says(me, 'theme = "dark"')
    assert path.read_text() == (
        "# mine\ntheme = dark # why\n@lab = x\n    nick = y\nnotify = 'notify-send \"it is\" #1'\n"
    )
    me.type("/unset theme")
    says(me, 'theme = "dark" (not set)')
    me.type("/set")
    says(me, f"the config file is: {path}")
    me.type("/set bell")
    says(me, 'bell = "yes" (not set): ring')
    me.type("/quit")
    assert me.wait() == 0
    assert run("config").returncode == 0


@pytest.mark.parametrize(
    "line, said",
    [
        ("/set theme pink", "this was not set: it is dark or light"),
        ("/set nik x", "there is no such setting"),
        ("/set nick a b", "this was not set: 1 at most"),
        ("/set notify \"'", "both kinds of quotation marks"),
        ("/unset", "/unset is used so"),
    ],
)
def test_what_cannot_be_set(chat, home, line, said):
    me = chat()
    me.type(line)
    says(me, said)
    assert not (home / ".config" / "zchat" / "config").exists()


def test_set_changes_nothing_where_the_file_has_become_wrong(chat, config):
    me = chat()
    me.type("/set bell")  # what answers has read its settings
    says(me, "bell = ")
    config.write_text("nonsense\n")
    me.type("/set theme light")
    says(me, f"this was not set: {config}:1: a line reads NAME = VALUE")
    assert config.read_text() == "nonsense\n"


def test_set_keeps_a_link(chat, config, tmp_path):
    real = tmp_path / "dotfiles"
    real.write_text("# dot\n")
    config.symlink_to(real)
    me = chat()
    me.type("/set theme light")
    says(me, 'theme = "light"')
    assert config.is_symlink()
    assert real.read_text() == "# dot\ntheme = light\n"


def test_set_without_a_home_says_so(chat):
    me = chat(env={"HOME": ""})
    me.type("/set theme light")
    says(me, "there is no place for the config file")


# --- --plain


@pytest.mark.parametrize("how", ["flag", "dumb", "file"])
def test_plain_draws_nothing_anew(terminal, run, shared_broker, name, tmp_path, how):
    bob, config = name("bob"), tmp_path / "plain"
    config.write_text("plain = yes\n")
    more = {"flag": ["--plain"], "dumb": [], "file": ["--config", str(config)]}[how]
    me = terminal("-e", shared_broker.door, "--nick", bob, *more, env={"TERM": "dumb"} if how == "dumb" else {})
    me.wait_row("you are in lobby")
    run("send", "-e", shared_broker.door, "-r", "lobby", "--nick", name("eve"), "hello there")
    me.wait_row("hello there")
    me.type("/who\r")
    me.wait_row(bob)
    me.type("/quit\r")
    me.wait_for(lambda t: not t.child.isalive(), "it ends")
    me.pump()
    assert b"\x1b" not in me.raw
    assert me.raw.replace(b"\r\n", b"").count(b"\r") == 0


# --- /retry


def test_what_was_refused_is_sent_again(terminal, zchat, run, safe, tmp_path):
    """Muted, then not: /retry says it, once; what was not refused is not said again."""
    alice = zchat("-e", safe.address, "--nick", "alice", env={"HOME": str(tmp_path / "alice")})
    bob = terminal("-e", safe.address, "--nick", "bob", "--plain")
    bob.wait_row("you are in lobby")
    for line in ("/create den", "/join den", "/invite bob"):
        alice.type(line)
    bob.wait_row("invites you")
    bob.type("/join den\r")
    bob.wait_row("you are in den")
    bob.type("before\r")
    wait_until(lambda: "bob: before" in alice.out, what="it is said")
    alice.type("/mute bob")
    bob.wait_row("muted")
    bob.type("again\r")
    bob.wait_row("was not sent")
    bob.type("/retry\r")
    bob.wait_for(lambda t: sum("was not sent" in row for row in t.rows) == 2, "refused once more")
    alice.type("/unmute bob")
    bob.wait_row("speak again")
    bob.type("/retry\r")
    wait_until(lambda: "bob: again" in alice.out, what="it is said")
    bob.type("/retry\r")
    bob.wait_row("nothing has failed here")
    assert alice.out.count("bob: again") == alice.out.count("bob: before") == 1


# --- a first run


def test_a_first_run_is_told_how_to_go_on(terminal, shared_broker, name, tmp_path):
    bob = name("bob")
    for first in (True, False):
        me = terminal("-e", shared_broker.door, "--nick", bob, "--plain", first=True)
        me.wait_row("you are in lobby")
        assert any("type to talk; /help" in row for row in me.rows) == first
        me.type("/quit\r")
        me.wait_for(lambda t: not t.child.isalive(), "it ends")


def test_it_is_not_told_where_there_is_no_place_to_remember_it(terminal, shared_broker, name):
    me = terminal("-e", shared_broker.door, "--nick", name("bob"), "--plain", env={"HOME": ""}, first=True)
    me.wait_row("you are in lobby")
    assert not any("type to talk" in row for row in me.rows)
