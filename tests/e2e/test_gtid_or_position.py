"""Where the relay goes on when what it went by, GTIDs or file and position, changes."""
import contextlib
import json
import threading
import time

import pytest

from support import compare, process, proxy as proxies, relay as relays, spool

from .test_spool_files import RULES, a_replica, insert

CREATE = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))")
MOVE = "ALTER TABLE shop.t MODIFY COLUMN public VARCHAR(60) AFTER secret"


def make(topology, name, **options):
    return topology(name, name, RULES, gtid=True, metadata=None if name == "mysql-5.6" else "MINIMAL", with_relay=False, settings={"source.tls": "off"}, **options)


def in_spool(top, files):
    process.wait_until(lambda: len(top.relay.spool_files()) == files, 30, f"{files} files in the spool")
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 30, "streaming")
    time.sleep(0.5)  # what the file holds that must not be read is read by now


def assert_halts_by_position(top):
    """The position in the file that was entered by GTIDs is not known, and its start would be the wrong one."""
    top.relay.start()
    reason = top.relay.wait_halted()
    assert "known by GTIDs only" in reason, reason
    top.relay.expected_ends.add(3)
    top.canaries.assert_absent(top.relay.spool, texts=[reason, top.relay.log_text()])
    top.relay.stop()


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


@contextlib.contextmanager
def a_successor(top):
    """Yields a replica of the source, which has the table, and what moves the relay's connection to it."""
    port = [top.source.port]
    name = top.source.name
    with a_replica(name, metadata=None if name == "mysql-5.6" else "MINIMAL") as other, contextlib.closing(proxies.Proxy(lambda: port[0])) as proxy:
        other.follow("127.0.0.1", top.source.port, relays.SOURCE_USER, relays.SOURCE_PASSWORD)
        top.make_relay(source=("127.0.0.1", proxy.port))
        top.follow()
        top.source.execute(*CREATE)
        other.wait_caught_up(top.source)
        other.execute("SET GLOBAL read_only=0")

        def move():
            port[0] = other.port
            proxy.drop_connections()

        yield other, move


def wait_same(top, other):
    """Until `other` has everything of the source."""
    markers = "SELECT COUNT(*) FROM harness.marker"
    process.wait_until(lambda: other.value(markers) == top.source.value(markers), 30, "the next source has everything")


def test_a_file_of_the_next_source_that_is_entered_by_gtid(topology):
    top = make(topology, "mysql-9.7")
    with a_successor(top) as (other, move):
        other.execute("FLUSH LOGS")
        insert(top, 1)
        top.source.execute(MOVE)
        insert(top, 2)
        top.wait_caught_up(connecting=True)
        wait_same(top, other)
        other.stop_replica()
        move()
        in_spool(top, 2)
        top.relay.stop()
        other.execute("SET GLOBAL gtid_mode=ON_PERMISSIVE")
        assert_halts_by_position(top)
        other.execute("SET GLOBAL gtid_mode=ON")
        top.relay.start()
        other.execute(f"INSERT INTO shop.t (id, public, secret) VALUES (3, 'open', '{top.canaries.text()}')")
        process.wait_until(lambda: top.replica.value("SELECT COUNT(*) FROM shop.t") == 3, 30, "the next source's row arrives")
        compare.assert_same_rows(other, top.replica, "shop.t", ["id", "public"])
        top.canaries.assert_absent(top.relay.spool, texts=[top.relay.log_text()])


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_next_source_that_lags_is_waited_for(topology, name):
    """What it writes again must not be read again, and what it writes meanwhile would lie before what the spool has."""
    top = make(topology, name)
    with a_successor(top) as (other, move):
        other.execute("STOP REPLICA SQL_THREAD")
        insert(top, 1)
        top.source.execute(MOVE)
        insert(top, 2)
        top.wait_caught_up(connecting=True)
        move()
        process.wait_until(lambda: "lacks transactions" in top.relay.log_text(), 30, "the relay waits")
        assert len(top.relay.spool_files()) == 1
        other.execute("START REPLICA SQL_THREAD")
        wait_same(top, other)
        other.stop_replica()
        in_spool(top, 2)
        other.execute(f"INSERT INTO shop.t (id, public, secret) VALUES (3, 'open', '{top.canaries.text()}')", "FLUSH LOGS",
                      f"INSERT INTO shop.t (id, public, secret) VALUES (4, 'open', '{top.canaries.text()}')")
        process.wait_until(lambda: top.replica.value("SELECT COUNT(*) FROM shop.t") == 4, 30, "the next source's rows arrive")
        compare.assert_same_rows(other, top.replica, "shop.t", ["id", "public"])
        top.canaries.assert_absent(top.relay.spool, texts=[top.relay.log_text()])


