"""`load` and `snapshot --to` bring a snapshot into a replica, which then follows the relay by itself."""
import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import time

import pymysql
import pytest

from support import compare, process, proxy
from support.load import LOAD_PASSWORD, LOAD_USER, Load, grant_load
from support.snapshot import Snapshot
from support.topology import HARNESS_RULE
from .bank import KEEP_ALL, in_background
from .workload import RULES, TABLES, Workload, assert_stripped

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
WITHOUT_MYISAM = RULES.replace('[[table]]\nname = "shop.my?sam"\ncolumn_default = "keep"\n[table.columns]\nwho = "drop"\n', "")


def assert_follows(made):
    """The replica was not told anything by this test: it has what the source has, scrubbed."""
    made.wait_caught_up(120, connecting=True)  # it may have asked the relay before that was started
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


FILES = 8  # tables of about a file each, so that a load has as many moments to be interrupted at


def make_tables(source):
    """Tables of every kind of index, and enough rows that loading takes seconds; one table has no key."""
    source.execute("CREATE DATABASE big CHARACTER SET utf8mb4")
    keyless = "CREATE TABLE big.keyless (a INT, b VARCHAR(200)) ENGINE=InnoDB"
    source.execute(keyless, "INSERT INTO big.keyless VALUES " + ", ".join(f"({i % 5}, REPEAT('k', 190))" for i in range(1000)))
    for _ in range(5):
        source.execute("INSERT INTO big.keyless SELECT * FROM big.keyless")  # 32,000 rows, most of them several times
    for number in range(FILES):
        table = f"big.t{number}"
        parent = f", CONSTRAINT fk{number} FOREIGN KEY (parent) REFERENCES {'big.t%d' % (number - 1) if number else 'big.t0'} (id) ON DELETE SET NULL"
        source.execute(
            f"CREATE TABLE {table} (id INT AUTO_INCREMENT PRIMARY KEY, parent INT, a INT, b VARCHAR(200), c TEXT, d DATE, "
            f"UNIQUE KEY u (a), KEY b_prefix (b(20), a), KEY d (d DESC), KEY parent (parent){parent}) ENGINE=InnoDB")
        source.execute(f"INSERT INTO {table} (a, b, c, d) VALUES " + ", ".join(
            f"({i}, CONCAT('b{i}', REPEAT('x', 150)), 'words {i} in a text', '2020-01-01' + INTERVAL {i} DAY)" for i in range(1000)))
        for power in range(4):
            source.execute(f"INSERT INTO {table} (a, b, c, d) SELECT a + {1000 * 2 ** power}, b, c, d FROM {table}")
        source.execute(f"UPDATE {table} SET parent = id - 1 WHERE id > 1 AND id < 500")


def shown(server, table):
    """SHOW CREATE TABLE without the order of its indexes, which it has from the order of their making."""
    text = re.sub(r" AUTO_INCREMENT=\d+", "", server.query(f"SHOW CREATE TABLE {table}")[0][1])
    return sorted(line.rstrip(",") for line in text.split("\n"))


def assert_loaded(source, replica, database="big"):
    for table in [name for name in compare.tables(source) if name.startswith(database + ".")]:
        assert source.query(f"SELECT COUNT(*) FROM {table}") == replica.query(f"SELECT COUNT(*) FROM {table}"), table
        assert source.query(f"CHECKSUM TABLE {table}") == replica.query(f"CHECKSUM TABLE {table}"), table
        assert shown(source, table) == shown(replica, table)
        compare.assert_same_indexes(source, replica, table)
    assert "binlog_relay_seed" not in [name for name, in replica.query("SHOW DATABASES")]


def noted(replica):
    """How many steps of a load are done."""
    try:
        return int(replica.value("SELECT COUNT(*) FROM binlog_relay_seed.loaded"))
    except pymysql.err.MySQLError:
        return 0


@pytest.fixture
def big(makes_snapshots):
    """make(server name): topology, relay, and a snapshot of tables that take a while to load."""
    def make(name, **options):
        made, relay = makes_snapshots(name, KEEP_ALL.format("big") + HARNESS_RULE, **options)
        make_tables(made.source)
        grant_load(made.replica)
        return made, relay, Snapshot(relay).make()

    return make


