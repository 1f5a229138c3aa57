#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "relay/seed/data_kind.h"
#include "relay/seed/value_tally.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/action.h"

namespace relay::seed {

enum class Confidence : std::uint8_t {
  possible,
  likely,   // by its name and type, or by its values
  certain,  // by both, or by what the server itself says
};
[[nodiscard]] std::string_view text_of(Confidence confidence);

// What is proposed for one column, and why. `evidence` is made of the program's own words, types, numbers and printable
// names of the schema; never of a value.
struct Proposal {
  scrub_rules::Action action;
  DataKind kind = DataKind::unknown;
  Confidence confidence = Confidence::possible;
  std::string evidence;
};

// What is known of a column.
struct ColumnFacts {
  const sql::TableDefinition& table;
  std::size_t column = 0;  // its place in `table`
  const ValueTally& tally;
  std::string_view key;  // the name in [keys] for keyed actions
};

// Proposes by name, type and sampled values. "keep" only for keys that the server counts, and for columns whose names
// are made of impersonal words alone, whose type fits, and of whose values none looks like a person's; what nothing is
// known of is dropped. Pure.
[[nodiscard]] Proposal propose(const ColumnFacts& facts);

// Whether any value looks as only a person's does. Checks that chance passes now and then need more than one value.
[[nodiscard]] bool looks_personal(const ValueTally& tally);

// Families of types that actions and words fit.
[[nodiscard]] bool is_text(const sql::ColumnDefinition& column);
[[nodiscard]] bool is_integer(const sql::ColumnDefinition& column);
[[nodiscard]] bool is_number(const sql::ColumnDefinition& column);
// Whether an index of the table has the column.
[[nodiscard]] bool is_indexed(const sql::TableDefinition& table, const sql::ColumnDefinition& column);
[[nodiscard]] bool is_in_primary_key(const sql::TableDefinition& table, const sql::ColumnDefinition& column);
// The keyed pseudonym that fits the column: one of digits for what is written in digits.
[[nodiscard]] scrub_rules::Action hash_action(std::string_view key, const sql::ColumnDefinition& column, bool digits);

}  // namespace relay::seed
