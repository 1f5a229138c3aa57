"""How the readers of `snapshot` come to see one moment, and that nobody has to wait for it."""
import contextlib
import random
import re
import signal
import threading
import time

import pytest

from support import process
from support.snapshot import WHO, Snapshot
from .bank import ACCOUNTS, BALANCE, BANK_RULES, KEEP_ALL, in_background, make_bank, retried, total, transfer

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]


@contextlib.contextmanager
def being_made(snapshot, *arguments, code=0):
    """A snapshot that is made until the end of the block, and has to end with `code`."""
    errors = []

    def make():
        try:
            snapshot.make(*arguments, code=code)
        except AssertionError as error:
            errors.append(error)

    maker = threading.Thread(target=make)
    maker.start()
    try:
        yield
    finally:
        maker.join()
    assert not errors, errors


@pytest.mark.parametrize("name", SERVERS)
def test_an_account_without_the_rights_is_told_the_grant(makes_snapshots, name):
    made, relay = makes_snapshots(name, BANK_RULES, grant=False)
    source, scratch = made.source, made.replica
    make_bank(source)

    def check(way, *grants):
        source.execute(*grants)
        with in_background(source, transfer(1), transfer(2)):
            snapshot = Snapshot(relay).make("--readers", "2")
        assert snapshot.manifest["lined_up_by"] == way
        scratch.execute("DROP DATABASE IF EXISTS bank")
        snapshot.load(scratch)
        assert total(scratch) == 2 * ACCOUNTS * BALANCE
        return snapshot.printed

    if source.kind.mariadb:
        # Without a lock the readers' own positions prove it.
        assert "GRANT BINLOG ADMIN" in check("binlog_snapshot_position")
        return
    refused = Snapshot(relay).make(code=1)
    privilege = "RELOAD" if source.kind.old else "LOCK TABLES"
    assert f"GRANT {privilege} ON *.* TO {WHO}" in refused.printed, refused.printed
    assert not (refused.folder / "manifest.json").exists()
    assert "(PROCESS)" in check("FLUSH TABLES WITH READ LOCK", f"GRANT RELOAD ON *.* TO {WHO}")
    assert "(PROCESS)" not in check("FLUSH TABLES WITH READ LOCK", f"GRANT PROCESS ON *.* TO {WHO}")
    if not source.kind.old:
        check("LOCK TABLES", f"GRANT LOCK TABLES ON bank.* TO {WHO}")


@pytest.mark.parametrize("name,grants", [
    ("mysql-9.7", "LOCK TABLES"), ("mysql-9.7", "RELOAD, PROCESS"), ("mysql-5.6", "RELOAD, PROCESS"), ("mariadb-10.11", "RELOAD, BINLOG ADMIN")])
def test_nobody_waits_while_a_long_statement_is_in_the_way(makes_snapshots, name, grants):
    made, relay = makes_snapshots(name, BANK_RULES, grant=False)
    source = made.source
    source.execute(f"GRANT {grants} ON *.* TO {WHO}")
    make_bank(source)
    snapshot, longest = Snapshot(relay), 0
    with contextlib.closing(source.connect()) as long, contextlib.closing(source.connect()) as other:
        statement = threading.Thread(target=lambda: long.cursor().execute("SELECT SLEEP(20) FROM bank.owners LIMIT 1"))
        statement.start()
        time.sleep(3)
        with being_made(snapshot), other.cursor() as cursor:
            while statement.is_alive():
                begin = time.monotonic()
                cursor.execute("SELECT COUNT(*) FROM bank.owners")
                cursor.execute("UPDATE bank.owners SET balance = balance + 1 WHERE id = 1")
                longest = max(longest, time.monotonic() - begin)
                time.sleep(0.1)
    assert longest < process.patient(5), f"somebody waited for {longest:.1f} s\n{snapshot.printed}"
    # Where the flush would have been in the way, it was not begun.
    assert ("next try" in snapshot.printed) == ("PROCESS" in grants), snapshot.printed


