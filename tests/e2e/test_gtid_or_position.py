"""Where the relay goes on when what it went by, GTIDs or file and position, changes."""
import json
import threading
import time

import pytest

from support import compare, process, relay as relays, spool

from .moved_column import CREATE, MOVE, assert_halts_by_position, in_spool, make
from .test_spool_files import RULES, a_replica, insert


def test_a_start_by_gtid_is_no_position(topology):
    """Rows before the ALTER, read by the columns behind it, would leave in each other's place."""
    top = make(topology, "mysql-9.7")
    top.source.execute(*CREATE, "FLUSH LOGS")
    insert(top, 1)
    top.source.execute(MOVE)
    top.settings = {"source.tls": "off", "source.start": "gtid:" + top.source.gtid_position()}
    top.make_relay()
    in_spool(top, 1)
    top.relay.stop()
    top.source.execute("SET GLOBAL gtid_mode=ON_PERMISSIVE")
    assert_halts_by_position(top)
    top.source.execute("SET GLOBAL gtid_mode=ON")
    top.relay.start()
    insert(top, 2)
    process.wait_until(lambda: top.relay.status()["transactions"] > 0, 30, "a transaction is read")
    top.relay.stop()
    top.source.execute("SET GLOBAL gtid_mode=ON_PERMISSIVE")
    top.relay.start()
    in_spool(top, 3)  # each change of the mode begins a file at the source; what lay between had no transaction
    top.assert_no_leak()


