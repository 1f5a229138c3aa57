#pragma once

#include <string>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::sql {

// What a CREATE TABLE says of a column beyond its ColumnDefinition, in words that two servers share: case of keywords,
// spaces, parentheses and quotes of numbers make no difference, nor how a version spells CURRENT_TIMESTAMP. May hold
// literals of the statement: to be compared, never shown.
struct ColumnWords {
  std::string default_value;  // empty where it is NULL, too
  std::string on_update;
  std::string generated;
};

// Parallel to the statement's columns; none for any statement but a CREATE TABLE with columns.
[[nodiscard]] std::vector<ColumnWords> column_words(const Statement& statement);

}  // namespace relay::sql
