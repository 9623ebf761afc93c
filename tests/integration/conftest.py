"""Fixtures: everything that is started is ended, and its end is looked at."""

import itertools
import os
import shutil
import signal
import subprocess

import pytest
import zmq

from support import token as tokens
from support.broker import Broker
from support.client import Client, Door, Feed
from support.secure import Capture, Person
from support.web import Web
from support.zchat import Terminal, Zchat

# A shell that starts us in the background, or nohup, lets us ignore these, and what we start
# inherits that, and it would stay so: but the programs under test are to obey them.
signal.signal(signal.SIGINT, signal.default_int_handler)
for ignored in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(ignored, signal.SIG_DFL)


@pytest.fixture
def context():
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 4096)
    yield context
    context.destroy(linger=0)


@pytest.fixture
def brokers(tmp_path):
    """Makes brokers: brokers (...) starts one; all are stopped and checked at the end."""
    made = []

    def make(start: bool = True, folder=None, **options) -> Broker:
        broker = Broker(folder or tmp_path / f"broker-{len(made)}", **options)
        made.append(broker)
        return broker.start() if start else broker

    yield make
    failure = None
    for broker in reversed(made):
        try:
            broker.close()
        except AssertionError as error:
            failure = failure or error
    if failure:
        raise failure


@pytest.fixture
def broker(brokers):
    return brokers()


@pytest.fixture
def safe(brokers):
    """A broker that encrypts and admits every key."""
    return brokers(args=["--curve"])


@pytest.fixture
def patient(brokers):
    """The same, and strangers may leave as much as others."""
    return brokers(args=["--curve", "--quota", "strangers=0"])


@pytest.fixture(scope="module")
def shared_broker(tmp_path_factory):
    """One broker for a file of tests that only ask questions."""
    broker = Broker(tmp_path_factory.mktemp("shared")).start()
    yield broker
    broker.close()


_numbers = itertools.count(1)


@pytest.fixture
def name():
    """A name nobody in this run has: name ("bob") is bob17."""
    return lambda stem="u": f"{stem}{next(_numbers)}"


@pytest.fixture
def door(context):
    """door (broker, user, ...) is a DEALER; with hello=True it has said HELLO."""

    def make(broker, user: str = "", **options) -> Door:
        endpoint = broker if isinstance(broker, str) else broker.door
        return Door(context, endpoint, user, **options)

    return make


@pytest.fixture
def person(context):
    """person (broker, user, ...) has come with a key, and has said HELLO unless hello=False."""
    return lambda broker, user="", pair=None, hello=True, **options: Person(
        context, broker, user, pair, hello, **options
    )


@pytest.fixture
def capture(context):
    """capture (broker, through): everything that comes over the feed, as it comes."""
    return lambda broker, through: Capture(context, broker, through)


@pytest.fixture
def feed(context):
    """feed (broker, door, topic, ...) is a SUB whose subscriptions are live."""

    def make(broker, through: Door, *topics: str) -> Feed:
        made = Feed(context, broker if isinstance(broker, str) else broker.feed)
        made.subscribe(*topics)
        made.sync(through)
        return made

    return make


@pytest.fixture
def client(context):
    """client (broker, user, room, ...) has arrived in its rooms as the page says."""

    def make(broker, user: str, *rooms: str, form: str = "pack") -> Client:
        endpoint = broker if isinstance(broker, str) else broker.door
        made = Client(context, endpoint, user, form)
        for room in rooms:
            made.join(room)
        return made

    return make


@pytest.fixture
def zchat(tmp_path):
    """zchat (argument, ...) is the client's program on pipes."""
    made = []

    def make(*arguments, **options) -> Zchat:
        process = Zchat(tmp_path / "zchat", *arguments, **options)
        made.append(process)
        return process

    yield make
    failure = None
    for process in made:
        try:
            process.close()
        except AssertionError as error:
            failure = failure or error
    if failure:
        raise failure


@pytest.fixture
def terminal(tmp_path):
    """terminal (argument, ...) is the client's program on a terminal."""
    made = []

    def make(*arguments, **options) -> Terminal:
        process = Terminal(tmp_path / "zchat", *arguments, **options)
        made.append(process)
        return process

    yield make
    for process in made:
        process.close()


@pytest.fixture
def webs(tmp_path):
    """webs (broker, argument, ...) is an HTTP door before a broker; all are stopped and checked."""
    made = []

    def make(broker, *arguments, start: bool = True, **options) -> Web:
        endpoint = broker if isinstance(broker, str) else broker.address or broker.door
        door = Web(tmp_path / f"web-{len(made)}", endpoint, *arguments, **options)
        made.append(door)
        return door.start() if start else door

    yield make
    failure = None
    for door in made:
        try:
            door.close()
        except AssertionError as error:
            failure = failure or error
    if failure:
        raise failure


@pytest.fixture
def web(broker, webs):
    return webs(broker)


@pytest.fixture
def token(broker):
    """token (name) is NAME:TOKEN of a name that is made for it."""
    return lambda name: f"{name}:{tokens.make(broker.data, name)}"


@pytest.fixture
def hosts():
    """Two network namespaces joined by a cable: (wrap here, wrap there, address of here)."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("network namespaces need root and ip")
    tag = f"{os.getpid() % 100000}"
    names = [f"zc{tag}a", f"zc{tag}b"]
    commands = [
        f"ip netns add {names[0]}",
        f"ip netns add {names[1]}",
        f"ip link add {names[0]} netns {names[0]} type veth peer name {names[1]} netns {names[1]}",
        *(f"ip -n {n} addr add 10.213.0.{i}/24 dev {n}" for i, n in enumerate(names, 1)),
        *(f"ip -n {n} link set {n} up" for n in names),
        *(f"ip -n {n} link set lo up" for n in names),
    ]
    try:
        for command in commands:
            done = subprocess.run(command.split(), capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"{command}: {done.stderr}")
        yield (*(["ip", "netns", "exec", name] for name in names), "10.213.0.1")
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
