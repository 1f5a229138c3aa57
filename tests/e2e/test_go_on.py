"""The ways on from a halt: past the one transaction, by other rules, over restarts and kills."""
import json
import os
import pwd
import random
import signal
import time

import pytest

from support import compare, process

from .halting import (RULES, PAIRS, GTID_PAIRS, prepare, write, statement, halt_by_dml, wait_healthy, assert_all_but_statements,
                      assert_whole_record, entries)


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_skip_goes_past_the_statement_and_its_gtid_arrives(topology, name, gtid):
    top = prepare(topology, name, gtid)
    reason = halt_by_dml(top)
    write(top)
    halt = top.relay.status()["halt"]
    place = f"{halt['transaction_start']['file']}:{halt['transaction_start']['offset']}"
    assert place in reason and (not gtid or halt["gtid"] in reason), f"/health does not say where: {reason}"
    assert not gtid or halt["gtid"], "the halt names no GTID"
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0 and place in text and "went on past it" in text, text
    assert_all_but_statements(top)
    wait_healthy(top)
    assert not list(top.relay.spool.glob("resolve.json")) and not list(top.relay.spool.glob("halt.json"))
    (resolved,) = entries(top, "resolved")
    assert resolved["how"] == "skip" and resolved["uid"] == os.getuid(), resolved
    assert resolved["user"].startswith(pwd.getpwuid(os.getuid()).pw_name), resolved
    assert resolved["gtid"] == halt["gtid"]
    assert [entry["gtid"] for entry in entries(top, "halted")] == [halt["gtid"]]
    assert_whole_record(top)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mariadb-10.11", False)])
def test_a_request_without_a_daemon_is_taken_at_the_next_start_and_used_once(topology, name, gtid):
    top = prepare(topology, name, gtid)
    halt_by_dml(top)
    top.relay.stop()
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0 and "next start" in text, text
    write(top)
    top.relay.start()
    assert_all_but_statements(top)
    halt_by_dml(top, 1001)
    assert top.relay.http("/health")[0] == 503, "the request of the first halt went past the second"
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0, text
    assert_all_but_statements(top)
    assert_whole_record(top)


def test_a_request_for_another_transaction_is_void(topology):
    top = prepare(topology, "mysql-9.7", True)
    halt_by_dml(top)
    top.relay.stop()
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0, text
    request = top.relay.spool / "resolve.json"
    stolen = json.loads(request.read_text())
    stolen["transaction"]["source_offset"] += 1
    request.write_text(json.dumps(stolen))
    top.relay.start()
    top.relay.wait_halted()
    process.wait_until(lambda: not request.exists(), 10, "the void request is removed")
    assert "is void" in top.relay.log_text()
    assert len(entries(top, "resolution void")) == 1 and not entries(top, "resolved")


def test_resolve_without_a_halt_is_refused(topology):
    top = prepare(topology, "mysql-9.7", True)
    code, text = top.relay.command("resolve", "--skip")
    assert code == 1 and "has not halted" in text, text
    code, text = top.relay.command("resolve")
    assert code == 2, text


def replace(top, sql):
    file = top.relay.folder / "statement.sql"
    file.write_text(sql)
    try:
        return top.relay.command("resolve", "--replace", str(file))
    finally:
        file.unlink()


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_replace_puts_a_judged_statement_in_the_place(topology, name, gtid):
    top = prepare(topology, name, gtid)
    # It meets column_default = "halt".
    top.source.execute("CREATE TABLE go.made (id INT PRIMARY KEY, n INT, secret VARCHAR(60), later INT)")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    write(top)
    secret = top.canaries.text()
    for bad in ("DELETE FROM go.t", f"INSERT INTO go.made VALUES (1, 2, '{secret}', 3)", "CREATE TABLE made (id INT)", "COMMIT", "",
                "CREATE TABLE go.made (id INT); DROP TABLE go.t", "CREATE TABLE go.made (id INT PRIMARY KEY, later INT)",
                f"CREATE TABLE go.made SELECT '{secret}' AS n"):
        code, text = replace(top, bad)
        assert code != 0 and secret not in text, f"{bad}: {text}"
        assert not (top.relay.spool / "resolve.json").exists()
    assert not entries(top, "resolved") and not entries(top, "resolution void")
    # No other tables and databases than the transaction's: this the relay finds when it comes to it.
    others = ("CREATE TABLE go.made2 (id INT)", "DROP TABLE go.t", "ALTER TABLE go.t RENAME TO go.made",
              "CREATE DATABASE elsewhere", "RENAME TABLE go.t TO go.made")
    for bad in others:
        code, text = replace(top, bad)
        assert code == 3 and "could not carry it out" in text and "did not change" in text, f"{bad}: {code}: {text}"
        assert not (top.relay.spool / "resolve.json").exists()
    assert len(entries(top, "resolution void")) == len(others) and not entries(top, "resolved")
    code, text = replace(top, f"CREATE TABLE /* {secret} */ go.made (id INT PRIMARY KEY, n INT COMMENT '{secret}', "
                              f"secret VARCHAR(60) DEFAULT '{secret}') COMMENT='{secret}' # {secret}\n;\n")
    assert code == 0, text
    assert_all_but_statements(top)
    assert [column["name"] for column in compare.columns(top.replica, "go.made")] == ["id", "n"]
    (resolved,) = entries(top, "resolved")
    assert resolved["how"] == "replace" and len(resolved["statement_sha256"]) == 64
    assert_whole_record(top)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mysql-5.6", False), ("mariadb-10.11", True)])
