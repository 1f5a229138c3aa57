"""What `load` refuses: a replica that is not new, a snapshot that is not this project's, and a second telling of where to follow."""
import hashlib
import json
import signal
import time

import pytest

from support import process
from support.load import Load, grant_load
from support.snapshot import Snapshot
from support.topology import HARNESS_RULE
from .bank import KEEP_ALL


@pytest.fixture
def small(makes_snapshots):
    """make(server name): topology and relay, with three rows in a table without a key."""
    def make(name, **options):
        made, relay = makes_snapshots(name, KEEP_ALL.format("big") + HARNESS_RULE, **options)
        made.source.execute("CREATE DATABASE big CHARACTER SET utf8mb4", "CREATE TABLE big.keyless (a INT, b VARCHAR(200)) ENGINE=InnoDB",
                            "INSERT INTO big.keyless VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        grant_load(made.replica)
        return made, relay

    return make


def stop_and(replica, more=None):
    replica.execute("STOP SLAVE" if replica.kind.old or replica.kind.mariadb else "STOP REPLICA")
    if more:
        replica.execute(more)


@pytest.mark.parametrize("name,gtid", [("mysql-5.6", False), ("mysql-9.7", True), ("mariadb-10.11", True)])
def test_a_replica_that_follows_already_is_not_told_again(small, name, gtid):
    """Killed after START, with rows behind the snapshot applied: the same load goes on, and nothing comes twice."""
    made, relay = small(name, gtid=gtid)
    replica = made.replica
    relay.start()
    snapshot = Snapshot(relay).make()
    load = Load(relay, replica)
    child = load.spawn("load", snapshot.folder)
    process.wait_until(lambda: child.poll() is not None or "Yes" in str(replica.replica_status().values()), 60, "follows", interval=0.005)
    assert child.poll() is None, load.output()
    process.kill(child)
    made.source.execute("INSERT INTO big.keyless VALUES (77, 'once')")
    once = "SELECT COUNT(*) FROM big.keyless WHERE a = 77"
    process.wait_until(lambda: replica.value(once) == 1, 60, "the row of after the snapshot")
    stop_and(replica)
    load.load(snapshot.folder)
    made.wait_caught_up(60, connecting=True)
    assert replica.value(once) == 1
    assert "binlog_relay_seed" not in [database for database, in replica.query("SHOW DATABASES")]


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6", "mariadb-10.11"])
def test_a_replica_that_was_told_to_follow_somebody_is_left_as_it_is(small, name):
    made, relay = small(name)
    replica = made.replica
    snapshot = Snapshot(relay).make()
    load = Load(relay, replica)
    before = "SOURCE_HOST='192.0.2.1', SOURCE_USER='precious', SOURCE_LOG_FILE='b.000042', SOURCE_LOG_POS=4711"
    if replica.kind.mariadb:
        replica.execute("CHANGE MASTER 'other' TO " + before.replace("SOURCE_", "MASTER_"))
    elif replica.kind.old:
        replica.execute("CHANGE MASTER TO " + before.replace("SOURCE_", "MASTER_"))
    else:
        replica.execute("CHANGE REPLICATION SOURCE TO " + before + " FOR CHANNEL 'other'")
    assert "is set up already" in load.load(snapshot.folder, code=1).printed
    status = "SHOW ALL SLAVES STATUS" if replica.kind.mariadb else "SHOW SLAVE STATUS" if replica.kind.old else "SHOW REPLICA STATUS"
    assert "precious" in replica.query(status)[0] and len(replica.query(status)) == 1
    replica.execute("RESET SLAVE 'other' ALL" if replica.kind.mariadb else "RESET SLAVE ALL" if replica.kind.old else "RESET REPLICA ALL")
    if replica.kind.mariadb:
        replica.execute("SET GLOBAL gtid_slave_pos = '5-99-1234'")
        assert "gtid_slave_pos" in load.load(snapshot.folder, code=1).printed
        assert replica.value("SELECT @@GLOBAL.gtid_slave_pos") == "5-99-1234"
        replica.execute("SET GLOBAL gtid_slave_pos = ''")
    load.load(snapshot.folder)


def test_own_transactions_are_forgotten_where_that_was_allowed(small):
    made, relay = small("mysql-5.6")
    snapshot = Snapshot(relay).make()
    made.replica.execute("CREATE DATABASE mine")
    executed = made.replica.value("SELECT @@GLOBAL.gtid_executed")
    load = Load(relay, made.replica)
    assert "--reset" in load.load(snapshot.folder, code=1).printed
    assert made.replica.value("SELECT @@GLOBAL.gtid_executed") == executed
    load.load(snapshot.folder, "--reset")
    assert made.replica.value("SELECT COUNT(*) FROM big.keyless") == 3


def test_a_statement_in_a_comment_is_not_run(small):
    made, relay = small("mysql-9.7")
    made.replica.execute("SET sql_log_bin = 0", "CREATE DATABASE secret", "CREATE TABLE secret.s (a INT, b VARCHAR(100))",
                         "INSERT INTO secret.s VALUES (42, 'replica-only')", "SET sql_log_bin = 1")
    snapshot = Snapshot(relay).make()
    manifest = snapshot.manifest
    manifest["source"]["version"] = "5.6.0"
    schema = (snapshot.folder / "schema.sql").read_text()
    schema = schema[:schema.rindex(";\n")] + " /*!80000 SELECT a, b FROM secret.s */;\n"
    (snapshot.folder / "schema.sql").write_text(schema)
    manifest["schema"].update(bytes=len(schema.encode()), sha256=hashlib.sha256(schema.encode()).hexdigest())
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest))
    assert "none of a snapshot's" in Load(relay, made.replica).load(snapshot.folder, code=1).printed
    assert "big" not in [database for database, in made.replica.query("SHOW DATABASES")]


