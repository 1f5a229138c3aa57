"""The first start in the middle of a source's log: where it is, it stays, whatever happens before anything is in the spool."""
import contextlib

import pytest

from support import compare, process, proxy as proxies, spool, topology as topologies

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "first.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
""" + topologies.HARNESS_RULE
BEFORE = 5  # rows that lie before the start
ROWS, ROW_SIZE = 3, 2 << 20  # of the first transaction: the spool's writer keeps up to 1 MiB in memory


def prepare(topology, name, gtid, **options):
    """A source with a history, and a replica that has what the relay would have made of it."""
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL", with_relay=False, **options)
    top.source.execute("CREATE DATABASE first", "CREATE TABLE first.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), body LONGBLOB)")
    write(top, BEFORE)
    seed = ["CREATE DATABASE first", "CREATE TABLE first.t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB)",
            "CREATE DATABASE harness", "CREATE TABLE harness.marker (id BIGINT PRIMARY KEY) ENGINE=InnoDB",
            *[f"INSERT INTO first.t VALUES ({row}, 'b')" for row in range(1, BEFORE + 1)]]
    top.replica.execute("SET sql_log_bin=0", *seed, "SET sql_log_bin=1")
    return top


def write(top, rows):
    for _ in range(rows):
        top.source.execute(f"INSERT INTO first.t (secret, body) VALUES ('{top.canaries.text()}', 'b')")


def place(source):
    """(file, offset, GTIDs) of the end of the source's log."""
    row = source.query("SHOW BINARY LOG STATUS" if source.name == "mysql-9.7" else "SHOW MASTER STATUS")[0]
    return row[0], int(row[1]), source.value("SELECT @@global.gtid_binlog_pos") if source.kind.mariadb else row[4].replace("\n", "")


def say_what_the_replica_has(top, gtids):
    if top.source.kind.mariadb:
        top.replica.execute(f"SET GLOBAL gtid_slave_pos='{gtids}'")
    elif top.gtid:
        top.replica.execute("RESET BINARY LOGS AND GTIDS" if top.replica.name == "mysql-9.7" else "RESET MASTER", f"SET GLOBAL gtid_purged='{gtids}'")


@pytest.mark.parametrize("how", ["latest", "position"])
@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mysql-9.7", False), ("mysql-5.6", True), ("mysql-5.6", False),
                                        ("mariadb-10.11", True), ("mariadb-10.11", False), ("mariadb-11.8", True)])
def test_killed_before_its_first_commit_it_goes_on_exactly_where_it_began(topology, figure, name, gtid, how):
    top = prepare(topology, name, gtid, settings={"source.tls": "off"})
    file, offset, gtids = place(top.source)
    assert offset > 1000, "the start would not lie inside of a file"
    top.settings["source.start"] = "latest" if how == "latest" else f"{file}:{offset}"
    with contextlib.closing(proxies.Proxy(lambda: top.source.port, with_gtids=gtid or name != "mysql-5.6")) as proxy:
        top.make_relay(source=("127.0.0.1", proxy.port))
        process.wait_until(top.relay.spool_files, 30, "the spool has its first file")
        top.relay.kill9()
        say_what_the_replica_has(top, gtids)
        figure("bytes of the first transaction in the spool when killed", die_inside_the_first_transaction(top, proxy))
        top.relay.start()
        top.follow()
        write(top, 2)
        top.wait_caught_up(60, connecting=True)
    compare.assert_same_rows(top.source, top.replica, "first.t", ["id", "body"])
    assert top.replica.value("SELECT COUNT(*) FROM first.t") == BEFORE + ROWS + 2
    if top.source.kind.mariadb or gtid:
        top.assert_gtids_equal()
    assert len(top.relay.spool_files()) == 1, "one source file is one spool file"
    top.assert_no_leak()
    top.assert_spool_readable()


def die_inside_the_first_transaction(top, proxy):
    """What is behind the start has to arrive although the relay dies twice before it has committed anything."""
    with top.source.connect(autocommit=False) as connection, connection.cursor() as cursor:
        for _ in range(ROWS):
            cursor.execute(f"INSERT INTO first.t (secret, body) VALUES ('{top.canaries.text()}', REPEAT('b', {ROW_SIZE}))")
        connection.commit()

    def kill():
        process.wait_until(lambda: torn_bytes(top) > ROW_SIZE, 30, "a part of the transaction is in the spool")
        top.relay.child.kill()

    proxy.on_cut = kill
    proxy.cut_after(2 * ROWS, torn=True)
    top.relay.start(wait=False)
    assert proxy.cut.wait(60), f"the relay did not ask for the transaction: {process.tail(top.relay.log)}"
    top.relay.child.wait()
    records, _, _ = spool.journal(top.relay.spool_files()[-1])
    assert records == 1, f"the relay had committed {records - 1} transactions: it was killed too late"
    assert torn_bytes(top) > ROW_SIZE
    return torn_bytes(top)


def torn_bytes(top):
    file, = top.relay.spool_files()
    return spool.torn_bytes(file)


def test_a_schema_that_takes_long_to_read_is_waited_for(topology):
    """Questions may take longer than the heartbeats of a stream: a source with many tables has much to answer."""
    settings = {"source.tls": "off", "source.heartbeat": "500ms", "source.start": "latest"}
    top = prepare(topology, "mariadb-10.11", True, settings=settings)
    gtids = place(top.source)[2]
    with contextlib.closing(proxies.Proxy(lambda: top.source.port)) as proxy:
        proxy.slow_down("information_schema.TABLES", 4)  # three heartbeats, rounded up to seconds, are 2
        top.make_relay(source=("127.0.0.1", proxy.port))
        process.wait_until(top.relay.spool_files, 30, lambda: f"the spool has its first file: {process.tail(top.relay.log)}")
        assert proxy.slowed > 0, "no question was slowed down: this test proved nothing"
        say_what_the_replica_has(top, gtids)
        top.follow()
        write(top, 2)
        top.wait_caught_up(60)
    compare.assert_same_rows(top.source, top.replica, "first.t", ["id", "body"])