def number_of(gtids):
    """How many transactions a source without any other's has written, by its GTIDs."""
    return int(gtids.strip().rsplit("-", 1)[-1].rsplit(":", 1)[-1])


def test_tables_that_come_and_go_while_the_others_are_locked_are_seen(makes_snapshots):
    made, relay = makes_snapshots("mysql-9.7", KEEP_ALL.format("late*"), grant=False)
    source = made.source
    source.execute(f"GRANT LOCK TABLES ON *.* TO {WHO}", "CREATE DATABASE late", "CREATE DATABASE away",
                   *(f"CREATE TABLE late.old{i} (id INT PRIMARY KEY)" for i in range(20)))
    # By the number of the transaction, what there is from then on: tables with their rows, no table any more, databases.
    events, rnd, numbers = [], random.Random(6), iter(range(10**6))

    def come(connection):
        name = f"t{next(numbers)}"
        with connection.cursor() as cursor:
            def done(what, rows, sql):
                cursor.execute(sql)
                connection.commit()
                cursor.execute("SELECT @@GLOBAL.gtid_executed")
                events.append((number_of(cursor.fetchone()[0]), what, rows))

            how = rnd.randrange(4)
            if how == 0:
                done(name, 0, f"CREATE TABLE late.{name} (id INT PRIMARY KEY)")
                done(name, 1, f"INSERT INTO late.{name} VALUES (1)")
            elif how == 1:
                cursor.execute(f"CREATE TABLE away.{name} (id INT PRIMARY KEY)")
                cursor.execute(f"INSERT INTO away.{name} VALUES (1)")
                done(name, 1, f"RENAME TABLE away.{name} TO late.{name}")
            elif how == 2:
                done(name, 0, f"CREATE TABLE late.{name} (id INT PRIMARY KEY)")
                done(name, 1, f"INSERT INTO late.{name} VALUES (1)")
                time.sleep(rnd.random() / 30)
                done(name, None, rnd.choice((f"DROP TABLE late.{name}", f"RENAME TABLE late.{name} TO away.{name}",
                                             f"ALTER TABLE late.{name} RENAME TO away.{name}")))
            else:
                done(f"late{name}", 0, f"CREATE DATABASE late{name}")
        time.sleep(0.3 + rnd.random())

    begun = 0
    with in_background(source, come):
        for tries in range(40):
            snapshot = Snapshot(relay).make("--readers", "8")
            assert snapshot.manifest["lined_up_by"] == "LOCK TABLES"
            begun += snapshot.printed.count("were changed at the source meanwhile")
            now = number_of(snapshot.manifest["position"]["gtids"])
            expected = {what: rows for number, what, rows in list(events) if number <= now}
            found = {table["table"]: table["rows"] for table in snapshot.manifest["tables"] if table["table"][0] == "t"}
            found |= {name.decode(): 0 for name in re.findall(rb"IF NOT EXISTS `(late[^`]+)`", snapshot.sql())}
            assert found == {what: rows for what, rows in expected.items() if rows is not None}, snapshot.printed
            snapshot.remove()
            if begun > 0 and tries > 5:
                break
    assert begun > 0, "no table came while the others were locked: nothing was tried"


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_xa_transactions_that_are_prepared_are_waited_for_and_then_named(makes_snapshots, name):
    made, relay = makes_snapshots(name, BANK_RULES)
    source = made.source
    make_bank(source)
    with contextlib.closing(source.connect()) as prepared, prepared.cursor() as cursor:
        for sql in ("XA START 'one'", "UPDATE bank.accounts SET balance = balance - 1 WHERE id = 1", "XA END 'one'", "XA PREPARE 'one'"):
            cursor.execute(sql)
        assert "XA RECOVER" in Snapshot(relay).make(code=1).printed
        snapshot = Snapshot(relay)
        with being_made(snapshot, "--readers", "2"):
            time.sleep(4)
            cursor.execute("XA COMMIT 'one'")
    assert "XA transactions are prepared" in snapshot.printed
    snapshot.load(made.replica)
    assert total(made.replica) == 2 * ACCOUNTS * BALANCE - 1
    if not source.kind.mariadb:
        source.execute(f"REVOKE XA_RECOVER_ADMIN ON *.* FROM {WHO}")
        assert f"GRANT XA_RECOVER_ADMIN ON *.* TO {WHO}" in Snapshot(relay).make(code=1).printed


