#include "relay/seed/table_key.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "relay/base/byte_view.h"
#include "relay/base/sha256.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using sql::ColumnDefinition;
using sql::IndexDefinition;
using sql::IndexKind;
using sql::TableDefinition;

// How a value of a type is written as a literal.
enum class KeyForm {
  none,     // not exactly
  integer,  // as the server sends it
  decimal,
  ordinal,  // ENUM, SET and BIT: compared by their number, so they are asked for that
  text,     // of a character set
  bytes,
  quoted,  // ASCII text that the server reads as the type's own: dates, uuid, inet6; a bare year 0 would be 2000
};

template <std::size_t Count>
bool is_any_of(const std::string& type, const std::array<std::string_view, Count>& types) {
  return std::ranges::find(types, type) != types.end();
}

constexpr auto kIntegerTypes = std::to_array<std::string_view>({"tinyint", "smallint", "mediumint", "int", "bigint"});
constexpr auto kOrdinalTypes = std::to_array<std::string_view>({"enum", "set", "bit"});
constexpr auto kQuotedTypes =
    std::to_array<std::string_view>({"year", "date", "time", "datetime", "timestamp", "uuid", "inet4", "inet6"});

// Bytes; no server has a key of more.
constexpr std::size_t kLongestValue = 4096;
// No integer or decimal is shown with more digits: a width of ZEROFILL is 255 at most.
constexpr std::size_t kMostDigits = 255;
// Of dates, uuid, inet4 and inet6.
constexpr std::string_view kQuotedText = "0123456789abcdefABCDEF:.- ";

// Servers compare SET with numbers as doubles.
constexpr std::size_t kExactMembers = 53;

KeyForm form_of(const ColumnDefinition& column) {
  const std::string& type = column.type;
  if (is_any_of(type, kIntegerTypes)) return KeyForm::integer;
  if (type == "decimal") return KeyForm::decimal;
  if (type == "set" && column.members.size() > kExactMembers) return KeyForm::none;
  if (is_any_of(type, kOrdinalTypes)) return KeyForm::ordinal;
  if (is_any_of(type, kQuotedTypes)) return KeyForm::quoted;
  if (type == "binary" || type == "varbinary") return KeyForm::bytes;
  if (type != "char" && type != "varchar") return KeyForm::none;
  if (column.character_set == "binary") return KeyForm::bytes;
  return column.character_set.empty() ? KeyForm::none : KeyForm::text;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool are_digits(std::string_view text) {
  return !text.empty() && text.size() <= kMostDigits && all_of(text, "0123456789");
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return are_digits(text);
}

bool is_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return is_integer(text);
  return is_integer(text.substr(0, point)) && are_digits(text.substr(point + 1));
}

bool has_form(KeyForm form, std::string_view value) {
  switch (form) {
    case KeyForm::integer:
      return is_integer(value);
    case KeyForm::decimal:
      return is_decimal(value);
    case KeyForm::ordinal:
      return are_digits(value);
    case KeyForm::quoted:
      return value.size() <= kMostDigits && all_of(value, kQuotedText);
    case KeyForm::text:
    case KeyForm::bytes:
      return value.size() <= kLongestValue;
    case KeyForm::none:
      break;
  }
  return false;
}

std::optional<TableKey> as_key(const TableDefinition& table, const IndexDefinition& index,
                               const std::vector<bool>& may_read) {
  if (!index.visible || index.hash || !index.without_overlaps.empty() || index.parts.empty()) return {};
  TableKey key{index.kind == IndexKind::primary ? "PRIMARY" : index.name, {}};
  for (const sql::IndexPart& part : index.parts) {
    const auto at = table.find(part.column);
    if (part.column.empty() || part.prefix || !at || !may_read[*at]) return {};
    const ColumnDefinition& column = table.columns[*at];
    if (form_of(column) == KeyForm::none) return {};
    // No server reads ENUM > 2 as a range of an index: each chunk would begin at the index's beginning.
    if (form_of(column) == KeyForm::ordinal && key.columns.empty()) return {};
    if (column.nullable && index.kind != IndexKind::primary) return {};
    key.columns.push_back(column);
  }
  return key;
}

// Rows beyond `values` in the key's order, or up to them.
std::string beyond(const TableKey& key, const KeyValues& values, bool behind) {
  const std::size_t count = std::min(values.size(), key.columns.size());
  std::string condition;
  for (std::size_t i = count; i-- > 0;) {
    const std::string name = source::quote_name(key.columns[i].name);
    if (i + 1 == count) {
      condition = fmt::format("{} {} {}", name, behind ? ">" : "<=", values[i]);
    } else {
      condition = fmt::format("({0} {1} {2} OR ({0} = {2} AND {3}))", name, behind ? ">" : "<", values[i], condition);
    }
  }
  return condition;
}

}  // namespace