def test_a_used_request_that_is_put_back_passes_over_nothing(topology, name, gtid):
    top = prepare(topology, name, gtid)
    halt_by_dml(top)
    top.relay.stop()
    assert top.relay.command("resolve", "--skip")[0] == 0
    request, note = top.relay.spool / "resolve.json", top.relay.spool / "halt.json"
    used, old_note = request.read_bytes(), note.read_bytes()
    top.relay.start()
    assert_all_but_statements(top)
    process.wait_until(lambda: not request.exists(), 10, "the request is removed")
    # While it streams, at a start, at the next halt.
    request.write_bytes(used)
    write(top)
    assert_all_but_statements(top)
    top.relay.stop()
    request.write_bytes(used)
    note.write_bytes(old_note)
    top.relay.start()
    write(top)
    assert_all_but_statements(top)
    halt_by_dml(top, 1001)
    request.write_bytes(used)
    process.wait_until(lambda: not request.exists(), 10, "the used request is removed")
    assert top.relay.http("/health")[0] == 503
    # In the record `void` would say that it was not carried out.
    assert len(entries(top, "resolved")) == 1 and not entries(top, "resolution void")
    assert top.relay.command("resolve", "--skip")[0] == 0
    assert_all_but_statements(top)
    assert len(entries(top, "resolved")) == 2
    assert_whole_record(top)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_only_the_one_of_several_halting_transactions_is_passed_over(topology, name):
    top = prepare(topology, name, True)
    halt_by_dml(top)
    for number in range(1, 4):
        statement(top, f"INSERT INTO go.t (secret, n) VALUES ('{top.canaries.text()}', {1000 + number})")
        write(top, 1)
    halts = []
    for number in range(4):
        halts.append(top.relay.status()["halt"]["gtid"])
        assert top.relay.command("resolve", "--skip")[0] == 0
        if number < 3:
            top.relay.wait_halted()
    assert len(set(halts)) == 4
    assert_all_but_statements(top)
    assert [entry["gtid"] for entry in entries(top, "resolved")] == halts
    assert_whole_record(top)


def test_a_table_that_a_passed_statement_made_anew_does_not_leak(topology):
    """The same columns in another order: its table maps name none, and look as they did."""
    top = prepare(topology, "mariadb-10.11", True)
    top.source.execute("CREATE TABLE go.two (id INT PRIMARY KEY, secret VARCHAR(60), n VARCHAR(60))")
    top.wait_caught_up()
    statement(top, "CREATE OR REPLACE TABLE go.two (id INT PRIMARY KEY, n VARCHAR(60), secret VARCHAR(60)) SELECT 7 AS id, '2' AS n, '3' AS secret")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    assert top.relay.command("resolve", "--skip")[0] == 0
    top.source.execute(f"INSERT INTO go.two (id, n, secret) VALUES (1, '1', '{top.canaries.text()}')")
    assert "passed over may have changed" in top.relay.wait_halted()
    assert_whole_record(top)
    top.assert_no_leak()


def test_a_column_that_a_passed_statement_generates_does_not_leak(topology):
    """Under its old name and type, which table maps with names confirm."""
    top = prepare(topology, "mysql-9.7", True)
    top.source.execute("SET GLOBAL binlog_row_metadata = 'FULL'", "CREATE TABLE go.two (id INT PRIMARY KEY, secret VARCHAR(60), n VARCHAR(60))")
    top.wait_caught_up()
    top.source.new_session()
    # The relay does not read a comment of a version with six digits.
    top.source.execute("ALTER TABLE go.two DROP COLUMN n, ADD COLUMN n VARCHAR(60) AS (secret) STORED /*!080000 COMMENT 'x' */")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    assert top.relay.command("resolve", "--skip")[0] == 0
    top.source.execute(f"INSERT INTO go.two (id, secret) VALUES (1, '{top.canaries.text()}')")
    assert "passed over may have changed" in top.relay.wait_halted()
    assert_whole_record(top)
    top.assert_no_leak()


