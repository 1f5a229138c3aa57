"""The golden vectors of every action and type, through real servers: the replica has what they say, and `scrub` makes the same files."""
import pathlib
import re

import pymysql
import pytest

from support import process, spool
from support.topology import HARNESS_RULE

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "scrub_rules/golden/actions.tsv"
# And what they do not have: the vectors of everything else have to go through. MariaDB's JSON is a text.
SERVERS = {
    "mysql-9.7": {"uuid", "inet4", "inet6", "old"},
    "mysql-5.6": {"uuid", "inet4", "inet6", "old", "json", "gb18030", "utf8mb4_0900_ai_ci", "utf8mb4_nb_0900_ai_ci"},
    "mariadb-10.11": {"json", "gb18030", "utf8mb4_0900_ai_ci", "utf8mb4_nb_0900_ai_ci"},
    "mariadb-11.8": {"json", "gb18030", "utf8mb4_nb_0900_ai_ci"},
}
BARE = re.compile(r"true|false|[0-9.e]+|\[.*\]|\".*\"")
NUMBERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year")
BYTES = ("bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")


KEYS = '[keys]\nperson = { env = "PERSON_KEY" }\nother_key = { env = "OTHER_KEY" }\n'


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    """Each is its own name, eight times."""
    monkeypatch.setenv("PERSON_KEY", "person" * 8)
    monkeypatch.setenv("OTHER_KEY", "other_key" * 8)


class Vector:
    def __init__(self, number, line):
        self.name = f"v{number}"
        self.declared, self.action, self.before, self.after = line.split("\t")
        self.old = self.declared.endswith(" old")
        words = self.declared.removesuffix(" old").split(" ")
        self.type = words[0].split("(")[0]
        last = words[-1] if len(words) > 1 and words[-1] != "unsigned" else None
        self.special = "old" if self.old else last or self.type  # what not every server has
        self.column = " ".join(words[:-1] if last else words)
        if last:
            self.column += f" {'COLLATE' if '_' in last else 'CHARACTER SET'} {last}"

    def rule(self):
        name = self.action.split(" ")[0]
        options = re.findall(r'(\w+)=("[^"]*"|\S+)', self.action)
        written = "".join(f", {left} = " + (right if BARE.fullmatch(right) else f'"{right}"') for left, right in options)
        return f'[[table]]\nname = "shop.{self.name}"\n[table.columns]\nid = "keep"\nv = {{ action = "{name}"{written} }}\n'

    def literal(self, value, connection):
        plain = self.type in NUMBERS or (self.type in BYTES and value.startswith("0x"))
        return value if plain else connection.escape(value)

    def shown(self):
        return "HEX(CAST(v AS CHAR))" if self.type == "json" else "HEX(v)" if self.type in BYTES or "char" in self.type or "text" in self.type \
            else "CAST(v AS CHAR)"

    def belongs_to(self, server):
        """MariaDB's JSON is a text, and MySQL has no column of the old temporal format that could still be made."""
        return self.type != "json" if server.kind.mariadb else not self.old

    def create(self, server):
        """In both databases: the value before goes to one, the value after to the other. False where the server does not have such a type."""
        if self.old:
            server.execute("SET GLOBAL mysql56_temporal_format = OFF")
        try:
            for database in ("expected", "shop"):
                server.execute(f"CREATE TABLE {database}.{self.name} (id INT PRIMARY KEY, v {self.column} NULL) DEFAULT CHARACTER SET utf8mb4")
            return True
        except pymysql.err.Error:
            return False
        finally:
            if self.old:
                server.execute("SET GLOBAL mysql56_temporal_format = ON")

    def insert(self, server):
        for database, value in (("expected", self.after), ("shop", self.before)):
            server.execute(f"INSERT INTO {database}.{self.name} VALUES (1, {self.literal(value, server.connection)})")


def vectors():
    lines = [line for line in VECTORS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Vector(number, line) for number, line in enumerate(lines)]


@pytest.mark.parametrize("name", SERVERS)
def test_golden_vectors_through_stream_and_scrub(topology, figure, name):
    top = topology(name, name, HARNESS_RULE, gtid=name != "mysql-5.6", with_relay=False)
    top.source.execute("SET sql_mode = ''", "SET time_zone = '+00:00'", "CREATE DATABASE expected", "CREATE DATABASE shop")
    there = [each for each in vectors() if each.belongs_to(top.source) and each.create(top.source)]
    top.rules = '[defaults]\ntable = "deny"\n' + KEYS + HARNESS_RULE + "".join(each.rule() for each in there)
    top.make_relay()
    top.follow()
    for each in there:
        each.insert(top.source)
    top.wait_caught_up()
    figure("vectors", f"{len(there)} of {len(vectors())}")
    top.replica.execute("SET time_zone = '+00:00'")
    wrong = []
    for each in there:
        expected = top.source.value(f"SELECT {each.shown()} FROM expected.{each.name}")
        made = top.replica.value(f"SELECT {each.shown()} FROM shop.{each.name}")
        if made != expected:
            wrong.append((each.declared, each.action, made, expected))
    assert not wrong
    assert {each.special for each in vectors()} - {each.special for each in there} == SERVERS[name]
    assert len(there) == sum(each.special not in SERVERS[name] for each in vectors())

    top.relay.stop()
    out = process.temp_folder("vectors")
    code, text = top.relay.command("scrub", *map(str, top.source.binlog_files()), "-o", str(out))
    assert code == 0, text
    made = [event for file in sorted(out.glob("spool." + "[0-9]" * 6)) for event in spool.transaction_events(file)]
    streamed = [event for file in top.relay.spool_files() for event in spool.transaction_events(file)]
    assert made == streamed, "scrub made other events than the stream"
    process.remove_folder(out)
