#include "scrub_rules/event_scrubber.h"

#include <array>
#include <atomic>
#include <vector>

#include "relay/binlog/gtid_event.h"
#include "relay/binlog/query_event.h"
#include "relay/binlog/rows_event.h"
#include "relay/binlog/table_map.h"
#include "scrub_rules/draft_maker.h"
#include "scrub_rules/group_events.h"
#include "scrub_rules/live_tables.h"
#include "scrub_rules/row_rewriter.h"
#include "scrub_rules/statement_policy.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using binlog::EventHandling;
using binlog::EventType;
using binlog::EventView;
using binlog::Flavor;
using StreamStep = binlog::StreamState::Step;

// Every flag that servers write on the events given here, none with more in it than its name says: THREAD_SPECIFIC,
// SUPPRESS_USE, IGNORABLE, NO_FILTER, MTS_ISOLATE; MariaDB's ACCEPT_OWN and SKIP_REPLICATION.
constexpr std::uint16_t kKnownEventFlags = binlog::kFlagThreadSpecific | binlog::kFlagSuppressUse |
                                           binlog::kFlagIgnorable | 0x100 | 0x200 | 0x4000 |
                                           binlog::kFlagSkipReplication;
constexpr std::size_t kXidSize = 8;

class Counter {
 public:
  void add() { value_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

tl::unexpected<Error> unsupported(base::FixedText what) {
  return base::fail(
      Error(ErrorKind::unsupported, what)
          .remedy("upgrade the relay; or go on past this transaction with `binlog-relay resolve --skip`"));
}

}  // namespace

struct EventScrubber::State {
  State(const RuleSet& rules, SchemaHistory& of, const ScrubberSettings& with)
      : settings(with),
        history(of),
        tables(rules, of, with.flavor, with.fold_case),
        policy(rules, of, with.flavor, with.fold_case, with.xa_key, with.made) {}

  ScrubberSettings settings;
  SchemaHistory& history;
  LiveTables tables;
  StatementPolicy policy;
  RowRewriter rewriter;
  DraftMaker drafts;
  binlog::TableMap map;
  std::array<ByteView, 2> map_slices;
  // A table map or rows of the open statement were written: its end must be written too.
  bool statement_written = false;
  // Something of the open transaction was written besides what begins, divides and ends it.
  bool transaction_written = false;

  LeavingTally* tally = nullptr;
  Counter kept, replaced, dropped, rows_rewritten, rows_denied, statements_rewritten, statements_dropped;

