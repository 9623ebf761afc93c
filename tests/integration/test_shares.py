"""Whoever floods a log that is bounded in size takes nothing from others."""

from support.wait import wait_until


def test_a_flood_takes_no_history_and_no_mail(brokers, person):
    broker = brokers(args=["--curve", "--retain", "2M", "--quota", "strangers=0"])
    bob, maria, eve = (person(broker, name) for name in ("bob", "maria", "eve"))
    for i in range(20):
        assert bob.request("SAY", "dev", f"{i}").ok
    assert bob.request("TELL", "maria", "for later").ok
    for i in range(100):
        assert eve.request("SAY", "flood", "x" * 60000).ok
        assert eve.request("TELL", "bob", "y" * 30000).ok

    def first(room):
        return next(r["first"] for r in maria.ask("ROOMS")["rooms"] if r["room"] == room)

    def small():
        return first("flood") > 60

    wait_until(small, deadline=50, pause=0.2)
    assert first("dev") == 1
    assert [event.body for event in bob.history_all("dev")] == [f"{i}" for i in range(20)]
    assert [event.body for event in maria.history_all("@")] == ["for later"]
