#include "relay/source/known_order.h"

#include <algorithm>
#include <utility>

namespace relay::source {

namespace {

using binlog::EventType;
using binlog::MariadbGtid;
using binlog::MariadbGtidList;

constexpr std::uint32_t kHeartbeatAtEndSince = 50700;  // where a dump does not wait
constexpr std::chrono::milliseconds kHeartbeat{500};

bool is_gtid(EventType type) { return binlog::is_mysql_gtid(type) || type == EventType::mariadb_gtid; }

// Before other events nothing known can lie; but within transactions MariaDB does not send ANNOTATE_ROWS, nor tell
// every event's place.
bool stands_between(EventType type) {
  return is_gtid(type) || type == EventType::rotate || type == EventType::stop || type == EventType::binlog_checkpoint;
}

}  // namespace

base::Result<bool> has_known(SourceConnection& questions, const DumpRequest& request) {
  if (request.flavor == binlog::Flavor::mysql) {
    RELAY_ASSIGN(const binlog::MysqlGtidSet executed, executed_gtids(questions));
    return executed.contains(request.mysql_gtids);
  }
  RELAY_ASSIGN(const MariadbGtidList logged, mariadb_gtids_logged(questions));
  return std::ranges::all_of(request.mariadb_gtids.domains(), [&](std::uint32_t domain) {
    const MariadbGtid* const known = request.mariadb_gtids.last_in_domain(domain);
    const MariadbGtid* const last = logged.last_of(domain, known->server_id);
    return last != nullptr && last->sequence >= known->sequence;
  });
}

KnownOrder::KnownOrder(LogPosition end, std::vector<LogFileEnd> files, const SourceFacts& facts)
    : end_(std::move(end)),
      files_(std::move(files)),
      waits_(facts.flavor == binlog::Flavor::mariadb),
      tells_what_it_passed_over_(waits_ || facts.version_number >= kHeartbeatAtEndSince) {}

// MariaDB says nothing of what it passes over at the end of a dump that does not wait, and what such a dump takes for
// the end of the log lies before that of SHOW MASTER STATUS while a commit is on its way to the disk.
void KnownOrder::prepare(DumpRequest& request) {
  request.non_blocking = request.flavor == binlog::Flavor::mysql;
  if (!request.non_blocking) request.heartbeat = kHeartbeat;
}

void KnownOrder::enter(std::string_view file) {
  // Without a ROTATE, where the source was stopped or died, nothing else tells.
  const auto left = std::ranges::find(files_, file_, &LogFileEnd::file);
  if (has_unknown_ && left != files_.end() && behind_ < left->offset) is_broken_ = true;
  file_ = file;
  behind_ = 0;
  // Where all of the end's file is known, a file begun since may come first.
  const auto entered = std::ranges::find(files_, file_, &LogFileEnd::file);
  const auto last = std::ranges::find(files_, end_.file, &LogFileEnd::file);
  if (entered > last) is_at_end_ = true;
}

void KnownOrder::add(const SourceStream::Item& item) {
  const EventType type = item.event.type();
  if (item.file != file_) enter(item.file);
  if (file_ == end_.file && item.end_offset >= end_.offset) is_at_end_ = true;
  if (type == EventType::heartbeat && has_unknown_ && behind_ != 0 && behind_ < item.end_offset) is_broken_ = true;
  if (item.artificial || type == EventType::format_description) return;
  const std::uint64_t begin = item.end_offset - item.event.bytes().size();
  if (has_unknown_ && stands_between(type) && behind_ != 0 && behind_ != begin) is_broken_ = true;
  behind_ = item.end_offset;
  has_unknown_ = has_unknown_ || is_gtid(type);
}

base::Result<void> KnownOrder::finish() {
  if (is_at_end_) return {};
  if (waits_ || file_ != end_.file) {
    return base::fail(base::ErrorKind::io, "the source ended its binary log before the end");
  }
  // What is not synced there yet may be missing at the end of its last file; before 5.7 nothing is, and no heartbeat
  // tells.
  if (!tells_what_it_passed_over_ && has_unknown_ && behind_ < end_.offset) is_broken_ = true;
  return {};
}

base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request, KnownOrder order,
                                       BinlogScan& unknown) {
  KnownOrder::prepare(request);
  RELAY_TRY(dump.start_dump(request));
  SourceStream stream(dump, dump.checksum());
  while (!order.is_broken() && !order.is_at_end()) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) {
      RELAY_TRY(order.finish());
      break;
    }
    order.add(*item);
    RELAY_TRY(unknown.add(*item));
  }
  return order.is_broken();
}

}  // namespace relay::source
