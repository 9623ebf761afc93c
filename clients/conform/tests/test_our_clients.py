"""libzchat, by the program zchat, and the Python and JavaScript clients, tried by the kit."""

import sys

import pytest
from conftest import ROOT
from support import build
from zchat_conform import clients

PYTHON = f"/usr/bin/env PYTHONPATH={ROOT}/clients/python {sys.executable} -m zchat"

encrypted_or_not = pytest.mark.parametrize("curve", [False, True], ids=["plain", "encrypted"])


def tried(listen: str, send: str, curve: bool) -> None:
    outcomes = clients.run(listen, send, at_once=12, curve=curve)
    assert len(outcomes) > 30
    wrong = [f"{o.case.name}: {o.why}\n" + "\n".join(o.transcript[-40:]) for o in outcomes if o.verdict == "wrong"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(120)
@encrypted_or_not
def test_libzchat(curve):
    zchat = build.zchat()
    tried(f"{zchat} listen -e {{door}} -r {{room}} --json",
          f"{zchat} send -e {{door}} -r {{room}} --nick {{name}} --lines --timeout none", curve)  # fmt: skip


@pytest.mark.timeout(120)
@encrypted_or_not
def test_the_python_client(curve):
    tried(f"{PYTHON} listen -e {{door}} -r {{room}}", f"{PYTHON} send -e {{door}} -r {{room}} --nick {{name}}", curve)


@pytest.mark.timeout(120)
@encrypted_or_not
@pytest.mark.skipif(not (ROOT / "clients/js/node_modules/zeromq").exists(), reason="npm ci in clients/js (scripts/setup test)")
def test_the_javascript_client(curve):
    program = f"node {ROOT}/clients/js/bin/zchat-js.js"
    tried(f"{program} listen -e {{door}} -r {{room}}", f"{program} send -e {{door}} -r {{room}} --nick {{name}}", curve)
