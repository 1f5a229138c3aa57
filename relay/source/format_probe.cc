#include "relay/source/format_probe.h"

#include "relay/binlog/stream_state.h"
#include "relay/source/dump_command.h"
#include "relay/source/source_stream.h"

namespace relay::source {

base::Result<binlog::FormatDescription> probe_format(SourceConnection& dump, const SourceFacts& facts,
                                                     const LogPosition& at) {
  DumpRequest request;  // without an identity: a source ends an older dump of the same replica
  request.flavor = facts.flavor;
  request.file = at.file;
  request.offset = at.offset;
  request.non_blocking = true;
  RELAY_TRY(dump.start_dump(request));
  SourceStream stream(dump, dump.checksum());
  binlog::StreamState state;
  for (;;) {
    RELAY_ASSIGN(const std::optional<SourceStream::Item> item, stream.next());
    if (!item) return base::fail(base::ErrorKind::peer, "the source sends no format description");
    if (item->event.type() != binlog::EventType::format_description) continue;
    RELAY_TRY(state.advance(item->event));
    return state.format();
  }
}

}  // namespace relay::source
