"""One test file of the servers' own suites, run at a source whose relay drops columns, and what came of it at the replica."""
import dataclasses
import pathlib
import random
import re

import pymysql

from support import compare, flavours, process, relay as relays, topology as topologies
from support.mysqltest_runner import NotPlain, Runner, Script
from support.replication import Replica
from support.servers import Server, start_together

_OWN = ("mysql", "sys", "information_schema", "performance_schema")
_KEEP_USERS = ("root", "mysql", "mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema", relays.SOURCE_USER, "PUBLIC")
_RULES = '[defaults]\ntable = "pass"\ncolumn = "keep"\n'
_CREATE = re.compile(r"create\s+(?:or\s+replace\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:`?\w+`?\.)?`?(\w+)`?\s*\((.*)", re.I | re.S)
_NO_COLUMN = re.compile(r"(primary|unique|key|index|constraint|foreign|fulltext|spatial|check|period|like|select)\b", re.I)
_HALT_REASONS = pathlib.Path(__file__).with_name("server_suite_halts.tsv")
_SHORTEST_TOKEN = 6  # shorter values are met by chance


@dataclasses.dataclass
class Outcome:
    kind: str  # equal, halted, not plain, stock (a replica of the source itself stops too); wrong, leaked
    detail: str = ""
    statements: int = 0
    dropped_columns: int = 0


def suites_root(flavour):
    return flavours.cache_folder() / ("suites-mariadb" if flavour.startswith("mariadb") else "suites-mysql")


def files(flavour):
    root = suites_root(flavour)
    return [path for suite in ("rpl", "binlog", "binlog_gtid") for path in sorted((root / "suite" / suite / "t").glob("*.test"))]


def _parts(text):
    """A definition list split at its commas, up to its closing parenthesis."""
    depth, quote, part, found = 0, None, "", []
    for letter in text:
        if quote:
            quote = None if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0:
                break
        elif letter == "," and depth == 0:
            found.append(part)
            part = ""
            continue
        part += letter
    return [each.strip() for each in found + [part] if each.strip()]


def columns_to_drop(statements, seed):
    """For each table that the file creates, now and then the last column that no key needs."""
    tables = {}
    for text in statements:
        found = _CREATE.match(text.strip())
        if not found:
            continue
        parts = _parts(found.group(2))
        definitions = [part for part in parts if not _NO_COLUMN.match(part)]
        keys = " ".join(part for part in parts if _NO_COLUMN.match(part)).lower()
        free = []
        for part in definitions:
            name = part.split()[0].strip("`\"").lower()
            needed = re.search(r"\b(primary|unique|key|auto_increment|references|row\s+start|row\s+end)\b", part, re.I)
            if re.fullmatch(r"\w+", name) and not needed and not re.search(rf"\b{re.escape(name)}\b", keys):
                free.append(name)
        if len(definitions) > 1 and free:
            tables.setdefault(found.group(1).lower(), []).append(free[-1])
    rnd = random.Random(seed)
    return {table: sorted(set(names)) for table, names in sorted(tables.items()) if rnd.random() < 0.8}


def rules_for(dropped):
    text = _RULES
    for table, names in dropped.items():
        text += f'[[table]]\nname = "*.{table}"\noptional = true\ncolumn_default = "keep"\n[table.columns]\n'
        text += "".join(f'{name} = {{ action = "drop", optional = true }}\n' for name in names)
    return text


def reviewed_reason(detail):
    for line in _HALT_REASONS.read_text().splitlines():
        if line and not line.startswith("#") and line.split("\t")[0] in detail:
            return line.split("\t")[1]
    return None


