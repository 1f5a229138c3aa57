"""Random DDL on tables with random rules, out of what the source has at that moment.

What must stop the stream by design is not made: rows that the replica lacks cannot be brought to it by a statement.
"""
import random

from support import schema

DATABASE = "ddl"
POOL = [f"c{number}" for number in range(14)]
PAIRS = {"t0": "p0", "p0": "t0", "t3": "p3", "p3": "t3"}  # names with the same rules, between which tables are renamed
KEYED, KEYLESS, DENIED = ("t0", "t1", "t2", "t3"), ("t4", "t5"), ("h0", "h1")


def random_rules(rnd):
    """{table: {column: "drop" or "alter", "*": default}}; the key's column is always kept."""
    rules = {}
    for table in (*KEYED, *KEYLESS):
        fates = {"id": "keep", "*": rnd.choice(["keep", "drop"])}
        for name in POOL:
            fates[name] = rnd.choices(["keep", "drop", "alter"], [6, 3, 1])[0]
        rules[table] = fates
    for table, other in PAIRS.items():
        rules.setdefault(table, rules.get(other))
    return rules


def rule_text(rules):
    words = {"keep": '"keep"', "drop": '"drop"', "alter": '"null"'}
    text = '[defaults]\ntable = "deny"\ncolumn = "drop"\n'
    for table, fates in rules.items():
        text += f'\n[[table]]\nname = "{DATABASE}.{table}"\noptional = true\ncolumn_default = "{fates["*"]}"\n[table.columns]\n'
        for name, fate in fates.items():
            if name != "*":
                text += f"{name} = {{ action = {words[fate]}, optional = true }}\n"
    return text


