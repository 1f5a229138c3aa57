#pragma once

#include <cstdint>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/format_description.h"
#include "relay/binlog/gtid_set.h"

namespace relay::binlog {

// Makes the events that the relay itself says. Each call appends one whole event (header, body and, when asked,
// checksum) to `into`.
class EventMaker {
 public:
  EventMaker(std::uint32_t server_id, ChecksumAlgorithm checksum) : server_id_(server_id), checksum_(checksum) {}

  // Artificial ROTATE: timestamp 0, next position 0, flag 0x20; `position` is where reading goes on in `file`.
  void artificial_rotate(std::string_view file, std::uint64_t position, base::Buffer& into) const;
  // ROTATE as the last event of a file, ending at `next_position`.
  void rotate(std::string_view next_file, std::uint32_t timestamp, std::uint64_t next_position,
              base::Buffer& into) const;
  // `next_position` 0 and created 0 when it is sent in the middle of a file.
  void format_description(const FormatDescription& format, std::uint32_t timestamp, std::uint64_t next_position,
                          base::Buffer& into) const;
  void heartbeat(std::string_view file, std::uint64_t position, base::Buffer& into) const;
  void heartbeat_v2(std::string_view file, std::uint64_t position, base::Buffer& into) const;
  void previous_gtids(const MysqlGtidSet& set, std::uint32_t timestamp, std::uint64_t next_position,
                      base::Buffer& into) const;
  // `artificial` for the one sent after a start in the middle of a file.
  void gtid_list(const MariadbGtidList& list, std::uint32_t timestamp, std::uint64_t next_position, bool artificial,
                 base::Buffer& into) const;

 private:
  std::uint32_t server_id_;
  ChecksumAlgorithm checksum_;
};

// Completes an event whose header and body (no checksum) lie in `into` from `start`: sets its size and appends the
// checksum.
void seal_event(base::Buffer& into, std::size_t start, ChecksumAlgorithm checksum);

}  // namespace relay::binlog
