"""Sessions that log statements: what they write to tables that do not leave is left out where the rules say so; the rest halts."""
import pytest

from support import compare, process, relay as relays, topology as topologies

RULES = """
[statements]
dml = "drop-if-denied"
[[table]]
name = "st.open"
optional = true
column_default = "drop"
[table.columns]
id = { action = "keep", optional = true }
""" + topologies.HARNESS_RULE
NAMES = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]


def prepare(topology, name, settings=None, with_relay=True):
    top = topology(name, name, RULES, metadata=None if name == "mysql-5.6" else "MINIMAL", settings=settings, with_relay=with_relay,
                   source_options={"extra": ["--log-bin-trust-function-creators=1"]})
    top.source.execute("CREATE DATABASE st", "CREATE TABLE st.open (id INT PRIMARY KEY, name VARCHAR(60))",
                       "CREATE TABLE st.held (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60), r DOUBLE)")
    return top


def write_statements(top, folder):
    """Everything that statement format puts into a binary log, about a table that does not leave."""
    file = folder / "people.txt"
    file.write_text("".join(f"{key}\t{top.canaries.text()}\n" for key in range(100, 140)))
    text = top.canaries.text
    top.source.execute("SET SESSION binlog_format = STATEMENT", "USE st", f"INSERT INTO held (name) VALUES ('{text()}')",
                       f"SET @v = '{text()}'", "INSERT INTO held (name) VALUES (@v)", "BEGIN",
                       f"UPDATE held SET name = '{text()}' WHERE id = 1", "DELETE FROM held WHERE id = 2", "COMMIT",
                       f"LOAD DATA INFILE '{file}' INTO TABLE held (id, name)", "SET SESSION binlog_format = ROW")


@pytest.mark.parametrize("name", NAMES)
def test_statements_on_held_back_tables_are_left_out(topology, name):
    top = prepare(topology, name)
    top.follow()
    write_statements(top, top.source.folder)
    top.source.execute(f"INSERT INTO st.open VALUES (1, '{top.canaries.text()}')")
    top.wait_caught_up(90)
    top.relay.assert_healthy()
    compare.assert_same_rows(top.source, top.replica, "st.open", ["id"])
    top.assert_tables({"st.open"})
    top.assert_gtids_equal()
    top.assert_no_leak()
    top.source.execute("SET SESSION binlog_format = STATEMENT", "CREATE TRIGGER st.tr AFTER INSERT ON st.held FOR EACH ROW "
                       "INSERT INTO st.open (id) VALUES (NEW.id + 1000)", f"INSERT INTO st.held (name) VALUES ('{top.canaries.text()}')")
    reason = top.relay.wait_halted(60)
    top.relay.expected_ends.add(3)
    assert "st.held" in reason and "binlog_format" in reason, reason
    top.assert_no_leak()


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_loaded_are_left_out_or_passed_over(topology, name):
    """Several in one transaction, in many blocks, and one into a table that leaves."""
    top = prepare(topology, name)
    top.follow()
    lines, document = top.source.folder / "lines.txt", top.source.folder / "document.xml"
    lines.write_text("".join(f"{key}\t{top.canaries.text()}\n" for key in range(1000, 4000)))
    document.write_text(f'<list><row id="1" name="{top.canaries.text()}"/></list>')
    loads = [f"LOAD DATA INFILE '{lines}' INTO TABLE st.held (id, name)",
             f"LOAD DATA CONCURRENT LOCAL INFILE '{lines}' REPLACE INTO TABLE st.held CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' (id, @v) SET name = @v",
             f"LOAD XML INFILE '{document}' INTO TABLE st.held ROWS IDENTIFIED BY '<row>'"]
    into_open = f"LOAD DATA INFILE '{lines}' INTO TABLE st.open"
    with top.source.connect(local_infile=True) as connection, connection.cursor() as cursor:
        for sql in ("SET SESSION binlog_format = STATEMENT", "BEGIN", *loads, "COMMIT"):
            cursor.execute(sql)
    top.wait_caught_up(90)
    with top.source.connect() as connection, connection.cursor() as cursor:
        for sql in ("SET SESSION binlog_format = STATEMENT", "BEGIN", "DELETE FROM st.held", loads[0], into_open, loads[2], "COMMIT"):
            cursor.execute(sql)
    top.relay.wait_halted(60)
    top.relay.expected_ends.add(3)
    top.source.execute(f"INSERT INTO st.open VALUES (1, '{top.canaries.text()}')")
    assert top.relay.command("resolve", "--skip")[0] == 0
    top.wait_caught_up(90, connecting=True)
    assert top.replica.query("SELECT id FROM st.open") == [(1,)]
    top.assert_tables({"st.open"})
    top.assert_gtids_equal()
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_tables_that_are_there_before_the_first_start_are_known_with_the_privilege_trigger(topology, name):
    top = prepare(topology, name, settings={"source.start": "latest"}, with_relay=False)
    top.make_relay(start=False)
    code, text = top.relay.check()
    assert code == 0 and "TRIGGER" in text, text
    top.source.execute(f"GRANT TRIGGER ON *.* TO '{relays.SOURCE_USER}'@'%'")
    code, text = top.relay.check()
    assert code == 0 and "TRIGGER" not in text, text
    top.relay.start()
    process.wait_until(lambda: top.relay.status()["phase"] == "streaming", 60, lambda: f"the relay has its place: {top.relay.http('/status')}")
    write_statements(top, top.source.folder)
    top.source.execute(f"INSERT INTO st.open VALUES (1, '{top.canaries.text()}')")
    # Of each statement's transaction the BEGIN leaves, and nothing else of it.
    process.wait_until(lambda: top.relay.http("/health")[0] == 503 or top.relay.status()["statements"]["dropped"] >= 5, 60,
                       lambda: f"five statements left out: {top.relay.http('/status')}")
    top.relay.assert_healthy()
