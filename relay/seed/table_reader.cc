#include "relay/seed/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "relay/base/log.h"
#include "relay/source/dump_command.h"
#include "relay/source/schema_reader.h"
#include "scrub_rules/table_rules.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::quote_name;
using source::RowView;
using sql::TableDefinition;

constexpr std::uint64_t kFirstChunk = 100;                      // rows, which may be of any size
constexpr std::uint64_t kChunkGrowth = 100;                     // times the rows of the one before
constexpr std::uint64_t kLargestChunk = 100'000;                // rows
constexpr std::uint64_t kChunkSize = std::uint64_t{64} << 20;   // bytes of SQL
constexpr std::uint64_t kToldEvery = std::uint64_t{256} << 10;  // bytes of SQL
constexpr std::size_t kKeptRow = std::size_t{4} << 20;          // bytes that stay reserved between rows
constexpr int kLockWaits = 30;                                  // of lock_wait_timeout each: half an hour
constexpr int kDefinitionChanged = 1412;                        // ER_TABLE_DEF_CHANGED
// What a table that was changed since the view's moment gives: that; no such database, column, table, index.
constexpr auto kChanges = std::to_array<int>({kDefinitionChanged, 1049, 1054, 1146, 1176});
constexpr auto kLockWait = std::to_array<int>({1205});
// What a literal gives that is none of its type: text that is not well-formed, a date of no calendar.
constexpr auto kNoLiteral = std::to_array<int>({1292, 1300, 1411, 1525});

template <std::size_t Count>
bool is_peer_error(const Error& error, const std::array<int, Count>& codes) {
  return error.kind() == ErrorKind::peer && std::ranges::find(codes, error.system_code()) != codes.end();
}

Error changed(const SnapshotTable& table) {
  return Error(ErrorKind::peer, "the table was changed at the source while it was read")
      .about(table.name())
      .code(kDefinitionChanged);
}

}  // namespace

bool is_no_literal(const Error& error) { return is_peer_error(error, kNoLiteral); }

bool table_changed(const Error& error) { return is_peer_error(error, kChanges); }

ReadingOrder reading_order(const SnapshotTable& table, const scrub_rules::RuleView& rules) {
  const TableDefinition& definition = table.definition;
  const auto plans = scrub_rules::column_plans(rules, definition);
  if (!plans) return {};
  std::vector<bool> may_read;
  for (const scrub_rules::ColumnPlan& plan : *plans) {
    const scrub_rules::ActionKind kind = plan.action.kind;
    may_read.push_back(kind != scrub_rules::ActionKind::drop && kind != scrub_rules::ActionKind::null &&
                       kind != scrub_rules::ActionKind::constant);
  }
  ReadingOrder order;
  order.key = choose_key(definition, may_read);
  order.leaves = order.key && std::ranges::all_of(order.key->columns, [&](const sql::ColumnDefinition& column) {
                   const auto at = definition.find(column.name);
                   return at && scrub_rules::keeps((*plans)[*at]) && !column.row_period;
                 });
  return order;
}

Result<void> check_width(RowView row, std::size_t asked) {
  if (row.size() == asked) return {};
  return base::fail(ErrorKind::malformed, "the server sent another number of values than was asked for");
}

TableReader::TableReader(source::SourceConnection& connection, TableWatch& watch, const SnapshotTable& table,
                         RowScrubber scrubber, std::optional<TableKey> key, SnapshotProgress& progress)
    : connection_(connection),
      watch_(watch),
      table_(table),
      scrubber_(std::move(scrubber)),
      key_(std::move(key)),
      select_list_(scrubber_.select_list()),
      selected_(scrubber_.selected()),
      progress_(progress) {
  const auto select = [this](const std::string& expression) {
    if (!select_list_.empty()) select_list_ += ", ";
    select_list_ += expression;
    return selected_++;
  };
  if (key_) {
    for (const std::string& expression : key_expressions(*key_)) {
      const auto there = scrubber_.place_of(expression);
      key_places_.push_back(there ? *there : select(expression));
    }
  }
  if (selected_ == 0) select("1");
}

