"""zchatd, tried by the kit: as it is, and encrypted, side by side."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.broker import Broker
from zchat_conform import broker as kit
from zchat_conform import keys
from zchat_conform.link import pair

ADMIN = pair()
KINDS = {"plain": [], "encrypted": ["--curve", "--quota", "strangers=0", "--admin", keys.encode(ADMIN[0])]}


@pytest.mark.timeout(120)
def test_zchatd(tmp_path):
    brokers = {kind: Broker(tmp_path / kind, args=args).start() for kind, args in KINDS.items()}
    try:
        with ThreadPoolExecutor(2) as pool:
            results = dict(zip(brokers, pool.map(lambda b: kit.run(b.address or b.door, admin=ADMIN[1]), brokers.values())))
    finally:
        for broker in brokers.values():
            broker.close()
    wrong = [f"{kind}: {o.case.name}: {o.why}\n" + "\n".join(o.transcript[-40:])
             for kind, outcomes in results.items() for o in outcomes if o.verdict == "wrong"]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    skipped = {kind: [o.case for o in outcomes if o.verdict == "skipped"] for kind, outcomes in results.items()}
    assert all(case.proof for case in skipped["plain"]) and len(skipped["encrypted"]) <= 1
    assert len(results["encrypted"]) > 70
