"""What a program sees: zchat's command line beside those of its peers, lines through pipes."""

import subprocess
import tempfile
import time

import servers

ZCHAT = str(servers.BUILD / "zchat")
DEADLINE = 600


def figures(server: servers.Server, count: int, begin: float, cpu: float) -> dict:
    """The same as the driver's, as far as there are any."""
    passed = time.monotonic() - begin
    return {"messages": count, "deliveries": count, "seconds": passed, "cpu": server.cpu() - cpu,
            "p50_us": 0, "p99_us": 0, "p999_us": 0, "join_ms": 0, "kib": 0}  # fmt: skip


def lines(count: int, before: str = "", behind: str = "\n"):
    """A file of lines of 64 bytes; RESP's commands have what stands before and behind it."""
    file = tempfile.TemporaryFile("w+")
    for number in range(count):
        file.write(f"{before}{f'line {number} '.ljust(64, 'x')}{behind}")
    file.flush()
    file.seek(0)
    return file


def sender(server: servers.Server) -> list:
    if server.name == "zchat":
        return [ZCHAT, "send", "-e", f"127.0.0.1:{server.door}", "--nick", "sender", "-r", "room0", "--lines"]
    if server.name == "mosquitto":
        return ["mosquitto_pub", "-p", str(server.door), "-q", "1", "-t", "room0", "-l"]
    return ["redis-cli", "-p", str(server.door), "--pipe"]


def to_send(server: servers.Server, count: int):
    if server.name == "redis-stream":
        return lines(count, "*5\r\n$4\r\nXADD\r\n$7\r\nstream0\r\n$1\r\n*\r\n$1\r\nb\r\n$64\r\n", "\r\n")
    if server.name == "redis":
        return lines(count, "*3\r\n$7\r\nPUBLISH\r\n$5\r\nroom0\r\n$64\r\n", "\r\n")
    return lines(count)


def quietly(command: list, **options) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=DEADLINE, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode()[-200:]}")


def send(server: servers.Server, count: int) -> dict:
    with to_send(server, count) as file:
        cpu, begin = server.cpu(), time.monotonic()
        quietly(sender(server), stdin=file)
        return figures(server, count, begin, cpu)


def history(server: servers.Server, count: int) -> dict:
    with to_send(server, count) as file:
        quietly(sender(server), stdin=file)
    if server.name == "zchat":
        command = [ZCHAT, "history", "-e", f"127.0.0.1:{server.door}", "-r", "room0", "--all"]
    else:
        command = ["redis-cli", "-p", str(server.door), "XRANGE", "stream0", "-", "+"]
    cpu, begin = server.cpu(), time.monotonic()
    done = subprocess.Popen(command, stdout=subprocess.PIPE)
    seen = sum(block.count(b"line ") for block in iter(lambda: done.stdout.read(1 << 20), b""))
    result = figures(server, count, begin, cpu)
    # a block may end within the word
    if done.wait(DEADLINE) or not count * 0.99 <= seen <= count:
        raise RuntimeError(f"history ended with {done.returncode} and {seen} lines")
    return result


def listener(server: servers.Server, count: int) -> list:
    if server.name == "zchat":
        return [ZCHAT, "listen", "-e", f"127.0.0.1:{server.door}", "-r", "room0", "--count", str(count)]
    if server.name == "mosquitto":
        return ["mosquitto_sub", "-p", str(server.door), "-q", "1", "-t", "room0", "-C", str(count)]
    return ["redis-cli", "-p", str(server.door), "SUBSCRIBE", "room0"]


def listen(server: servers.Server, count: int) -> dict:
    """From the first line said to the last one that the listener prints."""
    with subprocess.Popen(listener(server, count), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as one:
        try:
            if server.name == "zchat":
                one.stderr.readline()  # "ready"
            elif server.name == "redis":
                while not one.stdout.readline().startswith(b"1") and one.poll() is None:
                    pass
            else:
                time.sleep(0.3)  # it says nothing when it is there
            with to_send(server, count) as file:
                cpu, begin = server.cpu(), time.monotonic()
                said = subprocess.Popen(sender(server), stdin=file, stdout=subprocess.DEVNULL)
                heard = 0
                while heard < count:
                    line = one.stdout.readline()
                    if not line:
                        raise RuntimeError(f"the listener heard {heard} of {count} lines")
                    heard += line.count(b"line ")
                result = figures(server, count, begin, cpu)
            said.wait(DEADLINE)
        finally:
            one.kill()
    return result


def measure(kind: str, server: servers.Server, count: int) -> dict:
    return {"send": send, "history": history, "listen": listen}[kind](server, count)
