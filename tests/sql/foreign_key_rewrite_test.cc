// Foreign keys that the replica has, when one of the two tables changes.
#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

const std::vector<std::string> kTables = {
    "create table p (id int primary key, code int, unique (code))",
    "create table t (a int primary key, b int, s int, constraint f foreign key (b) references p (id), "
    "constraint g foreign key (s) references p (code))"};

}  // namespace

TEST_CASE("rewrite: a table to which the replica has a foreign key goes on leaving", "[sql]") {
  check_all({
      {"renamed away", mysql(), kTables, "p; t", "rename table p to held", "error rule"},
      {"renamed away by ALTER", mysql(), kTables, "p; t", "alter table p rename to held", "error rule"},
      {"renamed together with its child", mysql(), kTables, "p; t; u", "rename table t to u, p to held", "error rule"},
      {"its child goes too", mysql(), kTables, "p; t", "rename table t to gone, p to held",
       "DROP TABLE IF EXISTS `d`.`t`, `d`.`p`"},
      {"renamed", mysql(), kTables, "p; q; t", "rename table p to q", "RENAME TABLE `d`.`p` TO `d`.`q`"},
      {"the key is not at the replica", mysql(), kTables, "p; t: b=drop s=drop", "rename table p to held",
       "DROP TABLE IF EXISTS `d`.`p`"},
      {"its column is called as one that does not leave", mysql(), kTables, "p: x=drop; t",
       "alter table p change code x int", "error rule"},
      {"its column has another name", mysql(), kTables, "p; t", "alter table p change code x int",
       "ALTER TABLE `d`.`p` CHANGE COLUMN `code` `x` int"},
      {"its index",
       mysql(),
       {"create table p (id int primary key, code int, y int, key k (code), key z (code, y))",
        "create table t (a int primary key, s int, constraint g foreign key (s) references p (code))"},
       "p; t",
       "alter table p drop index k",
       "ALTER TABLE `d`.`p` DROP INDEX `k`"},
      {"its index but for one with a column that does not leave",
       mysql(),
       {"create table p (id int primary key, code int, y int, key k (code), unique z (code, y))",
        "create table t (a int primary key, s int, constraint g foreign key (s) references p (code))"},
       "p: y=drop; t",
       "alter table p drop index k",
       "error rule"},
  });
}

TEST_CASE("rewrite: foreign keys follow the names of what they point to", "[sql]") {
  std::vector<std::string> renamed = kTables;
  renamed.push_back("alter table p change code x int");
  std::vector<std::string> elsewhere = {kTables[0],
                                        "create table d2.t (a int primary key, b int, constraint f foreign key (b) "
                                        "references d.p (id))",
                                        "rename table p to q"};
  check_all({
      {"a column", mysql(), renamed, "p; t", "alter table t drop foreign key g", kAlter + "DROP FOREIGN KEY `g`"},
      {"a table, from another database", mysql(), elsewhere, "p; q; d2.t", "alter table d2.t drop foreign key f",
       "ALTER TABLE `d2`.`t` DROP FOREIGN KEY `f`"},
  });
}

TEST_CASE("rewrite: a foreign key is made before what it points to", "[sql]") {
  const std::string child =
      "create table t (a int primary key, s int, constraint f foreign key (s) references p (id) on delete cascade)";
  const std::string made =
      "CREATE TABLE `d`.`t` ( `a` int NOT NULL, `s` int, PRIMARY KEY (`a`), KEY `f` (`s`), CONSTRAINT `f` FOREIGN KEY "
      "(`s`) REFERENCES `d`.`p` (`id`) ON DELETE cascade ) DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci";
  const std::vector<std::string> both = {child, "create table p (id int primary key, z int)"};
  std::vector<std::string> orphan = both;
  orphan.push_back("drop table p");
  check_all({
      {"to a table that will leave", maria(), {}, "p; t", child, made},
      {"to one that will not", maria(), {}, "t", child, "error rule"},
      {"to a column that will not", maria(), {}, "p: id=drop; t", child, "error rule"},
      {"the table comes",
       maria(),
       {child},
       "p; t",
       "create table p (id int primary key)",
       "CREATE TABLE `d`.`p` ( `id` int NOT NULL, PRIMARY KEY (`id`) ) DEFAULT CHARACTER SET latin1 COLLATE "
       "latin1_swedish_ci"},
      {"the table comes by a new name",
       maria(),
       {child, "create table q (id int primary key)"},
       "p; q; t",
       "rename table q to p",
       "RENAME TABLE `d`.`q` TO `d`.`p`"},
      {"it has the index with a column that does not leave",
       maria(),
       {child},
       "p: z=drop; t",
       "create table p (id int, z int, unique (id, z))",
       "error rule"},
      {"it has no index at the source either",
       mysql(50651),
       {child},
       "p: z=drop; t",
       "create table p (id int, z int)",
       "CREATE TABLE `d`.`p` ( `id` int ) DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci"},
      {"it goes again", maria(), both, "p; t", "drop table p", "DROP TABLE `d`.`p`"},
      {"the key goes", maria(), both, "p; t", "alter table t drop foreign key f", kAlter + "DROP FOREIGN KEY `f`"},
      {"the key goes, and its table has gone", maria(), orphan, "p; t", "alter table t drop foreign key f",
       kAlter + "DROP FOREIGN KEY `f`"},
  });
}

