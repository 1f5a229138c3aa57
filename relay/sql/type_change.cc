#include "relay/sql/type_change.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "relay/sql/character_set.h"

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

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Whether `wider` has all characters of `set`, and this relay reads both as the servers do.
bool has_all_characters(std::string_view set, std::string_view wider) {
  const auto has_all = [](std::string_view name) { return one_of(name, {"utf8mb4", "utf16", "utf16le", "utf32"}); };
  if (set == wider) return true;
  if (has_all(wider)) return has_all(set) || one_of(set, {"ascii", "latin1", "utf8mb3"});
  return (wider == "utf8mb3" && one_of(set, {"ascii", "latin1"})) || (wider == "latin1" && set == "ascii");
}

// Bytes that a value of a TEXT or BLOB can have; none for another type.
constexpr std::uint64_t kLargest = 0xffffffff;
std::optional<std::uint64_t> longest(std::string_view type) {
  if (!type.ends_with("text") && !type.ends_with("blob")) return std::nullopt;
  return type.starts_with("tiny")     ? 0xffU
         : type.starts_with("medium") ? 0xffffffU
         : type.starts_with("long")   ? kLargest
                                      : 0xffffU;
}

// Whether texts have the same bytes in both.
bool has_same_bytes(std::string_view set, std::string_view other) {
  return set == other || (set == "utf8mb3" && other == "utf8mb4") ||
         (set == "ascii" && one_of(other, {"latin1", "utf8mb3", "utf8mb4"}));
}

// Of texts and bytes of variable length: whether the longest value of one fits the other. No server has a value of so
// many bytes as the largest types can count.
bool has_room(const ColumnDefinition& before, const ColumnDefinition& after) {
  const auto was = longest(before.type), is = longest(after.type);
  if (!is) return !was && after.length.value_or(0) >= before.length.value_or(0);
  const std::uint32_t growth =
      has_same_bytes(before.character_set, after.character_set) ? 1 : maximum_bytes(after.character_set);
  if (was) return *is == kLargest || *is >= *was * growth;
  return *is >= std::uint64_t{before.length.value_or(0)} * maximum_bytes(after.character_set);
}

bool is_variable(const ColumnDefinition& column) {
  return one_of(column.type, {"varchar", "varbinary"}) || longest(column.type);
}

}  // namespace

bool values_stay(const ColumnDefinition& before, const ColumnDefinition& after) {
  const bool same_set = before.character_set == after.character_set;
  const std::uint32_t was = before.length.value_or(0), is = after.length.value_or(0);
  if (before.type == after.type) {
    if (same_set && was == is && before.scale == after.scale && before.is_unsigned == after.is_unsigned) return true;
    // The length of an integer or a year is for show; days get more digits behind the second; a CHAR keeps no spaces at
    // its end.
    if (one_of(after.type, {"tinyint", "smallint", "mediumint", "int", "bigint", "year"}))
      return before.is_unsigned == after.is_unsigned;
    if (is_day(after)) return is >= was;
    if (after.type == "char") return is >= was && has_all_characters(before.character_set, after.character_set);
  }
  const bool both_bytes = before.character_set.empty() == after.character_set.empty();
  return is_variable(before) && is_variable(after) && both_bytes && has_room(before, after) &&
         has_all_characters(before.character_set, after.character_set);
}

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
