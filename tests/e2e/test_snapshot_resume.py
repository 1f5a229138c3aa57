"""A snapshot that was interrupted goes on: finished tables are kept where the source's binary log shows that they are the same."""
import contextlib
import json
import os
import re
import threading
import time

import pymysql
import pytest

from support import compare, process, proxy as proxies
from support.load import Load, grant_load
from support.relay import SOURCE_USER
from support.snapshot import Snapshot
from support.topology import HARNESS_RULE
from support.verifying import Verifier, grant_verify
from .bank import KEEP_ALL

LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"
SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
ROWS = 50


def journal(folder):
    """The head of a folder's journal, and the tables behind it; a digest stands before each."""
    try:
        lines = (folder / "journal").read_text().splitlines(keepends=True)
    except OSError:
        return None, []
    whole = [json.loads(line.split(" ", 1)[1]) for line in lines if line.endswith("\n")]
    return (whole[0], [f"{line['table']['database']}.{line['table']['table']}" for line in whole[1:]]) if whole else (None, [])


def inodes(folder):
    """{table: what tells its files from others that have been written since}."""
    found = {}
    for path in folder.glob("*.sql.zst"):
        state = path.stat()
        found.setdefault(path.name.rsplit(".", 3)[0], set()).add((path.name, state.st_ino, state.st_mtime_ns))
    return found


class Interrupted:
    """Snapshots of the tables of d, each ended by kill -9 when all of them but d.slow were finished."""

    def __init__(self, made, relay, proxy):
        self.made, self.relay, self.proxy = made, relay, proxy
        self.snapshot, self.before = None, {}

    def begin(self):
        if self.snapshot is not None:
            self.snapshot.remove()
        self.snapshot = Snapshot(self.relay)
        folder = self.snapshot.folder
        self.proxy.slow_down("FROM `d`.`slow`", 60)
        log = self.relay.folder / "interrupted.log"
        with open(log, "wb") as output:
            child = process.spawn([self.relay.program, "snapshot", "-c", self.relay.config, "--output", folder], stdout=output, stderr=output)
        tables = {f"d.{name}" for name, in self.made.source.query("SHOW TABLES FROM d")} - {"d.slow"}
        process.wait_until(lambda: set(journal(folder)[1]) == tables or child.poll() is not None, 30,
                           lambda: f"all tables but one are finished: {journal(folder)}\n{log.read_text()}")
        assert child.poll() is None, log.read_text()
        process.kill(child)
        self.proxy.slow_down("", 0)
        self.before = inodes(folder)
        return self

    def kept(self, code=0):
        """Makes it to its end; the tables whose files are those of before."""
        self.snapshot.make(code=code)
        self.snapshot.files()
        after = inodes(self.snapshot.folder)
        return {table for table, files in self.before.items() if after.get(table) == files}

    def assert_right(self):
        """A replica that is made of it has what the source has."""
        source, replica = self.made.source, self.made.replica
        replica.execute("DROP DATABASE IF EXISTS d")
        self.snapshot.load(replica)
        for table in [name for name in compare.tables(source) if name.startswith("d.")]:
            assert source.query(f"CHECKSUM TABLE {table}") == replica.query(f"CHECKSUM TABLE {table}"), table


@pytest.fixture
def interrupted(makes_snapshots):
    """make(server name): interrupted snapshots of a source whose tables make_tables() made."""
    with contextlib.ExitStack() as stack:
        def make(name, **options):
            target = {}
            proxy = stack.enter_context(contextlib.closing(proxies.Proxy(lambda: target["port"])))
            settings = {"source.port": proxy.port, "source.tls": "off"}
            made, relay = makes_snapshots(name, KEEP_ALL.format("d"), settings=settings, **options)
            target["port"] = made.source.port
            make_tables(made.source)
            return Interrupted(made, relay, proxy)

        yield make


PLAIN = ("kept", "changed", "emptied", "altered", "in_xa", "packed", "swapped", "other", "swap", "part", "broken", "slow", "parent", "loose_parent")
CHILDREN = {"child": ("parent", "ON DELETE CASCADE"), "grandchild": ("child", "ON UPDATE SET NULL ON DELETE SET NULL"),
            "loose": ("loose_parent", ""), "kept_child": ("kept", "ON DELETE CASCADE")}


