#include "scrub_rules/table_rules.h"

#include <catch2/catch.hpp>

#include "declared_column.h"

namespace relay::scrub_rules {
namespace {

using sql::ColumnFate;
using sql::TableDefinition;
using testing::declared_column;

RuleSet parsed(const std::string& text) {
  base::Problems problems;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) FAIL_CHECK(base::problem_line(problem));
  return rules;
}

RuleSet rules_for_t(const std::string& columns, const std::string& column_default = "drop") {
  return parsed("[[table]]\nname = \"db.t\"\ncolumn_default = \"" + column_default + "\"\n[table.columns]\n" + columns);
}

TableDefinition table_of(const std::vector<std::string>& names) {
  TableDefinition table;
  table.database = "db";
  table.table = "t";
  for (const std::string& name : names) table.columns.push_back(declared_column("int", name));
  return table;
}

void compute(TableDefinition& table, std::size_t column, std::vector<std::string> from) {
  table.columns[column].generated = true;
  table.columns[column].depends_on = std::move(from);
}

// "keep drop null constant", with * for the closure and ~ for the default.
std::string plans_text(const RuleSet& rules, const TableDefinition& table) {
  const auto plans = column_plans(RuleView(rules, false), table);
  if (!plans) return plans.error().message();
  std::string text;
  for (const ColumnPlan& plan : *plans) {
    constexpr const char* kNames[] = {"keep", "drop", "null", "constant"};
    text += (text.empty() ? "" : " ") + std::string(kNames[static_cast<std::size_t>(plan.action.kind)]);
    if (plan.by_closure) text += "*";
    if (plan.by_default) text += "~";
  }
  return text;
}

TEST_CASE("table_rules: each column gets its rule or the table's default", "[scrub_rules]") {
  const TableDefinition table = table_of({"Id", "ssn", "note", "lang", "other"});
  const std::string columns =
      "id = \"keep\"\nSSN = \"drop\"\nnote = \"null\"\nlang = { action = \"constant\", value = \"no\" }\n";
  CHECK(plans_text(rules_for_t(columns), table) == "keep drop null constant drop~");
  CHECK(plans_text(rules_for_t(columns, "keep"), table) == "keep drop null constant keep~");
  CHECK_THAT(plans_text(rules_for_t(columns, "halt"), table), Catch::Contains("db.t.other"));
}

TEST_CASE("table_rules: what no rule names does not leave", "[scrub_rules]") {
  const TableDefinition table = table_of({"a", "b"});
  CHECK(plans_text(parsed(""), table) == "drop drop");
  CHECK(plans_text(parsed("[defaults]\ntable = \"pass\"\n"), table) == "drop~ drop~");
  CHECK(plans_text(parsed("[defaults]\ntable = \"pass\"\ncolumn = \"keep\"\n"), table) == "keep~ keep~");
  // An empty [[table]] says that the table does not leave, even where the default would let it.
  CHECK(plans_text(parsed("[defaults]\ntable = \"pass\"\n[[table]]\nname = \"db.t\"\n"), table) == "drop drop");
}

TEST_CASE("table_rules: the closure follows computed columns through any number of steps", "[scrub_rules]") {
  TableDefinition table = table_of({"v3", "v2", "ssn", "v1", "id", "w"});
  compute(table, 0, {"V2"});
  compute(table, 1, {"id", "v1"});
  compute(table, 3, {"SSN"});
  compute(table, 5, {"id"});
  CHECK(plans_text(rules_for_t("ssn = \"drop\"\n", "keep"), table) == "drop*~ drop*~ drop drop*~ keep~ keep~");
  CHECK(plans_text(rules_for_t("ssn = \"null\"\nv1 = \"keep\"\n", "keep"), table) ==
        "drop*~ drop*~ null drop* keep~ keep~");
  CHECK(plans_text(rules_for_t("ssn = { action = \"constant\", value = 1 }\n", "keep"), table) ==
        "drop*~ drop*~ constant drop*~ keep~ keep~");
  CHECK(plans_text(rules_for_t("id = \"drop\"\n", "keep"), table) == "drop*~ drop*~ keep~ keep~ drop drop*~");
  const RuleSet rules = rules_for_t("ssn = \"drop\"\n", "keep");
  const auto plans = column_plans(RuleView(rules, false), table);
  REQUIRE(plans.has_value());
  CHECK(closure_cause(*plans, table, 0) == "V2");
  CHECK(closure_cause(*plans, table, 3) == "SSN");
  CHECK(closure_cause(*plans, table, 5).empty());
}

TEST_CASE("table_rules: generated, invisible and absent neighbours never shift an action", "[scrub_rules]") {
  TableDefinition table = table_of({"a", "g", "b", "hidden", "c"});
  compute(table, 1, {"a"});
  table.columns[3].invisible = true;
  const RuleSet rules = rules_for_t("gone = \"null\"\na = \"keep\"\nb = \"null\"\nc = \"keep\"\n");
  CHECK(plans_text(rules, table) == "keep drop~ null drop~ keep");
}

TEST_CASE("table_rules: a column that is computed from one that is not understood is dropped", "[scrub_rules]") {
  TableDefinition table = table_of({"a", "g"});
  compute(table, 1, {"nowhere"});
  CHECK(plans_text(rules_for_t("", "keep"), table) == "keep~ drop*~");
}

TEST_CASE("table_rules: a DEFAULT made from a dropped column falls too, unless its values are replaced",
          "[scrub_rules]") {
  TableDefinition table = table_of({"ssn", "copy"});
  table.columns[1].depends_on = {"ssn"};
  CHECK(plans_text(rules_for_t("ssn = \"drop\"\n", "keep"), table) == "drop drop*~");
  CHECK(plans_text(rules_for_t("ssn = \"drop\"\ncopy = \"null\"\n", "keep"), table) == "drop null");
}

TEST_CASE("table_rules: a copy by foreign key goes with its original, unless a rule keeps it", "[scrub_rules]") {
  TableDefinition table = table_of({"id", "owner", "g"});
  compute(table, 2, {"owner"});
  table.foreign_keys.push_back({"fk", {"id", "OWNER"}, "", "people", {"id", "ssn"}, "", "cascade", {}});
  const auto with_people = [](const std::string& of_t, const std::string& people) {
    return parsed("[[table]]\nname = \"db.t\"\ncolumn_default = \"keep\"\n[table.columns]\n" + of_t +
                  "\n[[table]]\nname = \"db.people\"\n" + people);
  };
  const std::string by_name = "column_default = \"keep\"\ncolumns = { ssn = \"drop\" }\n";
  CHECK(plans_text(with_people("", by_name), table) == "keep~ drop*~ drop*~");
  CHECK(plans_text(with_people("", "columns = { id = \"keep\" }\n"), table) == "keep~ drop*~ drop*~");
  CHECK(plans_text(with_people("", "columns = { id = \"keep\", ssn = \"null\" }\n"), table) == "keep~ drop*~ drop*~");
  CHECK(plans_text(with_people("", "column_default = \"keep\"\n"), table) == "keep~ keep~ keep~");
  CHECK(plans_text(with_people("owner = \"keep\"\n", by_name), table) == "keep~ keep keep~");
  // A table that does not leave says nothing of its key.
  CHECK(plans_text(with_people("", ""), table) == "keep~ keep~ keep~");
  const auto plans = column_plans(RuleView(with_people("", by_name), false), table);
  REQUIRE(plans.has_value());
  CHECK(closure_cause(*plans, table, 1) == "db.people.ssn");
  CHECK(closure_cause(*plans, table, 2) == "owner");
}

TEST_CASE("table_rules: a generated column's values cannot be replaced", "[scrub_rules]") {
  TableDefinition table = table_of({"a", "g"});
  compute(table, 1, {"a"});
  CHECK_THAT(plans_text(rules_for_t("g = \"null\"\n", "keep"), table), Catch::Contains("db.t.g"));
  CHECK_THAT(plans_text(rules_for_t("g = { action = \"constant\", value = 1 }\n", "keep"), table),
             Catch::Contains("db.t.g"));
  CHECK(plans_text(rules_for_t("g = \"drop\"\n", "keep"), table) == "keep~ drop");
}

TEST_CASE("table_rules: columns that the server makes are kept, and a rule against that is refused", "[scrub_rules]") {
  TableDefinition table = table_of({"a", "row_start", "row_end"});
  table.columns[1].implicit = table.columns[2].implicit = true;
  table.columns[1].generated = table.columns[2].generated = true;
  CHECK(plans_text(rules_for_t("a = \"keep\"\n"), table) == "keep keep keep");
  CHECK(plans_text(rules_for_t("a = \"keep\"\n", "halt"), table) == "keep keep keep");
  CHECK_THAT(plans_text(rules_for_t("a = \"keep\"\nrow_end = \"drop\"\n"), table), Catch::Contains("db.t.row_end"));
}

TEST_CASE("table_rules: an ambiguous name is refused, not guessed", "[scrub_rules]") {
  const RuleSet rules = parsed("[[table]]\nname = \"db.T\"\ncolumn_default = \"keep\"\n[[table]]\nname = \"db.t\"\n");
  CHECK(column_plans(RuleView(rules, false), table_of({"a"})).has_value());
  const auto plans = column_plans(RuleView(rules, true), table_of({"a"}));
  REQUIRE_FALSE(plans.has_value());
  CHECK(plans.error().kind() == base::ErrorKind::rule);
  CHECK(plans.error().subject() == "db.t");
}

TEST_CASE("table_rules: members of what does not leave are forgotten before they are written down", "[scrub_rules]") {
  std::vector<TableDefinition> tables(2, table_of({"kept", "dropped", "nulled"}));
  tables[1].table = "denied";
  for (TableDefinition& table : tables) {
    for (sql::ColumnDefinition& column : table.columns) column.members = {"a", "b"};
  }
  const RuleSet rules = rules_for_t("kept = \"keep\"\nnulled = \"null\"\n");
  forget_stripped_members(RuleView(rules, false), tables);
  CHECK(tables[0].columns[0].members.size() == 2);
  CHECK(tables[0].columns[1].members.empty());
  CHECK(tables[0].columns[2].members.size() == 2);  // the replica's column has that type
  for (const sql::ColumnDefinition& column : tables[1].columns) CHECK(column.members.empty());
}

TEST_CASE("table_rules: the DDL rewriter hears the same fates", "[scrub_rules]") {
  TableDefinition table = table_of({"id", "ssn", "note", "g"});
  compute(table, 3, {"ssn"});
  const RuleSet rules = rules_for_t("ssn = \"drop\"\nnote = \"null\"\n", "keep");
  const RuleTableFates fates(RuleView(rules, false));
  const sql::TableFate fate = fates.fate_of(table);
  CHECK(fate.leaves);
  CHECK(fate.definition == &table);
  CHECK(fate.fates ==
        std::vector<ColumnFate>{ColumnFate::keeps, ColumnFate::stripped, ColumnFate::altered, ColumnFate::stripped});
  CHECK(fates.table_leaves({"db", "t"}));
  CHECK_FALSE(fates.table_leaves({"db", "other"}));
  CHECK(fates.database_leaves("db"));
  CHECK_FALSE(fates.database_leaves("other"));

  const RuleSet halting = rules_for_t("id = \"keep\"\n", "halt");
  CHECK(RuleTableFates(RuleView(halting, false)).fate_of(table).fates ==
        std::vector<ColumnFate>(4, ColumnFate::stripped));
  table.sequence = true;
  CHECK_FALSE(fates.fate_of(table).leaves);
}

}  // namespace
}  // namespace relay::scrub_rules
