"""A replica of the source that the relay goes on with: what the stream knows of the one must hold at the other."""
import contextlib

import pytest

from support import compare, process, proxy as proxies, relay as relays

from . import column_types
from .moved_column import CREATE, MOVE, assert_halts_by_position, in_spool, make
from .test_spool_files import a_replica, insert


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


# What a server shows as it was not written: other words, and what another option means.
WRITTEN_OTHERWISE = ["INTEGER", "BOOL", "DEC(5,1)", "NUMERIC(7,2) UNSIGNED", "REAL", "DOUBLE PRECISION", "FIXED(3,1)", "CHARACTER VARYING(9)", "NATIONAL CHAR(4)",
                     "NCHAR VARCHAR(5)", "LONG VARCHAR", "LONG", "MIDDLEINT ZEROFILL", "CHAR(3) BYTE", "VARCHAR(9) ASCII", "TEXT(40)", "BLOB(70000)",
                     "CHAR(2) BINARY", "VARCHAR(20) CHARACTER SET utf8", "FLOAT(30)", "INT1", "INT8 UNSIGNED", "FLOAT8", "YEAR", "BIT", "JSON"]


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8"])
def test_a_next_source_shows_the_columns_that_the_stream_made(topology, name):
    top = make(topology, name)
    with a_successor(top) as (other, move):
        types = [kind for kind, _ in column_types.types_of(name)] + [kind for kind in WRITTEN_OTHERWISE if kind != "JSON" or name != "mysql-5.6"]
        for part in range(4):
            columns = ", ".join(f"c{at} {kind}" for at, kind in enumerate(types[part::4]))
            top.source.execute(f"CREATE TABLE shop.types{part} (id INT PRIMARY KEY, {columns}) DEFAULT CHARSET=latin1")
            top.source.execute(f"ALTER TABLE shop.types{part} DEFAULT CHARACTER SET utf8, ADD COLUMN made INT AS (id + 1), ADD COLUMN late TEXT CHARACTER SET latin1 AFTER id"
                               if name != "mysql-5.6" else f"ALTER TABLE shop.types{part} ADD COLUMN late TEXT CHARACTER SET latin1 AFTER id")
            top.source.execute(f"ALTER TABLE shop.types{part} CONVERT TO CHARACTER SET utf8mb4")
        top.wait_caught_up(connecting=True)
        wait_same(top, other)
        other.stop_replica()
        move()
        other.execute("INSERT INTO shop.t (id, public, secret) VALUES (2, 'open', 'x')")
        process.wait_until(lambda: top.replica.value("SELECT COUNT(*) FROM shop.t") == 1, 60, "the next source's row arrives")


@pytest.mark.parametrize("name, log", [("mysql-9.7", False), ("mysql-5.6", False), ("mariadb-10.11", False), ("mariadb-10.5", True), ("mariadb-10.11", True), ("mariadb-11.8", True)])
def test_a_next_source_whose_table_was_changed_by_hand(topology, name, log):
    """Without its log no stream tells; in MariaDB's log it lies before what both have, where a dump passes over it."""
    assert_refused(topology, name, f"SET SESSION sql_log_bin={log:d}", MOVE, "SET SESSION sql_log_bin=1")


BECAME_ANOTHER = [(name, change) for name in ("mysql-9.7", "mysql-5.6", "mariadb-10.11")
                  for change in ("MODIFY public VARCHAR(60) CHARACTER SET ucs2", "MODIFY public TEXT", "DROP made, ADD made VARCHAR(60) AS (secret) STORED")
                  if name != "mysql-5.6" or "made" not in change]  # which has no generated columns


@pytest.mark.parametrize("name, change", BECAME_ANOTHER)
def test_a_next_source_whose_column_became_another(topology, name, change):
    """Its name is the same: what it holds, or is made of, is not."""
    was = "ADD COLUMN made VARCHAR(60) AS (public) STORED" if "made" in change else "MODIFY public VARCHAR(60) CHARACTER SET latin1"
    assert_refused(topology, name, before=[f"ALTER TABLE shop.t {was}"], late=["SET SESSION sql_log_bin=0", f"ALTER TABLE shop.t {change}", "SET SESSION sql_log_bin=1"])


def assert_refused(topology, name, *early, before=(), late=()):
    """`early` and `late` are done by hand: while the next source still follows, and when it has all."""
    top = make(topology, name)
    with a_successor(top) as (other, move):
        top.source.execute(*before)
        other.wait_caught_up(top.source)
        other.execute(*early)
        insert(top, 1)
        top.wait_caught_up(connecting=True)
        wait_same(top, other)
        other.stop_replica()
        other.execute(*late)
        move()
        other.execute(f"INSERT INTO shop.t (id, public, secret) VALUES (2, 'open', '{top.canaries.text()}')")
        reason = top.relay.wait_halted()
        assert "other columns" in reason and "shop.t" in reason, reason
        top.relay.expected_ends.add(3)
        top.canaries.assert_absent(top.relay.spool, texts=[reason, top.relay.log_text()])


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_next_source_with_changes_of_tables_that_the_spool_lacks(topology, name):
    """They are still to come, and so is what they made of the tables."""
    top = make(topology, name)
    with a_successor(top) as (other, move):
        insert(top, 1)
        top.wait_caught_up(connecting=True)
        top.relay.stop()
        top.source.execute(MOVE, "CREATE TABLE shop.later (id INT PRIMARY KEY)")
        insert(top, 2)
        other.wait_caught_up(top.source)
        other.stop_replica()
        move()
        top.relay.start()
        process.wait_until(lambda: top.replica.value("SELECT COUNT(*) FROM shop.t") == 2, 30, "the row arrives")
        compare.assert_same_rows(other, top.replica, "shop.t", ["id", "public"])
        top.canaries.assert_absent(top.relay.spool, texts=[top.relay.log_text()])