  base::Result<Verdict> judge(const EventView& event, const StreamStep& step, const binlog::StreamState& stream);
  base::Result<Verdict> judge_group_event(const EventView& event);
  base::Result<Verdict> judge_statement(const EventView& event, const StreamStep& step,
                                        const binlog::StreamState& stream);
  base::Result<Verdict> judge_table_map(const EventView& event);
  base::Result<Verdict> judge_rows(const EventView& event);
  base::Result<Verdict> scrub_mysql_gtid(const EventView& event);
  base::Result<void> write_query(const EventView& event, const binlog::QueryEvent& query,
                                 const JudgedStatement& judged);
  base::Result<Verdict> drop_statement(const EventView& event, const StreamStep& step,
                                       const binlog::StreamState& stream);
  Verdict end_statement(const EventView& event, bool version_2);
  void start_transaction();
  void count(Verdict verdict);
};

base::Result<Verdict> EventScrubber::State::judge(const EventView& event, const StreamStep& step,
                                                  const binlog::StreamState& stream) {
  if ((event.header().flags & ~kKnownEventFlags) != 0)
    return unsupported("an event has header flags that are not known");
  const std::uint8_t code = event.header().type_code;
  if (!stream.format().has_known_layout(code) && binlog::find_event_type(code) != nullptr) {
    return unsupported("an event has another layout than is known");
  }
  switch (binlog::event_handling(code, event.header().flags)) {
    case EventHandling::group:
      return judge_group_event(event);
    case EventHandling::statement:
      return judge_statement(event, step, stream);
    case EventHandling::table_map:
      return judge_table_map(event);
    case EventHandling::rows:
      return judge_rows(event);
    case EventHandling::load_data:
      if (policy.may_drop_data()) return Verdict::drop;
      return base::fail(Error(ErrorKind::rule, "LOAD DATA was logged as a statement, and only rows can be scrubbed")
                            .remedy("set binlog_format=ROW for the session that wrote it"));
    case EventHandling::drop:
      return Verdict::drop;
    case EventHandling::control:
    case EventHandling::container:
    case EventHandling::halt:
      break;
  }
  return unsupported(binlog::find_event_type(code) == nullptr ? base::FixedText("an event's type is not known")
                                                              : base::FixedText("an event cannot be scrubbed"));
}

base::Result<Verdict> EventScrubber::State::judge_group_event(const EventView& event) {
  base::Buffer& scratch = drafts.scratch();
  switch (event.type()) {
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
      return scrub_mysql_gtid(event);
    case EventType::mariadb_gtid:
      RELAY_TRY(scrub_mariadb_gtid(event.body(), settings.xa_key, scratch));
      drafts.add_scratch(event.header(), 0);
      return Verdict::replace;
    case EventType::xa_prepare:
      RELAY_TRY(scrub_xa_prepare(event.body(), settings.xa_key,
                                 settings.flavor == Flavor::mysql && !transaction_written, history, scratch));
      drafts.add_scratch(event.header(), 0);
      return Verdict::replace;
    case EventType::xid:
      if (event.body().size() != kXidSize) return base::fail(ErrorKind::malformed, "an XID event has another size");
      drafts.keep(event);
      return Verdict::keep;
    default:
      return unsupported("an event cannot be scrubbed");
  }
}

base::Result<Verdict> EventScrubber::State::scrub_mysql_gtid(const EventView& event) {
  base::Result<std::optional<std::size_t>> offset =
      binlog::widen_transaction_length(event.header().type_code, event.body(), drafts.scratch());
  if (!offset) return tl::unexpected(std::move(offset).error());
  drafts.add_scratch(event.header(), 0, *offset);
  return Verdict::replace;
}

base::Result<Verdict> EventScrubber::State::judge_statement(const EventView& event, const StreamStep& step,
                                                            const binlog::StreamState& stream) {
  const bool load = event.type() == EventType::execute_load_query;
  RELAY_ASSIGN(const binlog::QueryEvent query,
               load ? binlog::QueryEvent::parse_load(event.body()) : binlog::QueryEvent::parse(event.body()));
  const bool thread_specific = (event.header().flags & binlog::kFlagThreadSpecific) != 0;
  RELAY_ASSIGN(const JudgedStatement judged, policy.judge(query, stream.format().version_number(), thread_specific));
  if (judged.outcome == JudgedStatement::Outcome::dropped) {
    statements_dropped.add();
    return drop_statement(event, step, stream);
  }
  if (load) return base::fail(ErrorKind::malformed, "LOAD DATA was logged with another statement");
  RELAY_TRY(write_query(event, query, judged));
  if (judged.outcome == JudgedStatement::Outcome::rewritten) {
    statements_rewritten.add();
    transaction_written = true;
  }
  return Verdict::replace;
}

base::Result<void> EventScrubber::State::write_query(const EventView& event, const binlog::QueryEvent& query,
                                                     const JudgedStatement& judged) {
  base::Buffer status;
  RELAY_TRY(binlog::filter_query_status(query.status, settings.flavor, status));
  binlog::QueryEvent written;
  written.thread_id = query.thread_id;
  written.execution_time = query.execution_time;
  written.status = status.view();
  written.database = judged.database;
  written.statement = ByteView::of(judged.text);
  binlog::encode_query_body(written, drafts.scratch());
  drafts.add_scratch(event.header(), 0);
  return {};
}

// A transaction of which nothing is left still has to arrive: its GTID was written, and replicas count it.
base::Result<Verdict> EventScrubber::State::drop_statement(const EventView& event, const StreamStep& step,
                                                           const binlog::StreamState& stream) {
  if (!step.ends_transaction) return Verdict::drop;
  if (settings.flavor == Flavor::mysql) {
    if (!stream.mysql_gtid()) return Verdict::drop;
    // MySQL 5.6 does not count a GTID whose only statement is a comment, so it has to be a transaction.
    drafts.add_plain_query(event.header(), "BEGIN");
    drafts.add_plain_query(event.header(), "COMMIT");
    return Verdict::replace;
  }
  if (!stream.mariadb_gtid()) return Verdict::drop;
  if (!stream.mariadb_gtid()->standalone()) {
    return base::fail(ErrorKind::malformed, "a statement ends a group of events that it cannot end");
  }
  drafts.add_plain_query(event.header(), kDroppedStatement);
  return Verdict::replace;
}

base::Result<Verdict> EventScrubber::State::judge_table_map(const EventView& event) {
  RELAY_TRY(binlog::TableMap::parse(event.body(), map));
  RELAY_ASSIGN(const TablePlan* plan, tables.add(map));
  if (!plan->leaves) return Verdict::drop;
  statement_written = transaction_written = true;
  if (map.definition == ByteView::of(plan->table_map)) {
    drafts.keep(event);
    return Verdict::keep;
  }
  map_slices = {event.body().sub(0, binlog::kTableIdSize), ByteView::of(plan->table_map)};
  drafts.add(event.header(), map_slices);
  return Verdict::replace;
}

base::Result<Verdict> EventScrubber::State::judge_rows(const EventView& event) {
  RELAY_ASSIGN(const binlog::RowsEvent rows, binlog::RowsEvent::parse(event.type(), event.body()));
  if (rows.table_id == binlog::kDummyTableId) {
    if (!rows.ends_statement() || !rows.rows.empty()) {
      return base::fail(ErrorKind::malformed, "rows belong to no table");
    }
    return end_statement(event, rows.version_2);
  }
  const TablePlan* plan = tables.find(rows.table_id);
  if (plan == nullptr) return base::fail(ErrorKind::malformed, "rows have no table map before them");
  if (!plan->leaves) {
    rows_denied.add();
    if (tally != nullptr) tally->add_denied(*plan);
    return rows.ends_statement() ? end_statement(event, rows.version_2) : Verdict::drop;
  }
  base::Result<std::vector<ByteView>*> body = rewriter.rewrite(rows, *plan);
  if (!body) {
    Error error = std::move(body).error();
    if (error.subject().empty()) error.about(plan->name);
    return base::fail(std::move(error));
  }
  rows_rewritten.add();
  if (tally != nullptr) tally->add_rows(*plan, rows, rewriter.rows());
  statement_written = true;
  drafts.add(event.header(), **body);
  if (rows.ends_statement()) {
    tables.end_statement();
    statement_written = false;
  }
  return Verdict::replace;
}

// The end of a statement whose last rows do not leave.
Verdict EventScrubber::State::end_statement(const EventView& event, bool version_2) {
  const bool needed = statement_written;
  tables.end_statement();
  statement_written = false;
  if (!needed) return Verdict::drop;
  drafts.add_statement_end(event.header(), version_2);
  return Verdict::replace;
}

void EventScrubber::State::start_transaction() {
  tables.end_statement();
  statement_written = transaction_written = false;
  policy.start_transaction();
}

void EventScrubber::State::count(Verdict verdict) {
  switch (verdict) {
    case Verdict::keep:
      return kept.add();
    case Verdict::replace:
      return replaced.add();
    case Verdict::drop:
      return dropped.add();
  }
}

EventScrubber::EventScrubber(const RuleSet& rules, SchemaHistory& history, const ScrubberSettings& settings)
    : state_(std::make_unique<State>(rules, history, settings)) {}
EventScrubber::~EventScrubber() = default;

base::Result<Scrubbed> EventScrubber::scrub(const EventView& event, const StreamStep& step,
                                            const binlog::StreamState& stream) {
  State& state = *state_;
  state.drafts.clear();
  if (step.begins_transaction) state.start_transaction();
  if (step.begins_transaction && state.settings.made != nullptr) state.settings.made->clear();
  base::Result<Verdict> verdict = state.judge(event, step, stream);
  if (verdict && state.drafts.overflowed()) verdict = unsupported("an event would be larger than replicas take");
  if (!verdict) return base::fail(std::move(verdict).error().in_event(event.header().type_code));
  if (step.ends_transaction) state.start_transaction();
  state.count(*verdict);
  return Scrubbed{*verdict, state.drafts.finish()};
}

void EventScrubber::count_into(LeavingTally& tally) { state_->tally = &tally; }

void EventScrubber::abandon_transaction() { state_->start_transaction(); }

void EventScrubber::start_file() {
  state_->start_transaction();
  state_->tables.forget_all();
}

ScrubCounters EventScrubber::counters() const {
  const State& state = *state_;
  return {state.kept.value(),
          state.replaced.value(),
          state.dropped.value(),
          state.rows_rewritten.value(),
          state.rows_denied.value(),
          state.statements_rewritten.value(),
          state.statements_dropped.value()};
}

}  // namespace relay::scrub_rules
