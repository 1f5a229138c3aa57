"""Files of the spool directory that were put back from another time, alone."""
import pytest

from support import compare, process, topology as topologies

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
