"""The relay removes old files of its spool: beside replicas that are slow, away or come back for what is gone."""
import json
import signal

import pytest

from support import process, relay as relays
from support.snapshot import Snapshot, grant_snapshot

from .halting import assert_whole_record, entries
from .test_operations import assert_identical, prepare, write

MEBIBYTE = 1 << 20


def keep_little(top):
    """From the relay's next start on."""
    top.relay.config.write_text(top.relay.config.read_text().replace("[spool]\n", '[spool]\nkeep_size = "1KiB"\n'))


def write_files(top, count, rows=2, size=100):
    """So many more files at the source, and as many in the spool."""
    before = len(top.relay.spool_files())
    for _ in range(count):
        write(top, rows, size)
        top.source.execute("FLUSH LOGS")
    process.wait_until(lambda: len(top.relay.spool_files()) >= before + count, 60, "all files are in the spool")


def purge(top):
    """Housekeeping comes every ten seconds, and at a SIGHUP: twice, so that one is over."""
    before = top.relay.log_text().count("SIGHUP")
    for times in (1, 2):
        top.relay.child.send_signal(signal.SIGHUP)
        process.wait_until(lambda: top.relay.log_text().count("SIGHUP") >= before + times, 30, "housekeeping")


def first_file(top):
    return int(top.relay.spool_files()[0].name.split(".")[1])


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_files_stay_for_a_replica_in_its_first_catching_up(topology, name):
    """It stands still among the files, and has never come to the spool's end: the relay is killed and purges at its start."""
    top = prepare(topology, name, True)
    write_files(top, 4, 4, 4 * MEBIBYTE)
    top.replica.execute("SET GLOBAL max_allowed_packet = 1024 * 1024 * 1024")
    top.follow()
    process.wait_until(lambda: top.replica.query("SHOW DATABASES LIKE 'ops'"), 30, "the replica has begun")
    top.replica.child.send_signal(signal.SIGSTOP)
    try:
        process.wait_until((top.relay.spool / "replicas.json").exists, 30, "the replica is known")
        top.relay.kill9()
        keep_little(top)
        top.relay.start()
        purge(top)
        files = first_file(top)
    finally:
        top.replica.child.send_signal(signal.SIGCONT)
    assert files < 4, "the replica was not slow enough"
    assert_identical(top, 60)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_files_stay_for_a_replica_that_has_not_read_what_was_sent(topology, name):
    """Small files lie in the sockets' buffers of a replica that stands still, and are lost with it."""
    top = prepare(topology, name, True, replica_options={"fsync": True})
    top.follow()
    write(top)
    assert_identical(top)
    top.replica.child.send_signal(signal.SIGSTOP)
    write_files(top, 4)
    top.relay.stop()
    keep_little(top)
    top.relay.start()
    purge(top)
    top.replica.kill9()
    top.replica.start()
    if top.replica.replica_status()["io_running"] == "No":
        top.replica.start_replica()
    assert_identical(top, 60)


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mysql-5.6", False), ("mariadb-10.11", True), ("mariadb-11.8", False)])
def test_a_replica_that_asks_for_what_is_gone_is_told_so(topology, name, gtid):
    top = prepare(topology, name, gtid)
    write_files(top, 3)
    top.relay.stop()
    keep_little(top)
    top.relay.start()
    purge(top)
    assert first_file(top) >= 4
    relays.follow(top.replica, top.relay, gtid=gtid, file="spool.000001", pos=4)
    state = top.replica.wait_stopped()
    assert state["io_errno"] in (1236, 13114), state
    top.relay.assert_healthy()
    assert entries(top, "purged")[0]["first"] == "spool.000001"
    assert_whole_record(top)


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11"])
def test_files_stay_for_a_snapshot_that_no_replica_was_made_of_yet(topology, name):
    top = prepare(topology, name, True)
    grant_snapshot(top.source)
    write_files(top, 3)
    Snapshot(top.relay).make()
    hold, = top.relay.spool.glob("hold.*.json")
    needed = json.loads(hold.read_text())["from"]
    assert needed >= 3, "the files of before the snapshot are not needed"
    write_files(top, 3)
    top.relay.stop()
    keep_little(top)
    top.relay.start()
    purge(top)
    assert first_file(top) == needed
    assert top.relay.status()["spool"]["held_for_snapshots"][0]["from"] == f"spool.{needed:06}"
    hold.write_text(json.dumps({"from": needed, "until": 1}))
    purge(top)
    process.wait_until(lambda: first_file(top) > needed, 30, "a hold whose time is over keeps nothing")
    assert not hold.exists()
