#include <catch2/catch.hpp>
#include <cstdlib>

#include "relay/binlog/query_event.h"
#include "tests/scrub_rules/stream_tester.h"

// What ALTER TABLE may do to a column whose values are made of the source's: the replica's rows have what was made of
// the old ones, and are looked up by what is made of the new ones.
namespace relay::scrub_rules::testing {
namespace {

using binlog::Flavor;

// Of a table with the column c: what stopped the stream at `alter`, or nothing.
std::string stopped(const std::string& column, const std::string& action, const std::string& alter,
                    Flavor flavor = Flavor::mysql, const std::string& status = {}) {
  ::setenv("RELAY_TEST_KEY", "a key that has thirty-two bytes or more", 1);
  const std::string rules =
      "[keys]\nperson = { env = \"RELAY_TEST_KEY\" }\n[[table]]\nname = \"d.t\"\n[table.columns]\nid = \"keep\"\nc = "
      "{ " +
      action + " }\n";
  StreamTester stream(rules, flavor);
  stream.start_like(flavor == Flavor::mysql ? "my97-nopk.binlog" : "ma118-nopk.binlog");
  const auto statement = [&](const std::string& text) {
    PlainEvent query = make_query(text);
    if (!status.empty()) {
      binlog::QueryEvent event = *binlog::QueryEvent::parse(base::ByteView::of(query.body));
      const std::string variables = std::string(event.status.text()) + status;
      event.status = base::ByteView::of(variables);
      base::Buffer body;
      binlog::encode_query_body(event, body);
      query.body = std::string(body.view().text());
    }
    return stream.feed(std::vector<PlainEvent>{query});
  };
  auto error = statement("CREATE TABLE t (id INT PRIMARY KEY, c " + column + ") DEFAULT CHARACTER SET utf8mb4");
  if (!error) error = statement("ALTER TABLE t " + alter);
  return error ? error->message() : std::string();
}

struct Case {
  const char* column;
  const char* action;
  const char* alter;
};

constexpr const char* kHash = R"(action = "hash", key = "person")";
constexpr const char* kFold = R"(action = "hash", key = "person", fold = true)";
constexpr const char* kEmail = R"(action = "email", key = "person")";
constexpr const char* kIp = R"(action = "ip")";
constexpr const char* kMask = R"(action = "mask", keep_last = 2)";
constexpr const char* kRound = R"(action = "round", to = 1000)";
constexpr const char* kDay = R"(action = "date", to = "day")";

TEST_CASE("pseudonyms: ALTER TABLE that may change them, or what they are made of, halts", "[scrub_rules]") {
  for (const Case& each : {
           // A domain that was too long for the column is written now.
           Case{"VARCHAR(40)", kEmail, "MODIFY c VARCHAR(100)"},
           Case{"VARCHAR(60)", kEmail, "MODIFY c VARCHAR(28)"},
           Case{"TINYTEXT", kEmail, "MODIFY c TEXT"},
           Case{"VARCHAR(15)", kIp, "MODIFY c VARCHAR(45)"},
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
           Case{"DATETIME(3)", kDay, "MODIFY c DATETIME"},
           Case{"DATETIME", kDay, "MODIFY c DATE"},
           Case{"DECIMAL(10,2)", kRound, "MODIFY c DECIMAL(10,0)"},
           Case{"VARCHAR(60)", R"(action = "json", keep = ["$.a"])", "MODIFY c VARCHAR(20)"},
           // Another range, and so other pseudonyms and multiples.
           Case{"VARCHAR(9)", R"(action = "hash", key = "person", length = 8)", "MODIFY c VARCHAR(12)"},
           Case{"INT", kRound, "MODIFY c SMALLINT"},
           Case{"INT", kRound, "MODIFY c BIGINT"},
           Case{"INT", kRound, "MODIFY c INT UNSIGNED"},
           Case{"INT", kHash, "MODIFY c BIGINT"},
           // Another character set: not all characters, or not those that the server has, or they fold otherwise.
           Case{"VARCHAR(40)", kHash, "CONVERT TO CHARACTER SET latin1"},
           Case{"VARCHAR(40) CHARACTER SET swe7", kHash, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"VARCHAR(40) CHARACTER SET sjis", kMask, "CONVERT TO CHARACTER SET utf8mb4"},
           Case{"VARCHAR(40) CHARACTER SET latin1", kFold, "MODIFY c VARCHAR(40) COLLATE utf8mb4_general_ci"},
           Case{"VARCHAR(40)", R"(action = "mask", with = "ø")", "CONVERT TO CHARACTER SET utf16"},
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
           Case{"DATETIME", kDay, "MODIFY c DATETIME(6)"},
           Case{"INT", kHash, "MODIFY c INT(5) NOT NULL"},
           Case{"VARCHAR(40)", kHash, "ADD INDEX (c), ALTER COLUMN c SET DEFAULT 'x'"},
       }) {
    INFO(each.column << ", " << each.action << ": " << each.alter);
    CHECK(stopped(each.column, each.action, each.alter).empty());
  }
}

TEST_CASE("pseudonyms: a default collation that only a session has halts", "[scrub_rules]") {
  // MariaDB's character_set_collations: a count, and pairs of numbers of collations.
  const std::string usual("\x83\x01\x2d\x00\x00\x09", 6), unusual("\x83\x01\x2d\x00\x2e\x00", 6);
  CHECK(stopped("VARCHAR(40)", kFold, "ADD INDEX (c)", Flavor::mariadb, usual).empty());
  CHECK_THAT(stopped("VARCHAR(40)", kFold, "ADD INDEX (c)", Flavor::mariadb, unusual),
             Catch::Contains("character_set_collations"));
  CHECK(stopped("VARCHAR(40) COLLATE utf8mb4_danish_ci", kFold, "ADD INDEX (c)", Flavor::mariadb, unusual).empty());
}

}  // namespace
}  // namespace relay::scrub_rules::testing
