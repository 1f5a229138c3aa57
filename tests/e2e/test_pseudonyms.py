"""Pseudonyms and generalised values on real servers: rows are found again, keys never collide, joins give as many rows as at the source, and
the replica has what docs/pseudonyms.py computes."""
import importlib.util
import os
import pathlib
import random
import signal

import pytest

from support.topology import HARNESS_RULE

SERVERS = ["mysql-9.7", "mysql-5.6", "mariadb-10.11"]
RANDOM_TABLES = int(os.environ.get("BINLOG_RELAY_PSEUDONYM_TABLES") or 25)
KEY = "0123456789abcdef0123456789abcdef"

_program = importlib.util.spec_from_file_location(
    "pseudonyms", pathlib.Path(__file__).resolve().parents[2] / "docs/pseudonyms.py")
pseudonyms = importlib.util.module_from_spec(_program)
_program.loader.exec_module(pseudonyms)

KEYS = '[defaults]\ntable = "deny"\n[keys]\nperson = { env = "PERSON_KEY" }\n' + HARNESS_RULE
SHOP = KEYS + """
[[table]]
name = "shop.customers"
column_default = "drop"
[table.columns]
id    = { action = "hash", key = "person" }
email = { action = "hash", key = "person" }
ssn   = { action = "hash", key = "person", encoding = "digits" }
name  = { action = "mask", keep_first = 1 }
phone = { action = "digits", key = "person" }
born  = { action = "date", to = "year" }
seen  = { action = "date", to = "month" }
worth = { action = "round", to = 100 }
ip    = "ip"
town  = { action = "truncate", length = 2 }
work  = { action = "email", key = "person" }
[[table]]
name = "shop.orders"
[table.columns]
id       = { action = "hash", key = "person" }
customer = { action = "hash", key = "person" }
email    = { action = "hash", key = "person" }
amount   = "keep"
[[table]]
name = "shop.visits"
[table.columns]
customer = { action = "hash", key = "person" }
note     = "mask"
text     = "redact"
at       = { action = "date", to = "day" }
"""
CREATE = [
    "CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4",
    """CREATE TABLE shop.customers (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60) NOT NULL DEFAULT 'nobody' UNIQUE,
       ssn CHAR(11) UNIQUE, name VARCHAR(40), phone VARCHAR(20), born DATE, seen DATETIME, worth DECIMAL(10,2), ip VARCHAR(45),
       town VARCHAR(30) CHARACTER SET latin1, work VARCHAR(60), secret VARCHAR(40)) ENGINE=InnoDB""",
    """CREATE TABLE shop.orders (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer INT, email VARCHAR(60) CHARACTER SET latin1,
       amount INT, FOREIGN KEY (customer) REFERENCES shop.customers (id) ON DELETE CASCADE) ENGINE=InnoDB""",
    "CREATE TABLE shop.visits (customer VARCHAR(20), note TEXT, text VARCHAR(60) CHARACTER SET latin1, at TIMESTAMP NULL) ENGINE=InnoDB",
]
JOINS = [
    "SELECT COUNT(*) FROM shop.customers c JOIN shop.orders o ON c.id = o.customer",
    "SELECT COUNT(*) FROM shop.customers c JOIN shop.orders o ON BINARY c.email = BINARY CONVERT(o.email USING utf8mb4)",
    "SELECT COUNT(*) FROM shop.customers c JOIN shop.visits v ON BINARY CAST(c.id AS CHAR) = BINARY v.customer",
    "SELECT COUNT(DISTINCT customer) FROM shop.orders",
    "SELECT COUNT(DISTINCT email) FROM shop.orders",
    "SELECT COUNT(*) FROM shop.orders o LEFT JOIN shop.customers c ON c.id = o.customer WHERE c.id IS NULL",
]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("PERSON_KEY", KEY)


def text(rnd):
    return "".join(rnd.choice("abcæøå XYZ09@.") for _ in range(rnd.randint(0, 15)))