def test_an_idle_source_that_has_begun_a_file_is_told_of(small):
    """Without GTIDs the spool has no place for it yet; with the next transaction it has, and nothing is loaded twice."""
    made, relay = small("mysql-9.7", gtid=False)
    relay.start()
    made.source.execute("FLUSH BINARY LOGS")
    time.sleep(3)
    load = Load(relay, made.replica)
    assert "commit something at the source" in load.snapshot(code=2, seconds=120).printed
    made.source.execute("CREATE DATABASE something")
    load.snapshot(seconds=120)
    made.wait_caught_up(60, connecting=True)


def test_autocommit_may_be_off_at_the_replica(small):
    made, relay = small("mysql-9.7")
    snapshot = Snapshot(relay).make()
    made.replica.execute("SET GLOBAL autocommit = 0")
    Load(relay, made.replica).load(snapshot.folder, seconds=60)
    made.replica.execute("SET GLOBAL autocommit = 1")


def test_a_load_whose_lock_another_takes_ends(small):
    made, relay = small("mysql-9.7")
    made.source.execute(*[f"CREATE TABLE big.t{number} (id INT PRIMARY KEY) ENGINE=InnoDB" for number in range(60)])
    snapshot = Snapshot(relay).make()
    load = Load(relay, made.replica)
    child = load.spawn("load", snapshot.folder)

    def asked(statement):
        with made.replica.connection.cursor() as cursor:
            cursor.execute(statement)
            return (cursor.fetchall() or [[None]])[0][0]

    process.wait_until(lambda: child.poll() is not None or asked("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'big' LIMIT 1"),
                       60, "the first table", interval=0.002)
    made.replica.execute("LOCK INSTANCE FOR BACKUP")  # no more tables are made
    made.replica.execute(f"KILL {asked('SELECT IS_USED_LOCK(' + repr('binlog_relay_load') + ')')}")
    assert asked("SELECT GET_LOCK('binlog_relay_load', 20)") == 1
    assert child.wait(process.patient(60)) == 2, load.output()
    assert "another load is at work" in load.output()


def test_a_relay_that_refuses_the_replica_is_an_error(small):
    made, relay = small("mysql-9.7")
    relay.start()
    snapshot = Snapshot(relay).make()
    relay.write_secret("replica.password", "another-pass-9")
    load = Load(relay, made.replica)
    assert "does not let it in" in load.load(snapshot.folder, code=1).printed and "another-pass-9" not in load.printed


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_rules_that_the_stream_does_not_go_on_under_make_no_replica(small, name):
    """What comes behind a snapshot would be scrubbed in another way than what is in it, and nothing would say so."""
    made, relay = small(name)
    load = Load(relay, made.replica)
    before = Snapshot(relay).make()  # there is no spool yet
    rules = relay.folder / "rules/rules.toml"
    rules.write_text(rules.read_text() + '\n[[table]]\nname = "big.later"\noptional = true\ncolumn_default = "keep"\n')
    relay.start()
    process.wait_until(lambda: relay.status()["phase"] == "streaming", 60, relay.log_text)
    assert "by rules that the relay's stream was never made by" in load.load(before.folder, code=2).printed
    rules.write_text(rules.read_text().replace("big.later", "big.later_still"))
    assert "goes on under other rules" in Snapshot(relay).make(code=2).printed
    assert "goes on under other rules" in load.snapshot(code=2).printed
    relay.child.send_signal(signal.SIGHUP)
    process.wait_until(lambda: relay.command("snapshot", "--output", process.temp_folder("snapshot") / "made")[0] == 0, 60, relay.log_text, interval=0.5)
    load.snapshot()
    made.wait_caught_up(60, connecting=True)
