"""A source with lower_case_table_names = 1: names mean the same however a statement or the rules write them."""
import pytest

from support import compare, relay as relays, topology as topologies

RULES = """
[[table]]
name = "Shop.People"
optional = true
column_default = "keep"
[table.columns]
secret = { action = "drop", optional = true }
[[table]]
name = "shop.audit"
optional = true
column_default = "keep"
""" + topologies.HARNESS_RULE
FOLDS = {"extra": ["--lower-case-table-names=1"]}


@pytest.mark.parametrize("name", ["mysql-5.6", "mariadb-10.11"])
def test_names_are_those_of_the_tables_however_they_are_written(topology, name):
    top = topology(name, name, RULES, source_options=FOLDS, replica_options=FOLDS)
    text = top.canaries.text
    top.follow()
    top.source.execute("CREATE DATABASE SHOP", "CREATE TABLE Shop.PEOPLE (id INT PRIMARY KEY, secret VARCHAR(60), n INT)",
                       "CREATE TABLE shop.Audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(60))")
    top.source.execute(f"INSERT INTO shop.people VALUES (1, '{text()}', 1), (2, '{text()}', 2)",
                       "ALTER TABLE SHOP.people ADD COLUMN Kept INT, ADD COLUMN other INT FIRST", f"UPDATE Shop.People SET secret = '{text()}', kept = 7",
                       "CREATE TABLE shop._people_NEW LIKE SHOP.people", "ALTER TABLE shop._People_new DROP COLUMN other",
                       "INSERT INTO shop._people_new SELECT id, secret, n, kept FROM shop.PEOPLE",
                       "RENAME TABLE shop.People TO shop._people_OLD, shop._PEOPLE_new TO shop.pEople", f"INSERT INTO SHOP.PEOPLE VALUES (3, '{text()}', 3, 3)")
    top.wait_caught_up(90)
    compare.assert_same_rows(top.source, top.replica, "shop.people", ["id", "n", "Kept"])
    top.assert_tables({"shop.people", "shop.audit", "shop._people_old"})
    top.assert_no_leak()
    top.source.execute("CREATE TRIGGER shop.tr AFTER INSERT ON shop.PEOPLE FOR EACH ROW INSERT INTO Shop.AUDIT (what) VALUES (NEW.secret)",
                       f"INSERT INTO shop.people VALUES (4, '{text()}', 4, 4)")
    assert "table shop.audit, column what" in top.relay.wait_halted(60)
    top.relay.expected_ends.add(3)
    top.source.execute(f"GRANT TRIGGER ON *.* TO '{relays.SOURCE_USER}'@'%'")
    code, told = top.relay.command("check")
    assert code == 3 and "table shop.audit, column what" in told, told
    top.assert_no_leak()
