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

bool is_text(const ColumnDefinition& column) { return std::ranges::find(kTexts, column.type) != kTexts.end(); }
bool is_day(const ColumnDefinition& column) { return std::ranges::find(kDays, column.type) != kDays.end(); }

}  // namespace

bool zero_value_converts(const ColumnDefinition& before, const ColumnDefinition& after) {
  if (before.type == after.type) return !is_day(before) || before.length.value_or(0) == after.length.value_or(0);
  return is_text(after) || (!is_text(before) && !is_day(after));
}

}  // namespace relay::sql
