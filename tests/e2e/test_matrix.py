"""Every pair of servers that can replicate, by GTID and by position, with every kind of metadata: what the rules keep arrives
exactly, what they strip is nowhere."""
import dataclasses

import pytest

from support import compare, topology as topologies

from . import workload

AS_55 = ("--binlog-checksum=NONE", "--log-bin-use-v1-row-events=1")


@dataclasses.dataclass(frozen=True)
class Case:
    source: str
    replica: str
    gtid: bool
    metadata: str = None
    extra: tuple = ()
    server_gtid: bool = None
    label: str = ""

    def __str__(self):
        parts = [self.source, "to", self.replica, "gtid" if self.gtid else "position", self.metadata, self.label]
        return "-".join(part for part in parts if part)


def pair(source, replica, ways=(True, False)):
    return [Case(source, replica, gtid, metadata) for gtid in ways for metadata in topologies.metadata_modes(source)]


CASES = [
    *pair("mysql-9.7", "mysql-9.7"),
    *pair("mysql-5.6", "mysql-5.6"),
    *pair("mysql-5.6", "mysql-9.7"),
    *pair("mariadb-10.11", "mariadb-10.11"),
    *pair("mariadb-10.5", "mariadb-10.5"),
    *pair("mariadb-11.8", "mariadb-11.8"),
    *pair("mariadb-10.11", "mariadb-11.8"),
    Case("mysql-5.6", "mysql-5.6", False, extra=AS_55, label="as-5.5"),
    Case("mysql-9.7", "mysql-9.7", False, "FULL", server_gtid=True, label="with-gtids"),
    Case("mysql-9.7", "mysql-9.7", True, "MINIMAL", ("--binlog-transaction-compression=ON",), label="compressed"),
    Case("mysql-9.7", "mysql-9.7", True, "FULL", ("--binlog-checksum=NONE",), label="no-checksum"),
    Case("mariadb-10.11", "mariadb-10.11", True, "NO_LOG", ("--log-bin-compress=ON", "--log-bin-compress-min-len=10"), label="compressed"),
    Case("mariadb-11.8", "mariadb-11.8", True, "FULL", ("--log-bin-compress=ON", "--log-bin-compress-min-len=10"), label="compressed"),
    Case("mariadb-10.11", "mariadb-10.11", False, "FULL", ("--binlog-checksum=NONE",), label="no-checksum"),
]


def make(topology, case, rules, **options):
    extra = case.extra
    if not case.source.startswith("mariadb"):
        extra += ("--binlog-rows-query-log-events=ON",)  # MariaDB's ANNOTATE_ROWS, its like, is on by default
    # A source without checksums is followed by a replica that writes none either, as in the field.
    return topology(case.source, case.replica, rules, gtid=case.gtid, metadata=case.metadata, server_gtid=case.server_gtid,
                    source_options={"extra": extra}, **options)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_kept_arrives_and_stripped_does_not(topology, case):
    top = make(topology, case, workload.RULES, with_relay=False)
    work = workload.Workload(top.source, top.canaries)
    work.create()
    work.write("FULL")
    top.make_relay()
    top.follow()
    top.wait_caught_up()
    assert_outcome(top, workload.TABLES)
    for image in ("MINIMAL", "NOBLOB", "FULL"):
        work.write(image)
    top.wait_caught_up()
    assert_outcome(top, workload.TABLES)
    work.change_schema()
    work.accounts()
    top.wait_caught_up()
    assert_outcome(top, workload.CHANGED_TABLES)
    top.assert_no_leak()
    top.assert_spool_readable()
    top.relay.assert_healthy()
    top.replica.assert_no_error()


def assert_outcome(top, tables):
    for table, expected in tables.items():
        compare.assert_same_schema(top.source, top.replica, table, expected.dropped)
        compare.assert_same_indexes(top.source, top.replica, table, expected.dropped)
        compare.assert_same_rows(top.source, top.replica, table, expected.kept)
        workload.assert_stripped(top.replica, table, expected)
    top.assert_tables(tables)
    if top.source.kind.mariadb or top.source.gtid:
        top.assert_gtids_equal()


BIG_RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "big.*"
optional = true
[table.columns]
id = "keep"
body = "keep"
after = "keep"
""" + topologies.HARNESS_RULE

# Around the packet border: a payload of 0xffffff bytes makes an empty continuation packet necessary.
BORDER = 0xffffff
BIG_SIZES = (1, BORDER - 200, BORDER - 60, BORDER, 20_000_000, 34_000_000)


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8"])
def test_rows_above_one_packet(topology, name):
    extra = ("--innodb-log-file-size=256M",) if name == "mysql-5.6" else ()  # 5.6 wants blobs below a tenth of its log
    case = Case(name, name, True, None if name == "mysql-5.6" else "FULL", extra)
    top = make(topology, case, BIG_RULES, replica_options={"extra": extra})
    top.source.execute("CREATE DATABASE big", "CREATE TABLE big.t (id INT PRIMARY KEY, secret LONGBLOB, body LONGBLOB, after INT)")
    top.follow()
    for number, size in enumerate(BIG_SIZES):
        token = top.canaries.text()
        top.source.execute(
            f"INSERT INTO big.t VALUES ({number}, REPEAT('{token}', 10), REPEAT('b', {size}), 1)",
            f"INSERT INTO big.t VALUES (100+{number}, REPEAT('{token}', {size} DIV 20), 'small', 2)")
    top.source.execute("UPDATE big.t SET after=3", "DELETE FROM big.t WHERE id IN (1, 101)")
    top.wait_caught_up(120)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body", "after"])
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_events_of_every_size_around_the_packet_border(topology, name):
    """Byte by byte around a payload of 0xffffff, as the source sends it and as the relay does: no size is special."""
    top = make(topology, Case(name, name, True, "MINIMAL"), BIG_RULES)
    top.source.execute("CREATE DATABASE big", "CREATE TABLE big.t (id INT PRIMARY KEY, secret VARCHAR(50), body LONGBLOB, after INT)")
    top.source.execute("SET SESSION binlog_row_image='MINIMAL'")
    top.follow()
    # All but the body is 47 bytes in old row events and 49 in new ones; the secret, still there at the source, is 17 more.
    for number, size in enumerate(range(BORDER - 70, BORDER - 43)):
        top.source.execute(f"INSERT INTO big.t VALUES ({number}, '{top.canaries.text()}', REPEAT('x', {size}), 1)")
        if number % 3:
            top.source.execute(f"DELETE FROM big.t WHERE id={number}")
    top.wait_caught_up(300)
    compare.assert_same_rows(top.source, top.replica, "big.t", ["id", "body", "after"])
    top.assert_no_leak()
