#include "relay/sql/type_change.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace relay::sql {

namespace {

constexpr auto kTexts =
    std::to_array<std::string_view>({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "binary",
                                     "varbinary", "tinyblob", "blob", "mediumblob", "longblob"});
// Their zero is no day: under NO_ZERO_DATE it stands, but is not written again.
constexpr auto kDays = std::to_array<std::string_view>({"date", "datetime", "timestamp"});

constexpr auto kNumbers = std::to_array<std::string_view>(
    {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "bit", "year"});

bool is_text(const ColumnDefinition& column) { return std::ranges::find(kTexts, column.type) != kTexts.end(); }
bool is_number(const ColumnDefinition& column) { return std::ranges::find(kNumbers, column.type) != kNumbers.end(); }

// Their zero value is the first member.
bool have_same_first_member(const ColumnDefinition& before, const ColumnDefinition& after) {
  return !before.members.empty() && !after.members.empty() && before.members.front() == after.members.front();
}

}  // namespace

bool is_day(const ColumnDefinition& column) { return std::ranges::find(kDays, column.type) != kDays.end(); }

bool zero_value_converts(const ColumnDefinition& before, const ColumnDefinition& after) {
  if (after.type == "enum") return before.type == "enum" && have_same_first_member(before, after);
  if (before.type == after.type) return !is_day(before) || before.length.value_or(0) == after.length.value_or(0);
  return is_text(after) || (!is_text(before) && !is_day(after));
}

bool zero_value_stays(const ColumnDefinition& before, const ColumnDefinition& after) {
  if (after.type == "enum") return zero_value_converts(before, after);
  if (before.type == "binary" || after.type == "binary") return false;  // as many zero bytes as it is long
  return before.type == after.type || (is_text(before) && is_text(after)) || (is_number(before) && is_number(after));
}

}  // namespace relay::sql
