#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/table_draft.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_settings.h"

namespace relay::seed {

struct SampleLimits {
  std::size_t rows = 200;        // of a table
  std::chrono::seconds time{5};  // for a table, at the server where it knows such limits, and here
};

// One question for values. A table of InnoDB is read from both ends of its primary key, others from wherever the server
// begins; neither is sorted or scanned. Every value comes as text in utf8mb4, cut to kSampledCharacters at the server.
inline constexpr std::size_t kSampledCharacters = 256;
[[nodiscard]] std::string sample_statement(const sql::TableDefinition& table, const std::vector<std::size_t>& columns,
                                           bool from_the_end, std::size_t rows);
// The columns by which rows are read in order; empty: in none.
[[nodiscard]] std::vector<std::size_t> ordering_columns(const sql::TableDefinition& table);
// Whether values of the column are asked for: not those of dates, enumerations, bits and geometries.
[[nodiscard]] bool is_sampled(const sql::ColumnDefinition& column);

// Reads samples over a connection of its own, in read-only transactions of one statement, and keeps counts alone. What
// it holds of the source at any time is at most one answer: kCellsInAnswer cells.
class TableSampler {
 public:
  static constexpr std::size_t kCellsInAnswer = 12'800;

  // `settings` is borrowed, and its query_timeout is changed to fit the limits.
  TableSampler(source::SourceSettings& settings, const source::SourceFacts& facts, SampleLimits limits)
      : settings_(settings), facts_(facts), limits_(limits) {}

  [[nodiscard]] base::Result<void> connect();
  // Fills the draft's tallies, rows, end and code. Errors: a lost connection that cannot be made again.
  [[nodiscard]] base::Result<void> sample(TableDraft& table);

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool limits_statements() const;
  // Whether the table goes on being sampled; sets its end where not.
  base::Result<bool> sample_columns(TableDraft& table, const std::vector<std::size_t>& columns,
                                    Clock::time_point until);
  // None: the table's end says why.
  base::Result<std::optional<source::Rows>> ask(TableDraft& table, const std::string& statement,
                                                Clock::time_point until);
  base::Result<void> end_statement(TableDraft& table, const base::Error& error, Clock::duration taken);

  source::SourceSettings& settings_;
  const source::SourceFacts& facts_;
  SampleLimits limits_;
  source::SourceConnection connection_;
  std::string connection_id_;
};

}  // namespace relay::seed