def customer(rnd, number):
    values = [f"kari{number}@firma.example", f"{rnd.randrange(10 ** 11):011d}", text(rnd), f"+47 {rnd.randrange(10 ** 8):08d}",
              f"19{rnd.randrange(10, 99)}-0{rnd.randint(1, 9)}-1{rnd.randint(0, 9)}", "2021-07-08 09:10:11", f"{rnd.randrange(10 ** 6)}.5",
              f"192.0.{rnd.randrange(256)}.{rnd.randrange(256)}", "Tromsø", f"kari{number}@firma.example"]
    return [None if at > 1 and rnd.random() < 0.1 else value for at, value in enumerate(values)]


def literal(value):
    return "NULL" if value is None else "'" + str(value) + "'"


def write(top, rnd, count, start):
    for number in range(start, start + count):
        values = ", ".join(literal(value) for value in customer(rnd, number))
        top.source.execute("INSERT IGNORE INTO shop.customers (email, ssn, name, phone, born, seen, worth, ip, town, work) "
                           f"VALUES ({values})")
    ids = [row[0] for row in top.source.query("SELECT id FROM shop.customers")]
    for number in range(start, start + count):
        who = rnd.choice(ids)
        top.source.execute(f"INSERT INTO shop.orders SELECT {number}, id, email, {number} FROM shop.customers WHERE id = {who}",
                           f"INSERT INTO shop.visits VALUES ('{who}', 'besøk', 'på 151086 95088, ring 22 33 44 55', "
                           "'2021-03-04 05:06:07'), (NULL, NULL, NULL, NULL), "
                           f"('ukjent', '{text(rnd)}', 'ingenting', '1970-01-01 12:00:01')")
    for who in rnd.sample(ids, min(8, len(ids))):
        top.source.execute(f"UPDATE shop.customers SET name = '{text(rnd)}', worth = worth + 1 WHERE id = {who}",
                           f"UPDATE shop.orders SET email = 'borte', amount = amount + 1 WHERE customer = {who}",
                           f"UPDATE shop.visits SET note = 'endret', customer = '{who + 1}' WHERE customer = '{who}' LIMIT 1")
    for who in rnd.sample(ids, min(4, len(ids))):
        top.source.execute(f"DELETE FROM shop.customers WHERE id = {who}", f"DELETE FROM shop.visits WHERE customer = '{who}' LIMIT 1")
    top.source.execute(f"INSERT INTO shop.customers (email, born) VALUES ('moved{start}', '2001-02-03')",
                       f"UPDATE shop.customers SET id = id + 100000 WHERE email = 'moved{start}'", "DELETE FROM shop.visits WHERE note = 'endret' LIMIT 2")


def names():
    return pseudonyms.Pseudonyms(KEY.encode(), "person")


def assert_shop(top):
    made = names()
    source = sorted((made.integer(row[0], 32, False), made.text(row[1]), row[2] and made.permute_digits(row[2]), row[3] and row[3][:4] + "-01-01")
                    for row in top.source.query("SELECT id, email, ssn, CAST(born AS CHAR) FROM shop.customers"))
    replica = sorted(top.replica.query("SELECT id, email, ssn, CAST(born AS CHAR) FROM shop.customers"))
    assert len(source) == len(replica)
    assert source == [tuple(row) for row in replica]
    visits = sorted((made.text(row[0], length=20) if row[0] is not None else "", row[1] or 0)
                    for row in top.source.query("SELECT customer, CHAR_LENGTH(note) FROM shop.visits"))
    there = sorted((row[0] or "", row[1] or 0) for row in top.replica.query("SELECT customer, CHAR_LENGTH(note) FROM shop.visits"))
    assert visits == there
    for join in JOINS:
        assert top.source.value(join) == top.replica.value(join), join
    assert top.replica.value("SELECT COUNT(*) FROM shop.visits WHERE note LIKE '%e%'") == 0
    assert {row[0] for row in top.replica.query("SELECT text FROM shop.visits")} == {"på ************, ring ***********", "ingenting", None}
    assert top.replica.value("SELECT COUNT(*) FROM shop.customers WHERE MONTH(born) <> 1 OR DAY(seen) <> 1 OR ROUND(worth) % 100 <> 0") == 0
    assert top.replica.value("SELECT COUNT(*) FROM shop.customers WHERE ip NOT LIKE '192.0.%.0' OR CHAR_LENGTH(town) > 2") == 0