KEPT_BY_DEFAULT = RULES + '\n[[table]]\nname = "go.kept*"\noptional = true\ncolumn_default = "keep"\n'


def prepare_full(topology, name):
    """With table maps that name the columns, and a table that keeps what no rule names."""
    top = topology(name, name, KEPT_BY_DEFAULT, metadata="FULL")
    top.source.execute("CREATE DATABASE go", "CREATE TABLE go.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), n INT)")
    top.follow()
    write(top)
    top.wait_caught_up()
    return top


def assert_held_back_behind_skip(top, reason):
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    assert top.relay.command("resolve", "--skip")[0] == 0
    top.source.execute(f"INSERT INTO go.kept (secret, n) VALUES ('{top.canaries.text()}', 1)", "UPDATE go.kept SET n = n + 1")
    assert reason in top.relay.wait_halted()
    top.assert_no_leak()


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-11.8"])
@pytest.mark.parametrize("steps", [["RENAME TABLE go.t /*!080000 TO */ go.kept"],
                                   ["CREATE DATABASE held", "RENAME TABLE go.t TO held.t", "RENAME TABLE held.t TO go.kept"],
                                   ["CREATE DATABASE held", "CREATE TABLE held.t LIKE go.t", "INSERT INTO held.t SELECT * FROM go.t",
                                    "RENAME TABLE held.t TO go.kept"]])
def test_a_table_that_a_passed_renaming_brings_does_not_leak(topology, name, steps):
    if name.startswith("mariadb"):  # versions of six digits are its own there
        steps = [step.replace("RENAME TABLE go.t /*!080000 TO */", "SET STATEMENT sql_mode='' FOR RENAME TABLE go.t TO") for step in steps]
    top = prepare_full(topology, name)
    top.source.execute(*steps)
    assert_held_back_behind_skip(top, "no rule names")


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-11.8"])
def test_a_table_that_a_passed_renaming_exchanges_does_not_leak(topology, name):
    top = prepare_full(topology, name)
    top.source.execute("CREATE TABLE go.kept (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60), n INT)")
    top.wait_caught_up()
    renaming = "RENAME TABLE go.kept {} go.kept_old, go.t TO go.kept"
    top.source.execute(renaming.format("/*!080000 TO */") if name.startswith("mysql") else "SET STATEMENT sql_mode='' FOR " + renaming.format("TO"))
    assert_held_back_behind_skip(top, "passed over may have changed")


def test_a_table_that_comes_under_a_name_that_leaves_is_made_by_a_replacement(topology):
    top = prepare_full(topology, "mysql-9.7")
    top.source.execute("CREATE DATABASE held", "CREATE TABLE held.other (id INT PRIMARY KEY, n INT)", "INSERT INTO held.other VALUES (1, 1)",
                       "RENAME TABLE held.other TO go.kept2")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    statement_file = top.relay.folder / "made.sql"
    statement_file.write_text("CREATE TABLE go.kept2 (id INT PRIMARY KEY, n INT)")
    assert top.relay.command("resolve", "--replace", str(statement_file))[0] == 0
    top.source.execute("INSERT INTO go.kept2 VALUES (2, 2)")
    top.wait_caught_up()
    assert sorted(top.replica.query("SELECT id FROM go.kept2")) == [(2,)]
    top.assert_no_leak()


def test_a_trigger_that_is_passed_over_is_told(topology):
    rules = RULES + '\n[[table]]\nname = "go.copies"\noptional = true\ncolumn_default = "keep"\n'
    top = prepare(topology, "mysql-9.7", True)
    top.relay.write_rules(rules)
    top.relay.child.send_signal(signal.SIGHUP)
    process.wait_until(lambda: "other rules are in force" in top.relay.log_text(), 30, "the rules are taken")
    top.source.execute("CREATE TABLE go.copies (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(60))")
    top.source.execute("CREATE TRIGGER go.tr AFTER INSERT ON go.t FOR EACH ROW INSERT INTO go.copies (text) VALUES (NEW.secret)")
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    top.source.execute("DROP TRIGGER go.tr")
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0 and "If it made a trigger" in text, text
    write(top)
    assert_all_but_statements(top)
    assert "made a trigger that copies" in top.relay.log_text()
    top.assert_no_leak()


@pytest.mark.parametrize("name, gtid", [("mysql-9.7", True), ("mariadb-10.11", True)])
def test_killed_while_a_request_is_carried_out(topology, name, gtid):
    top = prepare(topology, name, gtid)
    chance = random.Random(17)
    for number in range(12):
        halt_by_dml(top, 1000 + number)
        write(top, 1)
        top.relay.stop()
        code, text = top.relay.command("resolve", "--skip")
        assert code == 0, text
        top.relay.start()
        time.sleep(chance.uniform(0, 0.25))
        top.relay.kill9()
        top.relay.start()
        assert_all_but_statements(top)
    found = entries(top, "resolved")
    assert len({entry["resolution"] for entry in found}) == len(found) == 12
    assert not entries(top, "resolution void")
    assert_whole_record(top)
    top.assert_spool_readable()


