"""Random DDL with rows between: after each batch the replica's tables are the source's minus what the rules take away."""
import collections
import os
import random

import pymysql
import pytest

from support import compare, schema, topology as topologies

from . import ddl_generator

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.5", "mariadb-10.11", "mariadb-11.8"]
STATEMENTS = int(os.environ.get("BINLOG_RELAY_DDL_STATEMENTS") or 120)  # that the source took
BATCH = 15
LONG = os.environ.get("BINLOG_RELAY_LONG") == "1"
SAME = 20260901  # the seed of a usual run, which is to fail for a change only; --long looks for what nobody has seen
METADATA = {"mysql-9.7": "MINIMAL", "mysql-5.6": None, "mariadb-10.5": "NO_LOG", "mariadb-10.11": "FULL", "mariadb-11.8": "MINIMAL"}
MODES = ["", "STRICT_TRANS_TABLES", "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE", "NO_BACKSLASH_ESCAPES"]


class Run:
    def __init__(self, top, seed, rules):
        self.top, self.rules = top, rules
        self.generator = ddl_generator.Generator(seed, top.source, rules)
        self.taken, self.refused, self.done = 0, collections.Counter(), []

    def execute(self, sql):
        try:
            self.top.source.execute(sql)
        except pymysql.err.MySQLError as error:
            self.refused[error.args[0]] += 1
            return False
        self.done.append(sql)
        return True

    def batch(self):
        target = self.taken + BATCH
        while self.taken < target:
            self.generator.read()
            self.execute(f"SET SESSION sql_mode='{self.generator.rnd.choice(MODES)}'")
            sql = self.generator.statement()
            self.taken += bool(sql and self.execute(sql))
            self.execute("SET SESSION sql_mode=''")
            self.generator.read()
            for write in self.generator.writes():
                self.execute(write)

    def check(self):
        try:
            self.top.wait_caught_up(60)
            wanted = schema.expected(schema.facts(self.top.source, "ddl"), self.rules, "ddl")
            different = schema.differences(wanted, schema.facts(self.top.replica, "ddl"))
            assert not different, "the replica's tables differ:\n" + "\n".join(different)
            for table, facts in wanted.items():
                fates = schema.fates(schema.facts(self.top.source, "ddl")[table], self.rules[table])
                kept = [name for name in facts.columns if fates[name] == "keep"]
                if kept:
                    compare.assert_same_rows(self.top.source, self.top.replica, f"ddl.{table}", kept)
        except AssertionError as error:
            ddl = [sql for sql in self.done if not sql.startswith(("INSERT", "UPDATE", "DELETE", "SET"))]
            raise AssertionError(f"{error}\nall DDL:\n" + "\n".join(ddl) + "\nthe last statements:\n" + "\n".join(self.done[-40:])) from None


@pytest.mark.parametrize("name", SERVERS)
def test_random_schema_changes(topology, name):
    seed = int(os.environ.get("BINLOG_RELAY_SEED") or (random.SystemRandom().randrange(1 << 32) if LONG else SAME))
    print(f"seed {seed}: repeat with BINLOG_RELAY_SEED={seed}")
    rules = ddl_generator.random_rules(random.Random(seed))
    top = topology(name, name, ddl_generator.rule_text(rules) + topologies.HARNESS_RULE, metadata=METADATA[name])
    top.source.execute("CREATE DATABASE ddl CHARACTER SET latin1", "USE ddl")
    for server in (top.source, top.replica):
        if name == "mysql-9.7":
            server.execute("SET information_schema_stats_expiry=0")
    top.follow()
    run = Run(top, seed, rules)
    while run.taken < STATEMENTS:
        run.batch()
        run.check()
    top.assert_spool_readable()
    print(f"{run.taken} statements taken, {sum(run.refused.values())} refused by the source")
