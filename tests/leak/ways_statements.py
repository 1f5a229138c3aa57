"""Ways of statements: sessions that write SQL text where rows would do, and what accompanies it."""
import random
import struct

from .way import MARIADB, NEW, OLD, text
from .ways_rows import HIDDEN, T

_random = random.SystemRandom()
_DML = "only rows can be scrubbed"
_FILE = "LOAD DATA was logged as a statement, and only rows can be scrubbed"
STATEMENT = ("SET SESSION binlog_format='STATEMENT'",)
MIXED = ("SET SESSION binlog_format='MIXED'",)


def statement(name, *statements, halts=_DML, session=STATEMENT, **options):
    return text(name, *statements, halts=halts, session=session, **{"settings": "once", **options})


def _number(stream, cursor):
    number = _random.randrange(1 << 55, 1 << 60)
    stream.needle(f"number {stream.number}", struct.pack("<Q", number), struct.pack(">Q", number), struct.pack(">Q", number ^ 1 << 63), str(number).
    encode())
    return number


def _insert_id(stream, cursor):
    stream.run(cursor, "CREATE TABLE {db}.t (id BIGINT PRIMARY KEY AUTO_INCREMENT, kept INT)", f"SET INSERT_ID={_number(stream, cursor)}",
               "INSERT INTO {db}.t (kept) VALUES (LENGTH('{c}'))")


def _last_insert_id(stream, cursor):
    stream.run(cursor, "CREATE TABLE {db}.t (id BIGINT PRIMARY KEY, kept INT)", f"SET LAST_INSERT_ID={_number(stream, cursor)}",
               "INSERT INTO {db}.t VALUES (LAST_INSERT_ID(), LENGTH('{c}'))")


def _random_seeds(stream, cursor):
    seeds = [_random.randrange(1 << 28, 1 << 29) for _ in range(2)]
    stream.needle(f"seeds {stream.number}", struct.pack("<QQ", *seeds))
    stream.run(cursor, "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret DOUBLE)", f"SET rand_seed1={seeds[0]}, rand_seed2={seeds[1]}",
               "INSERT INTO {db}.t VALUES (LENGTH('{c}'), RAND())")


def _user_integer(stream, cursor):
    number = _number(stream, cursor)
    stream.run(cursor, "CREATE TABLE {db}.t (id BIGINT PRIMARY KEY, secret TEXT)", f"SET @{{n}} = {number}", "INSERT INTO {db}.t VALUES (@{1}, 'x')")


def _user_real(stream, cursor):
    number = _random.uniform(1e100, 1e200)
    stream.needle(f"real {stream.number}", struct.pack("<d", number))
    stream.run(cursor, "CREATE TABLE {db}.t (id DOUBLE PRIMARY KEY, secret TEXT)", f"SET @{{n}} = {number!r}",
    "INSERT INTO {db}.t VALUES (@{1}, 'x')")


def _user_decimal(stream, cursor):
    digits = str(_random.randrange(10 ** 26, 10 ** 27))
    groups = b"".join(struct.pack(">I", int(digits[at:at + 9])) for at in (9, 18))
    stream.needle(f"decimal {stream.number}", groups, digits.encode())
    stream.run(cursor, "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret DECIMAL(40,9))", f"SET @{{n}} = {digits[:18]}.{digits[18:]}",
               "INSERT INTO {db}.t VALUES (1, @{1})")


def file_of(content):
    return lambda stream, cursor: stream.write_file(content)


_LINES = file_of("1\t{c}\t2\n2\t{c}\t3\n")
_LOAD = "LOAD DATA %s INFILE '{file}' INTO TABLE {db}.t %s (id, @v, kept) SET secret=CONCAT(@v, '{c}')"