@pytest.mark.parametrize("name", SERVERS)
def test_killed_at_any_moment_it_goes_on_and_no_row_comes_twice(big, name):
    made, relay, snapshot = big(name)
    load = Load(relay, made.replica)
    # Of 1 + 1 + FILES + 1 steps that are noted before the indexes, and 2 * FILES of the indexes and foreign keys.
    kills = 0
    for moment in (0, 1, 2, 5, 8, FILES + 4, 2 * FILES + 1):
        child = load.spawn("load", snapshot.folder, "--loaders", "2")
        process.wait_until(lambda: noted(made.replica) >= moment or child.poll() is not None, 60, f"{moment} steps", interval=0.002)
        time.sleep(moment % 3 * 0.02)
        killed = child.poll() is None
        process.kill(child)
        assert killed or child.returncode == 0, load.output()
        kills += killed
    assert kills >= 5, f"it was killed {kills} times before it was done: this proves little"
    load.load(snapshot.folder)
    assert_loaded(made.source, made.replica)
    relay.config.write_text(relay.config.read_text().replace('start = "earliest"', f'start = "{load.start}"'))
    relay.start()
    made.source.execute("INSERT INTO big.keyless VALUES (77, 'later')")
    made.wait_caught_up(60, connecting=True)
    assert made.replica.value("SELECT COUNT(*) FROM big.keyless WHERE a = 77") == 1


@pytest.mark.parametrize("name", SERVERS)
def test_a_replica_that_dies_in_the_middle_is_waited_for(big, name):
    made, relay, snapshot = big(name)
    load = Load(relay, made.replica)
    child = load.spawn("load", snapshot.folder, "--loaders", "2")
    for moment in (4, FILES + 5):
        process.wait_until(lambda: noted(made.replica) >= moment or child.poll() is not None, 60, f"{moment} steps", interval=0.002)
        assert child.poll() is None, load.output()
        made.replica.kill9()
        time.sleep(1)
        made.replica.start()
    assert child.wait(process.patient(120)) == 0, load.output()
    assert "it is tried again" in load.output()
    assert_loaded(made.source, made.replica)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_sigterm_ends_it(big, name):
    made, relay, snapshot = big(name)
    load = Load(relay, made.replica)
    child = load.spawn("load", snapshot.folder, "--loaders", "1")
    process.wait_until(lambda: noted(made.replica) >= 2 or child.poll() is not None, 60, "begun", interval=0.002)
    child.send_signal(signal.SIGTERM)
    assert child.wait(process.patient(30)) == 130, load.output()
    load.load(snapshot.folder)
    assert_loaded(made.source, made.replica)


MANY_INDEXES = {
    "mysql-9.7": "KEY f ((LOWER(a))), KEY hidden (n) INVISIBLE, SPATIAL KEY g (g), FULLTEXT KEY w (a), FULLTEXT KEY x (a, b), UNIQUE KEY u (n, m DESC), KEY later (m)",
    "mysql-5.6": "FULLTEXT KEY w (a), FULLTEXT KEY x (a, b), UNIQUE KEY u (n, m), KEY later (m), KEY p (b(5)) USING BTREE",
    "mariadb-10.11": "KEY hidden (n) IGNORED, SPATIAL KEY g (g), FULLTEXT KEY w (a), FULLTEXT KEY x (a, b), UNIQUE KEY u (n, m), KEY later (m), UNIQUE KEY long_ones (b)",
}


