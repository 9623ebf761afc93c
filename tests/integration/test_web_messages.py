"""zchat-web: what is said, changed and asked for over HTTP. docs/HTTP.md is the list."""

import gzip
import re

from support import token as tokens
from support.build import ROOT
from support.wait import wait_until
from support.web import basic, quoted


def test_curl_says_something(web, token):
    said = web.post("/rooms/dev", "build green", who=token("ci"))
    assert said.status == 200 and said.headers["Content-Type"] == "application/json", said
    assert said.json["room"] == "dev" and said.json["seq"] == 1 and said.json["time"] > 1.7e12
    page = web.get("/rooms/dev").json
    assert [(e["seq"], e["user"], e["text"], e["type"]) for e in page["events"]] == [(1, "ci", "build green", "say")]
    assert page["events"][0]["time"] == said.json["time"]
    assert page["head"] == 1 and page["more"] is False and re.fullmatch("[0-9a-f]{32}", page["log"])


def test_forms_of_a_message(web, token):
    me = token("ada")
    form = "application/x-www-form-urlencoded"
    assert web.post("/rooms/dev", "a=b&c=%41+", who=me, Content_Type=form).status == 200
    assert web.post("/rooms/dev", "привет".encode(), who=me, Content_Type="text/plain").status == 200
    more = {"text": "waves\nonce", "type": "action", "re": 1, "data": {"n": 1.5, "x": ["\u2028"]}}
    assert web.post("/rooms/dev", more, who=me).status == 200
    assert web.call("POST", "/rooms/dev", b"basic", Authorization=basic(*me.split(":"))).status == 200
    events = web.get("/rooms/dev").json["events"]
    assert [e["text"] for e in events] == ["a=b&c=%41+", "привет", "waves\nonce", "basic"]
    assert events[2]["type"] == "action" and events[2]["re"] == 1
    assert events[2]["data"]["n"] == 1.5 and events[2]["data"]["x"] == ["\u2028"]


def test_a_name_in_any_script(web, token):
    name, secret = token("Мария").split(":")
    assert web.post("/rooms/%D0%BA%D0%BE%D0%BC%D0%BD%D0%B0%D1%82%D0%B0", "да", who=f"{quoted(name)}:{secret}").status == 200
    assert web.get("/rooms/" + quoted("комната")).json["events"][0]["user"] == "Мария"


def test_guests_read_and_do_not_speak(web, token):
    web.post("/rooms/dev", "hello", who=token("ada"))
    assert web.get("/rooms/dev").json["events"][0]["text"] == "hello"
    assert [r["room"] for r in web.get("/rooms").json["rooms"]] == ["dev"]
    for method, path in [("POST", "/rooms/dev"), ("PUT", "/rooms/dev/1"), ("DELETE", "/rooms/dev/1"),
                         ("PUT", "/rooms/dev/1/reactions/x"), ("POST", "/direct/ada"), ("PUT", "/away"),
                         ("GET", "/unread"), ("PUT", "/rooms/dev/read")]:  # fmt: skip
        answer = web.call(method, path, "x")
        assert answer.status == 401 and answer.json["code"] == "guest", (method, path, answer)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert web.get("/rooms/dev").json["head"] == 1


def test_a_wrong_token_is_refused(web, token):
    name, secret = token("ada").split(":")
    wrong = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    for who in (f"{name}:{wrong}", f"bob:{secret}"):
        answer = web.post("/rooms/dev", "x", who=who)
        assert answer.status == 401 and answer.json["code"] == "token", answer
    for header in ("Bearer x", "Bearer :" + secret, "Bearer ada:xyz", "Digest a", "Basic ***", "Bearer ada:" + secret[:32]):
        answer = web.call("POST", "/rooms/dev", "x", Authorization=header)
        assert answer.status == 401 and answer.json["code"] == "token", (header, answer)
    assert web.get("/status", who=f"{name}:{wrong}").status == 401
    status = web.get("/status", who=f"{name}:{secret}").json
    assert status["user"] == "ada" and status["proven"] is True and status["admin"] is False
    assert web.get("/status").json["user"] == ""


