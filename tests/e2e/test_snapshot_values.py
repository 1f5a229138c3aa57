"""Rows as a source sends them and RowScrubber writes them are the rows that the stream brings, for every type and every action."""
import contextlib
import json
import os
import pathlib
import random
import subprocess

import pymysql
import pytest

from support import compare, process, relay as relays
from support.topology import HARNESS_RULE
from support.verifying import Verifier, grant_verify

from . import column_types, test_action_vectors
from .test_action_vectors import KEYS, keys  # noqa: F401  (a fixture)

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-11.8"]
ROWS = 12
CHARACTER_SETS = ["latin1", "latin2", "cp1251", "koi8r", "greek", "sjis", "cp932", "ujis", "gbk", "big5", "euckr", "utf8", "utf8mb4", "ucs2", "utf16",
                  "utf16le", "utf32", "binary"]
# Values that a type's usual ones do not reach.
EDGES = {
    "FLOAT": ["'-0'", "1.401298464324817e-45", "-3.4028234663852886e38", "16777217", "0.1"],
    "FLOAT(9,3)": ["99999.123", "-999999.999", "0.001"],
    "DOUBLE": ["'-0'", "5e-324", "2.2250738585072011e-308", "-1.7976931348623157e308", "0.1", "1e0/3"],
    "DOUBLE(30,5)": ["12345678901234567.12345", "99999999999.99999", "-0.00001"],
    "BIT(64)": ["~0", "0", "1<<63"],
    "ENUM('a','1','')": ["''", "'nothing'", "1", "2", "3"],
    "SET(" + ",".join(f"'m{n}'" for n in range(64)) + ")": ["~0", "1<<63", "0", "9007199254740993"],
    "YEAR": ["0", "1901", "2155"],
    "DATE": ["'0000-00-00'", "'2024-02-31'", "'2024-00-00'", "'0001-01-01'"],
    "DATETIME(6)": ["'0000-00-00'", "'2024-02-31 23:59:59.999999'", "'2024-01-00 00:00:00.000001'"],
    "TIMESTAMP(6) NULL": ["'0000-00-00'", "'1970-01-01 00:00:01.000001'", "'2038-01-19 03:14:07.999999'"],
    "TIME(6)": ["'-838:59:59'", "'-00:00:00.000001'", "'838:59:59'"],
    "INT(7) ZEROFILL": ["1", "4294967295"],
    "DECIMAL(12,3) ZEROFILL": ["1.5"],
    "CHAR(5)": ["'ab   '", "''", "' '"],
    "BINARY(5)": ["0x00", "0x61000000", "0x0000000001"],
    "VARBINARY(300)": ["0x" + bytes(range(256)).hex()],
    "BLOB": ["0x" + bytes(range(256)).hex(), "REPEAT(0x275c, 30000)"],
    **{f"VARCHAR(40) CHARACTER SET {name}": ["CONVERT(0x27225c0a0d1a0061 USING latin1)", "'\u03b1\u03b2\u65e5\u672c \u00e6'", "'  '"]
       for name in CHARACTER_SETS},
}


