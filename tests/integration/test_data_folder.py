"""The data folder is deleted, moved or replaced under the running broker: what is acknowledged is
where the next start looks."""

import shutil

from support.wait import wait_until


def failures(broker) -> list:
    return [line for line in broker.log.splitlines() if " storage-fails " in line]


def test_a_deleted_folder_takes_no_more(broker, door):
    bob = door(broker, "bob")
    assert bob.request("SAY", "dev", "before").ok
    shutil.rmtree(broker.data)
    assert bob.refused("SAY", "dev", "after")["code"] == "storage"
    assert bob.refused("SAY", "dev", "again")["code"] == "storage"
    said = failures(broker)
    assert len(said) == 1 and str(broker.data) in said[0] and "restart the broker" in said[0], said
    assert [e.body for e in bob.history_all("dev")] == ["before"], "reading goes on"


def test_nobody_has_to_speak_for_it_to_be_noticed(broker):
    shutil.rmtree(broker.data)
    wait_until(lambda: failures(broker), deadline=30)


def test_a_moved_folder_is_served_once(brokers, door):
    first = brokers()
    elsewhere = first.folder / "elsewhere"
    bob = door(first, "bob")
    assert bob.request("SAY", "dev", "one").ok
    first.data.rename(elsewhere)
    assert bob.refused("SAY", "dev", "lost?")["code"] == "storage"
    second = brokers(data=first.data)
    eve = door(second, "eve")
    assert eve.request("SAY", "dev", "another log").json["seq"] == 1
    assert bob.refused("SAY", "dev", "lost?")["code"] == "storage"
    third = brokers(start=False, data=elsewhere)
    try:
        third.start()
    except AssertionError as error:
        assert "ended with 75" in str(error) and str(elsewhere) in str(error), error
    else:
        raise AssertionError("two brokers on one log")
    # the second keeps what it acknowledged, though the first ends later
    second.kill()
    assert first.stop() == 0
    second.start()
    assert door(second).request("HELLO").ok
    assert [e.body for e in door(second, "eve").history_all("dev")] == ["another log"]


def test_a_lost_key_is_told(brokers):
    """The broker serves on under its key, and says that the next start could not."""
    broker = brokers(args=["--curve"])
    key = broker.data / "broker.key"
    text = key.read_text()
    key.unlink()
    line = wait_until(
        lambda: next((line for line in broker.log.splitlines() if "broker-key-lost" in line), None),
        deadline=40,
    )
    assert str(key) in line and "is gone" in line and "put the key back" in line
    key.write_text(text)
    key.chmod(0o600)


def test_a_folder_that_comes_back_goes_on(broker, door):
    bob = door(broker, "bob")
    assert bob.request("SAY", "dev", "one").ok
    elsewhere = broker.folder / "elsewhere"
    broker.data.rename(elsewhere)
    assert bob.refused("SAY", "dev", "not stored")["code"] == "storage"
    elsewhere.rename(broker.data)
    assert bob.request("SAY", "dev", "two").json["seq"] == 2
    broker.crash()
    assert [e.body for e in door(broker, "bob").history_all("dev")] == ["one", "two"]
