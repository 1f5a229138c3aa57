#pragma once

#include "relay/sql/table_definition.h"

namespace relay::sql {

// Whether a strict server carries the value that stands for others in a NOT NULL column, its type's zero, over to the
// column's new type.
[[nodiscard]] bool zero_value_converts(const ColumnDefinition& before, const ColumnDefinition& after);

// Whether what it becomes is the zero value of the new type.
[[nodiscard]] bool zero_value_stays(const ColumnDefinition& before, const ColumnDefinition& after);

// Whether ALTER TABLE leaves every value of the column as it is, character by character, and as servers log it: not so
// where a value may be cut, rounded, padded or freed of spaces, or where the character sets might not have the same
// characters.
[[nodiscard]] bool values_stay(const ColumnDefinition& before, const ColumnDefinition& after);

// DATE, DATETIME, TIMESTAMP.
[[nodiscard]] bool is_day(const ColumnDefinition& column);

}  // namespace relay::sql
