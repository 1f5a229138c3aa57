// What ALTER TABLE does to the rows that are there.
#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

constexpr std::uint64_t kStrict = 0x200000;
constexpr std::uint64_t kNoZeroDate = 0x1000000;

}  // namespace

TEST_CASE("rewrite: ALTER TABLE adds columns whose values are replaced only where rows are found again", "[sql]") {
  const std::vector<std::string> no_key = {"create table t (a int, b int, key (a))"};
  const std::vector<std::string> key = {"create table t (a int primary key, b int)"};
  const std::vector<std::string> unique = {"create table t (a int not null, b int, unique (a))"};
  const std::vector<std::string> unique_or_null = {"create table t (a int, b int, unique (a))"};
  const std::string adds = kAlter + "ADD COLUMN `n` int";
  check_all({
      {"mapped, with a default", mysql(), no_key, "t: n=map1", "alter table t add n int default 4242", "error rule"},
      {"mapped, not null", mysql(), no_key, "t: n=map1", "alter table t add n int not null", "error rule"},
      {"mapped, nothing in it", mysql(), no_key, "t: n=map1", "alter table t add n int", adds},
      {"mapped, default null", mysql(), no_key, "t: n=map1", "alter table t add n int default null",
       adds + " DEFAULT null"},
      {"emptied, with a default", mysql(), no_key, "t: n=alter", "alter table t add n int default 4242", adds},
      {"emptied, not null", mysql(), no_key, "t: n=alter", "alter table t add n int not null", adds + " NOT NULL"},
      {"filled, nothing in it", mysql(), no_key, "t: n=fill", "alter table t add n int", "error rule"},
      {"kept", mysql(), no_key, "t", "alter table t add n int default 4242", adds + " DEFAULT 4242"},
      {"dropped", mysql(), no_key, "t: n=drop", "alter table t add n int default 4242", ""},
      {"primary key", mysql(), key, "t: n=fill", "alter table t add n int default 4242", adds},
      {"unique key", mysql(), unique, "t: n=fill", "alter table t add n int", adds},
      {"unique key with NULL", mysql(), unique_or_null, "t: n=fill", "alter table t add n int", "error rule"},
      {"unique key that does not leave", mysql(), unique, "t: n=fill a=drop", "alter table t add n int", "error rule"},
      {"a key over the column itself", mysql(), no_key, "t: n=map1", "alter table t add n int not null unique",
       "error rule"},
  });
}

