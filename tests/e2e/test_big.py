"""Sizes that break what was not made for them. Long mode only: gigabytes on a disk and many minutes."""
import pytest

from support import compare, process, relay as relays, topology as topologies

pytestmark = pytest.mark.long
MEBIBYTE = 1 << 20
BASE_MEMORY = 300 * MEBIBYTE
TABLES = 20000
RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "big.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
""" + topologies.HARNESS_RULE
SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8"]
# Of a length that divides no packet and no buffer: a piece that is lost, doubled or moved changes the rest of the value.
PATTERN = "".join(chr(ord("a") + at * at % 25) for at in range(61))


def prepare(topology, name, gibibytes, extra=(), **options):
    process.require_disk(gibibytes)
    extra = ["--max-binlog-cache-size=16G", "--innodb-buffer-pool-size=256M", *extra]
    top = topology(name, name, RULES, metadata=None if name == "mysql-5.6" else "MINIMAL", on_disk=True,
                   source_options={"extra": extra}, replica_options={"extra": extra}, **options)
    top.source.execute("CREATE DATABASE big")
    top.follow()
    return top


def body(size):
    """SQL for a text of exactly `size` bytes."""
    return f"LEFT(REPEAT('{PATTERN}', {size // len(PATTERN) + 1}), {size})"


def assert_memory(top, figure, at_least):
    """The requirement: 300 MiB and the largest event. `at_least`: an event of that size was really there."""
    largest, peak = top.source.largest_event(), top.relay.peak_memory()
    assert largest >= at_least, f"the largest event at the source has {largest} bytes: this test proved nothing"
    figure("relay's peak memory", f"{peak / MEBIBYTE:.0f} MiB")
    figure("largest event", f"{largest / MEBIBYTE:.1f} MiB")
    assert peak < BASE_MEMORY + largest, f"the relay's peak memory was {peak // MEBIBYTE} MiB, the largest event {largest // MEBIBYTE} MiB"


@pytest.mark.parametrize("name", SERVERS)
def test_transaction_of_two_gibibytes(topology, figure, name):
    top = prepare(topology, name, 20)
    top.source.execute("CREATE TABLE big.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)")
    before = sum(path.stat().st_size for path in top.source.binlog_files())
    top.source.execute("BEGIN")
    for _ in range(256):
        top.source.execute(f"INSERT INTO big.t (secret, body) VALUES ('{top.canaries.text()}', {body(8 * MEBIBYTE)})")
    top.source.execute("COMMIT")
    written = sum(path.stat().st_size for path in top.source.binlog_files()) - before
    assert written >= 2048 * MEBIBYTE, f"the source wrote {written} bytes"
    figure("binary log of the transaction", f"{written / MEBIBYTE:.0f} MiB")
    top.wait_caught_up(3600)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body"])
    assert_memory(top, figure, 8 * MEBIBYTE)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name", SERVERS)
def test_row_of_two_hundred_mebibytes(topology, figure, name):
    # InnoDB of 5.6 takes no row above a tenth of its log; there are two files.
    top = prepare(topology, name, 16, extra=["--innodb-log-file-size=1100M"] if name == "mysql-5.6" else [])
    top.source.execute("CREATE TABLE big.t (id INT PRIMARY KEY, secret LONGBLOB, body LONGBLOB)")
    token, size = top.canaries.text(), 200 * MEBIBYTE
    top.source.execute(f"INSERT INTO big.t VALUES (1, '{token}', {body(size)})",
                       f"INSERT INTO big.t VALUES (2, REPEAT('{token}', {size // len(token)}), 'small')",
                       "UPDATE big.t SET body=CONCAT(body, 'x')")
    top.wait_caught_up(1200)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body"])
    assert_memory(top, figure, 2 * size)  # the update holds the row as it was and as it became
    top.assert_no_leak()
    top.assert_spool_readable()


def create_tables(top):
    """In a tablespace that all share: 20,000 files would only make the servers slow."""
    for number in range(TABLES):
        top.source.execute(f"CREATE TABLE big.t{number} (id INT PRIMARY KEY, secret VARCHAR(60), v INT)")


def write_tables(top, row):
    """A row into every table, hundred tables a transaction."""
    for first in range(0, TABLES, 100):
        top.source.execute("BEGIN")
        for number in range(first, first + 100):
            top.source.execute(f"INSERT INTO big.t{number} VALUES ({row}, '{top.canaries.text()}', {number + row})")
        top.source.execute("COMMIT")


def assert_tables(top, rows):
    top.assert_tables({f"big.t{number}" for number in range(TABLES)})
    for number in range(TABLES):
        found = top.replica.query(f"SELECT * FROM big.t{number} ORDER BY id")
        assert found == [(row, number + row) for row in rows], f"big.t{number} has {found}"


@pytest.mark.parametrize("name", SERVERS)
def test_twenty_thousand_tables(topology, figure, name):
    top = prepare(topology, name, 8, extra=["--innodb-file-per-table=0"])
    create_tables(top)
    write_tables(top, 1)
    top.wait_caught_up(7200)
    assert_tables(top, [1])
    assert_memory(top, figure, 1)
    top.assert_no_leak()
    begin_anew(top, figure, "latest", 2)
    top.source.execute("FLUSH LOGS")
    newest = top.source.binlog_files()[-1].name
    process.wait_until(lambda: purge_up_to(top.source, newest), 60, f"the source keeps its log from {newest} on only", interval=0.5)
    begin_anew(top, figure, "earliest", 3)


def purge_up_to(source, file):
    source.execute(f"PURGE BINARY LOGS TO '{file}'")
    return source.binlog_files()[0].name == file


def begin_anew(top, figure, start, row):
    """A relay with an empty spool comes to the source that has the tables: their names are in no table map and in no log."""
    top.replica.stop_replica()
    top.relay.stop()
    top.relay.assert_no_crash()
    top.relay.destroy()
    top.settings = {"source.start": start}
    top.make_relay()
    process.wait_until(lambda: top.relay.status()["phase"] == "streaming", 600,
                       lambda: f"streaming from {start}:\n{process.tail(top.relay.log)}", interval=0.5)
    write_tables(top, row)
    top.replica.execute("RESET SLAVE" if top.replica.kind.mariadb or top.replica.kind.old else "RESET REPLICA")
    top.follow()
    top.wait_caught_up(1800)
    assert_tables(top, range(1, row + 1))
    top.relay.assert_healthy()
    figure(f"peak memory with start={start}", f"{top.relay.peak_memory() / MEBIBYTE:.0f} MiB")
    assert top.relay.peak_memory() < BASE_MEMORY
    top.assert_no_leak()


@pytest.mark.parametrize("name", SERVERS)
def test_table_of_1017_columns(topology, figure, name):
    """The most columns that InnoDB allows."""
    top = prepare(topology, name, 4)
    names = [f"c{number}" for number in range(1015)]
    columns = ", ".join(f"{column} TINYINT" for column in names)
    top.source.execute(f"CREATE TABLE big.wide (id INT PRIMARY KEY, {columns.replace('c500 TINYINT', 'c500 TINYINT, secret VARCHAR(60)')})")
    for row in range(20):
        values = ", ".join("NULL" if (row + at) % 7 == 0 else str((row * at) % 100) for at in range(len(names)))
        top.source.execute(f"INSERT INTO big.wide (id, secret, {', '.join(names)}) VALUES ({row}, '{top.canaries.text()}', {values})")
    top.source.execute("UPDATE big.wide SET c999=5, c3=NULL", "DELETE FROM big.wide WHERE id=3")
    top.wait_caught_up(300)
    compare.assert_same_schema(top.source, top.replica, "big.wide", ["secret"])
    compare.assert_same_rows(top.source, top.replica, "big.wide", ["id", *names])
    assert_memory(top, figure, 1)
    top.assert_no_leak()
    top.assert_spool_readable()
