#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

const std::string kTail = " DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci";

}  // namespace

TEST_CASE("rewrite: CREATE TABLE loses stripped columns and what stands on them", "[sql]") {
  const std::vector<Golden> goldens = {
      {"column",
       mysql(),
       {},
       "t: s=drop",
       "create table t (id int primary key, s varchar(20) default 'SECRET' comment 'c', n int default 5)",
       "CREATE TABLE `d`.`t` ( `id` int NOT NULL, `n` int DEFAULT 5, PRIMARY KEY (`id`) )" + kTail},
      {"table that does not leave", mysql(), {}, "u", "create table t (a int)", ""},
      {"comments of every kind",
       mysql(),
       {},
       "t",
       "/* SECRET */ create table t (a int comment 'SECRET' /* SECRET */, key (a) comment 'SECRET') comment='SECRET' "
       "-- SECRET",
       "CREATE TABLE `d`.`t` ( `a` int, KEY `a` (`a`) )" + kTail},
      {"indexes",
       mysql(),
       {},
       "t: s=drop",
       "create table t (a int, b int, s int, key (s), key (s, b), key k (a, s, b desc), unique (s), unique u (a, s), "
       "unique v (a, b))",
       "CREATE TABLE `d`.`t` ( `a` int, `b` int, KEY `s_2` (`b`), KEY `k` (`a`,`b` DESC), UNIQUE KEY `v` (`a`,`b`) )" +
           kTail},
      {"altered column keeps plain indexes, not unique ones, nor its literals",
       mysql(),
       {},
       "t: s=alter",
       "create table t (a int primary key, s varchar(9) not null default 'SECRET', key (s), unique u (s), check (s <> "
       "'SECRET'))",
       "CREATE TABLE `d`.`t` ( `a` int NOT NULL, `s` varchar(9) NOT NULL, PRIMARY KEY (`a`), KEY `s` (`s`) )" + kTail},
      {"altered column keeps DEFAULT NULL",
       mysql(),
       {},
       "t: s=alter",
       "create table t (a int, s varchar(9) default null)",
       "CREATE TABLE `d`.`t` ( `a` int, `s` varchar(9) DEFAULT null )" + kTail},
      {"computed columns, functional indexes and checks follow",
       mysql(),
       {},
       "t: s=drop",
       "create table t (a int, s varchar(9), g varchar(9) as (concat(s,'SECRET')) virtual, h int as (a+1) stored not "
       "null, key f ((lower(s))), key f2 ((a+2)), "
       "check (s <> 'SECRET'), check (a > 0) not enforced, key (g), key (h))",
       "CREATE TABLE `d`.`t` ( `a` int, `h` int GENERATED ALWAYS AS (a+1) stored NOT NULL, KEY `f2` ((a+2)), KEY `h` "
       "(`h`), "
       "CONSTRAINT `t_chk_2` CHECK (a > 0) NOT ENFORCED )" +
           kTail},
      {"default that reads a stripped column",
       mysql(),
       {},
       "t: s=drop",
       "create table t (b int default (s + 1), a int, s int)",
       "CREATE TABLE `d`.`t` ( `a` int )" + kTail},
      {"primary key", mysql(), {}, "t: s=drop", "create table t (a int, s int, primary key (a, s))", "error rule"},
      {"altered primary key", mysql(), {}, "t: s=alter", "create table t (s int primary key)", "error rule"},
      {"mapped columns keep primary, unique and plain keys, and nothing that names a value",
       mysql(),
       {},
       "t: s=map1 r=map~2",
       "create table t (s int auto_increment primary key, r varchar(20) not null default 'SECRET', a int, unique u (a, "
       "r), unique p (r(5)), key k (r(5)), check (s > 4242)) auto_increment=77",
       "CREATE TABLE `d`.`t` ( `s` int NOT NULL, `r` varchar(20) NOT NULL, `a` int, PRIMARY KEY (`s`), UNIQUE KEY `u` "
       "(`a`,`r`), KEY `k` (`r`(5)) )" +
           kTail},
      {"the beginning of a mapped column in the primary key",
       mysql(),
       {},
       "t: s=map1",
       "create table t (s varchar(20), primary key (s(5)))",
       "error rule"},
      {"a foreign key between columns that are mapped alike",
       mysql(),
       {"create table p (id int primary key)"},
       "t: s=map1; p: id=map1",
       "create table t (s int, foreign key (s) references p (id))",
       "CREATE TABLE `d`.`t` ( `s` int, KEY `s` (`s`), CONSTRAINT `t_ibfk_1` FOREIGN KEY (`s`) REFERENCES `d`.`p` "
       "(`id`) )" +
           kTail},
      {"a foreign key between columns that are mapped in other ways",
       mysql(),
       {"create table p (id int primary key)"},
       "t: s=map1; p: id=map2",
       "create table t (s int, foreign key (s) references p (id))",
       "CREATE TABLE `d`.`t` ( `s` int, KEY `s` (`s`) )" + kTail},
      {"a foreign key between mapped columns that servers compare in their own way",
       mysql(),
       {"create table p (id varchar(20) primary key)"},
       "t: s=map~1; p: id=map~1",
       "create table t (s varchar(20), foreign key (s) references p (id))",
       "CREATE TABLE `d`.`t` ( `s` varchar(20), KEY `s` (`s`) )" + kTail},
      {"a foreign key from a kept column to a mapped one",
       mysql(),
       {"create table p (id int primary key)"},
       "t; p: id=map1",
       "create table t (s int, foreign key (s) references p (id))",
       "CREATE TABLE `d`.`t` ( `s` int, KEY `s` (`s`) )" + kTail},
      {"no column left", mysql(), {}, "t: s=drop", "create table t (s int)", "error rule"},
      {"auto_increment whose index is gone",
       mysql(),
       {},
       "t: s=drop",
       "create table t (s int, a int auto_increment, unique (a, s)) auto_increment=77",
       "CREATE TABLE `d`.`t` ( `a` int NOT NULL )" + kTail},
      {"kept auto_increment",
       mysql(),
       {},
       "t",
       "create table t (a serial, b int) auto_increment=77 engine=InnoDB row_format=dynamic",
       "CREATE TABLE `d`.`t` ( `a` bigint unsigned NOT NULL AUTO_INCREMENT, `b` int, UNIQUE KEY `a` (`a`) ) "
       "ENGINE=InnoDB auto_increment=77 ROW_FORMAT=dynamic" +
           kTail},
      {"partitions by a stripped column",
       mysql(),
       {},
       "t: s=drop",
       "create table t (a int, s int) partition by range (s) (partition p values less than (4242))",
       "CREATE TABLE `d`.`t` ( `a` int )" + kTail},
      {"kept partitions",
       mysql(),
       {},
       "t: s=drop",
       "create table t (a int, s int) partition by range (a) subpartition by hash (a) subpartitions 2 (partition p "
       "values less than (5) comment 'SECRET' engine=innodb, partition q values less than maxvalue)",
       "CREATE TABLE `d`.`t` ( `a` int )" + kTail +
           " PARTITION BY range (a) subpartition by hash (a) subpartitions 2 (PARTITION `p` values less than (5) "
           "ENGINE = innodb, PARTITION `q` values less than maxvalue)"},
      {"foreign keys to tables that do not leave, and of stripped columns",
       mysql(),
       {"create table p (id int primary key)", "create table q (id int primary key)"},
       "p; t: s=drop",
       "create table t (a int, b int, s int, foreign key (a) references p (id), foreign key (b) references q (id), "
       "foreign key (s) references p (id))",
       "CREATE TABLE `d`.`t` ( `a` int, `b` int, KEY `a` (`a`), KEY `b` (`b`), CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) "
       "REFERENCES `d`.`p` (`id`) )" +
           kTail},
      {"cascade that would be lost",
       mysql(80036),
       {"create table q (id int primary key)"},
       "t",
       "create table t (a int, foreign key (a) references q (id) on delete cascade)",
       "error rule"},
      {"cascade that MySQL logs",
       mysql(90704),
       {"create table q (id int primary key)"},
       "t",
       "create table t (a int, foreign key (a) references q (id) on delete cascade)",
       "CREATE TABLE `d`.`t` ( `a` int, KEY `a` (`a`) )" + kTail},
      {"set null of a stripped column",
       maria(),
       {"create table q (id int primary key)"},
       "t: a=drop",
       "create table t (b int, a int, foreign key (a) references q (id) on delete set null)",
       "CREATE TABLE `d`.`t` ( `b` int )" + kTail},
      {"atomic CREATE ... SELECT of MySQL 8",
       mysql(),
       {},
       "ctas: y=drop",
       "CREATE TABLE `ctas` (\n  `x` varchar(10) NOT NULL DEFAULT '',\n  `y` int NOT NULL DEFAULT '0'\n) START "
       "TRANSACTION",
       "CREATE TABLE `d`.`ctas` ( `x` varchar(10) NOT NULL DEFAULT '' )" + kTail + " START TRANSACTION"},
      {"if not exists and exists",
       mysql(),
       {"create table t (a int)"},
       "t",
       "create table if not exists t (b int)",
       ""},
      {"exists", mysql(), {"create table t (a int)"}, "t", "create table t (b int)", "error malformed"},
      {"or replace",
       maria(),
       {"create table t (a int)"},
       "t",
       "create or replace table t (b int)",
       "CREATE OR REPLACE TABLE `d`.`t` ( `b` int )" + kTail},
      {"quotes and escapes under ANSI_QUOTES",
       mysql(90704, kAnsi),
       {},
       "t",
       "create table \"t\" (\"a`b\" varchar(9) default 'it''s \\\\ \"x\"')",
       "CREATE TABLE `d`.`t` ( `a``b` varchar(9) DEFAULT 'it''s \\\\ \"x\"' )" + kTail},
      {"NO_BACKSLASH_ESCAPES",
       mysql(90704, kNoEscapes),
       {},
       "t",
       "create table t (a varchar(9) default 'a\\', b varchar(9) default \"it's\")",
       "CREATE TABLE `d`.`t` ( `a` varchar(9) DEFAULT 'a\\', `b` varchar(9) DEFAULT 'it''s' )" + kTail},
      {"literals of every kind",
       mysql(),
       {},
       "t",
       "create table t (a int default -5, b varchar(9) default _latin1'x', c bit(3) default b'101', e varbinary(9) "
       "default X'4142', f int default 0x1F, g date default DATE'2026-01-02', "
       "h varchar(5) default N'x', i int default (1 + 2), j datetime default now() on update current_timestamp, k "
       "double default 1.5e3)",
       "CREATE TABLE `d`.`t` ( `a` int DEFAULT -5, `b` varchar(9) DEFAULT _latin1'x', `c` bit(3) DEFAULT b'101', `e` "
       "varbinary(9) DEFAULT X'4142', `f` int DEFAULT 0x1F, "
       "`g` date DEFAULT DATE '2026-01-02', `h` varchar(5) DEFAULT N'x', `i` int DEFAULT (1 + 2), `j` datetime DEFAULT "
       "now() ON UPDATE current_timestamp, `k` double DEFAULT 1.5e3 )" +
           kTail},
      {"old name of utf8mb3",
       mysql(50624),
       {},
       "t",
       "create table t (a varchar(9) charset utf8 collate utf8_bin) charset=utf8",
       "CREATE TABLE `d`.`t` ( `a` varchar(9) CHARACTER SET utf8 COLLATE utf8_bin ) DEFAULT CHARACTER SET utf8"},
      {"options that say something of the source",
       mysql(),
       {},
       "t",
       "create table t (a int) data directory='/SECRET' connection='SECRET' tablespace ts encryption='Y' "
       "key_block_size=8 engine_attribute='{}' max_rows=5",
       "CREATE TABLE `d`.`t` ( `a` int ) encryption='Y' key_block_size=8 max_rows=5" + kTail},
  };
  for (const auto& golden : goldens) check(golden);
}

