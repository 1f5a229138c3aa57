#include "scrub_rules/passed_schema.h"

#include <catch2/catch.hpp>

#include "tests/support/faulty_file.h"

namespace relay::scrub_rules {
namespace {

sql::TableDefinition table(std::string name, std::vector<std::string> columns) {
  sql::TableDefinition definition;
  definition.database = "d";
  definition.table = std::move(name);
  for (std::string& column : columns) {
    sql::ColumnDefinition& added = definition.columns.emplace_back();
    added.name = std::move(column);
    added.type = "int";
  }
  return definition;
}

class Passing {
 public:
  explicit Passing(const std::string& rules = "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n") {
    base::Problems problems;
    rules_ = RuleSet::parse(rules, "rules.toml", problems);
    REQUIRE_FALSE(base::has_errors(problems));
    REQUIRE(files_.create_directory("spool"));
    auto opened = SchemaHistory::open(files_, "spool/history", {9, 9}, false);
    REQUIRE(opened);
    history = std::move(*opened);
    std::vector<sql::TableDefinition> tables;
    tables.push_back(table("t", {"a", "b"}));
    tables.push_back(table("other", {"a"}));
    REQUIRE(history->set_baseline({}, std::move(tables), {}));
    schema = std::make_unique<PassedSchema>(rules_, *history, ScrubberSettings{binlog::Flavor::mysql, false});
    schema->start();
  }
  void take(std::string_view statement, std::uint16_t error_code = 0, bool thread_specific = false) {
    binlog::QueryEvent query;
    query.database = "d";
    query.statement = base::ByteView::of(statement);
    query.error_code = error_code;
    schema->take(query, 90704, thread_specific);
  }
  bool unverified(const char* name) { return history->find({"d", name}) != nullptr && history->find({"d", name})->unverified; }

  std::unique_ptr<SchemaHistory> history;
  std::unique_ptr<PassedSchema> schema;

 private:
  relay::testing::FaultyFileSystem files_;
  RuleSet rules_;
};

TEST_CASE("may_name: a statement cannot be about a table without naming it", "[scrub_rules]") {
  for (const std::string_view text : {"ALTER TABLE t X", "alter table T x", "ALTER TABLE `t` X", "ALTER TABLE d.t", "t", "/*!50000t*/", "RENAME a TO \"t\""}) {
    INFO(text);
    CHECK(may_name(text, "t"));
  }
  for (const std::string_view text : {"ALTER TABLE other X", "", "CREATE t1", "a_t", "t$", "INT"}) {
    INFO(text);
    CHECK_FALSE(may_name(text, "t"));
  }
  CHECK(may_name("in another character set", "t\xc3\xb8nne"));
  CHECK(may_name("with escaped quotes", "a`b"));
}

TEST_CASE("passed_schema: what a statement did at the source is known although it was passed over", "[scrub_rules]") {
  Passing passing;
  passing.take("ALTER TABLE t ADD COLUMN c INT FIRST");
  CHECK(passing.history->find({"d", "t"})->columns.size() == 2);
  passing.schema->stage({});
  REQUIRE(passing.history->find({"d", "t"})->columns.size() == 3);
  CHECK(passing.history->find({"d", "t"})->columns[0].name == "c");
  CHECK_FALSE(passing.unverified("t"));
  CHECK_FALSE(passing.unverified("other"));
}

TEST_CASE("passed_schema: a statement that cannot be read puts the tables that it names in question, no others", "[scrub_rules]") {
  Passing passing;
  SECTION("unheard of words") { passing.take("ALTER TABLE t UNHEARD OF"); }
  SECTION("partly done") { passing.take("ALTER TABLE t ADD COLUMN c INT", 1062); }
  SECTION("in a session with temporary tables") { passing.take("ALTER TABLE t ADD COLUMN c INT", 0, true); }
  SECTION("contradicting what is known") { passing.take("ALTER TABLE t DROP COLUMN nowhere"); }
  passing.schema->stage({});
  CHECK(passing.unverified("t"));
  CHECK(passing.history->find({"d", "t"})->columns.size() == 2);
  CHECK_FALSE(passing.unverified("other"));
}

TEST_CASE("passed_schema: statements that change no table put none in question", "[scrub_rules]") {
  Passing passing;
  for (const std::string_view text : {"INSERT INTO t VALUES (1, 2)", "BEGIN", "COMMIT", "ANALYZE TABLE t"}) passing.take(text);
  passing.schema->stage({});
  CHECK_FALSE(passing.unverified("t"));
  CHECK_FALSE(passing.history->has_staged());
}

TEST_CASE("passed_schema: behind an event that nobody knows every table is in question, but those that a replacement made", "[scrub_rules]") {
  Passing passing;
  passing.schema->take_opaque();
  passing.schema->stage({{"d", "t"}});
  CHECK_FALSE(passing.unverified("t"));
  CHECK(passing.unverified("other"));
}

TEST_CASE("passed_schema: a table in question stays so over a restart, and is undone with the transaction", "[scrub_rules]") {
  Passing passing;
  passing.schema->take_opaque();
  passing.schema->stage({});
  passing.history->rollback();
  CHECK_FALSE(passing.unverified("t"));
}

}  // namespace
}  // namespace relay::scrub_rules
