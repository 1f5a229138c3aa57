#pragma once

#include <memory>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/stream_state.h"
#include "scrub_rules/event_scrubber.h"

namespace relay::scrub_rules {

// The transaction that the operator decided to pass over. Of its events only those leave that carry its GTID and, in an
// XA transaction, its state; behind them stands an empty transaction as the flavour wants it, or one statement given in
// its place and judged by the rules like any other. What it did to tables at the source goes into the schema history
// (passed_schema.h). One thread owns it.
class PassedTransaction {
 public:
  // References must outlive it.
  PassedTransaction(const RuleSet& rules, SchemaHistory& history, const ScrubberSettings& settings);
  ~PassedTransaction();

  // `replacement`: the statement in its place; none when empty.
  void start(std::string replacement);
  // The next event of the transaction; MariaDB's compressed statements opened. `stream` has advanced over it, or could
  // not. Drafts are valid until the next call. Errors: malformed (a GTID event that cannot be read); unsupported (a
  // replacement for an XA transaction).
  [[nodiscard]] base::Result<Scrubbed> take(const binlog::EventView& event, const binlog::StreamState& stream);
  // An event that cannot be opened or read: anything may have happened in it.
  void take_opaque();
  // The transaction is over: what is to be written behind what take() gave, with the schema's changes staged in the
  // history. `like` is an event of it. Errors: those of StatementPolicy::judge for the replacement; unsupported (it is
  // about a table that the transaction did not change); those of copies_check.h.
  [[nodiscard]] base::Result<Scrubbed> finish(const binlog::EventHeader& like, const binlog::StreamState& stream);
  // Of the transaction that was finished last: it made a trigger that writes values which do not leave into a column
  // that does. They leave from there on, unless the trigger is dropped at the source.
  [[nodiscard]] bool made_copying_trigger() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Judges a statement that is to stand in the place of a transaction, as finish() will, but for the transaction's own
// tables: it changes no rows, is one statement, and names the database of every table. `server_version` as
// FormatDescription::version_number(). What it does to the schema stays staged in `history`. Errors:
// unsupported, rule; never with a piece of the statement.
[[nodiscard]] base::Result<void> judge_replacement(std::string_view statement, const RuleSet& rules,
                                                   SchemaHistory& history, const ScrubberSettings& settings,
                                                   std::uint32_t server_version);

}  // namespace relay::scrub_rules