class Generator:
    def __init__(self, seed, server, rules):
        self.rnd, self.server, self.rules = random.Random(seed), server, rules
        self.maria, self.old = server.kind.mariadb, server.kind.old
        self.tables = {}
        self.number = 0

    def read(self):
        self.tables = schema.facts(self.server, DATABASE)

    def pick(self, *choices):
        return self.rnd.choice(choices)

    # Parts of statements

    def fate(self, table, column):
        fates = self.rules.get(table, {"*": "drop"})
        return fates.get(column, fates["*"])

    def closed_fates(self, table):
        return schema.fates(self.tables[table], self.rules.get(table, {"*": "drop"}))

    def kept(self, table):
        return [name for name, fate in self.closed_fates(table).items() if fate == "keep"]

    def fresh(self, table):
        there = self.tables[table].columns if table in self.tables else {}
        free = [name for name in (*POOL, "x1", "x2", "x3") if name not in there]
        return self.rnd.choice(free) if free else None

    def type(self):
        kinds = ["INT", "INT UNSIGNED", "BIGINT", "TINYINT(1)", "DECIMAL(10,2)", "DOUBLE", "DATE", "DATETIME(3)", "TIME", "YEAR",
                 "VARCHAR(40)", "VARCHAR(300) CHARACTER SET utf8mb4", "CHAR(10) CHARACTER SET latin1", "TEXT", "BLOB", "VARBINARY(30)",
                 "ENUM('a','b','c')", "SET('x','y')", "BIT(9)", "TIMESTAMP NULL"]
        return self.rnd.choice(kinds)

    def literal(self, kind):
        if kind.startswith(("INT", "BIGINT", "TINYINT", "DECIMAL", "DOUBLE")):
            return str(self.rnd.randint(0, 99))
        if kind.startswith(("VARCHAR", "CHAR", "VARBINARY")):
            return self.pick("''", "'it''s'", "'a\\\\b'", "'\u00f8'", "\"quo'te\"")
        if kind.startswith("ENUM"):
            return "'b'"
        return None

    def column(self, table, name):
        """The definition of a column, without its name."""
        fate = self.fate(table, name)
        if fate == "alter":
            return self.pick("VARCHAR(60)", "VARCHAR(60) DEFAULT 'secret'", "INT", "TEXT COMMENT 'secret'", "DATETIME")
        others = [other for other in self.tables[table].columns if other != name] if table in self.tables else []
        if others and not self.old and self.rnd.random() < 0.2 and fate == "keep":
            return self.generated(others)
        kind = self.type()
        text = kind
        literal = self.literal(kind)
        roll = self.rnd.random()
        if roll < 0.3 and literal:
            text += f" NOT NULL DEFAULT {literal}"
        elif roll < 0.5 and literal:
            text += f" DEFAULT {literal}"
        elif roll < 0.6 and kind == "DATETIME(3)":
            text += " DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"
        elif roll < 0.7 and not self.old and kind == "INT":
            text += " DEFAULT (1 + 2)"
        if self.rnd.random() < 0.1 and (self.maria or not self.old) and "NOT NULL" not in text:
            text += " INVISIBLE"
        if self.rnd.random() < 0.2:
            text += " COMMENT 'secret'"
        if self.rnd.random() < 0.1 and not self.old and kind in ("INT", "BIGINT"):
            text += f" CHECK (`{name}` <> 4242)"
        return text

    def generated(self, others):
        parts = ", ".join(f"`{name}`" for name in self.rnd.sample(others, min(len(others), self.rnd.randint(1, 2))))
        return f"VARCHAR(200) AS (CONCAT_WS('-', {parts})) {self.pick('VIRTUAL', 'STORED')}"

    def place(self, table):
        if self.rnd.random() < 0.5:
            return ""
        return self.pick(" FIRST", f" AFTER `{self.rnd.choice(list(self.tables[table].columns))}`")

    def index_parts(self, table, count=3):
        parts = []
        names = list(self.tables[table].columns)
        for name in self.rnd.sample(names, self.rnd.randint(1, min(count, len(names)))):
            kind = self.tables[table].columns[name]["type"].lower()
            long = any(word in kind for word in ("text", "blob", "varchar(200)", "varchar(300)"))
            part = f"`{name}`" + ("(7)" if long or ("char" in kind and self.rnd.random() < 0.3) else "")
            if not self.maria and not self.old and self.rnd.random() < 0.2:
                part = self.pick(f"{part} DESC", f"(CONCAT(`{name}`, 'x'))" if self.rnd.random() < 0.5 else part)
            parts.append(part)
        return ", ".join(parts)

    def index_name(self):
        self.number += 1
        return f"k{self.number}"

    # Clauses of ALTER TABLE; None where the table has nothing for it

    def add_column(self, table):
        name = self.fresh(table)
        return name and f"ADD COLUMN `{name}` {self.column(table, name)}{self.place(table)}"

    def drop_column(self, table):
        names = [name for name in self.tables[table].columns if name != "id"]
        return f"DROP COLUMN `{self.rnd.choice(names)}`" if len(names) > 3 else None

    def plain_columns(self, table):
        """Columns whose fate does not hang on others, and whose rows no statement has to bring."""
        return [name for name, column in self.tables[table].columns.items()
                if name != "id" and not column["expression"] and self.fate(table, name) != "alter"]

    def modify_column(self, table):
        names = self.plain_columns(table)
        if not names:
            return None
        name = self.rnd.choice(names)
        return f"MODIFY COLUMN `{name}` {self.column(table, name)}{self.place(table)}"

    def change_column(self, table):
        names, new = self.plain_columns(table), self.fresh(table)
        names = [name for name in names if new and self.fate(table, new) in (self.fate(table, name), "drop")]
        if not names:
            return None
        name = self.rnd.choice(names)
        if self.rnd.random() < 0.5 and not self.old:
            return f"RENAME COLUMN `{name}` TO `{new}`"
        return f"CHANGE COLUMN `{name}` `{new}` {self.column(table, new)}{self.place(table)}"

    def default(self, table):
        names = self.plain_columns(table)
        return names and f"ALTER COLUMN `{self.rnd.choice(names)}` {self.pick('DROP DEFAULT', 'SET DEFAULT 7', 'SET DEFAULT NULL')}"

    def add_index(self, table):
        kind = self.pick("KEY", "KEY", "UNIQUE KEY", "INDEX")
        name = self.pick("", self.index_name())
        return f"ADD {kind} {name} ({self.index_parts(table)})"

    def drop_index(self, table):
        names = [name for name in self.tables[table].indexes if name != "PRIMARY"]
        return f"DROP {self.pick('KEY', 'INDEX')} `{self.rnd.choice(names)}`" if names else None

    def rename_index(self, table):
        names = [name for name in self.tables[table].indexes if name != "PRIMARY"]
        return f"RENAME INDEX `{self.rnd.choice(names)}` TO {self.index_name()}" if names and not self.old else None

    def check(self, table):
        if self.old:
            return None
        if self.tables[table].checks and self.rnd.random() < 0.5:
            name = self.rnd.choice(list(self.tables[table].checks))
            return None if name.startswith("Column ") else f"DROP CONSTRAINT `{name.rpartition(' ')[2]}`"
        column = self.rnd.choice(list(self.tables[table].columns))
        return f"ADD CHECK (`{column}` IS NULL OR LENGTH(`{column}`) < 4242)"

    def foreign_key(self, table):
        keys = self.tables[table].foreign_keys
        if keys and self.rnd.random() < 0.5:
            return f"DROP FOREIGN KEY `{self.rnd.choice(list(keys))}`"
        parents = [name for name in self.tables if name[0] in "tp" and "PRIMARY" in self.tables[name].indexes]
        columns = [name for name, column in self.tables[table].columns.items() if column["type"].startswith("bigint") and name != "id"]
        if not parents or not columns or self.tables[table].partitions:
            return None
        return f"ADD FOREIGN KEY (`{self.rnd.choice(columns)}`) REFERENCES {self.rnd.choice(parents)} (id)"

    def option(self, _table):
        return self.pick("COMMENT 'secret'", "ENGINE=InnoDB", "ROW_FORMAT=DYNAMIC", "ROW_FORMAT=COMPACT", "DEFAULT CHARACTER SET utf8mb4",
                         "CONVERT TO CHARACTER SET utf8mb4", "DEFAULT COLLATE latin1_bin", "FORCE", "AUTO_INCREMENT=5000", "ORDER BY id")

    def counter(self, table):
        column = self.tables[table].columns.get("id")
        if column is None:
            return None
        return "MODIFY COLUMN id BIGINT NOT NULL" + ("" if "auto_increment" in column["extra"] else " AUTO_INCREMENT")

    CLAUSES = [(add_column, 8), (drop_column, 4), (modify_column, 5), (change_column, 4), (default, 2), (add_index, 6), (drop_index, 4),
               (rename_index, 2), (check, 2), (foreign_key, 2), (option, 2), (counter, 1)]

    # Statements

    def alter(self, table):
        makers, weights = zip(*self.CLAUSES)
        clauses = [clause for make in self.rnd.choices(makers, weights, k=self.rnd.choice([1, 1, 1, 2, 3])) if (clause := make(self, table))]
        return f"ALTER TABLE {table} {', '.join(clauses)}" if clauses else None

    def create(self, table):
        names = self.rnd.sample(POOL, self.rnd.randint(4, 8))
        parts = [f"`{name}` {self.column(table, name)}" for name in names]
        if table in KEYED or table in DENIED or table[0] == "p":
            parts.insert(self.rnd.randint(0, len(parts)), "id BIGINT NOT NULL" + self.pick("", " AUTO_INCREMENT") + " PRIMARY KEY")
        if not self.old:
            parts.append(f"g1 {self.generated(names)}")
            parts.append(f"KEY ({self.pick('g1(9)', 'g1(9), `' + names[0] + '`(3)')})")
        return f"CREATE TABLE {table} ({', '.join(parts)}) ENGINE=InnoDB DEFAULT CHARSET=latin1 COMMENT='secret'"

    def create_index(self, table):
        return f"CREATE {self.pick('', 'UNIQUE ')}INDEX {self.index_name()} ON {table} ({self.index_parts(table)})"

    def drop_some_index(self, table):
        names = [name for name in self.tables[table].indexes if name != "PRIMARY"]
        return f"DROP INDEX `{self.rnd.choice(names)}` ON {table}" if names else None

    def partition(self, table):
        if self.tables[table].partitions:
            return self.change_partitions(table)
        columns = ["id"] if "id" in self.tables[table].columns else [
            name for name, column in self.tables[table].columns.items() if column["type"].startswith(("int", "bigint"))]
        if not columns:
            return None
        column = self.rnd.choice(columns)
        return f"ALTER TABLE {table} PARTITION BY " + self.pick(
            f"HASH (`{column}`) PARTITIONS 3", f"KEY (`{column}`) PARTITIONS 2",
            f"RANGE (`{column}`) (PARTITION q0 VALUES LESS THAN (10), PARTITION q1 VALUES LESS THAN (50), PARTITION qx VALUES LESS THAN MAXVALUE)")

    def change_partitions(self, table):
        partitions = self.tables[table].partitions
        names, method = [row[0] for row in partitions], partitions[0][2]
        choices = ["REMOVE PARTITIONING", f"REBUILD PARTITION {names[0]}"]
        by_kept = not any(name in (partitions[0][4] or "") for name, fate in self.closed_fates(table).items() if fate != "keep")
        if method == "RANGE":
            choices.append("REORGANIZE PARTITION qx INTO (PARTITION qa VALUES LESS THAN (900), PARTITION qx VALUES LESS THAN MAXVALUE)")
            if by_kept:
                choices += [f"TRUNCATE PARTITION {self.rnd.choice(names)}", f"DROP PARTITION {names[0]}"]
        else:
            choices += ["ADD PARTITION PARTITIONS 1", "COALESCE PARTITION 1"]
        return f"ALTER TABLE {table} {self.rnd.choice(choices)}"

    def rename(self, table):
        other = PAIRS.get(table)
        if other is None or other in self.tables:
            return None
        return self.pick(f"RENAME TABLE {table} TO {other}", f"ALTER TABLE {table} RENAME TO {other}")

    def like(self, table):
        other = PAIRS.get(table)
        return None if other is None or other in self.tables else f"CREATE TABLE {other} LIKE {table}"

    STATEMENTS = [(alter, 30), (create_index, 3), (drop_some_index, 3), (partition, 4), (rename, 2), (like, 1),
                  (lambda self, table: f"TRUNCATE TABLE {table}", 1), (lambda self, table: f"DROP TABLE {table}", 1)]

    def statement(self):
        """One DDL statement that the source may still refuse, or None."""
        table = self.rnd.choice([*KEYED, *KEYLESS, *DENIED, "p0", "p3"])
        if table not in self.tables:
            return self.create(table) if table[0] != "p" and PAIRS.get(table) not in self.tables else None
        makers, weights = zip(*self.STATEMENTS)
        return self.rnd.choices(makers, weights)[0](self, table)

    def writes(self):
        """Rows for a random table: some new, some changed, one gone."""
        if not self.tables:
            return
        table = self.rnd.choice(list(self.tables))
        names = [name for name, column in self.tables[table].columns.items() if not column["expression"] and name != "id"]
        if not names:
            return
        chosen = self.rnd.sample(names, self.rnd.randint(1, len(names)))
        for _ in range(self.rnd.randint(1, 3)):
            values = {name: self.value() for name in chosen}
            if "id" in self.tables[table].columns:
                values["id"] = str(self.rnd.randint(1, 90))
            yield f"INSERT IGNORE INTO {table} ({', '.join(f'`{name}`' for name in values)}) VALUES ({', '.join(values.values())})"
        yield f"UPDATE IGNORE {table} SET `{self.rnd.choice(names)}`={self.value()} LIMIT 2"
        yield f"DELETE FROM {table} LIMIT 1"

    def value(self):
        return self.pick("NULL", "1", "'2'", str(self.rnd.randint(0, 255)), "'2026-01-02'", "'2026-01-02 03:04:05'", "'a'", "'x,y'", "REPEAT('long', 30)")
