#include "relay/seed/table_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "relay/seed/table_reader.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::quote_name;
using source::RowView;

constexpr std::size_t kKeptSideRow = std::size_t{4} << 20;  // bytes that stay reserved between rows
constexpr std::size_t kKeysInStatement = 200;
constexpr std::uint64_t kCountedTogether = 100;  // rows

}  // namespace

std::string TableSide::select(bool with_key) const {
  std::string list = scrubber_.select_list();
  if (with_key) list += (list.empty() ? "" : ", ") + key_select_list(key());
  if (list.empty()) list = "1";
  return fmt::format("SELECT {} FROM {}.{}{}", list, quote_name(where_.table.database), quote_name(where_.table.table),
                     with_key && where_.has_index ? key_index_hint(key()) : "");
}

Result<void> TableSide::run(const std::string& statement, const std::function<Result<void>(RowView)>& take) {
  std::uint64_t told = 0;
  std::uint64_t rows = 0;
  const auto tell = [&]() -> Result<void> {
    if (where_.counts) progress_.rows += rows - told;
    const std::uint64_t more = rows - told;
    told = rows;
    return limit_.take(more);
  };
  const auto done = where_.connection.read_rows(statement, [&](RowView row) -> Result<void> {
    RELAY_TRY(take(row));
    return ++rows - told < kCountedTogether ? Result<void>() : tell();
  });
  if (!done && is_no_literal(done.error())) {
    return base::fail(Error(ErrorKind::unsupported, "a key has a value that a server does not take back in a statement")
                          .about(name())
                          .remedy("give that row a date of the calendar, or text that is well-formed"));
  }
  RELAY_TRY(done);
  return tell();
}

Result<RowDigest> TableSide::digest(RowView row) {
  row_.clear();
  row_.shrink(kKeptSideRow);
  RELAY_TRY(scrubber_.append(row.first(scrubber_.selected()), row_));
  return hasher_.digest(row_.view());
}

Result<KeyedRows> TableSide::read_keyed(const std::string& statement) {
  KeyedRows found;
  const std::size_t selected = scrubber_.selected();
  const auto take = [&](RowView row) -> Result<void> {
    RELAY_TRY(check_width(row, selected + key().columns.size()));
    RELAY_ASSIGN(const RowDigest digested, digest(row));
    RELAY_ASSIGN(found.last, key_literals(key(), row.subspan(selected)));
    found.at[found.last].add(digested);
    ++found.rows;
    return {};
  };
  RELAY_TRY(run(statement, take));
  return found;
}

Result<KeyedRows> TableSide::read(const KeyRange& range, std::uint64_t most) {
  std::string statement = select(true) + key_condition(key(), range) + key_order(key());
  if (most > 0) statement += fmt::format(" LIMIT {}", most);
  return read_keyed(statement);
}

Result<KeyedRows> TableSide::read(const std::vector<KeyValues>& keys) {
  KeyedRows all;
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysInStatement) {
    const std::size_t end = std::min(begin + kKeysInStatement, keys.size());
    RELAY_ASSIGN(KeyedRows some, read_keyed(select(true) + keys_condition(key(), {&keys[begin], end - begin})));
    all.rows += some.rows;
    all.at.merge(some.at);
  }
  return all;
}

Result<void> TableSide::read_all(const std::function<void(RowDigest)>& take) {
  const std::size_t asked = std::max<std::size_t>(1, scrubber_.selected());
  return run(select(false), [&](RowView row) -> Result<void> {
    RELAY_TRY(check_width(row, asked));
    RELAY_ASSIGN(const RowDigest digested, digest(row));
    take(digested);
    return {};
  });
}

Result<std::optional<std::vector<RowDigest>>> TableSide::columns_at(const KeyValues& at) {
  std::vector<RowDigest> digests;
  std::uint64_t rows = 0;
  const std::size_t selected = scrubber_.selected();
  const auto take = [&](RowView row) -> Result<void> {
    RELAY_TRY(check_width(row, selected + key().columns.size()));
    ++rows;
    digests.clear();
    row_.clear();
    std::vector<std::size_t> ends;
    RELAY_TRY(scrubber_.append(row.first(selected), row_, &ends));
    std::size_t begin = 1;  // behind the parenthesis
    for (const std::size_t end : ends) {
      digests.push_back(hasher_.digest(row_.view().sub(begin, end - begin)));
      begin = end + 1;
    }
    return {};
  };
  RELAY_TRY(run(select(true) + keys_condition(key(), {&at, 1}), take));
  if (rows != 1) return std::optional<std::vector<RowDigest>>();
  return std::optional(std::move(digests));
}

}  // namespace relay::seed
