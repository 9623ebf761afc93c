"""`python3 -m zchat listen` and `python3 -m zchat send`: what is said, a JSON object a line; each line of
standard input, a message. For pipes, and for trying the package; see `zchat` for everything else."""

from __future__ import annotations

import argparse
import json
import sys

from . import Client, Event, Refused, ZchatError
from .events import Ended, LogReplaced, Missed

OK, BAD, NO_BROKER, REFUSED = 0, 65, 69, 77


def listen(options: argparse.Namespace) -> int:
    with Client(options.endpoint, options.nick, timeout=None) as client:
        client.join(options.room, after=options.since, last=options.last)
        print("ready", file=sys.stderr, flush=True)
        for event in client.events():
            if isinstance(event, Event) and event.seq:
                line = {"room": event.room, "seq": event.seq, "time": event.time, "type": event.type,
                        "user": event.user, "log": client.log, "text": event.text}  # fmt: skip
                print(json.dumps({**line, **({"data": event.data} if event.data else {})}), flush=True)
            elif isinstance(event, Missed):
                count = event.last - event.first + 1
                print(json.dumps({"type": "lost", "room": event.room, "count": count, "before": event.last + 1}), flush=True)
            elif isinstance(event, LogReplaced):
                print(json.dumps({"type": "log_replaced", "log": event.new}), flush=True)
            elif isinstance(event, Ended) and event.error is not None:
                raise event.error
            elif not isinstance(event, Event):
                print(event, file=sys.stderr, flush=True)
    return OK


def send(options: argparse.Namespace) -> int:
    with Client(options.endpoint, options.nick, timeout=None, outbox=options.outbox) as client:
        futures = []
        for line in sys.stdin:
            if line.rstrip("\n"):
                futures.append(client.post(options.room, line.rstrip("\n")))
            while len(futures) >= 1000:
                futures.pop(0).result()
        for future in futures:
            future.result()
    return OK


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m zchat", description=__doc__)
    parser.add_argument("command", choices=("listen", "send"))
    parser.add_argument("-e", "--endpoint", default="tcp://127.0.0.1:5680")
    parser.add_argument("-r", "--room", required=True)
    parser.add_argument("--nick", default="")
    parser.add_argument("--since", type=int)
    parser.add_argument("--last", type=int, default=0)
    parser.add_argument("--outbox")
    options = parser.parse_args()
    try:
        return listen(options) if options.command == "listen" else send(options)
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr)
        return REFUSED
    except ZchatError as error:
        print(error, file=sys.stderr)
        return NO_BROKER
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
