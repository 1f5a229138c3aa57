#include "scrub_rules/table_check.h"

#include <catch2/catch.hpp>

#include "declared_column.h"

namespace relay::scrub_rules {
namespace {

using binlog::Flavor;
using sql::IndexKind;
using sql::TableDefinition;
using testing::declared_column;
using Severity = base::Problem::Severity;

RuleSet parsed(const std::string& text) {
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
  return rules;
}

// Columns stand in the lines from 5 on.
std::string rules_for_t(const std::string& columns, const std::string& column_default = "keep") {
  return "[[table]]\nname = \"db.t\"\ncolumn_default = \"" + column_default + "\"\n[table.columns]\n" + columns;
}

TableDefinition table_of(const std::vector<std::pair<std::string, std::string>>& columns) {
  TableDefinition table;
  table.database = "db";
  table.table = "t";
  for (const auto& [name, type] : columns) table.columns.push_back(declared_column(type, name));
  return table;
}

void add_index(TableDefinition& table, IndexKind kind, const std::vector<std::string>& columns,
               const std::string& name = "") {
  sql::IndexDefinition index;
  index.kind = kind;
  index.name = name;
  for (const std::string& column : columns) index.parts.push_back({column, {}, {}});
  table.indexes.push_back(index);
}

struct Judgement {
  TableReport report;
  base::Problems problems;
  [[nodiscard]] std::string lines() const {
    std::string text;
    for (const base::Problem& problem : problems) text += base::problem_line(problem) + "\n";
    return text;
  }
  [[nodiscard]] std::string actions() const {
    std::string text;
    for (const ColumnReport& column : report.columns) text += column.column + ": " + column.action + "\n";
    return text;
  }
};

Judgement judged(const std::string& rules, const TableDefinition& table, bool minimal = false,
                 Flavor flavor = Flavor::mysql) {
  Judgement judgement;
  const RuleSet set = parsed(rules);
  judgement.report = check_table(RuleView(set, false), table, {flavor, 0, minimal}, judgement.problems);
  return judgement;
}

TEST_CASE("table_check: the report says what leaves of each column and how", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int unsigned not null"},
                                    {"ssn", "char(11) not null"},
                                    {"name", "varchar(40) not null"},
                                    {"note", "text"},
                                    {"price", "decimal(10,2)"},
                                    {"born", "date not null"},
                                    {"place", "point not null"},
                                    {"digits", "varchar(9)"},
                                    {"row_end", "timestamp(6)"}});
  table.columns[7].generated = true;
  table.columns[7].depends_on = {"ssn"};
  table.columns[8].implicit = true;
  add_index(table, IndexKind::primary, {"id"});
  const Judgement judgement =
      judged(rules_for_t("id = \"keep\"\nssn = \"drop\"\nname = \"null\"\nnote = \"null\"\nborn = \"null\"\n"
                         "place = \"null\"\nprice = { action = \"constant\", value = 1.5 }\n"),
             table);
  INFO(judgement.lines());
  CHECK(judgement.problems.empty());
  CHECK(judgement.report.leaves);
  CHECK(judgement.report.database == "db");
  CHECK(judgement.report.table == "t");
  CHECK(judgement.actions() ==
        "id: keep\nssn: drop\nname: null (stored as '')\nnote: null\nprice: constant\nborn: null (stored as "
        "'0000-00-00')\n"
        "place: null (stored as a geometry at 0 0)\ndigits: drop (computed from ssn)\nrow_end: keep (made by the "
        "server)\n");
  CHECK(judgement.report.columns[0].type == "int unsigned not null");
  CHECK(judgement.report.columns[1].type == "char(11) not null");
  CHECK(judgement.report.columns[4].type == "decimal(10,2)");
}

TEST_CASE("table_check: defaults show as such", "[scrub_rules]") {
  const TableDefinition table = table_of({{"a", "int"}, {"b", "int"}});
  CHECK(judged(rules_for_t("a = \"keep\"\n", "drop"), table).actions() == "a: keep\nb: drop (by default)\n");
  CHECK(judged(rules_for_t("a = \"drop\"\n", "keep"), table).actions() == "a: drop\nb: keep (by default)\n");
}