@pytest.mark.parametrize("name", SERVERS)
def test_every_kind_of_index_and_key_is_there_afterwards(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("ix"))
    source, replica = made.source, made.replica
    grant_load(replica)
    point = "ST_GeomFromText('POINT(1 2)')" if name != "mysql-5.6" else "GeomFromText('POINT(1 2)')"
    srid = " SRID 0" if name == "mysql-9.7" else ""
    source.execute(
        "CREATE DATABASE ix CHARACTER SET utf8mb4", "SET NAMES utf8mb4",
        f"CREATE TABLE ix.wide (id INT PRIMARY KEY, n INT NOT NULL, m INT, a VARCHAR(50), b TEXT, g GEOMETRY NOT NULL{srid}, {MANY_INDEXES[name]}) ENGINE=InnoDB",
        f"INSERT INTO ix.wide VALUES (1, 1, 1, 'one word', 'more words', {point}), (2, 2, NULL, 'two', NULL, {point})",
        "CREATE TABLE ix.counted (a INT NOT NULL, n BIGINT NOT NULL AUTO_INCREMENT, s VARCHAR(20), PRIMARY KEY (a), KEY s (s), KEY n (n)) ENGINE=InnoDB",
        "INSERT INTO ix.counted VALUES (1, 10, 'x'), (2, 20, 'y')",
        "CREATE TABLE ix.unique_only (a INT NOT NULL, b INT, UNIQUE KEY b (b), UNIQUE KEY a (a), KEY ab (a, b)) ENGINE=InnoDB",
        "INSERT INTO ix.unique_only VALUES (1, NULL), (2, NULL)",
        "CREATE TABLE ix.parts (id INT NOT NULL, k INT, PRIMARY KEY (id), KEY k (k)) ENGINE=InnoDB PARTITION BY RANGE (id) "
        "(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "INSERT INTO ix.parts VALUES (1, 1), (11, 11)",
        "CREATE TABLE ix.parent (id INT PRIMARY KEY, code VARCHAR(10), UNIQUE KEY code (code)) ENGINE=InnoDB",
        "CREATE TABLE ix.child (id INT PRIMARY KEY, code VARCHAR(10), self INT, KEY code (code), CONSTRAINT c1 FOREIGN KEY (code) REFERENCES ix.parent (code) "
        "ON UPDATE CASCADE, CONSTRAINT c2 FOREIGN KEY (self) REFERENCES ix.child (id)) ENGINE=InnoDB",
        "INSERT INTO ix.parent VALUES (1, 'a')", "INSERT INTO ix.child VALUES (1, 'a', 1)",
        "CREATE TABLE ix.`o``dd, KEY (` (`k ey` INT PRIMARY KEY, `, KEY` INT DEFAULT 5, KEY `i``x, (` (`, KEY`)) ENGINE=InnoDB")
    if name == "mariadb-10.11":
        source.execute("CREATE TABLE ix.versioned (id INT PRIMARY KEY, a INT, KEY a (a)) ENGINE=InnoDB WITH SYSTEM VERSIONING",
                       "INSERT INTO ix.versioned VALUES (1, 1)")
    snapshot = Snapshot(relay).make()
    Load(relay, replica).load(snapshot.folder)
    assert b"KEY `later`" not in (snapshot.folder / "schema.sql").read_bytes(), "nothing was left for behind the rows"
    replica.execute("SET NAMES utf8mb4")
    tables = [row[0] for row in source.query("SHOW TABLES FROM ix")]
    assert len(tables) == 7 + (name == "mariadb-10.11")
    for table in tables:
        quoted = "ix.`%s`" % table.replace("`", "``")
        assert shown(source, quoted) == shown(replica, quoted)
        assert source.query(f"SELECT COUNT(*) FROM {quoted}") == replica.query(f"SELECT COUNT(*) FROM {quoted}")
    replica.execute("DROP DATABASE ix")
    snapshot.load(replica)
    assert shown(source, "ix.wide") == shown(replica, "ix.wide") and shown(source, "ix.child") == shown(replica, "ix.child")


