#include "relay/sql/data_statement.h"

#include <catch2/catch.hpp>

namespace relay::sql::test {
namespace {

// "d.t", or "uncertain".
std::string table_of(std::string_view text, Dialect dialect = Dialect::mysql, std::uint64_t sql_mode = 0) {
  SqlContext context;
  context.dialect = dialect;
  context.server_version = dialect == Dialect::mysql ? 90704 : 101119;
  context.sql_mode = sql_mode;
  context.default_database = "d";
  const auto table = table_of_data_statement(text, context);
  return table ? table->database + "." + table->table : "uncertain";
}

TEST_CASE("data_statement: names the one table of a statement that is certain to touch no other", "[sql]") {
  for (const char* text : {
           "INSERT INTO t VALUES (1, 'a'), (2, 'select')",
           "insert low_priority ignore t (a, `b`) values (DEFAULT, 1 + 2 * (3 - 4))",
           "INSERT INTO t PARTITION (p0) SET a = 1, b = CURRENT_TIMESTAMP",
           "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
           "REPLACE INTO `d`.`t` VALUES (NULL, @v, 0x41, _utf8'x')",
           "UPDATE t SET a = 1 WHERE b IN (1, 2) AND (c = 3 OR NOT (d = 4)) LIMIT 1",
           "UPDATE t AS x SET x.a = 1",
           "UPDATE LOW_PRIORITY IGNORE t SET a = a + 1 ORDER BY b",
           "DELETE FROM t",
           "DELETE QUICK FROM t WHERE a BETWEEN 1 AND 2",
           "DELETE FROM t x WHERE x.a = 'from other'",
           "LOAD DATA INFILE 'f' INTO TABLE t FIELDS TERMINATED BY ',' LINES TERMINATED BY '\\n' (a, @b) SET c = @b + "
           "1",
           "LOAD DATA LOCAL INFILE 'f' REPLACE INTO TABLE `t` CHARACTER SET utf8 IGNORE 1 LINES (`a`, `b`)",
           "LOAD DATA INFILE 'f' IGNORE INTO TABLE t (a)",
           "DELETE FROM t;",
       }) {
    INFO(text);
    CHECK(table_of(text) == "d.t");
  }
  CHECK(table_of("INSERT INTO other.t VALUES (1)") == "other.t");
  CHECK(table_of("DELETE FROM \"T x\" WHERE a = \"b\"", Dialect::mysql, 0x4) == "d.T x");
}

TEST_CASE("data_statement: what may touch another table is not certain", "[sql]") {
  for (const char* text : {
           "INSERT INTO t SELECT * FROM u",
           "INSERT INTO t TABLE u",
           "INSERT INTO t (a) (SELECT 1)",
           "INSERT INTO t VALUES ((SELECT a FROM u))",
           "INSERT INTO t VALUES (f(1))",
           "INSERT INTO t VALUES (`f`(1))",
           "INSERT INTO t VALUES (other.f(1))",
           "INSERT INTO t VALUES (other.values(1))",
           "INSERT INTO t VALUES (COUNT (1))",
           "REPLACE t WITH x AS (SELECT 1) SELECT * FROM x",
           "WITH x AS (SELECT 1) DELETE FROM t",
           "UPDATE t, u SET t.a = u.a",
           "UPDATE t JOIN u USING (a) SET t.a = 1",
           "UPDATE t SET a = (SELECT 1)",
           "UPDATE t SET a = 1 WHERE EXISTS (SELECT 1)",
           "DELETE t FROM t JOIN u",
           "DELETE FROM t USING t JOIN u",
           "DELETE FROM t, u USING t, u",
           "DELETE FROM t.* USING t",
           "DELETE FROM t WHERE a = uuid()",
           "LOAD DATA INFILE 'f' INTO TABLE t SET a = f(@b)",
           "LOAD DATA INFILE 'f' INTO TABLE t SET a = (SELECT 1)",
           "LOAD INDEX INTO CACHE t",
           "CALL p()",
           "DO f()",
           "DELETE FROM t; DELETE FROM u",
           "INSERT INTO",
           "INSERT",
           "DELETE FROM t WHERE a = 'open",
       }) {
    INFO(text);
    CHECK(table_of(text) == "uncertain");
    CHECK(table_of(text, Dialect::mariadb) == "uncertain");
  }
  CHECK(table_of("UPDATE t FOR PORTION OF p FROM 1 TO 2 SET a = 1", Dialect::mariadb) == "uncertain");
}

}  // namespace
}  // namespace relay::sql::test
