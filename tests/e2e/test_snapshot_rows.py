"""What a snapshot's rows are read by, and what their order tells."""
import contextlib
import re
import shlex
import threading
import time

import pytest

from support import process
from support.snapshot import INSERTS, Snapshot
from .bank import KEEP_ALL
from .test_action_vectors import KEYS, keys  # noqa: F401  (a fixture)
from .test_snapshot import SERVERS, insert


def numbers(snapshot, table, column):
    """The values of a whole-number column of a table, a list for each file, in the order of the manifest."""
    found = []
    for record in snapshot.table(table)["files"]:
        sql = snapshot.file(record["file"])
        at = [name.strip("` ") for name in re.search(rb"^INSERT INTO \S+ \(([^)]*)\)", sql, re.M).group(1).decode().split(",")].index(column)
        found.append([int(row.split(b",")[at]) for row in re.findall(rb"^\(([^()]*)\)[,;]$", sql, re.M)])
    return found


def correlation(values):
    """Of the values with their places."""
    count, middle = len(values), sum(values) / len(values)
    places = (count - 1) / 2
    products = sum((i - places) * (value - middle) for i, value in enumerate(values))
    return products / (sum((i - places) ** 2 for i in range(count)) * sum((value - middle) ** 2 for value in values)) ** 0.5


@pytest.mark.parametrize("name", SERVERS)
def test_the_order_of_rows_tells_nothing_of_a_key_that_does_not_leave(makes_snapshots, name):
    rules = KEYS + KEEP_ALL.format("told") + '[[table]]\nname = "told.hashed"\n[table.columns]\nid = { action = "hash", key = "person" }\nplace = "keep"\n'
    rules += '[[table]]\nname = "told.dropped"\n[table.columns]\nid = "drop"\nplace = "keep"\n'
    made, relay = makes_snapshots(name, rules)
    made.source.execute("CREATE DATABASE told CHARACTER SET latin1")
    count = 20_000
    for table in ("kept", "hashed", "dropped"):
        # A column that stays, to see where a row stood among the clear keys.
        key = "NOT NULL UNIQUE" if table == "dropped" else "PRIMARY KEY"
        made.source.execute(f"CREATE TABLE told.{table} (place INT, id CHAR(64) {key}) ENGINE=InnoDB")
        insert(made.source, f"told.{table}", [(i, f"k{i:06d}") for i in range(count)])
    snapshot = Snapshot(relay).make()
    order = {table: sum(numbers(snapshot, f"told.{table}", "place"), []) for table in ("kept", "hashed", "dropped")}
    assert order["kept"] == list(range(count)), "a key that leaves tells its order itself"
    for table in ("hashed", "dropped"):
        assert sorted(order[table]) == list(range(count))
        # Six times the deviation that chance has.
        assert abs(correlation(order[table])) < 6 / count ** 0.5, table


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_files_of_a_large_table_are_no_histogram_of_its_key(makes_snapshots, name):
    rules = KEYS + '[[table]]\nname = "told.large"\n[table.columns]\nid = { action = "hash", key = "person" }\nplace = "keep"\nv = "keep"\n'
    made, relay = makes_snapshots(name, rules)
    made.source.execute("CREATE DATABASE told", "CREATE TABLE told.large (id BIGINT PRIMARY KEY, place INT, v CHAR(200)) ENGINE=InnoDB CHARSET=latin1")
    # Half of the keys stand close together.
    insert(made.source, "told.large", [(i if i < 500 else i * 10**9, i, "x" * 200) for i in range(1000)])
    for power in range(9):
        made.source.execute(f"INSERT INTO told.large SELECT id + {10**13 * 2 ** power}, place + {1000 * 2 ** power}, v FROM told.large")
    made.source.execute("ANALYZE TABLE told.large")
    # Too few files for those that rows are dealt out to: it raises the limit itself.
    few = process.temp_folder("few") / "relay"
    few.write_text(f"#!/bin/sh\nulimit -Sn 40\nexec {shlex.quote(str(relay.program))} \"$@\"\n")
    few.chmod(0o755)
    relay.program = few
    snapshot = Snapshot(relay).make("--readers", "3", seconds=300)
    snapshot.files()  # and none besides
    files = numbers(snapshot, "told.large", "place")
    count = 512_000
    assert len(files) > 1 and sorted(sum(files, [])) == list(range(count))
    for places in files:
        assert abs(correlation(places)) < 6 / len(places) ** 0.5
        # Each has rows of the whole table, as chance deals them.
        assert abs(sum(places) / len(places) - count / 2) < 6 * count / (12 * len(places)) ** 0.5


