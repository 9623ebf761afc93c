"""zchat-web before hostile requests, and before pages of other origins."""

import json
import socket
import ssl
import struct
import subprocess
import threading
import urllib.request

from support import build
from support.wait import DEADLINE, wait_until


def raw(web, data: bytes) -> bytes:
    """Send bytes, and read to the end of the connection, or as long as something comes."""
    with web.raw() as peer:
        peer.settimeout(60)
        found = b""
        try:
            peer.sendall(data)
            peer.shutdown(socket.SHUT_WR)
            while chunk := peer.recv(65536):
                found += chunk
        except OSError:  # closed while we write, or before we have said so
            pass
        return found


def alive(web, who):
    assert web.post("/rooms/dev", "still", who=who).status == 200


def test_other_origins_neither_read_nor_write(webs, broker, token):
    door = webs(broker, "--allow-origin", "https://app.example.org", "--host", "chat.example.org")
    ada = token("ada")
    own = f"http://127.0.0.1:{door.port}"
    assert door.post("/rooms/dev", "own page", who=ada, Origin=own).status == 200
    for origin in ("https://evil.example.org", "null", "http://127.0.0.1:1", own + ".evil.org", "https://app.example.org.evil.org"):
        for method, path in (("POST", "/rooms/dev"), ("GET", "/rooms/dev"), ("GET", "/rooms/dev/events"),
                             ("GET", "/status"), ("OPTIONS", "/rooms/dev"), ("PUT", "/rooms/dev/1")):  # fmt: skip
            answer = door.call(method, path, "evil", who=ada, Origin=origin)
            assert answer.status == 403 and b"own page" not in answer.body, (origin, method, path, answer)
            assert "Access-Control-Allow-Origin" not in answer.headers
    # a script or a picture of another page sends no Origin, and says where it comes from
    for site in ("cross-site", "same-site"):
        assert door.get("/rooms/dev", Sec_Fetch_Site=site).status == 403
        assert door.get("/", Sec_Fetch_Site=site).status == 200  # somebody follows a link
    allowed = door.get("/rooms/dev", Origin="https://app.example.org")
    assert allowed.status == 200 and allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert "Origin" in allowed.headers["Vary"]
    asked = door.call("OPTIONS", "/rooms/dev", Origin="https://app.example.org")
    assert asked.status == 204 and "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert door.get("/rooms/dev").headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert door.get("/rooms/dev").json["head"] == 1
    assert "Set-Cookie" not in door.get("/", who=ada).headers


def test_a_name_made_to_point_here_is_refused(webs, broker, token):
    """DNS rebinding: the browser believes that the page and we are of one origin, its own."""
    door = webs(broker, "--host", "chat.example.org")
    ada = token("ada")
    for host in ("evil.example.org", f"evil.example.org:{door.port}", "localhost.evil.org", ""):
        for path in ("/", "/rooms/dev", "/rooms/dev/events"):
            answer = door.get(path, who=ada, Host=host, Origin=f"http://{host}")
            assert answer.status == 421 and answer.json["code"] == "host", (host, path, answer)
        assert door.post("/rooms/dev", "x", who=ada, Host=host).status == 421
    for host in ("chat.example.org", "CHAT.example.org:443", f"localhost:{door.port}", "127.0.0.1", "[::1]:8080"):
        assert door.get("/rooms", Host=host).status == 200
    assert door.get("/rooms", Host="chat.example.org", Origin="https://chat.example.org").status == 200


NONE = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    b"\0" * 5000,
    b"\r\n" * 5000,
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    b"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    b"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET http://evil.example.org/ HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n",
]  # fmt: skip


def test_requests_that_are_none(web, token):
    """All at once, for some are only closed when their time is over."""
    answers = [b" 200 "] * len(NONE)

    def send(number):
        answers[number] = raw(web, NONE[number])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(NONE))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for number, answer in enumerate(answers):
        assert not answer or answer.startswith(b"HTTP/1."), (number, answer[:200])
        assert b" 200 " not in answer[:20] and b"root:" not in answer, (number, answer[:300])
    alive(web, token("ada"))


def test_bodies_that_are_none(web, token):
    ada = token("ada")
    deep = "[" * 100_000
    for body in ("{", "[]", "7", '"x"', "null", '{"text":"a","text":"b"}', '{"text":"\\ud800"}', '{"text":"a\\u0000b"}',
                 '{"text":', deep, '{"text":"x","data":' + deep, '{"text":"x","data":[]}', '{"text":"x","re":-1}',
                 '{"text":"x","re":1e99}', '{"text":"x","re":99999999999999999999}', '{"text":["x"]}'):  # fmt: skip
        answer = web.post("/rooms/dev", body, who=ada, Content_Type="application/json; charset=utf-8")
        assert answer.status == 400 and answer.json["code"] in ("malformed", "invalid"), (body[:60], answer)
    for body in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"ok\0", b'{"text":"\xff"}'):
        answer = web.post("/rooms/dev", body, who=ada)
        assert answer.status == 400, (body, answer)
    assert web.get("/rooms/dev").json["head"] == 0