def test_a_token_alone_says_whose_it_is(broker, webs, token):
    door = webs(broker, "--tokens", broker.data / "tokens")
    secret = token("робот").split(":")[1]
    said = door.post("/rooms/dev", "build green", who=secret)
    assert said.status == 200 and door.get("/rooms/dev").json["events"][0]["user"] == "робот", said
    later = token("bob").split(":")[1]  # the file is read again
    assert door.get("/status", who=later).json["user"] == "bob"
    nobody = door.get("/status", who="0" * 64)
    assert nobody.status == 401 and nobody.json["code"] == "token", nobody
    tokens.revoke(broker.data, tokens.ids(broker.data, "bob")[0])
    gone = door.get("/status", who=later)
    assert gone.status == 401 and gone.json["code"] == "token", gone


def test_a_token_alone_wants_the_file(webs, broker, token, tmp_path):
    secret = token("ada").split(":")[1]
    for door in (webs(broker), webs(broker, "--tokens", tmp_path / "none")):
        for _ in range(3):
            answer = door.get("/status", who=secret)
            assert answer.status == 401 and answer.json["code"] == "token", answer
    assert door.log.count("no token has a name") == 1


def test_edit_react_remove(web, token):
    ada, bob = token("ada"), token("bob")
    web.post("/rooms/dev", "helo", who=ada)
    assert web.call("PUT", "/rooms/dev/1", "hello", who=ada).json["seq"] == 2
    assert web.call("PUT", "/rooms/dev/1", {"text": "mine"}, who=bob).status == 403
    thumb = quoted("👍")
    assert web.call("PUT", f"/rooms/dev/1/reactions/{thumb}", who=bob).json["seq"] == 3
    assert web.call("PUT", f"/rooms/dev/1/reactions/{thumb}", who=bob).json["duplicate"] is True
    events = web.get("/rooms/dev").json["events"]
    assert [e["type"] for e in events] == ["say", "marks", "edit", "react"], events
    assert events[0]["text"] == "hello" and events[1]["target"] == 1 and "seq" not in events[1]
    assert events[1]["data"]["reactions"]["👍"]["count"] == 1
    assert events[3]["target"] == 1 and events[3]["text"] == "👍"
    assert web.call("DELETE", f"/rooms/dev/1/reactions/{thumb}", who=bob).json["seq"] == 4
    assert web.call("DELETE", "/rooms/dev/1?reason=spam%20it", who=bob).status == 403
    assert web.call("DELETE", "/rooms/dev/1?reason=spam%20it", who=ada).json["seq"] == 5
    last = web.get("/rooms/dev?limit=1").json["events"][0]
    assert last["type"] == "remove" and last["target"] == 1 and last["text"] == "spam it"
    assert web.call("DELETE", "/rooms/dev/77", who=ada).status == 404


def test_direct_messages(web, token):
    ada, bob = token("ada"), token("bob")
    assert web.get("/status", who=bob).status == 200
    told = web.post("/direct/bob", "psst", who=ada)
    assert told.status == 200 and told.json["user"] == "bob", told
    assert [(e["type"], e["user"], e["text"]) for e in web.get("/rooms/@", who=bob).json["events"]] == [("tell", "ada", "psst")]
    answer = web.post("/direct/ada", {"text": "what?", "re": told.json["time"]}, who=bob)
    assert answer.status == 200
    mine = web.get("/rooms/@", who=ada).json["events"]
    assert [(e["type"], e["user"]) for e in mine] == [("told", "bob"), ("tell", "bob")]
    assert mine[1]["re"] == told.json["time"]
    assert web.post("/direct/nobody", "x", who=ada).status == 404
    assert web.get("/rooms/@").status in (401, 403)


