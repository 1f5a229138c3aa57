#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"

namespace relay::seed {

// Rows of one table, as a server sends them for select_list(), made into rows of the scrubbed table, as SQL literals:
// by the same actions that the stream's row events go through, so that a row has the same bytes at a replica whichever
// way it came; but a kept MySQL JSON document comes as its text, in which decimals and values of no JSON type (dates,
// times, binary) are doubles and strings. Immutable but for scratch memory; one thread owns it.
//
// The session that is asked has time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES' and character_set_results =
// NULL: text comes in the bytes of its column. The session that the literals are given to has time_zone = '+00:00',
// character_set_client and collation_connection binary (SET NAMES binary), and a sql_mode with NO_AUTO_VALUE_ON_ZERO
// and ALLOW_INVALID_DATES, without NO_BACKSLASH_ESCAPES and every strict mode.
class RowScrubber {
 public:
  // `rules` as for the stream's table maps; both need not outlive the result. Errors: those of
  // scrub_rules::column_plans() and of actions that do not fit; unsupported for a column whose rows cannot be read this
  // way.
  [[nodiscard]] static base::Result<RowScrubber> make(const sql::TableDefinition& definition, binlog::Flavor flavor,
                                                      const scrub_rules::RuleView& rules);
  // For rows that are compared, not loaded: make(), but text that is ill-formed is taken where the column is kept, as
  // the stream takes it.
  [[nodiscard]] static base::Result<RowScrubber> make_comparing(const sql::TableDefinition& definition,
                                                                binlog::Flavor flavor,
                                                                const scrub_rules::RuleView& rules);
  // Reads a replica's rows to be compared with those that `source`, a make_comparing(), makes: rows are equal where
  // their bytes are. `scrubbed` is the definition of the scrubbed table. A value that is none of its column's type is
  // no error, and equal to none of `source`.
  [[nodiscard]] static base::Result<RowScrubber> make_mirror(const sql::TableDefinition& scrubbed,
                                                             binlog::Flavor flavor, const RowScrubber& source);
  RowScrubber(RowScrubber&& other) noexcept;
  RowScrubber& operator=(RowScrubber&& other) noexcept;
  ~RowScrubber();

  // What to SELECT, and how many expressions that are: columns that leave and whose value is needed, no other. May be
  // none.
  [[nodiscard]] const std::string& select_list() const;
  [[nodiscard]] std::size_t selected() const;
  // Which of them `expression` is, if any.
  [[nodiscard]] std::optional<std::size_t> place_of(std::string_view expression) const;
  // The columns that append() writes, quoted, in parentheses: `INSERT INTO t <insert_list> VALUES`. Columns that the
  // server computes are not among them.
  [[nodiscard]] const std::string& insert_list() const;
  // Their names, in that order.
  [[nodiscard]] std::vector<std::string> written_columns() const;

  // Appends "(literal,literal,...)" for one row. `values` are those of select_list(); nothing for NULL. Errors:
  // malformed where a value is none of its column's type; unsupported for text that is ill-formed in its character set;
  // those of the actions; never with a value in them. After an
  // error what was appended is of no use. `ends`: where to add the end of each literal in `into`.
  [[nodiscard]] base::Result<void> append(std::span<const std::optional<std::string_view>> values, base::Buffer& into,
                                          std::vector<std::size_t>* ends = nullptr);

 private:
  struct State;
  explicit RowScrubber(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace relay::seed
