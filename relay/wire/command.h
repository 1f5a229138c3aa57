#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::wire {

// What a client asks after its log-in. Views borrow from the packet.

struct QuitCommand {};
struct PingCommand {};
struct StatisticsCommand {};
struct QueryCommand {
  base::ByteView text;
};
// COM_REGISTER_SLAVE: what the replica says of itself. Host, user and password (report_*) are not kept.
struct RegisterReplicaCommand {
  std::uint32_t server_id = 0;
  std::uint16_t port = 0;
};
// Bits of both dump commands. What bit 1 means depends on the client's flavour: MySQL 8 asks for version 2 heartbeats,
// MariaDB for annotations.
inline constexpr std::uint16_t kDumpNonBlocking = 0x1;
inline constexpr std::uint16_t kDumpHeartbeatV2 = 0x2;
struct BinlogDumpCommand {
  std::uint32_t position = 0;
  std::uint16_t flags = 0;
  std::uint32_t server_id = 0;
  base::ByteView file;  // may be empty
};
// The file and position of COM_BINLOG_DUMP_GTID mean nothing and are not kept: 5.6 sends NULs after a reconnect.
struct BinlogDumpGtidCommand {
  std::uint16_t flags = 0;
  std::uint32_t server_id = 0;
  base::ByteView gtid_set;  // binary
};
struct OtherCommand {
  std::uint8_t code = 0;
};
using Command = std::variant<QuitCommand, PingCommand, StatisticsCommand, QueryCommand, RegisterReplicaCommand,
                             BinlogDumpCommand, BinlogDumpGtidCommand, OtherCommand>;

// Errors: malformed.
[[nodiscard]] base::Result<Command> parse_command(base::ByteView packet);

}  // namespace relay::wire
