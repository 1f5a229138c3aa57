"""Ways of statements that are about no rows of tables: programs, accounts, servers, maintenance, databases, sequences."""
import hashlib

from .way import MARIADB, MODERN, NEW, OLD, text
from .ways_rows import HIDDEN, T

_ACCOUNT = ("DROP USER '{1}'@'%'",)


def account(name, *statements, clean=_ACCOUNT, **options):
    return text("account: " + name, *statements, clean=clean, **options)


def _native_hash(stream, cursor):
    """A password that is text nowhere but at its client: its hash is what the log has."""
    stream.run(cursor, "CREATE USER '{n}'@'%'")
    digest = hashlib.sha1(hashlib.sha1(stream.canaries.text().encode()).digest()).hexdigest().upper()
    stream.needle(f"hash {stream.number}", f"*{digest}".encode(), bytes.fromhex(digest))
    stream.run(cursor, f"ALTER USER '{{1}}'@'%' IDENTIFIED BY PASSWORD '*{digest}'" if stream.server.kind.mariadb else
    f"SET PASSWORD FOR '{{1}}'@'%' = '*{digest}'")


def _sha2_hash(stream, cursor):
    stream.run(cursor, "CREATE USER '{n}'@'%' IDENTIFIED BY '{c}'")
    stored = stream.server.value(f"SELECT HEX(authentication_string) FROM mysql.user WHERE user='{stream.texts[0]}'")
    stream.texts.pop()  # 9.7 logs the hash only
    digest = bytes.fromhex(stored)[len("$A$005$") + 20:]  # behind the salt, whose random bytes the log may have to escape
    stream.needle(f"hash {stream.number}", digest, digest.hex().upper().encode())


