#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "relay/sql/table_definition.h"
#include "scrub_rules/cell_action.h"
#include "scrub_rules/rule_set.h"

// Actions and columns from the words of golden/actions.tsv. What is wrong with the words is thrown.
namespace relay::scrub_rules::testing {

// "hash key=person length=10": values without quotes, but for a text with a space in it. Every key is its own name,
// eight times. These are the rules that do so to d.t.c.
[[nodiscard]] RuleSet rules_of(const std::string& words);

struct Parsed {
  Action action;
  KeyRing keys;
};
[[nodiscard]] Parsed parsed(const std::string& words);

struct Column {
  ColumnTraits traits;
  std::string collation;
  sql::ColumnDefinition declared;
};
// A type, and behind it the name of a character set or collation; "old" behind DATETIME and TIMESTAMP for the format
// before MySQL 5.6, with fractions MariaDB's.
[[nodiscard]] Column column_of(std::string declared);

// The cell that a column has for a value as SQL writes it.
[[nodiscard]] std::string cell_of(const ColumnTraits& traits, std::string_view value);

[[nodiscard]] std::shared_ptr<CellTransform> made(const Parsed& action, const Column& column);
// The cell that leaves, or "error: " and what is wrong.
[[nodiscard]] std::string applied(const CellTransform& transform, std::string_view cell);

}  // namespace relay::scrub_rules::testing
