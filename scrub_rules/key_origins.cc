#include "scrub_rules/key_origins.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

namespace {

using sql::KeyOrigin;
using sql::TableDefinition;
using sql::TableName;

// Follows one column of a key from the column that it refers to.
class OriginFinder {
 public:
  OriginFinder(const TableDefinition& definition, const sql::Catalog& catalog, std::size_t key_column,
               std::vector<KeyOrigin>& found)
      : definition_(definition), catalog_(catalog), key_column_(key_column), found_(found) {}

  void start_at(const TableName& table, const std::string& column) {
    visited_.emplace(table.database, table.table, sql::folded(column));
    follow(table, column);
    while (!open_.empty()) {
      const KeyOrigin next = found_[open_.back()];
      open_.pop_back();
      follow({next.database, next.table}, next.column);
    }
  }

 private:
  [[nodiscard]] const TableDefinition* find(const TableName& name) const {
    const bool own = name == TableName{definition_.database, definition_.table};
    return own ? &definition_ : catalog_.find(name);
  }

  void follow(const TableName& name, const std::string& column) {
    const TableDefinition* table = find(name);
    const auto at = table != nullptr ? table->find(column) : std::nullopt;
    if (!at) return;
    for (const std::string& other : table->columns[*at].depends_on) add(name, other);
    for (const sql::ForeignKeyDefinition& key : table->foreign_keys) {
      for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
        if (!sql::equal_names(key.columns[i], column)) continue;
        add(sql::parent_of(*table, key), key.referenced_columns[i]);
        if (!key.origins) continue;
        for (const KeyOrigin& origin : *key.origins) {
          if (origin.key_column == i) add({origin.database, origin.table}, origin.column);
        }
      }
    }
  }

  void add(const TableName& table, const std::string& column) {
    if (!visited_.emplace(table.database, table.table, sql::folded(column)).second) return;
    open_.push_back(found_.size());
    found_.push_back({key_column_, table.database, table.table, column});
  }

  const TableDefinition& definition_;
  const sql::Catalog& catalog_;
  std::size_t key_column_;
  std::vector<KeyOrigin>& found_;
  std::vector<std::size_t> open_;
  std::set<std::tuple<std::string, std::string, std::string>> visited_;
};

class ListedTables final : public sql::Catalog {
 public:
  ListedTables(const std::vector<TableDefinition>& tables, bool fold_case) : fold_case_(fold_case) {
    for (const TableDefinition& table : tables) tables_.emplace(key({table.database, table.table}), &table);
  }
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override {
    const auto found = tables_.find(key(name));
    return found == tables_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view /*database*/) const override { return {}; }
  [[nodiscard]] std::vector<const TableDefinition*> tables_with_foreign_keys() const override { return {}; }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(
      std::string_view /*database*/) const override {
    return {};
  }

 private:
  [[nodiscard]] std::pair<std::string, std::string> key(const TableName& name) const {
    if (!fold_case_) return {name.database, name.table};
    return {sql::folded(name.database), sql::folded(name.table)};
  }

  bool fold_case_;
  std::map<std::pair<std::string, std::string>, const TableDefinition*> tables_;
};

}  // namespace

void resolve_key_origins(TableDefinition& definition, const sql::Catalog& catalog) {
  for (sql::ForeignKeyDefinition& key : definition.foreign_keys) {
    if (key.origins) continue;
    std::vector<KeyOrigin> found;
    for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
      OriginFinder(definition, catalog, i, found).start_at(sql::parent_of(definition, key), key.referenced_columns[i]);
    }
    key.origins = std::move(found);
  }
}

void resolve_key_origins(std::vector<TableDefinition>& tables, bool fold_case) {
  const ListedTables catalog(tables, fold_case);
  for (TableDefinition& table : tables) resolve_key_origins(table, catalog);
}

}  // namespace relay::scrub_rules
