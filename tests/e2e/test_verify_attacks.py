"""`verify` and its repair where a replica, or who uses them, is not as it should be."""
import contextlib
import signal
import time

import pytest

from support import process, topology as topologies
from support.snapshot import grant_snapshot
from support.verifying import differences, grant_verify
from .bank import KEEP_ALL, in_background, retried
from .test_verify import QUIET, followed, key  # pylint: disable=unused-import

BOTH = ["mysql-9.7", "mariadb-10.11"]
ALL_OF_V = KEEP_ALL.format("v") + topologies.HARNESS_RULE


def at_replica(made, *statements):
    made.replica.execute("SET SESSION sql_log_bin=0", *statements, "SET SESSION sql_log_bin=1")


def may_repair(made):
    grant_verify(made.replica, repair=True)
    grant_snapshot(made.source)


def table_of(answer, name):
    return next(table for table in answer["tables"] if table["table"] == name)


@pytest.mark.parametrize("name", BOTH)
def test_ended_while_the_applier_is_on_its_way_it_goes_on_without_an_end(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    may_repair(made)
    at_replica(made, "DELETE FROM v.plain WHERE id < 50")

    def write(connection):
        retried(connection, f"UPDATE v.plain SET n=n+1 WHERE id={QUIET}")
        time.sleep(0.01)

    with in_background(made.source, write), contextlib.closing(made.replica.connect()) as locking, locking.cursor() as cursor:
        child = verifier.spawn("--repair", "--tables", "v.plain")
        process.wait_until(lambda: made.replica.replica_status()["sql_running"] == "No", 60, "the applier was stopped", interval=0.002)
        cursor.execute("LOCK TABLES v.plain WRITE")
        process.wait_until(lambda: made.replica.replica_status()["sql_running"] == "Yes", 60, "the applier is on its way", interval=0.002)
        time.sleep(1)
        child.send_signal(signal.SIGTERM)
        time.sleep(1)
        cursor.execute("UNLOCK TABLES")
        assert child.wait(process.patient(60)) == 130
    made.replica.assert_no_error()
    made.wait_caught_up()
    assert verifier.run("--repair")["outcome"] == "equal"


@pytest.mark.parametrize("name", BOTH)
def test_tables_that_a_repair_could_spoil_are_left_and_named(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    may_repair(made)
    at_replica(made, "ALTER TABLE v.plain ENGINE=MyISAM", "DELETE FROM v.plain WHERE id=7", "DELETE FROM v.composite WHERE b='b7'",
               "CREATE TRIGGER v.noted AFTER INSERT ON v.composite FOR EACH ROW INSERT INTO v.keyless VALUES (-1, '', 0)",
               "DELETE FROM v.keyless WHERE a=7")
    answer = verifier.run("--repair", code=4)
    assert {table["table"] for table in answer["repaired"]} == {"keyless"}
    assert "InnoDB" in table_of(answer, "plain")["not_repaired"] and "triggers" in table_of(answer, "composite")["not_repaired"]
    rows, _schema = differences(answer)
    assert rows == {("v.plain", "missing"): 1, ("v.composite", "missing"): 1}
    assert made.replica.value("SELECT COUNT(*) FROM v.keyless WHERE a=-1") == 0
    made.replica.assert_no_error()


@pytest.mark.parametrize("name", BOTH)
def test_keys_that_differ_in_case_alone_are_mended(followed, name):
    def prepare(made):
        made.source.execute("CREATE DATABASE v", "CREATE TABLE v.words (k VARCHAR(20) CHARACTER SET utf8 COLLATE utf8_general_ci PRIMARY KEY, v INT) "
                            "ENGINE=InnoDB", "INSERT INTO v.words VALUES " + ", ".join(f"('word{n:04d}', {n})" for n in range(700)))

    made, verifier = followed(name, rules=ALL_OF_V, prepare=prepare)
    made.wait_caught_up()
    may_repair(made)
    at_replica(made, "UPDATE v.words SET k=UPPER(k)")
    answer = verifier.run("--repair")
    assert differences({"tables": answer["repaired"]})[0] == {("v.words", "missing"): 700, ("v.words", "extra"): 700}
    assert answer["outcome"] == "equal"
    made.replica.assert_no_error()


@pytest.mark.parametrize("name", BOTH)
def test_a_row_without_a_key_is_found_and_mended(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    may_repair(made)
    at_replica(made, "ALTER TABLE v.plain DROP PRIMARY KEY, MODIFY id INT NULL", "INSERT INTO v.plain (id, n) VALUES (NULL, 0), (NULL, 1)")
    rows, schema = differences(verifier.run(code=4))
    assert rows == {("v.plain", "extra"): 2} and ("v.plain", "index missing", "PRIMARY") in schema
    rows, _schema = differences(verifier.run("--repair", code=4))
    assert not rows


@pytest.mark.parametrize("name", BOTH)
def test_nothing_compared_is_no_equal(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    for patterns in (["v.plian"], ["v.plain", "w.*"]):
        verifier.run(*(word for pattern in patterns for word in ("--tables", pattern)), code=2)
        assert patterns[-1] in verifier.printed, verifier.printed


@pytest.mark.parametrize("name", BOTH)
def test_a_difference_that_rows_which_change_could_hide_is_not_equal(followed, name):
    """A row of a table without a key that is always another one, and is not at the replica at all."""
    def prepare(made):
        made.source.execute("CREATE DATABASE v", "CREATE TABLE v.keyless (a INT, n INT NOT NULL) ENGINE=InnoDB",
                            "INSERT INTO v.keyless VALUES " + ", ".join(f"({n}, 0)" for n in range(300)))

    made, verifier = followed(name, rules=ALL_OF_V, prepare=prepare)
    made.wait_caught_up()
    # The applier finds no row to change: an error unless it is told to go on.
    made.replica.execute("SET GLOBAL slave_exec_mode='IDEMPOTENT'" if made.replica.kind.mariadb else "SET GLOBAL replica_exec_mode='IDEMPOTENT'")
    made.replica.stop_replica(), made.replica.start_replica()
    made.replica.wait_running()
    at_replica(made, "DELETE FROM v.keyless WHERE a=7")

    def write(connection):
        retried(connection, "UPDATE v.keyless SET n=n+1 WHERE a=7")

    with in_background(made.source, write):
        verifier.run("--tables", "v.keyless", code=1)
    rows, _schema = differences(verifier.run("--tables", "v.keyless", code=4))
    assert rows == {("v.keyless", "missing"): 1}


def test_a_key_that_mysql_made_itself_is_no_difference(followed):
    made, verifier = followed("mysql-9.7")
    made.wait_caught_up()
    create = made.replica.query("SHOW CREATE TABLE v.keyless")[0][1].replace("`keyless`", "v.made", 1)
    at_replica(made, "SET SESSION sql_generate_invisible_primary_key=ON", create, "INSERT INTO v.made (a, b, n) SELECT a, b, n FROM v.keyless",
               "DROP TABLE v.keyless", "RENAME TABLE v.made TO v.keyless", "SET SESSION sql_generate_invisible_primary_key=OFF")
    assert "my_row_id" in made.replica.query("SHOW CREATE TABLE v.keyless")[0][1]
    assert verifier.run()["outcome"] == "equal"


@pytest.mark.parametrize("name", BOTH)
def test_rules_that_are_not_in_force_repair_nothing(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    rules = made.relay.rules_file
    rules.write_text(rules.read_text().replace("keep_first = 1", "keep_first = 2"))
    verifier.run(code=4)
    assert "in force" in verifier.printed
    verifier.run("--repair", code=1)
    assert "in force" in verifier.printed


@pytest.mark.parametrize("name", BOTH)
def test_asked_to_end_it_ends(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    child = verifier.spawn("--max-load", 500)
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    assert child.wait(process.patient(20)) == 130
