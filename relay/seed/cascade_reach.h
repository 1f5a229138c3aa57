#pragma once

#include <functional>
#include <optional>

#include "relay/sql/table_definition.h"

namespace relay::seed {

// The definition of a table of any name; none where it is not known.
using DefinitionFunction = std::function<std::optional<sql::TableDefinition>(const sql::TableName&)>;

// Whether a table was changed, or one from which foreign keys may have changed its rows by a cascade, through any
// number of tables: most logs do not have what a cascade does. `changed` is of the log. A table behind such a key that
// is not known counts as changed.
[[nodiscard]] bool cascades_reach(const sql::TableDefinition& table,
                                  const std::function<bool(const sql::TableName&)>& changed,
                                  const DefinitionFunction& find);

}  // namespace relay::seed
