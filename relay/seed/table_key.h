#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"
#include "relay/sql/table_definition.h"

namespace relay::seed {

// A key by which a table's rows are read in order, a range at a time: every row has one, and no two rows the same.
struct TableKey {
  std::string index;  // as the source names it
  std::vector<sql::ColumnDefinition> columns;
};

// The key's values at one row, or of its first columns alone; each as a literal that the server reads back to the same
// bytes, whatever the session's character set.
using KeyValues = std::vector<std::string>;

// Bytes that they take, about.
[[nodiscard]] std::size_t size_of(const KeyValues& values);
// An order of people: numbers by their value, all else by its bytes.
[[nodiscard]] bool is_less(const KeyValues& a, const KeyValues& b);

// The rows behind `after` up to `up_to`, which is one of them; without them, from the first and to the last.
struct KeyRange {
  std::optional<KeyValues> after;
  std::optional<KeyValues> up_to;
};

// The primary key, or else the first unique key that has no NULL; none of columns that may not be selected (`may_read`
// runs parallel to the table's columns), and of types alone whose values have an exact literal and which the servers
// order by it: no prefixes, no FLOAT, no BLOB, no SET of more than 53 members; and no ENUM, SET or BIT
// as the first. None that the server does not read by: INVISIBLE, IGNORED.
[[nodiscard]] std::optional<TableKey> choose_key(const sql::TableDefinition& table, const std::vector<bool>& may_read);

// Whether the key's first column is an integer, whose ranges can be cut without looking at rows.
[[nodiscard]] bool begins_with_integer(const TableKey& key);

// The expressions that give the key's values as key_literal() wants them: "`a`" and "`b` + 0", and all in a list.
[[nodiscard]] std::vector<std::string> key_expressions(const TableKey& key);
[[nodiscard]] std::string key_select_list(const TableKey& key);
// A value that a server sent for one of them, in a session with character_set_results = NULL. Errors: malformed, for
// what is no value of the column's type, or longer than a key: a server may send anything, and what it sent becomes
// part of a statement at the other one.
[[nodiscard]] base::Result<std::string> key_literal(const sql::ColumnDefinition& column, std::string_view value);
// Those of a row. Errors: malformed, also for NULL. REQUIRES: as many values as the key has columns.
[[nodiscard]] base::Result<KeyValues> key_literals(const TableKey& key,
                                                   std::span<const std::optional<std::string_view>> values);

// Whether a text is what key_literal() may make, of whatever value: it is one literal and nothing else.
[[nodiscard]] bool is_key_literal(std::string_view text);

// " FORCE INDEX (`PRIMARY`)", " ORDER BY `a`, `b`".
[[nodiscard]] std::string key_index_hint(const TableKey& key);
[[nodiscard]] std::string key_order(const TableKey& key);
// " WHERE ..." for the rows of `range`, or nothing for all. In the form of ANDs and ORs: MySQL 5.6 does not read
// (a, b) > (1, 2) from an index.
[[nodiscard]] std::string key_condition(const TableKey& key, const KeyRange& range);
// " WHERE ..." for the rows at these keys. REQUIRES: one or more.
[[nodiscard]] std::string keys_condition(const TableKey& key, std::span<const KeyValues> keys);

}  // namespace relay::seed
