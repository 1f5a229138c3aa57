"""What applications and operators do that a relay is easily wrong about."""
import pathlib

import pytest

from support import compare, process, topology as topologies

from .test_operations import small_disk  # noqa: F401  (a fixture)

RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "ops.*"
optional = true
column_default = "keep"
[table.columns]
secret = { action = "drop", optional = true }
"имя" = { action = "drop", optional = true }
""" + topologies.HARNESS_RULE


def prepare(topology, name, **options):
    return topology(name, name, RULES, gtid=True, metadata=None if name == "mysql-5.6" else "MINIMAL", **options)


def followed(topology, name, **options):
    top = prepare(topology, name, **options)
    top.follow()
    top.source.execute("CREATE DATABASE ops")
    return top


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-11.8"])
def test_names_of_other_scripts_are_one_whatever_their_case(topology, name):
    """The rule says имя, the table Имя, and the generated column ИМЯ: for the server they are one column."""
    top = followed(topology, name)
    top.source.execute("CREATE TABLE ops.`Таблица` (id INT PRIMARY KEY, `Имя` VARCHAR(60), g VARCHAR(80) AS (CONCAT(`ИМЯ`, '!')) STORED)",
                       f"INSERT INTO ops.`Таблица` (id, `Имя`) VALUES (1, '{top.canaries.text()}')")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.Таблица", ["id"])
    assert [column["name"] for column in compare.columns(top.replica, "ops.Таблица")] == ["id"]
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mariadb-10.11", "mariadb-11.8"])
def test_statements_that_mariadb_marks_as_of_a_session_with_temporary_tables(topology, name):
    """CREATE OR REPLACE TABLE and DROP DATABASE that drop tables carry the mark; only a name of both kinds of table matters."""
    top = followed(topology, name)
    top.source.execute("CREATE TABLE ops.t (id INT PRIMARY KEY, secret VARCHAR(60))", "CREATE OR REPLACE TABLE ops.t (secret VARCHAR(60), id INT PRIMARY KEY)",
                       f"INSERT INTO ops.t VALUES ('{top.canaries.text()}', 1)",
                       "CREATE TEMPORARY TABLE ops.tmp (id INT PRIMARY KEY, secret VARCHAR(60))", "CREATE TABLE ops.copy LIKE ops.tmp",
                       "DROP TEMPORARY TABLE ops.tmp", f"INSERT INTO ops.copy VALUES (2, '{top.canaries.text()}')")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id"])
    compare.assert_same_rows(top.source, top.replica, "ops.copy", ["id"])
    top.source.execute("DROP DATABASE ops", "CREATE DATABASE ops", "CREATE TABLE ops.t (id INT PRIMARY KEY)", "INSERT INTO ops.t VALUES (3)")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id"])
    top.assert_no_leak()


def test_sequences_handled_as_tables(topology):
    """A replica has no sequences, so neither DROP TABLE nor RENAME TABLE of one reaches it."""
    top = followed(topology, "mariadb-10.11")
    top.source.execute("CREATE SEQUENCE ops.s", "CREATE TABLE ops.t (id INT PRIMARY KEY)", "RENAME TABLE ops.s TO ops.s2",
                       "ALTER TABLE ops.s2 RENAME TO ops.s3", "CREATE TABLE ops.u (id INT PRIMARY KEY)", "DROP TABLE ops.u, ops.s3",
                       "INSERT INTO ops.t VALUES (1)")
    top.wait_caught_up()
    top.assert_tables(["ops.t"])
    top.assert_gtids_equal()


def test_a_drop_of_tables_of_which_some_are_missing(topology):
    """MySQL 5.6 writes the whole statement with its error number."""
    top = followed(topology, "mysql-5.6")
    top.source.execute("CREATE TABLE ops.t (id INT PRIMARY KEY)", "CREATE TABLE ops.u (id INT PRIMARY KEY)")
    with pytest.raises(Exception, match="1051"):
        top.source.execute("DROP TABLE ops.t, ops.nosuch")
    top.wait_caught_up()
    top.assert_tables(["ops.u"])
    top.assert_gtids_equal()


def test_a_table_in_memory_is_empty_after_a_restart(topology):
    """MySQL 5.6 says so with a statement of its own."""
    top = followed(topology, "mysql-5.6")
    top.source.execute("CREATE TABLE ops.m (id INT PRIMARY KEY, secret VARCHAR(60)) ENGINE=MEMORY", f"INSERT INTO ops.m VALUES (1, '{top.canaries.text()}')")
    top.source.execute("CREATE DATABASE held", "CREATE TABLE held.m (id INT PRIMARY KEY) ENGINE=MEMORY", "INSERT INTO held.m VALUES (1)")
    top.wait_caught_up()
    top.source.restart()
    assert top.source.value("SELECT COUNT(*) FROM ops.m") == 0
    assert top.source.value("SELECT COUNT(*) FROM held.m") == 0
    top.source.execute("INSERT INTO ops.m VALUES (2, 'x')")
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "ops.m", ["id"])
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6"])
def test_create_if_not_exists_says_nothing_of_a_table_that_was_there(topology, name):
    """An application's CREATE TABLE IF NOT EXISTS at each start tells the columns of years ago, in another order, of the same types."""
    top = prepare(topology, name, with_relay=False)
    top.source.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT PRIMARY KEY, shown VARCHAR(60), secret VARCHAR(60))", "FLUSH LOGS")
    file = top.source.binlog_files()[-1].name
    top.source.execute("CREATE TABLE IF NOT EXISTS ops.t (id INT PRIMARY KEY, secret VARCHAR(60), shown VARCHAR(60))",
                       f"INSERT INTO ops.t VALUES (1, 'shown', '{top.canaries.text()}')")
    top.settings["source.start"] = f"{file}:4"
    gtids = top.source.gtid_position()
    top.make_relay()
    top.replica.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT PRIMARY KEY, shown VARCHAR(60))", *topologies.MARKER_DDL,
                        "RESET MASTER" if name == "mysql-5.6" else "RESET BINARY LOGS AND GTIDS")
    last = int(gtids.rsplit("-", 1)[-1].rsplit(":", 1)[-1])
    top.replica.execute(f"SET GLOBAL gtid_purged='{gtids.split(':')[0]}:1-{last - 2}'")
    top.follow()
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "shown"])
    top.assert_no_leak()