std::string TableReader::from() const {
  return fmt::format(" FROM {}.{}{}", quote_name(table_.definition.database), quote_name(table_.definition.table),
                     key_ ? key_index_hint(*key_) : "");
}

std::string TableReader::statement(const KeyRange& range, std::uint64_t most) const {
  std::string text = "SELECT " + select_list_ + from();
  if (key_) text += key_condition(*key_, range) + key_order(*key_) + fmt::format(" LIMIT {}", most);
  return text;
}

Result<void> TableReader::hold() {
  for (int tries = 1;; ++tries) {
    RELAY_TRY(connection_.query("SAVEPOINT chunk"));
    const auto held = connection_.query("SELECT 1" + from() + " LIMIT 0");
    if (held) return {};
    if (!is_peer_error(held.error(), kLockWait)) return base::fail(held.error());
    // Nothing of the view is lost: only this statement waited.
    if (tries == kLockWaits) {
      return base::fail(Error(held.error())
                            .about(table_.name())
                            .remedy("end the LOCK TABLES or ALTER TABLE that has the table, then try again"));
    }
    base::log(base::LogLevel::warning, "{} is locked at the source: waiting for it",
              base::Subject(table_.name()).text());
    RELAY_TRY(connection_.query("ROLLBACK TO SAVEPOINT chunk"));
  }
}

Result<void> TableReader::check_table() {
  RELAY_ASSIGN(const auto shown, source::read_create_text(connection_, table_.definition.name()));
  if (!shown || !same_definition(*shown, table_.shown)) return base::fail(changed(table_));
  RELAY_ASSIGN(const TableWatch::Look look, watch_.look(table_));
  if (look == TableWatch::Look::changed) return base::fail(changed(table_));
  if (look == TableWatch::Look::same) return {};
  // Of a table that was emptied by TRUNCATE the view has no row at all.
  RELAY_ASSIGN(const source::Rows any, connection_.query("SELECT 1" + from() + " LIMIT 1"));
  return any.empty() ? base::fail(changed(table_)) : Result<void>();
}

Result<void> TableReader::with_table(const std::function<Result<void>()>& read) {
  RELAY_TRY(hold());
  RELAY_TRY(check_table());
  RELAY_TRY(read());
  RELAY_TRY(connection_.query("ROLLBACK TO SAVEPOINT chunk"));
  return {};
}

Result<void> TableReader::read(KeyRange range, const RowTaker& take) {
  std::uint64_t most = key_ ? kFirstChunk : std::numeric_limits<std::uint64_t>::max();
  for (;;) {
    Chunk chunk;
    RELAY_TRY(with_table([&]() -> Result<void> {
      RELAY_ASSIGN(chunk, read_chunk(range, most, take));
      return {};
    }));
    if (chunk.rows < most) return {};
    const std::uint64_t fitting = kChunkSize / std::max<std::uint64_t>(1, chunk.bytes / chunk.rows);
    most = std::clamp<std::uint64_t>(fitting, 1, std::min(kLargestChunk, most * kChunkGrowth));
  }
}

Result<TableReader::Chunk> TableReader::read_chunk(KeyRange& range, std::uint64_t most, const RowTaker& take) {
  Chunk chunk;
  Chunk told;
  std::optional<KeyValues> last;
  const auto read = [&](RowView row) -> Result<void> {
    RELAY_TRY(check_width(row, selected_));
    row_.clear();
    row_.shrink(kKeptRow);
    RELAY_TRY(scrubber_.append(row.first(scrubber_.selected()), row_));
    chunk.bytes += row_.size();
    RELAY_TRY(take(row_.view()));
    ++chunk.rows;
    if (chunk.bytes - told.bytes > kToldEvery) tell(chunk, told);
    if (!key_ || chunk.rows < most) return {};
    RELAY_ASSIGN(last, key_of(row));
    return {};
  };
  if (const auto done = connection_.read_rows(statement(range, most), read); !done) return refuse(done.error());
  tell(chunk, told);
  if (last && range.after == last) return no_literal();
  if (last) range.after = std::move(last);
  return chunk;
}

