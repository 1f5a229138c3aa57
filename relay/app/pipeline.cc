#include "relay/app/pipeline.h"

#include <fmt/ranges.h>

#include <chrono>

#include "relay/base/log.h"
#include "relay/binlog/container.h"
#include "relay/binlog/event_type.h"
#include "relay/binlog/stream_role.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using binlog::EventHandling;
using binlog::EventType;

// What one huge event made the decompression buffer grow to is given back above this.
constexpr std::size_t kKeepOpened = std::size_t{1} << 20;

double seconds_since(std::uint32_t timestamp) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const double lag = std::chrono::duration<double>(now).count() - static_cast<double>(timestamp);
  return lag > 0 ? lag : 0;
}

}  // namespace

Pipeline::Pipeline(Parts parts, FileFacts facts, std::string current_file, std::uint32_t spool_file)
    : parts_(parts),
      facts_(std::move(facts)),
      current_file_(std::move(current_file)),
      spool_file_(spool_file),
      opened_(kMaximumOpenedEvent) {}

// The way of an event, top to bottom.
Result<void> Pipeline::process(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end) {
  failed_stage_ = FailedStage::stream;
  note_start(event, source_file, source_end);
  if (resolution_) {
    RELAY_ASSIGN(const bool passed, resolve(event, source_file, source_end));
    if (passed) {
      failed_stage_ = FailedStage::none;
      return {};
    }
  }
  const EventHandling handling = binlog::event_handling(event.header().type_code, event.header().flags);
  if (handling == EventHandling::container) RELAY_TRY(open_container(event, source_file, source_end));
  if (handling != EventHandling::container) RELAY_TRY(process_plain(event, source_file, source_end));
  failed_stage_ = FailedStage::none;
  return {};
}

void Pipeline::note_start(const binlog::EventView& event, std::string_view source_file, std::uint64_t source_end) {
  if (state_.place() != binlog::StreamState::Place::between_transactions || binlog::is_artificial(event.header()))
    return;
  in_transaction_ = false;
  transaction_start_.file = source_file;
  transaction_start_.offset = source_end - event.header().event_size;
}

Result<void> Pipeline::open_container(const binlog::EventView& event, std::string_view source_file,
                                      std::uint64_t source_end) {
  if (!state_.format().has_known_layout(event.header().type_code)) {
    return base::fail(
        Error(ErrorKind::unsupported, "an event has another layout than is known").in_event(event.header().type_code));
  }
  if (event.type() == EventType::transaction_payload) {
    return binlog::for_each_payload_event(event.body(), kMaximumOpenedEvent, [&](const binlog::EventView& inner) {
      return process_plain(inner, source_file, source_end);
    });
  }
  opened_.clear();
  RELAY_ASSIGN(const auto plain, binlog::open_compressed_event(event, kMaximumOpenedEvent, opened_));
  RELAY_TRY(process_plain(plain, source_file, source_end));
  opened_.shrink(kKeepOpened);
  return {};
}

Result<void> Pipeline::process_plain(const binlog::EventView& event, std::string_view source_file,
                                     std::uint64_t source_end) {
  RELAY_ASSIGN(const auto step, state_.advance(event));
  if (step.abandons_transaction) RELAY_TRY(at_spool(drop_open_transaction()));
  if (event.type() == EventType::format_description) return enter_file(source_file);
  if (binlog::event_handling(event.header().type_code, event.header().flags) == EventHandling::control) return {};

  if (step.begins_transaction) {
    counts_ = {};
    in_transaction_ = true;
    is_known_ = begins_known();
  }
  if (is_known_) {
    ++counts_.dropped;
  } else {
    RELAY_ASSIGN(const auto scrubbed, parts_.scrubber.scrub(event, step, state_));
    RELAY_TRY(at_spool(write(scrubbed)));
  }
  if (step.ends_transaction) RELAY_TRY(at_spool(commit(event.header().timestamp, source_file, source_end)));
  return {};
}

// By position a source gives again what it has twice: what it applied itself as a replica, behind what it was asked
// from. The tables of such a transaction may have changed since, and replicas have its rows. (MariaDB is followed by
// GTIDs.)
bool Pipeline::begins_known() {
  const auto& gtid = state_.mysql_gtid();
  if (!gtid || gtid->anonymous || !parts_.writer.gtids().mysql.contains(gtid->gtid)) return false;
  if (!std::exchange(told_known_, true))
    base::log(base::LogLevel::warning,
              "the source gives transactions that the spool has already, from {} on: they are passed over",
              gtid->gtid.text());
  return true;
}

