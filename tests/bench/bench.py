"""scripts/bench: zchat and its peers, the same work, one driver, in turn, several rounds."""

import argparse
import json
import platform
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import plots
import servers
import table
import tools
import works

FOLDER = servers.ROOT / "build/bench"


def driven(cell: works.Cell, server: servers.Server, seconds: float) -> dict:
    """What the driver says, told to do the cell's work."""
    command = [
        servers.BUILD / "bench_driver", "--dialect", server.dialect, "--server", str(server.pid),
        "--door", str(server.door), "--feed", str(server.feed), "--seconds", str(seconds),
        *server.guard(), *cell.arguments,  # which may say other seconds
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        raise RuntimeError("no end after 600 s") from None
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["the driver failed"])[-1])
    return json.loads(done.stdout)[cell.kind]


def measure(cell: works.Cell, seconds: float) -> dict:
    """Runs one cell on a fresh server. Raises RuntimeError where it is not whole."""
    with servers.make(cell.server) as server:
        if cell.work == "tools":
            return tools.measure(cell.kind, server, int(cell.arguments[0]))
        return driven(cell, server, seconds)


def progress(text: str) -> None:
    """On a terminal, in place; elsewhere a line each."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


def median(samples: list) -> dict:
    return {key: statistics.median(sample[key] for sample in samples) for key in samples[0]}


class Run:
    """All cells, round by round: what is measured once each in turn, so that a machine which is
    slower for a while is so for all."""

    def __init__(self, chosen: list, rounds: int, seconds: float, only: list):
        self.works, self.rounds, self.seconds = chosen, rounds, seconds
        self.cells = [c for w in chosen for c in w.cells if not only or c.server in only]
        self.samples, self.failures = {}, {}

    def go(self) -> None:
        begin = time.monotonic()
        for number in range(self.rounds):
            for at, cell in enumerate(self.turn(number)):
                progress(f"{time.monotonic() - begin:4.0f} s  round {number + 1} of {self.rounds}, "
                         f"{at + 1} of {len(self.cells)}: {cell.work}, {cell.size}, {cell.server}")
                if (cell.group, cell.server) in self.failures:
                    continue
                try:
                    sample = measure(cell, self.seconds)
                except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                    self.failures[cell.group, cell.server] = str(error)
                    continue
                self.samples.setdefault((cell.group, cell.server), []).append(sample)
        self.took = time.monotonic() - begin
        progress("")

    def turn(self, number: int) -> list:
        """Within a group, another server begins each time."""
        ordered = []
        for group in dict.fromkeys(cell.group for cell in self.cells):
            own = [cell for cell in self.cells if cell.group == group]
            at = number * 3 % len(own)
            ordered += own[at:] + own[:at]
        return ordered

    def results(self) -> dict:
        groups = {}
        for cell in self.cells:
            samples = self.samples.get((cell.group, cell.server))
            group = groups.setdefault("|".join(cell.group), {})
            if samples:
                group[cell.server] = median(samples)
        names = list(dict.fromkeys(cell.server for cell in self.cells))
        return {
            "machine": machine(),
            "command": " ".join(["./scripts/bench", *sys.argv[1:]]),
            "date": time.strftime("%Y-%m-%d", time.gmtime()),
            "took": round(self.took),
            "rounds": self.rounds,
            "seconds": self.seconds,
            "servers": {n: [servers.make(n).version(), servers.make(n).note] for n in names},
            "works": {work.name: work.title for work in self.works},
            "groups": groups,
            "failures": {" | ".join((*group, server)): text
                         for (group, server), text in self.failures.items()},
        }  # fmt: skip


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0] if models else '?'}, Linux {platform.release()}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures zchat and its peers, in turn, in one run."
    )
    parser.add_argument("--quick", action="store_true", help="about five minutes")
    parser.add_argument("--only", action="append", metavar="WORK", choices=list(works.WORKS),
                        help=f"one of {', '.join(works.WORKS)} (repeatable)")  # fmt: skip
    parser.add_argument("--server", action="append", default=[], choices=list(servers.SERVERS),
                        metavar="SERVER", help="only these (repeatable)")  # fmt: skip
    parser.add_argument("--rounds", type=int, help="how often each is measured (5; quick: 3)")
    parser.add_argument("--seconds", type=float, help="for how long each time (2; quick: 0.4)")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--document", action="store_true",
                        help="write table and plots into docs/PERFORMANCE.md")  # fmt: skip
    parser.add_argument("--from", dest="source", metavar="FILE", help="print an earlier run's table")
    return parser.parse_args()


def run(options: argparse.Namespace) -> dict:
    chosen = [works.WORKS[name](options.quick) for name in options.only or works.WORKS]
    wanted = {cell.server for work in chosen for cell in work.cells}
    missing = {name: servers.make(name).missing() for name in wanted}
    missing = {name: what for name, what in missing.items() if what}
    for name, what in sorted(missing.items()):
        print(f"{name} is left out: there is no {what} (scripts/setup bench)", file=sys.stderr)
    for work in chosen:
        work.cells = [cell for cell in work.cells if cell.server not in missing]
    one = Run(chosen, options.rounds or (3 if options.quick else 5),
              options.seconds or (0.4 if options.quick else 2), options.server)  # fmt: skip
    one.go()
    return one.results()


def document(results: dict) -> None:
    """Puts table and plots where the page has its place for them."""
    page = servers.ROOT / "docs/PERFORMANCE.md"
    begin, end = "<!-- table -->\n", "<!-- end of table -->"
    before, rest = page.read_text().split(begin)
    (page.parent / "plots").mkdir(exist_ok=True)
    plots.draw(results, page.parent / "plots")
    for data in (page.parent / "plots").glob("*.tsv"):
        data.unlink()
    drawn = sorted(path.name for path in (page.parent / "plots").glob("*.svg"))
    images = "\n".join(f"![{name}](plots/{name})" for name in drawn)
    page.write_text(f"{before}{begin}{table.markdown(results)}\n\n{images}\n{end}{rest.split(end)[1]}")


def main() -> int:
    options = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):  # what was started is ended, as by Ctrl-C
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.source:
        results = json.loads(Path(options.source).read_text())
    else:
        results = run(options)
        (FOLDER / "results.json").write_text(json.dumps(results, indent=1))
    print(table.markdown(results) if options.markdown else table.text(results))
    if options.document:
        document(results)
    drawn = plots.draw(results, FOLDER)
    print(f"\nkept: {FOLDER / 'results.json'}; {drawn}", file=sys.stderr)
    return 1 if results["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