std::size_t size_of(const KeyValues& values) {
  constexpr std::size_t kEach = 64;  // for what holds them
  std::size_t size = kEach;
  for (const std::string& value : values) size += kEach + value.size();
  return size;
}

bool is_less(const KeyValues& a, const KeyValues& b) {
  const auto less = [](const std::string& one, const std::string& other) {
    if (!is_integer(one) || !is_integer(other)) return one < other;
    const bool negative = one.starts_with('-');
    if (negative != other.starts_with('-')) return negative;
    const bool below = one.size() != other.size() ? one.size() < other.size() : one < other;
    return negative ? one != other && !below : below;
  };
  return std::ranges::lexicographical_compare(a, b, less);
}

std::optional<TableKey> choose_key(const TableDefinition& table, const std::vector<bool>& may_read) {
  for (const IndexKind kind : {IndexKind::primary, IndexKind::unique}) {
    for (const IndexDefinition& index : table.indexes) {
      if (index.kind != kind) continue;
      if (auto key = as_key(table, index, may_read)) return key;
    }
  }
  return {};
}

bool begins_with_integer(const TableKey& key) { return is_any_of(key.columns.front().type, kIntegerTypes); }

std::vector<std::string> key_expressions(const TableKey& key) {
  std::vector<std::string> expressions;
  for (const ColumnDefinition& column : key.columns) {
    expressions.push_back(source::quote_name(column.name) + (form_of(column) == KeyForm::ordinal ? " + 0" : ""));
  }
  return expressions;
}

std::string key_select_list(const TableKey& key) { return fmt::format("{}", fmt::join(key_expressions(key), ", ")); }

base::Result<std::string> key_literal(const ColumnDefinition& column, std::string_view value) {
  const KeyForm form = form_of(column);
  if (!has_form(form, value)) {
    return base::fail(base::Error(base::ErrorKind::malformed, "a key has a value that is none of its column's type")
                          .about(column.name)
                          .remedy("try again when no ALTER TABLE runs"));
  }
  if (form == KeyForm::quoted) return fmt::format("'{}'", value);
  if (form != KeyForm::text && form != KeyForm::bytes) return std::string(value);
  const std::string digits = base::hexadecimal(base::ByteView::of(value));
  return form == KeyForm::bytes ? fmt::format("X'{}'", digits) : fmt::format("_{} X'{}'", column.character_set, digits);
}

base::Result<KeyValues> key_literals(const TableKey& key, std::span<const std::optional<std::string_view>> values) {
  KeyValues found;
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    if (!values[i]) {
      return base::fail(base::Error(base::ErrorKind::malformed, "a key has NULL").about(key.columns[i].name));
    }
    RELAY_ASSIGN(found.emplace_back(), key_literal(key.columns[i], *values[i]));
  }
  return found;
}

bool is_key_literal(std::string_view text) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  if (!text.ends_with('\'')) return is_decimal(text);
  text.remove_suffix(1);
  if (text.starts_with('\'')) return all_of(text.substr(1), kQuotedText);
  if (text.starts_with('_')) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos ||
        !all_of(text.substr(1, space - 1), "abcdefghijklmnopqrstuvwxyz0123456789_")) {
      return false;
    }
    text.remove_prefix(space + 1);
  }
  return text.starts_with("X'") && all_of(text.substr(2), kHexadecimal);
}

std::string key_index_hint(const TableKey& key) {
  return fmt::format(" FORCE INDEX ({})", source::quote_name(key.index));
}

std::string key_order(const TableKey& key) {
  std::string order;
  for (const ColumnDefinition& column : key.columns) {
    order += (order.empty() ? " ORDER BY " : ", ") + source::quote_name(column.name);
  }
  return order;
}

std::string key_condition(const TableKey& key, const KeyRange& range) {
  std::string condition;
  if (range.after) condition = " WHERE " + beyond(key, *range.after, true);
  if (range.up_to) condition += (condition.empty() ? " WHERE " : " AND ") + beyond(key, *range.up_to, false);
  return condition;
}

std::string keys_condition(const TableKey& key, std::span<const KeyValues> keys) {
  std::string condition;
  for (const KeyValues& values : keys) {
    condition += condition.empty() ? " WHERE (" : " OR (";
    for (std::size_t i = 0; i < std::min(values.size(), key.columns.size()); ++i) {
      condition += fmt::format("{}{} = {}", i == 0 ? "" : " AND ", source::quote_name(key.columns[i].name), values[i]);
    }
    condition += ')';
  }
  return condition;
}

}  // namespace relay::seed
