"""docs/PLUGINS.md, pasted: each recipe with the tool it is for, where that is installed."""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading

import pytest

from support import build
from support.broker import free_ports
from support.build import ROOT
from support.wait import wait_until

PAGE = (ROOT / "docs/PLUGINS.md").read_text()


def recipe(title: str, language: str = "", number: int = 0) -> str:
    """The fenced block so numbered of this language, under this heading of the page."""
    section = re.search(rf"^##+ {re.escape(title)}\n(.*?)(?=^##+ |\Z)", PAGE, re.M | re.S)
    assert section, f"the page has no {title}"
    return re.findall(rf"^```{language}\n(.*?)^```", section[1], re.M | re.S)[number]


def need(*tools: str) -> None:
    for tool in tools:
        if not shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
            pytest.skip(f"{tool} is not installed")


def need_file(path: str, package: str) -> None:
    if not os.path.exists(path):
        pytest.skip(f"{package} is not installed")


class Plugins:
    """Programs as a stranger starts them, with zchat in the path; all are ended at the end."""

    def __init__(self, broker, folder):
        self.broker, self.folder, self.started = broker, folder, []
        home = folder / "home"
        home.mkdir()
        bin_ = folder / "bin"
        bin_.mkdir()
        (bin_ / "zchat").symlink_to(build.zchat())
        self.env = build.environment(PATH=f"{bin_}:{os.environ['PATH']}:/usr/sbin:/sbin", HOME=str(home),
                                     ZCHAT_ENDPOINT=broker.door)  # fmt: skip

    def ports(self, text: str) -> str:
        text = text.replace("tcp://127.0.0.1:5680", self.broker.door)
        return text.replace("tcp://127.0.0.1:5681", self.broker.feed)

    def start(self, *command, **options) -> subprocess.Popen:
        made = subprocess.Popen([str(word) for word in command], start_new_session=True, cwd=self.folder,
                                **{"env": self.env, "text": True, **options})  # fmt: skip
        self.started.append(made)
        return made

    def shell(self, line: str, **options) -> subprocess.Popen:
        return self.start("sh", "-c", line, **options)

    def close(self) -> None:
        for one in self.started:
            try:
                os.killpg(one.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            one.wait(10)
            for stream in (one.stdin, one.stdout, one.stderr):
                if stream:
                    stream.close()


@pytest.fixture
def plugins(broker, tmp_path):
    made = Plugins(broker, tmp_path)
    yield made
    made.close()


@pytest.fixture
def heard(broker, door):
    """heard (room): what was said there, the oldest first; heard (room, user): by whom."""


    def texts(room: str, user: str = "") -> list:
        asker = door(broker)  # a new one: the broker may have been another process meanwhile
        try:
            return [event.body for event in asker.history_all(room) if event.type == "say" and user in ("", event.user)]
        finally:
            asker.close()

    return texts


def talk_until(heard, say, what) -> None:
    """Say it again until it is heard: a tool tells nobody when its subscription is live."""

    def once():
        say()
        return heard()

    wait_until(once, what=what)


# --- languages


def five_lines(plugins, heard, say, language: str, *command) -> None:
    """It says its hello, is answered, and hears what is said then."""
    program = plugins.start(*command, stdout=subprocess.PIPE)
    assert program.stdout.readline().startswith("OK"), "it is answered"
    lines: list = []
    threading.Thread(target=lambda: [lines.append(line) for line in program.stdout], daemon=True).start()
    assert f"hello from {language}" in heard("lobby")[0]
    talk_until(lambda: any("and so do I" in line for line in lines), lambda: say("lobby", "and so do I"), "it hears")


@pytest.fixture
def say(broker, door):
    speaker = door(broker, "speaker")
    return lambda room, text: speaker.ask("SAY", room, text)


def test_perl(plugins, heard, say, tmp_path):
    if subprocess.run(["perl", "-MZMQ::FFI", "-e1"], capture_output=True).returncode:
        pytest.skip("libzmq-ffi-perl is not installed")
    (tmp_path / "hello.pl").write_text("$| = 1;\n" + plugins.ports(recipe("Perl", "perl")))
    five_lines(plugins, heard, say, "Perl", "perl", tmp_path / "hello.pl")


def test_php(plugins, heard, say, tmp_path):
    need("php")
    if "zmq" not in subprocess.run(["php", "-m"], capture_output=True, text=True).stdout.split():
        pytest.skip("php-zmq is not installed")
    (tmp_path / "hello.php").write_text(plugins.ports(recipe("PHP", "php")))
    five_lines(plugins, heard, say, "PHP", "php", tmp_path / "hello.php")


def test_java(plugins, heard, say, tmp_path):
    need("javac")
    need_file("/usr/share/java/zmq.jar", "libzmq-java")
    (tmp_path / "Hello.java").write_text(plugins.ports(recipe("Java", "java")).replace(
        "System.out.println(door.recvStr())", 'System.out.print(door.recvStr() + " ")'))  # fmt: skip
    command = re.search(r"`(java -cp [^`]*)`", PAGE)[1].split()
    five_lines(plugins, heard, say, "Java", *command)


def test_octave(plugins, heard, say, tmp_path):
    need("octave-cli")
    if subprocess.run(["octave-cli", "--eval", "pkg load zeromq"], capture_output=True).returncode:
        pytest.skip("octave-zeromq is not installed")
    (tmp_path / "hello.m").write_text(plugins.ports(recipe("Octave", "octave")))
    five_lines(plugins, heard, say, "Octave", "octave-cli", tmp_path / "hello.m")


def test_jupyter(plugins, heard, say, tmp_path, monkeypatch):
    """The cell in a kernel of IPython, and another one behind it by the same client."""
    nbformat = pytest.importorskip("nbformat", reason="python3-ipykernel: scripts/setup test")
    nbclient = pytest.importorskip("nbclient", reason="python3-nbclient: scripts/setup test")
    pytest.importorskip("ipykernel", reason="python3-ipykernel: scripts/setup test")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "clients/python"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = [plugins.ports(recipe("Jupyter", "python")), 'me.say("lobby", "the second cell")', "me.close()"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
    assert "hello from a notebook" in book.cells[0].outputs[0]["data"]["text/plain"]
    assert heard("lobby", "notebook") == ["hello from a notebook", "the second cell"]


def test_the_bot_in_javascript(plugins, heard, say, tmp_path):
    need("node")
    need_file(str(ROOT / "clients/js/node_modules/zeromq"), "clients/js (npm ci)")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/zchat").symlink_to(ROOT / "clients/js")
    (tmp_path / "bot.mjs").write_text(plugins.ports(recipe("JavaScript", "js")))
    bot = plugins.start("node", tmp_path / "bot.mjs")
    talk_until(lambda: heard("lobby", "echo"), lambda: say("lobby", "hello"), "the bot answers")
    say("lobby", "stop")
    assert bot.wait(20) == 0


def test_the_bot_in_python(plugins, heard, say, tmp_path):
    (tmp_path / "bot.py").write_text(plugins.ports(recipe("Python", "python")))
    bot = plugins.start(sys.executable, tmp_path / "bot.py", env={**plugins.env, "PYTHONPATH": str(ROOT / "clients/python")})
    talk_until(lambda: heard("lobby", "echo"), lambda: say("lobby", "hello"), "the bot answers")
    say("lobby", "stop")
    assert bot.wait(20) == 0


# --- C


def example(name: str):
    path = build.build_dir() / "examples" / name
    if not path.exists():
        pytest.skip(f"{name} was not built: libuv1-dev is not installed")
    return path


def test_a_loop_of_ones_own(plugins, heard, say, broker):
    program = plugins.start(example("poll_loop"), "dev", "polly", broker.door, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    program.stdin.write("one\ntwo\n")
    program.stdin.flush()
    assert [program.stdout.readline() for _ in range(2)] == ["polly: one\n", "polly: two\n"]
    say("dev", "thr\x1bee")
    assert program.stdout.readline() == "speaker: thr^[ee\n"
    program.stdin.close()
    assert program.wait(20) == 0
    assert heard("dev") == ["one", "two", "thr\x1bee"]


def test_a_bot_in_the_loop_of_libuv(plugins, heard, say, broker):
    bot = plugins.start(example("uv_bot"), "dev", broker.door)
    talk_until(lambda: any(re.fullmatch(r"\d\d:\d\d:\d\d", text) for text in heard("dev")), lambda: say("dev", "time"),
               "it tells the time")  # fmt: skip
    broker.crash()
    said = len(heard("dev"))
    talk_until(lambda: any(":" in text for text in heard("dev")[said:]), lambda: say("dev", "time"), "after a crash, too")
    say("dev", "stop")
    assert bot.wait(20) == 0


def test_ctypes(plugins, heard, broker):
    if "asan" in str(build.build_dir()) or "tsan" in str(build.build_dir()):
        pytest.skip("a library with sanitizers wants a program with them")
    source = (ROOT / "examples/ctypes_say.py").read_text()
    assert len([line for line in source.splitlines() if line and not line.startswith('"""')]) <= 35
    env = {**plugins.env, "LD_LIBRARY_PATH": str(build.build_dir())}
    done = subprocess.run([sys.executable, ROOT / "examples/ctypes_say.py", "builds", "it is green, ü", broker.door], env=env,
                          capture_output=True, text=True, timeout=30)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "sent 1\n"), done.stderr
    assert heard("builds") == ["it is green, ü"]


# --- pipes and daemons


def test_shell(plugins, heard, say, tmp_path):
    (tmp_path / "Makefile").write_text("all:\n\t@echo ok; echo FAILED: 7\n")
    first = recipe("Five lines", "sh").splitlines()[0]
    assert first.startswith("make ")
    assert plugins.shell(first).wait(20) == 0
    assert heard("builds") == ["ok", "FAILED: 7"]


def test_curl_and_browsers(plugins, heard, broker, tmp_path):
    need("curl")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = tmp_path / "home/.local/state"
    state.mkdir(parents=True)
    (state / "zchatd").symlink_to(broker.data)
    for program in ("zchatd", "zchat-web"):
        (tmp_path / "bin" / program).symlink_to(build.binary(program))
    token, door = recipe("curl and browsers", "sh").splitlines()
    says, reads, goes_on = recipe("curl and browsers", "sh", 1).replace(":8080", f":{port}").splitlines()
    assert plugins.shell(token).wait(20) == 0
    web = plugins.shell(f"{door} --listen 127.0.0.1:{port}", stderr=subprocess.PIPE)
    assert "listening" in web.stderr.readline()
    done = plugins.shell(says, stdout=subprocess.PIPE)
    assert done.wait(20) == 0 and '"seq":1' in done.stdout.read()
    assert heard("builds", "ci") == ["build green"]
    done = plugins.shell(reads, stdout=subprocess.PIPE)
    assert done.wait(20) == 0 and "build green" in done.stdout.read()
    stream = plugins.shell(goes_on, stdout=subprocess.PIPE)
    assert any("build green" in line for line in stream.stdout)
    page = plugins.shell(f"curl -sS http://127.0.0.1:{port}/", stdout=subprocess.PIPE)
    assert page.wait(20) == 0 and "<title>" in page.stdout.read()


def test_rsyslog(plugins, heard, broker, tmp_path):
    need("rsyslogd", "logger")
    config = recipe("rsyslog").replace("/usr/bin/zchat send", f"{build.zchat()} send -e {broker.door}")
    inlet = tmp_path / "log"
    (tmp_path / "rsyslog.conf").write_text(
        f'global(workDirectory="{tmp_path}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
        f'input(type="imuxsock" Socket="{inlet}" CreatePath="on")\n{config}')  # fmt: skip
    check = subprocess.run(["/usr/sbin/rsyslogd", "-N1", "-f", tmp_path / "rsyslog.conf"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
    daemon = plugins.start("/usr/sbin/rsyslogd", "-n", "-f", tmp_path / "rsyslog.conf", "-i", tmp_path / "pid",
                           stderr=subprocess.DEVNULL)  # fmt: skip
    wait_until(lambda: inlet.exists() or daemon.poll() is not None, what="rsyslog listens")
    log = ["logger", "-u", inlet, "-t", "disk"]
    for level, text in (("warning", "one"), ("info", "not this"), ("err", "two")):
        subprocess.run([*log, "-p", f"user.{level}", text], check=True)
    host = socket.gethostname().split(".")[0]
    wait_until(lambda: heard("syslog") == [f"{host} disk: one", f"{host} disk: two"], what="both are said")
    broker.stop()
    subprocess.run([*log, "-p", "user.crit", "while it was away"], check=True)
    broker.start()
    wait_until(lambda: heard("syslog")[-1] == f"{host} disk: while it was away", what="what came meanwhile is said")


@pytest.fixture
def journal(plugins, tmp_path):
    """journal (text, ...) makes a journal file of these entries; its path."""
    remote = "/lib/systemd/systemd-journal-remote"
    need("journalctl")
    need_file(remote, "systemd-journal-remote")
    path, entries = tmp_path / "x.journal", []

    def make(*texts: str):
        for text in texts:
            at = 1_700_000_000_000_000 + len(entries)
            entries.append(f"__REALTIME_TIMESTAMP={at}\n__MONOTONIC_TIMESTAMP={len(entries) + 1}\n_BOOT_ID={'ab' * 16}\n"
                           f"PRIORITY=3\nMESSAGE={text}\n\n")  # fmt: skip
        done = subprocess.run([remote, "-o", path, "-"], input="".join(entries[-len(texts) :]), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return path

    return make


def test_the_journal_from_where_the_last_run_ended(plugins, heard, journal):
    line = recipe("systemd journal", "sh").splitlines()[1]
    assert line.startswith("journalctl ")
    path = journal("one", "two")
    for wanted in (["one", "two"], ["one", "two", "three"]):
        if len(wanted) == 3:
            journal("three")
        assert plugins.shell(line.replace("journalctl", f"journalctl --file {path}", 1)).wait(20) == 0
        assert heard("ops") == wanted


def test_the_journal_as_a_stream(plugins, heard, journal):
    line = recipe("systemd journal", "sh").splitlines()[0]
    path, count = journal("before"), iter(range(1000))
    plugins.shell(line.replace("journalctl", f"journalctl --file {path}", 1))
    talk_until(lambda: heard("ops"), lambda: journal(f"new {next(count)}"), "what is new is said")
    assert "before" not in heard("ops")


def test_cron(plugins, heard, tmp_path):
    path, job = recipe("cron").splitlines()
    fields = job.split(None, 5)
    assert len(fields) == 6 and path.startswith("PATH=") and "%" not in fields[5], "cron takes % for a line end"
    (tmp_path / "bin/backup-all").write_text("#!/bin/sh\necho saved 7; exit 3\n")
    (tmp_path / "bin/backup-all").chmod(0o755)
    env = {"SHELL": "/bin/sh", "HOME": plugins.env["HOME"], "LOGNAME": "x", "PATH": f"{tmp_path}/bin:{path[5:]}",
           "ZCHAT_ENDPOINT": plugins.env["ZCHAT_ENDPOINT"], **{k: v for k, v in plugins.env.items() if "SAN" in k}}  # fmt: skip
    assert subprocess.run(["/bin/sh", "-c", fields[5]], env=env, timeout=30).returncode == 0
    assert heard("ops") == ["saved 7", "failed: 3"]


def test_push_to_a_phone(plugins, say, broker, tmp_path):
    need("curl")
    posted, fail = [], [True]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(503 if fail[0] else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            posted.append((self.path, body))
            fail[0] = False

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    line = recipe("Push to a phone", "sh").replace("https://ntfy.sh", f"http://127.0.0.1:{server.server_port}")
    try:
        listener = plugins.shell(line, stderr=subprocess.PIPE)
        assert "ready" in listener.stderr.readline()
        say("alerts", "the disk is full")
        wait_until(lambda: len(posted) == 2, what="it is posted again after a failure")
        os.killpg(listener.pid, signal.SIGKILL)
        say("alerts", "while nobody listened")
        plugins.shell(line)
        wait_until(lambda: posted[-1][1].strip() == "speaker: while nobody listened", what="over a restart")
        assert posted[1] == ("/TOPIC", posted[0][1]) and posted[0][1].strip() == "speaker: the disk is full"
    finally:
        server.shutdown()
        server.server_close()


def test_socat(plugins, heard, say):
    need("socat")
    ports = free_ports(2)
    lines = recipe("socat", "sh").replace("5140", str(ports[0])).replace("5141", str(ports[1])).splitlines()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", ports[1]))
        far.settimeout(20)
        for line in lines:
            plugins.shell(line, stderr=subprocess.DEVNULL)
        talk_until(lambda: "17 degrees" in heard("devices"), lambda: far.sendto(b"17 degrees\n", ("127.0.0.1", ports[0])), "in")
        got: list = []

        def out():
            far.setblocking(False)
            try:
                got.append(far.recv(65536))
            except BlockingIOError:
                pass
            return any(b"speaker: out" in one for one in got)

        talk_until(out, lambda: say("devices", "out"), "out")


# --- webhooks

PUSH = {"ref": "refs/heads/main", "before": "0" * 40, "repository": {"full_name": "octo/hello", "private": False},
        "pusher": {"name": "octocat"}, "sender": {"login": "octocat", "id": 1},
        "commits": [{"id": "a" * 40, "message": "Fix it\n\nbecause", "author": {"name": "x"}, "url": "https://x"}]}  # fmt: skip
PULL = {"action": "opened", "number": 7, "repository": {"full_name": "octo/hello"}, "sender": {"login": "octocat"},
        "pull_request": {"number": 7, "title": "Better", "html_url": "https://x/7", "merged": False}}  # fmt: skip
RUN = {"action": "completed", "repository": {"full_name": "octo/hello"}, "sender": {"login": "octocat"},
       "workflow_run": {"name": "CI", "head_branch": "main", "conclusion": "failure", "html_url": "https://x/r"}}  # fmt: skip
GITLAB_PUSH = {"object_kind": "push", "ref": "refs/heads/main", "user_username": "jsmith", "total_commits_count": 2,
               "project": {"path_with_namespace": "mike/diaspora"},
               "commits": [{"id": "b" * 40, "message": "Update Catalan", "author": {"name": "J"}}] * 2}  # fmt: skip
MERGE = {"object_kind": "merge_request", "user": {"username": "root"}, "project": {"path_with_namespace": "mike/diaspora"},
         "object_attributes": {"iid": 1, "title": "MS-Viewport", "state": "opened", "action": "open", "url": "https://g/1"}}  # fmt: skip
PIPELINE = {"object_kind": "pipeline", "project": {"path_with_namespace": "mike/diaspora"},
            "object_attributes": {"id": 31, "ref": "master", "status": "failed"}}  # fmt: skip
ALERTS = {"version": "4", "status": "firing", "receiver": "zchat", "groupLabels": {"alertname": "DiskFull"},
          "alerts": [{"status": "firing", "labels": {"alertname": "DiskFull", "instance": "a:9100"},
                      "annotations": {"summary": "5 % left"}, "startsAt": "2026-11-28T10:00:00Z"},
                     {"status": "resolved", "labels": {"alertname": "Down", "job": "db"}, "annotations": {}}]}  # fmt: skip
SECRET = "correct-horse"


@pytest.fixture
def hook(plugins, tmp_path):
    """hook (path, payload, headers): the status; the command is that of the page."""
    line = recipe("Webhooks", "sh").replace("python3", sys.executable).replace("webhook.py", str(ROOT / "examples/webhook.py")).replace("8079", "0")
    env = {**plugins.env, "PYTHONPATH": str(ROOT / "clients/python")}
    program = plugins.shell(plugins.ports(line.strip() + f" -e {plugins.broker.door}"), env=env, stdout=subprocess.PIPE)
    port = int(program.stdout.readline().rsplit(":", 1)[1])

    def post(path: str, payload, headers: dict) -> int:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", path, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    return post


def github(event: str, payload) -> dict:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return {"X-GitHub-Event": event, "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def test_webhooks(hook, heard):
    for event, payload in (("ping", {"zen": "x"}), ("push", PUSH), ("pull_request", PULL), ("workflow_run", RUN)):
        assert hook("/github", payload, github(event, payload)) == 200
    for event, payload in (("Push Hook", GITLAB_PUSH), ("Merge Request Hook", MERGE), ("Pipeline Hook", PIPELINE)):
        assert hook("/gitlab", payload, {"X-Gitlab-Event": event, "X-Gitlab-Token": SECRET}) == 200
    assert SECRET in recipe("Webhooks", "yaml")
    assert hook("/alertmanager", ALERTS, {"Authorization": f"Bearer {SECRET}"}) == 200
    assert heard("ops") == [
        "octo/hello main: octocat pushed 1", "  aaaaaaaa Fix it", "octo/hello#7 opened by octocat: Better https://x/7",
        "octo/hello CI on main: failure https://x/r", "mike/diaspora main: jsmith pushed 2", "  bbbbbbbb Update Catalan",
        "  bbbbbbbb Update Catalan", "mike/diaspora!1 open by root: MS-Viewport https://g/1",
        "mike/diaspora pipeline 31 on master: failed", "FIRING DiskFull instance=a:9100: 5 % left", "RESOLVED Down job=db: ",
    ]  # fmt: skip


def test_webhooks_of_others_and_what_is_none(hook, heard):
    assert hook("/github", PUSH, {"X-GitHub-Event": "push"}) == 403
    assert hook("/github", PUSH, {**github("push", PULL)}) == 403
    assert hook("/gitlab", MERGE, {"X-Gitlab-Event": "Merge Request Hook", "X-Gitlab-Token": "wrong"}) == 403
    assert hook("/alertmanager", ALERTS, {"Authorization": "Bearer ü".encode().decode("latin-1")}) == 403
    assert hook("/", {}, {}) == 404
    assert hook("/gitlab", {}, {"Content-Length": str(6 << 20)}) == 413
    for body in (b"no json", b"[]", b"{}", b'{"ref":7,"commits":[]}', b'{"ref":"x","commits":[{"id":"y"}]}'):
        assert hook("/github", body, github("push", body)) == 400
    many = {**PUSH, "commits": [{"id": str(n) * 40, "message": f"{n} \0 " + "x" * 9000} for n in range(30)]}
    assert hook("/github", many, github("push", many)) == 200
    said = heard("ops")
    assert len(said) == 10 and said[-1] == "  and 22 more" and all(len(text) <= 400 for text in said)
