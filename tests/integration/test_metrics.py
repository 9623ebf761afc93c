"""zchatd --metrics: numbers over HTTP, which a monitoring system's own checker takes; alive and ready."""

import http.client
import re
import shutil
import socket
import subprocess

import pytest

from support import build
from support.broker import free_ports
from support.wait import wait_until

OPEN = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"


@pytest.fixture
def watched(brokers):
    def make(**options):
        return brokers(args=["--metrics", "tcp://127.0.0.1:*", *options.pop("args", [])], **options)

    return make


def port(broker) -> int:
    return int(re.findall(r'ready .* metrics="(\d+)"', broker.log)[-1])


def get(broker, path: str, method: str = "GET", **headers):
    """The status, the type and the text."""
    connection = http.client.HTTPConnection("127.0.0.1", port(broker), timeout=20)
    connection.request(method, path, headers=headers)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, reply.getheader("Content-Type"), text


def numbers(broker) -> dict:
    text = get(broker, "/metrics")[2]
    return {name: float(value) for name, value in re.findall(r"^([a-z]\S*) (\S+)$", text, re.M)}


def test_none_unless_asked(broker):
    assert "metrics" not in broker.log


def test_what_was_done_is_counted(watched, door):
    broker = watched()
    bob = door(broker, "bob")
    bob.ask("HELLO")
    for _ in range(3):
        bob.say("dev", "hello")
    bob.ask("JOIN", "dev")
    bob.refused("SHOUT", "dev", "x")
    known = 'zchat_answers_total{verb="%s",code="%s"}'
    wait_until(lambda: numbers(broker).get(known % ("SAY", "ok")) == 3, what="it is told")
    wait_until(lambda: numbers(broker).get(known % ("", "verb")) == 1, what="a refusal is told")
    now = numbers(broker)
    assert now["zchat_events_total"] >= 3 and now["zchat_rooms"] == 1
    assert now["zchat_sessions"] == now["zchat_memberships"] == 1
    assert now['zchat_commits_total{result="stored"}'] == now["zchat_commit_duration_seconds_count"] >= 1
    assert now['zchat_commit_duration_seconds_bucket{le="+Inf"}'] == now["zchat_commit_duration_seconds_count"]
    assert now["zchat_serving"] == 1 and now["zchat_log_failing"] == 0
    assert now['zchat_log_bytes{file="db"}'] > 0 and now["process_resident_memory_bytes"] > 1e6
    assert abs(now["process_open_fds"] - broker.fds()) < 5


def test_no_name_is_told(watched, door):
    """Labels are words of the protocol: their number is bounded, and nobody learns who is where."""
    broker = watched()
    for i in range(5):
        bob = door(broker, f"secretname{i}")
        bob.ask("HELLO")
        bob.say(f"secretroom{i}", "secrettext")
        bob.refused(f"SECRETVERB{i}", "x")
    wait_until(lambda: numbers(broker).get("zchat_rooms") == 5, what="it is told")
    text = get(broker, "/metrics")[2]
    assert "secret" not in text.lower() and "127.0.0.1" not in text


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool")
def test_the_checker_of_prometheus_has_nothing_to_say(watched, door):
    broker = watched()
    door(broker, "bob").say("dev", "hello")
    wait_until(lambda: numbers(broker).get("zchat_rooms") == 1, what="it is told")
    status, kind, text = get(broker, "/metrics")
    assert status == 200 and kind.startswith("text/plain; version=0.0.4")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    broken = subprocess.run(["promtool", "check", "metrics"], input=text.replace("# HELP zchat_rooms", "# "),
                            capture_output=True, text=True, timeout=60)  # fmt: skip
    assert broken.returncode != 0


def test_open_metrics_where_it_is_asked_for(watched):
    status, kind, text = get(watched(), "/metrics", Accept=OPEN)
    assert status == 200 and kind.startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1
    families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert len(families) > 20 and not [name for name in families if name.endswith("_total")]
    for line in text.splitlines():
        if not line.startswith("#"):
            name = re.match(r"[a-z_]+", line)[0]
            suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}
            assert any(name == family + suffix for family, kind in families.items()
                       for suffix in suffixes[kind]), line  # fmt: skip


def test_what_else_is_asked(watched):
    broker = watched()
    assert get(broker, "/healthz")[0] == 200
    wait_until(lambda: get(broker, "/readyz")[0] == 200, what="it is ready")
    assert get(broker, "/")[0] == get(broker, "/metrics/../../etc/passwd")[0] == 404
    assert get(broker, "/metrics", "POST")[0] == get(broker, "/metrics", "DELETE")[0] == 405
    assert get(broker, "/metrics", "HEAD")[::2] == (200, "")
    assert get(broker, "/metrics", Filler="x" * 20000)[0] in (400, 413, 431)


def test_not_ready_while_the_log_cannot_be_written(watched, door):
    broker = watched()
    bob = door(broker, "bob")
    bob.say("dev", "hello")
    away = broker.data.with_name("away")
    broker.data.rename(away)
    assert bob.refused("SAY", "dev", "lost")["code"] == "storage"
    assert get(broker, "/readyz")[0] == 200, "who is not asked would never be ready again"
    assert bob.refused("SAY", "dev", "lost")["code"] == "storage"
    wait_until(lambda: get(broker, "/readyz")[0] == 503, what="it is not ready")
    assert "log" in get(broker, "/readyz")[2] and get(broker, "/healthz")[0] == 200
    assert numbers(broker)["zchat_log_failing"] == 1
    away.rename(broker.data)
    wait_until(lambda: get(broker, "/readyz")[0] == 200, what="it is ready again")


def test_who_asks_slowly_or_too_often_is_nobodys_trouble(watched, door):
    broker = watched()
    idle = [socket.create_connection(("127.0.0.1", port(broker))) for _ in range(40)]
    for one in idle[:10]:
        one.sendall(b"GET /met")
    bob = door(broker, "bob")
    for i in range(20):
        assert bob.say("dev", "hello")["seq"] == i + 1
    for one in idle:
        one.close()
    wait_until(lambda: get(broker, "/healthz")[0] == 200, what="the next one is answered")


@pytest.mark.parametrize("endpoint", ["127.0.0.1:9", "ipc:///tmp/x", "ws://127.0.0.1:9", "tcp://127.0.0.1",
                                      "tcp://127.0.0.1:99999"])  # fmt: skip
def test_endpoints_that_are_none(tmp_path, endpoint):
    done = subprocess.run([build.zchatd(), "--data", tmp_path / "data", "--metrics", endpoint],
                          capture_output=True, text=True, env=build.environment(), timeout=60)  # fmt: skip
    assert done.returncode == 64 and "--metrics" in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "nobody.invalid", "127.0.0.1"])
def test_an_address_that_cannot_be_had(tmp_path, host):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run([build.zchatd(), "--data", tmp_path / "data", "--door", "tcp://127.0.0.1:*",
                               "--feed", "tcp://127.0.0.1:*", "--metrics",
                               f"tcp://{host}:{taken.getsockname()[1]}"], capture_output=True, text=True,
                              env=build.environment(), timeout=60)  # fmt: skip
    assert done.returncode == 69 and 'metrics="tcp://' in done.stderr


def test_ipv6(brokers):
    (number,) = free_ports(1)
    try:
        socket.socket(socket.AF_INET6).bind(("::1", number))
    except OSError:
        pytest.skip("no IPv6 here")
    broker = brokers(args=["--metrics", f"tcp://[::1]:{number}"])
    connection = http.client.HTTPConnection("::1", port(broker), timeout=20)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
