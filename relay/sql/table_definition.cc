#include "relay/sql/table_definition.h"

#include "relay/sql/character_set.h"

namespace relay::sql {

std::optional<std::size_t> TableDefinition::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (equal_names(columns[i].name, column)) return i;
  }
  return std::nullopt;
}

TableName parent_of(const TableDefinition& definition, const ForeignKeyDefinition& key) {
  return {key.referenced_database.empty() ? definition.database : key.referenced_database, key.referenced_table};
}

bool shows_rows_of_others(std::string_view engine) {
  return engine == "merge" || engine == "mrg_myisam" || engine == "federated" || engine == "connect" ||
         engine == "spider";
}

}  // namespace relay::sql
