#include "relay/source/successor.h"

#include <string>

#include "relay/source/source_stream.h"

namespace relay::source {

namespace {

using binlog::EventType;

constexpr std::uint32_t kHeartbeatAtEndSince = 50700;

bool is_gtid(EventType type) {
  return type == EventType::gtid || type == EventType::gtid_tagged || type == EventType::anonymous_gtid;
}

}  // namespace

base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request,
                                       const std::map<std::string, std::uint64_t>& files, const LogPosition& end,
                                       const SourceFacts& facts) {
  request.non_blocking = true;
  RELAY_TRY(dump.start_dump(request));
  SourceStream stream(dump, dump.checksum());
  std::string file;
  std::uint64_t behind = 0;  // the event before; 0 at a file's head, which may come without positions
  bool has_unknown = false;
  for (;;) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) {
      // What is not synced there yet may be missing at the end of its last file; before 5.7 nothing is, and no
      // heartbeat tells.
      const bool tells = facts.version_number >= kHeartbeatAtEndSince;
      if (stream.file() == end.file) return !tells && has_unknown && behind < end.offset;
      return base::fail(base::ErrorKind::io, "the source ended its binary log before the end");
    }
    const EventType type = item->event.type();
    if (item->file != file) {
      // Without a ROTATE, where the source was stopped or died, nothing else tells.
      const auto ended = files.find(file);
      if (has_unknown && ended != files.end() && behind < ended->second) return true;
      file = item->file;
      behind = 0;
    }
    // A heartbeat behind what was passed over tells so at the end of a file, too.
    if (has_unknown && type == EventType::heartbeat && behind != 0 && behind < item->end_offset) return true;
    if (item->artificial || type == EventType::format_description) continue;
    const std::uint64_t begin = item->end_offset - item->event.bytes().size();
    if (has_unknown && behind != 0 && behind != begin) return true;
    behind = item->end_offset;
    has_unknown = has_unknown || is_gtid(type);
    if (file == end.file && item->end_offset >= end.offset) return false;
  }
}

}  // namespace relay::source
