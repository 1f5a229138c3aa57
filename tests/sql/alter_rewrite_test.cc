#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

const std::vector<std::string> kTable = {
    "create table t (id int primary key, a int, s varchar(20), b int, c int, key ab (a, b), key sa (s, a), key s (s), "
    "unique us (s, b), unique ub (b))"};

}  // namespace

TEST_CASE("rewrite: ALTER TABLE places columns where the replica has them", "[sql]") {
  const std::string rules = "t: s=drop x=drop";
  check_all({
      {"add", mysql(), kTable, rules, "alter table t add n int default 4242 comment 'SECRET'",
       kAlter + "ADD COLUMN `n` int DEFAULT 4242"},
      {"add a stripped one", mysql(), kTable, rules, "alter table t add x int default 4242", ""},
      {"after a stripped one", mysql(), kTable, rules, "alter table t add n int after s",
       kAlter + "ADD COLUMN `n` int AFTER `a`"},
      {"after a stripped first one",
       mysql(),
       {"create table t (s int, a int)"},
       rules,
       "alter table t add n int after s",
       kAlter + "ADD COLUMN `n` int FIRST"},
      {"first", mysql(), kTable, rules, "alter table t add column n int first, algorithm=instant, lock=none",
       kAlter + "ADD COLUMN `n` int FIRST"},
      {"two after the same stripped one", mysql(), kTable, rules, "alter table t add m int after s, add n int after s",
       kAlter + "ADD COLUMN `m` int AFTER `a`, ADD COLUMN `n` int AFTER `a`"},
      {"after one that is added and stripped", mysql(), kTable, rules,
       "alter table t add x int after c, add n int after x", kAlter + "ADD COLUMN `n` int AFTER `c`"},
      {"a list", mysql(), kTable, rules, "alter table t add (n int, x int, key n (n, x), unique (x))",
       kAlter + "ADD COLUMN `n` int, ADD KEY `n` (`n`)"},
      {"move after a stripped one", mysql(), kTable, rules, "alter table t modify c bigint after s",
       kAlter + "MODIFY COLUMN `c` bigint AFTER `a`"},
      {"move a stripped one", mysql(), kTable, rules, "alter table t modify s varchar(30) first", ""},
      {"change the name", mysql(), kTable, rules, "alter table t change a aa bigint not null",
       kAlter + "CHANGE COLUMN `a` `aa` bigint NOT NULL"},
      {"after a changed one by its new name", mysql(), kTable, rules,
       "alter table t change a aa int, add n int after aa",
       kAlter + "CHANGE COLUMN `a` `aa` int, ADD COLUMN `n` int AFTER `aa`"},
      {"drop and add of one name", mysql(), kTable, rules, "alter table t drop c, add c text first",
       kAlter + "DROP COLUMN `c`, ADD COLUMN `c` text FIRST"},
      {"inline keys", mysql(), kTable, rules, "alter table t add n int unique, add x int unique",
       kAlter + "ADD COLUMN `n` int, ADD UNIQUE KEY `n` (`n`)"},
      {"conditional ones that do nothing", maria(), kTable, rules,
       "alter table t add column if not exists a text, drop column if exists zz, modify if exists yy int", ""},
      {"conditional ones that do something", maria(), kTable, rules,
       "alter table t add column if not exists n int, drop column if exists c",
       kAlter + "ADD COLUMN `n` int, DROP COLUMN `c`"},
      {"two-phase", maria(), kTable, rules, "alter online table t wait 5 add column n varchar(10) default 'x'",
       kAlter + "ADD COLUMN `n` varchar(10) DEFAULT 'x'"},
      {"a column that is not there", mysql(), kTable, rules, "alter table t drop zz", "error malformed"},
      {"a column that is there", mysql(), kTable, rules, "alter table t add a int", "error malformed"},
      {"a place that is not there", mysql(), kTable, rules, "alter table t add n int after zz", "error malformed"},
  });
}

