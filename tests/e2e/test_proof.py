"""The egress check and the canaries, on real servers (every other end-to-end test runs with the check on)."""
import pytest

from support import compare, topology as topologies

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "shop.*"
optional = true
column_default = "keep"
[table.columns]
secret = "drop"
blank = { action = "null", optional = true }
fixed = { action = "constant", value = "same", optional = true }
""" + topologies.HARNESS_RULE
PLANTED = "Canary-4711-Bergen"
SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8"]


def with_canary(top):
    """A relay that searches for the planted value."""
    text = top.relay.config.read_text() + '\n[[canary]]\nname = "planted in Bergen"\nvalue_file = "canary.value"\n'
    top.relay.write_secret("canary.value", PLANTED)
    top.relay.config.write_text(text)
    top.relay.start()


def prepare(topology, name, prove):
    top = topology(name, name, RULES, gtid=name != "mysql-5.6", settings={"spool.prove": prove}, with_relay=False)
    top.make_relay(start=False)
    with_canary(top)
    top.source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, secret VARCHAR(60), note TEXT, number BIGINT)")
    top.follow()
    return top


@pytest.mark.parametrize("prove", [True, False])
@pytest.mark.parametrize("name", SERVERS)
def test_a_planted_value_in_a_kept_column_stops_the_stream_before_it(topology, name, prove):
    top = prepare(topology, name, prove)
    top.source.execute(f"INSERT INTO shop.t VALUES (1, '{PLANTED}', 'fine', 1)")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "shop.t", ["id", "note", "number"])
    top.source.execute(f"INSERT INTO shop.t VALUES (2, 'x', 'he said {PLANTED.upper()} once', 2)")
    reason = top.relay.wait_halted()
    assert "planted in Bergen" in reason and "shop.t" in reason, reason
    assert "4711" not in reason and "4711" not in top.relay.log_text()
    for file in top.relay.spool_files():
        assert PLANTED.upper().encode() not in file.read_bytes(), f"the canary is in {file}"
    assert top.replica.value("SELECT COUNT(*) FROM shop.t") == 1
    top.relay.expected_ends.add(3)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_planted_value_in_ddl_stops_the_stream_before_it(topology, name):
    top = prepare(topology, name, False)
    top.wait_caught_up()
    top.source.execute(f"ALTER TABLE shop.t ADD c VARCHAR(40) DEFAULT '{PLANTED}'")
    reason = top.relay.wait_halted()
    assert "planted in Bergen" in reason and "4711" not in reason, reason
    top.relay.expected_ends.add(3)


@pytest.mark.parametrize("name", SERVERS)
def test_blanked_columns_and_changing_tables_pass_the_check(topology, name):
    """Rules that replace values, DDL between rows, several tables in one transaction, a restart in the middle of a file."""
    top = topology(name, name, RULES, gtid=name != "mysql-5.6")
    top.source.execute(
        "CREATE DATABASE shop",
        "CREATE TABLE shop.a (id INT PRIMARY KEY, secret VARCHAR(60), blank VARCHAR(20) NOT NULL, fixed CHAR(10), kept DECIMAL(20,4))",
        "CREATE TABLE shop.b (id INT PRIMARY KEY, blank DATETIME, kept TEXT, secret BLOB)")
    top.follow()
    for number in range(1, 4):
        token = top.canaries.text()
        top.source.execute("BEGIN", f"INSERT INTO shop.a (id, secret, blank, fixed, kept) VALUES ({number}, '{token}', '{token}', '{token[:10]}', {number}.25)",
                           f"INSERT INTO shop.b VALUES ({number}, NOW(), 'kept {number}', '{token}')", "COMMIT",
                           f"UPDATE shop.a, shop.b SET shop.a.kept = 7, shop.b.kept = 'seven' WHERE shop.a.id = shop.b.id AND shop.a.id = {number}",
                           f"ALTER TABLE shop.a ADD COLUMN extra{number} INT DEFAULT {number}, DROP COLUMN secret",
                           f"ALTER TABLE shop.a ADD COLUMN secret VARCHAR(70) AFTER id")
        top.relay.stop()
        top.relay.start()
        top.source.execute(f"DELETE FROM shop.b WHERE id = {number}", f"INSERT INTO shop.b VALUES ({number}, NULL, NULL, '{token}')")
    top.wait_caught_up(120, connecting=True)
    top.relay.assert_healthy()
    compare.assert_same_rows(top.source, top.replica, "shop.a", ["id", "kept", "extra1", "extra2", "extra3"])
    compare.assert_same_rows(top.source, top.replica, "shop.b", ["id", "kept"])
    assert top.replica.value("SELECT COUNT(*) FROM shop.a WHERE blank <> '' OR fixed <> 'same'") == 0
    top.assert_no_leak()