@pytest.mark.parametrize("server", SERVERS)
def test_joins_and_keys_work_at_the_replica(topology, server):
    rnd = random.Random(server)
    top = topology(server, server, SHOP, with_relay=False)
    top.source.execute(*CREATE)
    write(top, rnd, 40, 1)
    top.make_relay()
    top.follow()
    top.wait_caught_up()
    assert_shop(top)
    write(top, rnd, 40, 1000)
    top.wait_caught_up()
    assert_shop(top)
    keys = {row[2] for row in top.replica.query("SHOW INDEX FROM shop.customers")}
    assert {"PRIMARY", "email", "ssn"} <= keys
    assert top.replica.value("SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop'") == 1
    top.relay.assert_healthy()
    assert KEY not in top.relay.log_text()
    kept = list(pathlib.Path(top.relay.spool).glob("rules.*"))
    assert kept and all(KEY[:16] not in file.read_text() for file in kept)


INTEGERS = [(f"{kind}{sign}", 8 * width, bool(sign)) for kind, width in
            (("TINYINT", 1), ("SMALLINT", 2), ("MEDIUMINT", 3), ("INT", 4), ("BIGINT", 8)) for sign in ("", " UNSIGNED")]
TEXTS = ["VARCHAR(40)", "VARCHAR(40) CHARACTER SET latin1", "CHAR(30)", "VARCHAR(40) CHARACTER SET utf16", "VARCHAR(40) CHARACTER SET sjis",
         "TEXT", "VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"]
OTHERS = [("DECIMAL(12,2)", "hash", lambda rnd: f"{rnd.randrange(-10 ** 6, 10 ** 6)}.25"),
          ("DECIMAL(12,2)", "round = 50", lambda rnd: f"{rnd.randrange(-10 ** 6, 10 ** 6)}.25"),
          ("DOUBLE", "round = 0.5", lambda rnd: str(rnd.uniform(-1e6, 1e6))),
          ("FLOAT", "round = 10", lambda rnd: str(rnd.randrange(10 ** 5))),
          ("BIT(20)", "hash", lambda rnd: str(rnd.randrange(1 << 20))),
          ("YEAR", "round = 10", lambda rnd: str(rnd.randrange(1901, 2155))),
          ("BINARY(16)", "hash", lambda rnd: f"'{rnd.randrange(10 ** 6)}'"),
          ("VARBINARY(40)", "hash", lambda rnd: f"'{rnd.randrange(10 ** 6)}'"),
          ("DATE", 'date = "month"', lambda rnd: f"'20{rnd.randrange(10, 99)}-0{rnd.randint(1, 9)}-11'"),
          ("DATETIME(3)", 'date = "day"', lambda rnd: f"'20{rnd.randrange(10, 99)}-0{rnd.randint(1, 9)}-11 12:13:14.567'"),
          ("TIMESTAMP(6) NULL", 'date = "year"', lambda rnd: f"'20{rnd.randrange(10, 37)}-0{rnd.randint(1, 9)}-11 12:13:14.567'")]


def column(rnd):
    """(declaration, rule, value maker, whether it may be a key)"""
    kind = rnd.randrange(4)
    if kind == 0:
        declared, bits, unsigned = rnd.choice(INTEGERS)
        low, high = (0, (1 << bits) - 1) if unsigned else (-(1 << bits - 1), (1 << bits - 1) - 1)
        rule = rnd.choice(["hash", "hash", "digits", "round = 7"])
        return declared, rule, lambda r: str(r.choice([low, high, 0, r.randint(low, high)])), rule != "round = 7" and bits > 16
    if kind == 1:
        rule = rnd.choice(["hash", "mask", "truncate", "digits", "hash digits", "redact"])
        return rnd.choice(TEXTS), rule, lambda r: "'" + "".join(r.choice("abAB 0123日") for _ in range(r.randint(0, 9))).strip() + "'", False
    declared, rule, make = rnd.choice(OTHERS)
    return declared, rule, make, False


