#pragma once

#include "relay/sql/table_definition.h"

namespace relay::sql {

// Whether a strict server carries the value that stands for others in a NOT NULL column, its type's zero, over to the
// column's new type.
[[nodiscard]] bool zero_value_converts(const ColumnDefinition& before, const ColumnDefinition& after);

}  // namespace relay::sql
