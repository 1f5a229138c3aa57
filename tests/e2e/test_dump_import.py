"""A dump that is read in at the source: tables before those that their foreign keys point to, over what was there."""
import pytest

from support import compare, topology as topologies

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "ops.*"
optional = true
column_default = "keep"
[table.columns]
id = "keep"
secret = { action = "drop", optional = true }
""" + topologies.HARNESS_RULE

ALL = ["mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8"]


def followed(topology, name):
    top = topology(name, name, RULES, gtid=True, metadata=None if name == "mysql-5.6" else "MINIMAL")
    top.follow()
    top.source.execute("CREATE DATABASE ops")
    return top


def dump(top, rows):
    """The statements of a dump with --add-drop-table, in the order of names."""
    return ["SET foreign_key_checks=0", "DROP TABLE IF EXISTS ops.child",
            "CREATE TABLE ops.child (id INT PRIMARY KEY, parent_id INT, secret VARCHAR(60), "
            "CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES ops.parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
            *(f"INSERT INTO ops.child VALUES ({row}, {row}, '{top.canaries.text()}')" for row in rows),
            "DROP TABLE IF EXISTS ops.parent", "CREATE TABLE ops.parent (id INT PRIMARY KEY, secret VARCHAR(60))",
            *(f"INSERT INTO ops.parent VALUES ({row}, '{top.canaries.text()}')" for row in rows), "SET foreign_key_checks=1"]


@pytest.mark.parametrize("name", ALL)
def test_foreign_keys_that_come_before_their_table(topology, name):
    top = followed(topology, name)

    def same():
        top.wait_caught_up()
        compare.assert_same_rows(top.source, top.replica, "ops.child", ["id", "parent_id"])
        compare.assert_same_rows(top.source, top.replica, "ops.parent", ["id"])

    top.source.execute(*dump(top, range(5)), "DELETE FROM ops.parent WHERE id = 1", "UPDATE ops.parent SET id = 20 WHERE id = 2")
    same()
    top.source.execute(*dump(top, range(10)), "DELETE FROM ops.parent WHERE id = 3")
    same()
    # Without its table the key is still there, and can be taken away.
    top.source.execute("SET foreign_key_checks=0", "DROP TABLE ops.parent", "SET foreign_key_checks=1", "ALTER TABLE ops.child DROP FOREIGN KEY of_parent",
                       "INSERT INTO ops.child VALUES (99, 99, 'x')")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.child", ["id", "parent_id"])
    top.assert_gtids_equal()
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_foreign_key_to_a_column_of_which_nobody_knows_yet(topology, name):
    """The table will show that the column has the values of one that does not leave: too late for rows that came before."""
    top = followed(topology, name)
    top.source.execute("SET foreign_key_checks=0",
                       "CREATE TABLE ops.first (id INT PRIMARY KEY, copy VARCHAR(60), FOREIGN KEY (copy) REFERENCES ops.second (made))",
                       f"INSERT INTO ops.first VALUES (1, '{top.canaries.text()}')",
                       "CREATE TABLE ops.second (id INT PRIMARY KEY, secret VARCHAR(60), made VARCHAR(60) AS (secret) STORED UNIQUE)")
    assert "no rule names its columns" in top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    top.assert_no_leak()


@pytest.mark.parametrize("name", ALL)
def test_a_foreign_key_to_a_name_without_a_database(topology, name):
    """It means the table's own, not the session's."""
    top = followed(topology, name)
    top.source.execute("CREATE TABLE ops.person (id INT PRIMARY KEY, secret VARCHAR(60) UNIQUE)", "CREATE DATABASE other", "USE other",
                       "CREATE TABLE ops.card (id INT PRIMARY KEY, ref VARCHAR(60), person_id INT, FOREIGN KEY (ref) REFERENCES person (secret), "
                       "FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE CASCADE)")
    value = top.canaries.text()
    top.source.execute(f"INSERT INTO ops.person VALUES (1, '{value}'), (2, NULL)", f"INSERT INTO ops.card VALUES (1, '{value}', 1), (2, NULL, 2)",
                       "UPDATE ops.card SET ref = NULL", "DELETE FROM ops.person WHERE id = 1")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.card", ["id", "person_id"])
    top.assert_no_leak()


@pytest.mark.parametrize("name", ALL)
def test_a_foreign_key_to_a_table_that_will_not_leave_as_the_key_needs_it(topology, name):
    """The key would change rows at the source without row events, or the replica would refuse the table."""
    top = followed(topology, name)
    if name == "mysql-9.7":
        top.source.execute("SET restrict_fk_on_non_standard_key=OFF")
    top.source.execute("SET foreign_key_checks=0",
                       "CREATE TABLE ops.child (id INT PRIMARY KEY, parent_id INT, FOREIGN KEY (parent_id) REFERENCES ops.parent (id) ON DELETE CASCADE)",
                       "INSERT INTO ops.child VALUES (1, 1)")
    top.wait_caught_up()
    top.source.execute("CREATE TABLE ops.parent (id INT NOT NULL, secret VARCHAR(60) NOT NULL, UNIQUE (id, secret))")
    assert "foreign key to what would no longer leave" in top.relay.wait_halted()
    top.relay.expected_ends.add(3)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_a_view_gets_another_name(topology, name):
    top = followed(topology, name)
    top.source.execute("CREATE TABLE ops.t (id INT PRIMARY KEY, secret VARCHAR(60))", "CREATE VIEW ops.v AS SELECT * FROM ops.t",
                       "RENAME TABLE ops.v TO ops.w", "RENAME TABLE ops.w TO ops.v, ops.t TO ops.u", f"INSERT INTO ops.u VALUES (1, '{top.canaries.text()}')")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.u", ["id"])
    top.assert_no_leak()
