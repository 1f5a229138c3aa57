"""A shop with personal data in it: its rules, its schema, and what happens to it while a replica follows."""
import contextlib

RULES = """
[defaults]
table = "deny"
column = "drop"

[[table]]
name = "harness.*"
column_default = "keep"

[[table]]
name = "shop.customers"
[table.columns]
id = "keep"
country = "keep"
notes = "null"
alias = "null"
phone = { action = "constant", value = "000" }
balance = "keep"
joined = "keep"
level = "keep"
flags = "keep"
score = "keep"
email = "drop"

[[table]]
name = "shop.order*"
column_default = "keep"
[table.columns]
remark = "drop"

[[table]]
name = "shop.stock"
column_default = "keep"

[[table]]
name = "shop.nokey"
column_default = "keep"
[table.columns]
secret = "drop"

[[table]]
name = "shop.my?sam"
column_default = "keep"
[table.columns]
who = "drop"

[[table]]
name = "shop.moved_*"
optional = true
column_default = "keep"
[table.columns]
remark = "drop"
"""


class Table:
    """What the replica must have of one table."""

    def __init__(self, kept, dropped=(), nulled=(), constants=None):
        self.kept, self.dropped, self.nulled, self.constants = list(kept), list(dropped), dict(nulled), dict(constants or {})


SCHEMA = [
    "CREATE DATABASE shop DEFAULT CHARACTER SET utf8 /* {c} */",
    "CREATE DATABASE hidden",
    "USE shop",
    """CREATE TABLE shop.customers (
         id INT UNSIGNED NOT NULL AUTO_INCREMENT,
         name VARCHAR(80) NOT NULL DEFAULT '{c}' COMMENT 'full name {c}',
         country CHAR(2) NOT NULL DEFAULT 'NO',
         notes TEXT,
         alias VARCHAR(40) NOT NULL,
         phone VARCHAR(40),
         email VARCHAR(100),
         balance DECIMAL(12,2) NOT NULL DEFAULT 0,
         joined DATETIME(3),
         born DATE,
         level ENUM('new','known','old') DEFAULT 'new',
         flags SET('a','b','c','d'),
         score DOUBLE,
         photo MEDIUMBLOB,
         PRIMARY KEY (id), UNIQUE KEY by_email (email), KEY by_country (country), KEY by_name (name)
       ) ENGINE=InnoDB DEFAULT CHARSET=utf8 COMMENT='{c}'""",
    """CREATE TABLE shop.orders (
         id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT UNSIGNED, amount INT NOT NULL,
         remark TEXT, placed TIMESTAMP(6) NULL, KEY by_customer (customer_id),
         CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES shop.customers (id) ON DELETE CASCADE ON UPDATE CASCADE
       ) ENGINE=InnoDB DEFAULT CHARSET=utf8""",
    """CREATE TABLE shop.order_lines (
         order_id BIGINT NOT NULL, line INT NOT NULL, article VARCHAR(60) CHARACTER SET latin1, remark VARCHAR(200), price FLOAT,
         PRIMARY KEY (order_id, line),
         CONSTRAINT line_order FOREIGN KEY (order_id) REFERENCES shop.orders (id) ON DELETE CASCADE
       ) ENGINE=InnoDB""",
    "CREATE TABLE shop.stock (article VARCHAR(60) PRIMARY KEY, n INT NOT NULL, bits BIT(10)) ENGINE=InnoDB DEFAULT CHARSET=latin1",
    "CREATE TABLE shop.nokey (a INT, secret VARCHAR(60), b VARCHAR(30)) ENGINE=InnoDB DEFAULT CHARSET=utf8",
    "CREATE TABLE shop.myisam (id INT PRIMARY KEY, who VARCHAR(60), v VARBINARY(300)) ENGINE=MyISAM",
    "CREATE TABLE shop.audit_trail (id INT AUTO_INCREMENT PRIMARY KEY, what TEXT) ENGINE=InnoDB",
    "CREATE TABLE hidden.people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) DEFAULT '{c}') ENGINE=InnoDB",
    """CREATE TRIGGER shop.after_line AFTER INSERT ON shop.order_lines FOR EACH ROW BEGIN
         INSERT INTO shop.stock (article, n) VALUES (NEW.article, 1) ON DUPLICATE KEY UPDATE n = n + 1;
         INSERT INTO shop.audit_trail (what) VALUES (CONCAT('{c}', NEW.remark));
       END""",
]

