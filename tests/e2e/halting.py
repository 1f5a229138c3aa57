"""A stream that halts, and what the relay and its record say of it."""
import json

from support import process, topology as topologies

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "go.*"
optional = true
column_default = "halt"
[table.columns]
id = "keep"
n = "keep"
secret = { action = "drop", optional = true }
""" + topologies.HARNESS_RULE
PAIRS = [("mysql-9.7", True), ("mysql-9.7", False), ("mysql-5.6", True), ("mysql-5.6", False), ("mariadb-10.11", True),
         ("mariadb-10.11", False), ("mariadb-11.8", True)]
GTID_PAIRS = [pair for pair in PAIRS if pair[1]]


def prepare(topology, name, gtid, **options):
    top = topology(name, name, RULES, gtid=gtid, metadata=None if name == "mysql-5.6" else "MINIMAL", **options)
    top.source.execute("CREATE DATABASE go", "CREATE TABLE go.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), n INT)",
                       "CREATE TABLE go.gone (id INT AUTO_INCREMENT PRIMARY KEY, n INT)")
    top.follow()
    write(top)
    top.wait_caught_up()
    return top


def write(top, rows=3, n=1):
    for _ in range(rows):
        top.source.execute(f"INSERT INTO go.t (secret, n) VALUES ('{top.canaries.text()}', {n})")


def statement(top, *statements):
    """Statements of a session in statement format."""
    with top.source.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION binlog_format='STATEMENT'")
        for sql in statements:
            cursor.execute(sql)


def halt_by_dml(top, n=1000):
    secret = top.canaries.text()
    statement(top, f"INSERT INTO go.t (secret, n) VALUES ('{secret}', {n})")
    reason = top.relay.wait_halted()
    assert secret not in reason
    top.relay.expected_ends.add(3)
    return reason


def wait_healthy(top):
    process.wait_until(lambda: top.relay.http("/health")[0] == 200, 30, lambda: f"healthy: {top.relay.http('/health')}")


def rows_of(server):
    return sorted(server.query("SELECT id, n FROM go.t"))


def assert_all_but_statements(top):
    """The replica has every row but those written in statement format, and every GTID."""
    top.wait_caught_up(60, connecting=True)
    assert rows_of(top.replica) == [row for row in rows_of(top.source) if row[1] < 1000]
    if top.gtid:
        top.assert_gtids_equal()


def assert_whole_record(top):
    code, text = top.relay.command("audit", "--verify")
    assert code == 0, text


def entries(top, kind=None):
    code, text = top.relay.command("audit", "--json")
    assert code == 0, text
    found = [json.loads(line) for line in text.splitlines()]
    return [entry for entry in found if kind in (None, entry["kind"])]
