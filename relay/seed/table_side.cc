#include "relay/seed/table_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "relay/seed/replica_error.h"
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
constexpr std::uint64_t kMostAtKeys = 100'000;  // rows: a replica without the key's index may have many at one
// Of one answer. Readers ask for a part of it.
constexpr std::uint64_t kMostKeyBytes = 8 * KeyedRows::kUsualKeyBytes;
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
    if (where_.is_source) progress_.rows += rows - told;
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
  if (!done) return base::fail(where_.is_source ? done.error() : replica_error(done.error()));
  return tell();
}

Result<RowDigest> TableSide::digest(RowView row) {
  row_.clear();
  row_.shrink(kKeptSideRow);
  RELAY_TRY(scrubber_.append(row.first(scrubber_.selected()), row_));
  return hasher_.digest(row_.view());
}

Result<KeyedRows> TableSide::read_keyed(const std::string& statement, std::uint64_t most) {
  KeyedRows found;
  const std::size_t selected = scrubber_.selected();
  const auto take = [&](RowView row) -> Result<void> {
    RELAY_TRY(check_width(row, selected + key().columns.size()));
    RELAY_ASSIGN(const RowDigest digested, digest(row));
    RELAY_ASSIGN(found.last, key_literals(key(), row.subspan(selected)));
    const auto [at, is_new] = found.at.try_emplace(found.last);
    at->second.add(digested);
    if (is_new) found.key_bytes += size_of(found.last);
    if (++found.rows > most) {
      return base::fail(Error(ErrorKind::malformed, "the server sent more rows than were asked for").about(name()));
    }
    if (found.key_bytes <= kMostKeyBytes) return {};
    return base::fail(Error(ErrorKind::unsupported, "keys are larger than memory is given to them").about(name()));
  };
  RELAY_TRY(run(statement, take));
  return found;
}

Result<KeyedRows> TableSide::read(const KeyRange& range, std::uint64_t most) {
  return read_keyed(select(true) + key_condition(key(), range) + key_order(key()) + fmt::format(" LIMIT {}", most),
                    most);
}

Result<KeyedRows> TableSide::read(const std::vector<KeyValues>& keys) {
  KeyedRows all;
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysInStatement) {
    const std::size_t end = std::min(begin + kKeysInStatement, keys.size());
    RELAY_ASSIGN(KeyedRows some, read_keyed(select(true) + keys_condition(key(), {&keys[begin], end - begin}) +
                                                fmt::format(" LIMIT {}", kMostAtKeys),
                                            kMostAtKeys));
    all.rows += some.rows;
    all.key_bytes += some.key_bytes;
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
  RELAY_TRY(run(select(true) + keys_condition(key(), {&at, 1}) + " LIMIT 2", take));
  if (rows != 1) return std::optional<std::vector<RowDigest>>();
  return std::optional(std::move(digests));
}

}  // namespace relay::seed