def test_a_start_beside_transactions_that_commit_just_then(topology):
    """What lies before the place and what its GTIDs are does not come from one moment of the source."""
    top = make(topology, "mysql-9.7")
    top.source.execute(*CREATE, "SET GLOBAL binlog_group_commit_sync_delay=1000000")  # a second between the log and the commit
    stop = threading.Event()

    def write():
        number = 100
        while not stop.is_set():
            insert(top, number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(2)
        top.settings = {"source.tls": "off", "source.start": "latest"}
        top.make_relay()
        in_spool(top, 1)
    finally:
        stop.set()
        writer.join()
    top.source.execute("SET GLOBAL binlog_group_commit_sync_delay=0", MOVE)
    insert(top, 2)
    process.wait_until(lambda: spool.bytes_behind(top.source, top.relay.spool_files()) == 0, 30, "all is read")
    read = top.relay.status()["transactions"]
    top.relay.stop()
    top.relay.start()
    insert(top, 3)
    process.wait_until(lambda: spool.bytes_behind(top.source, top.relay.spool_files()) == 0, 30, "the next one is read")
    assert read >= 2 and top.relay.status()["transactions"] == 1
    top.assert_no_leak()


def test_a_start_behind_gtids_at_a_source_without_them_now(topology):
    top = make(topology, "mysql-9.7")
    top.source.execute(*CREATE)
    insert(top, 1)
    log = top.source.binlog_files()[-1]
    place = f"{log.name}:{log.stat().st_size}"
    for mode in ("ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"):
        top.source.execute(f"SET GLOBAL gtid_mode={mode}")
    top.settings = {"source.tls": "off", "source.start": place}
    top.make_relay()
    insert(top, 2)
    process.wait_until(lambda: top.relay.status()["transactions"] == 1, 30, "the row is read")
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11"])
def test_a_start_that_lacks_what_was_written_before(topology, name):
    """A hole in the GTIDs, or a domain that is not named: its row, older than the ALTER, would be read by the columns behind it."""
    top = make(topology, name)
    top.source.execute(*CREATE)
    if top.source.kind.mariadb:
        top.source.execute("SET SESSION gtid_domain_id=1")
        insert(top, 1)
        top.source.execute("SET SESSION gtid_domain_id=0", MOVE)
        everything = top.source.gtid_position()
        start = everything.partition(",")[0]
    else:
        insert(top, 1)
        top.source.execute(MOVE)
        everything = top.source.gtid_position()
        server, _, last = everything.partition(":")
        last = int(last.partition("-")[2])
        start = f"{server}:1-{last - 2}:{last}"
    top.settings = {"source.tls": "off", "source.start": f"gtid:{start}"}
    top.make_relay()
    reason = top.relay.wait_halted()
    assert "source.start lacks transactions" in reason, reason
    top.relay.expected_ends.add(3)
    top.relay.stop()
    top.relay.config.write_text(top.relay.config.read_text().replace(f"gtid:{start}", f"gtid:{everything}"))
    top.relay.start()
    insert(top, 2)
    process.wait_until(lambda: top.relay.status()["transactions"] == 1, 30, "the row behind the start is read")
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_start_that_the_source_has_yet_to_reach_is_waited_for(topology, name):
    """The schema that is read has to have what lies before the start, or it would never be told of it."""
    top = make(topology, name)
    with a_replica(name, metadata="MINIMAL") as other:
        other.follow("127.0.0.1", top.source.port, relays.SOURCE_USER, relays.SOURCE_PASSWORD)
        top.source.execute(*CREATE)
        insert(top, 1)
        other.wait_caught_up(top.source)
        other.execute(f"STOP {'SLAVE' if other.kind.mariadb else 'REPLICA'} SQL_THREAD")
        top.source.execute(MOVE)
        top.settings = {"source.tls": "off", "source.start": "gtid:" + top.source.gtid_position()}
        top.make_relay(source=("127.0.0.1", other.port))
        process.wait_until(lambda: "all transactions of source.start" in top.relay.log_text(), 30, "the relay waits")
        other.start_replica()
        in_spool(top, 1)
        insert(top, 2)
        process.wait_until(lambda: top.relay.status()["transactions"] >= 1, 30, "the row behind the start is read")
        top.canaries.assert_absent(top.relay.spool, texts=[top.relay.log_text()])


@pytest.mark.parametrize("earliest", [False, True], ids=["position", "earliest"])
def test_a_start_by_position_knows_the_gtids_before_it(topology, earliest):
    """Though the source's gtid_mode is OFF then; ON again it would be asked for all that lies before the start."""
    top = make(topology, "mysql-9.7")
    top.source.execute(*CREATE, "RESET BINARY LOGS AND GTIDS")
    insert(top, 1)
    top.source.execute(MOVE)
    for mode in ("ON_PERMISSIVE", "OFF_PERMISSIVE", "OFF"):
        top.source.execute(f"SET GLOBAL gtid_mode={mode}")
    log = top.source.binlog_files()[-1].name
    if earliest:
        top.source.execute(f"PURGE BINARY LOGS TO '{log}'")
    top.settings = {"source.tls": "off", "source.start": "earliest" if earliest else f"{log}:4"}
    top.make_relay()
    in_spool(top, 1)
    insert(top, 2)
    for mode in ("OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"):
        time.sleep(0.5)  # the relay reads what was written before
        top.source.execute(f"SET GLOBAL gtid_mode={mode}")
    insert(top, 3)
    before = len(top.relay.spool_files())
    process.wait_until(lambda: top.relay.status()["transactions"] >= 2, 30, "both rows are read")
    top.relay.stop()
    insert(top, 4)
    top.relay.start()
    process.wait_until(lambda: top.relay.status()["transactions"] >= 1, 30, "the next row is read")
    assert top.relay.http("/health")[0] == 200
    files = [json.loads(line)["source_file"] for line in (top.relay.spool / "spool.index").read_text().splitlines()[1:-1]]
    assert len(files) >= before and files == sorted(set(files)), files
    top.assert_no_leak()


def test_transactions_without_gtid_before_the_source_was_switched_to_them(topology):
    """A source passes over files whose GTIDs are all known, and so over what lies in them without one."""
    top = topology("mysql-9.7", "mysql-9.7", RULES, gtid=False, server_gtid=True)
    top.follow()
    top.source.execute(*CREATE)
    insert(top, 1)
    top.wait_caught_up()
    for mode in ("ON_PERMISSIVE", "OFF_PERMISSIVE"):
        top.source.execute(f"SET GLOBAL gtid_mode={mode}")
        top.replica.stop_replica()
        top.replica.execute(f"SET GLOBAL gtid_mode={mode}")
        top.replica.start_replica()
    insert(top, 2)
    top.wait_caught_up(connecting=True)
    top.relay.stop()
    insert(top, 3)
    for mode in ("ON_PERMISSIVE", "ON"):
        top.source.execute(f"SET GLOBAL gtid_mode={mode}")
    top.replica.stop_replica()
    top.replica.execute("SET GLOBAL gtid_mode=ON_PERMISSIVE")
    top.replica.start_replica()
    insert(top, 4)
    top.relay.start()
    # By position the source says that it has such transactions; asked by GTIDs it would not.
    reason = top.relay.wait_halted()
    assert "transactions without a GTID" in reason and "ON_PERMISSIVE" in reason, reason
    top.relay.expected_ends.add(3)
    top.relay.stop()
    top.source.execute("SET GLOBAL gtid_mode=ON_PERMISSIVE")
    top.relay.start()
    top.wait_caught_up(connecting=True)
    top.source.execute("SET GLOBAL gtid_mode=ON")
    insert(top, 5)
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "public"])
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_scrub_does_not_take_the_schema_of_a_files_middle(topology, name):
    """The relay's history has the file's tables as they were where it entered the file, which is not where the file begins."""
    top = make(topology, name)
    top.source.execute(*CREATE, "FLUSH LOGS")
    insert(top, 1)
    log = top.source.binlog_files()[-1]
    top.source.execute(MOVE)
    top.settings = {"source.tls": "off", "source.start": "gtid:" + top.source.gtid_position()}
    top.make_relay()
    in_spool(top, 1)
    top.source.execute("FLUSH LOGS")
    code, text = top.relay.command("scrub", "--output", top.relay.folder / "scrubbed", log)
    assert code == 3 and "stopped before the transaction" in text, text
    top.canaries.assert_absent(top.relay.folder / "scrubbed", texts=[text])