TEST_CASE("table_check: a table without rules does not leave and is no problem", "[scrub_rules]") {
  const Judgement judgement = judged("", table_of({{"a", "int"}}));
  CHECK_FALSE(judgement.report.leaves);
  CHECK(judgement.problems.empty());
  CHECK(judgement.actions() == "a: drop (the table does not leave)\n");
}

TEST_CASE("table_check: every column that halts is named", "[scrub_rules]") {
  const Judgement judgement =
      judged(rules_for_t("b = \"keep\"\n", "halt"), table_of({{"a", "int"}, {"b", "int"}, {"c", "int"}}));
  REQUIRE(judgement.problems.size() == 2);
  CHECK(judgement.problems[0].key == "table db.t, column a");
  CHECK(judgement.problems[1].key == "table db.t, column c");
  CHECK(judgement.problems[0].severity == Severity::error);
  CHECK(judgement.problems[0].line == 1);
}

TEST_CASE("table_check: an action that does not fit its column is an error at the rule's line", "[scrub_rules]") {
  struct Case {
    const char* type;
    const char* value;
    Flavor flavor = Flavor::mysql;
  };
  const std::vector<Case> cases = {{"tinyint", "300"},          {"varchar(3)", "\"CANARY\""},
                                   {"enum('a')", "\"CANARY\""}, {"date", "\"CANARY\""},
                                   {"json", "\"CANARY\""},      {"varchar(9) charset latin1", "\"CANARYж\""},
                                   {"int not null", "\"\""},    {"uuid", "\"CANARY\"", Flavor::mariadb}};
  for (const Case& wrong : cases) {
    const std::string rules =
        rules_for_t("id = \"keep\"\nx = { action = \"constant\", value = " + std::string(wrong.value) + " }\n");
    const Judgement judgement = judged(rules, table_of({{"id", "int"}, {"x", wrong.type}}), false, wrong.flavor);
    INFO(wrong.type << "\n" << judgement.lines());
    REQUIRE(judgement.problems.size() == 1);
    CHECK(judgement.problems.front().severity == Severity::error);
    CHECK(judgement.problems.front().key == "table db.t, column x");
    CHECK(judgement.problems.front().file == "rules.toml");
    CHECK(judgement.problems.front().line == 6);
    CHECK(judgement.lines().find("CANARY") == std::string::npos);
  }
}

TEST_CASE("table_check: a type that is not known is an error even where it is kept", "[scrub_rules]") {
  const Judgement judgement = judged(rules_for_t(""), table_of({{"id", "int"}, {"x", "hologram"}}));
  REQUIRE(judgement.problems.size() == 1);
  CHECK(judgement.problems.front().key == "table db.t, column x");
}

TEST_CASE("table_check: a primary key that loses a column is an error under every row image", "[scrub_rules]") {
  TableDefinition table = table_of({{"a", "int not null"}, {"B", "int not null"}, {"c", "int"}});
  add_index(table, IndexKind::primary, {"a", "b"});
  for (const char* action : {"\"drop\"", "\"null\"", "{ action = \"constant\", value = 1 }"}) {
    for (const bool minimal : {false, true}) {
      const Judgement judgement = judged(rules_for_t("b = " + std::string(action) + "\n"), table, minimal);
      INFO(judgement.lines());
      REQUIRE(judgement.problems.size() == 1);
      CHECK(judgement.problems.front().severity == Severity::error);
      CHECK_THAT(judgement.problems.front().what, Catch::Contains("primary key"));
      CHECK(judgement.problems.front().line == 5);
    }
  }
  CHECK(judged(rules_for_t("c = \"drop\"\n"), table).problems.empty());
}

TEST_CASE("table_check: the unique key that stands in for a primary key counts under a minimal image",
          "[scrub_rules]") {
  TableDefinition table = table_of({{"a", "int not null"}, {"b", "int"}});
  add_index(table, IndexKind::unique, {"b"}, "ub");
  add_index(table, IndexKind::unique, {"a"}, "ua");
  const std::string rules = rules_for_t("a = \"drop\"\n");
  const Judgement full = judged(rules, table, false);
  REQUIRE(full.problems.size() == 1);
  CHECK(full.problems.front().severity == Severity::warning);
  CHECK_THAT(full.problems.front().what, Catch::Contains("unique key ua will be missing"));
  const Judgement minimal = judged(rules, table, true);
  REQUIRE(minimal.problems.size() == 1);
  CHECK(minimal.problems.front().severity == Severity::error);
  // A key with NULLs is none to find rows by.
  CHECK_FALSE(base::has_errors(judged(rules_for_t("b = \"drop\"\n"), table, true).problems));
  // With a primary key the unique one does not matter.
  table.columns.push_back(declared_column("int not null", "id"));
  add_index(table, IndexKind::primary, {"id"});
  CHECK_FALSE(base::has_errors(judged(rules, table, true).problems));
}