WAYS = [
    text("view: text and name", T, "CREATE VIEW {db}.{n} AS SELECT id, '{c}' AS a FROM {db}.t WHERE secret <> '{c}'",
         "ALTER VIEW {db}.{1} AS SELECT '{c}' AS b", "DROP VIEW {db}.{1}"),
    text("procedure: body, comment, name", "CREATE PROCEDURE {db}.{n} (IN {n} TEXT) COMMENT '{c}' BEGIN /* {c} */ SELECT '{c}'; END",
         "ALTER PROCEDURE {db}.{1} COMMENT '{c}'", "DROP PROCEDURE {db}.{1}"),
    text("function: body, comment, name", "CREATE FUNCTION {db}.{n} ({n} TEXT) RETURNS TEXT DETERMINISTIC COMMENT '{c}' RETURN CONCAT('{c}', 'a')",
         "ALTER FUNCTION {db}.{1} COMMENT '{c}'",
         "DROP FUNCTION {db}.{1}"),
    text("trigger: body and name", T, "CREATE TRIGGER {db}.{n} BEFORE INSERT ON {db}.t FOR EACH ROW SET NEW.secret = CONCAT('{c}', 'a')",
         "DROP TRIGGER {db}.{1}"),
    text("event: body, comment, name", "CREATE EVENT {db}.{n} ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01' COMMENT '{c}' DO SELECT '{c}'",
         "ALTER EVENT {db}.{1} COMMENT '{c}' DO SELECT '{c}' /* {c} */", "DROP EVENT {db}.{1}"),
    text("package", "CREATE PACKAGE {db}.{n} AS PROCEDURE p (a TEXT); END",
         "CREATE PACKAGE BODY {db}.{1} AS PROCEDURE p (a TEXT) AS BEGIN SELECT '{c}'; END; END",
         session=("SET SESSION sql_mode='ORACLE'",), on=MARIADB),
    text("definer and SQL SECURITY of programs", "CREATE DEFINER='{n}'@'{n}' SQL SECURITY DEFINER VIEW {db}.v AS SELECT '{c}' AS a",
         "CREATE DEFINER='{n}'@'%' PROCEDURE {db}.p () SQL SECURITY INVOKER SELECT '{c}'"),
    account("CREATE USER, plain password", "CREATE USER '{n}'@'%' IDENTIFIED BY '{c}'", on=MARIADB),
    account("CREATE USER, its hash", plant=_sha2_hash, on=NEW),
    account("a hash of MySQL's native password", plant=_native_hash, on=(*OLD, *MARIADB)),
    account("ALTER USER: comment and attribute", "CREATE USER '{n}'@'%' COMMENT '{c}'", "ALTER USER '{1}'@'%' ATTRIBUTE '{\"a\": \"{c}\"}'", on=NEW),
    account("ALTER USER, REQUIRE SUBJECT", "CREATE USER '{n}'@'%' REQUIRE SUBJECT '/CN={c}' ISSUER '/CN={c}'", "ALTER USER '{1}'@'%' REQUIRE NONE",
            on=MODERN),
    account("ALTER USER ... IDENTIFIED VIA", "CREATE USER '{n}'@'%'",
            "ALTER USER '{1}'@'%' IDENTIFIED VIA unix_socket AS '{c}' OR mysql_native_password USING PASSWORD('{c}')", on=MARIADB),
    account("GRANT ... IDENTIFIED BY, on a denied table", HIDDEN, "GRANT SELECT (who) ON {hid}.people TO '{n}'@'%'", clean=("DROP USER '{1}'@'%'",),
            on=OLD),
    account("GRANT and REVOKE on names that do not leave", "CREATE TABLE {hid}.{n} ({n} INT)", "CREATE USER '{n}'@'%'",
            "GRANT SELECT ({2}) ON {hid}.{1} TO '{3}'@'%'",
            "REVOKE SELECT ({2}) ON {hid}.{1} FROM '{3}'@'%'", clean=("DROP USER '{3}'@'%'",)),
    account("RENAME USER, DROP USER", "CREATE USER '{n}'@'%'", "RENAME USER '{1}'@'%' TO '{n}'@'%'", "DROP USER '{2}'@'%'", clean=()),
    account("roles", "CREATE ROLE '{n}'", "CREATE USER '{n}'@'%'", "GRANT '{1}' TO '{2}'@'%'", "DROP ROLE '{1}'",
            clean=("DROP USER '{2}'@'%'",), on=MODERN),
    account("default role", "CREATE ROLE {n}", "CREATE USER '{n}'@'%'", "GRANT {1} TO '{2}'@'%'", "SET DEFAULT ROLE {1} FOR '{2}'@'%'", clean=(
            "DROP USER '{2}'@'%'", "DROP ROLE {1}"), on=MARIADB),
    text("spatial reference system",
         "CREATE SPATIAL REFERENCE SYSTEM 1234567 NAME '{c}' ORGANIZATION '{c}' IDENTIFIED BY 1234567 DESCRIPTION '{c}' DEFINITION "
         "'GEOGCS[\"{c}\",DATUM[\"x\",SPHEROID[\"y\",6378137,298.25]],"
         "PRIMEM[\"z\",0],UNIT[\"w\",0.017453292519943278],AXIS[\"Lat\",NORTH],AXIS[\"Lon\",EAST]]'",
         "DROP SPATIAL REFERENCE SYSTEM 1234567", on=NEW),
    text("histogram: given and built", T, "INSERT INTO {db}.t VALUES (1,'{c}',2)",
         "ANALYZE TABLE {db}.t UPDATE HISTOGRAM ON secret WITH 4 BUCKETS /* {c} */",
         "ANALYZE TABLE {db}.t UPDATE HISTOGRAM ON kept USING DATA '{\"buckets\": [[2, 1.0]], \"data-type\": \"int\", "
         "\"histogram-type\": \"singleton\", \"null-values\": 0.0, "
         "\"collation-id\": 8, \"sampling-rate\": 1.0, \"last-updated\": \"2024-01-01 00:00:00.000000\", "
         "\"number-of-buckets-specified\": 1, \"auto-update\": false}' /* {c} */",
         on=NEW),
    text("maintenance of denied tables", "CREATE TABLE {hid}.{n} (id INT)", "ANALYZE TABLE {hid}.{1} /* {c} */", "OPTIMIZE TABLE {hid}.{1}",
         "REPAIR TABLE {hid}.{1}", "FLUSH TABLES {hid}.{1}"),
    text("ANALYZE ... PERSISTENT FOR", T, "ANALYZE TABLE {db}.t PERSISTENT FOR COLUMNS (secret) INDEXES () /* {c} */", on=MARIADB),
    text("denied database: name and comments", "CREATE DATABASE {n} /* {c} */", "ALTER DATABASE {1} DEFAULT CHARACTER SET latin1",
         "DROP DATABASE {1} -- {c}"),
    text("denied tables: every DDL", "CREATE TABLE {hid}.{n} (id INT PRIMARY KEY COMMENT '{c}', {n} VARCHAR(60) DEFAULT '{c}')",
         "ALTER TABLE {hid}.{1} ADD s VARCHAR(60) DEFAULT '{c}'",
         "CREATE INDEX {n} ON {hid}.{1} (s)", "RENAME TABLE {hid}.{1} TO {hid}.{n}", "DROP TABLE {hid}.{7}"),
    text("denied table from SELECT", "CREATE TABLE {hid}.{n} AS SELECT '{c}' AS a", on=MODERN),
    text("sequence in a denied database", "CREATE SEQUENCE {hid}.{n} START WITH 771122334455 COMMENT='{c}'", "SELECT NEXTVAL({hid}.{1})",
         "SELECT SETVAL({hid}.{1}, 772233445566)", "DROP SEQUENCE {hid}.{1}", on=MARIADB),
    text("sequence in a database with rules", "CREATE SEQUENCE {db}.{n} COMMENT='{c}'", "SELECT NEXTVAL({db}.{1})",
         "ALTER SEQUENCE {db}.{1} RESTART 5", "DROP SEQUENCE {db}.{1}", on=MARIADB),
    text("DELETE HISTORY", "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret VARCHAR(60)) WITH SYSTEM VERSIONING",
         "INSERT INTO {db}.t VALUES (1,'{c}')", "UPDATE {db}.t SET secret='{c}'",
         "DELETE HISTORY FROM {db}.t BEFORE SYSTEM_TIME '2090-01-01 00:00:00'", on=MARIADB),
    text("duality view", "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret VARCHAR(60))",
         "CREATE JSON RELATIONAL DUALITY VIEW {db}.{n} AS SELECT JSON_DUALITY_OBJECT('_id': id, '{c}': secret) FROM {db}.t",
         "DROP VIEW {db}.{1}", on=NEW, may_halt=True),
]