def test_read_markers_and_unread(web, token):
    ada, bob = token("ada"), token("bob")
    for i in range(3):
        web.post("/rooms/dev", f"{i}", who=ada)
    assert web.call("PUT", "/rooms/dev/read", {"seq": 2}, who=bob).json == {"room": "dev", "read": 2, "head": 3}
    assert web.call("PUT", "/rooms/dev/read", "1\n", who=bob).json["read"] == 2
    assert web.get("/rooms/dev/read", who=bob).json["read"] == 2
    assert [(r["room"], r["read"], r["head"]) for r in web.get("/unread", who=bob).json["rooms"]] == [("dev", 2, 3)]


def test_search_who_away_topic_mode(web, token):
    ada = token("ada")
    web.post("/rooms/dev", "the quick brown fox", who=ada)
    wait_until(lambda: web.get("/search?q=quick%20fox").json["hits"], what="the index has it")
    assert web.get("/search?q=quick+fox").json["hits"][0]["seq"] == 1
    assert web.get("/search").status == 400 and web.get("/search?q=%FF").status == 400
    assert web.call("PUT", "/rooms/dev/topic", "foxes", who=ada).json["code"] == "member"
    stream = web.stream("/rooms/dev/events", ada)
    stream.until("ready")
    assert web.call("PUT", "/away", "lunch", who=ada).json == {}
    who = web.get("/who?room=dev").json
    assert who["users"] == ["ada"] and who["away"] == {"ada": "lunch"}
    assert web.call("DELETE", "/away", who=ada).json == {}
    assert "away" not in web.get("/who?room=dev").json
    assert web.call("PUT", "/rooms/dev/topic", {"text": "foxes"}, who=ada).status == 200
    assert web.get("/rooms/dev/topic").json["topic"] == "foxes"
    assert web.get("/rooms/dev/mode", who=ada).json["operators"] == ["ada"]
    stream.close()


def test_pages_of_history(web, token):
    ada = token("ada")
    for i in range(1, 11):
        web.post("/rooms/dev", f"m{i}", who=ada)

    def seqs(query):
        return [e["seq"] for e in web.get(f"/rooms/dev?{query}").json["events"]]

    assert seqs("limit=3") == [8, 9, 10]
    assert seqs("before=8&limit=3") == [5, 6, 7]
    assert seqs("after=8") == [9, 10] and seqs("after=0&limit=2") == [1, 2]
    for bad in ("before=x", "limit=0", "limit=1001", "before=3&after=2", "after=-1", "before=99999999999999999999"):
        answer = web.get(f"/rooms/dev?{bad}")
        assert answer.status == 400 and answer.json["code"] == "malformed", (bad, answer)


