"""XA transactions: prepared ones outlive the relay, and those of which nothing leaves are as if they were not."""
import pymysql
import pytest

from support import process
from .halting import prepare, write, wait_healthy, assert_all_but_statements, assert_whole_record

UNKNOWN_XID = 1397
PAIRS = [("mysql-9.7", True), ("mysql-9.7", False), ("mariadb-10.11", True)]


class Branch:
    """One XA transaction in a session of its own."""

    def __init__(self, top, name, statement, statement_format=False):
        self.server, self.name = top.source, name
        with top.source.connect() as connection, connection.cursor() as cursor:
            if statement_format:
                cursor.execute("SET SESSION binlog_format='STATEMENT'")
            for sql in (f"XA START '{name}'", statement, f"XA END '{name}'", f"XA PREPARE '{name}'"):
                cursor.execute(sql)

    def end(self, verb):
        process.wait_until(lambda: self.has_ended(verb), 30, f"{self.name} can be ended")

    def has_ended(self, verb):
        """False while the server still ends the session that prepared it: until then no other finds the transaction."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            try:
                cursor.execute(f"XA {verb} '{self.name}'")
            except pymysql.err.OperationalError as error:
                if error.args[0] != UNKNOWN_XID:
                    raise
                return False
        return True


def prepared(top):
    return top.replica.query("XA RECOVER FORMAT='SQL'" if top.replica.kind.mariadb else "XA RECOVER CONVERT XID")


@pytest.mark.parametrize("name, gtid", PAIRS)
def test_transactions_of_which_nothing_leaves(topology, name, gtid):
    top = prepare(topology, name, gtid)
    top.source.execute("CREATE DATABASE held", "CREATE TABLE held.t (id INT AUTO_INCREMENT PRIMARY KEY, secret VARCHAR(60))")
    secret = top.canaries.text()
    held = f"INSERT INTO held.t (secret) VALUES ('{secret}')"
    kept = f"INSERT INTO go.t (secret, n) VALUES ('{secret}', 7)"
    branches = [Branch(top, "held-1", held), Branch(top, "kept-1", kept), Branch(top, "held-2", held), Branch(top, "kept-2", kept)]
    write(top, 1)
    top.wait_caught_up(60, connecting=True)
    assert len(prepared(top)) == 2
    for branch, verb in zip(branches, ("COMMIT", "COMMIT", "ROLLBACK", "ROLLBACK")):
        top.relay.kill9()
        top.relay.start()
        branch.end(verb)
    # The name of one of which nothing left serves for one of which something does.
    Branch(top, "held-1", kept).end("COMMIT")
    with top.source.connect() as connection, connection.cursor() as cursor:
        for sql in ("XA START 'one'", held, "XA END 'one'", "XA COMMIT 'one' ONE PHASE"):
            cursor.execute(sql)
    write(top, 1)
    assert_all_but_statements(top)
    assert not prepared(top)
    assert_whole_record(top)
    top.assert_no_leak()
    top.assert_spool_readable()


@pytest.mark.parametrize("verb", ["COMMIT", "ROLLBACK"])
@pytest.mark.parametrize("name, gtid", PAIRS)
def test_a_prepared_one_that_is_passed_over(topology, name, gtid, verb):
    top = prepare(topology, name, gtid)
    secret = top.canaries.text()
    branch = Branch(top, "a", f"INSERT INTO go.t (secret, n) VALUES ('{secret}', 1000)", statement_format=True)
    top.relay.wait_halted()
    top.relay.expected_ends.add(3)
    assert top.relay.command("resolve", "--skip")[0] == 0
    wait_healthy(top)
    top.relay.kill9()
    top.relay.start()
    branch.end(verb)
    write(top)
    assert_all_but_statements(top)
    assert not prepared(top)
    assert_whole_record(top)
    top.assert_no_leak()
    top.assert_spool_readable()
