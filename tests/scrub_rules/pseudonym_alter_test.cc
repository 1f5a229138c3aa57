#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/scrub_rules/kept_stream.h"

// What ALTER TABLE may do to a column whose values are made of the source's: the replica's rows have what was made of
// the old ones, and are looked up by what is made of the new ones.
namespace relay::scrub_rules::testing {
namespace {

// Of a table with the column c: what stopped the stream at `alter`, or nothing.
std::string stopped(const std::string& column, const std::string& action, const std::string& alter) {
  ::setenv("RELAY_TEST_KEY", "a key that has thirty-two bytes or more", 1);
  StreamTester stream(
      "[keys]\nperson = { env = \"RELAY_TEST_KEY\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nid = \"keep\"\nc = "
      "{ " +
          action + " }\n",
      binlog::Flavor::mysql);
  stream.start_like("my97-nopk.binlog");
  auto error =
      stream.feed(make_query("CREATE TABLE t (id INT PRIMARY KEY, c " + column + ") DEFAULT CHARACTER SET utf8mb4"));
  stream.history().note_rows({"d", "t"});
  if (!error) error = stream.feed(make_query("ALTER TABLE t " + alter));
  return error ? error->message() : std::string();
}

struct Case {
  const char* column;
  const char* action;
  const char* alter;
};

constexpr const char* kValues = "ALTER TABLE may change values";             // of the source, by the types alone
constexpr const char* kMapping = "ALTER TABLE changes how a column leaves";  // what is made of them

constexpr const char* kHash = R"(action = "hash", key = "person")";
constexpr const char* kFold = R"(action = "hash", key = "person", fold = true)";
constexpr const char* kEmail = R"(action = "email", key = "person")";
constexpr const char* kIp = R"(action = "ip")";
constexpr const char* kMask = R"(action = "mask", keep_last = 2)";
constexpr const char* kRound = R"(action = "round", to = 1000)";
constexpr const char* kDay = R"(action = "date", to = "day")";

TEST_CASE("pseudonyms: ALTER TABLE that may change the values that they are made of halts", "[scrub_rules]") {
  for (const Case& each : {
           // The spaces, or zeros, at a value's end come or go.
           Case{"VARCHAR(30)", kHash, "MODIFY c CHAR(30)"},
           Case{"CHAR(30)", kHash, "MODIFY c VARCHAR(30)"},
           Case{"BINARY(16)", kHash, "MODIFY c VARBINARY(16)"},
           Case{"BINARY(16)", kIp, "MODIFY c VARBINARY(16)"},
           Case{"VARCHAR(30)", kMask, "MODIFY c CHAR(30)"},
           Case{"CHAR(20)", R"(action = "truncate", length = 3)", "MODIFY c VARCHAR(20)"},
           // It is cut, or rounded by the server.
           Case{"VARCHAR(60)", kHash, "MODIFY c VARCHAR(30)"},
           Case{"TEXT", kMask, "MODIFY c TINYTEXT"},
           Case{"TEXT", kMask, "MODIFY c VARCHAR(4000)"},
           Case{"VARCHAR(100)", kMask, "MODIFY c TINYTEXT"},
           Case{"TEXT CHARACTER SET latin1", kMask, "MODIFY c TEXT CHARACTER SET utf8mb4"},
           Case{"DATETIME(3)", kDay, "MODIFY c DATETIME"},
           Case{"DATETIME", kDay, "MODIFY c DATE"},
           Case{"VARCHAR(60)", R"(action = "json", keep = ["$.a"])", "MODIFY c VARCHAR(20)"},
           // Another character set: not all characters, or not those that the server has.
           Case{"VARCHAR(40)", kHash, "CONVERT TO CHARACTER SET latin1"},
           Case{"VARCHAR(40) CHARACTER SET swe7", kHash, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"VARCHAR(40) CHARACTER SET sjis", kMask, "CONVERT TO CHARACTER SET utf8mb4"},
       }) {
    INFO(each.column << ", " << each.action << ": " << each.alter);
    CHECK_THAT(stopped(each.column, each.action, each.alter), Catch::Contains(kValues) && Catch::Contains("d.t.c"));
  }
}

TEST_CASE("pseudonyms: ALTER TABLE after which something else is made of the same values halts", "[scrub_rules]") {
  for (const Case& each : {
           // A domain or address that was too long for the column is written now.
           Case{"VARCHAR(40)", kEmail, "MODIFY c VARCHAR(100)"},
           Case{"TINYTEXT", kEmail, "MODIFY c TEXT"},
           Case{"VARCHAR(15)", kIp, "MODIFY c VARCHAR(45)"},
           // Numbers have pseudonyms of their own from ten characters on.
           Case{"VARCHAR(9)", R"(action = "hash", key = "person", length = 8)", "MODIFY c VARCHAR(12)"},
           // Capitals make a difference now, or other letters do.
           Case{"VARCHAR(40) CHARACTER SET latin1", kFold, "MODIFY c VARCHAR(40) COLLATE utf8mb4_general_ci"},
           Case{"VARCHAR(40)", kFold, "MODIFY c VARCHAR(40) COLLATE utf8mb4_bin"},
           Case{"VARCHAR(40)", kFold, "MODIFY c VARCHAR(40) COLLATE utf8mb4_danish_ci"},
           // The sign that masks is another one, byte for byte, and not in every set.
           Case{"VARCHAR(40)", R"(action = "mask", with = "ø")", "CONVERT TO CHARACTER SET utf16"},
       }) {
    INFO(each.column << ", " << each.action << ": " << each.alter);
    CHECK_THAT(stopped(each.column, each.action, each.alter), Catch::Contains(kMapping) && Catch::Contains("d.t.c"));
  }
  INFO("numbers: both");
  for (const Case& each : {
           Case{"DECIMAL(10,2)", kRound, "MODIFY c DECIMAL(10,0)"},
           Case{"INT", kRound, "MODIFY c SMALLINT"},
           Case{"INT", kRound, "MODIFY c BIGINT"},
           Case{"INT", kRound, "MODIFY c INT UNSIGNED"},
           Case{"INT", kHash, "MODIFY c BIGINT"},
       }) {
    INFO(each.column << ", " << each.action << ": " << each.alter);
    CHECK_THAT(stopped(each.column, each.action, each.alter),
               Catch::Contains("ALTER TABLE") && Catch::Contains("d.t.c"));
  }
}

TEST_CASE("pseudonyms: ALTER TABLE that leaves all values as they are passes", "[scrub_rules]") {
  for (const Case& each : {
           Case{"VARCHAR(40)", kHash, "MODIFY c VARCHAR(100) NOT NULL"},
           Case{"VARCHAR(40)", kHash, "MODIFY c TEXT"},
           Case{"VARCHAR(300)", kEmail, "MODIFY c VARCHAR(400)"},
           Case{"VARCHAR(45)", kIp, "MODIFY c VARCHAR(100)"},
           Case{"TINYTEXT", kMask, "MODIFY c MEDIUMTEXT"},
           Case{"VARBINARY(32)", kHash, "MODIFY c VARBINARY(64)"},
           Case{"CHAR(30)", kMask, "MODIFY c CHAR(40)"},
           Case{"VARCHAR(40) CHARACTER SET latin1", kHash, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"VARCHAR(40) CHARACTER SET utf8", kFold, "MODIFY c VARCHAR(40) CHARACTER SET utf8mb4"},
           Case{"VARCHAR(40) CHARACTER SET ascii", kMask, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"LONGTEXT CHARACTER SET latin1", kMask, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"TEXT CHARACTER SET utf8", kMask, "MODIFY c TEXT CHARACTER SET utf8mb4"},
           Case{"TEXT CHARACTER SET utf8", kMask, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"VARBINARY(16)", kIp, "MODIFY c VARBINARY(32)"},
           Case{"YEAR(4)", R"(action = "round", to = 10)", "MODIFY c YEAR NOT NULL"},
           Case{"VARCHAR(40)", kFold, "MODIFY c VARCHAR(40) COLLATE utf8mb4_unicode_ci"},
           Case{"DATETIME", kDay, "MODIFY c DATETIME(6)"},
           Case{"INT", kHash, "MODIFY c INT(5) NOT NULL"},
           Case{"VARCHAR(40)", kHash, "ADD INDEX (c), ALTER COLUMN c SET DEFAULT 'x'"},
       }) {
    INFO(each.column << ", " << each.action << ": " << each.alter);
    CHECK(stopped(each.column, each.action, each.alter).empty());
  }
}

// What gh-ost and pt-online-schema-change do: a copy without rows is altered, and then filled.
TEST_CASE("pseudonyms: a table that has no rows yet may be altered in any way", "[scrub_rules]") {
  const auto altered = [](const std::vector<PlainEvent>& between) {
    StreamTester stream(
        "[[table]]\nname = \"d.*\"\n[table.columns]\nid = \"keep\"\npii = { action = \"round\", to = 10 }\n",
        binlog::Flavor::mysql);
    stream.start_like("my97-nopk.binlog");
    auto error = stream.feed(make_query("CREATE TABLE t (id INT PRIMARY KEY, pii INT)"));
    if (!error) error = stream.feed(make_query("CREATE TABLE _t_gho LIKE t"));
    if (!error) error = stream.feed(between);
    if (!error) error = stream.feed(make_query("ALTER TABLE _t_gho MODIFY pii BIGINT"));
    return error ? error->message() : std::string();
  };
  CHECK(altered({}).empty());
  CHECK_THAT(altered({make_query("BEGIN"), make_map(9, "_t_gho"), make_rows(9, true), make_xid()}),
             Catch::Contains("ALTER TABLE"));
  CHECK_THAT(altered({make_query("BEGIN"), make_map(9, "t"), make_rows(9, true), make_xid(),
                      make_query("DROP TABLE _t_gho"), make_query("RENAME TABLE t TO _t_gho")}),
             Catch::Contains("ALTER TABLE"));
}

}  // namespace
}  // namespace relay::scrub_rules::testing