TEST_CASE("rewrite: CREATE TABLE of MariaDB's own kind", "[sql]") {
  const std::vector<Golden> goldens = {
      {"system versioning",
       maria(),
       {},
       "t: s=drop",
       "create table t (a int, s int, b int without system versioning) with system versioning",
       "CREATE TABLE `d`.`t` ( `a` int, `b` int WITHOUT SYSTEM VERSIONING )" + kTail + " WITH SYSTEM VERSIONING"},
      {"stripped period",
       maria(),
       {},
       "t: row_end=drop",
       "create table t (a int) with system versioning",
       "error rule"},
      {"own period",
       maria(),
       {},
       "t",
       "create table t (a int, rs timestamp(6) generated always as row start, re timestamp(6) generated always as row "
       "end invisible, period for system_time (rs, re)) with system versioning "
       "partition by system_time limit 100 (partition p0 history, partition pn current)",
       "CREATE TABLE `d`.`t` ( `a` int, `rs` timestamp(6) GENERATED ALWAYS AS ROW start, `re` timestamp(6) GENERATED "
       "ALWAYS AS ROW end INVISIBLE, PERIOD FOR SYSTEM_TIME (`rs`, `re`) )" +
           kTail +
           " WITH SYSTEM VERSIONING PARTITION BY system_time limit 100 (PARTITION `p0` history, PARTITION `pn` "
           "current)"},
      {"hidden hash",
       maria(),
       {},
       "t: b=drop",
       "create table t (a int primary key, b blob, c text, unique (b), unique (c))",
       "CREATE TABLE `d`.`t` ( `a` int NOT NULL, `c` text, PRIMARY KEY (`a`), UNIQUE KEY `c` (`c`) )" + kTail},
      {"types and attributes",
       maria(),
       {},
       "t",
       "create table t (a varchar(9) compressed charset utf8mb4, i inet6 default '::1', u uuid default uuid(), v "
       "vector(3) not null, j json, n int invisible default 5, "
       "g point ref_system_id=4326, c int check (c > 1), vector index (v) m=8 distance=cosine, key (n) ignored)",
       "CREATE TABLE `d`.`t` ( `a` varchar(9) COMPRESSED CHARACTER SET utf8mb4, `i` inet6 DEFAULT '::1', `u` uuid "
       "DEFAULT uuid(), `v` vector(3) NOT NULL, `j` json, "
       "`n` int DEFAULT 5 INVISIBLE, `g` point REF_SYSTEM_ID=4326, `c` int CHECK (c > 1), VECTOR KEY `v` (`v`) M=8 "
       "DISTANCE=cosine, KEY `n` (`n`) IGNORED )" +
           kTail},
      {"default from a sequence",
       maria(),
       {},
       "t",
       "create table t (a int default (nextval(s)), b int default next value for d.s, c int default nextval(s))",
       "CREATE TABLE `d`.`t` ( `a` int, `b` int, `c` int )" + kTail},
      {"literals at an altered column",
       maria(),
       {},
       "t: c=alter",
       "create table t (a int, c varchar(9) not null default 'SECRET' check (c <> 'SECRET'))",
       "CREATE TABLE `d`.`t` ( `a` int, `c` varchar(9) NOT NULL )" + kTail},
      {"sequence as a table",
       maria(),
       {},
       "s",
       "create table s (next_not_cached_value bigint(21) not null) engine=innodb sequence=1",
       ""},
  };
  for (const auto& golden : goldens) check(golden);
}

