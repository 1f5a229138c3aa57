#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::fuzz {

// The tables that a replica has, by "database.table"; every database is in latin1.
class ReplicaCatalog final : public sql::Catalog {
 public:
  [[nodiscard]] const sql::TableDefinition* find(const sql::TableName& name) const override {
    const auto found = tables_.find(name.database + "." + name.table);
    return found == tables_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::vector<sql::TableName> tables_of(std::string_view database) const override {
    std::vector<sql::TableName> names;
    for (const auto& [name, table] : tables_) {
      if (table.database == database) names.push_back({table.database, table.table});
    }
    return names;
  }
  [[nodiscard]] std::pair<std::string, std::string> database_character_set(std::string_view /*database*/) const override {
    return {"latin1", "latin1_swedish_ci"};
  }
  void take(std::vector<sql::CatalogChange> changes) {
    for (sql::CatalogChange& change : changes) {
      const std::string name = change.name.database + "." + change.name.table;
      tables_.erase(name);
      if (change.definition) tables_.emplace(name, std::move(*change.definition));
    }
  }
  [[nodiscard]] const std::map<std::string, sql::TableDefinition>& tables() const { return tables_; }

 private:
  std::map<std::string, sql::TableDefinition> tables_;
};

}  // namespace relay::fuzz