def make_tables(source):
    source.execute("CREATE DATABASE d")
    rows = ", ".join(f"({i}, 'row {i}')" for i in range(1, ROWS + 1))
    for table in PLAIN:
        partitions = " PARTITION BY HASH (id) PARTITIONS 2" if table == "part" else ""
        source.execute(f"CREATE TABLE d.{table} (id INT PRIMARY KEY, v VARCHAR(40)) ENGINE=InnoDB{partitions}",
                       f"INSERT INTO d.{table} VALUES {rows}")
    source.execute("CREATE TABLE d.kept_keyless (id INT, v VARCHAR(40)) ENGINE=InnoDB", f"INSERT INTO d.kept_keyless VALUES {rows}")
    source.execute("DELETE FROM d.swap WHERE id % 2 = 1")  # as a partition has them
    rows = ", ".join(f"({i}, {i})" for i in range(1, ROWS + 1))
    for table, (parent, action) in CHILDREN.items():
        source.execute(f"CREATE TABLE d.{table} (id INT PRIMARY KEY, up INT, KEY (up), FOREIGN KEY (up) REFERENCES d.{parent} (id) {action}) ENGINE=InnoDB",
                       f"INSERT INTO d.{table} VALUES {rows}")


def change_tables(source):
    """Each in another way; of parent, loose_parent, child and grandchild the first two alone in the log of most servers."""
    kind = source.kind
    source.execute("UPDATE d.changed SET v = 'new' WHERE id = 7", "TRUNCATE TABLE d.emptied", "ALTER TABLE d.altered ADD w INT",
                   "RENAME TABLE d.swapped TO d.x, d.other TO d.swapped, d.x TO d.other",
                   "ALTER TABLE d.part EXCHANGE PARTITION p0 WITH TABLE d.swap",
                   "DELETE FROM d.parent WHERE id = 7", "UPDATE d.loose_parent SET v = 'new' WHERE id = 7")
    with source.connect() as connection, connection.cursor() as cursor:
        for statement in ("XA START 'x'", "UPDATE d.in_xa SET v = 'new' WHERE id = 7", "XA END 'x'", "XA PREPARE 'x'", "XA COMMIT 'x'"):
            cursor.execute(statement)
        if kind.mariadb:
            source.execute("SET GLOBAL log_bin_compress = ON", "SET GLOBAL log_bin_compress_min_len = 10")
        elif not kind.old:
            cursor.execute("SET SESSION binlog_transaction_compression = ON")
        cursor.execute("UPDATE d.packed SET v = REPEAT('y', 40)")
        if kind.mariadb:
            source.execute("SET GLOBAL log_bin_compress = OFF")


KEPT = {"d.kept", "d.kept_keyless", "d.kept_child", "d.loose"}


@pytest.mark.parametrize("name", SERVERS)
def test_tables_that_nothing_was_done_to_are_kept_and_no_others(interrupted, name):
    cut = interrupted(name).begin()
    source = cut.made.source
    change_tables(source)
    file = next(cut.snapshot.folder.glob("d.broken.*"))
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    assert cut.kept() == KEPT, cut.snapshot.printed
    assert source.value("SELECT COUNT(*) FROM d.child") == ROWS - 1, "the cascade was none"
    assert f"{len(KEPT)} of {len(PLAIN) - 2 + len(CHILDREN) + 1} tables that were finished are kept, with {len(KEPT) * ROWS} rows" in cut.snapshot.printed
    for text in (r"their files are not as they were", r"changes of them: .*d\.changed", r"rules hold for them is another: .*d\.altered"):
        assert re.search(text, cut.snapshot.printed), cut.snapshot.printed
    cut.assert_right()