TEST_CASE("rewrite: rows that are older than a column differ in it at the replica", "[sql]") {
  const std::string made = "create table t (a int primary key, s int)";
  const std::string parent = "create table p (id int primary key)";
  const std::vector<std::string> filled = {made, parent, "alter table t add n int default 7"};
  const std::vector<std::string> not_null = {made, parent, "alter table t add n int not null"};
  const std::vector<std::string> changed = {made, "alter table t add n int not null",
                                            "alter table t change n m int not null"};
  const std::vector<std::string> null = {made, parent, "alter table t add n int"};
  const std::vector<std::string> copied = {made, "alter table t add n int not null", "create table c like t"};
  const std::vector<std::string> from_the_start = {"create table t (a int primary key, n int not null default 7)"};
  const std::vector<std::string> emptied = {made, "alter table t add n int not null", "truncate table t"};
  const std::vector<std::string> exchanged = {
      "create table t (a int primary key) partition by range (a) (partition p0 values less than (9))",
      "alter table t add n int not null", "create table x (a int primary key, n int not null)",
      "alter table t exchange partition p0 with table x"};
  const std::vector<std::string> no_key = {"create table t (a int, n int)"};
  const std::vector<std::string> key = {"create table t (a int primary key, n int)"};
  const std::vector<std::string> pointed_to = {made, "alter table t add n int default 5, add unique (n)",
                                               "create table q (n int)"};
  const std::string rules = "p: id=map1; c: n=map1; t: n=map1";
  const SqlContext strict = mysql(90704, kStrict);
  check_all({
      {"NOT NULL", strict, filled, rules, "alter table t modify n int not null", "error rule"},
      {"NOT NULL, not strictly", mysql(), filled, rules, "alter table t modify n int not null",
       kAlter + "MODIFY COLUMN `n` int NOT NULL"},
      {"NOT NULL where rows have nothing", strict, null, rules, "alter table t modify n int not null",
       kAlter + "MODIFY COLUMN `n` int NOT NULL"},
      {"unique: the source would have refused rows that are alike", strict, not_null, rules,
       "alter table t add unique u (n)", kAlter + "ADD UNIQUE KEY `u` (`n`)"},
      {"unique with NULL", strict, filled, rules, "alter table t add unique u (n)",
       kAlter + "ADD UNIQUE KEY `u` (`n`)"},
      {"unique where rows have nothing", strict, null, rules, "alter table t add unique u (n)",
       kAlter + "ADD UNIQUE KEY `u` (`n`)"},
      {"unique of a column that was always there", strict, from_the_start, rules, "alter table t add unique u (n)",
       kAlter + "ADD UNIQUE KEY `u` (`n`)"},
      {"unique of a copy, which has no rows", strict, copied, rules, "alter table c add unique u (n)",
       "ALTER TABLE `d`.`c` ADD UNIQUE KEY `u` (`n`)"},
      {"unique of a kept column", strict, not_null, "t", "alter table t add unique u (n)",
       kAlter + "ADD UNIQUE KEY `u` (`n`)"},
      {"primary key", strict, not_null, rules, "alter table t drop primary key, add primary key (n)", "error rule"},
      {"foreign key", strict, filled, rules, "alter table t add constraint f foreign key (n) references p (id)",
       "error rule"},
      {"foreign key where rows have nothing", strict, null, rules,
       "alter table t add constraint f foreign key (n) references p (id)",
       kAlter + "ADD KEY `f` (`n`), ADD CONSTRAINT `f` FOREIGN KEY (`n`) REFERENCES `d`.`p` (`id`)"},
      {"the key goes by which rows are found", strict, filled, rules, "alter table t drop primary key", "error rule"},
      {"the key goes, and rows have nothing", strict, null, rules, "alter table t drop primary key",
       kAlter + "DROP PRIMARY KEY"},
      {"the key goes, and the column has another name", strict, changed, "t: m=map1", "alter table t drop primary key",
       "error rule"},
      {"the key goes, and the rows went", strict, emptied, rules, "alter table t drop primary key",
       kAlter + "DROP PRIMARY KEY"},
      {"the key goes of a partition's rows", strict, exchanged, "t: n=map1; x: n=map1",
       "alter table x drop primary key", "error rule"},
      {"NULL becomes zero", mysql(), no_key, "t: n=map1", "alter table t modify n int not null", "error rule"},
      {"NULL becomes zero, and rows are found", mysql(), key, "t: n=map1", "alter table t modify n int not null",
       kAlter + "MODIFY COLUMN `n` int NOT NULL"},
      {"NULL becomes zero by a primary key", mysql(), no_key, "t: n=map1", "alter table t add primary key (n)",
       "error rule"},
      {"an added column becomes NOT NULL by a primary key",
       strict,
       {"create table t (a int)"},
       "t: n=map1",
       "alter table t add n int, add primary key (a, n)",
       "error rule"},
      {"NULL becomes zero by a primary key beside it", mysql(), no_key, "t: n=map1",
       "alter table t add primary key (a)", kAlter + "ADD PRIMARY KEY (`a`)"},
      {"there is no NULL in a primary key", strict, no_key, "t: n=map1", "alter table t add primary key (n)",
       kAlter + "ADD PRIMARY KEY (`n`)"},
      {"there is no NULL", strict, no_key, "t: n=map1", "alter table t modify n int not null",
       kAlter + "MODIFY COLUMN `n` int NOT NULL"},
      {"foreign key to it", strict, pointed_to, "q; t: n=map1; q: n=map1",
       "alter table q add constraint f foreign key (n) references t (n)", "error rule"},
      {"a table with a foreign key to it", strict, pointed_to, "r: n=map1; t: n=map1",
       "create table r (n int, constraint f foreign key (n) references t (n))", "error rule"},
      {"the key goes of a filled column", strict, null, "t: n=fill", "alter table t drop primary key", "error rule"},
  });
}

