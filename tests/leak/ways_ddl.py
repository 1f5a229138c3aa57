"""Ways of DDL of tables with rules: every place of a definition that holds a value, a comment or a name of something that does not leave."""
from .way import LATE_MARIADB, MARIADB, MODERN, NEW, OLD, text
from .ways_rows import HIDDEN, T

_PLAIN = "CREATE TABLE {db}.t (id INT NOT NULL PRIMARY KEY, secret VARCHAR(60) CHARACTER SET latin1, kept INT, KEY k (kept))"


def alter(name, *clauses, before=(), **options):
    return text("ALTER TABLE: " + name, _PLAIN, *before, *(f"ALTER TABLE {{db}}.t {clause}" for clause in clauses), **options)


def create(name, body, rest="", **options):
    return text("CREATE TABLE: " + name, f"CREATE TABLE {{db}}.t ({body}) {rest}", **options)


_ID = "id INT NOT NULL PRIMARY KEY, kept INT, "

WAYS = [
    create("DEFAULT of a dropped column", _ID + "secret VARCHAR(60) DEFAULT '{c}', s2 VARCHAR(60) NOT NULL DEFAULT X'{hex}'"),
    create("DEFAULT of nulled and constant columns", _ID + "nulled VARCHAR(60) DEFAULT '{c}', fixed VARCHAR(60) NOT NULL DEFAULT '{c}'"),
    create("DEFAULT expression", _ID + "secret VARCHAR(99) DEFAULT (CONCAT('{c}', '{c}')), nulled VARCHAR(99) DEFAULT (UPPER('{c}'))", on=MODERN),
    create("COMMENT of columns, table, index",
           "id INT NOT NULL PRIMARY KEY COMMENT '{c}', kept INT COMMENT '{c}', secret INT COMMENT '{c}', KEY k (kept) COMMENT '{c}'",
           "COMMENT='{c}'"),
    create("SQL comments", "/* {c} */ id INT NOT NULL PRIMARY KEY, -- {c}\n kept INT, # {c}\n secret TEXT /* {c} */", "/* {c} */"),
    create("versioned comments", _ID + "secret VARCHAR(60) /*!50000 DEFAULT '{c}' */ /*!99999 {c} */, kept2 INT /*!50000 COMMENT '{c}' */"),
    create("comments of MariaDB", _ID + "secret VARCHAR(60) /*M!100000 DEFAULT '{c}' */ /*M!999999 {c} */", on=MARIADB),
    create("ENUM and SET members", _ID + "secret ENUM('{c}','{c}') DEFAULT '{2}', s2 SET('{c}','b')"),
    create("CHECK over a dropped column", _ID + "secret VARCHAR(60) CHECK (secret <> '{c}'), CONSTRAINT {n} CHECK (secret > '{c}')", on=MODERN),
    create("CHECK that ties a kept column to a dropped one", _ID + "secret VARCHAR(60), CONSTRAINT {n} CHECK (kept > 0 OR secret <> '{c}')",
           on=MODERN),
    create("CHECK of MySQL 5.6, which is ignored", _ID + "secret VARCHAR(60) CHECK (secret <> '{c}'), CHECK (kept <> '{c}' OR secret <> '')", on=OLD),
    create("generated column with a literal", _ID +
           "secret VARCHAR(60), {n} VARCHAR(200) AS (CONCAT(secret, '{c}')) VIRTUAL, kept2 VARCHAR(200) AS (CONCAT(secret, '{c}')) VIRTUAL",
           on=MODERN),
    create("functional index with a literal", _ID + "secret VARCHAR(60), KEY {n} ((CONCAT(secret, '{c}')), kept)", on=NEW),
    create("index over a dropped column: its name", _ID +
           "secret VARCHAR(60) CHARACTER SET latin1, KEY {n} (secret(9)), UNIQUE KEY {n} (secret, kept), FULLTEXT KEY {n} (secret)"),
    create("partitions by a dropped column", "id INT, secret VARCHAR(60) CHARACTER SET latin1, kept INT",
           "PARTITION BY RANGE COLUMNS (secret) (PARTITION {n} VALUES LESS THAN ('{c}') COMMENT='{c}', PARTITION p1 VALUES LESS THAN (MAXVALUE))"),
    create("partitions by LIST with a default name", "id INT, secret VARCHAR(60) CHARACTER SET latin1, kept INT",
           "PARTITION BY LIST COLUMNS (secret) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION {n} VALUES IN ('{c}', '{c}'))"),
    create("partitions by an expression of a dropped column", "id INT, secret DATE, kept INT",
           "PARTITION BY RANGE (TO_DAYS(secret)) (PARTITION {n} VALUES LESS THAN (738000), PARTITION b VALUES LESS THAN MAXVALUE)"),
    create("partitions by a kept column: their comments", "id INT PRIMARY KEY, secret INT, kept2 INT",
           "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (9) COMMENT='{c}', PARTITION p1 VALUES LESS THAN MAXVALUE COMMENT='{c}')"),
    create("foreign key to a denied table", _ID + "secret INT, CONSTRAINT {n} FOREIGN KEY (secret) REFERENCES {hid}.{n} (id)", "ENGINE=InnoDB",
           session=("SET SESSION foreign_key_checks=0",)),
    create("foreign key of a kept column to a denied table", _ID + "secret INT, CONSTRAINT f FOREIGN KEY (kept) REFERENCES {hid}.{n} (id)",
           "ENGINE=InnoDB",
           session=("SET SESSION foreign_key_checks=0",)),
    create("REFERENCES of a column", "id INT PRIMARY KEY, kept INT REFERENCES {hid}.{n} (id), secret TEXT", "ENGINE=InnoDB", session=(
           "SET SESSION foreign_key_checks=0",)),
    create("CONNECTION", _ID + "secret INT", "ENGINE=InnoDB CONNECTION='mysql://{c}:{c}@127.0.0.1:9/{c}/{c}'"),
    create("ENGINE_ATTRIBUTE of table, column, index", _ID + "secret INT, KEY k (kept)", "SECONDARY_ENGINE_ATTRIBUTE='{\"a\": \"{c}\"}'", on=NEW),
    create("options that the engine does not know", _ID + "secret INT `opt`='{c}', KEY k (kept) `opt`='{c}'", "`opt`='{c}'", on=MARIADB, may_halt=
           True, session=("SET SESSION sql_mode='IGNORE_BAD_TABLE_OPTIONS'",)),
    create("UNION of a MERGE table", "id INT, secret TEXT", "ENGINE=MERGE UNION=({hid}.{n}) INSERT_METHOD=LAST", on=OLD,
           halts="rows of other tables"),
    create("DATA DIRECTORY", _ID + "secret INT", "ENGINE=MyISAM DATA DIRECTORY='{folder}/{1}'", plant=lambda stream, cursor: (stream.folder / stream.
           value()).mkdir()),
    create("AUTO_INCREMENT and row counts", "id INT PRIMARY KEY, secret BIGINT AUTO_INCREMENT UNIQUE, kept INT, s2 VARCHAR(60) DEFAULT '{c}'",
           "AUTO_INCREMENT=772211993344 MAX_ROWS=99887766"),
    create("system versioning and periods", "id INT PRIMARY KEY, secret VARCHAR(60) DEFAULT '{c}' WITHOUT SYSTEM VERSIONING, kept INT COMMENT '{c}'",
           "WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (PARTITION p0 HISTORY COMMENT='{c}', PARTITION p1 CURRENT)", on=MARIADB),
    create("text in ANSI_QUOTES and NO_BACKSLASH_ESCAPES", _ID +
           "\"secret\" VARCHAR(60) DEFAULT '\\' COMMENT '{c}', \"s2\" VARCHAR(60) DEFAULT '{c}'", session=(
           "SET SESSION sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",)),
    create("text in gbk with trail bytes that look like quotes", _ID + "secret VARCHAR(60) DEFAULT '{c}' COMMENT '{c}'", session=("SET NAMES gbk",)),
    text("CREATE TABLE: IF NOT EXISTS", T, "CREATE TABLE IF NOT EXISTS {db}.t2 (id INT, secret VARCHAR(60) DEFAULT '{c}')"),
    text("CREATE OR REPLACE TABLE", T, "CREATE OR REPLACE TABLE {db}.t (id INT PRIMARY KEY, secret VARCHAR(60) DEFAULT '{c}' COMMENT '{c}')",
         on=MARIADB, may_halt=True),
    text("CREATE TABLE ... SELECT, rows", "CREATE TABLE {db}.t (id INT PRIMARY KEY COMMENT '{c}') AS SELECT 1 AS id, '{c}' AS secret, 5 AS kept",
         on=MODERN),
    text("CREATE TABLE ... SELECT: the value names the column", "CREATE TABLE {db}.t AS SELECT '{n}', 5 AS kept", on=MODERN),
    text("CREATE TABLE ... LIKE a denied table", "CREATE TABLE {hid}.{n} (id INT, secret VARCHAR(60) DEFAULT '{c}')",
         "CREATE TABLE {db}.t LIKE {hid}.{1}", halts="LIKE"),
    text("CREATE TABLE ... LIKE into a denied table, and rows", T, "CREATE TABLE {hid}.{n} LIKE {db}.t", "INSERT INTO {hid}.{1} VALUES (1,'{c}',2)"),
    text("RENAME to a denied name", T, "INSERT INTO {db}.t VALUES (1,'{c}',2)", "RENAME TABLE {db}.t TO {hid}.{n}",
         "INSERT INTO {hid}.{2} VALUES (2,'{c}',2)"),
    text("RENAME from a denied name", "CREATE TABLE {hid}.{n} (id INT PRIMARY KEY, secret VARCHAR(60) DEFAULT '{c}')",
         "INSERT INTO {hid}.{1} VALUES (1,'{c}')",
         "RENAME TABLE {hid}.{1} TO {db}.t", may_halt=True),
    text("online change by a shadow table", T, "INSERT INTO {db}.t VALUES (1,'{c}',2)", "CREATE TABLE {db}._t_new LIKE {db}.t",
         "ALTER TABLE {db}._t_new ADD COLUMN s2 VARCHAR(60) DEFAULT '{c}'",
         "INSERT INTO {db}._t_new (id, secret, kept) SELECT * FROM {db}.t", "RENAME TABLE {db}.t TO {db}._t_old, {db}._t_new TO {db}.t",
         "INSERT INTO {db}.t VALUES (2,'{c}',3,'{c}')", "DROP TABLE {db}._t_old"),
    alter("ADD COLUMN", "ADD COLUMN s2 VARCHAR(60) DEFAULT '{c}' COMMENT '{c}' AFTER secret, ADD {n} ENUM('{c}')"),
    alter("MODIFY and CHANGE", "MODIFY secret ENUM('{c}','{c}')", "CHANGE secret {n} VARCHAR(60) DEFAULT '{c}'", "MODIFY kept BIGINT COMMENT '{c}'"),
    alter("SET DEFAULT", "ALTER COLUMN secret SET DEFAULT '{c}'", "ALTER secret DROP DEFAULT, COMMENT='{c}'"),
    alter("RENAME COLUMN of a dropped one", "RENAME COLUMN secret TO {n}", on=("mysql-9.7", *MARIADB)),
    alter("DROP COLUMN: its name", "ADD {n} VARCHAR(60)", "DROP COLUMN {1}, ADD {n} INT", "DROP {2}"),
    alter("ADD INDEX over a dropped column", "ADD INDEX {n} (secret), ADD UNIQUE INDEX {n} (secret, kept) COMMENT '{c}'", "DROP INDEX {1}"),
    alter("RENAME INDEX", "ADD INDEX {n} (secret)", "RENAME INDEX {1} TO {n}", on=("mysql-9.7", *MARIADB)),
    alter("ADD CONSTRAINT CHECK", "ADD CONSTRAINT {n} CHECK (secret <> '{c}')", "DROP CONSTRAINT {1}", on=MODERN),
    alter("ADD FOREIGN KEY to a denied table", "ENGINE=InnoDB", "ADD CONSTRAINT {n} FOREIGN KEY (secret) REFERENCES {hid}.{n} (x)",
          "DROP FOREIGN KEY {1}",
          session=("SET SESSION foreign_key_checks=0",)),
    alter("ADD generated column", "ADD COLUMN {n} VARCHAR(99) AS (CONCAT(secret, '{c}')) VIRTUAL", on=MODERN),
    alter("PARTITION BY and partitions", "DROP PRIMARY KEY PARTITION BY LIST COLUMNS (secret) (PARTITION {n} VALUES IN ('{c}'))",
          "ADD PARTITION (PARTITION {n} VALUES IN ('{c}'))",
          "REORGANIZE PARTITION {1} INTO (PARTITION {n} VALUES IN ('{2}', '{c}'))", "REMOVE PARTITIONING"),
    alter("DROP PARTITION", "DROP PRIMARY KEY PARTITION BY LIST COLUMNS (secret) (PARTITION {n} VALUES IN ('{c}'), PARTITION b VALUES IN ('b'))",
          "DROP PARTITION {1}", halts="partition"),
    alter("EXCHANGE PARTITION with a denied table", "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (9))",
          "EXCHANGE PARTITION p0 WITH TABLE {hid}.{1}", may_halt=True,
          before=("CREATE TABLE {hid}.{n} (id INT NOT NULL PRIMARY KEY, secret VARCHAR(60) CHARACTER SET latin1, kept INT, KEY k (kept))",
          "INSERT INTO {hid}.{1} VALUES (1,'{c}',2)")),
    alter("RENAME TO a denied name", "RENAME TO {hid}.{n}"),
    alter("ORDER BY, CONVERT, options", "ORDER BY secret", "COMMENT='{c}', CONVERT TO CHARACTER SET utf8 COLLATE utf8_bin"),
    alter("in two phases", "ADD COLUMN s2 VARCHAR(60) DEFAULT '{c}'", session=("SET SESSION binlog_alter_two_phase=1",), on=LATE_MARIADB, halts=
          "two phases"),
    alter("IF EXISTS", "ADD COLUMN IF NOT EXISTS s2 VARCHAR(60) DEFAULT '{c}'",
          "DROP COLUMN IF EXISTS {n}, MODIFY COLUMN IF EXISTS secret VARCHAR(99) DEFAULT '{c}'", on=MARIADB),
    alter("ADD SYSTEM VERSIONING", "ADD SYSTEM VERSIONING", "ADD COLUMN s2 VARCHAR(60) DEFAULT '{c}'", on=MARIADB, session=(
          "SET SESSION system_versioning_alter_history=KEEP",)),
    text("CREATE INDEX, DROP INDEX", T, "CREATE INDEX {n} ON {db}.t (secret) COMMENT '{c}' /* {c} */",
         "CREATE INDEX shown ON {db}.t (kept) COMMENT '{c}'", "DROP INDEX {1} ON {db}.t /* {c} */"),
    text("DROP TABLE of kept and denied tables together", T, "CREATE TABLE {hid}.{n} (id INT)", "DROP TABLE {db}.t, {hid}.{1}"),
    text("RENAME TABLE of kept and denied tables together", T, "CREATE TABLE {hid}.{n} (id INT)",
         "RENAME TABLE {db}.t TO {db}.t2, {hid}.{1} TO {hid}.{n}"),
    text("TRUNCATE with comments", T, HIDDEN, "TRUNCATE /* {c} */ TABLE {db}.t # {c}", "TRUNCATE {hid}.people -- {c}"),
    text("DDL under a denied default database", T, "CREATE DATABASE {n}", "USE {1}",
         "CREATE TABLE {db}.t2 (id INT, secret VARCHAR(60) DEFAULT '{c}')", "DROP TABLE {db}.t2, {db}.t", "DROP DATABASE {1}"),
    text("databases with rules: comment and options", "ALTER DATABASE {db} DEFAULT CHARACTER SET latin1 /* {c} */",
         "CREATE DATABASE IF NOT EXISTS {db} /* {c} */"),
    text("databases with rules: COMMENT", "ALTER DATABASE {db} COMMENT '{c}'", on=LATE_MARIADB),
    text("prepared DDL", "PREPARE s FROM 'CREATE TABLE {db}.t (id INT, secret VARCHAR(60) DEFAULT ''{c}'')'", "EXECUTE s"),
    text("DDL inside a stored procedure",
         "CREATE PROCEDURE {db}.p () BEGIN CREATE TABLE {db}.t (id INT, secret VARCHAR(60) DEFAULT '{c}' COMMENT '{c}'); END", "CALL {db}.p()"),
    text("a definition of more than 64 KiB", "CREATE TABLE {db}.t (id INT PRIMARY KEY, secret ENUM(" + ",".join(f"'{{c}}{n:040d}'" for n in range(
         1100)) + "), kept INT)"),
]
