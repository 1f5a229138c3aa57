#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/binlog/flavor.h"
#include "relay/seed/row_scrubber.h"
#include "relay/seed/row_shuffle.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/seed/table_key.h"
#include "relay/seed/table_watch.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// How far a snapshot is; any thread may read it.
struct SnapshotProgress {
  std::atomic<std::uint64_t> estimated_rows{0};
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> kept_rows{0};  // among them those that were read under an earlier view
  std::atomic<std::uint64_t> sql_bytes{0};
};

// Reads a table's rows in the view that a connection's transaction has of it, scrubs them, and hands them on. A table
// is read in chunks: a statement each, after which the connection lets go of it. Before each it is seen, with the table
// held, that it is still the one of the view: what came under its name meanwhile is not read by mistake.
// Borrows everything; one thread owns it.
class TableReader {
 public:
  TableReader(source::SourceConnection& connection, TableWatch& watch, const SnapshotTable& table, RowScrubber scrubber,
              std::optional<TableKey> key, SnapshotProgress& progress);

  // The key's values that cut the table in parts of about `rows`, at most `most` of them.
  [[nodiscard]] base::Result<std::vector<KeyValues>> cuts(std::uint64_t rows, std::size_t most);
  // Reads the rows of a range, "(literal,...)" each; without a key, all of them at once. Errors: those of connection,
  // scrubbing and `take`; table_changed() ones; peer where the table is locked for too long; unsupported where a key's
  // value cannot be said in a statement.
  [[nodiscard]] base::Result<void> read(KeyRange range, const RowTaker& take);

 private:
  // Takes hold of the table: waits for who has it locked.
  base::Result<void> hold();
  // Whether it is still that of the view. REQUIRES: it is held. Errors: table_changed() ones.
  base::Result<void> check_table();
  // Runs `read` with the table held, after a look at it, and lets go of it.
  base::Result<void> with_table(const std::function<base::Result<void>()>& read);
  struct Chunk {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;  // of SQL
  };
  // Adds to the progress what it has not been told yet.
  void tell(const Chunk& chunk, Chunk& told);
  base::Result<Chunk> read_chunk(KeyRange& range, std::uint64_t most, const RowTaker& take);
  // The error of a statement that names values of the key; its values cannot be said.
  [[nodiscard]] tl::unexpected<base::Error> refuse(const base::Error& error) const;
  [[nodiscard]] tl::unexpected<base::Error> no_literal() const;
  base::Result<std::vector<KeyValues>> integer_cuts(std::size_t parts);
  base::Result<std::vector<KeyValues>> walked_cuts(std::uint64_t rows, std::size_t most);
  [[nodiscard]] base::Result<KeyValues> key_of(source::RowView row) const;
  [[nodiscard]] std::string from() const;
  [[nodiscard]] std::string statement(const KeyRange& range, std::uint64_t most) const;

  source::SourceConnection& connection_;
  TableWatch& watch_;
  const SnapshotTable& table_;
  RowScrubber scrubber_;
  std::optional<TableKey> key_;
  // What a row is asked for: the scrubber's expressions, and behind them those of the key that are not among them.
  std::string select_list_;
  std::size_t selected_ = 0;
  std::vector<std::size_t> key_places_;  // of the key's
  SnapshotProgress& progress_;
  base::Buffer row_;
};

// How a table's rows are read.
struct ReadingOrder {
  // Of columns alone whose values are needed anyway, since they leave or something is made of them.
  std::optional<TableKey> key;
  // Whether that order is told by columns that leave as they are. Any other, or where rows lie without a key, would
  // tell something of values that do not leave, and so would which rows stand together.
  bool leaves = false;
};
[[nodiscard]] ReadingOrder reading_order(const SnapshotTable& table, const scrub_rules::RuleView& rules);

// Whether a row of an answer has as many values as were asked for. Errors: malformed.
[[nodiscard]] base::Result<void> check_width(source::RowView row, std::size_t asked);

// Whether a server does not take a key's value back in a statement: a date of no calendar, ill-formed text.
[[nodiscard]] bool is_no_literal(const base::Error& error);

// Whether a table is no longer what it was at the view's moment, so that its rows there cannot be read any more.
[[nodiscard]] bool table_changed(const base::Error& error);

}  // namespace relay::seed
