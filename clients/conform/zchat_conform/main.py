"""zchat-conform: whether a broker, or a client, does what PROTOCOL.md says."""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from typing import Optional

from . import broker, cases, client_listen, client_send, clients, keys, table  # noqa: F401
from .link import Outcome

USAGE = """
  zchat-conform tcp://127.0.0.1:5680          tries a broker; zchat://HOST/KEY tries more of it
  zchat-conform --client --listen 'zchat listen -e {door} -r {room} --json'
                --send 'zchat send -e {door} -r {room} --lines --nick {name}'
                                              is a broker, and tries a client by misbehaving
  zchat-conform --list                        the sentences, and what tries them
A broker is not harmed, but it is left with rooms and names that nobody knows. --listen is a command that follows the
room and prints each message as a line of JSON with "text" and "seq"; --send one that sends each line of its standard
input as a message and then ends with 0."""


def report(outcomes: list, transcripts: bool) -> bool:
    """Number, verdict, sentence; of what is wrong also the cases and their frames. True where nothing is."""
    by_name = {outcome.case.name: outcome for outcome in outcomes}
    counts = {"ok": 0, "wrong": 0, "skipped": 0}
    for sentence in table.load():
        tried = [by_name[name] for name in sentence.cases if name in by_name]
        if not tried:
            continue
        verdicts = {outcome.verdict for outcome in tried}
        verdict = "wrong" if "wrong" in verdicts else "ok" if "ok" in verdicts else "skipped"
        counts[verdict] += 1
        print(f"{sentence.number:4}  {verdict:7}  {sentence.text}")
        for outcome in tried:
            if outcome.verdict == "wrong":
                print(f"      {outcome.case.name}: {outcome.why}")
    for outcome in outcomes:
        if outcome.verdict == "wrong" or transcripts:
            print(f"\n{outcome.case.name}: {outcome.verdict}{': ' + outcome.why if outcome.why else ''}")
            print("\n".join(outcome.transcript))
    wrong = [outcome.case.name for outcome in outcomes if outcome.verdict == "wrong"]
    print(f"\n{len(outcomes)} cases: {len(wrong)} wrong{': ' + ', '.join(wrong) if wrong else ''}; of the sentences "
          f"they try {counts['ok']} hold, {counts['wrong']} do not, {counts['skipped']} could not be tried here")  # fmt: skip
    return not wrong


def as_json(outcomes: list) -> str:
    numbers: dict = {}
    for sentence in table.load():
        for name in sentence.cases:
            numbers.setdefault(name, []).append({"number": sentence.number, "sentence": sentence.text})
    return json.dumps([{"case": o.case.name, "verdict": o.verdict, "why": o.why, "sentences": numbers.get(o.case.name, []),
                        "transcript": o.transcript} for o in outcomes], indent=1, ensure_ascii=False)  # fmt: skip


def make_table() -> int:
    made, lost = table.make(table.PAGE.read_text(), table.load() if table.TABLE.exists() else [])
    for name, part in lost:
        print(f"{name}: no sentence of the page holds {part!r}", file=sys.stderr)
    table.write(made)
    tried = sum(bool(sentence.cases) for sentence in made)
    print(f"{len(made)} sentences, {tried} of them tried")
    return 1 if lost else 0


def main(arguments: Optional[list] = None) -> int:
    parser = argparse.ArgumentParser("zchat-conform", epilog=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("endpoint", nargs="?", help="a broker's door, or its address")
    parser.add_argument("--admin", metavar="FILE", help="a key file whose key the broker trusts: what admins may is tried too")
    parser.add_argument("--client", action="store_true", help="try a client, which the following commands start")
    parser.add_argument("--listen", metavar="COMMAND", help="with {door}, {room}, {name} in it")
    parser.add_argument("--send", metavar="COMMAND", help="likewise")
    parser.add_argument("--curve", action="store_true", help="encrypt: {door} is an address then")
    parser.add_argument("--only", metavar="PATTERN", default="*", help="the cases whose name fits")
    parser.add_argument("--all", action="store_true", help="the frames of cases that went well too")
    parser.add_argument("--json", metavar="FILE", help="the whole report")
    parser.add_argument("--list", action="store_true", help="the sentences of the page, and the cases that try them")
    parser.add_argument("--make-table", action="store_true", help="number the sentences of protocol/PROTOCOL.md anew")
    options = parser.parse_args(arguments)
    if options.make_table:
        return make_table()
    if options.list:
        for sentence in table.load():
            print(f"{sentence.number:4}  {', '.join(sentence.cases) or '-'}\n      {sentence.text}")
        return 0

    def only(case: cases.Case) -> bool:
        return fnmatch.fnmatch(case.name, options.only)

    if options.client and (options.listen or options.send):
        outcomes: list[Outcome] = clients.run(options.listen, options.send, only, curve=options.curve)
    elif options.endpoint and not options.client:
        outcomes = broker.run(options.endpoint, only, admin=keys.read(options.admin) if options.admin else None)
    else:
        parser.error("an endpoint, or --client with --listen or --send")
    if options.json:
        with open(options.json, "w") as file:
            file.write(as_json(outcomes))
    if not outcomes:
        print("no case has that name", file=sys.stderr)
        return 1
    return 0 if report(outcomes, options.all) else 1