@pytest.mark.parametrize("name", SERVERS)
def test_where_nothing_can_be_proved_all_is_read_again(interrupted, name):
    cut = interrupted(name, source_options={"fsync": True}).begin()
    source, relay = cut.made.source, cut.relay
    # Who it follows matters where it does not log what it gets.
    may_ask = [f"GRANT SLAVE MONITOR ON *.* TO {SOURCE_USER}@'%'"] if source.kind.mariadb else []
    source.execute(*may_ask)
    source.restart(*(["--log-slave-updates=OFF"] if source.kind.mariadb else []))
    source.execute("FLUSH LOGS")
    assert cut.kept() == set(cut.before), f"a source that was shut down has lost nothing: {cut.snapshot.printed}"

    def reset():
        source.execute("RESET MASTER" if source.kind.old or source.kind.mariadb else "RESET BINARY LOGS AND GTIDS")
        source.execute("CREATE TABLE d.later (id INT PRIMARY KEY) ENGINE=InnoDB")

    def by_statement():
        with source.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION binlog_format = STATEMENT")
            cursor.execute("UPDATE d.kept SET v = 'by statement' WHERE id = 3")

    def crash():
        source.kill9()
        source.start()

    def other_rules():
        relay.write_rules(KEEP_ALL.format("d") + '[[table]]\nname = "d.kept"\n[table.columns]\nid = "keep"\n')

    def by_temporary_table():
        source.execute("SET GLOBAL log_bin_trust_function_creators = 1",
                       "CREATE FUNCTION d.change() RETURNS INT BEGIN UPDATE d.kept SET v = 'by function' WHERE id = 3; RETURN 1; END")
        with source.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION binlog_format = STATEMENT")
            cursor.execute("CREATE TEMPORARY TABLE d.made SELECT d.change()")

    def no_monitor():
        source.execute(f"REVOKE SLAVE MONITOR ON *.* FROM {SOURCE_USER}@'%'")

    def as_replica():
        source.execute("SET GLOBAL gtid_slave_pos = '7-99-1'")

    cases = [(by_statement, "a statement that changes rows"), (reset, "is another one than before|cannot be read from there"),
             (crash, "was not shut down"), (other_rules, "under other rules")]
    if source.kind.mariadb:
        cases = [(by_temporary_table, "a statement that changes rows"), *cases, (no_monitor, "what it gets from other servers"),
                 (as_replica, "what it gets from other servers")]
    for what, why in cases:
        source.execute(*may_ask)
        cut.begin()
        what()
        assert cut.kept() == set(), f"{what.__name__}: {cut.snapshot.printed}"
        assert re.search(f"tables that were finished are read again: .*({why})", cut.snapshot.printed), f"{what.__name__}: {cut.snapshot.printed}"
        if what in (by_statement, by_temporary_table):
            cut.assert_right()


@pytest.mark.parametrize("name", SERVERS)
def test_a_log_that_had_gaps_when_tables_were_read_tells_nothing_later(interrupted, name):
    cut = interrupted(name, source_options={"extra": ["--binlog-ignore-db=d"]})
    source = cut.made.source
    source.execute("USE d")
    cut.begin()
    source.execute("USE d", "UPDATE d.kept SET v = 'filtered' WHERE id = 3")
    source.extra.remove("--binlog-ignore-db=d")
    source.restart()
    assert cut.kept() == set(), cut.snapshot.printed
    assert "it could not be told where in the binary log they were read" in cut.snapshot.printed, cut.snapshot.printed
    cut.assert_right()


TABLES, WRITTEN = 24, 2  # tables in all, and those that are written all the time
RULES = "".join(f'[[table]]\nname = "d.t{number}"\n[table.columns]\nid = "keep"\nn = "keep"\n' for number in range(TABLES))
READING = ["kill", "cut", "kill", "restart", "kill", "crash", "cut"]
LOADING = ["kill", "cut", "kill"]
if LONG:
    READING = ["kill", "cut", "kill", "restart", "kill", "cut", "kill", "crash", "kill", "cut", "kill", "restart", "kill", "cut"]
    LOADING = ["kill", "cut", "kill", "cut", "kill", "kill"]


class PatientWriter:
    """Writes rows of the first tables of d whenever the source is there."""

    def __init__(self, made):
        self.made, self.rows = made, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._end.wait(0.05):
            with contextlib.suppress(pymysql.MySQLError, OSError), self.made.source.connect() as connection, connection.cursor() as cursor:
                while not self._end.wait(0.02):
                    cursor.execute(f"INSERT INTO d.t{self.rows % WRITTEN} (n, secret) VALUES ({self.rows}, '{self.made.canaries.text()}')")
                    cursor.execute(f"UPDATE d.t{self.rows % WRITTEN} SET n = n + 1 WHERE id % 7 = {self.rows % 7}")
                    self.rows += 1

    def stop(self):
        self._end.set()
        self._thread.join()


