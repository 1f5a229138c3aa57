#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/gtid_set.h"
#include "relay/wire/protocol.h"

namespace relay::server {

// Why a dump cannot start or go on, in the words a source would use: they reach the operator as the replica's last
// error.
struct DumpRefusal {
  std::uint16_t code = wire::kErrorFatalReadingBinlog;
  std::string message;
};

// How a dump ended: with an error on our side or the connection's, with a refusal, or (neither) because the client left
// or a client that does not wait has everything.
struct DumpEnd {
  DumpEnd() = default;
  DumpEnd(base::Error why) : error(std::move(why)) {}    // NOLINT(google-explicit-constructor): RELAY_TRY converts
  DumpEnd(DumpRefusal why) : refusal(std::move(why)) {}  // NOLINT(google-explicit-constructor)
  std::optional<base::Error> error;
  std::optional<DumpRefusal> refusal;
};
template <typename T>
using DumpResult = tl::expected<T, DumpEnd>;
inline tl::unexpected<DumpEnd> refuse(std::string message) {
  return tl::unexpected<DumpEnd>(DumpRefusal{wire::kErrorFatalReadingBinlog, std::move(message)});
}

// What a client wants of the stream.
struct DumpRequest {
  enum class Start : std::uint8_t { file_and_position, mysql_gtids, mariadb_gtids };
  Start start = Start::file_and_position;
  std::string file;  // empty: the first there is
  std::uint64_t position = 4;
  binlog::MysqlGtidSet mysql_gtids;  // what the replica has
  binlog::MariadbGtidList mariadb_gtids;
  bool strict_mode = false;        // @slave_gtid_strict_mode
  bool ignore_duplicates = false;  // @slave_gtid_ignore_duplicates

  bool to_mariadb = false;  // the client is one of MariaDB's
  bool checksums = false;   // it wants them
  bool heartbeats_v2 = false;
  bool non_blocking = false;                     // end at the end instead of waiting
  std::chrono::nanoseconds heartbeat_period{0};  // 0: none
};

}  // namespace relay::server