@pytest.mark.parametrize("name", SERVERS)
def test_the_sources_limit_of_rows_cuts_nothing_off(makes_snapshots, name):
    made, relay = makes_snapshots(name, BANK_RULES)
    make_bank(made.source)
    made.source.execute("SET GLOBAL sql_select_limit = 10", "SET GLOBAL max_join_size = 10", "SET GLOBAL sql_big_selects = 0")
    made.source.execute(*(f"CREATE TABLE bank.more{i} (id INT PRIMARY KEY) ENGINE=InnoDB" for i in range(20)))
    snapshot = Snapshot(relay).make()
    assert snapshot.table("bank.accounts")["rows"] == ACCOUNTS and len(snapshot.manifest["tables"]) == 23


def test_locks_end_when_the_program_is_not_heard_any_more(makes_snapshots, figure):
    made, relay = makes_snapshots("mysql-5.6", BANK_RULES)
    source = made.source
    make_bank(source)
    # The schema takes some time: it is read once more while commits are held back.
    source.execute(*(f"CREATE TABLE bank.more{i} (id INT PRIMARY KEY) ENGINE=InnoDB" for i in range(600)))
    snapshot = Snapshot(relay)
    held = lambda: source.query("SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for%read lock' OR state LIKE 'Waiting for%commit lock'")
    with in_background(source, lambda connection: retried(connection, "UPDATE bank.accounts SET balance = balance + 1 WHERE id = 1")):
        relay.log.touch()
        with open(relay.log, "ab") as log:
            child = process.spawn([relay.program, "snapshot", "-c", relay.config, "--output", snapshot.folder], stdout=log, stderr=log)
        process.wait_until(held, 60, "writers wait", interval=0.001)
        child.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        time.sleep(3)
        assert held(), "the program was stopped too late"
        process.wait_until(lambda: not held(), 30, "writers go on")
        figure("writers waited for a program that was stopped, s", round(time.monotonic() - begin, 1))
        child.send_signal(signal.SIGCONT)
        assert child.wait(process.patient(60)) == 1
    assert "held for too long" in relay.log_text(), relay.log_text()
    assert not (snapshot.folder / "manifest.json").exists()


@pytest.mark.parametrize("name", SERVERS)
def test_a_source_that_restarts_in_the_middle_is_waited_for(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big"), source_options={"fsync": True})
    made.source.execute("CREATE DATABASE big", "CREATE TABLE big.slow (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(200)) ENGINE=InnoDB",
                        "INSERT INTO big.slow (v) VALUES (REPEAT('x', 200))")
    for _ in range(17):  # 131,072
        made.source.execute("INSERT INTO big.slow (v) SELECT v FROM big.slow")
    snapshot = Snapshot(relay)
    with being_made(snapshot, "--readers", "1"):
        for end in (made.source.restart, made.source.kill9):
            process.wait_until(lambda: list(snapshot.folder.glob("*.new")), 60, "rows are being written")
            end()
            if made.source.child.poll() is not None:
                made.source.start()
            process.wait_until(lambda: not list(snapshot.folder.glob("*.new")), 30, "the half files are gone")
    assert snapshot.printed.count("goes on at another moment") >= 2, snapshot.printed
    assert snapshot.table("big.slow")["rows"] == 131_072
    snapshot.load(made.replica)
    assert made.source.query("CHECKSUM TABLE big.slow") == made.replica.query("CHECKSUM TABLE big.slow")
