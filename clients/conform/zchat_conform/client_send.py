"""A client that sends lines, and a broker that refuses, forgets, falls silent and dies."""

from __future__ import annotations

import json
import time

from .cases import client_case
from .clients import Play
from .fake import Mischief
from .wire import must

LINES = [f"line {number}" for number in range(300)]


@client_case("A sender names itself with a random 128-bit `producer`", "A client sets no routing id", "The user stands in every request", needs="send")
def plain_sending(play: Play) -> None:
    play.begin()
    play.send(LINES)
    play.all_stored(LINES)
    must(all(peer[:1] == b"\0" for _, _, _, peer in play.fake.requests), "a client sets no routing id")
    must(all(f[2] for _, _, f, _ in play.asked("SAY")), "the user stands in every request")


class Every(Mischief):
    """Refuse a SAY now and then, before it is looked at."""

    def __init__(self, code: str, every: int, times: int = 20, **more: int):
        self.code, self.every, self.times, self.more, self.count = code, every, times, more, 0

    def request(self, fake, peer, frames):
        if frames[0] == b"SAY":
            self.count += 1
            if self.count % self.every == 0 and self.times > 0:
                self.times -= 1
                return [fake.err(frames[1], self.code, **self.more)]
        return None


@client_case("| `slow` | `wait_ms`, `what` of a quota", "So resend, in order, whatever was not acknowledged", "a hole: `ERR gap`", needs="send")
def a_slow_broker(play: Play) -> None:
    play.begin(Every("slow", 37, 8, wait_ms=60))
    play.send(LINES)
    play.all_stored(LINES)


@client_case("| `slow` | `wait_ms`, `what` of a quota", needs="send")
def wait_ms_is_waited(play: Play) -> None:
    class Once(Mischief):
        at = 0.0

        def request(self, fake, peer, frames):
            if frames[0] == b"SAY" and not self.at:
                self.at = time.monotonic()
                return [fake.err(frames[1], "slow", wait_ms=1500)]
            return None

    once = Once()
    play.begin(once)
    play.send(["one"])
    play.all_stored(["one"])
    again = play.asked("SAY")[1][0]
    must(again - once.at >= 1.4, f"it was sent again after {again - once.at:.2f} s, and wait_ms was 1,500")


@client_case("| `storage` | | the log cannot be written now; nothing was stored; send again later", needs="send")
def a_log_that_cannot_be_written(play: Play) -> None:
    play.begin(Every("storage", 53, 4))
    play.send(LINES)
    play.all_stored(LINES)


class Loses(Mischief):
    """From the message `at` on answers are lost; then the broker restarts."""

    def __init__(self, at: int, swallow: bool = False):
        self.at, self.count, self.swallow, self.lossy = at, 0, swallow, False

    def request(self, fake, peer, frames):
        if frames[0] == b"SAY" and not self.lossy:
            self.count += 1
            self.lossy = self.count == self.at
        if self.lossy and self.swallow:
            return []
        return None

    def answer(self, fake, frames):
        return [] if self.lossy else [frames]


def lose_and_restart(play: Play, mischief: Loses, lines: list) -> None:
    fake = play.begin(mischief)
    play.send(lines)
    play.until(lambda: mischief.lossy, "the message comes")
    time.sleep(0.4)

    def restart() -> None:
        mischief.lossy = False
        fake.restart()

    fake.do(restart)
    play.all_stored(lines)


@client_case("an `n` already seen: OK `{\"duplicate\":true}`", "across reconnects and broker restarts", "`duplicate` is as good as OK", "No answer means: ask again",
             needs="send")  # fmt: skip
def answers_are_lost_and_the_broker_restarts(play: Play) -> None:
    lose_and_restart(play, Loses(100), LINES)


@client_case("across reconnects and broker restarts", "Say HELLO again with the `session`", needs="send")
def messages_are_lost_and_the_broker_restarts(play: Play) -> None:
    lose_and_restart(play, Loses(100, swallow=True), LINES)
    must(len({c for _, c, _, _ in play.asked("HELLO")}) >= 2, "HELLO on the new connection")


@client_case("whoever sends it again over another connection says so by `again`", needs="send")
def the_first_message_is_sent_again(play: Play) -> None:
    lose_and_restart(play, Loses(1), ["only one"])
    for _, _, frames, _ in play.asked("SAY")[1:]:
        must(json.loads(frames[5]).get("again") == 0, "again is `forgotten` of the HELLO of the first connection")


@client_case("Where none has come for 10 s", "To send again sooner, or on the same connection, only makes a slow broker slower", needs="send")
def a_broker_that_takes_its_time(play: Play) -> None:
    class Mute(Mischief):
        client = None

        def request(self, fake, peer, frames):
            if frames[0] == b"SAY" and self.client is None:
                self.client = fake.who(peer)
            return [] if fake.who(peer) == self.client else None

    mute = Mute()
    play.begin(mute)
    play.send(["one", "two"])
    play.all_stored(["one", "two"])
    first = [frames[5] for _, client, frames, _ in play.asked("SAY") if client == mute.client]
    must(len(first) == len(set(first)), "it sent again on the same connection")
    times = [(at, client) for at, client, _, _ in play.asked("SAY")]
    again = next(at for at, client in times if client != mute.client)
    must(again - times[0][0] > 8, f"it sent again after {again - times[0][0]:.1f} s, and a reply may take 10 s")


