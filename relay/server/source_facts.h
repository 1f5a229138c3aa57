#pragma once

#include <optional>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/spool/spool_index.h"
#include "relay/spool/spool_reader.h"

namespace relay::server {

// The spool as the replica side sees it: shared, read only. All members outlive every session.
struct SpoolAccess {
  base::FileSystem& files;
  const spool::SpoolIndex& index;
  const spool::PublishedTail& tail;
  spool::SpoolLeases& leases;
};

// What the spool tells of the server it was read from; the relay shows itself as that.
struct SourceFacts {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  std::string version;               // of the last file's format description: "9.7.4", "10.11.19-MariaDB-log"
  std::uint32_t version_number = 0;  // 90704, 101119
  std::optional<bool> gtid_mode;     // MySQL; none while no transaction has told

  [[nodiscard]] bool mariadb() const { return flavor == binlog::Flavor::mariadb; }
  // MySQL 8.0 or later.
  [[nodiscard]] bool mysql_8() const { return !mariadb() && version_number >= 80000; }
  // As the server's greeting has it: MariaDB up to 10 puts 5.5.5- in front.
  [[nodiscard]] std::string greeting_version() const;
  // "MySQL 9.7.4", "MariaDB 10.11.19"
  [[nodiscard]] std::string name() const;
};

// None while nothing is spooled. Errors: io, malformed.
[[nodiscard]] base::Result<std::optional<SourceFacts>> read_source_facts(const SpoolAccess& spool);

// The GTIDs of everything before `position`, whose file must be in the index: the file's own start and what was found
// by reading up to there. Errors: io, malformed, unsupported (no such file or offset).
[[nodiscard]] base::Result<spool::GtidState> gtids_before(const SpoolAccess& spool,
                                                          const spool::SpoolPosition& position);

// Adds the GTID of a GTID event to `state`; other events leave it. Errors: malformed.
[[nodiscard]] base::Result<void> add_gtid(const binlog::EventView& event, spool::GtidState& state);

// 90704 for "9.7.4", 101119 for "10.11.19-MariaDB-log"; 0 when it does not begin with digits.
[[nodiscard]] std::uint32_t version_number(std::string_view version);

}  // namespace relay::server
