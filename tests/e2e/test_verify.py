"""`verify` says whether a replica is exactly the scrubbed source, while both are live."""
import os
import random
import signal
import time

import pymysql.cursors
import pytest

from support import process, topology as topologies
from support.snapshot import grant_snapshot
from support.verifying import Verifier, differences, grant_verify
from .bank import in_background, retried
from .workload import RULES, Workload

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
LONG = bool(os.environ.get("BINLOG_RELAY_LONG"))
KEY = "0123456789abcdef0123456789abcdef"
VERIFY_RULES = """
[defaults]
table = "deny"
[keys]
person = { env = "PERSON_KEY" }
[[table]]
name = "v.*"
column_default = "keep"
[[table]]
name = "v.hashed"
column_default = "keep"
[table.columns]
id = { action = "hash", key = "person" }
mail = { action = "hash", key = "person" }
paid = { action = "constant", value = "7.5" }
secret = "drop"
[[table]]
name = "v.scrubbed"
column_default = "keep"
[table.columns]
mail = { action = "hash", key = "person" }
name = { action = "mask", keep_first = 1 }
born = { action = "date", to = "year" }
paid = { action = "constant", value = "1.50" }
note = "null"
level = "null"
secret = "drop"
""" + topologies.HARNESS_RULE
# Each: columns, a row of number n, and the column whose cells are changed at the replica with what to; rows below QUIET are left alone by
# those who write at the source.
QUIET, ROWS = 3000, 3300
TABLES = {
    "plain": ("id INT PRIMARY KEY, a VARCHAR(40), b DECIMAL(10,2), c DATETIME(3), d DOUBLE, e BLOB, n INT NOT NULL DEFAULT 0",
              lambda n: (n, f"a{n}", n / 4, "2026-01-02 03:04:05.678", n / 3, bytes([n % 256]) * 20, 0),
              {"a": "CONCAT(a, 'x')", "b": "b + 0.01", "c": "c + INTERVAL 1 SECOND", "d": "d + 1e-3", "e": "CONCAT(e, 0x00)", "n": "n + 1"}),
    "composite": ("a INT NOT NULL, b VARCHAR(20) NOT NULL, c DATE NOT NULL, v TEXT, n INT NOT NULL, PRIMARY KEY (a, b, c)",
                  lambda n: (n % 50, f"b{n}", "2026-05-06", f"v{n}", 0), {"v": "CONCAT(v, '!')", "n": "n + 1"}),
    "texts": ("k VARCHAR(30) CHARACTER SET utf8 COLLATE utf8_general_ci PRIMARY KEY, v INT, n INT NOT NULL",
              lambda n: (f"K\u00f8\u00e6{n:05d}", n, 0), {"v": "v - 1", "n": "n + 1"}),
    "scrubbed": ("id BIGINT PRIMARY KEY, mail VARCHAR(60), name VARCHAR(40), born DATE, paid DECIMAL(8,2), note TEXT, level INT NOT NULL, "
                 "secret VARCHAR(60), n INT NOT NULL",
                 lambda n: (n * 10, f"m{n}@example.com", f"name {n}", "1970-02-03", 1, "private", 3, "private", 0),
                 {"mail": "CONCAT(mail, 'x')", "name": "CONCAT('y', name)", "paid": "paid + 1", "level": "level + 1", "n": "n + 1", "note": "'x'"}),
    "hashed": ("id INT PRIMARY KEY, mail VARCHAR(60), paid DOUBLE, secret VARCHAR(60), n INT NOT NULL",
               lambda n: (n, f"h{n}@example.com", n, "private", 0), {"mail": "CONCAT(mail, 'x')", "n": "n + 1", "paid": "paid + 0.5"}),
    "keyless": ("a INT, b VARCHAR(30), n INT NOT NULL", lambda n: (n, f"b{n % 7}", 0), {"b": "CONCAT(b, 'x')", "n": "n + 1"}),
}
BUCKETS = {"hashed", "keyless"}  # compared without a key: a row that was changed is one missing and one extra


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("PERSON_KEY", KEY)