@client_case("What they send then gets `ERR gap` with `expected` 1", "Where the broker expects a smaller `n` (`gap`)", "is sent under a new producer", needs="send")
def the_producer_is_forgotten(play: Play) -> None:
    """Whether what was under way is stored nobody can tell; but nothing may stand twice."""
    mischief = Loses(100)
    fake = play.begin(mischief)
    play.send(LINES)
    play.until(lambda: mischief.lossy, "the message comes")
    time.sleep(0.4)

    def forget() -> None:
        mischief.lossy = False
        fake.forgotten += len(fake.producers)
        fake.producers.clear()
        fake.restart()

    fake.do(forget)
    play.ends()
    got = play.stored()
    must(len(got) == len(set(got)), "a message stands twice")
    must(got == [line for line in LINES if line in got], "out of order")
    play.numbered()


@client_case("| `closing` | | the broker is stopping", needs="send")
def the_broker_is_stopping(play: Play) -> None:
    class Closing(Mischief):
        on = False
        count = 0

        def request(self, fake, peer, frames):
            if frames[0] == b"SAY":
                self.count += 1
                self.on = self.on or self.count == 50
            return [fake.err(frames[1], "closing")] if self.on else None

    closing = Closing()
    fake = play.begin(closing)
    play.send(LINES)
    play.until(lambda: closing.on, "the message comes")
    time.sleep(0.3)

    def restart() -> None:
        closing.on, closing.count = False, 1000
        fake.restart()

    fake.do(restart)
    play.all_stored(LINES)


@client_case("| `hello` | | HELLO first, or again |", "The connection then gets `hello` to whatever it asks under a name", "Say HELLO again with the `session`", needs="send")
def the_session_is_gone(play: Play) -> None:
    class Gone(Mischief):
        count = 0
        gone = None
        secrets: tuple = ()

        def hello(self, fake, reply):
            self.secrets = (*self.secrets, reply.get("session"))
            return reply

        def request(self, fake, peer, frames):
            if frames[0] == b"SAY":
                self.count += 1
                if self.count == 100:
                    self.gone = peer
            if frames[0] == b"HELLO":
                self.gone = None
            return [fake.err(frames[1], "hello")] if peer == self.gone else None

    gone = Gone()
    play.begin(gone)
    play.send(LINES)
    play.all_stored(LINES)
    hellos = play.asked("HELLO")
    must(len(hellos) >= 2, "HELLO again")
    asked = json.loads(hellos[1][2][3]) if len(hellos[1][2]) > 3 else {}
    must(asked.get("session") in gone.secrets, f"HELLO again with the session, and not with {asked}")


@client_case("| `taken` | `wait_ms` where it will become free", needs="send")
def the_name_will_be_free(play: Play) -> None:
    class Taken(Mischief):
        count = 0

        def request(self, fake, peer, frames):
            if frames[0] == b"HELLO":
                self.count += 1
                if self.count <= 3:
                    return [fake.err(frames[1], "taken", wait_ms=200)]
            return None

    play.begin(Taken())
    play.send(["one"])
    play.all_stored(["one"])


@client_case("take a new one after a wait of 0.1 s, doubled at each failure up to 5 s and made random", needs="send")
def waits_between_attempts(play: Play) -> None:
    class Deaf(Mischief):
        count = 0

        def request(self, fake, peer, frames):
            if frames[0] == b"HELLO":
                self.count += 1
                if self.count <= 6:
                    return [fake.err(frames[1], "closing")]
            return None

    play.begin(Deaf())
    play.send(["one"])
    play.all_stored(["one"])
    times = [at for at, _, _, _ in play.asked("HELLO")]
    gaps = [b - a for a, b in zip(times, times[1:])]
    must(min(gaps) > 0.03, f"an attempt without a wait: {gaps}")
    must(gaps[5] > 4 * gaps[0] or gaps[5] > 1.0, f"the waits do not grow: {gaps}")
    must(max(gaps) < 8, f"a wait of more than 5 s: {gaps}")


@client_case("A refused message (`limit`, `malformed`, ...) does not count", "but a sender that had already sent others behind it goes on under a new producer", needs="send")
def a_message_is_refused(play: Play) -> None:
    """Whether it stops there or goes on is the client's affair; what stands there stands once and in order."""

    class Refuses(Mischief):
        def request(self, fake, peer, frames):
            return [fake.err(frames[1], "limit", limit=1)] if frames[0] == b"SAY" and frames[4] == b"line 50" else None

    play.begin(Refuses())
    play.send(LINES)
    play.ends()
    got = play.stored()
    must(got == [line for line in LINES if line in got] and "line 50" not in got, "twice, or out of order")
    must(got[:50] == LINES[:50], "what stands in front of it is stored")
    used: dict = {}
    for _, _, frames, _ in play.asked("SAY"):
        asked = json.loads(frames[5])
        bodies = used.setdefault((asked["producer"], asked["n"]), set())
        bodies.add(frames[4])
    twice = {key: bodies for key, bodies in used.items() if len(bodies) > 1}
    behind = [f[4] for _, _, f, _ in play.asked("SAY")].index(b"line 50") < len(play.asked("SAY")) - 1
    must(not (behind and [b for b in twice.values() if b"line 50" not in b]), f"a number was used for two messages: {twice}")
