"""libzchat, by the program zchat, and the Python and JavaScript clients, tried by the kit."""

import sys

import pytest
from conftest import ROOT
from support import build
from zchat_conform import clients

PYTHON = f"/usr/bin/env PYTHONPATH={ROOT}/clients/python {sys.executable} -m zchat"


def tried(listen: str, send: str) -> None:
    outcomes = clients.run(listen, send, at_once=12)
    assert len(outcomes) > 30
    wrong = [f"{o.case.name}: {o.why}\n" + "\n".join(o.transcript[-40:]) for o in outcomes if o.verdict == "wrong"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.timeout(120)
def test_libzchat():
    zchat = build.zchat()
    tried(f"{zchat} listen -e {{door}} -r {{room}} --json",
          f"{zchat} send -e {{door}} -r {{room}} --nick {{name}} --lines --timeout none")  # fmt: skip


@pytest.mark.timeout(120)
def test_the_python_client():
    tried(f"{PYTHON} listen -e {{door}} -r {{room}}", f"{PYTHON} send -e {{door}} -r {{room}} --nick {{name}}")


@pytest.mark.timeout(120)
@pytest.mark.skipif(not (ROOT / "clients/js/node_modules/zeromq").exists(), reason="npm ci in clients/js (scripts/setup test)")
def test_the_javascript_client():
    program = f"node {ROOT}/clients/js/bin/zchat-js.js"
    tried(f"{program} listen -e {{door}} -r {{room}}", f"{program} send -e {{door}} -r {{room}} --nick {{name}}")
