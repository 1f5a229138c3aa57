#include "scrub_rules/passed_schema.h"

#include <catch2/catch.hpp>

#include "scrub_rules/table_rules.h"
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
  explicit Passing(const std::string& rules = "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n",
                   binlog::Flavor flavor = binlog::Flavor::mysql) {
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
    schema = std::make_unique<PassedSchema>(rules_, *history, ScrubberSettings{flavor, false});
    schema->start();
  }
  void take(std::string_view statement, std::uint16_t error_code = 0, bool thread_specific = false,
            std::string_view status = {}) {
    binlog::QueryEvent query;
    query.status = base::ByteView::of(status);
    query.database = "d";
    query.statement = base::ByteView::of(statement);
    query.error_code = error_code;
    schema->take(query, 90704, thread_specific);
  }
  void add(sql::TableDefinition definition) {
    std::vector<sql::CatalogChange> changes;
    const sql::TableName name{definition.database, definition.table};
    changes.push_back({name, std::make_unique<sql::TableDefinition>(std::move(definition))});
    history->stage(std::move(changes));
  }
  [[nodiscard]] RuleView view() const { return {rules_, false, &history->lineage()}; }
  bool unverified(const char* name) {
    return history->find({"d", name}) != nullptr && history->find({"d", name})->unverified;
  }

  std::unique_ptr<SchemaHistory> history;
  std::unique_ptr<PassedSchema> schema;

 private:
  relay::testing::FaultyFileSystem files_;
  RuleSet rules_;
};