def make_tables(source):
    source.execute("CREATE DATABASE v DEFAULT CHARACTER SET utf8", "SET NAMES utf8mb4")
    for table, (columns, row, _changes) in TABLES.items():
        source.execute(f"CREATE TABLE v.{table} ({columns}) ENGINE=InnoDB")
        with source.connection.cursor() as cursor:
            rows = [row(n) for n in range(ROWS)]
            for begin in range(0, ROWS, 1000):
                part = rows[begin:begin + 1000]
                cursor.executemany(f"INSERT INTO v.{table} VALUES ({', '.join(['%s'] * len(part[0]))})", part)


def first_column(table):
    return TABLES[table][0].split()[0]


def writer(seed):
    """Changes rows from QUIET on, some again and again, and makes and removes others."""
    rnd = random.Random(seed)

    def write(connection):
        table = rnd.choice(list(TABLES))
        n = rnd.choice([QUIET, rnd.randrange(QUIET, ROWS)])
        row = TABLES[table][1](n)
        other = [value if not isinstance(value, bytes) else value[:5] for value in TABLES[table][1](ROWS + seed * 1000 + rnd.randrange(1000))]
        where = {"composite": f"a={row[0]} AND b='{row[1]}'", "keyless": f"a={row[0]} LIMIT 1"}.get(table, f"{first_column(table)}='{row[0]}'")
        gone = {"composite": f"a={other[0]} AND b='{other[1]}'", "keyless": f"a={other[0]}"}.get(table, f"{first_column(table)}='{other[0]}'")
        with connection.cursor() as cursor:
            cursor.execute("SET NAMES utf8mb4")
        marks = ", ".join("NULL" if value is None else "0x" + value.hex() if isinstance(value, bytes) else f"'{value}'" for value in other)
        retried(connection, f"UPDATE v.{table} SET n=n+1 WHERE {where}", f"DELETE FROM v.{table} WHERE {gone}",
                f"INSERT INTO v.{table} VALUES ({marks})")
        time.sleep(0.002)

    return write


@pytest.fixture
def followed(topology):
    def make(name, rules=VERIFY_RULES, prepare=lambda made: make_tables(made.source), **options):
        made = topology(name, name, rules, with_relay=False, **options)
        prepare(made)
        made.make_relay()
        grant_verify(made.replica)
        made.follow()
        return made, Verifier(made)

    return make


