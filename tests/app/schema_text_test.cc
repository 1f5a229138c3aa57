#include "relay/app/schema_text.h"

#include <catch2/catch.hpp>

namespace relay::app {
namespace {

sql::SqlContext context(sql::Dialect dialect = sql::Dialect::mysql, std::uint32_t version = 90704) {
  sql::SqlContext made;
  made.dialect = dialect;
  made.server_version = version;
  return made;
}

base::Result<KnownSchema> read(std::string_view text) { return read_schema_text(text, "schema.sql", context()); }

const sql::TableDefinition& table(const base::Result<KnownSchema>& schema, std::string_view name) {
  for (const sql::TableDefinition& each : schema->tables) {
    if (each.table == name) return each;
  }
  FAIL("no table " << name);
  throw 0;
}

TEST_CASE("schema_text: a schema may have more tokens than a statement", "[app]") {
  std::string text = "USE shop;\n";
  constexpr int kTables = 40'000;
  for (int i = 0; i < kTables; ++i) {
    text +=
        "CREATE TABLE t" + std::to_string(i) + " (a INT NOT NULL, b INT DEFAULT 1, c INT, d INT, PRIMARY KEY (a));\n";
  }
  const auto schema = read(text);
  REQUIRE(schema);
  CHECK(schema->tables.size() == kTables);
}

TEST_CASE("schema_text: a dump of mysqldump is read, with what is in versioned comments", "[app]") {
  const auto schema = read(R"(-- MySQL dump 10.13
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE `shop`;
DROP TABLE IF EXISTS `customers`;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `customers` (
  `id` int NOT NULL AUTO_INCREMENT,
  `name` varchar(20) DEFAULT 'a;b',
  `loud` varchar(20) GENERATED ALWAYS AS (upper(`name`)) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='it''s; fine';
/*!50001 DROP VIEW IF EXISTS `names`*/;
/*!50001 CREATE VIEW `names` AS SELECT 1 AS `name`*/;
/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON `customers` FOR EACH ROW BEGIN
  SET NEW.name = 'x';
END */;;
DELIMITER ;
CREATE TABLE plain (a INT, b TEXT);
)");
  INFO((schema ? "" : schema.error().message()));
  REQUIRE(schema);
  CHECK(schema->tables.size() == 2);
  CHECK(table(schema, "customers").database == "shop");
  REQUIRE(table(schema, "customers").columns.size() == 3);
  CHECK(table(schema, "customers").columns[2].generated);
  CHECK(table(schema, "customers").columns[2].depends_on == std::vector<std::string>{"name"});
  CHECK(table(schema, "plain").columns[1].character_set == "latin1");
  CHECK(schema->database_character_sets.at("shop").first == "latin1");
}

TEST_CASE("schema_text: what changes a table that was made changes its definition", "[app]") {
  const auto schema = read(
      "CREATE TABLE a.t (x INT); ALTER TABLE a.t ADD y INT; CREATE UNIQUE INDEX k ON a.t (y);"
      "CREATE TABLE a.u LIKE a.t; RENAME TABLE a.u TO b.v; CREATE TABLE a.w (x INT); DROP TABLE a.w");
  INFO((schema ? "" : schema.error().message()));
  REQUIRE(schema);
  CHECK(schema->tables.size() == 2);
  CHECK(table(schema, "t").columns.size() == 2);
  CHECK(table(schema, "t").indexes.size() == 1);
  CHECK(table(schema, "v").database == "b");
  CHECK(table(schema, "v").columns.size() == 2);
}

TEST_CASE("schema_text: what cannot be read, or is no schema, names the line and no text", "[app]") {
  struct Case {
    const char* text;
    const char* where;
  };
  const Case cases[] = {{"CREATE TABLE a.t (x INT);\n\nCREATE TABLE a.u (x SECRETTYPE);", "schema.sql:3"},
                        {"CREATE TABLE t (x INT)", "schema.sql:1"},
                        {"USE a;\nCREATE TABLE t (x INT);\nINSERT INTO t VALUES ('SECRET');", "schema.sql:3"},
                        {"USE a;\nALTER TABLE t DROP x, SECRET y", "schema.sql:2"},
                        {"DELIMITER $$\nCREATE TABLE a.t (x INT)$$", "schema.sql:1"},
                        {"CREATE TABLE a.t (x INT DEFAULT 'SECRET)", "schema.sql:1"}};
  for (const Case& each : cases) {
    INFO(each.text);
    const auto schema = read(each.text);
    REQUIRE_FALSE(schema);
    CHECK(schema.error().subject() == each.where);
    CHECK(schema.error().message().find("SECRET") == std::string::npos);
    CHECK_FALSE(schema.error().remedy().empty());
  }
}

TEST_CASE("schema_text: an empty schema has no tables", "[app]") {
  for (const char* text : {"", ";;;", "-- nothing\n", "SET NAMES utf8mb4;"}) {
    const auto schema = read(text);
    REQUIRE(schema);
    CHECK(schema->tables.empty());
  }
}

}  // namespace
}  // namespace relay::app