@pytest.mark.parametrize("name, domain", [("mysql-9.7", None), ("mysql-5.6", None), ("mariadb-10.11", None), ("mariadb-10.11", 1), ("mariadb-10.5", 1), ("mariadb-11.8", 1)])
def test_a_next_source_that_is_far_ahead(topology, name, domain):
    """What it has and the spool has not lies behind what both have, in several files."""
    top = make(topology, name)
    with a_successor(top) as (other, move):
        insert(top, 1)
        top.source.execute(MOVE)
        top.wait_caught_up(connecting=True)
        top.relay.stop()
        for number in (2, 3, 4):
            insert(top, number)
            other.wait_caught_up(top.source)
            other.execute("FLUSH LOGS")
        other.stop_replica()
        move()
        if domain is not None:
            other.execute(f"SET SESSION gtid_domain_id={domain}")
        other.execute(f"INSERT INTO shop.t (id, public, secret) VALUES (5, 'open', '{top.canaries.text()}')")
        top.relay.start()
        process.wait_until(lambda: top.replica.value("SELECT COUNT(*) FROM shop.t") == 5, 60, "all rows arrive")
        compare.assert_same_rows(other, top.replica, "shop.t", ["id", "public"])
        top.canaries.assert_absent(top.relay.spool, texts=[top.relay.log_text()])


@pytest.mark.parametrize("name, later", [*((name, later) for name in ("mysql-9.7", "mariadb-10.11") for later in ("ALTER", "rotated", "a row", "restarted", "killed", "rotated and killed")),
                                         ("mysql-5.6", "ALTER"), ("mysql-5.6", "rotated and killed"), ("mariadb-10.5", "ALTER"), ("mariadb-11.8", "ALTER")])
def test_a_next_source_with_transactions_of_its_own(topology, name, later):
    """Before an ALTER that the spool has: the row would be read by the columns behind it."""
    top = make(topology, name)
    with a_successor(top) as (other, move):
        if top.source.kind.mariadb:
            other.execute("SET SESSION gtid_domain_id=1")  # within a domain it gives only what lies behind the spool's
        other.execute(f"INSERT INTO shop.t (id, public, secret) VALUES (9, 'open', '{top.canaries.text()}')")
        if later.startswith("rotated"):
            other.execute("FLUSH LOGS")
        insert(top, 1)
        if later != "a row":
            top.source.execute(MOVE)
        top.wait_caught_up(connecting=True)
        wait_same(top, other)
        other.stop_replica()
        if later == "restarted":
            other.stop()
        if later.endswith("killed"):
            other.kill9()
        if later == "restarted" or later.endswith("killed"):
            other.start()
            other.stop_replica()
        move()
        reason = top.relay.wait_halted()
        assert "before some that it has" in reason, reason
        top.relay.expected_ends.add(3)
        top.canaries.assert_absent(top.relay.spool, texts=[reason, top.relay.log_text()])


def test_a_next_source_that_was_seeded_behind_the_spool(topology):
    """What lies between is not in its log: lost, and an ALTER among it never told of."""
    top = make(topology, "mariadb-10.11")
    with a_successor(top) as (other, move):
        insert(top, 1)
        top.wait_caught_up(connecting=True)
        wait_same(top, other)
        top.relay.stop()
        other.stop_replica()
        insert(top, 2)
        top.source.execute(MOVE)
        other.execute("SET SESSION sql_log_bin=0", "INSERT INTO shop.t (id) VALUES (2)", MOVE, "RESET MASTER",
                      f"SET GLOBAL gtid_slave_pos='{top.source.gtid_position()}'")
        other.start_replica()
        insert(top, 3)
        process.wait_until(lambda: other.value("SELECT COUNT(*) FROM shop.t") == 3, 30, "the replica that was seeded goes on")
        move()
        top.relay.start()
        reason = top.relay.wait_halted()
        assert "1236" in reason, reason
        top.relay.expected_ends.add(3)
        top.canaries.assert_absent(top.relay.spool, texts=[reason, top.relay.log_text()])


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
