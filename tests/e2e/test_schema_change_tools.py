"""Online schema changes under write load: the working tables go by the rules of the table that is changed, and the swap leaves the
replica with the new table, scrubbed."""
import subprocess

import pytest

from support import compare, ghost, topology as topologies

NAMES = ["mysql-9.7", "mariadb-10.11", "mysql-5.6"]
KEPT = ["id", "country", "n"]
EXACT = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "ost.people"
optional = true
[table.columns]
id = { action = "keep", optional = true }
country = { action = "keep", optional = true }
n = { action = "keep", optional = true }
[[table]]
name = "ost.orders"
optional = true
column_default = "keep"
""" + topologies.HARNESS_RULE
# Everything else leaves whole: a working table that fell to this rule would show everything.
WILD = EXACT + """
[[table]]
name = "ost.*"
optional = true
column_default = "keep"
"""
ALTER = "ADD COLUMN phone VARCHAR(40), MODIFY n BIGINT NOT NULL DEFAULT 7, ADD KEY by_country (country)"
COLUMNS = ["id", "email", "country", "n"]


def prepare(topology, name, rules):
    top = topology(name, name, rules, metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.source.execute("CREATE DATABASE ost", "CREATE TABLE ost.people (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60), "
                       "country CHAR(2), n INT NOT NULL DEFAULT 0) ENGINE=InnoDB DEFAULT CHARSET=utf8")
    rows = [row(top, key, 0) for key in range(1, 401)]
    for at in range(0, len(rows), 50):
        top.source.execute("INSERT INTO ost.people VALUES " + ", ".join(values_sql(values) for values in rows[at:at + 50]))
    top.follow()
    top.wait_caught_up()
    return top


def row(top, key, n):
    return [key, top.canaries.text(), "NO" if key % 2 else "SE", n]


def values_sql(values):
    return "(" + ", ".join("NULL" if value is None else f"'{value}'" for value in values) + ")"


def rounds_on(top):
    """Rounds of INSERT, UPDATE and DELETE with the values that they leave behind."""
    def statements(number):
        kind, key = number % 4, 1 + number * 37 % 300
        if kind == 0:
            values = row(top, 1000 + number, number)
            return f"INSERT INTO ost.people ({', '.join(COLUMNS)}) VALUES {values_sql(values)}", [(values[0], values)]
        if kind == 1:
            return f"DELETE FROM ost.people WHERE id = {key}", [(key, None)]
        values = row(top, key, number)
        if kind == 2:
            return f"REPLACE INTO ost.people ({', '.join(COLUMNS)}) VALUES {values_sql(values)}", [(key, values)]
        key = 1000 + number - 3
        values = row(top, key, -number)
        return f"UPDATE ost.people SET email = '{values[1]}', country = '{values[2]}', n = {values[3]} WHERE id = {key}", [(key, values)]

    return statements


def assert_scrubbed(top, tables):
    top.source.execute(f"INSERT INTO ost.people (id, email, country, phone) VALUES (9999, '{top.canaries.text()}', 'DK', '{top.canaries.text()}')")
    top.wait_caught_up(90, connecting=True)
    top.relay.assert_healthy()
    for table in tables:
        compare.assert_same_rows(top.source, top.replica, table, KEPT)
    top.assert_tables(tables)
    compare.assert_same_schema(top.source, top.replica, "ost.people", dropped=("email", "phone"))
    assert top.replica.value("SELECT n FROM ost.people WHERE id = 9999") == 7, "the replica has the new default"
    top.assert_gtids_equal()
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("rules", [EXACT, WILD], ids=["exact", "wildcards"])
@pytest.mark.parametrize("name", NAMES)
def test_gh_ost(topology, name, rules):
    """With the relay killed while the copy is under way: what it knows of the working tables survives."""
    top = prepare(topology, name, rules)
    load = ghost.Load(top.source, rounds_on(top))
    migration = ghost.Migration(top.source, "ost", "people", ALTER, COLUMNS)
    migration.begin()
    chunks = 0
    while migration.copy_chunk(90):
        load.wait_rounds(4)
        migration.apply(load.touched)
        chunks += 1
        if chunks == 3:
            top.relay.kill9()
            load.wait_rounds(4)
            top.relay.start()
    migration.cut_over(load)
    migration.clean_up()
    load.wait_rounds(8)
    load.stop()
    assert_scrubbed(top, {"ost.people", "ost._people_del"})
    top.source.execute("DROP TABLE ost._people_del")
    top.wait_caught_up()
    top.assert_tables({"ost.people"})


def run_pt_osc(top, alter, *arguments):
    """The program itself; the server's own account may do everything."""
    command = ["pt-online-schema-change", "--alter", alter, f"D=ost,t=people,S={top.source.socket},u=root", "--execute",
               "--no-version-check", "--recursion-method=none", "--no-check-replication-filters", "--chunk-size=40",
               "--statistics", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0 and "Successfully altered" in text, f"pt-online-schema-change ended with {done.returncode}:\n{text}"


@pytest.mark.parametrize("rules", [EXACT, WILD], ids=["exact", "wildcards"])
@pytest.mark.parametrize("name", NAMES)
def test_pt_online_schema_change(topology, name, rules):
    top = prepare(topology, name, rules)
    load = ghost.Load(top.source, rounds_on(top))
    run_pt_osc(top, ALTER)
    load.wait_rounds(8)
    run_pt_osc(top, "ADD KEY by_n (n)", "--no-drop-old-table")
    load.wait_rounds(8)
    load.stop()
    assert_scrubbed(top, {"ost.people", "ost._people_old"})


def test_a_copy_by_like_keeps_its_rules_over_a_restart_and_check_shows_it(topology):
    top = prepare(topology, "mysql-9.7", WILD)
    top.source.execute("CREATE TABLE ost.backup LIKE ost.people", "INSERT INTO ost.backup SELECT * FROM ost.people")
    top.wait_caught_up()
    top.relay.kill9()
    top.source.execute(f"INSERT INTO ost.backup VALUES (5000, '{top.canaries.text()}', 'FI', 1)")
    top.relay.start()
    top.source.execute(f"INSERT INTO ost.backup VALUES (5001, '{top.canaries.text()}', 'FI', 2)")
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "ost.backup", KEPT)
    code, text = top.relay.check()
    assert code == 0 and "ost.backup  under the rules of ost.people" in text, text
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_copy_by_like_of_a_table_that_is_held_back_does_not_leave_whatever_wildcards_it_fits(topology, name):
    """Table maps name its columns, so the rows alone would pass by the wildcard."""
    rules = WILD + '\n[[table]]\nname = "ost.hidden"\noptional = true\ncolumn_default = "drop"\n'
    top = topology(name, name, rules, metadata="FULL")
    secret = top.canaries.text()
    top.source.execute("CREATE DATABASE ost", "CREATE TABLE ost.hidden (id INT PRIMARY KEY, a VARCHAR(60))")
    top.follow()
    top.source.execute(f"INSERT INTO ost.hidden VALUES (1, '{secret}')", "CREATE TABLE ost.backup LIKE ost.hidden",
                       "INSERT INTO ost.backup SELECT * FROM ost.hidden")
    top.wait_caught_up()
    top.relay.kill9()
    top.relay.start()
    top.source.execute("UPDATE ost.backup SET id = 2", "DROP TABLE ost.backup")
    top.wait_caught_up(connecting=True)
    top.relay.assert_healthy()
    top.assert_no_leak()