@pytest.mark.parametrize("name", SERVERS)
def test_a_table_of_the_same_definition_in_its_place_is_noticed(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big"))
    source, replica = made.source, made.replica
    source.execute("CREATE DATABASE big", "CREATE TABLE big.slow (id INT PRIMARY KEY, v CHAR(200)) ENGINE=InnoDB")
    time.sleep(1.1)
    source.execute("CREATE TABLE big.other LIKE big.slow", "INSERT INTO big.other VALUES (1, 'other')")
    insert(source, "big.slow", [(i, "x" * 200) for i in range(1000)])
    for power in range(8):
        source.execute(f"INSERT INTO big.slow SELECT id + {1000 * 2 ** power}, v FROM big.slow")
    source.execute("ANALYZE TABLE big.slow, big.other")
    snapshot = Snapshot(relay)
    maker = threading.Thread(target=snapshot.make, args=("--readers", "1"), kwargs={"seconds": 300})
    maker.start()
    process.wait_until(lambda: snapshot.folder.exists() and list(snapshot.folder.glob(INSERTS + ".new")), 60, "rows are being written")
    source.execute("RENAME TABLE big.slow TO big.third, big.other TO big.slow, big.third TO big.other")
    assert not (snapshot.folder / "manifest.json").exists()
    maker.join()
    assert "goes on at another moment" in snapshot.printed, snapshot.printed
    snapshot.load(replica)
    for table in ("slow", "other"):
        assert source.query(f"CHECKSUM TABLE big.{table}") == replica.query(f"CHECKSUM TABLE big.{table}"), table


def make_slow(source):
    """A table that takes a while to read."""
    source.execute("CREATE DATABASE big", "CREATE TABLE big.slow (id INT PRIMARY KEY, v CHAR(200)) ENGINE=InnoDB")
    insert(source, "big.slow", [(i, "x" * 200) for i in range(1000)])
    for power in range(8):
        source.execute(f"INSERT INTO big.slow SELECT id + {1000 * 2 ** power}, v FROM big.slow")


def make_while_it_reads(source, relay, *statements):
    """A snapshot during which `statements` ran, while big.slow was read."""
    source.execute("ANALYZE TABLE big.slow")
    snapshot = Snapshot(relay)
    maker = threading.Thread(target=snapshot.make, args=("--readers", "1"), kwargs={"seconds": 300})
    maker.start()
    process.wait_until(lambda: snapshot.folder.exists() and list(snapshot.folder.glob(INSERTS + ".new")), 60, "rows are being written")
    source.execute(*statements)
    still_reading = not (snapshot.folder / "manifest.json").exists()
    maker.join()
    assert still_reading, "the statements had to wait until the snapshot was done"
    return snapshot


# At the moment of the next try there is nothing of it under that name, at the one of this try there was.
GONE = "DELETE FROM big.clean WHERE v LIKE 'SSN-%'"
SWAP = ("RENAME TABLE big.clean TO big.third, big.raw TO big.clean, big.third TO big.raw", GONE)
REPLACE = ("DROP TABLE big.clean", "RENAME TABLE big.raw TO big.clean", GONE)
EXCHANGE = ("ALTER TABLE big.parts EXCHANGE PARTITION p0 WITH TABLE big.raw", "ALTER TABLE big.parts EXCHANGE PARTITION p0 WITH TABLE big.clean", GONE)
PARTED = " PARTITION BY HASH (id) PARTITIONS 2"


@pytest.mark.parametrize("name,parted,statements", [
    ("mysql-9.7", "", SWAP), ("mysql-9.7", "", REPLACE), ("mysql-5.6", PARTED, SWAP),
    ("mariadb-10.11", "", SWAP), *((name, "", EXCHANGE) for name in SERVERS)])
def test_rows_of_a_table_with_stricter_rules_come_by_no_other_name(makes_snapshots, name, parted, statements):
    rules = KEEP_ALL.format("big") + '[[table]]\nname = "big.raw"\noptional = true\n[table.columns]\nid = "keep"\nv = "drop"\n'
    made, relay = makes_snapshots(name, rules)
    source = made.source
    make_slow(source)
    source.execute("CREATE TABLE big.parts (id INT PRIMARY KEY, v VARCHAR(40)) ENGINE=InnoDB" + PARTED)
    if statements is not EXCHANGE:
        time.sleep(1.02 - time.time() % 1)  # both in one second
    for table in ("clean", "raw"):
        source.execute(f"CREATE TABLE big.{table} (id INT PRIMARY KEY, v VARCHAR(40)) ENGINE=InnoDB{parted}")
    source.execute("INSERT INTO big.clean VALUES (2, 'public')", "INSERT INTO big.raw VALUES (2, 'SSN-123-45-6789')")
    time.sleep(2.1)
    snapshot = make_while_it_reads(source, relay, *statements)
    assert "goes on at another moment" in snapshot.printed, snapshot.printed
    assert b"SSN-" not in snapshot.sql()


@pytest.mark.parametrize("name", SERVERS)
def test_what_is_done_to_other_tables_does_not_begin_it_anew(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big"))
    source = made.source
    time.sleep(1.1)  # not in one second with those of the fixture
    make_slow(source)
    source.execute("CREATE DATABASE away", "CREATE TABLE away.one (id INT PRIMARY KEY) ENGINE=InnoDB")
    time.sleep(2.1)
    source.execute("CREATE TABLE big.small (id INT PRIMARY KEY) ENGINE=InnoDB", "INSERT INTO big.small VALUES (1)")
    time.sleep(2.1)
    snapshot = make_while_it_reads(source, relay, "ALTER TABLE away.one ADD COLUMN v INT", "RENAME TABLE away.one TO away.two",
                                   "CREATE TEMPORARY TABLE away.three (id INT)", "TRUNCATE TABLE away.two", "FLUSH STATUS")
    assert "goes on at another moment" not in snapshot.printed, snapshot.printed
    assert snapshot.table("big.small")["rows"] == 1


@pytest.mark.parametrize("name", SERVERS)
def test_a_table_that_is_emptied_before_it_is_read_begins_it_anew(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big"))
    source = made.source
    make_slow(source)
    source.execute("CREATE TABLE big.small (id INT PRIMARY KEY) ENGINE=InnoDB", "INSERT INTO big.small VALUES (1)")
    time.sleep(2.1)
    snapshot = make_while_it_reads(source, relay, "TRUNCATE TABLE big.small")
    assert "goes on at another moment" in snapshot.printed, snapshot.printed


@pytest.mark.parametrize("name", SERVERS)
def test_keys_at_the_edge_of_their_types_come_whole(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("edge"))
    source, replica = made.source, made.replica
    members = ", ".join(f"'m{i}'" for i in range(64))
    source.execute("CREATE DATABASE edge", "SET sql_mode='ALLOW_INVALID_DATES'", "SET time_zone='+00:00'",
                   "CREATE TABLE edge.years (y YEAR NOT NULL, n INT NOT NULL, PRIMARY KEY (y, n)) ENGINE=InnoDB",
                   "CREATE TABLE edge.days (d DATE NOT NULL, n INT NOT NULL, PRIMARY KEY (d, n)) ENGINE=InnoDB",
                   "CREATE TABLE edge.moments (d DATETIME(3) NOT NULL, n INT NOT NULL, PRIMARY KEY (d, n)) ENGINE=InnoDB",
                   f"CREATE TABLE edge.sets (n INT NOT NULL, s SET({members}) NOT NULL, PRIMARY KEY (n, s)) ENGINE=InnoDB")
    tables = {"years": "PRIMARY", "days": "PRIMARY", "moments": "PRIMARY", "sets": None}
    # More than the first chunk's 100 rows of each.
    insert(source, "edge.years", [(year, n) for year in ("0000", "1901", "2024", "2155") for n in range(150)])
    for table in ("days", "moments"):
        insert(source, f"edge.{table}", [(day, n) for day in ("0000-00-00", "2024-02-31", "2024-00-07", "2024-03-01") for n in range(150)])
    insert(source, "edge.sets", [(n // 50, 2**63 + 2**53 + n % 50) for n in range(500)])
    if name != "mysql-5.6":
        hidden = "INVISIBLE" if name.startswith("mysql") else "IGNORED"
        # Rows are not read by a key with FLOAT in it either.
        source.execute(f"CREATE TABLE edge.hidden (f FLOAT PRIMARY KEY, a INT NOT NULL, UNIQUE KEY u (a) {hidden}, UNIQUE KEY w (a)) ENGINE=InnoDB",
                       f"CREATE TABLE edge.alone (f FLOAT PRIMARY KEY, a INT NOT NULL, UNIQUE KEY u (a) {hidden}) ENGINE=InnoDB")
        tables.update({"hidden": "w", "alone": None})
        insert(source, "edge.hidden", [(i, i) for i in range(300)])
        insert(source, "edge.alone", [(i, i) for i in range(300)])
    snapshot = Snapshot(relay).make()
    assert {table: snapshot.table(f"edge.{table}")["read_by"] for table in tables} == tables
    snapshot.load(replica)
    for table in tables:
        assert source.query(f"CHECKSUM TABLE edge.{table}") == replica.query(f"CHECKSUM TABLE edge.{table}"), table


def test_a_table_that_is_locked_for_long_is_waited_for(makes_snapshots):
    made, relay = makes_snapshots("mysql-9.7", KEEP_ALL.format("big"))
    source, replica = made.source, made.replica
    source.execute("CREATE DATABASE big", "CREATE TABLE big.slow (id INT PRIMARY KEY, v CHAR(200)) ENGINE=InnoDB")
    insert(source, "big.slow", [(i, "x" * 200) for i in range(1000)])
    for power in range(8):
        source.execute(f"INSERT INTO big.slow SELECT id + {1000 * 2 ** power}, v FROM big.slow")
    snapshot = Snapshot(relay)
    maker = threading.Thread(target=snapshot.make, args=("--readers", "1"), kwargs={"seconds": 300})
    maker.start()
    process.wait_until(lambda: snapshot.folder.exists() and list(snapshot.folder.glob(INSERTS + ".new")), 60, "rows are being written")
    with contextlib.closing(source.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLES big.slow WRITE")
        time.sleep(65)  # a reader's lock_wait_timeout is 60 s
        assert maker.is_alive()
    maker.join()
    assert "waiting for it" in snapshot.printed and "goes on at another moment" not in snapshot.printed, snapshot.printed
    snapshot.load(replica)
    assert source.query("CHECKSUM TABLE big.slow") == replica.query("CHECKSUM TABLE big.slow")
