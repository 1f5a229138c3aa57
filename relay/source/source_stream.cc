#include "relay/source/source_stream.h"

#include <algorithm>

#include "relay/base/byte_reader.h"

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::EventType;
using binlog::EventView;

constexpr std::size_t kMaximumFileName = 512;  // FN_REFLEN

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > kMaximumFileName) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '/' && c != '\x7f'; });
}

// A source says by an artificial ROTATE which file the events that follow come from. A real one, the last event of its
// file, has a timestamp; MariaDB 11.4 and later may leave positions out, so a zero position proves nothing.
bool is_artificial_rotate(const EventView& event) {
  return (event.header().flags & binlog::kFlagArtificial) != 0 || event.header().timestamp == 0;
}

// Events that stand at the head of a file and are sent again, without a position, when a dump starts behind them.
bool is_repeated_head(const EventView& event) {
  const EventType type = event.type();
  return event.header().next_position == 0 &&
         (type == EventType::format_description || type == EventType::gtid_list ||
          type == EventType::start_encryption || type == EventType::previous_gtids);
}

bool is_heartbeat(EventType type) { return type == EventType::heartbeat || type == EventType::heartbeat_v2; }

// The offset behind an event that ends at `adjacent` if nothing was left out before it, and whose header says `low`.
// Forward gaps are events that the source left out; a position that lies behind is not believed (MariaDB's replicas do
// the same).
std::uint64_t resync(std::uint64_t adjacent, std::uint32_t low) {
  const std::uint64_t same_high = (adjacent & ~std::uint64_t{UINT32_MAX}) | low;
  if (same_high >= adjacent) return same_high;
  const auto ahead = static_cast<std::uint32_t>(low - static_cast<std::uint32_t>(adjacent));
  return ahead <= INT32_MAX ? adjacent + ahead : adjacent;  // over a multiple of 4 GiB, or backwards
}

}  // namespace

void SourceStream::skip_to(std::string file, std::uint64_t offset) {
  skip_file_ = std::move(file);
  skip_offset_ = offset;
}

base::Result<EventView> SourceStream::parse(base::ByteView bytes) {
  if (bytes.size() > binlog::kEventHeaderSize &&
      binlog::decode_event_header(bytes).type() == EventType::format_description) {
    RELAY_ASSIGN(const binlog::FormatDescription format, binlog::FormatDescription::parse(bytes));
    checksum_ = format.checksum;
  }
  RELAY_ASSIGN(const EventView event, EventView::parse(bytes, checksum_));
  if (!event.checksum_is_right()) {
    return base::fail(
        Error(ErrorKind::malformed, "an event's checksum is wrong")
            .in_event(event.header().type_code)
            .about(file_)
            .at(offset_)
            .remedy("the connection is made anew; if it stays, verify the file at the source with mysqlbinlog"));
  }
  return event;
}

// True when `event` is an artificial ROTATE and was followed.
base::Result<bool> SourceStream::enter_file(const EventView& event) {
  if (event.type() != EventType::rotate || !is_artificial_rotate(event)) return false;
  base::ByteReader reader(event.body());
  const std::uint64_t position = reader.u64();
  const std::string_view name = reader.rest().text();
  if (!reader.ok() || !is_file_name(name)) {
    return base::fail(Error(ErrorKind::malformed, "a ROTATE names no file")
                          .in_event(event.header().type_code)
                          .about(file_)
                          .at(offset_));
  }
  file_ = name;
  offset_ = position;
  return true;
}

void SourceStream::follow_heartbeat(const EventView& event) {
  // Ahead of the stream only after transactions that the replica already has were passed over without a word.
  const std::uint32_t position = event.header().next_position;
  if (event.type() != EventType::heartbeat || position == 0 || event.body().text() != file_) return;
  const std::uint64_t same_high = (offset_ & ~std::uint64_t{UINT32_MAX}) | position;
  offset_ = std::max(offset_, same_high);
}

// Moves the offset behind the event; false when the event has no place in the file.
bool SourceStream::advance(const EventView& event) {
  if (is_heartbeat(event.type())) {
    follow_heartbeat(event);
    return false;
  }
  if ((event.header().flags & binlog::kFlagArtificial) != 0 || is_repeated_head(event)) return false;
  const std::uint64_t adjacent = offset_ + event.bytes().size();
  const std::uint32_t position = event.header().next_position;
  offset_ = position == 0 ? adjacent : resync(adjacent, position);
  return true;
}

bool SourceStream::is_skipped(const EventView& event) const {
  return !skip_file_.empty() && file_ == skip_file_ && offset_ <= skip_offset_ &&
         event.type() != EventType::format_description;
}

base::Result<std::optional<SourceStream::Item>> SourceStream::next() {
  for (;;) {
    RELAY_ASSIGN(const std::optional<base::ByteView> bytes, source_.read_event());
    if (!bytes) return std::optional<Item>();
    RELAY_ASSIGN(const EventView event, parse(*bytes));
    RELAY_ASSIGN(const bool entered, enter_file(event));
    if (entered) return std::optional(Item{event, file_, offset_, true});
    const bool has_place = advance(event);
    if (has_place && is_skipped(event)) continue;
    return std::optional(Item{event, file_, offset_, !has_place});
  }
}

}  // namespace relay::source