// A format description opens a stream, not always a file: after a reconnect the same file goes on.
Result<void> Pipeline::enter_file(std::string_view source_file) {
  tell_unknown_types();
  const bool from_start = std::exchange(entered_, true) || !facts_.by_gtid;
  if (source_file == current_file_) return at_spool(parts_.writer.go_on_with_file());
  if (parts_.counts != nullptr) RELAY_TRY(at_spool(parts_.counts->write(parts_.writer.position())));
  spool::SpoolFileEntry entry;
  entry.source = facts_.source;
  entry.source_start = {std::string(source_file), from_start ? spool::kFirstEventOffset : spool::kUnknownOffset};
  if (from_start && source_file == facts_.entered_at.file) entry.source_start.offset = facts_.entered_at.offset;
  entry.gtids_before = facts_.gtids_before;
  entry.source_version = state_.format().server_version;
  entry.rules_digest = facts_.rules_digest;
  entry.schema_mark = parts_.history.mark();
  RELAY_TRY(at_spool(parts_.writer.start_file(std::move(entry), state_.format())));
  RELAY_TRY(at_spool(parts_.history.compact()));  // the file before is whole and durable
  parts_.scrubber.start_file();
  current_file_ = source_file;
  spool_file_ = parts_.writer.position().file;
  return {};
}

// Once for each list of them: every file begins with it.
void Pipeline::tell_unknown_types() {
  std::vector<std::uint8_t> types = state_.format().unknown_types();
  if (types == told_types_) return;
  told_types_ = std::move(types);
  if (told_types_.empty()) return;
  base::log(base::LogLevel::warning,
            "the source's binary log may hold event types that this version does not know, or not in this layout: {}; "
            "such an event halts the "
            "stream, or is left out where the source says that replicas may ignore it",
            fmt::join(told_types_, ", "));
}

Result<void> Pipeline::write(const scrub_rules::Scrubbed& scrubbed) {
  switch (scrubbed.verdict) {
    case scrub_rules::Verdict::keep:
      ++counts_.kept;
      break;
    case scrub_rules::Verdict::replace:
      ++counts_.replaced;
      break;
    case scrub_rules::Verdict::drop:
      ++counts_.dropped;
      break;
  }
  for (const binlog::EventDraft& draft : scrubbed.drafts) RELAY_TRY(parts_.writer.append(draft));
  return {};
}

// The schema is made durable first: a change whose transaction never reached the spool is cut away at the next start,
// the reverse could not be mended.
Result<void> Pipeline::commit(std::uint32_t timestamp, std::string_view source_file, std::uint64_t source_end) {
  if (parts_.history.has_staged()) RELAY_TRY(parts_.history.commit({spool_file_, source_end}));
  spool::SpoolWriter::Commit commit;
  if (state_.mysql_gtid() && !state_.mysql_gtid()->anonymous) commit.mysql_gtid = state_.mysql_gtid()->gtid;
  if (state_.mariadb_gtid()) commit.mariadb_gtid = state_.mariadb_gtid()->gtid;
  commit.source_end = source_end;
  commit.schema_mark = parts_.history.mark();
  commit.events_kept = counts_.kept;
  commit.events_replaced = counts_.replaced;
  commit.events_dropped = counts_.dropped;
  RELAY_TRY(parts_.writer.commit(commit));
  if (parts_.counts != nullptr) parts_.counts->commit(commit);
  in_transaction_ = false;
  ++commits_;
  parts_.status.update([&](RelayStatus::Snapshot& snapshot) {
    snapshot.source_position = {std::string(source_file), source_end};
    snapshot.lag_seconds = seconds_since(timestamp);
    snapshot.scrub = parts_.scrubber.counters();
    ++snapshot.transactions;
  });
  return parts_.counts != nullptr && parts_.counts->due() ? parts_.counts->write(parts_.writer.position())
                                                          : Result<void>();
}

Result<void> Pipeline::at_spool(Result<void> result) {
  // What the egress check forbids is no matter of the disk, and does not pass by itself.
  if (!result && result.error().kind() != ErrorKind::rule) failed_stage_ = FailedStage::spool;
  return result;
}

Result<void> Pipeline::abandon() {
  state_.abandon_transaction();
  return drop_open_transaction();
}

// Of everything behind the grammar, which may go on: a source that crashed inside a transaction starts its next file
// without the rest.
Result<void> Pipeline::drop_open_transaction() {
  parts_.scrubber.abandon_transaction();
  parts_.history.rollback();
  counts_ = {};
  in_transaction_ = is_known_ = passing_ = false;
  if (parts_.counts != nullptr) parts_.counts->abandon();
  return parts_.writer.abandon();
}

TransactionName Pipeline::transaction() const {
  TransactionName name{facts_.source.id, transaction_start_, {}};
  if (!in_transaction_) return name;
  if (state_.mysql_gtid() && !state_.mysql_gtid()->anonymous) name.gtid = state_.mysql_gtid()->gtid.text();
  if (state_.mariadb_gtid()) name.gtid = state_.mariadb_gtid()->gtid.text();
  return name;
}

}  // namespace relay::app
