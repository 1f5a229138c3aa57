"""Files of the spool directory that cannot be made, or were put back from another time, alone."""
import contextlib
import json
import signal
import time

import pytest

from support import compare, process, proxy as proxies, relay as relays, topology as topologies
from support.replication import Replica

from .halting import statement

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "shop.*"
optional = true
column_default = "keep"
[table.columns]
secret = { action = "drop", optional = true }
""" + topologies.HARNESS_RULE
HISTORY = ("schema.history", "schema.history.end")
REWRITTEN_ABOVE = 1 << 20  # bytes of a schema history


@contextlib.contextmanager
def a_replica(name, **options):
    """One more of the source's own; the relay is not between."""
    made = Replica(name, gtid=True, **options)
    try:
        yield made
    finally:
        made.destroy()


def insert(top, number):
    top.source.execute(f"INSERT INTO shop.t (id, public, secret) VALUES ({number}, 'open', '{top.canaries.text()}')")


def put_back(top, files):
    for name in HISTORY:
        (top.relay.spool / name).unlink(missing_ok=True)
    for name, content in files.items():
        (top.relay.spool / name).write_bytes(content)
        (top.relay.spool / name).chmod(0o600)


@pytest.mark.parametrize("rotated", [False, True], ids=["same-file", "rotated"])
@pytest.mark.parametrize("name,gtid", [("mysql-9.7", True), ("mysql-5.6", False), ("mariadb-10.11", True)])
def test_an_older_schema_history_is_not_gone_on_with(topology, name, gtid, rotated):
    """Columns that only changed places fit the old history's table maps, and would be taken for each other."""
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.follow()
    top.source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))")
    insert(top, 1)
    top.wait_caught_up()
    top.relay.stop()
    old = {file: (top.relay.spool / file).read_bytes() for file in HISTORY}
    top.relay.start()
    top.source.execute("ALTER TABLE shop.t MODIFY COLUMN public VARCHAR(60) AFTER secret")
    if rotated:
        top.source.execute("FLUSH LOGS")
    insert(top, 2)
    top.wait_caught_up(connecting=True)
    top.relay.stop()
    new = {file: (top.relay.spool / file).read_bytes() for file in HISTORY}
    insert(top, 3)
    for files in (old, {HISTORY[0]: old[HISTORY[0]]}, {}):
        put_back(top, files)
        top.relay.start()
        reason = top.relay.wait_halted()
        assert "schema history" in reason and "restore the spool directory" in top.relay.http("/health")[1] + top.relay.log_text(), reason
        top.relay.expected_ends.add(3)
        top.relay.stop()
    put_back(top, new)
    top.relay.start()
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 30, lambda: f"healthy: {top.relay.http('/health')}")
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "public"])
    top.assert_no_leak()


@pytest.mark.parametrize("name,gtid", [("mysql-9.7", False), ("mysql-5.6", False), ("mysql-9.7", True), ("mariadb-10.11", True), ("mariadb-10.11", False)])
def test_a_new_file_that_fails_twice_does_not_read_the_old_one_again(topology, name, gtid):
    """What was read again would be in the spool twice, and by the columns that its tables have only now."""
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.follow()
    top.source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))", "FLUSH LOGS")
    insert(top, 1)
    top.source.execute("ALTER TABLE shop.t MODIFY COLUMN public VARCHAR(60) AFTER secret")
    insert(top, 2)
    top.wait_caught_up()
    last = len(top.relay.spool_files())
    first, second = (top.relay.spool / f"spool.{last + number:06d}" for number in (1, 2))
    first.mkdir()
    second.mkdir()
    top.source.execute("FLUSH LOGS")
    process.wait_until(lambda: top.relay.log_text().count("following the source") > 1, 60, "the relay tries again")
    first.rmdir()
    process.wait_until(first.is_file, 60, "the new file is there")
    time.sleep(1)  # for what should not be tried now: one more file
    second.rmdir()
    insert(top, 3)
    top.wait_caught_up(connecting=True)
    files = [json.loads(line).get("source_file") for line in (top.relay.spool / "spool.index").read_text().splitlines()[1:-1]]
    assert len(files) == len(set(files)), files
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "public"])
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_new_file_that_fails_while_the_address_is_another_servers(topology, name):
    """The address moves to a server whose file cannot be begun, and back: the first one's file goes on, of which more is to come."""
    top = topology(name, name, RULES, gtid=True, with_relay=False, settings={"source.tls": "off"})
    port = [top.source.port]
    with a_replica(name) as other, contextlib.closing(proxies.Proxy(lambda: port[0])) as proxy:
        other.follow("127.0.0.1", top.source.port, relays.SOURCE_USER, relays.SOURCE_PASSWORD)
        top.make_relay(source=("127.0.0.1", proxy.port))
        top.follow()
        top.source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))")
        insert(top, 1)
        top.wait_caught_up(connecting=True)
        other.wait_caught_up(top.source)
        in_the_way = top.relay.spool / f"spool.{len(top.relay.spool_files()) + 1:06d}"
        in_the_way.mkdir()
        port[0] = other.port
        proxy.drop_connections()
        process.wait_until(lambda: top.relay.log_text().count("Is a directory") > 1, 60, "the other server's file is tried")
        port[0] = top.source.port
        proxy.drop_connections()
        in_the_way.rmdir()
        proxy.drop_connections()
        insert(top, 2)
        top.wait_caught_up(connecting=True)
        top.source.execute("FLUSH LOGS")
        insert(top, 3)
        top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "public"])
    top.assert_gtids_equal()
    top.assert_no_leak()
    top.assert_spool_readable()


def test_a_history_written_anew_is_good_for_the_start_behind_a_kill(topology):
    """Transactions of which nothing leaves move the position in memory alone; the history must not be ahead of the disk then."""
    top = topology("mysql-5.6", "mysql-5.6", RULES, gtid=False)
    top.follow()
    columns = ", ".join(f"a_column_with_a_long_name_{number} INT" for number in range(500))
    top.source.execute("CREATE DATABASE shop", "CREATE DATABASE unseen", f"CREATE TABLE shop.big (id INT PRIMARY KEY, {columns})",
                       "CREATE TABLE shop.t (id INT PRIMARY KEY, public VARCHAR(60), secret VARCHAR(60))",
                       "CREATE TABLE shop.passed (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60))")
    history = top.relay.spool / "schema.history"
    for number in range(200):
        top.source.execute(f"ALTER TABLE shop.big ADD COLUMN z{number} INT")
        if number % 10 == 9:
            top.wait_caught_up()
            if history.stat().st_size > REWRITTEN_ABOVE * 1.1:
                break
    assert history.stat().st_size > REWRITTEN_ABOVE
    insert(top, 1)
    top.wait_caught_up()
    secret = top.canaries.text()
    statement(top, "CREATE TABLE unseen.x (id INT PRIMARY KEY)", f"INSERT INTO shop.passed (secret) VALUES ('{secret}')")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    top.relay.child.send_signal(signal.SIGHUP)
    process.wait_until(lambda: history.stat().st_size < REWRITTEN_ABOVE, 30, "the history is written anew")
    top.relay.kill9()
    top.relay.start()
    assert "schema history" not in top.relay.wait_halted()
    assert top.relay.command("resolve", "--skip")[0] == 0
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "public"])
    top.assert_no_leak()