TEST_CASE("rewrite: ALTER TABLE adds columns whose rows get what does not leave", "[sql]") {
  const std::vector<std::string> key = {"create table t (a int primary key, s int)"};
  const SqlContext days = mysql(90704, kStrict | kNoZeroDate);
  check_all({
      {"a day", days, key, "t: n=alter", "alter table t add n date not null default '1999-12-31'", "error rule"},
      {"a filled day", days, key, "t: n=fill", "alter table t add n datetime not null default '1999-12-31'",
       "error rule"},
      {"a day that may be NULL", days, key, "t: n=alter", "alter table t add n date default '1999-12-31'",
       kAlter + "ADD COLUMN `n` date"},
      {"a day of an empty table", days, key, "t: n=alter", "alter table t add n date not null",
       kAlter + "ADD COLUMN `n` date NOT NULL"},
      {"a day where its zero is one", mysql(90704, kStrict), key, "t: n=alter",
       "alter table t add n date not null default '1999-12-31'", kAlter + "ADD COLUMN `n` date NOT NULL"},
      {"a kept day", days, key, "t", "alter table t add n date not null default '1999-12-31'",
       kAlter + "ADD COLUMN `n` date NOT NULL DEFAULT '1999-12-31'"},
      {"a sequence", maria(), key, "t", "alter table t add n int not null default nextval(q)", "error rule"},
      {"a sequence of a column that does not leave", maria(), key, "t: n=drop",
       "alter table t add n int not null default nextval(q)", ""},
      {"a timestamp without a key",
       maria(),
       {"create table t (a int)"},
       "t: n=alter",
       "alter table t add n timestamp not null",
       "error rule"},
      {"a timestamp", maria(), key, "t: n=alter", "alter table t add n timestamp not null",
       kAlter + "ADD COLUMN `n` timestamp NOT NULL"},
  });
}

TEST_CASE("rewrite: ALTER TABLE changes what replaces values only where rows are found again", "[sql]") {
  const std::vector<std::string> key = {
      "create table t (a int primary key, n int not null, v varchar(9) not null, e enum('a','b') not null)"};
  const std::vector<std::string> no_key = {
      "create table t (a int, n int not null, v varchar(9) not null, e enum('a','b') not null)"};
  const SqlContext strict = mysql(90704, kStrict);
  check_all({
      {"NULL instead of zero", mysql(), no_key, "t: n=alter", "alter table t modify n int null", "error rule"},
      {"with a key", mysql(), key, "t: n=alter", "alter table t modify n int null",
       kAlter + "MODIFY COLUMN `n` int NULL"},
      {"a constant stays", mysql(), no_key, "t: n=fill", "alter table t modify n int null",
       kAlter + "MODIFY COLUMN `n` int NULL"},
      {"zero as text", mysql(), no_key, "t: n=alter", "alter table t modify n varchar(9) not null", "error rule"},
      {"zero of another number", mysql(), no_key, "t: n=alter", "alter table t modify n bigint not null",
       kAlter + "MODIFY COLUMN `n` bigint NOT NULL"},
      {"zero bytes", mysql(), no_key, "t: v=alter", "alter table t modify v binary(9) not null", "error rule"},
      {"a longer text", mysql(), no_key, "t: v=alter", "alter table t modify v text not null",
       kAlter + "MODIFY COLUMN `v` text NOT NULL"},
      {"another first member", strict, key, "t: e=alter", "alter table t modify e enum('b','a') not null",
       "error rule"},
      {"the same first member", strict, no_key, "t: e=alter", "alter table t modify e enum('a','c','b') not null",
       kAlter + "MODIFY COLUMN `e` enum('a','c','b') NOT NULL"},
      {"a number as a member", strict, key, "t: n=alter", "alter table t modify n enum('0','1') not null",
       "error rule"},
  });
}