@pytest.mark.parametrize("name", SERVERS)
def test_a_replica_that_follows_is_equal_while_both_are_written_to(followed, figure, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    seconds = []
    with in_background(made.source, *(writer(seed) for seed in range(3))):
        for _ in range(20 if LONG else 6):
            begin = time.monotonic()
            answer = verifier.run()
            seconds.append(time.monotonic() - begin)
            assert answer["outcome"] == "equal" and {table["table"] for table in answer["tables"]} == {*TABLES, "marker"}
            assert all(table["rows"] >= QUIET for table in answer["tables"] if table["table"] != "marker"), answer
    figure("seconds for 20,000 rows under load, at most", round(max(seconds), 1))


@pytest.mark.parametrize("name", SERVERS)
def test_a_shop_of_many_types_and_rules_is_equal(followed, name):
    workload = None

    def prepare(made):
        nonlocal workload
        workload = Workload(made.source, made.canaries)
        workload.create()
        for _ in range(3):
            workload.write()

    made, verifier = followed(name, RULES, prepare)
    rounds = iter(range(10**6))

    def write(_connection):
        workload.round = 100 + next(rounds)
        workload.write()

    made.wait_caught_up()
    with in_background(made.source, write):
        for _ in range(3):
            assert verifier.run()["outcome"] == "equal"
    workload.change_schema()
    made.wait_caught_up()
    assert verifier.run()["outcome"] == "equal"
    # A value that should not be there is not told either.
    made.replica.execute("SET SESSION sql_log_bin=0", f"UPDATE shop.customers SET notes='{made.canaries.text()}', country='XY' LIMIT 1",
                         f"INSERT INTO shop.nokey VALUES (1, '{made.canaries.text()}')", "SET SESSION sql_log_bin=1")
    rows, schema = differences(verifier.run(code=4))
    assert rows == {("shop.customers", "changed"): 1, ("shop.nokey", "extra"): 1} and not schema
    made.canaries.assert_absent(texts=[verifier.printed, verifier.text(code=4)])


def plant(replica, rnd, count, only=None):
    """Changes single cells, removes rows and adds some, in rows that nobody writes. Returns {(table, kind): rows}, {table: columns}."""
    expected, columns, used = {}, {}, set()

    def add(table, kind):
        expected[table, kind] = expected.get((table, kind), 0) + 1

    replica.execute("SET SESSION sql_log_bin=0", "SET SESSION sql_mode=''", "SET NAMES utf8mb4")
    keys = {}
    for table in TABLES:
        names = {"composite": "a, b, c", "keyless": "a, b, n"}.get(table, first_column(table))
        rows = replica.query(f"SELECT {names} FROM v.{table} WHERE n=0 ORDER BY {names}")
        keys[table] = (names.split(", "), rows)
    while sum(expected.values()) < count or len(used) < count:
        table = rnd.choice(only or list(TABLES))
        names, rows = keys[table]
        at = rnd.randrange(len(rows) * 8 // 10)
        if (table, at) in used:
            continue
        used.add((table, at))
        where = " AND ".join(f"{name}='{value}'" for name, value in zip(names, rows[at]))
        kind = rnd.choice(("changed", "missing", "extra"))
        if kind == "changed":
            column, change = rnd.choice(list(TABLES[table][2].items()))
            replica.execute(f"UPDATE v.{table} SET {column}={change} WHERE {where} LIMIT 1")
            columns.setdefault(table, set()).add(column)
            if table in BUCKETS:
                add(f"v.{table}", "missing"), add(f"v.{table}", "extra")
            else:
                add(f"v.{table}", kind)
        elif kind == "missing":
            replica.execute(f"DELETE FROM v.{table} WHERE {where} LIMIT 1")
            add(f"v.{table}", kind)
        else:
            number = 10**6 + len(used)
            key = {"composite": f"a={number}", "texts": f"k='\u00f8{number}'", "keyless": f"a={number}"}.get(table, f"{first_column(table)}={number}")
            replica.execute(f"CREATE TEMPORARY TABLE v.one AS SELECT * FROM v.{table} WHERE {where} LIMIT 1", f"UPDATE v.one SET {key}",
                            f"INSERT INTO v.{table} SELECT * FROM v.one", "DROP TEMPORARY TABLE v.one")
            add(f"v.{table}", kind)
    replica.execute("SET SESSION sql_log_bin=1")
    return expected, columns


def quiet_keys(made):
    """At the replica, the rows that writers touch have n above 0, or are below."""
    made.source.execute(*(f"UPDATE v.{table} SET n=1 WHERE {condition}" for table, condition in {
        "plain": f"id>={QUIET}", "composite": f"b>='b{QUIET}' AND LENGTH(b)>4", "texts": f"v>={QUIET}", "scrubbed": f"id>={QUIET * 10}",
        "hashed": f"id>={QUIET}", "keyless": f"a>={QUIET}"}.items()))
    made.wait_caught_up()


@pytest.mark.parametrize("name", SERVERS)
def test_every_corruption_is_found_and_nothing_else(followed, figure, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    quiet_keys(made)
    expected, columns = plant(made.replica, random.Random(name), 200)
    with in_background(made.source, *(writer(seed) for seed in range(3))):
        answer = verifier.run(code=4)
    rows, schema = differences(answer)
    assert rows == expected and not schema, verifier.printed
    for table in answer["tables"]:
        for one in table.get("differences", []):
            if one["kind"] == "changed":
                assert set(one["columns"]) == columns[table["table"]], table
            readable = table["table"] in ("plain", "scrubbed")
            assert ("keys" in one) == readable, table
    figure("corruptions found", sum(rows.values()))


@pytest.mark.parametrize("name", SERVERS)
def test_without_gtids_the_relay_says_how_far_it_is(followed, name):
    made, verifier = followed(name, gtid=False)
    made.wait_caught_up()
    if made.source.kind.mariadb:
        with made.replica.connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute("SHOW SLAVE STATUS")
            assert cursor.fetchone()["Using_Gtid"] == "No"
    quiet_keys(made)
    with in_background(made.source, *(writer(seed) for seed in range(2))):
        for _ in range(3):
            assert verifier.run()["outcome"] == "equal"
        expected, _columns = plant(made.replica, random.Random(name), 10, ["plain", "hashed"])
        rows, _schema = differences(verifier.run(code=4))
        assert rows == expected, verifier.printed
    if not made.source.kind.mariadb:
        made.relay.stop()
        made.replica.execute("SET SESSION sql_log_bin=0", "DELETE FROM v.plain WHERE id=1", "SET SESSION sql_log_bin=1")
        verifier.run(code=1)  # nobody says what has been applied: no difference is certain
        assert "no connection to the relay" in verifier.printed, verifier.printed


@pytest.mark.parametrize("name", SERVERS)
def test_what_differs_in_a_definition_is_found(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    assert verifier.run()["outcome"] == "equal"
    made.source.execute("ALTER TABLE v.plain ADD KEY by_a (a)")
    made.wait_caught_up()
    made.replica.execute("SET SESSION sql_log_bin=0", "ALTER TABLE v.plain DROP KEY by_a", "ALTER TABLE v.composite MODIFY n BIGINT NOT NULL",
                         "ALTER TABLE v.texts MODIFY k VARCHAR(30) CHARACTER SET utf8 COLLATE utf8_bin NOT NULL",
                         "ALTER TABLE v.scrubbed ADD COLUMN secret VARCHAR(60)", "DROP TABLE v.hashed", "CREATE TABLE v.stray (id INT PRIMARY KEY)",
                         "ALTER TABLE v.keyless ALTER COLUMN b SET DEFAULT 'x', MODIFY n INT", "SET SESSION sql_log_bin=1")
    rows, schema = differences(verifier.run(code=4))
    assert not rows and schema == {
        ("v.plain", "index missing", "by_a"), ("v.composite", "column's type differs", "n"), ("v.texts", "column's collation differs", "k"),
        ("v.scrubbed", "column not in the scrubbed table", "secret"), ("v.hashed", "table missing", ""),
        ("v.stray", "table not in the scrubbed source", ""), ("v.keyless", "column takes NULL on one side alone", "n"),
        ("v.keyless", "column's default differs", "b")}, schema
    assert verifier.run("--tables", "v.pl*", code=4)["tables"][0]["table"] == "plain"


def own_gtids(server):
    """What a server has written into its log by itself."""
    if server.kind.mariadb:
        own = server.value("SELECT @@server_id")
        return [gtid for gtid in server.value("SELECT @@global.gtid_binlog_state").split(",") if gtid.split("-")[1] == str(own)]
    uuid = server.value("SELECT @@global.server_uuid")
    return [part for part in server.value("SELECT @@global.gtid_executed").replace("\n", "").split(",") if part.startswith(uuid)]


@pytest.mark.parametrize("name", SERVERS)
def test_every_corruption_is_mended_while_both_are_written_to(followed, figure, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    quiet_keys(made)
    refused = verifier.run("--repair")  # nothing to do, so nobody asks what the account may
    assert refused["outcome"] == "equal" and "repaired" not in refused
    expected, _columns = plant(made.replica, random.Random(name + "!"), 200)
    verifier.run("--repair", code=1)
    assert "GRANT" in verifier.printed and "at the replica" in verifier.printed, verifier.printed
    made.replica.assert_no_error()
    grant_verify(made.replica, repair=True)
    grant_snapshot(made.source)
    own = own_gtids(made.replica)
    with in_background(made.source, *(writer(seed) for seed in range(3))):
        answer = verifier.run("--repair")
        assert answer["outcome"] == "equal", verifier.printed
        rows, _schema = differences({"tables": answer["repaired"]})
        assert rows == expected, verifier.printed
        assert verifier.run()["outcome"] == "equal"
    made.replica.assert_no_error()
    made.wait_caught_up()
    made.assert_gtids_equal()
    assert verifier.run()["outcome"] == "equal" and own == own_gtids(made.replica)


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_ended_in_a_repair_the_replica_goes_on(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    grant_verify(made.replica, repair=True)
    grant_snapshot(made.source)
    made.replica.execute("SET SESSION sql_log_bin=0", "DELETE FROM v.plain WHERE id < 50", "SET SESSION sql_log_bin=1")
    ended = 0
    for _ in range(3):
        child = verifier.spawn("--repair", "--tables", "v.plain")
        stopped = lambda: made.replica.replica_status()["sql_running"] == "No" or child.poll() is not None
        process.wait_until(stopped, 60, "the applier was stopped", interval=0.005)
        child.send_signal(signal.SIGTERM)
        ended += child.wait(process.patient(30)) == 130
        made.replica.assert_no_error()
    assert ended, "no signal came in time"
    assert verifier.run("--repair")["outcome"] == "equal"
    made.wait_caught_up()


@pytest.mark.parametrize("name", SERVERS)
def test_killed_it_goes_on_where_it_was(followed, name):
    made, verifier = followed(name)
    made.source.execute("CREATE TABLE v.large (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB")
    made.source.execute("INSERT INTO v.large SELECT id, a FROM v.plain")
    for power in range(5):
        made.source.execute(f"INSERT INTO v.large SELECT id + {ROWS * 2 ** power}, v FROM v.large")
    made.wait_caught_up()
    plant(made.replica, random.Random(1), 5, ["plain"])
    made.replica.execute("SET SESSION sql_log_bin=0", "UPDATE v.large SET v='cnx' WHERE id=3", "SET SESSION sql_log_bin=1")
    state = made.relay.folder / "verify.state"
    child = verifier.spawn("--state", state, "--max-load", 15000, "--readers", 1)
    process.wait_until(lambda: state.exists() and "plain" in state.read_text(), 120, "the first tables are done")
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert oct(state.stat().st_mode)[-3:] == "600" and "private" not in state.read_text()
    made.replica.execute("SET SESSION sql_log_bin=0", "DELETE FROM v.plain WHERE id<100", "SET SESSION sql_log_bin=1")
    answer = verifier.run("--state", state, code=4)
    rows, _schema = differences(answer)
    assert rows["v.large", "changed"] == 1
    # Done before: what is there now is not looked at.
    assert sum(count for (table, _kind), count in rows.items() if table == "v.plain") == 5 and not state.exists()
    rows, _schema = differences(verifier.run(code=4))
    assert rows["v.plain", "missing"] >= 90
    state.write_text('{"verify_format": 1}')
    verifier.run("--state", state, code=1)
    assert "no record" in verifier.printed


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11"])
def test_no_more_rows_a_second_are_read_than_allowed(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()

    def read(server):
        return sum(int(count) for variable, count in server.query("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
                   if variable.lower() in ("handler_read_next", "handler_read_rnd_next", "handler_read_first", "handler_read_key"))

    before = [read(server) for server in (made.source, made.replica)]
    begin = time.monotonic()
    answer = verifier.run("--max-load", 8000)
    seconds = time.monotonic() - begin
    rows = 2 * answer["rows"]
    assert seconds >= rows / 8000 * 0.95, f"{rows} rows in {seconds:.1f} s"
    assert sum(read(server) for server in (made.source, made.replica)) - sum(before) < 2 * rows + 20000


@pytest.mark.parametrize("name", SERVERS)
def test_a_replica_that_does_not_replicate_is_told_at_once(followed, name):
    made, verifier = followed(name)
    made.wait_caught_up()
    made.replica.stop_replica()
    begin = time.monotonic()
    verifier.run(code=1)
    assert "does not replicate" in verifier.printed and time.monotonic() - begin < 30
    made.replica.start_replica()
    verifier.run("--replica", "mysql://nobody:secret@127.0.0.1/", code=2)
    assert "secret" not in verifier.printed