class Tool:
    """The inside of `binlog-relay snapshot`: the rows of one table at the source as literals of the scrubbed table."""

    def __init__(self, source, rules):
        self.source = source
        self.folder = process.temp_folder("scrubber")
        (self.folder / "rules.toml").write_text(rules, encoding="utf-8")
        program = pathlib.Path(os.environ.get("BINLOG_RELAY_ROW_SCRUBBER_TOOL") or relays.binary().parents[2] / "tests/seed/row_scrubber_tool")
        flavour = "mariadb" if source.kind.mariadb else "mysql"
        self.child = subprocess.Popen([program, flavour, self.folder / "rules.toml"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.connection = source.connect(conv={}, use_unicode=False)
        self.query("SET time_zone='+00:00', sql_mode='', character_set_results=NULL")

    def query(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def ask(self, line):
        self.child.stdin.write(json.dumps(line) + "\n")
        self.child.stdin.flush()
        answer = self.child.stdout.readline()
        assert answer, f"row_scrubber_tool ended with {self.child.wait()} at {line if 'create' in line else 'a row'}"
        return json.loads(answer)

    def rows(self, table):
        """The columns to insert, and the literals of each row."""
        create = self.source.query(f"SHOW CREATE TABLE {table}")[0][1]
        lists = self.ask({"create": create, "database": table.split(".")[0]})
        found = self.query(f"SELECT {lists['select'] or 1} FROM {table}")
        sent = [[None if value is None else value.hex() for value in row] if lists["select"] else [] for row in found]
        return lists["insert"], [bytes.fromhex(self.ask({"row": row})) for row in sent]

    def close(self):
        self.connection.close()
        self.child.stdin.close()
        assert self.child.wait(process.patient(10)) == 0
        process.remove_folder(self.folder)


def load(replica, table, columns, literals):
    """Into a copy of the replica's table, beside it."""
    copy = "copied." + table.split(".")[1]
    with contextlib.closing(replica.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_log_bin=0")
        cursor.execute("CREATE DATABASE IF NOT EXISTS copied")
        cursor.execute(f"CREATE TABLE {copy} LIKE {table}")
        cursor.execute("SET NAMES binary, time_zone='+00:00', sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'")
        for row in literals:
            cursor.execute(f"INSERT INTO {copy} {columns} VALUES ".encode() + row)
    return copy


def difference(replica, table, copy):
    facts = compare.columns(replica, table)
    left, right = compare.rows(replica, table, facts), compare.rows(replica, copy, facts)
    return None if left == right else (table, [fact["type"] for fact in facts], left[:2], right[:2])


def assert_same(top, tables):
    tool = Tool(top.source, top.rules)
    try:
        wrong = [difference(top.replica, table, load(top.replica, table, *tool.rows(table))) for table in tables]
    finally:
        tool.close()
    assert not list(filter(None, wrong))
    # And `verify` says so of what the stream brought.
    grant_verify(top.replica)
    verifier = Verifier(top)
    answer = verifier.run("--tables", tables[0].split(".")[0] + ".*")
    assert answer["outcome"] == "equal" and len(answer["tables"]) == len(tables), verifier.printed


def create(server, table, declared):
    """False where the server has no such type."""
    try:
        server.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, c {declared}) DEFAULT CHARACTER SET utf8mb4")
        return True
    except pymysql.err.Error:
        return False


@pytest.mark.parametrize("name", SERVERS)
def test_every_type_comes_as_it_streams(topology, figure, name):
    seed = int(os.environ.get("BINLOG_RELAY_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}: repeat with BINLOG_RELAY_SEED={seed}")
    rnd = column_types.generator(seed)
    rules = '[defaults]\ntable = "deny"\n' + HARNESS_RULE + '[[table]]\nname = "types.*"\noptional = true\ncolumn_default = "keep"\n'
    top = topology(name, name, rules, gtid=name != "mysql-5.6")
    top.source.execute("CREATE DATABASE types", "SET sql_mode='ALLOW_INVALID_DATES'", "SET time_zone='+00:00'")
    top.follow()
    made = {}
    for declared, make in column_types.types_of(name):
        made.setdefault(declared, []).extend(make(rnd) for _ in range(ROWS))
    for declared, values in EDGES.items():
        made.setdefault(declared, []).extend(values)
    tables = []
    for number, (declared, values) in enumerate(made.items()):
        table = f"types.t{number}"
        if not create(top.source, table, declared):
            assert declared in EDGES, f"{name} has no {declared}"
            continue
        tables.append(table)
        for at, value in enumerate([*values, "NULL"]):
            top.source.execute(f"INSERT INTO {table} VALUES ({at}, {value})")
    top.wait_caught_up(300)
    figure("types", len(tables))
    assert len(tables) > len(column_types.types_of(name))
    assert_same(top, tables)


@pytest.mark.parametrize("name", SERVERS)
def test_every_action_makes_what_the_stream_makes(topology, figure, name):
    """The golden vectors, at the replica by the stream and by the scrubber."""
    top = topology(name, name, HARNESS_RULE, gtid=name != "mysql-5.6", with_relay=False)
    top.source.execute("SET sql_mode=''", "SET time_zone='+00:00'", "CREATE DATABASE expected", "CREATE DATABASE shop")
    there = [each for each in test_action_vectors.vectors() if each.belongs_to(top.source) and each.create(top.source)]
    top.rules = '[defaults]\ntable = "deny"\n' + KEYS + HARNESS_RULE + "".join(each.rule() for each in there)
    top.make_relay()
    top.follow()
    for each in there:
        each.insert(top.source)
    top.wait_caught_up()
    figure("vectors", len(there))
    assert len(there) > 200
    assert_same(top, [f"shop.{each.name}" for each in there])


@pytest.mark.parametrize("name", SERVERS)
def test_columns_that_the_server_makes(topology, name):
    """Generated, invisible and hidden columns, replaced ones, and those of system versioning."""
    rules = ('[defaults]\ntable = "deny"\n' + HARNESS_RULE + '[[table]]\nname = "made.t"\noptional = true\ncolumn_default = "keep"\n[table.columns]\n'
             'gone = "drop"\nn = "null"\nz = "null"\n')
    top = topology(name, name, rules, gtid=name != "mysql-5.6")
    stored = "PERSISTENT" if top.source.kind.mariadb else "STORED"
    generated = "" if name == "mysql-5.6" else f", g INT AS (a+1) VIRTUAL, s INT AS (a+2) {stored}"
    invisible = "" if name == "mysql-5.6" else ", i INT NOT NULL DEFAULT 3 INVISIBLE"
    versioned = " WITH SYSTEM VERSIONING" if top.source.kind.mariadb else ""
    top.source.execute("CREATE DATABASE made", "SET sql_mode=''")
    if name == "mysql-9.7":
        top.source.execute("SET sql_generate_invisible_primary_key=ON")
    top.follow()
    top.source.execute(f"CREATE TABLE made.t (a INT, gone VARCHAR(20), n VARCHAR(9), z DATETIME(3) NOT NULL{generated}{invisible}){versioned}")
    for number in range(3):
        top.source.execute(f"INSERT INTO made.t (a, gone, n, z) VALUES ({number}, '{top.canaries.text()}', 'x', NOW())")
    top.wait_caught_up()
    tool = Tool(top.source, top.rules)
    try:
        columns, literals = tool.rows("made.t")
    finally:
        tool.close()
    copy = load(top.replica, "made.t", columns, literals)
    facts = [fact for fact in compare.columns(top.replica, "made.t") if not fact["name"].startswith("row_")]
    assert len(literals) == 3
    assert compare.rows(top.replica, "made.t", facts) == compare.rows(top.replica, copy, facts)
    top.assert_no_leak()