TABLES = {
    "shop.customers": Table(["id", "country", "balance", "joined", "level", "flags", "score"],
                            ["name", "email", "born", "photo"], {"notes": None, "alias": ""}, {"phone": "000"}),
    "shop.orders": Table(["id", "customer_id", "amount", "placed"], ["remark"]),
    "shop.order_lines": Table(["order_id", "line", "article", "price"], ["remark"]),
    "shop.stock": Table(["article", "n", "bits"]),
    "shop.nokey": Table(["a", "b"], ["secret"]),
    "shop.myisam": Table(["id", "v"], ["who"]),
}
INVISIBLE = {"shop.audit_trail", "hidden.people"}

# One round of writing; {r} is the round's number, {k} its first key, {c} a fresh canary each time. Lists are transactions.
ROUND = [
    """INSERT INTO shop.customers (id, name, country, notes, alias, phone, email, balance, joined, born, level, flags, score, photo)
       VALUES ({k}, '{c}', 'NO', '{c}', '{c}', '{c}', '{c}', 10.55, '2026-01-02 03:04:05.678', '1970-01-01', 'new', 'a,c', 1e-300, '{c}'),
              ({k}+1, '{c}', 'SE', NULL, '{c}', NULL, '{c}', -99999999.99, NULL, NULL, NULL, NULL, NULL, NULL),
              ({k}+2, '{c}', 'DK', '', '', '', NULL, 0, '1000-01-01 00:00:00', NULL, 'old', '', -0e0, REPEAT('{c}', 2000)),
              ({k}+3, '{c}', 'FI', '{c}', '{c}', '{c}', '{c}', 3.14, NULL, '2001-02-03', 'known', 'a,b,c,d', 0.1, NULL)""",
    "UPDATE /* {c} */ shop.customers SET name='{c}' WHERE id={k}",
    "UPDATE shop.customers SET balance=balance+1, notes='{c}' WHERE id>={k} AND name LIKE 'cn%'",
    "REPLACE INTO shop.customers (id, name, alias, country, email) VALUES ({k}+3, '{c}', '{c}', 'IS', '{c}')",
    "INSERT INTO shop.customers (id, name, alias, country) VALUES ({k}, '{c}', '', 'XX') ON DUPLICATE KEY UPDATE country='GB', name='{c}'",
    "INSERT IGNORE INTO shop.customers (id, name, alias) VALUES ({k}, '{c}', ''), ({k}+4, '{c}', '')",
    ["INSERT INTO shop.orders (id, customer_id, amount, remark, placed) VALUES ({k}, {k}, 5, '{c}', '2026-05-06 07:08:09.123456'), "
     "({k}+1, {k}+1, 6, NULL, NULL), ({k}+2, {k}+1, -7, '{c}', NULL)",
     "INSERT INTO shop.order_lines VALUES ({k}, 1, 'bolt', '{c}', 1.1), ({k}, 2, 'nut', '{c}', 2.2), ({k}+1, 1, 'n\u00f8tt', NULL, NULL), "
     "({k}+2, 1, 'bolt', '{c}', 3.4e38)",
     "UPDATE shop.orders o JOIN shop.order_lines l ON l.order_id=o.id SET o.amount=o.amount*2, l.price=l.price*2, l.remark='{c}' "
     "WHERE o.id={k}"],
    ["SAVEPOINT s1", "INSERT INTO shop.orders (id, customer_id, amount, remark) VALUES ({k}+3, {k}+2, 1, '{c}')", "SAVEPOINT s2",
     "INSERT INTO shop.orders (id, customer_id, amount, remark) VALUES ({k}+4, {k}+2, 1, '{c}')", "ROLLBACK TO s2"],
    ["UPDATE shop.customers SET balance=0, name='{c}'", "DELETE FROM shop.orders", "ROLLBACK"],
    "USE shop",
    # A multi-table DELETE of parent and child breaks 9.7's own replicas: it logs the cascade and the child's rows, so not that.
    "DELETE l FROM shop.orders o JOIN shop.order_lines l ON l.order_id=o.id WHERE o.id={k}+2",
    "DELETE FROM shop.orders WHERE id={k}+2",
    "UPDATE shop.customers SET id={k}+9 WHERE id={k}+1",
    "DELETE FROM shop.customers WHERE id={k}+2",
    "INSERT INTO shop.nokey VALUES ({r}, '{c}', 'x'), ({r}, '{c}', 'x'), (NULL, NULL, NULL), ({r}+1, '{c}', 'y')",
    "UPDATE shop.nokey SET b='z' WHERE a={r} AND b='x' LIMIT 1",
    "DELETE FROM shop.nokey WHERE a IS NULL LIMIT 1",
    "INSERT INTO shop.myisam VALUES ({k}, '{c}', REPEAT(CHAR(0,255), 150)), ({k}+1, NULL, NULL)",
    "UPDATE shop.myisam SET who='{c}' WHERE id={k}",
    "DELETE FROM shop.myisam WHERE id={k}+1",
    ["INSERT INTO shop.stock VALUES (CONCAT('r', {r}), 3, b'1010101010')", "INSERT INTO hidden.people (name) VALUES ('{c}')",
     "UPDATE hidden.people SET name='{c}' LIMIT 1"],
    "DELETE n, m FROM shop.nokey n JOIN shop.stock m ON m.article=CONCAT('r', n.a) WHERE n.a={r} AND n.b='z'",
    "INSERT INTO shop.stock (article, n) SELECT CONCAT(article, '-', {r}), n FROM shop.stock WHERE article IN ('bolt', 'nut')",
]

