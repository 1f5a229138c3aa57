"""Each statement of the golden table, executed: the source's tables minus what the rules take away are the replica's.

One server plays both parts, one after the other, in databases of the same names.
"""
import json
import os
import pathlib
import subprocess

import pymysql
import pytest

from support import flavours, relay, schema, servers, topology

SERVERS = flavours.ALL
_GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "sql/golden"


def golden_rows(server):
    tool = pathlib.Path(os.environ.get("BINLOG_RELAY_GOLDEN_TOOL") or relay.binary().parents[2] / "tests/sql/golden_tool")
    done = subprocess.run([tool, _GOLDEN], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [row for row in rows if row["server"] == server]


def rules_of(text):
    """{database: {table: {column: fate}}} of "t: s=drop n=alter; e.u"."""
    rules = {}
    for entry in text.split(";"):
        name, _, columns = entry.partition(":")
        if not name.strip():
            continue
        database, _, table = name.strip().rpartition(".")
        fates = dict(column.split("=") for column in columns.split())
        rules.setdefault(database or "d", {})[table] = fates
    return rules


def clean(server):
    server.new_session()
    server.execute("SET sql_mode='', foreign_key_checks=0")
    if server.name == "mysql-9.7":
        server.execute("SET information_schema_stats_expiry=0")
    for name in schema.databases(server):
        server.execute(f"DROP DATABASE `{name}`")


def run(server, row, statements):
    # Only an applier may run the first half of MySQL's CREATE TABLE ... SELECT as it stands.
    statements = [statement.removesuffix(" START TRANSACTION") for statement in statements]
    server.execute("SET foreign_key_checks=1", "CREATE DATABASE d CHARACTER SET latin1", "USE d", f"SET sql_mode={row['sql_mode']}",
                   *statements)
    server.execute("SET sql_mode=''")
    return {name: (charset, schema.facts(server, name)) for name, charset in schema.databases(server).items()}


def explain(row, statements, what):
    text = ";\n  ".join(statements)
    return f"{row['file']}:{row['line']} [{row['section']}] on {row['server']}, rules {row['rules']}: {what}\n  {text}"


def check_row(server, row):
    """What is wrong with the row, as a list of texts."""
    original, result = [*row["before"], row["statement"]], row["result"]
    clean(server)
    try:
        source = run(server, row, original)
    except pymysql.err.MySQLError as error:
        # A statement that contradicts the tables is one that no source could have logged.
        return [] if result.startswith("halt malformed") else [explain(row, original, f"the source refuses: {error}")]
    if result.startswith("halt"):
        return [explain(row, original, "the source takes what it should refuse")] if result.startswith("halt malformed") else []
    rewritten = [*row["scrubbed_before"], *([] if result == "nothing" else [result])]
    clean(server)
    try:
        replica = run(server, row, rewritten)
    except pymysql.err.MySQLError as error:
        return [explain(row, rewritten, f"the replica refuses: {error}")]
    wrong = []
    rules = rules_of(row["rules"])
    for database in sorted({"d", *rules}):
        charset, tables = source.get(database, (None, {}))
        found_charset, found = replica.get(database, (None, {}))
        if database != "d" and charset != found_charset:
            wrong.append(f"database {database}: {charset} expected, found {found_charset}")
        wrong += schema.differences(schema.expected(tables, rules.get(database, {}), database), found)
    return [explain(row, [*original, "-- at the replica:", *rewritten], "\n  ".join(wrong))] if wrong else []


@pytest.mark.parametrize("name", SERVERS)
def test_golden_statements_on_a_real_server(name):
    if topology.missing(name):
        pytest.skip(topology.missing(name))
    rows = golden_rows(name)
    assert rows, "no golden statement for this server"
    server = servers.Server(name, gtid=False, extra=["--skip-log-bin", *(["--explicit-defaults-for-timestamp=1"] if name == "mariadb-10.5" else [])])
    try:
        wrong = [text for row in rows if row["explicit_timestamps"] for text in check_row(server, row)]
    finally:
        server.destroy()
    print(f"{len(rows)} statements executed on {name}")
    assert not wrong, f"{len(wrong)} of {len(rows)} statements are wrong:\n" + "\n".join(wrong)
