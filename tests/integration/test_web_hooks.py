"""zchat-web --hook: each event is POSTed, signed, in order, at least once, across restarts of all."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest

from support.wait import DEADLINE, wait_until

SECRET = "a secret of sixteen and more"


class Taker(http.server.ThreadingHTTPServer):
    """Takes what hooks send; answers with the statuses it is told, then 204."""

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.got, self.answers, self.paths = [], [], []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in"

    def taken(self) -> list:
        return [(e["seq"], e["text"]) for _, _, e, status in self.got if 200 <= status < 300]

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 204
        self.server.paths.append(self.path)
        self.server.got.append((dict(self.headers), body, json.loads(body), status))
        self.send_response(status)
        if status in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *arguments):
        pass


@pytest.fixture
def taker():
    made = Taker()
    yield made
    made.close()


@pytest.fixture
def hooked(webs, broker, taker, tmp_path):
    """hooked (...) is a door with a hook of dev to the taker, whose cursor is there."""
    state, secret = tmp_path / "state", tmp_path / "secret"
    state.mkdir()
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)

    def make(*arguments, room="dev"):
        door = webs(broker, "--hook", f"{room}={taker.url}", "--state", state, "--hook-secret", secret, *arguments)
        wait_until(lambda: [path for path in state.glob("hook-*") if path.suffix != ".new"], what="the hook knows where it begins")
        return door

    return make


def say(door, who, *texts, room="dev"):
    for text in texts:
        assert door.post(f"/rooms/{room}", text, who=who).status == 200


def test_each_event_signed_and_in_order(hooked, taker, token):
    door, ada = hooked(), token("ada")
    say(door, ada, "one", "two", "three")
    wait_until(lambda: len(taker.taken()) == 3)
    assert taker.taken() == [(1, "one"), (2, "two"), (3, "three")]
    ids = set()
    for headers, body, event, _ in taker.got:
        lower = {name.lower(): value for name, value in headers.items()}
        signed = f"{lower['webhook-id']}.{lower['webhook-timestamp']}.".encode() + body
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        assert lower["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
        assert abs(int(lower["webhook-timestamp"]) - time.time()) < 60
        assert lower["content-type"] == "application/json" and event["room"] == "dev" and event["user"] == "ada"
        assert lower["webhook-id"].endswith(f"/dev/{event['seq']}")
        ids.add(lower["webhook-id"])
    assert len(ids) == 3


def test_what_fails_is_sent_again_before_what_follows(hooked, taker, token):
    door, ada = hooked(), token("ada")
    taker.answers = [500, 404]
    say(door, ada, "one", "two")
    wait_until(lambda: len(taker.taken()) == 2)
    assert [e["seq"] for _, _, e, _ in taker.got] == [1, 1, 1, 2]
    first, again = taker.got[0][0], taker.got[2][0]
    assert first["webhook-id"] == again["webhook-id"]
    assert "answers 500; it is tried again" in door.log and "answers again" in door.log


def test_redirects_are_not_followed(hooked, taker, token):
    door, ada = hooked(), token("ada")
    taker.answers = [302]
    say(door, ada, "one")
    wait_until(lambda: len(taker.taken()) == 1)
    assert taker.paths == ["/in", "/in"]


def test_over_a_restart_of_the_door(hooked, taker, token, broker, webs):
    door, ada = hooked(), token("ada")
    say(door, ada, "one")
    wait_until(lambda: len(taker.taken()) == 1)
    door.kill()
    other = webs(broker)
    say(other, ada, *(f"while away {i}" for i in range(150)))
    door.start()
    say(door, ada, "two")
    #   Killed before it knew that the first was taken, it sends that again: at least once, in order.
    wait_until(lambda: len({seq for seq, _ in taker.taken()}) == 152)
    assert list(dict.fromkeys(seq for seq, _ in taker.taken())) == list(range(1, 153))


def test_killed_between_taking_and_knowing(hooked, taker, token):
    """Killed at any moment, the door sends some again and leaves none out."""
    door, ada = hooked(), token("ada")
    for i in range(12):
        say(door, ada, f"{i}")
        door.kill()
        door.start()
    wait_until(lambda: len({seq for seq, _ in taker.taken()}) == 12)
    seqs = [seq for seq, _ in taker.taken()]
    assert sorted(set(seqs)) == list(range(1, 13)) and seqs == sorted(seqs)


def test_over_a_restart_of_the_broker(hooked, taker, token, broker):
    door, ada = hooked(), token("ada")
    say(door, ada, "one")
    broker.crash()
    say(door, ada, "two")
    wait_until(lambda: taker.taken() == [(1, "one"), (2, "two")])


def test_a_receiver_that_is_not_there(hooked, taker, token):
    door, ada = hooked(), token("ada")
    port = taker.server_port
    taker.close()
    say(door, ada, "one", "two")
    wait_until(lambda: "it is tried again" in door.log)
    back = Taker(port)
    wait_until(lambda: back.taken() == [(1, "one"), (2, "two")], deadline=2 * DEADLINE)
    back.close()


def test_another_log_is_sent_from_its_beginning(hooked, taker, token, broker):
    door, ada = hooked(), token("ada")
    say(door, ada, "old")
    wait_until(lambda: len(taker.taken()) == 1)
    broker.kill()
    for file in broker.data.glob("zchat.db*"):
        file.unlink()
    broker.start()
    wait_until(lambda: "another log" in door.log)
    say(door, ada, "new")
    wait_until(lambda: taker.taken() == [(1, "old"), (1, "new")])
    one, two = (headers["webhook-id"] for headers, _, _, _ in taker.got)
    assert one != two


def test_a_hook_of_a_private_room(hooked, taker, token, broker, door, tmp_path):
    ada = token("ada")
    file = tmp_path / "token"
    file.write_text(ada.split(":")[1] + "\n")
    file.chmod(0o600)
    owner = door(broker, "ada")
    owner.hello(token=ada.split(":")[1])
    assert owner.ask("JOIN", "den", {"private": True}).json["private"]
    web = hooked("--nick", "ada", "--token-file", file, room="den")
    say(web, ada, "between us", room="den")
    wait_until(lambda: [text for _, text in taker.taken()] == ["between us"])


def test_a_cursor_that_is_none(webs, broker, tmp_path, taker):
    door = webs(broker, "--hook", f"dev={taker.url}", "--state", tmp_path)
    file = wait_until(lambda: [path for path in tmp_path.glob("hook-*") if path.suffix != ".new"])[0]
    door.stop()
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("zchat-web hook 1\nlog 00\n")
    with pytest.raises(AssertionError, match="ended with 71"):
        door.start()
    door.process = None
    assert "it is not what zchat-web writes" in door.log
