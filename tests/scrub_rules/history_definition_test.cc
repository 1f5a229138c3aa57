#include <catch2/catch.hpp>

#include "scrub_rules/schema_history.h"
#include "tests/support/faulty_file.h"

namespace relay::scrub_rules::testing {
namespace {

using relay::testing::FaultyFileSystem;

constexpr const char* kPath = "spool/schema.history";
constexpr HistoryPosition kEnd{1000, 0};

sql::TableDefinition make_table() {
  sql::TableDefinition definition;
  definition.database = "shop";
  definition.table = "t";
  definition.columns.emplace_back().name = "a";
  definition.columns.back().type = "int";
  return definition;
}

std::unique_ptr<SchemaHistory> open(FaultyFileSystem& files, HistoryPosition resume) {
  auto history = SchemaHistory::open(files, kPath, resume, false);
  REQUIRE(history);
  return std::move(*history);
}

TEST_CASE("history definitions: a definition comes back with all it has", "[scrub_rules]") {
  FaultyFileSystem files;
  sql::TableDefinition definition = make_table();
  sql::ColumnDefinition& column = definition.columns[0];
  // A field that is added to a definition breaks these lines: it has to be kept in the file as well.
  auto& [name, type, length, scale, is_unsigned, nullable, generated, auto_increment, invisible, compressed, implicit,
         row_period, older_rows, character_set, collation, members, depends_on] = column;
  length = 10;
  scale = 4;
  is_unsigned = generated = auto_increment = invisible = compressed = implicit = row_period = true;
  nullable = false;
  older_rows = sql::OlderRows::value;
  character_set = "latin1";
  collation = "latin1_bin";
  members = {"", "it's", "\xc3\xa6"};
  depends_on = {"b", "c"};
  for (int kind = 0; kind <= static_cast<int>(sql::IndexKind::vector); ++kind) {
    auto& [index_kind, index_name, parts, visible, index_generated, without_overlaps, hash] =
        definition.indexes.emplace_back();
    index_kind = static_cast<sql::IndexKind>(kind);
    index_name = "k" + std::to_string(kind);
    parts.push_back({"a", 7, {}});
    parts.push_back({"", {}, {"b", "c"}});
    visible = kind != 1;
    index_generated = kind == 2;
    without_overlaps = kind == 3 ? "p" : "";
    hash = kind == 1;
  }
  auto& [key_name, columns, referenced_database, referenced_table, referenced_columns, on_delete, on_update, origins] =
      definition.foreign_keys.emplace_back();
  key_name = "fk";
  columns = {"a"};
  referenced_database = "x";
  referenced_table = "y";
  referenced_columns = {"z"};
  on_delete = "cascade";
  on_update = "set null";
  origins = {{0, "x", "behind", "v"}};
  definition.checks.push_back({"chk", {"a"}});
  definition.periods.push_back({"p", "a", "b"});
  definition.partition_columns = {"a"};
  definition.partitioned = definition.system_versioned = definition.sequence = definition.temporary =
      definition.unverified = true;
  definition.engine = "innodb";
  definition.character_set = "utf8mb4";
  definition.collation = "utf8mb4_bin";
  {
    auto& [database, table_name, all, indexes, keys, checks, periods, partition_columns, partitioned, versioned,
           sequence, temporary, unverified, empty, engine, table_character_set, table_collation] = definition;
    REQUIRE((database == "shop" && table_name == "t" && all.size() == 1));
    empty = true;  // the one thing that a start has to forget: rows may have come that the history does not tell of
  }
  {
    const auto history = open(files, {});
    REQUIRE(history->set_baseline({1, 1}, {definition}, {}));
  }
  const auto history = open(files, kEnd);
  const std::string first = files.content(kPath);
  CHECK(history->find({"shop", "t"})->columns[0].members == members);
  CHECK(history->find({"shop", "t"})->indexes[1].hash);
  CHECK_FALSE(history->find({"shop", "t"})->indexes[1].visible);
  CHECK_FALSE(history->find({"shop", "t"})->empty);
  // Written again, what was read gives the same text: nothing was lost that was written.
  const std::size_t from = first.find("{\"table\"");
  std::vector<sql::CatalogChange> changes;
  changes.push_back({{"shop", "t"}, std::make_unique<sql::TableDefinition>(*history->find({"shop", "t"}))});
  REQUIRE(history->set_baseline({1, 1}, {*history->find({"shop", "t"})}, {}));
  const std::string second = files.content(kPath).substr(first.size());
  CHECK(second.substr(second.find("{\"table\"")) == first.substr(from));
  for (const char* text : {"\"length\":10",
                           "\"scale\":4",
                           "\"unsigned\":true",
                           "\"nullable\":false",
                           "\"generated\":true",
                           "\"auto_increment\":true",
                           "\"invisible\":true",
                           "\"compressed\":true",
                           "\"implicit\":true",
                           "\"row_period\":true",
                           "\"older_rows\":\"value\"",
                           "\"on_delete\":\"cascade\"",
                           "\"on_update\":\"set null\"",
                           "\"partitioned\":true",
                           "\"system_versioned\":true",
                           "\"sequence\":true",
                           "\"temporary\":true",
                           "\"unverified\":true",
                           "\"engine\":\"innodb\"",
                           "\"prefix\":7",
                           "\"without_overlaps\":\"p\"",
                           "{\"column\":\"v\",\"database\":\"x\",\"key_column\":0,\"table\":\"behind\"}",
                           "{\"end\":\"b\",\"name\":\"p\",\"start\":\"a\"}"}) {
    INFO(text);
    CHECK(first.find(text) != std::string::npos);
  }
}

class StripAll final : public sql::TableFates {
 public:
  sql::TableFate fate_of(const sql::TableDefinition& definition) const override {
    return {true, &definition, {sql::ColumnFate::keeps, sql::ColumnFate::stripped, sql::ColumnFate::altered}};
  }
  bool table_leaves(const sql::TableName&) const override { return true; }
  bool database_leaves(std::string_view) const override { return true; }
};

TEST_CASE("history definitions: forget the members of columns that do not leave", "[scrub_rules]") {
  sql::TableDefinition definition = make_table();
  definition.columns[0].members = {"x", "y"};
  definition.columns.resize(3, definition.columns[0]);
  forget_stripped_members(definition, StripAll());
  CHECK(definition.columns[0].members.size() == 2);
  CHECK(definition.columns[1].members.empty());
  CHECK(definition.columns[2].members.size() == 2);
}

}  // namespace
}  // namespace relay::scrub_rules::testing
