"""What the hot paths cost, counted so that it is the same on a busy machine: instructions (callgrind)
and system calls (strace). tests/integration/test_costs.py compares with the files beside this one.

usage: costs.py            count, and show beside what is written
       costs.py --write    and write it down, where a change was meant
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import servers

HERE = Path(__file__).resolve().parent
INSTRUCTIONS, CALLS = HERE / "instructions.txt", HERE / "system_calls.txt"
DEADLINE = 120

# of each path, the functions it is; what they call counts with them
PATHS = {
    "decode": ["request_decode"],
    "decide": ["item_decide"],
    "apply": ["ledger_apply"],
    "pack": ["feed_publish", "feed_flush"],
    "replay": ["core_read_done"],
    "message": ["core_request", "core_take", "core_committed"],
}
MESSAGES = 2000


def missing(*programs: str) -> str:
    """What cannot be run, or ""."""
    absent = [name for name in programs if not shutil.which(name)]
    absent += [str(path) for path in (servers.BUILD / "hot_paths", servers.BUILD / "bench_driver")
               if not path.exists()]  # fmt: skip
    return ", ".join(absent)


def inclusive(batch: int) -> dict:
    """Instructions of each function and what it calls."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
             servers.BUILD / "hot_paths", str(MESSAGES), str(batch)],
            check=True, capture_output=True, timeout=DEADLINE,
        )  # fmt: skip
        text = subprocess.run(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", out],
            check=True, capture_output=True, text=True, timeout=DEADLINE,
        ).stdout  # fmt: skip
    # "44,958,696 (76.57%)  ???:core_request [...]"; what GCC made of a function has a dot in its name
    found = re.findall(r"^\s*([\d,]+) \([\d. ]+%\)\s+\S*:(\w+)(?:\.\S+)? \[", text, re.M)
    counted = {}
    for number, name in found:
        counted[name] = max(counted.get(name, 0), int(number.replace(",", "")))
    return counted


def instructions() -> dict:
    """Instructions a message, of each path: where one goes alone, and where a hundred go together."""
    counts = {}
    for word, batch in (("alone", 1), ("together", 100)):
        counted = inclusive(batch)
        for path, functions in PATHS.items():
            gone = [name for name in functions if name not in counted]
            if gone:
                raise LookupError(f"{', '.join(gone)} is no more: say in {__file__} what is {path!r} now")
            if path != "replay" or word == "together":
                counts[f"{path} {word}"] = sum(counted[name] for name in functions) // MESSAGES
    return counts


def calls_of(count: int) -> dict:
    """System calls of a broker from start to end, with a quiet room: one listener, one speaker, `count`
    messages, each of which waits for the one before."""
    folder = Path(tempfile.mkdtemp(prefix="zchat-costs-"))
    server = servers.Zchat("zchat")
    server.folder, server.door = folder, servers.free_port()
    command = ["strace", "-f", "-c", "-o", folder / "calls", *server.command(),
               "--index", "off"]  # its threads work when they may, and so differ from run to run
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        if not tracer.stdout.readline().startswith(b"ready"):
            raise RuntimeError("the broker does not start under strace")
        broker = int(Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read_text().split()[0])
        subprocess.run(
            [servers.BUILD / "bench_driver", "--dialect", "zchat-packs", "--server", str(broker),
             "--door", str(server.door), "--feed", str(server.feed), "--listeners", "1",
             "--window", "1", "--count", str(count), "--seconds", "60"],
            check=True, stdout=subprocess.DEVNULL, timeout=DEADLINE,
        )  # fmt: skip
        os.kill(broker, signal.SIGTERM)
        tracer.wait(DEADLINE)
        lines = (folder / "calls").read_text().splitlines()
    finally:
        if tracer.poll() is None:
            tracer.kill()
        shutil.rmtree(folder, ignore_errors=True)
    # "  5.02    0.000123           1       120         3 poll"
    words = [line.split() for line in lines]
    return {w[-1]: int(w[3]) for w in words if len(w) >= 5 and w[3].isdigit() and w[-1] != "total"}


def calls() -> dict:
    """System calls a message: what more messages cost, so that start and end fall out."""
    few, many = 30, 180
    less, more = calls_of(few), calls_of(many)
    counted = {name: (more[name] - less.get(name, 0)) / (many - few) for name in more}
    counted = {name: round(value, 1) for name, value in sorted(counted.items()) if value >= 0.1}
    return {"all": round(sum(counted.values()), 1), **counted}


def written(path: Path) -> dict:
    """{what: number} of a file of lines "what number"; # begins a comment."""
    lines = (line.split("#")[0].rsplit(None, 1) for line in path.read_text().splitlines())
    return {line[0].strip(): float(line[1]) for line in lines if len(line) == 2}


def compiler() -> str:
    """What the build was made with: another one makes other instructions."""
    cache = (servers.BUILD / "CMakeCache.txt").read_text()
    program = re.search(r"^CMAKE_C_COMPILER:\w+=(.*)$", cache, re.M)[1]
    kind = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", cache, re.M)[1]
    sanitize = re.search(r"^ZCHAT_SANITIZE:\w+=(.*)$", cache, re.M)
    first = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    return f"{first}, {kind}{', ' + sanitize[1] if sanitize and sanitize[1] else ''}"


def write(path: Path, title: str, counts: dict) -> None:
    lines = [f"# {title}", "# Written by tests/bench/costs.py --write; tests/integration/test_costs.py compares."]
    lines += [f"# {compiler()}", *(f"{what:20} {number:g}" for what, number in counts.items())]
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    absent = missing("valgrind", "callgrind_annotate", "strace")
    if absent:
        sys.exit(f"costs.py: there is no {absent}")
    found = {
        INSTRUCTIONS: ("Instructions a message of the broker's core, on the fixed script of costs/hot_paths.c.",
                       instructions()),
        CALLS: ("System calls a message of the broker, one in flight, one listener.", calls()),
    }  # fmt: skip
    for path, (title, counts) in found.items():
        known = written(path) if path.exists() else {}
        print(title)
        for what, number in counts.items():
            print(f"  {what:20} {number:10g}  was {known.get(what, 0):g}")
        if "--write" in sys.argv:
            write(path, title, counts)


if __name__ == "__main__":
    main()