class Site:
    """A source and a replica that many files run on, each with a relay and a spool of its own."""

    def __init__(self, flavour):
        self.flavour = flavour
        extra = ["--event-scheduler=OFF", "--innodb-lock-wait-timeout=2", "--lock-wait-timeout=5"]
        self.source = Server(flavour, gtid=True, metadata="MINIMAL", start=False, extra=extra)
        self.replica = Replica(flavour, gtid=True, start=False, extra=["--event-scheduler=OFF"])
        start_together(self.source, self.replica)
        relays.grant_source_account(self.source)
        self.settings = self._settings()
        self.relay = None

    def destroy(self):
        for part in (self.relay, self.replica, self.source):
            if part is not None:
                part.destroy()

    def run(self, path):
        try:
            script = Script(path, suites_root(self.flavour))
        except NotPlain as reason:
            return Outcome("not plain", str(reason))
        dropped = columns_to_drop(script.statements(), path.name)
        self._begin(rules_for(dropped))
        try:
            runner = Runner(self.source, script)
            try:
                runner.run()
            except NotPlain as reason:
                return Outcome("not plain", str(reason))
            return self._judge(runner.executed, dropped)
        finally:
            self.relay.destroy()
            self.relay = None

    # -- before a file

    def _settings(self):
        return {name: value for name, value in self.source.query("SHOW GLOBAL VARIABLES")}

    def _begin(self, rules):
        self._clean(self.source)
        self._restore_settings()
        self.relay = relays.Relay(self.source, rules, settings={"source.start": "latest"})
        process.wait_until(lambda: self.relay.status()["phase"] == "streaming", 30, lambda: f"streaming:\n{process.tail(self.relay.log)}")
        self._seed_replica()
        self.source.execute("CREATE DATABASE IF NOT EXISTS test", *topologies.MARKER_DDL)

    def _restore_settings(self):
        for name, value in self._settings().items():
            if value != self.settings.get(name):
                before = self.settings.get(name, "")
                text = before if re.fullmatch(r"-?\d+(\.\d+)?", before) else "'" + before.replace("'", "''") + "'"
                try:
                    self.source.execute(f"SET GLOBAL {name}={text}")
                except pymysql.err.Error:
                    pass  # a status by the name of a variable

    def _clean(self, server):
        server._forget_connection()
        # A transaction that a file left open may be large: rolling it back, once its connection is gone, takes the server a while.
        server.execute("SET foreign_key_checks=0", "SET lock_wait_timeout=120", "SET innodb_lock_wait_timeout=120")
        if server is self.replica:
            server.execute("SET sql_log_bin=0")
        self._roll_back_prepared(server)
        for (name,) in server.query("SHOW DATABASES"):
            if name.lower() not in _OWN:
                server.execute(f"DROP DATABASE `{name.replace('`', '``')}`")
        for user, host in server.query("SELECT user, host FROM mysql.user"):
            if user and user not in _KEEP_USERS and server is self.source:
                try:
                    server.execute(f"DROP USER '{user}'@'{host}'")
                except pymysql.err.Error:
                    server.execute(f"DROP ROLE '{user}'")

    @staticmethod
    def _roll_back_prepared(server):
        """A prepared transaction that a file left behind keeps its locks for ever, and DROP DATABASE waits for them."""
        if server.kind.mariadb:
            for *_, xid in server.query("XA RECOVER FORMAT='SQL'"):
                server.execute(f"XA ROLLBACK {xid}")
            return
        for form, gtrid_length, _, digits in server.query("XA RECOVER CONVERT XID"):
            digits = digits.removeprefix("0x")
            server.execute(f"XA ROLLBACK X'{digits[:2 * gtrid_length]}', X'{digits[2 * gtrid_length:]}', {form}")

    def _seed_replica(self):
        sql = "SELECT @@global.gtid_binlog_pos" if self.source.kind.mariadb else "SELECT @@global.gtid_executed"
        self.start = self.source.value(sql).replace("\n", "")
        self._reset_replica()
        relays.follow(self.replica, self.relay)

    def _reset_replica(self):
        mariadb = self.source.kind.mariadb
        for sql in (["STOP SLAVE", "RESET SLAVE ALL"] if mariadb else ["STOP REPLICA", "RESET REPLICA ALL"]):
            self.replica.execute(sql)
        self._clean(self.replica)
        if mariadb:
            self.replica.execute("RESET MASTER", f"SET GLOBAL gtid_slave_pos='{self.start}'")
        else:
            self.replica.execute("RESET BINARY LOGS AND GTIDS", f"SET GLOBAL gtid_purged='{self.start}'")

    # -- after a file

    def _judge(self, statements, dropped):
        count = sum(len(names) for names in dropped.values())
        try:
            halt = self._wait()
        except AssertionError as error:
            kind = "stock" if self._stops_without_relay() else "wrong"
            return Outcome(kind, f"the replica does not follow: {error}", statements, count)
        if halt:
            reason = reviewed_reason(halt)
            return Outcome("halted" if reason else "wrong", halt, statements, count)
        for table in sorted(compare.tables(self.source) | self._test_tables(self.source)):
            try:
                self._compare(table, dropped.get(table.split(".", 1)[1].lower(), []))
            except AssertionError as error:
                return Outcome("wrong", str(error), statements, count)
        leaked = self._leaked(dropped)
        return Outcome("leaked", leaked, statements, count) if leaked else Outcome("equal", "", statements, count)

    def _wait(self):
        """None when the replica has caught up; the reason when the relay halted."""
        self.source.execute("UNLOCK TABLES", *topologies.MARKER_DDL)
        mark = self.source.value("SELECT UUID_SHORT() >> 1")
        self.source.execute(f"INSERT INTO harness.marker VALUES ({mark})")

        def ended():
            code, body = self.relay.http("/health")
            if code == 503 and self.relay.status()["phase"] == "halted":
                return body
            self.replica.assert_no_error(connecting=True)
            there = self.replica.query("SELECT 1 FROM information_schema.tables WHERE table_schema='harness' AND table_name='marker'")
            return "arrived" if there and self.replica.query(f"SELECT 1 FROM harness.marker WHERE id={mark}") else None

        result = process.wait_until(ended, 60, lambda: f"caught up or halted; {process.tail(self.relay.log, 5)}")
        return None if result == "arrived" else result

    def _stops_without_relay(self):
        """Whether a replica of the source itself stops in the same transactions: some tests are there to show that it does."""
        self._reset_replica()
        self.replica.follow("127.0.0.1", self.source.port, relays.SOURCE_USER, relays.SOURCE_PASSWORD)
        try:
            self.replica.wait_caught_up(self.source, 30)
        except AssertionError:
            return True
        return False

    @staticmethod
    def _test_tables(server):
        return {f"test.{name}" for (name,) in server.query(
            "SELECT table_name FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema='test'")}

    def _compare(self, table, dropped):
        at_source, at_replica = compare.columns(self.source, table), compare.columns(self.replica, table)
        there = {column["name"] for column in at_replica}
        gone = {column["name"] for column in at_source if column["name"].lower() in dropped}
        # What is computed from a dropped column goes with it.
        gone |= {column["name"] for column in at_source if column["name"] not in there and "generated" in column["extra"].lower() and gone}
        compare.assert_same_schema(self.source, self.replica, table, gone)
        compare.assert_same_rows(self.source, self.replica, table, [c["name"] for c in at_source if c["name"] not in gone])

    def _leaked(self, dropped):
        """The table and column of a dropped value that is in the spool though no kept column has it."""
        hidden, kept = {}, set()
        for table in compare.tables(self.source) | self._test_tables(self.source):
            names = dropped.get(table.split(".", 1)[1].lower(), [])
            for column in compare.columns(self.source, table):
                values = self._values(table, column["name"])
                if column["name"].lower() in names:
                    hidden.update({value: f"{table}.{column['name']}" for value in values})
                else:
                    kept |= values
        spool = b"".join(path.read_bytes() for path in self.relay.spool_files())
        everything = b"\0".join(kept)
        for value, place in hidden.items():
            if value not in everything and value in spool:
                return place
        return ""

    def _values(self, table, column):
        quoted = f"`{column}`"
        rows = self.source.query(f"SELECT DISTINCT CAST({quoted} AS CHAR) FROM {compare.quoted(table)} WHERE LENGTH({quoted}) >= {_SHORTEST_TOKEN} LIMIT 500")
        return {str(value).encode() for (value,) in rows if value is not None and len(str(value)) >= _SHORTEST_TOKEN}