TEST_CASE("table_check: what the replica's table will lack is a warning", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int not null"}, {"x", "int"}, {"y", "int"}});
  add_index(table, IndexKind::primary, {"id"});
  add_index(table, IndexKind::plain, {"y", "x"}, "yx");
  add_index(table, IndexKind::plain, {"y"}, "only_y");
  sql::IndexDefinition functional;
  functional.name = "fx";
  functional.parts.push_back({"", {}, {"x"}});
  table.indexes.push_back(functional);
  table.foreign_keys.push_back({"fk", {"x"}, "", "t", {"id"}, "", "", {}});
  table.checks.push_back({"positive", {"x"}});
  table.partition_columns = {"x"};
  const Judgement judgement = judged(rules_for_t("x = \"drop\"\n"), table);
  INFO(judgement.lines());
  CHECK(judgement.problems.size() == 5);
  CHECK_FALSE(base::has_errors(judgement.problems));
  CHECK_THAT(judgement.lines(), Catch::Contains("the index yx will lack the column at the replica"));
  for (const char* missing : {"index fx", "foreign key fk", "check positive", "partitioning"}) {
    CHECK_THAT(judgement.lines(), Catch::Contains(std::string("the ") + missing + " will be missing at the replica"));
  }
  CHECK(judged(rules_for_t("y = \"null\"\n"), table).lines().find("only_y") == std::string::npos);
}

TEST_CASE("table_check: a foreign key to a table that does not leave will be missing", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int not null"}, {"other_id", "int"}});
  table.foreign_keys.push_back({"fk", {"other_id"}, "", "other", {"id"}, "", "", {}});
  const Judgement alone = judged(rules_for_t(""), table);
  REQUIRE(alone.problems.size() == 1);
  CHECK(alone.problems.front().severity == Severity::warning);
  const std::string both = rules_for_t("") + "[[table]]\nname = \"db.other\"\ncolumn_default = \"keep\"\n";
  CHECK(judged(both, table).problems.empty());
}

TEST_CASE("table_check: a foreign key's column holds a copy of what a rule drops", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int not null"}, {"owner", "char(11)"}});
  table.foreign_keys.push_back({"fk", {"owner"}, "", "people", {"ssn"}, "", "", {}});
  const std::string people =
      "[[table]]\nname = \"db.people\"\ncolumn_default = \"keep\"\ncolumns = { ssn = \"drop\" }\n";
  const Judgement by_default = judged(rules_for_t("") + people, table);
  CHECK(by_default.report.columns[1].action == "drop (holds the values of db.people.ssn)");
  CHECK_FALSE(base::has_errors(by_default.problems));
  const Judgement by_rule = judged(rules_for_t("owner = \"keep\"\n") + people, table);
  REQUIRE(by_rule.problems.size() == 2);  // and that the key will be missing
  CHECK(by_rule.problems.front().severity == Severity::warning);
  CHECK(by_rule.problems.front().key == "table db.t, column owner");
  CHECK_THAT(by_rule.problems.front().what, Catch::Contains("db.people, column ssn"));
  CHECK_FALSE(base::has_errors(judged(rules_for_t("owner = \"drop\"\n") + people, table).problems));
}

TEST_CASE("table_check: a kept column that is computed from a dropped one is told", "[scrub_rules]") {
  TableDefinition table = table_of({{"ssn", "char(11)"}, {"g", "char(6)"}, {"id", "int"}});
  table.columns[1].generated = true;
  table.columns[1].depends_on = {"ssn"};
  const Judgement judgement = judged(rules_for_t("ssn = \"drop\"\ng = \"keep\"\n"), table);
  REQUIRE(judgement.problems.size() == 1);
  CHECK(judgement.problems.front().severity == Severity::warning);
  CHECK_THAT(judgement.problems.front().what, Catch::Contains("computed from ssn"));
}