WAYS = [
    statement("STATEMENT: INSERT", T, "INSERT INTO {db}.t VALUES (1,'{c}',2)", settings="text"),
    statement("STATEMENT: UPDATE", T, "UPDATE {db}.t SET secret='{c}' WHERE secret='{c}'"),
    statement("STATEMENT: DELETE", T, "DELETE FROM {db}.t WHERE secret='{c}'"),
    statement("STATEMENT: REPLACE", T, "REPLACE INTO {db}.t VALUES (1,'{c}',2)"),
    statement("STATEMENT: INSERT ... SELECT, ON DUPLICATE KEY", T, "INSERT INTO {db}.t SELECT 1,'{c}',2 ON DUPLICATE KEY UPDATE secret='{c}'"),
    statement("STATEMENT: several tables", T, HIDDEN, "UPDATE {db}.t a, {hid}.people b SET a.secret='{c}', b.who='{c}'",
              "DELETE a FROM {db}.t a JOIN {hid}.people b ON a.id=b.id WHERE b.who='{c}'"),
    statement("STATEMENT: denied table", HIDDEN, "INSERT INTO {hid}.people VALUES (1,'{c}')", "DELETE FROM {hid}.people WHERE who='{c}'"),
    statement("STATEMENT: WITH ... DELETE", T, "WITH x AS (SELECT '{c}' AS v) DELETE t FROM {db}.t t JOIN x ON t.secret=x.v", on=NEW),
    statement("STATEMENT: INSERT ... VALUES ROW", T, "INSERT INTO {db}.t VALUES ROW(1,'{c}',2)", on=NEW),
    statement("STATEMENT: RETURNING", T, "INSERT INTO {db}.t VALUES (1,'{c}',2) RETURNING secret, '{c}'", on=MARIADB),
    statement("STATEMENT: in a transaction, with a savepoint", T, "BEGIN", "INSERT INTO {db}.t VALUES (1,'{c}',2)", "SAVEPOINT {n}",
              "INSERT INTO {db}.t VALUES (2,'{c}',2)", "COMMIT"),
    statement("STATEMENT: text in ANSI_QUOTES and NO_BACKSLASH_ESCAPES", "SET SESSION sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", T,
              "INSERT INTO \"t\" VALUES (1,'\\',2), (2,' -- {c}',3)"),
    statement("STATEMENT: text in gbk", T, "SET NAMES gbk", "INSERT INTO {db}.t VALUES (1,'{c} /*',2), (2,'{c}',3)"),
    statement("STATEMENT: failed half-way in MyISAM", "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret TEXT) ENGINE=MyISAM",
              "INSERT IGNORE INTO {db}.t VALUES (1,'{c}'), (1,'{c}')"),
    statement("STATEMENT: CREATE TABLE ... SELECT", "CREATE TABLE {db}.t AS SELECT 1 AS id, '{c}' AS secret", on=(*OLD, *MARIADB)),
    statement("STATEMENT: temporary table", "CREATE TEMPORARY TABLE {db}.{n} (id INT PRIMARY KEY, secret VARCHAR(60) DEFAULT '{c}')",
              "INSERT INTO {db}.{1} VALUES (1,'{c}')", "ALTER TABLE {db}.{1} ADD COLUMN x TEXT COMMENT '{c}'", "DROP TEMPORARY TABLE {db}.{1}"),
    statement("MIXED: INSERT", T, "INSERT INTO {db}.t VALUES (1,'{c}',2)", session=MIXED),
    statement("MIXED: temporary table", "CREATE TEMPORARY TABLE {db}.{n} (id INT PRIMARY KEY, secret VARCHAR(60) DEFAULT '{c}')", T,
              "INSERT INTO {db}.{1} VALUES (1,'{c}')", "INSERT INTO {db}.{1} (id) VALUES (2)",
              "INSERT INTO {db}.t SELECT id, secret, 3 FROM {db}.{1}", session=MIXED, halts={name: _DML for name in (*OLD, *MARIADB)}),
    statement("ALTER of a temporary table", "CREATE TEMPORARY TABLE {db}.{n} (id INT)", "ALTER TABLE {db}.{1} ADD COLUMN x VARCHAR(60) DEFAULT '{c}'",
              "INSERT INTO {db}.{1} VALUES (1,'{c}')", session=MIXED, on=(*OLD, *MARIADB), halts="temporary"),
    statement("prepared statement: its parameter", T, "SET @v = '{c}'", "PREPARE s FROM 'INSERT INTO {db}.t VALUES (1, ?, 2)'", "EXECUTE s USING @v"),
    statement("EXECUTE IMMEDIATE: its parameter", T, "EXECUTE IMMEDIATE 'INSERT INTO {db}.t VALUES (1, ?, 2)' USING '{c}'", on=MARIADB),
    statement("user variable: name and text", T, "SET @{n} = '{c}'", "INSERT INTO {db}.t VALUES (1, @{1}, 2)"),
    statement("user variable: integer", plant=_user_integer), statement("user variable: real", plant=_user_real),
    statement("user variable: decimal", plant=_user_decimal),
    statement("INSERT_ID", plant=_insert_id), statement("LAST_INSERT_ID", plant=_last_insert_id), statement("seeds of RAND", plant=_random_seeds),
    statement("stored procedure: its local variables", T,
              "CREATE PROCEDURE {db}.p (v TEXT) BEGIN DECLARE w TEXT DEFAULT '{c}'; INSERT INTO {db}.t VALUES (1, CONCAT(v, w), 2); END",
              "CALL {db}.p('{c}')"),
    statement("stored function: its call", T,
              "CREATE FUNCTION {db}.f (v TEXT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO {db}.t VALUES (1, v, 2); RETURN 1; END",
              "SELECT {db}.f('{c}')"),
    statement("DO of a stored function", T,
              "CREATE FUNCTION {db}.f (v TEXT) RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO {db}.t VALUES (1, v, 2); RETURN 1; END",
              "DO {db}.f('{c}')"),
    statement("trigger in STATEMENT format", T, HIDDEN,
              "CREATE TRIGGER {db}.tr BEFORE INSERT ON {db}.t FOR EACH ROW INSERT INTO {hid}.people VALUES (NEW.id, NEW.secret)",
              "INSERT INTO {db}.t VALUES (1,'{c}',2)"),
    statement("BEGIN NOT ATOMIC", T, "BEGIN NOT ATOMIC DECLARE v TEXT DEFAULT '{c}'; INSERT INTO {db}.t VALUES (1, CONCAT(v, '{c}'), 2); END",
              on=MARIADB),
    statement("SET STATEMENT ... FOR", T, "SET STATEMENT max_statement_time=77 FOR INSERT INTO {db}.t VALUES (1,'{c}',2)", on=MARIADB),
    statement("LOAD DATA: the file", T, _LOAD % ("", ""), plant=_LINES, halts=_FILE, settings="text"),
    statement("LOAD DATA: separators and file name", T,
              "LOAD DATA INFILE '{file}' IGNORE INTO TABLE {db}.t FIELDS TERMINATED BY '{c}' LINES STARTING BY '{c}' (id, secret)",
              plant=file_of("nothing here\n"), halts=_FILE),
    statement("LOAD DATA CONCURRENT, REPLACE", T, "LOAD DATA CONCURRENT INFILE '{file}' REPLACE INTO TABLE {db}.t", plant=_LINES, halts=_FILE),
    statement("LOAD DATA LOCAL", T, "LOAD DATA LOCAL INFILE '{file}' INTO TABLE {db}.t", plant=_LINES, halts=_FILE),
    statement("LOAD DATA, MIXED", T, "LOAD DATA INFILE '{file}' INTO TABLE {db}.t", plant=_LINES, session=MIXED, halts=None, settings="text"),
    statement("LOAD DATA of several blocks", T, "LOAD DATA INFILE '{file}' IGNORE INTO TABLE {db}.t", halts=_FILE,
              plant=file_of("".join(f"{n}\t{{c}}{'x' * 40000}\t2\n" for n in range(12)))),
    statement("LOAD DATA into a denied table", HIDDEN, "LOAD DATA INFILE '{file}' INTO TABLE {hid}.people", plant=file_of("1\t{c}\n"), halts=_FILE),
    statement("LOAD XML", T, "LOAD XML INFILE '{file}' INTO TABLE {db}.t ROWS IDENTIFIED BY '<row>'", plant=file_of(
              "<row id='1' secret='{c}' kept='2'/>\n"), halts=_FILE),
    statement("comments before, in and behind a statement", T, "/* {c} */ INSERT /*! INTO */ /*!99999 {c} */ {db}.t -- {c}\n VALUES (1,'a',2) # {c}"),
    statement("hexadecimal, national and introduced literals", T,
              "INSERT INTO {db}.t VALUES (1, _utf8'{c}', 2), (2, N'{c}', 3), (3, X'{hex}', 4), (4, 0x{hex}, 5)"),
]
