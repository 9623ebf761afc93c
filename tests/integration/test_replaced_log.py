"""The log is replaced while a client's door stands half open to the broker that was."""

import json
import socket
import threading

import pytest
from support.wait import DEADLINE, wait_until


class Relay:
    """A port that leads to another. What is frozen passes nothing any more, and is not told why."""

    def __init__(self, port: int):
        self.to = ("127.0.0.1", port)
        self.frozen = set()
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """All that is connected now."""
        self.frozen.update(self.sockets)

    def _accept(self) -> None:
        while True:
            try:
                here = self.listener.accept()[0]
                there = socket.create_connection(self.to)
            except OSError:
                return
            self.sockets += [here, there]
            for pair in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, sink) -> None:
        try:
            while (data := source.recv(65536)) and source not in self.frozen:
                sink.sendall(data)
        except OSError:
            pass
        if source in self.frozen:
            return
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        for each in [self.listener, *self.sockets]:
            each.close()


@pytest.fixture
def relays():
    made = []

    def make(port: int) -> Relay:
        made.append(Relay(port))
        return made[-1]

    yield make
    for relay in made:
        relay.close()


def port_of(endpoint: str) -> int:
    return int(endpoint.rsplit(":", 1)[1])


def test_nothing_of_a_new_log_goes_on_behind_the_old(brokers, door, zchat, relays, tmp_path):
    broker = brokers()
    relay = relays(port_of(broker.door))
    bob = door(broker, "bob", hello=True)
    for n in range(3):
        bob.ask("SAY", "lobby", f"old {n + 1}")
    listener = zchat("listen", "-e", relay.endpoint, "-r", "lobby", "--since", "0", "--json")

    def said() -> list:
        records = [json.loads(line) for line in listener.lines]
        return [record.get("text", record["type"]) for record in records]

    wait_until(lambda: len(said()) == 3 and "ready" in listener.err, what="the old log")
    relay.freeze()
    connected = len(relay.sockets)
    broker.kill()
    broker.data = tmp_path / "another"
    broker.start()
    bob = door(broker, "bob", hello=True)
    spoken = 0

    def found_dead() -> bool:
        # Its feed has long come to the new broker meanwhile, and brings what would fit.
        nonlocal spoken
        spoken += 1
        bob.ask("SAY", "lobby", f"new {spoken}")
        return len(relay.sockets) > connected

    wait_until(found_dead, what="the door is found dead", pause=0.05)
    wanted = [f"old {n + 1}" for n in range(3)] + ["log_replaced"]
    wanted += [f"new {n + 1}" for n in range(spoken)]
    wait_until(lambda: len(said()) >= len(wanted), what="the new log")
    assert said() == wanted
