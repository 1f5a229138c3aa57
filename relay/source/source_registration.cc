// What a replica says between authentication and the dump. (sql/rpl_replica.cc get_master_version_and_clock; MariaDB
// sql/slave.cc)
#include <fmt/format.h>

#include "relay/source/source_connection.h"

namespace relay::source {

namespace {

constexpr int kUnknownSystemVariable = 1193;  // ER_UNKNOWN_SYSTEM_VARIABLE

}  // namespace

base::Result<void> SourceConnection::agree_on_checksum() {
  // Takes whatever the source writes: events are verified where they have a checksum, and made anew for the spool.
  const auto set = query(
      "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = @@global.binlog_checksum");
  if (!set && set.error().system_code() == kUnknownSystemVariable) {
    checksum_ = binlog::ChecksumAlgorithm::none;
    return {};
  }
  RELAY_TRY(set);
  RELAY_ASSIGN(const std::optional<std::string> agreed, query_value("SELECT @master_binlog_checksum"));
  if (agreed == "NONE") {
    checksum_ = binlog::ChecksumAlgorithm::none;
    return {};
  }
  if (agreed == "CRC32") {
    checksum_ = binlog::ChecksumAlgorithm::crc32;
    return {};
  }
  return base::fail(base::Error(base::ErrorKind::unsupported, "the source's binlog_checksum is neither NONE nor CRC32")
                        .remedy("set binlog_checksum to CRC32 at the source"));
}

base::Result<void> SourceConnection::set_replica_variables(const DumpRequest& request) {
  const long long nanoseconds = std::chrono::nanoseconds(request.heartbeat).count();
  RELAY_TRY(query(fmt::format("SET @master_heartbeat_period = {0}, @source_heartbeat_period = {0}", nanoseconds)));
  RELAY_TRY(agree_on_checksum());
  if (request.flavor == binlog::Flavor::mysql) {
    RELAY_TRY(query(fmt::format("SET @slave_uuid = {0}, @replica_uuid = {0}", quote_text(request.identity.uuid))));
    return {};
  }
  // 4: GTID events and all that MariaDB 10 writes come as they are, not as dummies.
  RELAY_TRY(query("SET @mariadb_slave_capability = 4"));
  if (request.by_gtid) {
    RELAY_TRY(query(fmt::format("SET @slave_connect_state = {}", quote_text(request.mariadb_gtids.position_text()))));
    // Strict: it refuses where what is known to be the last is not in its log, though later ones are, as after a
    // seeding; what lies between would be lost.
    RELAY_TRY(query("SET @slave_gtid_strict_mode = 1, @slave_gtid_ignore_duplicates = 0"));
  }
  return {};
}

base::Result<void> SourceConnection::start_dump(const DumpRequest& request) {
  RELAY_TRY(set_replica_variables(request));
  // A reader that only looks at what is there does not show up among the replicas.
  if (!request.non_blocking) RELAY_TRY(send_register(request.identity.server_id));
  return send_dump(request);
}

}  // namespace relay::source