def test_a_chunked_body_without_end_is_cut_off(web, token):
    head = f"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token('ada')}\r\nTransfer-Encoding: chunked\r\n\r\n"
    sent = 0
    with web.raw() as peer:
        peer.sendall(head.encode())
        try:
            while sent < 50_000_000:
                peer.sendall(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
                sent += 0x8000
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 50_000_000
    alive(web, token("bob"))


def test_pipelined_requests_are_answered_in_order(web, token):
    ada = token("ada")
    one = f"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada}\r\nContent-Length: 2\r\n\r\n"
    data = b"".join(f"{one}{i:02}".encode() for i in range(30))
    data += b"GET /rooms/dev HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw(web, data)
    assert answer.count(b"HTTP/1.1 200 OK") == 31, answer[-500:]
    events = json.loads(answer[answer.rindex(b"\r\n\r\n") + 4:])["events"]
    assert [e["text"] for e in events] == [f"{i:02}" for i in range(30)]


def test_what_trickles_is_closed(web, token):
    """Slowloris: a header a byte at a time, a body that does not go on. Each has its time."""
    ada = token("ada")
    alive(web, ada)
    idle = web.fds()
    slow = [web.raw() for _ in range(60)]
    for number, peer in enumerate(slow):
        if number % 2:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        else:
            peer.sendall(f"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada}\r\nContent-Length: 9\r\n\r\na".encode())
    wait_until(lambda: web.fds() >= idle + 55)
    alive(web, ada)

    def trickle():
        for peer in slow:
            try:
                peer.sendall(b"x" if slow.index(peer) % 2 else b"")
            except OSError:
                pass
        return web.fds() <= idle

    wait_until(trickle, deadline=60, what="all of them are closed", pause=1)
    for peer in slow:
        peer.close()


def test_who_goes_meanwhile_leaves_nothing(web, token):
    ada = token("ada")
    alive(web, ada)
    before = web.fds()
    for _ in range(50):
        with web.raw() as peer:
            peer.sendall(b"GET /rooms/dev/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with web.raw() as peer:
            peer.sendall(f"POST /rooms/dev HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada}\r\nContent-Length: 1\r\n\r\nx".encode())
    alive(web, ada)
    wait_until(lambda: web.get("/rooms/dev").json["head"] >= 52 and (alive(web, ada) or web.fds() <= before + 8),
               deadline=60, what="their connections are closed", pause=0.5)


def test_tls(webs, broker, token, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)  # fmt: skip
    key.chmod(0o600)
    door = webs(broker, "--cert", cert, "--key", key)
    context = ssl.create_default_context(cafile=str(cert))
    request = urllib.request.Request(f"https://localhost:{door.port}/rooms/dev", b"sealed", {"Authorization": f"Bearer {token('ada')}"})
    with urllib.request.urlopen(request, context=context, timeout=DEADLINE) as answer:
        assert json.loads(answer.read())["seq"] == 1
    with urllib.request.urlopen(f"https://localhost:{door.port}/rooms/dev/events?since=0", context=context, timeout=DEADLINE) as stream:
        while b'"text":"sealed"' not in stream.readline():
            pass
    assert b"200" not in raw(door, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")


def test_what_it_refuses_to_start_with(webs, broker, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0" * 64)
    secret.chmod(0o644)
    def run(*arguments):
        done = subprocess.run([build.binary("zchat-web"), *map(str, arguments)], capture_output=True, text=True,
                              timeout=DEADLINE, env=build.environment())  # fmt: skip
        build.assert_clean(done.stderr, "zchat-web")
        return done.returncode, done.stderr

    for code, arguments in [
        (77, ["--listen", "0.0.0.0:0"]), (77, ["-e", "tcp://chat.example.org:5680"]), (64, ["-e", "chat"]),
        (64, ["--listen", "8080"]), (64, ["--listen", "localhost:http"]), (64, ["more"]), (64, ["--wrong"]),
        (64, ["--cert", "x"]), (64, ["--hook", "dev=https://a.org"]), (64, ["--hook", "dev=file:///etc/passwd"]),
        (64, ["--hook", "a b=https://a.org"]), (64, ["--allow-origin", "*"]), (64, ["--nick", "ada"]),
        (71, ["--nick", "ada", "--token-file", secret]), (71, ["--hook-secret", secret]),
        (65, ["-e", "zchat://127.0.0.1:1/xyz"]), (0, ["--help"]), (0, ["--version"]),
    ]:  # fmt: skip
        got, said = run(*arguments)
        assert got == code and (said.startswith("zchat-web: ") or "zchat-web:" in said or code == 0), (arguments, got, said)
