"""What the runs with real processes share: a stage to fail on, a broker, crowds, a door.

The stage is a set of Linux namespaces (processes, mounts, network) that this program makes
for itself and enters: whatever happens on it ends with it, on every exit path, kill -9
included. As root, or where users may make namespaces; elsewhere the runs do without, and say so.
"""

import ctypes
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INSIDE = "ZCHAT_STAGE"  # in the environment of the program on the stage
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
DEADLINE = 30


class Failed(Exception):
    """The run cannot go on, or found what must not be."""


def say(*words) -> None:
    print(*words, flush=True)


# --- the stage


def _unshare() -> list:
    """How namespaces are made here; [] where they cannot be."""
    for command in (UNSHARE, [UNSHARE[0], "--user", "--map-root-user", *UNSHARE[1:]]):
        script = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add a && ip link set lo up"
        try:
            done = subprocess.run([*command, "sh", "-c", script], capture_output=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return []
        if done.returncode == 0:
            return command
    return []


def _outer(keep: bool, seconds: float) -> int:
    """Run this program again on the stage; take away what it leaves on disk."""
    work = tempfile.mkdtemp(prefix="zchat-stage-")
    reader, writer = os.pipe()
    command = [sys.executable, *sys.argv]
    namespaces = _unshare()
    if not namespaces:
        say("no namespaces to be had: the runs do without networks to cut and disks to fill")
    child = subprocess.Popen(
        [*namespaces, *command], pass_fds=(reader,),
        env={**os.environ, INSIDE: f"{reader}:{int(bool(namespaces))}:{work}"},
    )  # fmt: skip
    os.close(reader)

    def end(*_):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    code = 1
    try:
        code = child.wait(seconds)
    except KeyboardInterrupt:
        say("interrupted")
        code = 130
    except subprocess.TimeoutExpired:
        say(f"not done after {seconds:.0f} s: given up")
    finally:
        os.close(writer)  # the inner program ends itself
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if code == 0 and not keep:
            shutil.rmtree(work, ignore_errors=True)
        else:
            say(f"what was written down is kept in {work}")
    return code


class Stage:
    """Inside: what there is to fail with."""

    def __init__(self, work: Path, namespaces: bool):
        self.work = work
        self.namespaces = namespaces
        for name in ("zchatd", "crowd"):  # a copy: somebody may build while we run
            shutil.copy(_built(name), work / name)
        if namespaces:
            run("mount -t tmpfs none /run")
            os.mkdir("/run/netns")
            run("ip link set lo up")


def run(command: str) -> None:
    done = subprocess.run(command.split(), capture_output=True, text=True, timeout=DEADLINE)
    if done.returncode:
        raise Failed(f"{command}: {done.stderr.strip()}")


def enter(keep: bool, seconds: float) -> Stage:
    """To be called first: returns on the stage only. seconds: when to give up."""
    inside = os.environ.get(INSIDE)
    if inside is None:
        sys.exit(_outer(keep, seconds))
    pipe, namespaces, work = inside.split(":", 2)

    def watch():
        os.read(int(pipe), 1)  # the outer program has gone, or wants us to
        for child in list(CHILDREN):
            child.kill()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    return Stage(Path(work), namespaces == "1")


# --- processes

CHILDREN = set()  # all that must not outlive us, where no namespace sees to it
_PRCTL = ctypes.CDLL(None).prctl


def _die_with_parent():
    _PRCTL(1, signal.SIGKILL)


def _built(name: str) -> Path:
    named = os.environ.get("ZCHAT_BUILD")
    folders = [ROOT / named] if named else [ROOT / "build" / n for n in ("release", "asan", "debug")]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise Failed(f"no {name} in {', '.join(map(str, folders))}: build it, or set ZCHAT_BUILD")


def spawn(command, **how) -> subprocess.Popen:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ZCHAT", "XDG_"))}
    process = subprocess.Popen(command, env=env, preexec_fn=_die_with_parent, **how)
    CHILDREN.add(process)
    return process


def reap(process) -> int:
    code = process.wait(DEADLINE)
    CHILDREN.discard(process)
    return code


def memory_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def free_ports(count: int) -> list:
    """Below the range of outgoing connections: a client that tries a dead broker's port again
    and again would in time connect to itself there."""
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = []
    while len(ports) < count:
        port = random.randrange(10000, low if low > 12000 else 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


class Broker:
    """zchatd; the same ports and folder after every start."""

    def __init__(self, stage: Stage, host: str = "127.0.0.1", data: Path = None, args=()):
        ports = (5680, 5681) if stage.namespaces else free_ports(2)
        self.door = f"tcp://{host}:{ports[0]}"
        self.data = data or stage.work / "data"
        self.log_path = stage.work / "broker.log"
        self.command = [str(stage.work / "zchatd"), "--data", str(self.data), "--door", self.door]
        self.command += ["--feed", f"tcp://{host}:{ports[1]}", "--log-level", "warning", *args]
        if host != "127.0.0.1":
            self.command += ["--insecure"]
        self.process = None

    def start(self) -> None:
        """Returns once it serves; Failed with what it said where it ended instead."""
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        with open(self.log_path, "ab") as log:
            self.process = spawn(
                [*self.command, "--ready-fd", str(writer)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=(writer,),
            )  # fmt: skip
        os.close(writer)
        try:
            ready = select.select([reader], [], [], DEADLINE)[0]
            line = os.read(reader, 4096) if ready else b""
        finally:
            os.close(reader)
        if not line.startswith(b"ready "):
            self.process.kill()
            code = reap(self.process)
            self.process = None
            raise Failed(f"the broker did not start ({code}): {self.last_words()}")
        self.ready = line.decode()

    def last_words(self) -> str:
        return self.log_path.read_text(errors="replace").strip().rpartition("\n")[2]

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        reap(self.process)
        self.process = None

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = reap(self.process)
        self.process = None
        return code

    def gone(self) -> int | None:
        """Its exit status where it ended by itself."""
        if self.process is None or self.process.poll() is None:
            return None
        code = reap(self.process)
        self.process = None
        return code

    def memory_kb(self) -> int:
        return memory_kb(self.process.pid)


class Crowd:
    """A process of crowd (see crowd.c), and its successors under the same names."""

    def __init__(self, stage: Stage, name: str, broker: Broker, clients: int, before=(), **options):
        self.stage, self.name, self.clients, self.before = stage, name, clients, list(before)
        self.options = {"endpoint": broker.door, "clients": clients, "prefix": f"{name}-", **options}
        self.incarnation = 0
        self.process = None

    def transcript(self, incarnation: int) -> Path:
        return self.stage.work / f"{self.name}.{incarnation}.txt"

    def start(self, **more) -> None:
        self.incarnation += 1
        self.owed, self.read = 0, b""
        options = {**self.options, **more, "incarnation": self.incarnation}
        options["out"] = self.transcript(self.incarnation)
        command = [*self.before, str(self.stage.work / "crowd")]
        for key, value in options.items():
            command += [f"--{key}"] if value is True else [f"--{key}", str(value)]
        with open(self.stage.work / f"{self.name}.err", "ab") as err:
            self.process = spawn(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err, bufsize=0
            )
        self._answers("ready", 1, time.monotonic() + 2 * DEADLINE)

    def _answers(self, last: str, count: int, deadline: float) -> list:
        """Lines up to the count-th line last; those of the last answer only."""
        lines = []
        while True:
            while b"\n" in self.read:
                line, _, self.read = self.read.partition(b"\n")
                if line.decode() != last:
                    lines.append(line.decode())
                    continue
                count -= 1
                self.owed -= last == "end"
                if count == 0:
                    return lines
                lines = []
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Failed(f"{self.name} does not answer")
            chunk = os.read(self.process.stdout.fileno(), 65536)
            if not chunk:
                raise Failed(f"{self.name} ended by itself, see {self.name}.err")
            self.read += chunk

    def tell(self, command: str) -> None:
        self.process.stdin.write(command.encode() + b"\n")
        self.owed += 1

    def ask(self, command: str, seconds: float = DEADLINE) -> list:
        self.tell(command)
        return self._answers("end", self.owed, time.monotonic() + seconds)

    def numbers(self, command: str) -> dict:
        return {k: int(v) for k, v in (word.split("=") for word in self.ask(command)[0].split())}

    def status(self) -> tuple:
        """The counts, and for each room that somebody here is in: (least, most, hash, agree)."""
        lines = self.ask("status")
        counts = {k: int(v) for k, v in (word.split("=") for word in lines[0].split())}
        rooms = {}
        for line in lines[1:]:
            _, room, pairs, least, most, digest, agree = line.split()
            if int(pairs):
                rooms[room] = (int(least), int(most), digest, agree == "1")
        return counts, rooms

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        reap(self.process)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None

    def quit(self) -> None:
        if self.process:
            self.process.stdin.close()
            reap(self.process)
            self.process.stdout.close()
            self.process = None


class Door:
    """Requests by the page alone (protocol/PROTOCOL.md), without the library."""

    def __init__(self, broker: Broker):
        import zmq  # not where all is but compared

        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(broker.door)
        self.tag = 0

    def request(self, verb: str, *arguments: str) -> tuple:
        """(json of the OK, mail)"""
        self.tag += 1
        tag = str(self.tag).encode()
        self.socket.send_multipart([verb.encode(), tag, b"", *(a.encode() for a in arguments)])
        mail = []
        while self.socket.poll(DEADLINE * 1000):
            frames = self.socket.recv_multipart()
            if len(frames) < 3 or frames[1] != tag:
                continue
            if frames[0] == b"EVENT":
                mail.append(frames[2:])
            elif frames[0] == b"OK":
                return json.loads(frames[2]), mail
            else:
                raise Failed(f"{verb}: {frames[2].decode()}")
        raise Failed(f"{verb}: no answer")

    def heads(self) -> dict:
        rooms, more, after = {}, True, "{}"
        while more:
            reply, _ = self.request("ROOMS", after)
            rooms.update((room["room"], room["head"]) for room in reply["rooms"])
            more = reply["more"]
            after = json.dumps({"after": reply["rooms"][-1]["room"]}) if more else after
        return rooms

    def history(self, room: str) -> list:
        """All of it: (seq, b"user body"), in the order it came."""
        events, more = [], True
        while more:
            after = events[-1][0] if events else 0
            reply, mail = self.request("HISTORY", room, json.dumps({"after": after, "limit": 1000}))
            for _, user, body, meta in mail:
                events.append((json.loads(meta)["seq"], user + b" " + body))
            more = reply["more"]
            if more and not mail:
                raise Failed(f"HISTORY of {room}: more, but nothing came after {after}")
        return events

    def close(self) -> None:
        self.socket.close()


def whole_wait(crowds: list, door: Door, seconds: float) -> float:
    """Until every client is live, has nothing unacknowledged, and has heard all there is;
    how long that took. Failed, with what is missing, where it does not come about."""
    begin = time.monotonic()
    while True:
        missing = []
        statuses = [(crowd, *crowd.status()) for crowd in crowds]
        heads = door.heads()
        for crowd, counts, rooms in statuses:
            if counts["live"] < counts["members"] or counts["unacked"]:
                missing.append(f"{crowd.name}: {counts['members'] - counts['live']} not live, "
                               f"{counts['unacked']} messages unacknowledged")  # fmt: skip
            for room, (least, _, _, _) in rooms.items():
                if least != heads.get(room, 0):
                    missing.append(f"{crowd.name} {room}: at {least} of {heads.get(room, 0)}")
        if not missing:
            return time.monotonic() - begin
        if time.monotonic() - begin > seconds:
            raise Failed(f"not whole after {seconds:.0f} s:\n  " + "\n  ".join(missing[:40]))
        time.sleep(0.25)


def parted(total: int, parts: int) -> list:
    """total in so many nearly equal parts."""
    return [total // parts + (i < total % parts) for i in range(parts)]


def median(values: list) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
