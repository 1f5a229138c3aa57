#include "scrub_rules/table_plan.h"

#include <catch2/catch.hpp>

namespace relay::scrub_rules::testing {
namespace {

using base::ByteView;
using base::ErrorKind;
using binlog::Flavor;

struct Column {
  const char* name;
  const char* type;  // declared
  int length;
  bool nullable;
  std::string wire;      // type byte
  std::string metadata;  // bytes
};

const Column kId{"id", "int", -1, false, "\3", ""};
const Column kName{"name", "varchar", 20, true, "\x0f", std::string("\x14\0", 2)};
const Column kBorn{"born", "date", -1, false, "\x0a", ""};
const Column kNote{"note", "blob", -1, true, "\xfc", "\2"};
const Column kHash{"", "", -1, true, "\x08", ""};

std::string map_body(const std::vector<Column>& columns, bool names = false, char flags = 1) {
  std::string types;
  std::string metadata;
  std::string name_field;
  unsigned nulls = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    types += columns[i].wire;
    metadata += columns[i].metadata;
    const std::string name = columns[i].name[0] != 0 ? columns[i].name : "DB_ROW_HASH_1";
    name_field += static_cast<char>(name.size()) + name;
    if (columns[i].nullable) nulls |= 1U << i;
  }
  std::string body = std::string("\x09\0\0\0\0\0", 6) + flags + std::string("\0\1d\0\1t\0", 7);
  body += static_cast<char>(columns.size()) + types + static_cast<char>(metadata.size()) + metadata;
  body += static_cast<char>(nulls);
  if (names) body += "\4" + std::string(1, static_cast<char>(name_field.size())) + name_field;
  return body;
}

sql::TableDefinition definition_of(const std::vector<Column>& columns) {
  sql::TableDefinition definition;
  definition.database = "d";
  definition.table = "t";
  for (const Column& from : columns) {
    sql::ColumnDefinition& column = definition.columns.emplace_back();
    column.name = from.name;
    column.type = from.type;
    if (from.length >= 0) column.length = static_cast<std::uint32_t>(from.length);
    column.nullable = from.nullable;
    if (column.type == "varchar") column.character_set = "latin1";
  }
  return definition;
}

base::Result<TablePlan> make(const std::string& body, const sql::TableDefinition* definition, const std::string& rules,
                             Flavor flavor = Flavor::mysql) {
  base::Problems problems;
  const RuleSet set = RuleSet::parse(rules, "rules.toml", problems);
  REQUIRE_FALSE(base::has_errors(problems));
  binlog::TableMap map;
  REQUIRE(binlog::TableMap::parse(ByteView::of(body), map));
  return TablePlan::make(map, flavor, definition, RuleView(set, false));
}

std::string rule(const std::string& columns, const std::string& otherwise = "drop") {
  return "[[table]]\nname = \"d.t\"\ncolumn_default = \"" + otherwise + "\"\n[table.columns]\n" + columns;
}

const std::vector<Column> kColumns = {kId, kName, kBorn, kNote};

// The default collation of the table's character columns, as optional metadata has it (DEFAULT_CHARSET).
std::string with_collation(char id) { return map_body(kColumns) + "\2\1" + std::string(1, id); }

TEST_CASE("table_plan: what is made of a text needs the character set, and folding the collation, that is known",
          "[scrub_rules]") {
  constexpr char kSwedish = 8, kBinary = 47, kUtf8 = 33;  // of latin1, but for the last
  const auto message = [](char collation, const std::string& action, const std::string& named = "latin1_swedish_ci") {
    sql::TableDefinition definition = definition_of(kColumns);
    definition.columns[1].collation = named;
    const std::string rules = "[keys]\nk = { file = \"k\" }\n" + rule("id = \"keep\"\nname = " + action + "\n");
    const auto plan = make(with_collation(collation), &definition, rules);
    return plan ? std::string() : plan.error().message();
  };
  const std::string fold = "{ action = \"hash\", key = \"k\", fold = true }";
  CHECK(message(kSwedish, "\"mask\"").empty());
  CHECK(message(kBinary, "\"mask\"").empty());
  CHECK_THAT(message(kUtf8, "\"mask\""), Catch::Contains("differ in a column's character set"));
  CHECK_THAT(message(kSwedish, fold), Catch::Contains("was not fetched"));  // as far as without a key
  CHECK_THAT(message(kBinary, fold), Catch::Contains("character_set_collations"));
  CHECK_THAT(message(kBinary, fold, "latin1_danish_ci"),
             Catch::Contains("was not fetched"));  // named, and not by default
}

TEST_CASE("table_plan: each action has its fate, and NOT NULL columns get a value for null", "[scrub_rules]") {
  const sql::TableDefinition definition = definition_of(kColumns);
  const auto plan = make(map_body(kColumns), &definition,
                         rule("id = \"keep\"\nname = { action = \"constant\", value = \"x\" }\nborn = \"null\"\n"));
  REQUIRE(plan);
  CHECK(plan->leaves);
  CHECK(plan->fates == std::vector<CellFate>{CellFate::keep, CellFate::replace, CellFate::replace, CellFate::drop});
  CHECK(plan->replacements == std::vector<std::string>{"", "\1x", std::string(3, '\0'), ""});
  CHECK(plan->kept_columns == 3);
  CHECK_FALSE(plan->identity);
  const std::vector<Column> kept = {kId, kName, kBorn};
  CHECK(plan->table_map == map_body(kept).substr(6));
  const auto nulled = make(map_body(kColumns), &definition, rule("name = \"null\"\n", "keep"));
  REQUIRE(nulled);
  CHECK(nulled->fates[1] == CellFate::null);
}

TEST_CASE("table_plan: a table that does not leave needs no names, no definition and no rule", "[scrub_rules]") {
  const auto plan = make(map_body(kColumns), nullptr, "[defaults]\ntable = \"deny\"\n");
  REQUIRE(plan);
  CHECK_FALSE(plan->leaves);
}

TEST_CASE("table_plan: a table map that contradicts the schema history stops the stream", "[scrub_rules]") {
  const std::string rules = rule("id = \"keep\"\n");
  const auto refused = [&](const std::vector<Column>& map, const sql::TableDefinition& definition,
                           bool names = false) -> std::string {
    const auto plan = make(map_body(map, names), &definition, rules);
    if (plan) return "passed";
    CHECK(plan.error().kind() == ErrorKind::rule);
    CHECK_FALSE(plan.error().remedy().empty());
    return plan.error().subject();
  };
  const sql::TableDefinition definition = definition_of(kColumns);
  CHECK(refused(kColumns, definition) == "passed");
  CHECK(refused(kColumns, definition, true) == "passed");
  INFO("count");
  CHECK(refused({kId, kName, kBorn}, definition) == "d.t");
  CHECK(refused({kId, kName, kBorn, kNote, kNote}, definition) == "d.t");
  INFO("type, length, nullability");
  CHECK(refused({kId, kName, kNote, kBorn}, definition) == "d.t.born");
  Column other = kName;
  other.metadata = std::string("\x15\0", 2);
  CHECK(refused({kId, other, kBorn, kNote}, definition) == "d.t.name");
  other = kId;
  other.nullable = true;
  CHECK(refused({other, kName, kBorn, kNote}, definition) == "d.t.id");
  INFO("names");
  other = kBorn;
  other.name = "died";
  CHECK(refused({kId, kName, other, kNote}, definition) == "passed");
  CHECK(refused({kId, kName, other, kNote}, definition, true) == "d.t.born");
  other.name = "BORN";
  CHECK(refused({kId, kName, other, kNote}, definition, true) == "passed");
}

TEST_CASE("table_plan: a table map's signs are compared with the declared ones", "[scrub_rules]") {
  sql::TableDefinition definition = definition_of({kId});
  const std::string rules = rule("id = \"keep\"\n");
  const auto with_sign = [&](char bits) { return map_body({kId}) + std::string("\1\1", 2) + bits; };
  CHECK(make(with_sign('\0'), &definition, rules));
  CHECK_FALSE(make(with_sign('\x80'), &definition, rules));
  definition.columns[0].is_unsigned = true;
  CHECK(make(with_sign('\x80'), &definition, rules));
}

TEST_CASE("table_plan: a table of which only the names are known leaves whole or not at all", "[scrub_rules]") {
  const std::string all = "id = \"keep\"\nname = \"keep\"\nborn = \"keep\"\nnote = \"keep\"\n";
  const auto whole = make(map_body(kColumns, true), nullptr, rule(all, "keep"));
  REQUIRE(whole);
  CHECK(whole->identity);
  CHECK(whole->table_map == map_body(kColumns, true).substr(6));
  INFO("under a name that nobody gave a rule there may be what another table had");
  CHECK_FALSE(make(map_body(kColumns, true), nullptr, rule("id = \"keep\"\n", "keep")));
  CHECK_FALSE(make(map_body(kColumns, true), nullptr, rule("name = \"drop\"\n", "keep")));
  CHECK_FALSE(make(map_body(kColumns, true), nullptr, rule("name = \"null\"\n", "keep")));
  CHECK_FALSE(make(map_body(kColumns, false), nullptr, rule(all, "keep")));
}

// MariaDB's hashes of unique keys go by names that an operator may give as well.
TEST_CASE("table_plan: a name like that of a hidden column hides none from the rules", "[scrub_rules]") {
  const Column hidden{"", "bigint", -1, true, "\x08", ""};  // map_body() calls it DB_ROW_HASH_1
  const std::string body = map_body({kId, hidden}, true);
  CHECK(make(body, nullptr, rule("id = \"keep\"\n"), Flavor::mariadb));
  CHECK_FALSE(make(body, nullptr, rule("id = \"keep\"\n"), Flavor::mysql));
  for (const Flavor flavor : {Flavor::mysql, Flavor::mariadb}) {
    CHECK_FALSE(make(body, nullptr, rule("DB_ROW_HASH_1 = \"drop\"\n", "keep"), flavor));
  }
  // Another name is none of theirs.
  std::string damaged = body;
  damaged.back() = '\xe9';
  CHECK_FALSE(make(damaged, nullptr, rule("id = \"keep\"\n"), Flavor::mariadb));
  sql::TableDefinition definition = definition_of({kId});
  CHECK(make(body, &definition, rule("id = \"keep\"\n"), Flavor::mariadb));
  CHECK_FALSE(make(damaged, &definition, rule("id = \"keep\"\n"), Flavor::mariadb));
}

// Under the same names and types a column may have got another's values: GENERATED ALWAYS AS, or two that were
// exchanged.
TEST_CASE("table_plan: a table that a passed statement may have changed leaves whole or not at all", "[scrub_rules]") {
  sql::TableDefinition definition = definition_of(kColumns);
  definition.unverified = true;
  const std::string all = "id = \"keep\"\nname = \"keep\"\nborn = \"keep\"\nnote = \"keep\"\n";
  CHECK(make(map_body(kColumns, true), &definition, rule(all, "keep")));
  CHECK_FALSE(make(map_body(kColumns, false), &definition, rule(all, "keep")));
  for (const std::string columns : {"id = \"keep\"\n", "name = \"drop\"\n", "name = \"null\"\n",
                                    "name = { action = \"constant\", value = \"x\" }\n"}) {
    const auto plan = make(map_body(kColumns, true), &definition, rule(columns, "keep"));
    REQUIRE_FALSE(plan);
    CHECK(plan.error().kind() == ErrorKind::rule);
    CHECK(plan.error().subject() == "d.t");
  }
}

TEST_CASE("table_plan: what a rule cannot do to a table stops the stream", "[scrub_rules]") {
  const sql::TableDefinition definition = definition_of(kColumns);
  const auto error_of = [&](const std::string& rules) {
    const auto plan = make(map_body(kColumns), &definition, rules);
    return plan ? std::string("passed") : plan.error().subject();
  };
  INFO("no column is left");
  CHECK(error_of(rule("other = { action = \"keep\", optional = true }\n")) == "d.t");
  INFO("a constant that does not fit; it is not in the message");
  CHECK(error_of(rule("born = { action = \"constant\", value = \"no day\" }\n", "keep")) == "d.t.born");
  INFO("column_default = halt");
  CHECK(error_of(rule("id = \"keep\"\n", "halt")).starts_with("d.t"));
  INFO("flags of a table map that nobody knows");
  CHECK_FALSE(make(map_body(kColumns, false, '\x09'), &definition, rule("id = \"keep\"\n")));
}

TEST_CASE("table_plan: knows when the source's key for finding rows is not the replica's", "[scrub_rules]") {
  sql::TableDefinition definition = definition_of(kColumns);
  const auto altered = [&](const std::string& rules) {
    const auto plan = make(map_body(kColumns), &definition, rules);
    REQUIRE(plan);
    return plan->key_altered;
  };
  const std::string drop_name = rule("name = \"drop\"\n", "keep");
  CHECK_FALSE(altered(drop_name));
  definition.indexes.push_back({sql::IndexKind::unique, "u", {{"id", {}, {}}, {"name", {}, {}}}, true, false, ""});
  INFO("a unique key with NULLs is none to find rows by");
  CHECK_FALSE(altered(drop_name));
  definition.indexes[0].parts[1].column = "born";
  CHECK_FALSE(altered(drop_name));
  CHECK(altered(rule("born = \"null\"\n", "keep")));
  definition.indexes.push_back({sql::IndexKind::primary, "PRIMARY", {{"id", {}, {}}}, true, false, ""});
  CHECK_FALSE(altered(rule("born = \"null\"\n", "keep")));
  CHECK(altered(rule("id = \"drop\"\n", "keep")));
}

TEST_CASE("table_plan: MariaDB's hidden hashes pass only with every column that they are made from", "[scrub_rules]") {
  std::vector<Column> with_hash = kColumns;
  with_hash.push_back(kHash);
  sql::TableDefinition definition = definition_of(kColumns);
  definition.indexes.push_back({sql::IndexKind::unique, "u", {{"name", {}, {}}, {"note", {}, {}}}, true, false, ""});
  definition.indexes[0].hash = true;
  const auto fate_of_hash = [&](const std::string& rules, bool names) {
    const auto plan = make(map_body(with_hash, names), &definition, rules, Flavor::mariadb);
    REQUIRE(plan);
    return plan->fates.at(4);
  };
  for (const bool names : {false, true}) {
    CHECK(fate_of_hash(rule("id = \"keep\"\n", "keep"), names) == CellFate::keep);
    CHECK(fate_of_hash(rule("born = \"drop\"\n", "keep"), names) == CellFate::keep);
    CHECK(fate_of_hash(rule("note = \"drop\"\n", "keep"), names) == CellFate::drop);
    CHECK(fate_of_hash(rule("name = \"null\"\n", "keep"), names) == CellFate::drop);
  }
  INFO("MySQL has none");
  CHECK_FALSE(make(map_body(with_hash), &definition, rule("id = \"keep\"\n", "keep")));
  INFO("of two, which is which is not known");
  with_hash.push_back(kHash);
  definition.indexes.push_back({sql::IndexKind::unique, "v", {{"note", {}, {}}}, true, false, ""});
  definition.indexes[1].hash = true;
  CHECK(fate_of_hash(rule("note = \"drop\"\n", "keep"), false) == CellFate::drop);
  CHECK_FALSE(make(map_body(with_hash), &definition, rule("name = \"drop\"\n", "keep"), Flavor::mariadb));
}

TEST_CASE("table_plan: digits of MariaDB's old temporal columns come from the schema history", "[scrub_rules]") {
  const Column time{"a", "time", 3, true, "\x0b", ""};
  const sql::TableDefinition definition = definition_of({time});
  const auto plan = make(map_body({time}), &definition, rule("a = \"keep\"\n"), Flavor::mariadb);
  REQUIRE(plan);
  CHECK(plan->shapes[0].fixed == 5);
  CHECK_FALSE(make(map_body({time}, true), nullptr, rule("a = \"keep\"\n"), Flavor::mariadb));
}

}  // namespace
}  // namespace relay::scrub_rules::testing
