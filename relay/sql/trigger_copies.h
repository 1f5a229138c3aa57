#pragma once

#include <optional>
#include <string>
#include <vector>

#include "relay/sql/statement_tree.h"

namespace relay::sql {

// A column of a trigger's row, NEW.c or OLD.c, and where its value goes as far as the trigger's text shows it.
struct TriggerCopy {
  std::string from;         // column of the trigger's table
  TableName into;           // empty: the text does not show where
  std::string into_column;  // empty: one of the columns of `into`
  // Where INSERT names no columns: which of the columns that it fills, from 0.
  std::optional<std::size_t> into_position;
  bool whole = false;  // the value itself, not something made of it
};

// More than a body may have that is read.
inline constexpr std::size_t kMaximumTriggerCopies = std::size_t{1} << 16;

// Every use of a column of the row in the trigger's body: INSERT and REPLACE with VALUES, SELECT or SET, UPDATE ... SET
// and SET NEW.c = ... show where it goes. Nothing where there are too many.
[[nodiscard]] std::optional<std::vector<TriggerCopy>> trigger_copies(const TriggerStatement& trigger);

// The names in the trigger's body that may be tables: identifiers with or without a database; and the trigger's own
// table where the body may change the row.
[[nodiscard]] std::vector<TableName> names_in(const TriggerStatement& trigger);

}  // namespace relay::sql