TEST_CASE("table_check: an AUTO_INCREMENT column cannot have its values replaced", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int not null"}, {"x", "int"}});
  table.columns[0].auto_increment = true;
  CHECK(base::has_errors(judged(rules_for_t("id = \"null\"\n"), table).problems));
  CHECK_FALSE(base::has_errors(judged(rules_for_t("id = \"drop\"\n"), table).problems));
}

TEST_CASE("table_check: a table of which nothing is left is an error", "[scrub_rules]") {
  const std::string rules = "[[table]]\nname = \"db.*\"\ncolumns = { id = \"keep\" }\n";
  const Judgement judgement = judged(rules, table_of({{"a", "int"}, {"b", "int"}}));
  REQUIRE(judgement.problems.size() == 1);
  CHECK_THAT(judgement.problems.front().what, Catch::Contains("no column"));
}

TEST_CASE("table_check: a sequence does not leave", "[scrub_rules]") {
  TableDefinition table = table_of({{"next_not_cached_value", "bigint"}});
  table.sequence = true;
  const Judgement judgement = judged(rules_for_t(""), table, false, Flavor::mariadb);
  CHECK_FALSE(judgement.report.leaves);
  CHECK(judgement.problems.size() == 1);
}

std::string unmatched(const std::string& rules, const std::vector<TableDefinition>& tables, bool fold_case = false) {
  base::Problems problems;
  check_unmatched(parsed(rules), tables, fold_case, problems);
  std::string text;
  for (const base::Problem& problem : problems) text += base::problem_line(problem) + "\n";
  return text;
}

TEST_CASE("check_unmatched: rules that fit no table or column are errors with a remedy", "[scrub_rules]") {
  const std::vector<TableDefinition> tables = {table_of({{"id", "int"}, {"email", "text"}})};
  CHECK(unmatched(rules_for_t("id = \"keep\"\nEMAIL = \"drop\"\n"), tables).empty());
  CHECK(unmatched(rules_for_t("emial = \"drop\"\n"), tables) ==
        "rules.toml:5: table db.t, column emial: the table has no such column; did you mean email?\n");
  CHECK(unmatched(rules_for_t("emial = { action = \"drop\", optional = true }\n"), tables).empty());
  CHECK_THAT(unmatched("[[table]]\nname = \"dbb.t\"\ncolumn_default = \"keep\"\n", tables),
             Catch::Contains("rules.toml:1: table dbb.t: fits no table of the source; did you mean db.t?"));
  CHECK(unmatched("[[table]]\nname = \"dbb.t\"\noptional = true\n", tables).empty());
  CHECK_THAT(unmatched("[[table]]\nname = \"x*.*\"\ncolumn_default = \"keep\"\n", tables),
             Catch::Contains("fits no table of the source"));
}

TEST_CASE("check_unmatched: a column is missed only where no table of its rule has it", "[scrub_rules]") {
  std::vector<TableDefinition> tables = {table_of({{"id", "int"}}), table_of({{"ssn", "int"}})};
  tables[1].table = "u";
  CHECK(unmatched("[[table]]\nname = \"db.*\"\ncolumns = { ssn = \"drop\", id = \"keep\" }\n", tables).empty());
  CHECK_THAT(
      unmatched("[[table]]\nname = \"db.*\"\ncolumns = { ssn = \"null\" }\n[[table]]\nname = \"db.u\"\n", tables),
      Catch::Contains("table db.*, column ssn: the table has no such column"));
}

TEST_CASE("check_unmatched: a rule behind more exact ones is told", "[scrub_rules]") {
  const std::vector<TableDefinition> tables = {table_of({{"id", "int"}})};
  CHECK_THAT(unmatched("[[table]]\nname = \"db.*\"\ncolumn_default = \"keep\"\n[[table]]\nname = \"db.t\"\n", tables),
             Catch::Contains("table db.*: every table of the source that it fits has a more exact rule"));
}