@pytest.mark.parametrize("name", SERVERS)
def test_what_does_not_fit_is_refused_before_anything_is_loaded(big, name):
    made, relay, snapshot = big(name)
    source, replica = made.source, made.replica
    load = Load(relay, replica)
    replica.execute("SET SESSION sql_log_bin = 0", "CREATE DATABASE big", "CREATE TABLE big.t1 (id INT) ENGINE=InnoDB", "SET GLOBAL max_allowed_packet = 1048576")
    assert "big.t1" in load.load(snapshot.folder, code=1).printed and "max_allowed_packet" in load.printed
    replica.execute("DROP DATABASE big", "SET GLOBAL max_allowed_packet = 1073741824")
    replica.new_session()
    if replica.kind.mariadb:
        replica.execute("SET GLOBAL gtid_strict_mode = 1", "SET SESSION server_id = 4711", "SET SESSION gtid_seq_no = 1000000", "CREATE DATABASE other")
    else:
        replica.execute("SET gtid_next = '11111111-1111-1111-1111-111111111111:1'", "CREATE DATABASE other", "SET gtid_next = AUTOMATIC")
    assert "transactions of other servers" in load.load(snapshot.folder, code=1).printed
    replica.execute("RESET MASTER" if replica.kind.old or replica.kind.mariadb else "RESET BINARY LOGS AND GTIDS")
    # Its own of when it was set up are no hindrance: they are kept, or forgotten.
    replica.new_session()
    replica.execute("CREATE DATABASE mine")
    reset = ["--reset"] if replica.kind.old else []
    grants = load.url  # then an account that may not
    replica.execute("SET SESSION sql_log_bin = 0")
    replica.create_account("poor", "poor-pass", "SELECT")
    replica.execute("SET SESSION sql_log_bin = 1")
    os.environ["POOR_PASSWORD"] = "poor-pass"
    load.url = grants.replace("relay_load@", "poor@").replace("LOAD_PASSWORD", "POOR_PASSWORD")
    load.load(snapshot.folder, code=1)
    assert load.printed.count("GRANT ") >= 2 and "INSERT" in load.printed and "poor-pass" not in load.printed
    load.url = grants
    # A file that is not the manifest's, then one that is and does more than insert rows.
    file = sorted(snapshot.folder.glob("big.t3.*.sql.zst"))[0]
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert "not the one of its manifest" in load.load(snapshot.folder, *reset, code=1).printed
    file.write_bytes(kept)
    # Another snapshot, while that one is not loaded to its end.
    other = Snapshot(relay).make()
    assert "another snapshot" in load.load(other.folder, code=2).printed
    load.load(snapshot.folder, *reset)
    assert_loaded(source, replica)
    assert "is running" in load.load(snapshot.folder, code=1).printed and "are there already" in load.printed


def test_a_folder_made_by_somebody_else_can_do_nothing_but_insert_rows(big):
    made, relay, snapshot = big("mysql-9.7")
    load = Load(relay, made.replica)
    manifest = snapshot.manifest
    table = next(table for table in manifest["tables"] if table["table"] == "keyless")
    record = table["files"][0]
    sql = snapshot.file(record["file"]) + b"INSERT INTO `big`.`keyless` (`a`, `b`) VALUES\n((SELECT 1),'x');\n"
    packed = subprocess.run(["zstd", "-q"], input=sql, stdout=subprocess.PIPE, check=True).stdout
    (snapshot.folder / record["file"]).write_bytes(packed)
    record.update(bytes=len(packed), sql_bytes=len(sql), sha256=hashlib.sha256(packed).hexdigest(), rows=record["rows"] + 1)
    table["rows"] += 1
    (snapshot.folder / "manifest.json").write_text(json.dumps(manifest))
    assert "something else than the table's rows" in load.load(snapshot.folder, code=1).printed
    assert made.replica.value("SELECT COUNT(*) FROM big.keyless") == 0