TEST_CASE("may_name: a statement cannot be about a table without naming it", "[scrub_rules]") {
  for (const std::string_view text : {"ALTER TABLE t X", "alter table T x", "ALTER TABLE `t` X", "ALTER TABLE d.t", "t",
                                      "/*!50000t*/", "RENAME a TO \"t\""}) {
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
  REQUIRE(passing.schema->stage({}));
  REQUIRE(passing.history->find({"d", "t"})->columns.size() == 3);
  CHECK(passing.history->find({"d", "t"})->columns[0].name == "c");
  CHECK_FALSE(passing.unverified("t"));
  CHECK_FALSE(passing.unverified("other"));
}

// ALTER TABLE of a table without rows needs no look at what it makes of them.
TEST_CASE("passed_schema: a table that was made by what was passed over, or put in its place, may have rows",
          "[scrub_rules]") {
  Passing passing;
  passing.take("CREATE TABLE made (a INT)");
  passing.take("CREATE TABLE copy LIKE t");
  sql::TableDefinition replacement = table("replacement", {"a"});
  replacement.empty = true;
  passing.add(std::move(replacement));
  REQUIRE(passing.schema->stage({{"d", "replacement"}}));
  for (const char* name : {"made", "copy", "replacement"}) {
    INFO(name);
    REQUIRE(passing.history->find({"d", name}) != nullptr);
    CHECK_FALSE(passing.history->find({"d", name})->empty);
  }
}

TEST_CASE("passed_schema: a statement that cannot be read puts the tables that it names in question, no others",
          "[scrub_rules]") {
  Passing passing;
  SECTION("unheard of words") { passing.take("ALTER TABLE t UNHEARD OF"); }
  SECTION("partly done") { passing.take("ALTER TABLE t ADD COLUMN c INT", 1062); }
  SECTION("in a session with temporary tables") { passing.take("ALTER TABLE t ADD COLUMN c INT", 0, true); }
  SECTION("contradicting what is known") { passing.take("ALTER TABLE t DROP COLUMN nowhere"); }
  REQUIRE(passing.schema->stage({}));
  CHECK(passing.unverified("t"));
  CHECK(passing.history->find({"d", "t"})->columns.size() == 2);
  CHECK_FALSE(passing.unverified("other"));
}

TEST_CASE("passed_schema: statements that change no table put none in question", "[scrub_rules]") {
  Passing passing;
  for (const std::string_view text : {"INSERT INTO t VALUES (1, 2)", "BEGIN", "COMMIT", "ANALYZE TABLE t"})
    passing.take(text);
  REQUIRE(passing.schema->stage({}));
  CHECK_FALSE(passing.unverified("t"));
  CHECK_FALSE(passing.history->has_staged());
}

TEST_CASE(
    "passed_schema: behind an event that nobody knows every table is in question, but those that a replacement made",
    "[scrub_rules]") {
  Passing passing;
  passing.schema->take_opaque();
  REQUIRE(passing.schema->stage({{"d", "t"}}));
  CHECK_FALSE(passing.unverified("t"));
  CHECK(passing.unverified("other"));
}

TEST_CASE("passed_schema: a table in question stays so over a restart, and is undone with the transaction",
          "[scrub_rules]") {
  Passing passing;
  passing.schema->take_opaque();
  REQUIRE(passing.schema->stage({}));
  passing.history->rollback();
  CHECK_FALSE(passing.unverified("t"));
}

TEST_CASE("passed_schema: a statement of which only the table was understood puts that table in question",
          "[scrub_rules]") {
  Passing passing;
  passing.take("ALTER TABLE d.t ADD COLUMN c INT UNHEARD_OF_ATTRIBUTE");
  REQUIRE(passing.schema->stage({}));
  CHECK(passing.unverified("t"));
  CHECK_FALSE(passing.unverified("other"));
}

TEST_CASE(
    "passed_schema: rows written as text put no table in question, whatever they say and in whatever character set",
    "[scrub_rules]") {
  const std::string gbk("\x04\x1c\0\x1c\0\x1c\0", 7);
  for (const std::string statement : {"INSERT INTO d.t VALUES (1, 'create table t')", "\n update d.t SET a = 'create'",
                                      "REPLACE INTO d.t VALUES (1, '\xd6\xd0')", "DELETE FROM d.t WHERE a = '\xd6\x5c'",
                                      "LOAD DATA INFILE '\xd6\xd0' INTO TABLE d.t"}) {
    INFO(statement);
    for (const std::string& status : {std::string(), gbk}) {
      Passing passing;
      passing.take(statement, 0, false, status);
      REQUIRE(passing.schema->stage({}));
      CHECK_FALSE(passing.unverified("t"));
    }
  }
  Passing passing;
  passing.take("CREATE TABLE d.t SELECT '\xd6\xd0' AS a", 0, false, gbk);
  REQUIRE(passing.schema->stage({}));
  CHECK(passing.unverified("t"));
}

TEST_CASE("passed_schema: an ALTER TABLE in two phases changes the table where it is committed", "[scrub_rules]") {
  constexpr std::string_view kRules = "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n";
  const std::string start("\x82\x02", 2);
  const std::string number("\1\0\0\0\0\0\0\0", 8);
  for (const auto& [end, columns] : {std::pair("\x82\x04" + number, 3U), {"\x82\x08" + number, 2U}}) {
    Passing passing(std::string(kRules), binlog::Flavor::mariadb);
    for (const std::string& phase : {start, end}) {
      passing.take("ALTER TABLE d.t ADD COLUMN c INT", 0, false, phase);
      REQUIRE(passing.schema->stage({}));
      CHECK(passing.history->find({"d", "t"})->columns.size() == (phase == start ? 2U : columns));
      CHECK_FALSE(passing.unverified("t"));
    }
  }
}

TEST_CASE("passed_schema: a table that is made anew from a query is in question", "[scrub_rules]") {
  Passing passing;
  passing.take("CREATE OR REPLACE TABLE t (b INT, a INT) SELECT * FROM other");
  REQUIRE(passing.schema->stage({}));
  CHECK(passing.unverified("t"));
}

TEST_CASE("passed_schema: what a foreign key refers to through other tables is known behind it", "[scrub_rules]") {
  const std::string rules =
      "[defaults]\ncolumn = \"keep\"\n[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n"
      "[[table]]\nname = \"d.person\"\ncolumn_default = \"keep\"\noptional = true\n[table.columns]\nssn = \"drop\"\n";
  Passing passing(rules);
  passing.add(table("person", {"id", "ssn"}));
  sql::TableDefinition middle = table("middle", {"id", "who"});
  middle.foreign_keys.push_back({"fk", {"who"}, "", "person", {"ssn"}, "", "", std::vector<sql::KeyOrigin>()});
  passing.add(std::move(middle));
  SECTION("a new table") {
    passing.take("CREATE TABLE far (id INT PRIMARY KEY, who INT, FOREIGN KEY (who) REFERENCES middle (who))");
    REQUIRE(passing.schema->stage({}));
    const sql::TableDefinition* far = passing.history->find({"d", "far"});
    REQUIRE((far != nullptr && far->foreign_keys.size() == 1 && far->foreign_keys[0].origins));
    const auto& origins = *far->foreign_keys[0].origins;
    REQUIRE(origins.size() == 1);
    CHECK((origins[0].table == "person" && origins[0].column == "ssn"));
    const auto plans = column_plans(passing.view(), *far);
    REQUIRE(plans);
    CHECK(plans->at(1).by_closure);
  }
  SECTION("a table that others refer to already") {
    sql::TableDefinition copied = table("copied", {"who"});
    passing.add(copied);
    sql::TableDefinition copy = table("copy", {"who"});
    copy.foreign_keys.push_back({"fk", {"who"}, "", "copied", {"who"}, "", "", std::vector<sql::KeyOrigin>()});
    passing.add(std::move(copy));
    passing.take("ALTER TABLE copied ADD FOREIGN KEY (who) REFERENCES person (ssn)");
    const auto staged = passing.schema->stage({});
    REQUIRE_FALSE(staged);
    CHECK(staged.error().kind() == base::ErrorKind::rule);
    CHECK(staged.error().subject() == "d.copy.who");
  }
}

TEST_CASE("passed_schema: values that did not leave do not leave by another name either", "[scrub_rules]") {
  const std::string rules =
      "[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n[table.columns]\n"
      "a = { action = \"drop\", optional = true }\nnamed = { action = \"keep\", optional = true }\n";
  for (const char* statement : {"ALTER TABLE t CHANGE a c INT", "ALTER TABLE t RENAME COLUMN a TO c",
                                "ALTER TABLE t RENAME COLUMN a TO c, RENAME COLUMN b TO a"}) {
    INFO(statement);
    Passing passing(rules);
    passing.take(statement);
    passing.take("ALTER TABLE other ADD x INT");
    const auto staged = passing.schema->stage({});
    REQUIRE_FALSE(staged);
    CHECK(staged.error().kind() == base::ErrorKind::rule);
    CHECK(staged.error().subject() == "d.t.c");
    INFO("the next transaction has nothing of it");
    passing.schema->start();
    CHECK(passing.schema->stage({}));
  }
  for (const char* statement :
       {"ALTER TABLE t CHANGE a named INT", "ALTER TABLE t CHANGE b c INT", "ALTER TABLE t DROP a, ADD c INT"}) {
    INFO(statement);
    Passing passing(rules);
    passing.take(statement);
    CHECK(passing.schema->stage({}));
  }
}

TEST_CASE("passed_schema: a table that nobody knew may have come by another name", "[scrub_rules]") {
  for (const char* statement : {"RENAME TABLE unknown TO here", "ALTER TABLE unknown ADD x INT, RENAME TO here"}) {
    INFO(statement);
    Passing passing;
    passing.take(statement);
    CHECK(passing.schema->may_have_changed({"d", "here"}));
    CHECK_FALSE(passing.schema->may_have_changed({"d", "t"}));
  }
}

TEST_CASE("passed_schema: values that did not leave do not leave under another table's name", "[scrub_rules]") {
  const std::string rules =
      "[[table]]\nname = \"d.t\"\ncolumn_default = \"keep\"\ncolumns = { a = \"drop\" }\n"
      "[[table]]\nname = \"d.u\"\ncolumn_default = \"keep\"\noptional = true\n";
  struct Case {
    std::string statement, subject;
  };
  const std::vector<Case> cases = {
      {"RENAME TABLE t TO u", "d.u.a"},
      {"RENAME TABLE t TO x, x TO u", "d.u.a"},
      {"ALTER TABLE t RENAME TO u", "d.u.a"},
      {"ALTER TABLE t CHANGE a c INT, RENAME TO u", "d.u.c"},
      {"ALTER TABLE t CONVERT PARTITION p TO TABLE u", "d.u.a"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "d.u.a"},
      {"ALTER TABLE u EXCHANGE PARTITION p WITH TABLE t", "d.u.a"},
      {"ALTER TABLE u CONVERT TABLE t TO PARTITION p VALUES LESS THAN (1)", "d.u.a"},
      {"RENAME TABLE t TO x, x TO t", ""},
      {"RENAME TABLE t TO x", ""},
      {"RENAME TABLE u TO x", ""},
      {"ALTER TABLE t CHANGE a c INT, RENAME TO x", ""},
      {"ALTER TABLE t DROP a, RENAME TO u", ""},
  };
  for (const Case& each : cases) {
    INFO(each.statement);
    Passing passing(rules);
    passing.add(table("u", {"a", "b"}));
    passing.take(each.statement);
    const auto staged = passing.schema->stage({});
    CHECK(staged.has_value() == each.subject.empty());
    if (!staged) CHECK(staged.error().subject() == each.subject);
    INFO("also where it is in doubt that it was done");
    Passing doubted(rules);
    doubted.add(table("u", {"a", "b"}));
    doubted.take(each.statement, 0, true);
    CHECK(doubted.schema->stage({}).has_value() == each.subject.empty());
  }
}

TEST_CASE("passed_schema: a foreign key to a table that is still to come says nothing of its column", "[scrub_rules]") {
  const std::string statement =
      "CREATE TABLE far (id INT PRIMARY KEY, who INT, FOREIGN KEY (who) REFERENCES later (id))";
  const auto staged_under = [&](const std::string& rules) {
    Passing passing("[[table]]\nname = \"d.*\"\ncolumn_default = \"keep\"\noptional = true\n" + rules);
    passing.take(statement);
    return passing.schema->stage({});
  };
  const auto refused = staged_under("");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind() == base::ErrorKind::rule);
  CHECK(refused.error().subject() == "d.far.who");
  INFO("but somebody may have decided, or the table does not leave");
  CHECK(staged_under("[table.columns]\nid = { action = \"keep\", optional = true }\n"));
  CHECK(staged_under("[table.columns]\nwho = { action = \"keep\", optional = true }\n"));
  CHECK(staged_under("[table.columns]\nwho = { action = \"drop\", optional = true }\n"));
  CHECK(
      staged_under("[[table]]\nname = \"d.later\"\ncolumn_default = \"drop\"\noptional = true\n"
                   "columns = { id = \"drop\" }\n"));
}

