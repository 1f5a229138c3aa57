#include "relay/source/successor.h"

#include "relay/binlog/stream_role.h"
#include "relay/source/source_stream.h"

namespace relay::source {

namespace {

constexpr std::uint64_t kFileHead = 4;

bool is_gtid(binlog::EventType type) {
  return type == binlog::EventType::gtid || type == binlog::EventType::gtid_tagged ||
         type == binlog::EventType::anonymous_gtid;
}

}  // namespace

base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request, const LogPosition& end) {
  request.non_blocking = true;
  RELAY_TRY(dump.start_dump(request));
  SourceStream stream(dump, dump.checksum());
  std::string file;
  std::uint64_t behind = kFileHead;  // the event before
  bool has_unknown = false;
  for (;;) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) return has_unknown && file == end.file && behind < end.offset;
    if (item->artificial) continue;
    if (item->file != file) {
      file = item->file;
      behind = kFileHead;
    }
    if (has_unknown && item->end_offset - item->event.bytes().size() != behind) return true;
    behind = item->end_offset;
    has_unknown = has_unknown || is_gtid(item->event.type());
  }
}

}  // namespace relay::source