TEST_CASE("rewrite: ALTER TABLE follows the fate of a renamed column", "[sql]") {
  check_all({
      {"kept to kept", mysql(), kTable, "t: s=drop", "alter table t rename column c to cc",
       kAlter + "RENAME COLUMN `c` TO `cc`"},
      {"kept to stripped by rename", mysql(), kTable, "t: s=drop x=drop", "alter table t rename column c to x",
       kAlter + "DROP COLUMN `c`"},
      {"kept to stripped by change", mysql(), kTable, "t: s=drop x=drop", "alter table t change c x bigint first",
       kAlter + "DROP COLUMN `c`"},
      {"stripped to stripped", mysql(), kTable, "t: s=drop x=drop", "alter table t change s x text", ""},
      {"stripped to kept", mysql(), kTable, "t: s=drop", "alter table t rename column s to y", "error rule"},
      {"altered to kept", mysql(), kTable, "t: s=alter", "alter table t change s y varchar(20)", "error rule"},
      {"kept to altered", mysql(), kTable, "t: s=drop x=alter", "alter table t change c x int", "error rule"},
      {"mapped to mapped alike", mysql(), kTable, "t: s=drop c=map1 cc=map1", "alter table t change c cc int not null",
       kAlter + "CHANGE COLUMN `c` `cc` int NOT NULL"},
      {"mapped to mapped otherwise", mysql(), kTable, "t: s=drop c=map1 cc=map2", "alter table t change c cc int",
       "error rule"},
      {"mapped to kept", mysql(), kTable, "t: s=drop c=map1", "alter table t rename column c to cc", "error rule"},
      {"kept to mapped", mysql(), kTable, "t: s=drop cc=map1", "alter table t rename column c to cc", "error rule"},
      {"a unique key over a mapped column", mysql(), kTable, "t: s=drop c=map1", "alter table t add unique uc (c)",
       kAlter + "ADD UNIQUE KEY `uc` (`c`)"},
      {"into the primary key",
       mysql(),
       {"create table t (a int, s int)"},
       "t: s=drop",
       "alter table t add primary key (s)",
       "error rule"},
      {"a new primary key",
       mysql(),
       {"create table t (a int, s int)"},
       "t: s=drop",
       "alter table t add primary key (a)",
       kAlter + "ADD PRIMARY KEY (`a`)"},
      {"becomes computed of a stripped one",
       mysql(),
       {"create table t (a int, g int as (a) stored, s int)"},
       "t: s=drop",
       "alter table t modify g int as (a + s) stored",
       kAlter + "DROP COLUMN `g`"},
  });
}

TEST_CASE("rewrite: ALTER TABLE knows which indexes the replica has", "[sql]") {
  const std::string rules = "t: s=drop";
  check_all({
      {"add over kept", mysql(), kTable, rules, "alter table t add index (c), add unique key uc (c), add fulltext (s)",
       kAlter + "ADD KEY `c` (`c`), ADD UNIQUE KEY `uc` (`c`)"},
      {"part stripped", mysql(), kTable, rules, "alter table t add key k (s, c), add unique uk (s, c)",
       kAlter + "ADD KEY `k` (`c`)"},
      {"drop of one that is not there", mysql(), kTable, rules, "alter table t drop index us, drop key s", ""},
      {"drop of one that is there", mysql(), kTable, rules, "alter table t drop index sa, drop index ub",
       kAlter + "DROP INDEX `sa`, DROP INDEX `ub`"},
      {"rename", mysql(), kTable, rules, "alter table t rename index us to u2, rename key sa to sb",
       kAlter + "RENAME INDEX `sa` TO `sb`"},
      {"visibility", mysql(), kTable, rules, "alter table t alter index us invisible, alter index ab invisible",
       kAlter + "ALTER INDEX `ab` INVISIBLE"},
      {"ignored", maria(), kTable, rules, "alter table t alter key ab ignored", kAlter + "ALTER INDEX `ab` IGNORED"},
      {"stripped column drops out of a unique index", mysql(), kTable, rules, "alter table t drop column s",
       kAlter + "ADD UNIQUE KEY `us` (`b`)"},
      {"column drops out of indexes", mysql(), kTable, rules, "alter table t drop a, drop b",
       kAlter + "DROP COLUMN `a`, DROP COLUMN `b`"},
      {"create index", mysql(), kTable, rules, "create unique index i on t (c desc) comment 'SECRET' algorithm=inplace",
       kAlter + "ADD UNIQUE KEY `i` (`c` DESC)"},
      {"create index over stripped", mysql(), kTable, rules, "create index i on t (s)", ""},
      {"create or replace index", maria(), kTable, rules, "create or replace index ab on t (a)",
       kAlter + "DROP INDEX `ab`, ADD KEY `ab` (`a`)"},
      {"create index if not exists", maria(), kTable, rules, "create index if not exists ab on t (c)", ""},
      {"drop index", mysql(), kTable, rules, "drop index ab on t", kAlter + "DROP INDEX `ab`"},
      {"drop index that the replica has not", mysql(), kTable, rules, "drop index us on t", ""},
      {"drop primary key", mysql(), kTable, rules, "drop index `PRIMARY` on t", kAlter + "DROP PRIMARY KEY"},
      {"ignore with a unique index that does not leave", maria(), kTable, rules, "alter ignore table t add unique (s)",
       "error rule"},
      {"drop constraint of an index", mysql(), kTable, rules, "alter table t drop constraint ub",
       kAlter + "DROP INDEX `ub`"},
      {"index that is there", mysql(), kTable, rules, "alter table t add key ab (c)", "error malformed"},
      {"index that is not there", mysql(), kTable, rules, "alter table t drop key zz", "error malformed"},
  });
}

