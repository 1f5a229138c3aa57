#include "relay/server/dump_sender.h"

#include <algorithm>

#include "relay/server/start_point.h"

namespace relay::server {

namespace {

using binlog::ChecksumAlgorithm;
using binlog::EventType;
using binlog::EventView;
using spool::SpoolPosition;

// How long a waiting sender goes without looking whether its client has left.
constexpr std::chrono::milliseconds kLookUpTime{500};
// How many events may go by before the same while there is much to send or to pass over.
constexpr std::uint32_t kLookUpEvents = 4096;

tl::unexpected<DumpEnd> ended() { return tl::unexpected<DumpEnd>(DumpEnd{}); }

tl::unexpected<DumpEnd> broken_spool(const base::Error& error) {
  // 1236 stops a replica for good: right for damage, wrong for a disk or a limit that may be well again when it comes
  // back.
  const bool passing = error.kind() == base::ErrorKind::io;
  DumpEnd end{DumpRefusal{passing ? wire::kErrorUnknown : wire::kErrorFatalReadingBinlog,
                          "the relay cannot read its spool; its log says why"}};
  end.error = error;
  return tl::unexpected<DumpEnd>(std::move(end));
}

}  // namespace

DumpSender::DumpSender(PacketChannel& channel, const SpoolAccess& spool, const SourceFacts& facts,
                       std::uint32_t server_id, const base::StopToken& stop, Progress progress)
    : channel_(channel),
      spool_(spool),
      facts_(facts),
      server_id_(server_id),
      stop_(stop),
      progress_(std::move(progress)),
      reader_(spool.files, spool.index, spool.tail, spool.leases) {}

DumpEnd DumpSender::run(DumpRequest request) {
  to_mariadb_ = request.to_mariadb;
  heartbeats_v2_ = request.heartbeats_v2 && !request.to_mariadb;
  heartbeat_period_ = request.heartbeat_period;
  non_blocking_ = request.non_blocking;
  tell_skips_ = request.start == DumpRequest::Start::mysql_gtids && heartbeat_period_.count() > 0;
  packer_.emplace(channel_, request.checksums);
  checksum_ = request.checksums ? ChecksumAlgorithm::crc32 : ChecksumAlgorithm::none;
  maker_.emplace(server_id_, checksum_);

  DumpResult<void> result = send_stream(request);
  DumpEnd end = result ? DumpEnd{} : std::move(result).error();
  if (end.refusal) {
    // What was sent before arrives first: a source also opens its stream and then says what is wrong.
    auto sent = packer_->flush();
    if (sent) sent = channel_.send_error(end.refusal->code, "HY000", end.refusal->message);
  } else if (!end.error && non_blocking_) {
    static_cast<void>(channel_.send_eof());
  }
  report();
  return end;
}

DumpResult<void> DumpSender::send_stream(DumpRequest& request) {
  gtids_.mysql = request.mysql_gtids;
  gtids_.mariadb = request.mariadb_gtids;
  RELAY_ASSIGN(const SpoolPosition start, find_start(request, spool_, facts_));
  RELAY_TRY(open_stream(request, start));
  return follow();
}

DumpResult<void> DumpSender::open_stream(const DumpRequest& request, const SpoolPosition& start) {
  const auto entry = spool_.index.find(start.file);
  if (!entry) return refuse("Could not find first log file name in binary log index file");
  filter_ = GroupFilter(request, entry->gtids_before.mariadb);
  if (request.start == DumpRequest::Start::file_and_position) gtids_ = entry->gtids_before;

  if (auto done = reader_.seek({start.file, spool::kFirstEventOffset}); !done) return broken_spool(done.error());
  auto format = reader_.next();
  if (!format) return broken_spool(format.error());
  if (!*format || (*format)->type() != EventType::format_description || !(*format)->whole) {
    return refuse("the spool file does not begin with a format description");
  }
  // A replica that already has something must not take this for a restart of its source and roll back.
  const bool forget_created = !request.mysql_gtids.empty() || !request.mariadb_gtids.empty();
  RELAY_TRY(begin_file(*(*format)->whole, start.file, start.offset, forget_created));
  if (start.offset > spool::kFirstEventOffset) return enter_middle(start);
  return {};
}

DumpResult<void> DumpSender::enter_middle(const SpoolPosition& start) {
  if (facts_.mariadb() && to_mariadb_) {
    auto before = gtids_before(spool_, start);
    if (!before) return broken_spool(before.error());
    gtids_ = *before;
  }
  if (auto done = reader_.seek(start); !done) return broken_spool(done.error());
  at_ = start;
  return {};
}

DumpResult<void> DumpSender::follow() {
  bool first = true;
  for (;;) {
    const SpoolPosition seen = spool_.tail.get();
    const std::uint64_t offset = reader_.position().offset;
    auto event = reader_.next();
    // An offset that a client names may lie anywhere in an event.
    if (!event && first && event.error().kind() == base::ErrorKind::malformed && offset > spool::kFirstEventOffset) {
      return refuse("binlog truncated in the middle of event; consider out of disk space on source; the first event '" +
                    spool::spool_file_name(at_.file) + "' at " + std::to_string(offset));
    }
    if (!event) return broken_spool(event.error());
    if (!*event) {
      RELAY_TRY(filter_.check_at_tail());
      RELAY_TRY(wait_for_more(seen));
      continue;
    }
    first = false;
    RELAY_TRY((*event)->whole ? handle(*(*event)->whole) : handle_large((*event)->header));
    if (++since_look_up_ >= kLookUpEvents) RELAY_TRY(look_up());
  }
}

DumpResult<void> DumpSender::handle(const EventView& event) {
  if (event.type() == EventType::format_description) {
    at_ = reader_.position();
    return begin_file(event, at_.file, spool::kFirstEventOffset, false);
  }
  RELAY_TRY(add_gtid(event, gtids_));
  RELAY_ASSIGN(const bool passes, filter_.passes(event));
  if (!passes) return pass_over();
  RELAY_TRY(move_client());
  if (event.type() == EventType::rotate) in_file_ = false;
  RELAY_TRY(packer_->add(event));
  return {};
}

// One that is not held in memory. Events that have to be looked into are small.
DumpResult<void> DumpSender::handle_large(const binlog::EventHeader& header) {
  if (!filter_.passes(header.type())) return pass_over();
  RELAY_TRY(move_client());
  RELAY_TRY(packer_->add_in_pieces(
      header, [this](std::uint64_t offset, std::span<std::uint8_t> into) { return reader_.read_piece(offset, into); }));
  return {};
}

// The client's position is where the last event it got ended; this moves it over what it did not get, before it gets
// the next one.
DumpResult<void> DumpSender::move_client() {
  if (skipped_ && tell_skips_) RELAY_TRY(send_heartbeat());
  skipped_ = false;
  at_ = reader_.position();
  return {};
}

DumpResult<void> DumpSender::pass_over() {
  skipped_ = true;
  at_ = reader_.position();
  if (!heartbeat_is_due()) return {};
  RELAY_TRY(send_heartbeat());
  RELAY_TRY(packer_->flush());
  return {};
}

DumpResult<void> DumpSender::begin_file(const EventView& format, std::uint32_t file, std::uint64_t start,
                                        bool forget_created) {
  made_.clear();
  maker_->artificial_rotate(spool::spool_file_name(file), start, made_);
  RELAY_TRY(packer_->add_made(made_.view()));
  RELAY_TRY(send_format(format, start > spool::kFirstEventOffset, forget_created));
  at_ = reader_.position();
  in_file_ = true;
  skipped_ = false;
  report();  // that its files are kept must be known before it has caught up for the first time
  return {};
}

DumpResult<void> DumpSender::send_format(const EventView& format, bool in_the_middle, bool forget_created) {
  RELAY_ASSIGN(binlog::FormatDescription description, binlog::FormatDescription::parse(format.bytes()));
  const binlog::EventHeader& header = format.header();
  description.checksum = checksum_;
  // A replica takes no event that the format description has no entry for: older sources do not know version 2.
  format_has_heartbeat_v2_ =
      description.post_header_lengths.size() >= static_cast<std::size_t>(EventType::heartbeat_v2);
  if (in_the_middle || forget_created) description.created = 0;
  made_.clear();
  maker_->format_description(description, header.timestamp, in_the_middle ? 0 : header.next_position, made_);
  RELAY_TRY(packer_->add_made(made_.view()));
  return {};
}

DumpResult<void> DumpSender::wait_for_more(const SpoolPosition& seen) {
  // At the end, a client that was passed over much learns at once where it stands.
  if (skipped_ && tell_skips_) RELAY_TRY(send_heartbeat());
  skipped_ = false;
  RELAY_TRY(packer_->flush());
  report();
  if (non_blocking_) return ended();
  while (spool_.tail.get() <= seen) {
    auto time = kLookUpTime;
    if (heartbeat_period_.count() > 0) {
      const auto due = packer_->last_added() + heartbeat_period_ - std::chrono::steady_clock::now();
      time = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(due), std::chrono::milliseconds(1), kLookUpTime);
    }
    static_cast<void>(spool_.tail.wait_beyond(seen, time));
    RELAY_TRY(look_up());
    if (heartbeat_is_due()) {
      RELAY_TRY(send_heartbeat());
      RELAY_TRY(packer_->flush());
    }
  }
  return {};
}

// A client says nothing during a dump: when something arrives, it is its farewell.
DumpResult<void> DumpSender::look_up() {
  since_look_up_ = 0;
  if (stop_.stop_requested())
    return tl::unexpected<DumpEnd>(base::Error(base::ErrorKind::interrupted, "the connection is being closed"));
  if (channel_.something_arrived()) {
    non_blocking_ = false;
    return ended();
  }
  return {};
}

bool DumpSender::heartbeat_is_due() const {
  return in_file_ && heartbeat_period_.count() > 0 &&
         std::chrono::steady_clock::now() - packer_->last_added() >= heartbeat_period_;
}

DumpResult<void> DumpSender::send_heartbeat() {
  if (!in_file_) return {};
  made_.clear();
  const std::string file = spool::spool_file_name(at_.file);
  if (heartbeats_v2_ && format_has_heartbeat_v2_) {
    maker_->heartbeat_v2(file, at_.offset, made_);
  } else {
    maker_->heartbeat(file, at_.offset, made_);
  }
  RELAY_TRY(packer_->add_made(made_.view()));
  return {};
}

void DumpSender::report() { progress_(at_, gtids_); }

}  // namespace relay::server