TEST_CASE("passed_schema: knows which tables and databases a transaction may have changed", "[scrub_rules]") {
  Passing passing;
  const auto may_have_changed = [&](const char* database, const char* name) {
    return passing.schema->may_have_changed({database, name});
  };
  for (const std::string_view text :
       {"BEGIN", "INSERT INTO t VALUES (1, 2)", "ANALYZE TABLE t",
        "CREATE TRIGGER d.x AFTER INSERT ON t FOR EACH ROW DO 1", "CREATE TABLE IF NOT EXISTS t (b INT, a INT)"}) {
    INFO(text);
    passing.take(text);
    CHECK_FALSE(may_have_changed("d", "t"));
    CHECK_FALSE(may_have_changed("d", ""));
  }
  SECTION("by a statement that was read") {
    passing.take("CREATE TABLE made LIKE t");
    CHECK(may_have_changed("d", "made"));
    CHECK_FALSE(may_have_changed("d", "t"));
    passing.take("ALTER DATABASE d CHARACTER SET latin1");
    CHECK(may_have_changed("d", ""));
    CHECK_FALSE(may_have_changed("d", "t"));
  }
  SECTION("by one that was not") {
    passing.take("ALTER TABLE t UNHEARD OF elsewhere.u");
    CHECK(may_have_changed("d", "t"));
    CHECK(may_have_changed("elsewhere", "u"));
    CHECK(may_have_changed("elsewhere", ""));
    CHECK_FALSE(may_have_changed("d", "other"));
    CHECK_FALSE(may_have_changed("nowhere", "t"));
    CHECK_FALSE(may_have_changed("nowhere", ""));
    passing.schema->start();
    CHECK_FALSE(may_have_changed("d", "t"));
  }
  SECTION("by an event that nobody knows") {
    passing.schema->take_opaque();
    CHECK(may_have_changed("d", "other"));
    passing.schema->start();
    CHECK_FALSE(may_have_changed("d", "other"));
  }
}

TEST_CASE("passed_schema: a trigger that was passed over is known", "[scrub_rules]") {
  Passing passing(
      "[[table]]\nname = \"d.t\"\ncolumn_default = \"keep\"\noptional = true\n[table.columns]\nb = \"drop\"\n"
      "[[table]]\nname = \"d.other\"\ncolumn_default = \"keep\"\noptional = true\n");
  passing.history->stage_plain({{{"d", "t"}, true}});
  SECTION("that copies what does not leave") {
    passing.take("CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO other (a) VALUES (NEW.b)");
    CHECK(passing.schema->made_copying_trigger());
  }
  SECTION("that copies nothing") {
    passing.take("CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO other (a) VALUES (NEW.a)");
    CHECK_FALSE(passing.schema->made_copying_trigger());
  }
  REQUIRE(passing.schema->stage({}));
  CHECK_FALSE(passing.history->plain_tables().contains({"d", "t"}));
}

}  // namespace
}  // namespace relay::scrub_rules