TEST_CASE("rewrite: CREATE TABLE LIKE keeps LIKE where both tables leave alike", "[sql]") {
  const std::vector<std::string> source = {"create table s (a int primary key, b int, c int)"};
  const std::vector<Golden> goldens = {
      {"alike", mysql(), source, "s: b=drop; t: b=drop", "create table if not exists t like s",
       "CREATE TABLE IF NOT EXISTS `d`.`t` LIKE `d`.`s`"},
      {"not alike", mysql(), source, "s; t: b=drop", "create table t like s", "error rule"},
      {"source does not leave", mysql(), source, "t: b=drop", "create table t like s", "error rule"},
      {"source is not known", mysql(), source, "t", "create table t like x", "error unsupported"},
      {"source has an index for its foreign key only",
       mysql(),
       {"create table p (id int primary key)",
        "create table s (a int, b int, unique u (a, b), foreign key (a) references p (id))"},
       "p; s: b=drop; t: b=drop",
       "create table t like s",
       "error rule"},
      {"copy does not leave", mysql(), source, "s", "create table t (like s)", ""},
  };
  for (const auto& golden : goldens) check(golden);
}

TEST_CASE("rewrite: text of a latin1 client stays latin1", "[sql]") {
  SqlContext context = mysql();
  context.client_collation = 8;
  check({"latin1", context, {}, "t: s=drop", "create table `t\xF8` (a int)", ""});
  check({"latin1",
         context,
         {},
         "t",
         "create table `t` (`\xE5` varchar(5) default '\xF8\x80', e enum('\xE6'))",
         "CREATE TABLE `d`.`t` ( `\xE5` varchar(5) DEFAULT '\xF8\x80', `e` enum('\xE6') )" + kTail});
}

TEST_CASE("rewrite: what is printed reads as what is printed", "[sql]") {
  const std::vector<std::string> statements = {
      "create table t (a int default -5, `b c` varchar(9) charset utf8mb4 collate utf8mb4_bin default 'x\\\\y', c "
      "bit(3) default b'1', g int as (a*2) virtual, e enum('a','b') not null, "
      "primary key (a), key k (`b c`(3) desc), check (a > 1 and `b c` <> \"z\")) engine=innodb partition by hash (a) "
      "partitions 4",
      "create table t (ts timestamp(3) not null default current_timestamp(3) on update current_timestamp(3), d "
      "decimal(10,2) unsigned zerofill, p point not null, spatial key (p), fulltext key (x), x text)",
  };
  for (const auto& statement : statements) {
    const std::string once = rewritten({"", mysql(), {}, "t", statement, ""});
    INFO(once);
    REQUIRE(once.rfind("CREATE", 0) == 0);
    CHECK(rewritten({"", mysql(), {}, "t", once, ""}) == once);
  }
}

}  // namespace relay::sql::test
