#include "relay/sql/split_create.h"

#include <catch2/catch.hpp>

#include "sql_tester.h"

namespace relay::sql::test {
namespace {

struct Split {
  std::string create;
  std::vector<std::string> indexes;
  std::string foreign_keys;
  friend bool operator==(const Split&, const Split&) = default;
};

Split split(const std::string& create, const SqlContext& context) {
  MapCatalog databases;
  const SplitCreate made = split_create(create, context, databases);
  Split squeezed_parts{squeezed(made.create), {}, squeezed(made.foreign_keys)};
  for (const std::string& alter : made.indexes) squeezed_parts.indexes.push_back(squeezed(alter));
  return squeezed_parts;
}

void stays_whole(const std::string& create, const SqlContext& context) {
  INFO(create);
  CHECK(split(create, context) == Split{squeezed(create), {}, ""});
}

}  // namespace

TEST_CASE("split_create: indexes and foreign keys come behind, everything else stays", "[sql]") {
  CHECK(split("CREATE TABLE `d`.`t` (\n  `id` int NOT NULL,\n  `a` int,\n  `b` varchar(9),\n  PRIMARY KEY (`id`),\n"
              "  UNIQUE KEY `u` (`a`),\n  KEY `k` (`b`(3),`a` DESC) USING BTREE KEY_BLOCK_SIZE=4,\n"
              "  KEY `f` ((`a` + 1)),\n  KEY `i` (`id`) INVISIBLE,\n"
              "  CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `d`.`p` (`x`) ON DELETE CASCADE,\n"
              "  CONSTRAINT `c` CHECK (`a` in (1,2) or `b` = ') KEY (')\n) ENGINE=InnoDB DEFAULT CHARACTER SET latin1",
              mysql()) ==
        Split{"CREATE TABLE `d`.`t` ( `id` int NOT NULL, `a` int, `b` varchar(9), PRIMARY KEY (`id`), CONSTRAINT `c` "
              "CHECK (`a` in (1,2) or `b` = ') KEY (') ) ENGINE=InnoDB DEFAULT CHARACTER SET latin1",
              {"ALTER TABLE `d`.`t` ADD UNIQUE KEY `u` (`a`), ADD KEY `k` (`b`(3),`a` DESC) USING BTREE "
               "KEY_BLOCK_SIZE=4, ADD KEY `f` ((`a` + 1)), ADD KEY `i` (`id`) INVISIBLE"},
              "ALTER TABLE `d`.`t` ADD CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `d`.`p` (`x`) ON DELETE "
              "CASCADE"});
}

TEST_CASE("split_create: strings, names and comments that look like indexes are none", "[sql]") {
  const std::string columns =
      "CREATE TABLE `d`.`t` ( `id` int NOT NULL, `KEY ``x`` (` int, `g` varchar(40) GENERATED ALWAYS AS "
      "(concat('a, KEY `k` (`id`)',\"),\",')')) virtual, `key` varchar(9) DEFAULT ', KEY ''z'' (`id`)', "
      "/* , KEY `no` (`id`) */ PRIMARY KEY (`id`)";
  CHECK(split(columns + ", KEY `k,` (`KEY ``x`` (`) )", mysql()) ==
        Split{columns + " )", {"ALTER TABLE `d`.`t` ADD KEY `k,` (`KEY ``x`` (`)"}, ""});
}

TEST_CASE("split_create: FULLTEXT indexes are added one by one, SPATIAL ones with the others", "[sql]") {
  const std::string columns =
      "CREATE TABLE `d`.`t` ( `id` int NOT NULL, `a` text, `b` text, `g` geometry NOT NULL, PRIMARY KEY (`id`)";
  for (const SqlContext& context : {mysql(), maria()}) {
    CHECK(split(columns + ", FULLTEXT KEY `a` (`a`), KEY `p` (`b`(9)), SPATIAL KEY `g` (`g`), FULLTEXT KEY `b` (`b`) )",
                context) ==
          Split{columns + " )",
                {"ALTER TABLE `d`.`t` ADD KEY `p` (`b`(9)), ADD SPATIAL KEY `g` (`g`)",
                 "ALTER TABLE `d`.`t` ADD FULLTEXT KEY `a` (`a`)", "ALTER TABLE `d`.`t` ADD FULLTEXT KEY `b` (`b`)"},
                ""});
  }
}

TEST_CASE("split_create: the index of a counter stays, and unique ones of a table without a primary key", "[sql]") {
  CHECK(split("CREATE TABLE `d`.`t` ( `a` int NOT NULL, `n` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`a`), KEY `x` "
              "(`a`,`n`), KEY `n` (`n`), KEY `m` (`n`,`a`) )",
              mysql()) == Split{"CREATE TABLE `d`.`t` ( `a` int NOT NULL, `n` int NOT NULL AUTO_INCREMENT, PRIMARY KEY "
                                "(`a`), KEY `n` (`n`) )",
                                {"ALTER TABLE `d`.`t` ADD KEY `x` (`a`,`n`), ADD KEY `m` (`n`,`a`)"},
                                ""});
  CHECK(split("CREATE TABLE `d`.`t` ( `a` int NOT NULL, `b` int, UNIQUE KEY `u` (`a`), KEY `b` (`b`) ) PARTITION BY "
              "KEY () PARTITIONS 4",
              mysql()) == Split{"CREATE TABLE `d`.`t` ( `a` int NOT NULL, `b` int, UNIQUE KEY `u` (`a`) ) PARTITION BY "
                                "KEY () PARTITIONS 4",
                                {"ALTER TABLE `d`.`t` ADD KEY `b` (`b`)"},
                                ""});
}

TEST_CASE("split_create: what stands behind the parentheses is not looked into", "[sql]") {
  const std::string tail =
      ") ENGINE=InnoDB COMMENT='x, KEY (' PARTITION BY LIST (`id`)(PARTITION `p` VALUES IN (1,2), PARTITION `q` VALUES "
      "IN (3))";
  CHECK(split("CREATE TABLE `d`.`t` ( `id` int NOT NULL, `a` int, PRIMARY KEY (`id`), KEY `a` (`a`) " + tail,
              mysql()) == Split{"CREATE TABLE `d`.`t` ( `id` int NOT NULL, `a` int, PRIMARY KEY (`id`) " + tail,
                                {"ALTER TABLE `d`.`t` ADD KEY `a` (`a`)"},
                                ""});
}

TEST_CASE("split_create: periods and system versioning of MariaDB stay", "[sql]") {
  const std::string head =
      "CREATE TABLE `d`.`t` ( `id` int NOT NULL, `s` date NOT NULL, `e` date NOT NULL, PRIMARY KEY (`id`)";
  CHECK(split(head + ", KEY `s` (`s`), PERIOD FOR `p` (`s`, `e`) ) WITH SYSTEM VERSIONING", maria()) ==
        Split{head + ", PERIOD FOR `p` (`s`, `e`) ) WITH SYSTEM VERSIONING",
              {"ALTER TABLE `d`.`t` ADD KEY `s` (`s`)"},
              ""});
}

TEST_CASE("split_create: what would not come out the same stays whole", "[sql]") {
  for (
      const char* text : {
          "CREATE TABLE `d`.`t` (`id` int, PRIMARY KEY (`id`))",                      // nothing to split
          "CREATE TABLE `d`.`t` (`id` int, `a` int, PRIMARY KEY (`id`), KEY (`a`))",  // no name
          "CREATE TABLE `d`.`t` (`id` int, KEY `k` (`id`) /*!80000 INVISIBLE, CONSTRAINT `c` CHECK (`id` > 0) */)",  // cut in two
          "CREATE TABLE `d`.`t` (`id` int, KEY `k` (`id`) -- )\n, KEY `l` (`id`))",
          "CREATE TABLE `d`.`t` (`id` int, KEY `k` (`id`)",
          "CREATE TABLE `d`.`t` LIKE `d`.`u`",
          "DROP TABLE `d`.`t`",
          "CREATE",
          "",
      }) {
    stays_whole(text, mysql());
  }
  // Behind its hidden column for the hash, an ALTER TABLE would count anew which indexes need one.
  stays_whole(
      "CREATE TABLE `d`.`t` (`id` int NOT NULL, `a` varchar(5), `b` int, PRIMARY KEY (`id`), UNIQUE KEY `a` (`a`) "
      "USING HASH)",
      maria());
}

}  // namespace relay::sql::test
