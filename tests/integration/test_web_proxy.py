"""zchat-web behind Debian's nginx, with the configuration that docs/HTTP.md shows."""

import http.client
import json
import os
import re
import shutil
import subprocess

import pytest

from support.broker import free_ports
from support.build import ROOT
from support.wait import DEADLINE, wait_until
from support.web import Stream


@pytest.fixture
def nginx(webs, broker, tmp_path):
    """(door, port): nginx before a door, by the configuration of the page, without its TLS."""
    if not shutil.which("nginx"):
        pytest.skip("there is no nginx: scripts/setup test installs it")
    door = webs(broker, "--host", "chat.example.org")
    page = (ROOT / "docs/HTTP.md").read_text()
    server = re.search(r"```nginx\n(.*?)```", page, re.S)[1]
    port = free_ports(1)[0]
    server, lines = re.subn(r" *ssl_certificate.*\n", "", server)
    server, listens = re.subn(r"listen 443 ssl( http2)?;", f"listen 127.0.0.1:{port};", server)
    server, passes = re.subn(r"127\.0\.0\.1:8080", f"127.0.0.1:{door.port}", server)
    assert lines == 2 and listens == 1 and passes >= 1
    config = tmp_path / "nginx.conf"
    paths = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nworker_processes 1;\n"
                      f"events {{}}\nhttp {{ access_log off; {paths}\n{server}\n}}\n")  # fmt: skip
    process = subprocess.Popen(["nginx", "-e", f"{tmp_path}/error.log", "-p", str(tmp_path), "-c", str(config)])

    def answers():
        assert process.poll() is None, (tmp_path / "error.log").read_text()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            connection.request("GET", "/healthz", headers={"Host": "chat.example.org"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    try:
        wait_until(answers, what="nginx answers")
        yield door, port
    finally:
        process.terminate()
        process.wait(DEADLINE)


def test_page_messages_and_streams_through_nginx(nginx, token, broker):
    door, port = nginx
    ada = token("ada")

    def call(method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        connection.request(method, path, body, {"Host": "chat.example.org", "Authorization": f"Bearer {ada}", **headers})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    status, page = call("GET", "/")
    assert status == 200 and b"<!DOCTYPE html>" in page
    stream = Stream(port, "/rooms/dev/events", Host="chat.example.org")
    stream.until("ready")
    for i in range(3):
        status, said = call("POST", "/rooms/dev", f"m{i}", Origin="https://chat.example.org")
        assert status == 200, said
        assert stream.message()["text"] == f"m{i}", "nginx hands it on at once"
    assert call("POST", "/rooms/dev", "x", Origin="https://evil.example.org")[0] == 403
    broker.crash()
    assert call("POST", "/rooms/dev", "back")[0] == 200
    assert stream.message()["text"] == "back"
    stream.close()
    again = Stream(port, "/rooms/dev/events", Host="chat.example.org", Last_Event_ID="2")
    assert [again.message()["seq"] for _ in range(2)] == [3, 4]
    again.close()
    assert call("POST", "/rooms/dev", json.dumps({"text": "\u0001" * 60000}), **{"Content-Type": "application/json"})[0] == 200
