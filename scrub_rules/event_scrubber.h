#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/event_draft.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/stream_state.h"
#include "relay/proof/made_statements.h"
#include "scrub_rules/leaving_tally.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

enum class Verdict : std::uint8_t { keep, replace, drop };

// What becomes of one event: the drafts to write in its place (none for drop, one for keep). They borrow from the event
// and from the scrubber: valid until its next call.
struct Scrubbed {
  Verdict verdict = Verdict::drop;
  std::span<const binlog::EventDraft> drafts;
};

// Counters for status and metrics; never reset.
struct ScrubCounters {
  std::uint64_t events_kept = 0, events_replaced = 0, events_dropped = 0;
  std::uint64_t rows_events_rewritten = 0, rows_events_denied = 0;
  std::uint64_t statements_rewritten = 0, statements_dropped = 0;
};

struct ScrubberSettings {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  bool fold_case = false;  // lower_case_table_names > 0 at the source
  std::string xa_key{};    // secret: names of XA transactions become pseudonyms by it
  // Told every text that the statement writer makes for the open transaction; may be null, and must outlive the
  // scrubber.
  proof::MadeStatements* made = nullptr;
  friend bool operator==(const ScrubberSettings&, const ScrubberSettings&) = default;
};

// Judges the events of one stream, in order: rules on rows and on SQL. A halt is the returned Error (never with a value
// or a statement in it). Containers (transaction payloads, compressed events) are opened before: the scrubber halts on
// them. Events that belong to the file and not to the replica's data (rotate, format description, previous GTIDs, GTID
// list, checkpoints, heartbeats, stop, start_encryption) are not given to it. One thread owns it.
class EventScrubber {
 public:
  // References must outlive the scrubber.
  EventScrubber(const RuleSet& rules, SchemaHistory& history, const ScrubberSettings& settings);
  ~EventScrubber();

  // `step` is what StreamState::advance said of this event; `state` that stream state, already advanced.
  [[nodiscard]] base::Result<Scrubbed> scrub(const binlog::EventView& event, const binlog::StreamState::Step& step,
                                             const binlog::StreamState& state);
  // Forgets table maps and the open transaction (the connection was lost, or the transaction was abandoned). The caller
  // also rolls the schema history back.
  void abandon_transaction();
  // A new source file begins: table maps are void.
  void start_file();
  // Counts from now on what happens to rows; `tally` must outlive the scrubber. It is told of the transaction's end by
  // whoever commits it.
  void count_into(LeavingTally& tally);
  // Any thread.
  [[nodiscard]] ScrubCounters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay::scrub_rules