def test_every_refusal_is_json_with_its_status(web, token, broker):
    ada = token("ada")
    web.post("/rooms/dev", "x", who=ada)
    for method, path, body, status, code in [
        ("GET", "/nowhere/at/all", None, 404, "path"),
        ("GET", "/nothing.js", None, 404, "path"),
        ("PATCH", "/rooms/dev", None, 405, "method"),
        ("POST", "/rooms", "x", 405, "method"),
        ("POST", "/rooms/dev", "", 400, "malformed"),
        ("POST", "/rooms/a%20b", "x", 400, "name"),
        ("POST", "/rooms/%FF", "x", 400, "malformed"),
        ("POST", "/rooms/%2", "x", 400, "malformed"),
        ("POST", "/rooms/%00", "x", 400, "malformed"),
        ("POST", "/rooms/@", "x", 400, "name"),
        ("POST", "/rooms/dev", b"\xff", 400, "malformed"),
        ("POST", "/rooms/dev", b"a\0b", 400, "malformed"),
        ("POST", "/rooms/dev", "x" * 65537, 413, "size"),
        ("POST", "/rooms/dev", "x" * 500000, 413, "size"),
        ("POST", "/rooms/dev", {"text": "x", "data": {"a": "y" * 5000}}, 422, "limit"),
        ("POST", "/rooms/dev", {"text": "x", "data": {"zchat": {}}}, 400, "invalid"),
        ("POST", "/rooms/dev", {"text": "x", "re": 99}, 404, "nobody"),
        ("POST", "/rooms/dev", {"text": "x", "type": "topic"}, 400, "malformed"),
        ("POST", "/rooms/dev", {"text": 7}, 400, "malformed"),
        ("PUT", "/rooms/dev/99", "x", 404, "nobody"),
        ("PUT", "/rooms/dev/1/reactions/a%20b", None, 400, "malformed"),
        ("PUT", "/rooms/dev/read", "x", 400, "malformed"),
        ("POST", "/direct/a%2Fb", "x", 400, "name"),
    ]:  # fmt: skip
        answer = web.call(method, path, body, who=ada)
        assert (answer.status, answer.json["code"]) == (status, code), (method, path, answer)
        assert answer.json["text"]
    assert set(web.call("PATCH", "/rooms/dev").headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert web.get("/rooms/dev").json["head"] == 1


def test_a_message_of_every_byte_there_may_be(web, token):
    """64 KiB that JSON has to escape come through, and out again, as they are."""
    text = ("\x01\x1f\"\\\u2028</script>" * 4000)
    assert web.post("/rooms/dev", {"text": text}, who=token("ada")).status == 200
    assert web.get("/rooms/dev").json["events"][0]["text"] == text
    whole = "я" * 32768
    assert web.post("/rooms/dev", whole, who=token("bob")).status == 200
    assert web.get("/rooms/dev?limit=1").json["events"][0]["text"] == whole


def test_no_broker(webs, brokers):
    broker = brokers()
    door = webs(broker)
    assert door.get("/rooms").status == 200 and door.get("/healthz").json == {"connected": True}
    broker.kill()
    wait_until(lambda: door.get("/healthz").json == {"connected": False}, what="it knows that the broker is gone")
    answer = door.get("/rooms", timeout=40)
    assert answer.status == 503 and answer.headers["Retry-After"], answer
    broker.start()
    wait_until(lambda: door.get("/rooms").status == 200)


def test_encrypted(webs, brokers):
    broker = brokers(args=["--curve"])
    door = webs(broker)
    me = "ada:" + tokens.make(broker.data, "ada")
    assert door.post("/rooms/dev", "over curve", who=me).status == 200
    assert door.get("/rooms/dev").json["events"][0]["text"] == "over curve"


def test_free_names(webs, brokers):
    broker = brokers()
    door = webs(broker, "--free-names")
    mine, other = "a" * 32, "b" * 32
    assert door.post("/rooms/dev", "hello", who=f"eve:{mine}").status == 200
    assert door.post("/rooms/dev", "me too", who=f"eve:{other}").json["code"] == "taken"
    assert door.post("/rooms/dev", "again", who=f"eve:{mine}").status == 200
    assert door.call("PUT", "/rooms/dev/1", "changed", who=f"eve:{mine}").json["code"] == "proof"
    assert door.get("/status").json["free_names"] is True


def test_the_page_is_served(web):
    page = web.get("/")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    again = web.get("/", If_None_Match=page.headers["ETag"])
    assert again.status == 304 and again.body == b""
    head = web.call("HEAD", "/")
    assert head.status == 200 and head.body == b"" and head.headers["Content-Length"] == str(len(page.body))
    for file in (ROOT / "client/web/page").iterdir():
        if file.suffix in (".html", ".css", ".js", ".svg"):
            packed = web.get("/" + file.name, Accept_Encoding="gzip, br")
            assert packed.headers["Content-Encoding"] == "gzip"
            assert web.get("/" + file.name).body == gzip.decompress(packed.body) == file.read_bytes()
