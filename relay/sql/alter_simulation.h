#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/sql/definition_maker.h"

namespace relay::sql {

// What an ALTER TABLE did to one definition.
struct AlterOutcome {
  TableDefinition after;                           // still under the old name
  std::vector<std::optional<std::size_t>> origin;  // for each column of `after`, the one of before that it was
  // For each clause: the name of the index, foreign key or check that it made or took away; empty when it did nothing
  // (IF EXISTS, an index that another one serves).
  std::vector<std::string> names;
  // For each clause that puts a column somewhere: the columns to its left at that moment, as it saw them.
  std::vector<std::vector<std::string>> left;
};

// Carries `before` through the clauses as mysql_prepare_alter_table() of sql/sql_table.cc does. Errors (malformed): the
// statement contradicts the definition.
[[nodiscard]] base::Result<AlterOutcome> simulate(const AlterTable& alter, const TableDefinition& before,
                                                  const CharacterDefaults& database);

}  // namespace relay::sql
