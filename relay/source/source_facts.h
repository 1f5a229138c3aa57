#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/gtid_set.h"
#include "relay/source/source_connection.h"

namespace relay::source {

// A place in the source's binary log, and the GTIDs that lie before it where the source tells them with it.
struct LogPosition {
  std::string file;
  std::uint64_t offset = 0;
  std::string gtids;          // MySQL: Executed_Gtid_Set; MariaDB: empty
  std::string do_databases;   // the source logs only changes made in these: binlog_do_db
  std::string not_databases;  // and none made in these: binlog_ignore_db
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
};

// What the source is and how it is set. Settings that a version does not have are empty.
struct SourceFacts {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  std::string version;               // "9.7.4", "10.11.6-MariaDB-log"
  std::uint32_t version_number = 0;  // 90704, 101106
  std::uint32_t server_id = 0;
  std::string server_uuid;  // MySQL
  bool log_bin = false;
  std::string gtid_mode;  // MySQL: OFF, OFF_PERMISSIVE, ON_PERMISSIVE, ON
  std::string binlog_format;
  std::string binlog_row_image;
  std::string binlog_row_metadata;
  std::string binlog_row_value_options;
  std::string binlog_transaction_compression;  // MySQL 8.0.20 and later
  std::string log_bin_compress;                // MariaDB
  std::string encrypt_binlog;                  // MariaDB encrypt_binlog, MySQL binlog_encryption
  std::string binlog_checksum;
  std::optional<std::uint64_t> expire_seconds;  // how long the source keeps its files; 0: no limit by time
  std::uint32_t lower_case_table_names = 0;
  std::uint32_t gtid_domain_id = 0;  // MariaDB
  bool explicit_defaults_for_timestamp = false;
  bool log_replica_updates = true;

  // Whether transactions carry GTIDs that a stream can follow.
  [[nodiscard]] bool has_gtids() const { return flavor == binlog::Flavor::mariadb || gtid_mode == "ON"; }
  // Whether names of tables and databases are compared without regard to case.
  [[nodiscard]] bool folds_case() const { return lower_case_table_names != 0; }
};

// Flavour and number of a version string as SELECT VERSION() gives it; number 0 when it cannot be read.
[[nodiscard]] binlog::Flavor flavor_of_version(std::string_view version);
[[nodiscard]] std::uint32_t version_number_of(std::string_view version);

[[nodiscard]] base::Result<SourceFacts> read_source_facts(SourceConnection& connection);

// SHOW BINARY LOG STATUS, or SHOW MASTER STATUS before MySQL 8.2. Errors: peer where the source writes no binary log or
// the account may not ask.
[[nodiscard]] base::Result<LogPosition> current_log_position(SourceConnection& connection, const SourceFacts& facts);
// The oldest file the source still has.
[[nodiscard]] base::Result<std::string> first_log_file(SourceConnection& connection);
struct LogFileEnd {
  std::string file;
  std::uint64_t offset = 0;
};
// The files of the source's log in their order; the last may have grown since.
[[nodiscard]] base::Result<std::vector<LogFileEnd>> log_file_ends(SourceConnection& connection);
// MySQL's gtid_purged: what was in files that are gone.
[[nodiscard]] base::Result<binlog::MysqlGtidSet> purged_gtids(SourceConnection& connection);
// MySQL's gtid_executed: everything that the source has. REQUIRES: 5.6 or newer.
[[nodiscard]] base::Result<binlog::MysqlGtidSet> executed_gtids(SourceConnection& connection);
// MariaDB's gtid_binlog_state: the last that it wrote to its log, of each server in each domain.
[[nodiscard]] base::Result<binlog::MariadbGtidList> mariadb_gtids_logged(SourceConnection& connection);
// MariaDB's BINLOG_GTID_POS: the position in GTIDs of a place at a transaction's border. Errors: rule, when the source
// does not know it.
[[nodiscard]] base::Result<binlog::MariadbGtidList> mariadb_gtids_at(SourceConnection& connection,
                                                                     const std::string& file, std::uint64_t offset);

}  // namespace relay::source