TEST_CASE("rewrite: ALTER TABLE knows which constraints the replica has", "[sql]") {
  const std::vector<std::string> tables = {"create table p (id int primary key)", "create table q (id int primary key)",
                                           "create table t (a int, b int, s int, constraint fa foreign key (a) "
                                           "references p (id), constraint fb foreign key (b) references q (id), "
                                           "constraint ca check (a > 0), constraint cs check (s > 0))"};
  const std::string rules = "p; t: s=drop";
  check_all({
      {"add foreign keys", mysql(), tables, rules,
       "alter table t add foreign key (a) references p (id), add foreign key (a) references q (id)",
       kAlter + "ADD CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `d`.`p` (`id`)"},
      {"drop foreign keys", mysql(), tables, rules, "alter table t drop foreign key fa, drop foreign key fb",
       kAlter + "DROP FOREIGN KEY `fa`"},
      {"drop constraints", mysql(), tables, rules,
       "alter table t drop constraint fa, drop constraint fb, drop constraint ca, drop constraint cs",
       kAlter + "DROP FOREIGN KEY `fa`, DROP CHECK `ca`"},
      {"drop checks", mysql(), tables, rules, "alter table t drop check ca, drop check cs", kAlter + "DROP CHECK `ca`"},
      {"drop constraint in MariaDB", maria(), tables, rules,
       "alter table t drop constraint ca, drop constraint if exists zz", kAlter + "DROP CONSTRAINT `ca`"},
      {"add checks", mysql(), tables, rules, "alter table t add check (b > 4242), add check (s > 4242)",
       kAlter + "ADD CONSTRAINT `t_chk_1` CHECK (b > 4242)"},
      {"enforcement", mysql(), tables, rules, "alter table t alter check ca not enforced, alter check cs not enforced",
       kAlter + "ALTER CHECK `ca` NOT ENFORCED"},
      {"a lost cascade", maria(), tables, rules,
       "alter table t add foreign key (a) references q (id) on delete cascade", "error rule"},
  });
}