TEST_CASE("check_unmatched: capitals that the source tells apart are the remedy", "[scrub_rules]") {
  const std::vector<TableDefinition> tables = {table_of({{"id", "int"}})};
  CHECK_THAT(unmatched("[[table]]\nname = \"DB.T\"\ncolumn_default = \"keep\"\n", tables),
             Catch::Contains("tells capitals apart: write db.t"));
  CHECK(unmatched("[[table]]\nname = \"DB.T\"\ncolumn_default = \"keep\"\n", tables, true).empty());
  CHECK_THAT(unmatched("[[table]]\nname = \"DB.T\"\n[[table]]\nname = \"db.t\"\n", tables, true),
             Catch::Contains("is ruled a second time"));
}

TEST_CASE("check_unmatched: a rule that holds a table back is judged by the names of held back tables",
          "[scrub_rules]") {
  const std::vector<TableDefinition> tables = {table_of({{"id", "int"}})};
  const std::string rules = "[[table]]\nname = \"db.*\"\ncolumn_default = \"keep\"\n[[table]]\nname = \"db.secrts\"\n";
  CHECK(unmatched(rules, tables).empty());
  base::Problems problems;
  const std::vector<sql::TableName> held_back = {{"db", "secrets"}, {"crm", "other"}};
  check_unmatched(parsed(rules), tables, false, problems, &held_back);
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().key == "table db.secrts");
  CHECK_THAT(problems.front().remedy, Catch::Contains("did you mean db.secrets?"));
  problems.clear();
  const std::vector<sql::TableName> right = {{"db", "secrts"}};
  check_unmatched(parsed(rules), tables, false, problems, &right);
  CHECK(problems.empty());
}

TEST_CASE("table_check: a foreign key that changes rows unseen must reach the replica", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int not null"}, {"parent", "int"}});
  table.foreign_keys.push_back({"fk", {"parent"}, "", "other", {"id"}, "cascade", "", {}});
  const RuleSet rules = parsed(rules_for_t(""));
  const auto severity = [&](Flavor flavor, std::uint32_t version) {
    base::Problems problems;
    static_cast<void>(check_table(RuleView(rules, false), table, {flavor, version, false}, problems));
    REQUIRE(problems.size() == 1);
    return problems.front().severity;
  };
  CHECK(severity(Flavor::mysql, 50624) == Severity::error);
  CHECK(severity(Flavor::mysql, 90704) == Severity::warning);
  CHECK(severity(Flavor::mysql, 0) == Severity::warning);
  CHECK(severity(Flavor::mariadb, 101119) == Severity::error);
  const RuleSet both = parsed(rules_for_t("") + "[[table]]\nname = \"db.other\"\ncolumns = { id = \"keep\" }\n");
  base::Problems problems;
  static_cast<void>(check_table(RuleView(both, false), table, {Flavor::mariadb, 101119, false}, problems));
  CHECK(problems.empty());
  // SET NULL changes nothing at a replica that lacks the column.
  table.foreign_keys.front().on_delete = "set null";
  const RuleSet without = parsed(rules_for_t("parent = \"drop\"\n"));
  static_cast<void>(check_table(RuleView(without, false), table, {Flavor::mariadb, 101119, false}, problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().severity == Severity::warning);
}

TEST_CASE("table_check: period columns of system versioning are kept or nothing leaves", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int"}, {"began", "timestamp(6)"}, {"ended", "timestamp(6)"}});
  table.system_versioned = true;
  table.columns[1].row_period = table.columns[2].row_period = true;
  CHECK(judged(rules_for_t(""), table, false, Flavor::mariadb).problems.empty());
  const Judgement judgement = judged(rules_for_t("ended = \"drop\"\n"), table, false, Flavor::mariadb);
  REQUIRE(judgement.problems.size() == 1);
  CHECK(judgement.problems.front().severity == Severity::error);
  CHECK(judgement.problems.front().key == "table db.t, column ended");
}

TEST_CASE("table_check: a table that shows the rows of others is an error where it leaves", "[scrub_rules]") {
  TableDefinition table = table_of({{"id", "int"}});
  for (const char* engine : {"merge", "mrg_myisam", "federated"}) {
    table.engine = engine;
    CHECK_THAT(judged(rules_for_t("id = \"keep\"\n"), table).lines(),
               Catch::Contains("shows the rows of other tables"));
    CHECK(judged("[defaults]\ntable = \"deny\"\n", table).problems.empty());
  }
  table.engine = "myisam";
  CHECK(judged(rules_for_t("id = \"keep\"\n"), table).problems.empty());
}

}  // namespace
}  // namespace relay::scrub_rules
