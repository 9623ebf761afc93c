"""zchat-web as a process, and a client of it that is Python's http.client alone."""

import base64
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

from . import build
from .wait import DEADLINE


class Web:
    """zchat-web before a broker; the same port after every start."""

    def __init__(self, folder: Path, endpoint: str, *args, port: int = 0, wrap=()):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.endpoint, self.args, self.port = folder, endpoint, list(map(str, args)), port
        self.wrap = list(wrap)
        self.process = None
        self.stderr_path = folder / "web.log"

    def start(self) -> "Web":
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        command = [*self.wrap, build.binary("zchat-web"), "--listen", f"127.0.0.1:{self.port}", "-e", self.endpoint,
                   "--ready-fd", str(writer), *self.args]  # fmt: skip
        with open(self.stderr_path, "ab") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=err, pass_fds=(writer,),
                                            env=build.environment())  # fmt: skip
        os.close(writer)
        line = b""
        try:
            while not line.endswith(b"\n"):
                assert select.select([reader], [], [], DEADLINE)[0], self.log
                chunk = os.read(reader, 100)
                assert chunk, f"zchat-web ended with {self.process.wait(DEADLINE)}\n{self.log}"
                line += chunk
        finally:
            os.close(reader)
        self.port = int(line.rsplit(b":", 1)[1])
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def stop(self) -> int:
        assert self.process.poll() is None, f"it died: {self.process.returncode}\n{self.log[-4000:]}"
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise AssertionError(f"still there after SIGTERM\n{self.log}")
        self.process = None
        build.assert_clean(self.log, "zchat-web")
        return code

    def close(self) -> None:
        if self.process is None:
            return
        try:
            assert self.stop() == 0, self.log[-4000:]
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            print(f"--- {self.stderr_path}\n{self.log[-4000:]}")

    @property
    def log(self) -> str:
        return self.stderr_path.read_text(errors="replace") if self.stderr_path.exists() else ""

    def fds(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # --- requests

    def call(self, method: str, path: str, body=None, who: str = "", timeout: float = DEADLINE, **headers):
        """One request on a connection of its own: Answer. Header names: idempotency_key, ..."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if who:
                sent["Authorization"] = f"Bearer {who}"
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                sent.setdefault("Content-Type", "application/json")
            if isinstance(body, str):
                body = body.encode()
            connection.request(method, path, body, sent)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **options):
        return self.call("GET", path, **options)

    def post(self, path: str, body=None, **options):
        return self.call("POST", path, body, **options)

    def stream(self, path: str, who: str = "", **headers) -> "Stream":
        return Stream(self.port, path, who, **headers)

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), DEADLINE)


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"


class Stream:
    """Server-sent events, read by the WHATWG's rules."""

    def __init__(self, port: int, path: str, who: str = "", **headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if who:
            sent["Authorization"] = f"Bearer {who}"
        self.connection.request("GET", path, headers=sent)
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.id = None
        self.comments = 0
        self.body = self.response.read() if self.status != 200 else b""

    def next(self, deadline: float = DEADLINE):
        """The next event: (name, data as read from JSON, id). None at the end."""
        name, data, self.fresh = "message", [], None
        end = time.monotonic() + deadline
        while True:
            self.connection.sock and self.connection.sock.settimeout(max(0.01, end - time.monotonic()))
            line = self.response.readline().decode()
            if not line:
                return None
            line = line.removesuffix("\n")
            if not line:
                if data:
                    return name, json.loads("\n".join(data)), self.id
                name = "message"
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not field:
                self.comments += 1
            elif field == "event":
                name = value
            elif field == "id":
                self.id = value
            elif field == "data":
                data.append(value)

    def until(self, name: str, **wanted):
        """The data of the next event of this name whose keys have these values."""
        while True:
            event = self.next()
            assert event, f"the stream ended before {name} {wanted}"
            if event[0] == name and all(event[1].get(k) == v for k, v in wanted.items()):
                return event[1]

    def message(self, **wanted) -> dict:
        return self.until("message", **wanted)

    def close(self) -> None:
        self.response.close()
        self.connection.close()


def basic(name: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()


def quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")
