"""`verify --repair` at replicas that apply in other ways than one transaction after the other."""
import random
import time

import pytest

from support.snapshot import grant_snapshot
from support.verifying import differences, grant_verify
from .bank import in_background, retried
from .test_verify import QUIET, followed, key, plant, quiet_keys, writer  # pylint: disable=unused-import

APPLIERS = [
    ("mariadb-10.11", ["--slave-parallel-threads=4", "--slave-parallel-mode=optimistic"]),
    ("mysql-9.7", ["--replica-parallel-workers=8", "--replica-preserve-commit-order=OFF"]),
    ("mysql-9.7", ["--read-only=ON"]),
]


def in_domain(domain, table):
    """Writes with GTIDs of this domain. Domains are applied beside each other, so nobody else may write that table."""
    def write(connection):
        retried(connection, f"SET SESSION gtid_domain_id={domain}", f"UPDATE v.{table} SET n=n+1 WHERE id >= {QUIET} ORDER BY id LIMIT 1")
        time.sleep(0.002)

    return write


def assert_mended(made, verifier, name, *writers):
    made.wait_caught_up()
    quiet_keys(made)
    expected, _columns = plant(made.replica, random.Random(name), 60)
    grant_verify(made.replica, repair=True)
    grant_snapshot(made.source)
    with in_background(made.source, *writers):
        answer = verifier.run("--repair")
        assert answer["outcome"] == "equal", verifier.printed
        rows, _schema = differences({"tables": answer["repaired"]})
        assert rows == expected, verifier.printed
    made.replica.assert_no_error()
    made.wait_caught_up()
    made.assert_gtids_equal()
    assert verifier.run()["outcome"] == "equal"


@pytest.mark.parametrize("name,options", APPLIERS, ids=["mariadb-parallel", "mysql-any-order", "mysql-read-only"])
def test_a_replica_is_mended_however_it_applies(followed, name, options):
    made, verifier = followed(name, replica_options={"extra": options})
    if "--read-only=ON" in options:
        made.replica.execute("SET SESSION sql_log_bin=0", "CREATE USER IF NOT EXISTS relay_verify@'%' IDENTIFIED BY 'verify-pass-1'",
                             "GRANT CONNECTION_ADMIN ON *.* TO relay_verify@'%'", "SET SESSION sql_log_bin=1")
    assert_mended(made, verifier, name, writer(0))


def test_a_replica_of_two_domains_is_mended(followed):
    made, verifier = followed("mariadb-10.11", replica_options={"extra": ["--slave-parallel-threads=4"]})
    assert_mended(made, verifier, "domains", in_domain(0, "hashed"), in_domain(7, "plain"), in_domain(8, "scrubbed"))


def test_where_nobody_may_write_nothing_is_repaired(followed):
    made, verifier = followed("mysql-9.7")
    made.wait_caught_up()
    grant_verify(made.replica, repair=True)
    grant_snapshot(made.source)
    made.replica.execute("SET SESSION sql_log_bin=0", "DELETE FROM v.plain WHERE id < 5", "SET SESSION sql_log_bin=1", "SET GLOBAL super_read_only=ON")
    verifier.run("--repair", code=1)
    assert "read_only" in verifier.printed or "read-only" in verifier.printed, verifier.printed
    made.wait_caught_up()
    made.replica.assert_no_error()
    made.replica.execute("SET GLOBAL read_only=OFF")
    assert verifier.run("--repair")["outcome"] == "equal"