def test_a_schema_change_that_meets_a_full_disk(topology, small_disk):  # noqa: F811
    """The schema history has the change and the spool has not: when there is room, the change comes once, not twice."""
    top = prepare(topology, "mysql-9.7", settings={"spool.directory": str(small_disk.path / "spool")})
    top.relay.spool = pathlib.Path(small_disk.path / "spool")
    top.follow()
    top.source.execute("CREATE DATABASE ops", "CREATE TABLE ops.t (id INT PRIMARY KEY, secret VARCHAR(60))")
    top.wait_caught_up()
    top.relay.stop()
    # The history stands where there is room, so that of both only the spool fails.
    history = top.relay.spool / "schema.history"
    elsewhere = top.relay.folder / "schema.history"
    elsewhere.write_bytes(history.read_bytes())
    history.unlink()
    history.symlink_to(elsewhere)
    top.relay.start()
    top.wait_caught_up(connecting=True)
    filler = small_disk.path / "filler"
    with open(filler, "wb", buffering=0) as file:
        with pytest.raises(OSError):
            while True:
                file.write(b"x" * 4096)
        file.truncate(filler.stat().st_size // 4096 * 4096 - 4096)  # a page for the note on the history's end
    columns = ", ".join(f"ADD COLUMN a_rather_long_name_of_a_column_{number} INT" for number in range(200))
    top.source.execute(f"ALTER TABLE ops.t {columns}")
    process.wait_until(lambda: top.relay.http("/health")[0] == 503, 60, "the relay waits for the disk")
    assert "space" in top.relay.http("/health")[1].lower()
    filler.unlink()
    top.source.execute(f"INSERT INTO ops.t (id, secret) VALUES (1, '{top.canaries.text()}')")
    top.wait_caught_up(connecting=True)
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "a_rather_long_name_of_a_column_199"])
    top.assert_gtids_equal()
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11"])
def test_a_comment_with_the_words_that_mysql_writes_behind_create_select(topology, name):
    top = followed(topology, name)
    top.source.execute("CREATE TABLE ops.t (id INT PRIMARY KEY, n INT) -- START TRANSACTION", "INSERT INTO ops.t VALUES (1, 2)")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "ops.t", ["id", "n"])
