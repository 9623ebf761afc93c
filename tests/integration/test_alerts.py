"""What docs/monitoring brings: alerts that fire, and a dashboard whose queries return."""

import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support.broker import free_ports
from support.build import ROOT
from support.wait import wait_until

FOLDER = ROOT / "docs/monitoring"
needs = {name: pytest.mark.skipif(not shutil.which(name), reason=f"no {name}") for name in ("promtool", "prometheus")}


def alerts() -> dict:
    """Alert: its expression, as it stands in the file."""
    return dict(re.findall(r"- alert: (\w+)\n +expr: (.+)", (FOLDER / "alerts.yml").read_text()))


def queries() -> list:
    """Of the dashboard, with its variables filled in."""
    found = [target["expr"] for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]
             for target in panel["targets"]]  # fmt: skip
    return [expr.replace("$job", "zchat").replace("$instance", "here").replace("$__rate_interval", "20s") for expr in found]


def names(expr: str) -> set:
    """The metrics that an expression reads."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|by \([^)]*\)|ignoring\([^)]*\)', "", expr)
    return set(re.findall(r"\b(?:zchat|process|up)\w*", bare))


@needs["promtool"]
def test_each_alert_fires_once():
    for what in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts-test.yml"]):
        done = subprocess.run(["promtool", *what], cwd=FOLDER, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    fired = re.findall(r"alertname: (\w+)\n +exp_alerts:\n +- exp_labels", (FOLDER / "alerts-test.yml").read_text())
    assert len(alerts()) == 6 and set(fired) == set(alerts())


@needs["promtool"]
def test_an_alert_that_does_not_fire_is_noticed(tmp_path):
    for name in ("alerts.yml", "alerts-test.yml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    path = tmp_path / "alerts.yml"
    path.write_text(path.read_text().replace("zchat_disk_low == 1", "zchat_disk_low == 2"))
    done = subprocess.run(["promtool", "test", "rules", "alerts-test.yml"], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode != 0


def numbers(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as reply:
        return reply.read().decode()


def watched(brokers, door):
    """A broker where something of everything has happened, and the port of its numbers."""
    (port,) = free_ports(1)
    broker = brokers(args=["--metrics", f"tcp://127.0.0.1:{port}"])
    bob = door(broker, "bob", hello=True)
    bob.ask("JOIN", "dev"), bob.say("dev", "x"), bob.refused("SAY", "d v", "x")
    wait_until(lambda: "zchat_memberships 1" in numbers(port), what="it is told")
    return broker, bob, port


def test_what_they_ask_for_is_told(brokers, door):
    """Every metric that an alert or the dashboard reads is one of the broker's."""
    text = numbers(watched(brokers, door)[2])
    told = set(re.findall(r"^(\w+)[ {]", text, re.M)) | {"up"}
    wanted = set().union(*map(names, [*alerts().values(), *queries()]))
    assert len(wanted) > 20 and wanted <= told, wanted - told


CONFIG = """global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%s]
scrape_configs:
  - job_name: zchat
    static_configs: [{targets: ["127.0.0.1:%d"], labels: {instance: here}}]
"""


def asked(port: int, path: str, **query):
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=20) as reply:
            return json.load(reply)["data"]
    except (urllib.error.URLError, ConnectionError, socket.timeout):
        return None


@needs["prometheus"]
def test_the_queries_return(brokers, door, tmp_path):
    """By a Prometheus that scrapes a broker; and its log that fails becomes an alert there."""
    broker, bob, port = watched(brokers, door)
    (web,) = free_ports(1)
    rules = tmp_path / "alerts.yml"
    rules.write_text((FOLDER / "alerts.yml").read_text())
    (tmp_path / "c.yml").write_text(CONFIG % (rules, port))
    with open(tmp_path / "prometheus.log", "w") as log:
        server = subprocess.Popen(["prometheus", f"--config.file={tmp_path}/c.yml", f"--web.listen-address=127.0.0.1:{web}",
                                   f"--storage.tsdb.path={tmp_path}/tsdb"], stdout=log, stderr=log)  # fmt: skip
    try:
        def returned(expr: str):
            bob.say("dev", "x"), bob.refused("SAY", "d v", "x")
            result = (asked(web, "query", query=expr) or {}).get("result")
            return result and all(one["value"][1] != "NaN" for one in result)

        for expr in queries():
            wait_until(lambda: returned(expr), deadline=60, what=expr, pause=0.2)
        groups = asked(web, "rules")["groups"][0]["rules"]
        assert {rule["name"]: rule["health"] for rule in groups} == dict.fromkeys(alerts(), "ok")
        broker.data.rename(broker.data.with_name("away"))
        for _ in range(2):
            assert bob.refused("SAY", "dev", "lost")["code"] == "storage"

        def pending():
            found = asked(web, "alerts")["alerts"]
            return [one for one in found if one["labels"]["alertname"] == "ZchatLogFailing"]

        wait_until(pending, deadline=60, what="the alert is on its way", pause=0.2)
        broker.data.with_name("away").rename(broker.data)
        wait_until(lambda: not pending(), deadline=60, what="and over", pause=0.2)
    finally:
        server.terminate()
        server.wait(60)