# Schema changes, each with writing around it. TABLES describes the state after all of them, apart from MORE_TABLES.
CHANGES = [
    "USE hidden",  # a database that the replica does not have is no place to run a statement in
    "ALTER TABLE shop.orders ADD COLUMN weight INT DEFAULT 7 COMMENT 'grams' AFTER amount",
    "INSERT INTO shop.orders (id, customer_id, amount, weight, remark) VALUES (900001, NULL, 1, 2, '{c}')",
    "ALTER TABLE shop.customers ADD COLUMN passport VARCHAR(40) DEFAULT '{c}' COMMENT '{c}' AFTER id, ADD KEY by_passport (passport)",
    "UPDATE shop.customers SET passport='{c}'",
    "ALTER TABLE shop.customers MODIFY COLUMN country VARCHAR(10) NOT NULL DEFAULT 'NO'",
    "INSERT INTO shop.customers (id, name, alias, country) VALUES (900001, '{c}', '', 'NORWAY')",
    "ALTER TABLE shop.order_lines CHANGE COLUMN price unit_price DOUBLE",
    "ALTER TABLE shop.customers DROP COLUMN born, DROP KEY by_name",
    "UPDATE shop.customers SET score=score+1",
    "CREATE INDEX by_score ON shop.customers (score)",
    "CREATE INDEX by_alias ON shop.customers (alias, email)",
    "DROP INDEX by_country ON shop.customers",
    "CREATE TABLE shop.order_temp LIKE shop.orders",
    "INSERT INTO shop.order_temp (id, amount, remark) VALUES (1, 2, '{c}'), (2, 3, NULL)",
    "RENAME TABLE shop.order_temp TO shop.moved_orders",
    "INSERT INTO shop.moved_orders (id, amount, remark) VALUES (3, 4, '{c}')",
    "CREATE TABLE shop.order_gone (a INT PRIMARY KEY, remark TEXT)",
    "INSERT INTO shop.order_gone VALUES (1, '{c}')",
    "DROP TABLE shop.order_gone",
    "CREATE TABLE shop.order_empty (a INT PRIMARY KEY, remark TEXT)",
    "INSERT INTO shop.order_empty VALUES (1, '{c}')",
    "TRUNCATE TABLE shop.order_empty",
    "INSERT INTO shop.order_empty VALUES (2, '{c}')",
    "ALTER TABLE shop.orders DROP COLUMN weight",
    "ALTER TABLE hidden.people ADD COLUMN more VARCHAR(50) DEFAULT '{c}'",
    "USE shop",
    "CREATE VIEW shop.people_view AS SELECT id FROM shop.customers WHERE name <> '{c}'",
    "DROP VIEW shop.people_view",
    "DROP TRIGGER shop.after_line",
    "CREATE DATABASE shortlived", "DROP DATABASE shortlived",
    "ANALYZE TABLE shop.orders",
]