@pytest.mark.parametrize("compression", ["ON"])
def test_skip_in_a_compressed_payload(topology, compression):
    top = prepare(topology, "mysql-9.7", True, source_options={"extra": (f"--binlog-transaction-compression={compression}",)})
    secret = top.canaries.text()
    with top.source.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION binlog_format='STATEMENT'")
        cursor.execute("BEGIN")
        for number in range(3):
            cursor.execute(f"INSERT INTO go.t (secret, n) VALUES ('{secret}', {1000 + number})")
        cursor.execute("COMMIT")
    top.relay.wait_halted()
    write(top)
    code, text = top.relay.command("resolve", "--skip")
    assert code == 0, text
    assert_all_but_statements(top)
    top.assert_no_leak()


def sighup(top, rules, wait_for):
    top.relay.write_rules(rules)
    top.relay.child.send_signal(signal.SIGHUP)
    process.wait_until(lambda: wait_for in top.relay.log_text(), 30, lambda: f"{wait_for}:\n{process.tail(top.relay.log)}")


@pytest.mark.parametrize("name, gtid", GTID_PAIRS)
def test_sighup_tries_again_with_a_rule_for_a_new_column(topology, name, gtid):
    top = prepare(topology, name, gtid)
    top.source.execute("ALTER TABLE go.t ADD COLUMN extra INT")
    top.relay.expected_ends.add(3)
    top.relay.wait_halted()
    top.source.execute("INSERT INTO go.t (n, extra) VALUES (5, 6)")
    sighup(top, RULES.replace('n = "keep"', 'n = "keep"\nextra = { action = "keep", optional = true }'), "other rules are in force")
    assert_all_but_statements(top)
    compare.assert_same_rows(top.source, top.replica, "go.t", ["id", "n", "extra"])
    wait_healthy(top)
    assert len(entries(top, "rules changed")) == 1


def test_rules_change_for_replicas_only_where_they_stay_right(topology):
    top = prepare(topology, "mysql-9.7", True)
    top.source.execute("INSERT INTO go.gone (n) VALUES (1)")
    top.wait_caught_up()
    # A table may cease to leave, from the next transaction on.
    denied = RULES + '\n[[table]]\nname = "go.gone"\ncolumn_default = "drop"\n'
    sighup(top, denied, "go.gone no longer leaves")
    top.source.execute("INSERT INTO go.gone (n) VALUES (2)")
    assert_all_but_statements(top)
    assert top.replica.query("SELECT n FROM go.gone") == [(1,)]
    # It may not come back, none may go because its rule is missing, and no column may be treated otherwise.
    before = top.relay.status()["rules"]["in_force"]
    for number, rules in enumerate((RULES, "", denied.replace('n = "keep"', 'n = "null"')), 1):
        sighup(top, rules, "the old rules stay in force")
        process.wait_until(lambda: len(entries(top, "rules refused")) == number, 10, "the refusal is recorded")
        write(top, 1)
        assert_all_but_statements(top)
        top.relay.assert_healthy()
        assert top.relay.status()["rules"]["in_force"] == before and top.relay.status()["rules"]["refused"]
    assert "go.t, column n" in top.relay.status()["rules"]["refused"]
    # A start with them is refused, with the old ones back it goes on.
    top.relay.stop()
    top.relay.start()
    reason = top.relay.wait_halted()
    assert "go.t, column n" in reason and "seed the replicas again" in reason
    top.relay.expected_ends.add(3)
    top.relay.write_rules(denied)
    top.relay.child.send_signal(signal.SIGHUP)
    assert_all_but_statements(top)
    # A start with a change that replicas can bear works, and the spool knows which rules each part was written under.
    top.relay.stop()
    top.relay.write_rules(denied.replace('n = "keep"', 'n = "keep"\nfuture = { action = "keep", optional = true }'))
    top.relay.start()
    write(top, 1)
    assert_all_but_statements(top)
    index = [json.loads(line) for line in (top.relay.spool / "spool.index").read_text().splitlines()]
    changes = [change for entry in index if "file" in entry for change in entry.get("rules_changes", [])]
    assert len(changes) == 2 and len({change["rules"] for change in changes}) == 2
    for change in changes:
        assert (top.relay.spool / f"rules.{change['rules']}").exists()
    assert_whole_record(top)


def test_sighup_with_mistakes_changes_nothing(topology):
    top = prepare(topology, "mysql-9.7", True)
    sighup(top, RULES + "\n[[table]]\nnmae = 1\n", "the rules have mistakes")
    write(top)
    assert_all_but_statements(top)
    top.relay.assert_healthy()