def rule_text(rule):
    if rule == "hash digits":
        return '{ action = "hash", key = "person", encoding = "digits" }'
    if rule in ("hash", "digits"):
        return f'{{ action = "{rule}", key = "person" }}'
    if rule == "truncate":
        return '{ action = "truncate", length = 3 }'
    action, _, to = rule.partition(" = ")
    return f'{{ action = "{action}", to = {to} }}' if to else f'"{action}"'


@pytest.mark.parametrize("server", SERVERS)
def test_random_tables_never_stop_the_replica(topology, server):
    rnd = random.Random(7)
    tables, rules = [], KEYS
    for number in range(RANDOM_TABLES):
        columns = [column(rnd) for _ in range(rnd.randint(2, 6))]
        keyed = next((at for at, made in enumerate(columns) if made[3]), None) if number % 3 else None
        tables.append((f"p.t{number}", columns, keyed))
        rules += f'[[table]]\nname = "p.t{number}"\n[table.columns]\n' + "".join(f"c{at} = {rule_text(made[1])}\n" for at, made in enumerate(columns))
    top = topology(server, server, rules, with_relay=False)
    top.source.execute("CREATE DATABASE p DEFAULT CHARACTER SET utf8mb4", "SET SESSION sql_mode = ''")
    for name, columns, keyed in tables:
        parts = [f"c{at} {made[0]}{' NOT NULL' if at == keyed else ''}" for at, made in enumerate(columns)]
        key = f", PRIMARY KEY (c{keyed})" if keyed is not None else ""
        top.source.execute(f"CREATE TABLE {name} ({', '.join(parts)}{key}) ENGINE=InnoDB")
    top.make_relay()
    top.follow()
    for name, columns, _ in tables:
        for _ in range(12):
            values = ["NULL" if at != keyed and rnd.random() < 0.1 else made[2](rnd) for at, made in enumerate(columns)]
            top.source.execute(f"INSERT IGNORE INTO {name} VALUES ({', '.join(values)})")
        for _ in range(4):
            at = rnd.randrange(len(columns))
            top.source.execute(f"UPDATE IGNORE {name} SET c{at} = {columns[at][2](rnd)} LIMIT 2", f"DELETE FROM {name} LIMIT 1")
    top.wait_caught_up(120)
    for name, columns, _ in tables:
        assert top.source.value(f"SELECT COUNT(*) FROM {name}") == top.replica.value(f"SELECT COUNT(*) FROM {name}"), name
        for at, (declared, rule, *_) in enumerate(columns):
            nulls = f"SELECT COUNT(*) FROM {name} WHERE c{at} IS NULL"
            assert top.source.value(nulls) == top.replica.value(nulls), (name, declared, rule)
            if rule.startswith("hash"):
                distinct = f"SELECT COUNT(DISTINCT BINARY c{at}) FROM {name}"
                assert top.source.value(distinct) == top.replica.value(distinct), (name, declared, rule)
    top.relay.assert_healthy()


# Letters and pairs of them with which collations could tell apart what folding makes equal.
LETTERS = "".join(map(chr, [*range(0x41, 0x5b), *range(0xc0, 0xdf), *range(0x100, 0x180), *range(0x391, 0x3aa), *range(0x400, 0x430)]))
ASCII = "abcdefghijklmnopqrstuvwxyz"


def folding_pairs(collation):
    """Texts and what docs/pseudonyms.py folds them to, where that is another one."""
    texts = list(LETTERS) + [a + b + "x" for first in ASCII for second in ASCII for a, b in
                             ((first.upper(), second), (first, second.upper()), (first.upper(), second.upper()))]
    return [(text, folded) for text in texts if (folded := pseudonyms.folded(text, collation)) != text]


def tells_apart(server, collation, character_set, pairs):
    """Of the pairs those that the collation calls different, though its character set has both."""
    def told(text):
        return f"CONVERT(_utf8mb4 0x{text.encode().hex()} USING {character_set})"

    def there(text):
        return f"CONVERT({told(text)} USING utf8mb4) = _utf8mb4 0x{text.encode().hex()} COLLATE utf8mb4_bin"

    asked = [f"IF({there(a)} AND {there(b)}, {told(a)} = {told(b)} COLLATE {collation}, 1)" for a, b in pairs]
    answers = [answer for at in range(0, len(asked), 400) for answer in server.query("SELECT " + ", ".join(asked[at:at + 400]))[0]]
    return [pair for pair, answer in zip(pairs, answers) if int(answer) != 1]