TEST_CASE("rewrite: ALTER TABLE numbers rows only where they are in the source's order", "[sql]") {
  const std::string numbers = "alter table t add n int not null auto_increment unique";
  const std::string numbered = kAlter + "ADD COLUMN `n` int NOT NULL AUTO_INCREMENT, ADD UNIQUE KEY `n` (`n`)";
  const std::vector<std::string> key = {"create table t (a int primary key, s int)"};
  const std::vector<std::string> unique = {"create table t (a int, s int not null, unique (s))"};
  const std::vector<std::string> unique_or_null = {"create table t (a int, s int, unique (s))"};
  const std::vector<std::string> parts = {
      "create table t (a int, s int, primary key (a, s)) partition by hash (s) partitions 4"};
  const std::vector<std::string> zero = {"create table t (a int primary key, n int not null, s int)"};
  check_all({
      {"as they came", mysql(), {"create table t (a int)"}, "t", numbers, numbered},
      {"primary key", mysql(), key, "t: s=drop", numbers, numbered},
      {"primary key of pseudonyms", mysql(), key, "t: a=map1", numbers, "error rule"},
      {"unique key", mysql(), unique, "t", numbers, numbered},
      {"unique key that does not leave", mysql(), unique, "t: s=drop", numbers, "error rule"},
      {"unique key with NULL", mysql(), unique_or_null, "t: s=drop", numbers, numbered},
      {"partitions", mysql(), parts, "t", numbers, numbered},
      {"pseudonyms in numbers", mysql(), key, "t: n=map1", numbers, "error rule"},
      {"a column that does not leave", mysql(), unique, "t: s=drop n=drop", numbers, ""},
      {"an index that does not leave", mysql(), key, "t: s=drop",
       "alter table t add n int not null auto_increment, add unique (n, s)", "error rule"},
      {"rows that have zero", mysql(), zero, "t: s=drop",
       "alter table t modify n int not null auto_increment, add key (n)",
       kAlter + "MODIFY COLUMN `n` int NOT NULL AUTO_INCREMENT, ADD KEY `n` (`n`)"},
      {"rows that have zero, and no index", mysql(), zero, "t: s=drop",
       "alter table t modify n int not null auto_increment, add unique (n, s)", "error rule"},
      {"the first of several", maria(), unique, "t: s=drop", "alter ignore table t add unique (a)", "error rule"},
      {"the first of several, in order", maria(), key, "t: s=drop", "alter ignore table t add unique u (a)",
       "ALTER IGNORE TABLE `d`.`t` ADD UNIQUE KEY `u` (`a`)"},
  });
}

TEST_CASE("rewrite: tables whose rows change places must leave alike", "[sql]") {
  const std::vector<std::string> tables = {"create table t (a int primary key, s int) partition by hash (a)",
                                           "create table u (a int primary key, s int)"};
  for (const std::string& rules : {std::string("t: s=map1; u: s=map2"), std::string("t: s=fill1; u: s=fill2"),
                                   std::string("t: s=fill; u: s=alter")}) {
    check_all({
        {"renamed", mysql(), {tables[1]}, rules, "rename table u to t", "error rule"},
        {"exchanged", mysql(), tables, rules, "alter table t exchange partition p0 with table u", "error rule"},
    });
  }
  const std::string same = "t: s=map1; u: s=map1";
  check_all({
      {"renamed", mysql(), {tables[1]}, same, "rename table u to t", "RENAME TABLE `d`.`u` TO `d`.`t`"},
      {"exchanged", mysql(), tables, same, "alter table t exchange partition p0 with table u",
       kAlter + "EXCHANGE PARTITION `p0` WITH TABLE `d`.`u`"},
  });
}

TEST_CASE("rewrite: a table needs a visible column", "[sql]") {
  const std::vector<std::string> table = {"create table t (a int, s int, i int invisible)"};
  check_all({
      {"made", mysql(), {}, "t: s=drop", "create table t (s int, i int primary key invisible)", "error rule"},
      {"hidden", mysql(), table, "t: s=drop", "alter table t modify a int invisible", "error rule"},
      {"dropped", mysql(), table, "t: s=drop", "alter table t drop a", "error rule"},
      {"left", mysql(), table, "t: s=drop", "alter table t modify i int visible, drop a",
       kAlter + "MODIFY COLUMN `i` int VISIBLE, DROP COLUMN `a`"},
  });
}

}  // namespace relay::sql::test
