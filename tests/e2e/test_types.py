"""Property test: whichever columns of whatever types are dropped, the others arrive exactly."""
import os
import random

import pytest

from support import compare, topology as topologies

from . import column_types

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8"]
RANDOM_TABLES = int(os.environ.get("BINLOG_RELAY_TYPE_TABLES") or 60)
METADATA = {"mysql-9.7": "MINIMAL", "mysql-5.6": None, "mariadb-10.11": "FULL", "mariadb-10.5": "NO_LOG", "mariadb-11.8": "MINIMAL"}


class Specimen:
    """A table of some columns, some of them dropped by its rule."""

    def __init__(self, number, chosen, dropped, key_at):
        self.name = f"types.t{number:04d}"
        self.columns = {f"c{at}": spec for at, spec in enumerate(chosen)}
        self.dropped = {f"c{at}" for at in dropped}
        self.key_at = key_at  # where the primary key stands among the columns; None: no key

    def ddl(self):
        parts = [f"{name} {spec[0]}" for name, spec in self.columns.items()]
        if self.key_at is not None:
            parts.insert(self.key_at, "id INT NOT NULL PRIMARY KEY")
        return f"CREATE TABLE {self.name} ({', '.join(parts)}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC"

    def rule(self, number):
        """Half of the rules name what goes, half what stays."""
        stays = [name for name in ("id", *self.columns) if name not in self.dropped and (name != "id" or self.key_at is not None)]
        keep = number % 2
        lines = [f'{name} = "keep"' for name in stays] if keep else [f'{name} = "drop"' for name in sorted(self.dropped)]
        default = "drop" if keep else "keep"
        return f'\n[[table]]\nname = "{self.name}"\noptional = true\ncolumn_default = "{default}"\n[table.columns]\n' + "\n".join(lines) + "\n"

    def kept(self):
        return [name for name in self.columns if name not in self.dropped] + (["id"] if self.key_at is not None else [])

    def statements(self, rnd):
        """Inserts, updates of random columns, a delete: in the three kinds of row images."""
        names = list(self.columns)
        key = ["id"] if self.key_at is not None else []
        for image in ("FULL", "MINIMAL", "NOBLOB"):
            yield f"SET SESSION binlog_row_image='{image}'"
            base = {"FULL": 0, "MINIMAL": 10, "NOBLOB": 20}[image]
            for row in range(3):
                values = [column_types.literal(rnd, self.columns[name][1]) for name in names]
                values += [str(base + row)] if key else []
                yield f"INSERT INTO {self.name} ({', '.join(names + key)}) VALUES ({', '.join(values)})"
            changed = rnd.sample(names, rnd.randint(1, max(1, len(names) // 3)))
            sets = ", ".join(f"{name}={column_types.literal(rnd, self.columns[name][1])}" for name in changed)
            yield f"UPDATE {self.name} SET {sets} " + (f"WHERE id={base}" if key else "LIMIT 1")
            yield f"DELETE FROM {self.name} " + (f"WHERE id={base + 1}" if key else "LIMIT 1")


def specimens(types, rnd):
    """Each type dropped in turn out of a table of all, then random subsets in random order with random drops."""
    # One table of all types would exceed the row size limit of a server: two halves that alternate.
    halves = (types[::2], types[1::2])
    made = [(list(half), {at}) for half in halves for at in range(len(half))]
    for _ in range(RANDOM_TABLES):
        chosen = rnd.choices(types, k=rnd.randint(2, 24))
        made.append((chosen, set(rnd.sample(range(len(chosen)), rnd.randint(1, len(chosen) - 1)))))
    for number, (chosen, dropped) in enumerate(made):
        rnd.shuffle(chosen) if number % 3 == 2 else None
        key_at = rnd.choice([0, rnd.randint(0, len(chosen)), None]) if number >= len(types) else 0
        yield Specimen(number, chosen, dropped, key_at)


@pytest.mark.parametrize("name", SERVERS)
def test_any_column_of_any_type_can_be_dropped(topology, name):
    seed = int(os.environ.get("BINLOG_RELAY_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}: repeat with BINLOG_RELAY_SEED={seed}")
    rnd = column_types.generator(seed)
    tables = list(specimens(column_types.types_of(name), rnd))
    rules = '[defaults]\ntable = "deny"\ncolumn = "drop"\n' + topologies.HARNESS_RULE
    rules += "".join(table.rule(number) for number, table in enumerate(tables))
    top = topology(name, name, rules, metadata=METADATA[name])
    top.source.execute("CREATE DATABASE types", "SET SESSION sql_mode='NO_ENGINE_SUBSTITUTION'")
    top.follow()
    for table in tables:
        top.source.execute(table.ddl(), "BEGIN", *table.statements(rnd), "COMMIT")
    top.wait_caught_up(300)
    for table in tables:
        compare.assert_same_schema(top.source, top.replica, table.name, table.dropped)
        compare.assert_same_rows(top.source, top.replica, table.name, table.kept())
    top.assert_spool_readable()


GENERATED_RULES = """
[defaults]
table = "deny"
column = "drop"
[[table]]
name = "gen.people"
optional = true
column_default = "keep"
[table.columns]
email = "drop"
""" + topologies.HARNESS_RULE


@pytest.mark.parametrize("name", ["mysql-9.7", "mariadb-10.11", "mariadb-10.5", "mariadb-11.8"])
def test_generated_columns_follow_what_they_are_made_of(topology, name):
    """A generated column, even a virtual one and one made of another, carries the values of its parts: it goes with them."""
    top = topology(name, name, GENERATED_RULES, metadata="FULL")
    stored = "STORED" if name.startswith("mysql") else "PERSISTENT"
    top.source.execute(
        "CREATE DATABASE gen",
        f"CREATE TABLE gen.people (id INT PRIMARY KEY, email VARCHAR(60), a INT, virtual_mail VARCHAR(80) AS (CONCAT('x', email)) VIRTUAL, "
        f"stored_mail VARCHAR(80) AS (UPPER(email)) {stored}, twice INT AS (a*2) VIRTUAL, thrice INT AS (a*3) {stored}, "
        "second_hand VARCHAR(90) AS (CONCAT(stored_mail, '!')) VIRTUAL)")
    top.follow()
    for number in range(5):
        top.source.execute(f"INSERT INTO gen.people (id, email, a) VALUES ({number}, '{top.canaries.text()}', {number})")
    top.source.execute(f"UPDATE gen.people SET email='{top.canaries.text()}', a=a+1")
    top.wait_caught_up()
    gone = ("email", "virtual_mail", "stored_mail", "second_hand")
    compare.assert_same_schema(top.source, top.replica, "gen.people", gone)
    compare.assert_same_rows(top.source, top.replica, "gen.people", ["id", "a", "twice", "thrice"])
    top.assert_no_leak()


@pytest.mark.parametrize("drop_the_unique_one", [True, False])
@pytest.mark.parametrize("name", ["mariadb-10.5", "mariadb-10.11", "mariadb-11.8"])
def test_hidden_hash_columns_go_with_their_column(topology, name, drop_the_unique_one):
    """UNIQUE over a BLOB adds a hidden column with a hash of the value to each row (MariaDB)."""
    dropped = "body" if drop_the_unique_one else "other"
    kept = "other" if drop_the_unique_one else "body"
    rules = GENERATED_RULES.replace("gen.people", "gen.hashed").replace("email =", f"{dropped} =")
    top = topology(name, name, rules, metadata="FULL")
    top.source.execute("CREATE DATABASE gen", "CREATE TABLE gen.hashed (id INT PRIMARY KEY, body BLOB, other TEXT, UNIQUE KEY u (body))")
    top.follow()
    for number in range(5):
        token = top.canaries.text()
        values = {dropped: f"'{token}'", kept: f"'plain {number}'"}
        top.source.execute(f"INSERT INTO gen.hashed (id, body, other) VALUES ({number}, {values['body']}, {values['other']})")
    top.source.execute("UPDATE gen.hashed SET other=CONCAT(other, 'z')", "DELETE FROM gen.hashed WHERE id=2")
    top.wait_caught_up()
    compare.assert_same_rows(top.source, top.replica, "gen.hashed", ["id", kept])
    top.assert_no_leak()