def check_every_collation(top, declared, action):
    """What `check` prints of a table with a column of every collation; and their character sets by name."""
    sets = {row[0]: row[1] for row in top.source.query("SELECT COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATIONS "
                                                      "WHERE CHARACTER_SET_NAME IS NOT NULL AND COLLATION_NAME <> 'binary'")}
    names, top.rules = sorted(sets), KEYS
    top.source.execute("CREATE DATABASE f")
    for at in range(0, len(names), 60):
        group = names[at:at + 60]
        columns = ", ".join(declared.format(name=name, set=sets[name]) for name in group)
        top.source.execute(f"CREATE TABLE f.t{at} (id INT PRIMARY KEY, {columns})")
        top.rules += f'[[table]]\nname = "f.t{at}"\n[table.columns]\nid = "keep"\n' + "".join(f"{name} = {action}\n" for name in group)
    return top.make_relay(start=False).check()[1], sets


@pytest.mark.parametrize("server", SERVERS)
def test_folding_makes_equal_only_what_the_collation_calls_equal(topology, server, figure):
    top = topology(server, server, KEYS, with_relay=False)
    printed, sets = check_every_collation(top, "{name} VARCHAR(30) CHARACTER SET {set} COLLATE {name}",
                                          '{ action = "hash", key = "person", fold = true }')
    taken = [name for name in sets if f"column {name}: fold = true" not in printed]
    assert len(taken) < len(sets) - 20
    assert {"utf8mb4_general_ci", "latin1_swedish_ci", "utf8mb4_danish_ci"} - set(taken) == set(), printed
    wrong = {name: told for name in taken if (told := tells_apart(top.source, name, sets[name], folding_pairs(name)))}
    assert not wrong
    figure("collations that fold is taken for", f"{len(taken)} of {len(sets)}")


@pytest.mark.parametrize("server", SERVERS)
def test_letters_of_pseudonyms_differ_where_check_counts_them_so(topology, server):
    top = topology(server, server, KEYS, with_relay=False)
    printed, sets = check_every_collation(top, "{name} VARCHAR(18) CHARACTER SET {set} COLLATE {name}, UNIQUE ({name})",
                                          '{ action = "hash", key = "person" }')
    short = {name for name in sets if f"column {name}: is part of the unique key {name}, and its pseudonyms are too short" in printed}
    assert short == {name for name in short if any(word in name for word in ("lithuanian", "_lt_", "_lv_", "_la_", "roman", "macce"))}
    for name in set(sets) - short:
        union = " UNION ALL ".join(f"SELECT CONVERT('{letter}' USING {sets[name]}) COLLATE {name} AS c" for letter in pseudonyms.BASE32)
        assert top.source.value(f"SELECT COUNT(DISTINCT c) FROM ({union}) AS letters") == len(pseudonyms.BASE32), name


def test_another_key_is_refused_and_says_what_is_to_be_seeded(topology):
    rules = KEYS.replace('env = "PERSON_KEY"', 'file = "person.key"') + '[[table]]\nname = "k.t"\n[table.columns]\nid = "keep"\nmail = { action = "hash", key = "person" }\n'
    top = topology("mysql-9.7", "mysql-9.7", rules, with_relay=False)
    top.source.execute("CREATE DATABASE k", "CREATE TABLE k.t (id INT PRIMARY KEY, mail VARCHAR(60))", "INSERT INTO k.t VALUES (1, 'kari')")
    top.make_relay(start=False).write_secret("rules/person.key", KEY)
    top.relay.start()
    top.follow()
    top.wait_caught_up()
    top.relay.stop()
    other = KEY[::-1]
    top.relay.write_secret("rules/person.key", other)
    code, told = top.relay.command("check")
    assert code == 3 and "k.t, column mail: the bytes of its key are others" in told and "seed the replicas again" in told, told
    top.relay.start()
    reason = top.relay.wait_halted()
    assert "k.t, column mail" in reason and "key" in reason and "seed the replicas again" in reason, reason
    top.relay.expected_ends.add(3)
    # With the old one back it goes on, and equal values stay equal.
    top.relay.write_secret("rules/person.key", KEY)
    code, told = top.relay.command("check")
    assert code == 0, told
    top.relay.child.send_signal(signal.SIGHUP)
    top.source.execute("INSERT INTO k.t VALUES (2, 'kari')")
    top.wait_caught_up(connecting=True)
    assert top.replica.query("SELECT DISTINCT mail FROM k.t") == [(names().text("kari"),)]
    told = top.relay.log_text() + "".join(file.read_text() for file in pathlib.Path(top.relay.spool).glob("audit*"))
    assert all(part not in told for part in (KEY[:16], KEY[16:], other[:16], other[16:]))


