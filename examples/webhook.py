"""What GitHub, GitLab and Alertmanager post, said in a room: webhook.py ROOM [--listen HOST:PORT] [-e ENDPOINT]

POST /github is signed with the secret (X-Hub-Signature-256), /gitlab has it in X-Gitlab-Token, /alertmanager in
Authorization: Bearer. The secret stands in the environment, WEBHOOK_SECRET; without one nothing is taken. 200 is
answered once what was said is on the broker's disk, so whoever posts again after another answer loses nothing; what
comes twice then is said twice. Behind a reverse proxy where it is to be reached from elsewhere: there is no TLS here.
Python 3.9, and clients/python."""

import argparse
import hashlib
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import zchat

BODY_MAX = 5 << 20
LINES_MAX = 10
TEXT_MAX = 400


def github(kind: str, posted: dict) -> list:
    where, who = posted.get("repository", {}).get("full_name", "?"), posted.get("sender", {}).get("login", "?")
    if kind == "push":
        branch = posted["ref"].removeprefix("refs/heads/")
        commits = [f"  {c['id'][:8]} {c['message']}" for c in posted["commits"]]
        return [f"{where} {branch}: {who} pushed {len(commits)}", *commits]
    if kind in ("pull_request", "issues"):
        thing = posted["pull_request" if kind == "pull_request" else "issue"]
        return [f"{where}#{thing['number']} {posted['action']} by {who}: {thing['title']} {thing['html_url']}"]
    if kind == "workflow_run" and posted["action"] == "completed":
        run = posted["workflow_run"]
        return [f"{where} {run['name']} on {run['head_branch']}: {run['conclusion']} {run['html_url']}"]
    return []


def gitlab(kind: str, posted: dict) -> list:
    where = posted.get("project", {}).get("path_with_namespace", "?")
    if kind == "Push Hook":
        commits = [f"  {c['id'][:8]} {c['message']}" for c in posted["commits"]]
        return [f"{where} {posted['ref'].removeprefix('refs/heads/')}: {posted['user_username']} pushed "
                f"{posted['total_commits_count']}", *commits]  # fmt: skip
    of = posted.get("object_attributes", {})
    if kind == "Merge Request Hook":
        return [f"{where}!{of['iid']} {of.get('action', of['state'])} by {posted['user']['username']}: {of['title']} {of['url']}"]
    if kind == "Pipeline Hook":
        return [f"{where} pipeline {of['id']} on {of['ref']}: {of['status']}"]
    return []


def alertmanager(kind: str, posted: dict) -> list:
    made = []
    for alert in posted["alerts"]:
        labels, notes = alert["labels"], alert.get("annotations", {})
        about = " ".join(f"{k}={v}" for k, v in sorted(labels.items()) if k != "alertname")
        made.append(f"{alert['status'].upper()} {labels.get('alertname', '?')} {about}: {notes.get('summary', '')}")
    return made


def signed(path: str, headers, body: bytes, secret: str) -> bool:
    if path == "/github":
        given, wanted = headers.get("X-Hub-Signature-256", ""), "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    elif path == "/gitlab":
        given, wanted = headers.get("X-Gitlab-Token", ""), secret
    else:
        given, wanted = headers.get("Authorization", ""), f"Bearer {secret}"
    return hmac.compare_digest(given.encode(), wanted.encode())


SOURCES = {"/github": (github, "X-GitHub-Event"), "/gitlab": (gitlab, "X-Gitlab-Event"), "/alertmanager": (alertmanager, "")}


def short(line: str) -> str:
    """The first line of it, and not too much: a commit's message may be a book."""
    return (line.splitlines() or [""])[0][:TEXT_MAX]


class Handler(BaseHTTPRequestHandler):
    client: zchat.Client
    room: str
    secret: str
    timeout = 10

    def do_POST(self) -> None:
        self.send_response(self.take())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def take(self) -> int:
        """The status to answer with."""
        size = self.headers.get("Content-Length", "")
        if self.path not in SOURCES or not size.isdigit():
            return 404 if self.path not in SOURCES else 411
        if int(size) > BODY_MAX:
            return 413
        body = self.rfile.read(int(size))
        if not signed(self.path, self.headers, body, self.secret):
            return 403
        source, header = SOURCES[self.path]
        try:
            lines = [line for line in map(short, source(self.headers.get(header, ""), json.loads(body))) if line.strip()]
        except (ValueError, KeyError, TypeError, AttributeError):
            return 400
        if len(lines) > LINES_MAX:
            lines[LINES_MAX - 1 :] = [f"  and {len(lines) - LINES_MAX + 1} more"]
        try:
            for line in lines:
                self.client.say(self.room, line.replace("\0", ""))
        except zchat.ZchatError as error:
            print(f"webhook: {error}", file=sys.stderr)
            return 503
        return 200

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description="Webhooks, said in a room")
    parser.add_argument("room")
    parser.add_argument("--listen", default="127.0.0.1:8079")
    parser.add_argument("-e", "--endpoint", default="tcp://127.0.0.1:5680")
    parser.add_argument("--nick", default="webhook")
    options = parser.parse_args()
    secret = os.environ.get("WEBHOOK_SECRET", "")
    if not secret:
        parser.error("WEBHOOK_SECRET is not set")
    host, _, port = options.listen.rpartition(":")
    Handler.room, Handler.secret = options.room, secret
    with zchat.Client(options.endpoint, options.nick) as Handler.client:
        server = ThreadingHTTPServer((host, int(port)), Handler)
        print(f"listening on {host}:{server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