CHANGED_TABLES = {
    **TABLES,
    "shop.customers": Table(TABLES["shop.customers"].kept, ["passport", "name", "email", "photo"], {"notes": None, "alias": ""}, {"phone": "000"}),
    "shop.order_lines": Table(["order_id", "line", "article", "unit_price"], ["remark"]),
    "shop.moved_orders": Table(["id", "customer_id", "amount", "weight", "placed"], ["remark"]),
    "shop.order_empty": Table(["a"], ["remark"]),
}


class Workload:
    def __init__(self, source, canaries):
        self.source, self.canaries, self.round = source, canaries, 0

    def text(self, template, **values):
        while "{c}" in template:
            template = template.replace("{c}", self.canaries.text(), 1)
        for name, value in values.items():
            template = template.replace("{" + name + "}", str(value))
        return template

    def run(self, statements, **values):
        connection = self.source.connect()
        with contextlib.closing(connection), connection.cursor() as cursor:
            for item in [*self.session, *statements]:
                for sql in ["BEGIN", *item, "COMMIT"] if isinstance(item, list) else [item]:
                    self.execute(cursor, self.text(sql, **values))

    session = ()

    @staticmethod
    def execute(cursor, sql):
        try:
            cursor.execute(sql)
        except Exception as error:
            raise AssertionError(f"the source refused: {sql}\n{error}") from error

    def create(self):
        self.run(SCHEMA)

    def write(self, row_image="FULL"):
        """One round of every kind of row change."""
        self.round += 1
        self.session = [f"SET SESSION binlog_row_image='{row_image}'"]
        self.run(ROUND, r=self.round, k=self.round * 100)
        self.session = ()

    def change_schema(self):
        self.run(CHANGES)

    def accounts(self):
        """Statements on accounts carry passwords and names: none may leave."""
        user = self.canaries.text()
        self.run([f"CREATE USER '{user}'@'%' IDENTIFIED BY '{{c}}'", f"GRANT SELECT ON *.* TO '{user}'@'%'", f"DROP USER '{user}'@'%'"])


def assert_stripped(replica, table, expected):
    """Dropped columns are not there, nulled and constant ones hold what the rules say."""
    names = {row[0] for row in replica.query(
        "SELECT column_name FROM information_schema.columns WHERE CONCAT(table_schema, '.', table_name)='%s'" % table)}
    assert not names & set(expected.dropped), f"{table}: the replica has dropped columns {names & set(expected.dropped)}"
    for column, zero in expected.nulled.items():
        wrong = f"{column} IS NOT NULL" if zero is None else f"NOT {column} <=> '{zero}'"
        assert replica.value(f"SELECT COUNT(*) FROM {table} WHERE {wrong}") == 0, f"{table}.{column} was to be nulled"
    for column, value in expected.constants.items():
        assert replica.value(f"SELECT COUNT(*) FROM {table} WHERE NOT {column} <=> '{value}'") == 0, \
            f"{table}.{column} was to be {value!r} everywhere"
