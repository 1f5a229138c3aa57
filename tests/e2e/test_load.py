"""`load` and `snapshot --to` bring a snapshot into a replica, which then follows the relay by itself."""
import time

import pytest

from support import compare, process
from support.load import LOAD_PASSWORD, Load, grant_load
from support.snapshot import Snapshot
from .bank import in_background
from .workload import RULES, TABLES, Workload, assert_stripped

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
WITHOUT_MYISAM = RULES.replace('[[table]]\nname = "shop.my?sam"\ncolumn_default = "keep"\n[table.columns]\nwho = "drop"\n', "")


def assert_follows(made):
    """The replica was not told anything by this test: it has what the source has, scrubbed."""
    made.wait_caught_up(120)
    made.assert_gtids_equal()
    tables = {table: expected for table, expected in TABLES.items() if table != "shop.myisam"}
    for table, expected in tables.items():
        compare.assert_same_rows(made.source, made.replica, table, expected.kept)
        assert_stripped(made.replica, table, expected)
    made.assert_tables(tables)


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("running", [True, False])
def test_a_replica_is_seeded_under_load_and_follows_by_itself(makes_snapshots, name, running):
    made, relay = makes_snapshots(name, WITHOUT_MYISAM)
    source, replica = made.source, made.replica
    grant_load(replica)
    workload = Workload(source, made.canaries)
    workload.create()
    for _ in range(3):
        workload.write()
    if running:
        relay.start()
    rounds = iter(range(10**6))

    def write(_connection):
        workload.round = 100 + next(rounds)
        workload.write()

    with in_background(source, write):
        load = Load(relay, replica)
        load.snapshot()
        if not running:
            relay.config.write_text(relay.config.read_text().replace('start = "earliest"', f'start = "{load.start}"'))
            relay.start()
        time.sleep(2)
    assert_follows(made)
    assert "binlog_relay_seed" not in [database for database, in replica.query("SHOW DATABASES")]
    assert not list(relay.spool.parent.glob("snapshot-*")), "the folder on the way is still there"
    made.canaries.assert_present(source.binlog_dir)
    made.canaries.assert_absent(relay.folder, replica.data_dir, replica.binlog_dir, texts=[load.printed, relay.log_text()])
    assert LOAD_PASSWORD not in load.printed and "replica-pass-1" not in load.printed