def test_check_prints_no_key_that_stands_where_a_word_belongs(topology):
    top = topology("mysql-9.7", "mysql-9.7", KEYS, with_relay=False)
    top.source.execute("CREATE DATABASE k", "CREATE TABLE k.t (id INT PRIMARY KEY, mail VARCHAR(60))")
    top.make_relay(start=False)
    for mail in (f'{{ action = "hash", key = "{KEY}" }}', f'{{ action = "hash", key = "person", encoding = "{KEY}" }}', f'"{KEY}"',
                 f'{{ action = "hash", key = "{KEY[:20]}" }}', f'{{ action = "hash", key = "person", {KEY} = true }}',
                 f'{{ action = "hash", key = "person" }}\n[keys.{KEY}]\nenv = "PERSON_KEY"'):
        top.relay.write_rules(KEYS + f'[[table]]\nname = "k.t"\n[table.columns]\nid = "keep"\nmail = {mail}\n')
        code, told = top.relay.command("check")
        assert code != 0 and "error" in told, told
        assert KEY[:8] not in told and KEY[8:16] not in told, told
    code, told = top.relay.command("discover", "--key", KEY)
    assert code != 0 and "may be a key" in told and KEY[:8] not in told, told


ADDED = KEYS + """
[[table]]
name = "shop.keyed"
optional = true
[table.columns]
id   = "keep"
city = { action = "constant", value = "Bergen", optional = true }
name = { action = "mask", optional = true }
[[table]]
name = "shop.loose"
optional = true
[table.columns]
id   = "keep"
name = { action = "mask", optional = true }
town = { action = "mask", optional = true }
"""


@pytest.mark.parametrize("server", SERVERS)
def test_old_rows_are_found_again_after_a_column_is_added(topology, server):
    top = topology(server, server, ADDED)
    top.source.execute("CREATE DATABASE shop DEFAULT CHARACTER SET utf8mb4", "CREATE TABLE shop.keyed (id INT PRIMARY KEY)", "CREATE TABLE shop.loose (id INT)")
    top.follow()
    top.source.execute("INSERT INTO shop.keyed VALUES (1), (2)", "INSERT INTO shop.loose VALUES (1), (2)",
                       "ALTER TABLE shop.keyed ADD city VARCHAR(20), ADD name VARCHAR(20) NOT NULL DEFAULT 'Kari'",
                       "ALTER TABLE shop.loose ADD name VARCHAR(20)",
                       "UPDATE shop.keyed SET id = 3 WHERE id = 2", "UPDATE shop.loose SET name = 'Ola' WHERE id = 2")
    top.wait_caught_up()
    assert top.replica.query("SELECT id, city, name FROM shop.keyed ORDER BY id") == [(1, None, ""), (3, "Bergen", "****")]
    assert top.replica.query("SELECT id, name FROM shop.loose ORDER BY id") == [(1, None), (2, "***")]
    top.source.execute("ALTER TABLE shop.loose ADD town VARCHAR(20) NOT NULL DEFAULT 'Oslo'", "UPDATE shop.loose SET name = 'Per' WHERE id = 1")
    reason = top.relay.wait_halted()
    assert "ALTER TABLE gives rows a value in a column with replaced values, in a table without a key that leaves" in reason
    assert "shop.loose.town" in reason
    top.relay.expected_ends.add(3)