Result<KeyValues> TableReader::key_of(RowView row) const {
  std::vector<std::optional<std::string_view>> values;
  for (const std::size_t place : key_places_) values.push_back(row[place]);
  return key_literals(*key_, values);
}

tl::unexpected<Error> TableReader::refuse(const Error& error) const {
  return key_ && is_no_literal(error) ? no_literal() : base::fail(error);
}

tl::unexpected<Error> TableReader::no_literal() const {
  std::string columns = table_.name() + " (";
  for (const sql::ColumnDefinition& column : key_->columns) {
    columns += (columns.ends_with('(') ? "" : ", ") + column.name;
  }
  return base::fail(Error(ErrorKind::unsupported, "a key has a value that the source does not take back in a statement")
                        .about(columns + ')')
                        .remedy("give that row a date of the calendar, or text that is well-formed"));
}

void TableReader::tell(const Chunk& chunk, Chunk& told) {
  progress_.rows += chunk.rows - told.rows;
  progress_.sql_bytes += chunk.bytes - told.bytes;
  told = chunk;
}

Result<std::vector<KeyValues>> TableReader::cuts(std::uint64_t rows, std::size_t most) {
  std::vector<KeyValues> found;
  if (!key_) return found;
  const std::uint64_t parts = std::min<std::uint64_t>(table_.estimated_rows / rows + 1, most + 1);
  if (!begins_with_integer(*key_)) return walked_cuts(std::max(rows, table_.estimated_rows / parts), most);
  RELAY_TRY(with_table([&]() -> Result<void> {
    RELAY_ASSIGN(found, integer_cuts(static_cast<std::size_t>(parts)));
    return {};
  }));
  return found;
}

// Equal parts of the range that the first column has.
Result<std::vector<KeyValues>> TableReader::integer_cuts(std::size_t parts) {
  const std::string name = quote_name(key_->columns.front().name);
  RELAY_ASSIGN(const source::Rows rows, connection_.query(fmt::format("SELECT MIN({0}), MAX({0}){1}", name, from())));
  std::vector<KeyValues> found;
  if (rows.empty() || rows[0].size() != 2 || !rows[0][0] || !rows[0][1]) return found;
  // In 64 bits without a sign the distance of two numbers of BIGINT is right, too.
  const bool negative = rows[0][0]->starts_with('-');
  const auto number = [](const std::string& text) {
    std::uint64_t digits = 0;
    const bool below_zero = text.starts_with('-');
    std::from_chars(text.data() + (below_zero ? 1 : 0), text.data() + text.size(), digits);
    return below_zero ? -digits : digits;
  };
  const std::uint64_t first = number(*rows[0][0]);
  const std::uint64_t step = (number(*rows[0][1]) - first) / parts;
  for (std::uint64_t i = 1; i < parts && step > 0; ++i) {
    const std::uint64_t cut = first + step * i;
    found.push_back({negative ? std::to_string(static_cast<std::int64_t>(cut)) : std::to_string(cut)});
  }
  return found;
}

// Every so many rows, found by the server itself along the index; it lets go of the table after each.
Result<std::vector<KeyValues>> TableReader::walked_cuts(std::uint64_t rows, std::size_t most) {
  std::vector<KeyValues> found;
  KeyRange range;
  while (found.size() < most) {
    std::optional<KeyValues> cut;
    const auto read = [&](RowView row) -> Result<void> {
      RELAY_TRY(check_width(row, key_->columns.size()));
      RELAY_ASSIGN(cut, key_literals(*key_, row));
      return {};
    };
    RELAY_TRY(with_table([&]() -> Result<void> {
      const auto done =
          connection_.read_rows("SELECT " + key_select_list(*key_) + from() + key_condition(*key_, range) +
                                    key_order(*key_) + fmt::format(" LIMIT 1 OFFSET {}", rows - 1),
                                read);
      return done ? done : refuse(done.error());
    }));
    if (!cut) break;
    found.push_back(*cut);
    range.after = std::move(cut);
  }
  return found;
}

}  // namespace relay::seed