@pytest.mark.parametrize("name", SERVERS)
def test_an_account_that_may_only_load_is_told_what_is_left(big, name):
    made, relay, snapshot = big(name)
    replica = made.replica
    if replica.kind.old:
        pytest.skip("5.6 has one privilege for both")
    replica.execute("SET SESSION sql_log_bin = 0", f"DROP USER '{LOAD_USER}'@'%'")
    grant_load(replica, follows=False)
    relay.start()
    load = Load(relay, replica).load(snapshot.folder, code=1)
    statements = re.findall(r"^  ((?:SET GLOBAL|CHANGE|START|DROP DATABASE).*);$", load.printed, re.M)
    assert len(statements) == 4 and "PASSWORD='...'" in load.printed and "replica-pass-1" not in load.printed
    for statement in statements:
        replica.execute(statement.replace("'...'", "'replica-pass-1'"))
    assert_loaded(made.source, replica)
    made.wait_caught_up(60, connecting=True)


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6"])
@pytest.mark.parametrize("running", [True, False])
def test_without_gtids_it_follows_from_the_place_in_the_spool(makes_snapshots, name, running):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big") + HARNESS_RULE, gtid=False)
    source, replica = made.source, made.replica
    make_tables(source)
    grant_load(replica)
    if running:
        relay.start()

    def write(connection):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO big.keyless VALUES (100, 'moves')")
            cursor.execute("DELETE FROM big.keyless WHERE a = 3 LIMIT 1")
        connection.commit()

    with in_background(source, write):
        load = Load(relay, replica)
        if running:
            load.snapshot()
        else:
            snapshot = Snapshot(relay).make()
            assert snapshot.manifest["start"] in load.load(snapshot.folder, code=2).printed
            relay.config.write_text(relay.config.read_text().replace('start = "earliest"', f'start = "{snapshot.manifest["start"]}"'))
            load.load(snapshot.folder)
            relay.start()
        time.sleep(1)
    made.wait_caught_up(60, connecting=True)
    assert_loaded(source, replica)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_snapshot_to_goes_on_where_it_was_killed(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("big") + HARNESS_RULE)
    make_tables(made.source)
    grant_load(made.replica)
    relay.start()
    load = Load(relay, made.replica)
    child = load.spawn("snapshot", "--loaders", "1")
    tables = int(made.source.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema IN ('big', 'harness')"))
    process.wait_until(lambda: noted(made.replica) >= tables + 4 or child.poll() is not None, 120, "files are loaded", interval=0.002)
    assert child.poll() is None, load.output()
    process.kill(child)
    [folder] = relay.spool.parent.glob("snapshot-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "files are loaded already" in load.snapshot().printed
    assert not folder.exists()
    made.wait_caught_up(60, connecting=True)
    assert_loaded(made.source, made.replica)


@pytest.mark.parametrize("name", ["mysql-9.7", "mysql-5.6"])
def test_a_line_that_is_cut_again_and_again_loses_no_row(big, name):
    made, relay, snapshot = big(name)
    line = proxy.Proxy(lambda: made.replica.port)
    try:
        load = Load(relay, made.replica, port=line.port)
        load.url += "&tls=off"  # the proxy reads packets
        child = load.spawn("load", snapshot.folder, "--loaders", "3")
        for moment in (2, 4, 6, FILES + 3, FILES + 9):
            process.wait_until(lambda: noted(made.replica) >= moment or child.poll() is not None, 60, f"{moment} steps", interval=0.002)
            assert child.poll() is None, load.output()
            line.drop_connections()
        assert child.wait(process.patient(120)) == 0, load.output()
        assert "it is tried again" in load.output()
        assert_loaded(made.source, made.replica)
    finally:
        line.close()


@pytest.mark.parametrize("name", SERVERS)
def test_without_a_start_the_statements_are_printed_and_the_rest_is_done(big, name):
    made, relay, snapshot = big(name)
    relay.start()
    position = "SELECT @@GLOBAL.gtid_slave_pos" if made.replica.kind.mariadb else "SELECT @@GLOBAL.gtid_executed"
    load = Load(relay, made.replica).load(snapshot.folder, "--no-start", "--source", f"localhost:{relay.port}")
    assert_loaded(made.source, made.replica)
    assert made.replica.value(position) == "" and made.replica.replica_status() == {}
    statements = re.findall(r"^  ((?:SET GLOBAL|CHANGE|START).*);$", load.printed, re.M)
    assert len(statements) == 3 and "HOST='localhost'" in statements[1]
    for statement in statements:
        made.replica.execute(statement.replace("'...'", "'replica-pass-1'"))
    made.wait_caught_up(60, connecting=True)


@pytest.mark.parametrize("name", SERVERS)
def test_a_row_that_is_too_long_for_the_replica_is_named_and_comes_later(makes_snapshots, name):
    made, relay = makes_snapshots(name, KEEP_ALL.format("wide"))
    grant_load(made.replica)
    made.source.execute("CREATE DATABASE wide", "CREATE TABLE wide.t (id INT PRIMARY KEY, d LONGBLOB) ENGINE=InnoDB",
                        "INSERT INTO wide.t VALUES (1, 'short'), (2, REPEAT('x', 9000000))")
    snapshot = Snapshot(relay).make()
    made.replica.execute("SET GLOBAL max_allowed_packet = 4194304")
    load = Load(relay, made.replica).load(snapshot.folder, code=1, seconds=60)
    assert "wide.t.00001" in load.printed and "larger than the replica's max_allowed_packet" in load.printed
    made.replica.execute("SET GLOBAL max_allowed_packet = 1073741824")
    load.load(snapshot.folder)
    assert_loaded(made.source, made.replica, "wide")