class Seeding:
    """`snapshot --to` that is interrupted again and again, and called again."""

    def __init__(self, made, relay, to_source, to_replica):
        self.made, self.relay, self.to_source, self.to_replica = made, relay, to_source, to_replica
        self.load = Load(relay, made.replica, port=to_replica.port)
        self.load.url += "&tls=off"  # the proxy is to see what is said
        self.folder = relay.spool.parent / f"snapshot-127.0.0.1-{to_replica.port}"
        self.outputs, self.made_of = [], []
        self.child = None

    def spawn(self):
        self.child = self.load.spawn("snapshot", "--readers", "1", "--loaders", "1")

    def end(self, code):
        assert self.child.wait(process.patient(120)) == code, self.load.output()
        self.outputs.append(self.load.output())

    def alive(self):
        assert self.child.poll() is None, self.load.output()
        return True

    def await_table(self, before):
        """Until a table more is finished of a moment after that of `before`."""
        process.wait_until(lambda: self.alive() and journal(self.folder)[0] not in (None, before), 60, "another moment", interval=0.005)
        count = len(journal(self.folder)[1])
        process.wait_until(lambda: self.alive() and len(journal(self.folder)[1]) > count, 60, lambda: f"a table: {self.load.output()}", interval=0.005)

    def noted(self):
        with contextlib.suppress(pymysql.MySQLError):
            return int(self.made.replica.value("SELECT COUNT(*) FROM binlog_relay_seed.loaded"))
        return 0

    def interrupt(self, kind, proxy):
        self.made_of.append(kind)
        if kind == "kill":
            process.kill(self.child)
            self.outputs.append(self.load.output())
            self.assert_no_token()
            self.spawn()
        elif kind == "cut":
            proxy.drop_connections()
        elif kind == "restart":
            self.made.source.restart()
        else:
            self.made.source.kill9()
            self.made.source.start()

    def assert_no_token(self):
        """In what is in the folder on the way, compressed files too."""
        self.made.canaries.assert_absent(self.folder)
        for path in self.folder.glob("*.zst"):
            text = Snapshot.file(self, path.name)
            assert b"INSERT INTO" in text
            self.made.canaries.assert_absent(texts=[text])


@pytest.mark.parametrize("name", SERVERS)
def test_interrupted_again_and_again_under_load_it_ends_right(makes_snapshots, figure, name):
    with contextlib.ExitStack() as stack:
        ports = {}
        to_source = stack.enter_context(contextlib.closing(proxies.Proxy(lambda: ports["source"])))
        to_replica = stack.enter_context(contextlib.closing(proxies.Proxy(lambda: ports["replica"])))
        settings = {"source.port": to_source.port, "source.tls": "off", "source.start": "latest"}
        made, relay = makes_snapshots(name, RULES + HARNESS_RULE, settings=settings, source_options={"fsync": True})
        ports |= {"source": made.source.port, "replica": made.replica.port}
        grant_load(made.replica)
        grant_verify(made.replica)
        made.source.execute("CREATE DATABASE d")
        for number in range(TABLES):
            made.source.execute(f"CREATE TABLE d.t{number} (id INT AUTO_INCREMENT PRIMARY KEY, n INT, secret VARCHAR(40)) ENGINE=InnoDB",
                                f"INSERT INTO d.t{number} (n, secret) VALUES " + ", ".join(f"({i}, '{made.canaries.text()}')" for i in range(20)))
        relay.start()
        writer = PatientWriter(made)
        stack.callback(writer.stop)
        begun = time.monotonic()
        seeding = Seeding(made, relay, to_source, to_replica)
        to_source.slow_down("SELECT 1 FROM `d`.", 0.15)
        to_replica.slow_down("INSERT INTO `d`.", 0.2)
        seeding.spawn()
        head = None
        for kind in READING:
            seeding.await_table(head)
            head = journal(seeding.folder)[0]
            seeding.interrupt(kind, to_source)
        to_source.slow_down("", 0)
        for kind in LOADING:
            count = seeding.noted()
            process.wait_until(lambda: seeding.alive() and seeding.noted() > count, 60, lambda: f"loading: {seeding.load.output()}", interval=0.005)
            seeding.interrupt(kind, to_replica)
        to_replica.slow_down("", 0)
        seeding.end(0)
        figure(f"snapshot --to, interrupted {len(seeding.made_of)} times, s", round(time.monotonic() - begun, 1))
        writer.stop()
        printed = "".join(seeding.outputs)
        kept = [int(count) for count in re.findall(r"(\d+) of \d+ tables that were finished are kept", printed)]
        assert len(seeding.made_of) == (20 if LONG else 10) and set(seeding.made_of) == {"kill", "cut", "restart", "crash"}
        assert len(kept) >= len(READING) - 2 and max(kept) >= 2, printed
        assert "was not shut down" in printed, printed
        assert writer.rows > 100
        made.wait_caught_up(60, connecting=True)
        made.assert_gtids_equal()
        answer = Verifier(made).run()
        assert answer is not None and {f"d.t{number}" for number in range(TABLES)} <= {
            f"{table['database']}.{table['table']}" for table in answer["tables"]}
        assert not seeding.folder.exists()
        made.canaries.assert_present(made.source.binlog_dir)
        made.canaries.assert_absent(relay.folder, made.replica.data_dir, made.replica.binlog_dir, made.replica.relay_log_dir,
                                    texts=[printed, relay.log_text()])
