#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/binlog/flavor.h"
#include "relay/binlog/gtid_set.h"

namespace relay::spool {

// A place in the spool: `file` counts from 1 ("spool.000001"), `offset` is in bytes of that file.
struct SpoolPosition {
  std::uint32_t file = 0;
  std::uint64_t offset = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison with 0 in the generated code for ours.
  friend auto operator<=>(const SpoolPosition&, const SpoolPosition&) = default;
};

// A place in the source's binary log.
struct SourcePosition {
  std::string file;
  std::uint64_t offset = 0;
  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// The GTIDs that lie before a place, of whichever flavour the source is; the other member stays empty.
struct GtidState {
  binlog::MysqlGtidSet mysql;
  binlog::MariadbGtidList mariadb;
  friend bool operator==(const GtidState&, const GtidState&) = default;
};

// Who the source is: MySQL's server_uuid; "mariadb-SERVER_ID" for MariaDB, which has none.
struct SourceIdentity {
  std::string id;
  binlog::Flavor flavor = binlog::Flavor::mysql;
  friend bool operator==(const SourceIdentity&, const SourceIdentity&) = default;
};

// What SourceIdentity::id is for MariaDB.
[[nodiscard]] std::string mariadb_source_id(std::uint32_t server_id);

// "spool.000001"
[[nodiscard]] std::string spool_file_name(std::uint32_t number);
// The number in such a name; 0 for any other text.
[[nodiscard]] std::uint32_t spool_file_number(std::string_view name);
// "spool.000001.journal"
[[nodiscard]] std::string journal_file_name(std::uint32_t number);

// For the offset of a SourcePosition: the file was entered by GTIDs, perhaps in its middle, and nothing of it was
// committed yet.
inline constexpr std::uint64_t kUnknownOffset = 0;
// The first event of a spool file stands behind the magic number.
inline constexpr std::uint64_t kFirstEventOffset = 4;
inline constexpr std::string_view kBinlogMagic{
    "\xfe"
    "bin",
    4};
// The largest event that a replica takes: the upper bound of replica_max_allowed_packet.
inline constexpr std::uint64_t kMaximumEventSize = std::uint64_t{1} << 30;

}  // namespace relay::spool
