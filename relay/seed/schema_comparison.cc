#include "relay/seed/schema_comparison.h"

#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/column_words.h"
#include "relay/sql/ddl.h"
#include "relay/sql/scrubbed_table.h"

namespace relay::seed {

namespace {

using base::Result;
using sql::ColumnDefinition;
using sql::ColumnWords;
using sql::IndexDefinition;
using sql::TableDefinition;

constexpr auto kWithoutWidth =
    std::to_array<std::string_view>({"tinyint", "smallint", "mediumint", "int", "bigint", "year"});

struct ReadTable {
  TableDefinition definition;
  std::vector<ColumnWords> words;  // parallel to the columns that the statement names
};

void name_collation(const DefaultCollations& collations, std::string& character_set, std::string& collation) {
  character_set = sql::canonical_character_set(character_set);
  collation = sql::canonical_collation(collation);
  if (!collation.empty()) return;
  if (const auto found = collations.find(character_set); found != collations.end()) collation = found->second;
}

Result<ReadTable> read(const sql::TableName& table, const ShownTable& shown) {
  const sql::SqlContext context = source::show_create_context(shown.facts, table.database);
  ReadTable made;
  RELAY_ASSIGN(made.definition, source::read_definition(shown.create, context, shown.databases));
  name_collation(shown.collations, made.definition.character_set, made.definition.collation);
  for (ColumnDefinition& column : made.definition.columns) {
    name_collation(shown.collations, column.character_set, column.collation);
  }
  RELAY_ASSIGN(const auto statement, sql::read_statement(shown.create, context));
  made.words = sql::column_words(*statement);
  made.words.resize(made.definition.columns.size());
  return made;
}

bool has_width(const ColumnDefinition& column) {
  return std::ranges::find(kWithoutWidth, column.type) == kWithoutWidth.end();
}

bool same_type(const ColumnDefinition& a, const ColumnDefinition& b) {
  return a.type == b.type && a.is_unsigned == b.is_unsigned && a.members == b.members && a.scale == b.scale &&
         (!has_width(a) || a.length == b.length);
}

bool same_text(const std::string& a, const std::string& b) { return a == b || a.empty() || b.empty(); }

class Comparer {
 public:
  Comparer(const ReadTable& expected, const ReadTable& found, SchemaComparison& into)
      : expected_(expected), found_(found), into_(into) {}

  void compare() {
    compare_columns();
    compare_indexes();
    const TableDefinition& a = expected_.definition;
    const TableDefinition& b = found_.definition;
    if (!same_text(a.engine, b.engine)) add("engine differs");
    if (a.partitioned != b.partitioned) add("partitioning differs");
    if (a.system_versioned != b.system_versioned) add("system versioning differs");
    if (!same_text(a.character_set, b.character_set)) {
      add("default character set differs");
    } else if (!same_text(a.collation, b.collation)) {
      add("default collation differs");
    }
  }

 private:
  void add(std::string what, std::string name = {}) { into_.differences.push_back({std::move(what), std::move(name)}); }

  void compare_columns() {
    const auto& columns = expected_.definition.columns;
    const auto& others = found_.definition.columns;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto at = found_.definition.find(columns[i].name);
      if (!at) {
        add("column missing", columns[i].name);
        into_.rows_comparable = false;
        continue;
      }
      order.push_back(*at);
      compare_column(columns[i], others[*at]);
      compare_words(columns[i], expected_.words[i], found_.words[*at]);
    }
    if (!std::ranges::is_sorted(order)) add("columns in another order");
    for (const ColumnDefinition& other : others) {
      if (!expected_.definition.find(other.name)) add("column not in the scrubbed table", other.name);
    }
  }

  void compare_column(const ColumnDefinition& column, const ColumnDefinition& other) {
    const auto differ = [&](const char* what, bool comparable) {
      add(what, column.name);
      into_.rows_comparable = into_.rows_comparable && comparable;
    };
    if (!same_type(column, other)) differ("column's type differs", false);
    if (!same_text(column.character_set, other.character_set)) {
      differ("column's character set differs", false);
    } else if (!same_text(column.collation, other.collation)) {
      differ("column's collation differs", false);
    }
    if (column.nullable != other.nullable) differ("column takes NULL on one side alone", true);
    if (column.generated != other.generated) differ("column is generated on one side alone", false);
    if (column.auto_increment != other.auto_increment) differ("column has AUTO_INCREMENT on one side alone", true);
  }

  void compare_words(const ColumnDefinition& column, const ColumnWords& words, const ColumnWords& other) {
    if (words.default_value != other.default_value) add("column's default differs", column.name);
    if (words.on_update != other.on_update) add("column's ON UPDATE differs", column.name);
    if (words.generated != other.generated) add("column is generated by another expression", column.name);
  }

  void compare_indexes() {
    const auto& indexes = expected_.definition.indexes;
    const auto& others = found_.definition.indexes;
    for (const IndexDefinition& index : indexes) {
      const IndexDefinition* const other = find(others, index);
      if (other == nullptr) {
        add("index missing", shown(index));
      } else if (!sql::same_index(index, *other)) {
        add("index differs", shown(index));
      }
    }
    for (const IndexDefinition& other : others) {
      if (find(indexes, other) == nullptr) add("index not in the scrubbed table", shown(other));
    }
  }

  static std::string shown(const IndexDefinition& index) {
    return index.kind == sql::IndexKind::primary ? "PRIMARY" : index.name;
  }

  static const IndexDefinition* find(const std::vector<IndexDefinition>& indexes, const IndexDefinition& index) {
    const auto found = std::ranges::find_if(
        indexes, [&](const IndexDefinition& other) { return sql::equal_names(shown(index), shown(other)); });
    return found == indexes.end() ? nullptr : &*found;
  }

  const ReadTable& expected_;
  const ReadTable& found_;
  SchemaComparison& into_;
};

}  // namespace

Result<DefaultCollations> read_default_collations(source::SourceConnection& connection) {
  RELAY_ASSIGN(const source::Rows rows, connection.query("SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM "
                                                         "information_schema.CHARACTER_SETS"));
  DefaultCollations collations;
  for (const source::Row& row : rows) {
    if (row.size() != 2 || !row[0] || !row[1]) continue;
    collations[sql::canonical_character_set(*row[0])] = sql::canonical_collation(*row[1]);
  }
  return collations;
}

Result<SchemaComparison> compare_schema(const sql::TableName& table, const ShownTable& expected,
                                        const ShownTable& found) {
  RELAY_ASSIGN(ReadTable made, read(table, expected));
  RELAY_ASSIGN(ReadTable there, read(table, found));
  SchemaComparison comparison;
  Comparer(made, there, comparison).compare();
  comparison.expected = std::move(made.definition);
  comparison.found = std::move(there.definition);
  return comparison;
}

}  // namespace relay::seed
