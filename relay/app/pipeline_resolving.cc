#include "relay/app/pipeline.h"
#include "relay/base/log.h"
#include "relay/binlog/container.h"
#include "relay/binlog/event_type.h"
#include "relay/binlog/stream_role.h"

// The part of the pipeline that carries out a resolution: one transaction is passed over, whatever is in it. Events
// that nobody understands must not keep it from finding the transaction's end.

namespace relay::app {

namespace {

using base::Result;
using binlog::EventType;
using binlog::StreamRole;
using Place = binlog::StreamState::Place;

// What cannot be read can only be a part of something.
StreamRole role_of(const binlog::EventView& event) { return binlog::stream_role(event).value_or(StreamRole::part); }

std::string gtid_of(const binlog::EventView& event) {
  if (event.type() == EventType::mariadb_gtid) {
    const auto gtid = binlog::MariadbGtidEvent::parse(event.body(), event.header().server_id);
    return gtid ? gtid->gtid.text() : std::string();
  }
  const auto gtid = binlog::MysqlGtidEvent::parse(event.header().type_code, event.body());
  return gtid && !gtid->anonymous ? gtid->gtid.text() : std::string();
}

}  // namespace

bool Pipeline::begins_resolved(const binlog::EventView& event, std::string_view source_file,
                               std::uint64_t source_end) const {
  if (state_.place() != Place::between_transactions || binlog::is_artificial(event.header())) return false;
  const StreamRole role = role_of(event);
  if (role == StreamRole::control || role == StreamRole::format) return false;
  const TransactionName name{facts_.source.id,
                             {std::string(source_file), source_end - event.header().event_size},
                             role == StreamRole::gtid ? gtid_of(event) : std::string()};
  return name == resolution_->transaction;
}

Result<bool> Pipeline::resolve(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end) {
  if (!passing_) {
    if (!begins_resolved(event, source_file, source_end)) return false;
    state_.abandon_transaction();  // the GTID of the one before would be taken for its own
    parts_.passed->start(resolution_->replacement);
    passing_ = in_transaction_ = true;
    counts_ = {};
  } else if (!binlog::is_artificial(event.header())) {
    const StreamRole role = role_of(event);
    // The source broke off inside the transaction: it was never committed, and there is nothing to pass over.
    if (role == StreamRole::format) passing_ = false;
    if (role == StreamRole::format) return false;
    if (role == StreamRole::gtid || role == StreamRole::control) {
      RELAY_TRY(end_passing(event.header(), source_file, source_end - event.header().event_size));
      return false;
    }
  }
  const bool is_container =
      binlog::event_handling(event.header().type_code, event.header().flags) == binlog::EventHandling::container;
  RELAY_TRY(is_container ? pass_container(event, source_file, source_end) : pass(event, source_file, source_end));
  return true;
}

// Opened only for what may be in it besides rows: the state of an XA transaction, a change of a table.
Result<void> Pipeline::pass_container(const binlog::EventView& event, std::string_view source_file,
                                      std::uint64_t source_end) {
  if (event.type() == EventType::transaction_payload) {
    const bool opens = binlog::for_each_payload_event(event.body(), kMaximumOpenedEvent, [](const auto&) {
                         return Result<void>();
                       }).has_value();
    if (opens) {
      return binlog::for_each_payload_event(event.body(), kMaximumOpenedEvent,
                                            [&](const auto& inner) { return pass(inner, source_file, source_end); });
    }
    parts_.passed->take_opaque();
    return end_passing(event.header(), source_file, source_end);
  }
  if (event.type() != EventType::query_compressed) return pass(event, source_file, source_end);
  opened_.clear();
  const auto plain = binlog::open_compressed_event(event, kMaximumOpenedEvent, opened_);
  return pass(plain ? *plain : event, source_file, source_end);
}

Result<void> Pipeline::pass(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end) {
  const auto step = state_.advance(event);  // an event that may not stand there ends nothing
  RELAY_ASSIGN(const auto scrubbed, parts_.passed->take(event, state_));
  RELAY_TRY(at_spool(write(scrubbed)));
  const bool is_over = (step && step->ends_transaction) || state_.place() == Place::between_transactions;
  return is_over ? end_passing(event.header(), source_file, source_end) : Result<void>();
}

Result<void> Pipeline::end_passing(const binlog::EventHeader& like, std::string_view source_file,
                                   std::uint64_t source_end) {
  RELAY_ASSIGN(const auto scrubbed, parts_.passed->finish(like, state_));
  RELAY_TRY(at_spool(write(scrubbed)));
  if (parts_.audit != nullptr) RELAY_TRY(at_spool(parts_.audit->resolved(*resolution_)));
  RELAY_TRY(at_spool(commit(like.timestamp, source_file, source_end)));
  state_.abandon_transaction();
  // The request is removed next: the transaction must be past for good before.
  RELAY_TRY(at_spool(parts_.writer.flush()));
  if (parts_.passed->made_copying_trigger()) {
    base::log(base::LogLevel::warning,
              "the transaction that was passed over made a trigger that copies what does not leave into a column that "
              "does: its rows leave. Drop it "
              "at the source; a start with it is refused");
  }
  passing_ = false;
  has_resolved_ = true;
  resolution_.reset();
  return {};
}

}  // namespace relay::app
