"""Sizes that break what was not made for them. Long mode only: gigabytes of room and many minutes."""
import pytest

from support import compare, topology as topologies

pytestmark = pytest.mark.long
MEBIBYTE = 1 << 20
BASE_MEMORY = 300 * MEBIBYTE
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
SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8"]


def prepare(topology, name, **options):
    extra = ["--innodb-log-file-size=1900M"] if name == "mysql-5.6" else []
    extra += ["--net-buffer-length=1M", "--max-binlog-cache-size=16G", "--innodb-buffer-pool-size=256M"]
    top = topology(name, name, RULES, metadata=None if name == "mysql-5.6" else "MINIMAL", settings={"spool.keep_size": None},
                   source_options={"extra": extra}, replica_options={"extra": extra}, **options)
    top.source.execute("CREATE DATABASE big")
    top.follow()
    return top


def assert_memory(top, largest_event):
    peak = top.relay.peak_memory()
    assert peak < BASE_MEMORY + largest_event, f"the relay's peak memory was {peak // MEBIBYTE} MiB"


@pytest.mark.parametrize("name", SERVERS)
def test_transaction_of_two_gibibytes(topology, name):
    top = prepare(topology, name)
    top.source.execute("CREATE TABLE big.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)", "BEGIN")
    for _ in range(256):
        top.source.execute(f"INSERT INTO big.t (secret, body) VALUES ('{top.canaries.text()}', REPEAT('b', {8 * MEBIBYTE}))")
    top.source.execute("COMMIT")
    top.wait_caught_up(3600)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body"])
    assert_memory(top, 8 * MEBIBYTE)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name", SERVERS)
def test_row_of_two_hundred_mebibytes(topology, name):
    top = prepare(topology, name)
    top.source.execute("CREATE TABLE big.t (id INT PRIMARY KEY, secret LONGBLOB, body LONGBLOB)")
    token, size = top.canaries.text(), 200 * MEBIBYTE
    top.source.execute(f"INSERT INTO big.t VALUES (1, '{token}', REPEAT('b', {size}))",
                       f"INSERT INTO big.t VALUES (2, REPEAT('{token}', {size // len(token)}), 'small')",
                       "UPDATE big.t SET body=CONCAT(body, 'x')")
    top.wait_caught_up(1200)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body"])
    assert_memory(top, 3 * size)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name", SERVERS)
def test_twenty_thousand_tables(topology, name):
    top = prepare(topology, name)
    for number in range(20000):
        top.source.execute(f"CREATE TABLE big.t{number} (id INT PRIMARY KEY, secret VARCHAR(60), v INT)",
                           f"INSERT INTO big.t{number} VALUES (1, '{top.canaries.text()}', {number})")
    top.wait_caught_up(7200)
    top.assert_tables({f"big.t{number}" for number in range(20000)})
    for number in range(0, 20000, 97):
        compare.assert_same_rows(top.source, top.replica, f"big.t{number}", ["id", "v"])
    assert_memory(top, MEBIBYTE)
    top.assert_no_leak()


@pytest.mark.parametrize("name", SERVERS)
def test_table_of_1017_columns(topology, name):
    """The most columns that InnoDB allows."""
    top = prepare(topology, name)
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
    top.assert_no_leak()