TEST_CASE("rewrite: a foreign key that the replica lacks stays away", "[sql]") {
  check_all({
      {"though an index that leaves comes",
       mysql(),
       {"create table p (id int, z int, unique u (id, z))",
        "create table t (a int primary key, s int, constraint f foreign key (s) references p (id))"},
       "p: z=drop; t",
       "alter table p add index (id)",
       "error rule"},
  });
}

TEST_CASE("rewrite: ALTER TABLE leaves a foreign key its index at the replica", "[sql]") {
  const std::vector<std::string> unused = {kTables[0],
                                           "create table t (a int primary key, b int, s int, unique u (b, s))"};
  const std::vector<std::string> alone = {kTables[0],
                                          "create table t (a int primary key, b int, s int, unique u (b, s), "
                                          "constraint f foreign key (b) references p (id))"};
  const std::vector<std::string> computed = {kTables[0],
                                             "create table t (a int primary key, b int, s int, key k (b), "
                                             "key u (b, (s + 1)), constraint f foreign key (b) references p (id))"};
  const std::vector<std::string> tables = {
      kTables[0],
      "create table t (a int primary key, b int, s int, key k (b), unique u (b, s), "
      "constraint f foreign key (b) references p (id))"};
  check_all({
      {"the other one has a column that does not leave", mysql(), tables, "p; t: s=drop", "alter table t drop index k",
       kAlter + "DROP INDEX `k`, ADD KEY `u` (`b`)"},
      {"the other one has an expression that does not leave", mysql(), computed, "p; t: s=drop",
       "alter table t drop index k", "error rule"},
      {"the other one is what the replica has", mysql(), alone, "p; t: s=drop", "alter table t add key n (b)",
       kAlter + "ADD KEY `n` (`b`), DROP INDEX `u`"},
      {"the other one goes with its key", mysql(), alone, "p; t: s=drop",
       "alter table t drop foreign key f, drop index u", kAlter + "DROP FOREIGN KEY `f`, DROP INDEX `u`"},
      {"the key goes, and nothing needs the other one", mysql(), alone, "p; t: s=drop",
       "alter table t drop foreign key f", kAlter + "DROP FOREIGN KEY `f`, DROP INDEX `u`"},
      {"the other one has another name", mysql(), alone, "p; t: s=drop", "alter table t rename index u to v",
       kAlter + "RENAME INDEX `u` TO `v`"},
      {"the column that does not leave goes", mysql(), alone, "p; t: s=drop", "alter table t drop column s",
       kAlter + "DROP INDEX `u`, ADD UNIQUE KEY `u` (`b`)"},
      {"a key comes that the other one serves", mysql(), unused, "p; t: s=drop",
       "alter table t add constraint f foreign key (b) references p (id)",
       kAlter + "ADD CONSTRAINT `f` FOREIGN KEY (`b`) REFERENCES `d`.`p` (`id`), ADD KEY `u` (`b`)"},
      {"the other one leaves", mysql(), tables, "p; t", "alter table t drop index k", kAlter + "DROP INDEX `k`"},
      {"the key goes, too", mysql(), tables, "p; t: s=drop", "alter table t drop index k, drop foreign key f",
       kAlter + "DROP INDEX `k`, DROP FOREIGN KEY `f`"},
      {"the replica never had the key", mysql(), tables, "t: s=drop", "alter table t drop index k",
       kAlter + "DROP INDEX `k`"},
  });
}

TEST_CASE("rewrite: a foreign key to a name without a database", "[sql]") {
  SqlContext elsewhere = mysql();
  elsewhere.default_database = "other";
  const std::vector<std::string> parent = {"create table d.p (id int primary key)", "create table d.t (b int)"};
  const std::string made = "CONSTRAINT `f` FOREIGN KEY (`b`) REFERENCES `d`.`p` (`id`)";
  check_all({
      {"means that of its table", elsewhere, parent, "p; n",
       "create table d.n (b int, constraint f foreign key (b) references p (id))",
       "CREATE TABLE `d`.`n` ( `b` int, KEY `f` (`b`), " + made +
           " ) DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci"},
      {"means that of the altered table", elsewhere, parent, "p; t",
       "alter table d.t add constraint f foreign key (b) references p (id)", kAlter + "ADD KEY `f` (`b`), ADD " + made},
  });
}

TEST_CASE("rewrite: ALTER TABLE keeps what cascades need", "[sql]") {
  const std::vector<std::string> tables = {"create table p (id int primary key)",
                                           "create table t (a int primary key, b int, constraint f foreign key (b) "
                                           "references p (id) on delete cascade)"};
  check_all({
      {"the column is called as one that does not leave", maria(), tables, "p; t: s=drop",
       "alter table t change b s int", "error rule"},
      {"the replica never had the key", maria(), tables, "p; t: b=drop", "alter table t add n int",
       kAlter + "ADD COLUMN `n` int"},
  });
}

}  // namespace relay::sql::test
