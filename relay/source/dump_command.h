#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/gtid_set.h"

namespace relay::source {

// What the relay tells the source about itself when it asks for the binary log.
struct ReplicaIdentity {
  std::uint32_t server_id = 0;  // unique in the topology, never 0
  std::string uuid;             // 8-4-4-4-12; MySQL sources end an older dump of the same uuid
};

// Where a dump starts: by GTID, then file and offset do not matter; or at an event's start in a file.
struct DumpRequest {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  bool by_gtid = false;
  std::string file;  // empty with offset 4: the first file the source still has (MySQL); MariaDB wants a name
  std::uint64_t offset =
      4;  // behind 32 bits, which are the protocol's, the dump starts at 4: SourceStream::skip_to() does the rest
  binlog::MysqlGtidSet mysql_gtids;  // already had; everything else is sent
  binlog::MariadbGtidList mariadb_gtids;
  bool non_blocking = false;  // end at the end of the log instead of waiting
  ReplicaIdentity identity;
  std::chrono::milliseconds heartbeat{5'000};
};

// Bodies of the commands, without the command byte (sql/rpl_source.cc; mysql_binlog_open of the client library).
void encode_register_replica(std::uint32_t server_id, base::Buffer& into);
// The offset that the command asks for.
[[nodiscard]] std::uint32_t wire_offset(const DumpRequest& request);
// COM_BINLOG_DUMP.
void encode_dump(const DumpRequest& request, base::Buffer& into);

// `text` as a string literal of a session without NO_BACKSLASH_ESCAPES and with an ASCII-compatible character set.
[[nodiscard]] std::string quote_text(std::string_view text);
// `name` as an identifier in back-ticks.
[[nodiscard]] std::string quote_name(std::string_view name);

}  // namespace relay::source
