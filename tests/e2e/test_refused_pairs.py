"""Pairs of servers that cannot replicate: the relay says so to the replica and to the operator, instead of letting it fail later."""
import pytest

from support import compare, process, topology as topologies

# From what real servers do with each other: each of these replicas stops, or silently skips statements.
PAIRS = [("mysql-9.7", "mysql-5.6"), ("mysql-9.7", "mariadb-10.5"), ("mysql-9.7", "mariadb-10.11"), ("mariadb-10.5", "mysql-9.7"),
         ("mariadb-10.11", "mysql-9.7"), ("mariadb-11.8", "mysql-9.7"), ("mariadb-11.8", "mysql-5.6"), ("mariadb-11.8", "mariadb-10.5")]
RULES = '[defaults]\ntable = "deny"\ncolumn = "drop"\n[[table]]\nname = "db.t"\noptional = true\ncolumn_default = "keep"\n' + topologies.HARNESS_RULE


@pytest.mark.parametrize("source, replica", PAIRS)
def test_a_pair_that_cannot_work_is_refused_with_a_clear_message(topology, source, replica):
    top = topology(source, replica, RULES, gtid=True, metadata="FULL")
    top.source.execute("CREATE DATABASE db", "CREATE TABLE db.t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO db.t VALUES (1, 'x')")
    top.follow()
    state = process.wait_until(lambda: _error_of(top.replica), 30, lambda: f"an error: {top.replica.replica_status()}")
    assert state["io_running"] == "No", f"a hopeless pair must not try for ever: {state}"
    message = state["io_error"].lower()
    for side in (source, replica):
        flavour, version = side.split("-")
        assert flavour in message and version in message, f"the message does not name {side}: {state['io_error']}"
    assert not compare.tables(top.replica), "nothing may have been applied"
    # The refusal concerns this replica alone.
    top.relay.assert_healthy()
    assert replica.split("-")[0] in top.relay.log_text().lower(), "the operator finds nothing about it in the log"


def _error_of(replica):
    state = replica.replica_status()
    return state if state["io_errno"] and state["io_error"] and state["io_running"] == "No" else None
