"""Our broker, libzchat (by the program zchat) and the Python client, tried by the kit."""

import sys

import pytest
from conftest import ROOT
from support import build
from support.broker import Broker
from zchat_conform import broker as brokers
from zchat_conform import clients

PYTHON = f"/usr/bin/env PYTHONPATH={ROOT}/clients/python {sys.executable} -m zchat"


def told(outcomes) -> str:
    return "\n".join(f"{o.case.name}: {o.why}\n" + "\n".join(o.transcript[-40:]) for o in outcomes if o.verdict == "wrong")


@pytest.mark.parametrize("args", [[], ["--curve", "--quota", "strangers=0"]], ids=["plain", "encrypted"])
def test_our_broker(args, tmp_path):
    broker = Broker(tmp_path, args=args).start()
    try:
        outcomes = brokers.run(broker.address or broker.door)
        assert not told(outcomes)
        skipped = [o.case.name for o in outcomes if o.verdict == "skipped"]
        assert len(outcomes) > 50 and (len(skipped) <= 1 if args else len(skipped) == sum(o.case.proof for o in outcomes))
    finally:
        broker.close()


@pytest.mark.timeout(100)
def test_libzchat():
    zchat = build.zchat()
    outcomes = clients.run(f"{zchat} listen -e {{door}} -r {{room}} --json",
                           f"{zchat} send -e {{door}} -r {{room}} --nick {{name}} --lines --timeout none", at_once=12)  # fmt: skip
    assert len(outcomes) > 30 and not told(outcomes)


@pytest.mark.timeout(100)
def test_the_python_client():
    outcomes = clients.run(f"{PYTHON} listen -e {{door}} -r {{room}}", f"{PYTHON} send -e {{door}} -r {{room}} --nick {{name}}")
    assert len(outcomes) > 30 and not told(outcomes)