TEST_CASE("rewrite: ALTER TABLE defaults, options and partitions", "[sql]") {
  const std::string rules = "t: s=drop b=alter";
  const std::vector<std::string> by_kept = {
      "create table t (a int, s int) partition by range (a) (partition p0 values less than (5), partition p1 values "
      "less than maxvalue)"};
  const std::vector<std::string> by_stripped = {
      "create table t (a int, s int) partition by range (s) (partition p0 values less than (5), partition p1 values "
      "less than maxvalue)"};
  check_all({
      {"defaults", mysql(), kTable, "t: s=drop c=alter",
       "alter table t alter a set default 5, alter column s set default 'SECRET', alter c set default 4242, alter b "
       "drop default",
       kAlter + "ALTER COLUMN `a` SET DEFAULT 5, ALTER COLUMN `b` DROP DEFAULT"},
      {"default that reads a stripped column", mysql(), kTable, "t: s=drop",
       "alter table t alter a set default (length(s))", kAlter + "DROP COLUMN `a`"},
      {"visibility", mysql(), kTable, rules, "alter table t alter a set invisible, alter s set invisible",
       kAlter + "ALTER COLUMN `a` SET INVISIBLE"},
      {"options", mysql(), kTable, rules,
       "alter table t comment 'SECRET', engine=InnoDB, auto_increment=5, default charset utf8mb4 collate utf8mb4_bin "
       "row_format=dynamic",
       kAlter + "ENGINE=InnoDB, ROW_FORMAT=dynamic DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
      {"comment alone", mysql(), kTable, rules, "alter table t comment='SECRET'", ""},
      {"algorithm alone", mysql(), kTable, rules, "alter table t algorithm=inplace", ""},
      {"nothing", mysql(), kTable, rules, "alter table t", ""},
      {"convert", mysql(), kTable, rules, "alter table t convert to character set utf8mb4 collate utf8mb4_bin",
       kAlter + "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
      {"force, keys", mysql(), kTable, rules, "alter table t force, disable keys", kAlter + "FORCE, DISABLE KEYS"},
      {"order", mysql(), kTable, rules, "alter table t order by a desc, c", kAlter + "ORDER BY `a` DESC, `c`"},
      {"order by stripped", mysql(), kTable, rules, "alter table t order by s", ""},
      {"partition by",
       mysql(),
       {"create table t (a int, s int)"},
       "t: s=drop",
       "alter table t add n int, comment 'x' partition by hash (a) partitions 4",
       kAlter + "ADD COLUMN `n` int PARTITION BY hash (a) partitions 4"},
      {"partition by stripped", mysql(), by_kept, "t: s=drop", "alter table t partition by hash (s)",
       kAlter + "REMOVE PARTITIONING"},
      {"remove partitioning", mysql(), by_kept, "t: s=drop", "alter table t remove partitioning",
       kAlter + "REMOVE PARTITIONING"},
      {"remove what is not there", mysql(), by_stripped, "t: s=drop", "alter table t remove partitioning", ""},
      {"add partition", mysql(), by_kept, "t: s=drop",
       "alter table t add partition (partition p2 values less than (9) comment 'SECRET')",
       kAlter + "ADD PARTITION (PARTITION `p2` values less than (9))"},
      {"add partition that the replica has not", mysql(), by_stripped, "t: s=drop",
       "alter table t add partition (partition p2 values less than (4242))", ""},
      {"reorganize", mysql(), by_kept, "t: s=drop",
       "alter table t reorganize partition p1 into (partition p2 values less than (9), partition p3 values less than "
       "maxvalue)",
       kAlter + "REORGANIZE PARTITION `p1` INTO (PARTITION `p2` values less than (9), PARTITION `p3` values less than "
                "maxvalue)"},
      {"drop partition", mysql(), by_kept, "t: s=drop", "alter table t drop partition p0, p1",
       kAlter + "DROP PARTITION `p0`, `p1`"},
      {"drop partition that the replica has not", mysql(), by_stripped, "t: s=drop", "alter table t drop partition p0",
       "error rule"},
      {"truncate partition", mysql(), by_kept, "t: s=drop", "alter table t truncate partition all",
       kAlter + "TRUNCATE PARTITION ALL"},
      {"maintenance", mysql(), by_kept, "t: s=drop", "alter table t rebuild partition p0", ""},
      {"exchange", mysql(), by_kept, "t: s=drop", "alter table t exchange partition p0 with table u", "error rule"},
      {"system versioning", maria(), kTable, rules, "alter table t add system versioning",
       kAlter + "ADD SYSTEM VERSIONING"},
      {"no system versioning",
       maria(),
       {"create table t (a int) with system versioning"},
       "t",
       "alter table t drop system versioning",
       kAlter + "DROP SYSTEM VERSIONING"},
      {"add before the implicit columns",
       maria(),
       {"create table t (a int) with system versioning"},
       "t",
       "alter table t add b int",
       kAlter + "ADD COLUMN `b` int"},
  });
}

TEST_CASE("rewrite: ALTER TABLE that renames, and tables that are not known", "[sql]") {
  check_all({
      {"leaves both", mysql(), kTable, "t: s=drop; u: s=drop", "alter table t add n int, rename to u",
       kAlter + "ADD COLUMN `n` int, RENAME TO `d`.`u`"},
      {"leaves no more", mysql(), kTable, "t: s=drop", "alter table t rename u", "DROP TABLE IF EXISTS `d`.`t`"},
      {"leaves from now on", mysql(), kTable, "u: s=drop", "alter table t rename u", "error rule"},
      {"leaves with other columns", mysql(), kTable, "t: s=drop; u: s=drop c=drop", "alter table t rename u",
       kAlter + "RENAME TO `d`.`u`, DROP COLUMN `c`"},
      {"leaves not at all", mysql(), kTable, "x", "alter table t rename u, drop zz", "error malformed"},
      {"is not known", mysql(), {}, "t", "alter table t add a int", "error unsupported"},
      {"is not known and does not leave", mysql(), {}, "x", "alter table t add a int", ""},
  });
}

}  // namespace relay::sql::test
