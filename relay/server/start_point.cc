#include "relay/server/start_point.h"

#include "relay/server/binlog_answers.h"

namespace relay::server {

namespace {

using spool::SpoolFileEntry;
using spool::SpoolPosition;

// From 8.0 on MySQL says source and replica.
bool says_source(const SourceFacts& facts) { return facts.mysql_8(); }

DumpResult<SpoolPosition> find_file_and_position(const DumpRequest& request, const SpoolAccess& spool,
                                                 const SourceFacts& facts) {
  const std::string source = says_source(facts) ? "source" : "master";
  const auto first = spool.index.first();
  std::uint32_t file = spool::spool_file_number(request.file);
  if (request.file.empty() && first) file = first->number;
  const auto size = published_size(spool, file);
  if (!size && size.error().kind() != base::ErrorKind::unsupported)
    return tl::unexpected<DumpEnd>(
        DumpRefusal{wire::kErrorUnknown, "the relay cannot read its spool; its log says why"});  // it comes back
  if (!size || *size == 0) return refuse("Could not find first log file name in binary log index file");
  if (request.position < spool::kFirstEventOffset) {
    return refuse("Client requested " + source + " to start replication from position < 4");
  }
  if (request.position > *size) {
    return refuse("Client requested " + source + " to start replication from position > file size");
  }
  return SpoolPosition{file, request.position};
}

std::string purged_message(const DumpRequest& request, const binlog::MysqlGtidSet& purged, const SourceFacts& facts) {
  if (!says_source(facts)) {
    return "The slave is connecting using CHANGE MASTER TO MASTER_AUTO_POSITION = 1, but the master has purged binary "
           "logs "
           "containing GTIDs that the slave requires.";
  }
  binlog::MysqlGtidSet missing = purged;
  missing.subtract(request.mysql_gtids);
  return "Cannot replicate because the source purged required binary logs. Replicate the missing transactions from "
         "elsewhere, "
         "or provision a new replica from backup. Consider increasing the source's binary log expiration period. "
         "The GTID set sent by the replica is '" +
         request.mysql_gtids.text() + "', and the missing transactions are '" + missing.text() + "'";
}

// The last file before which there is nothing that the replica lacks.
DumpResult<SpoolPosition> find_mysql_gtids(const DumpRequest& request, const SpoolAccess& spool,
                                           const SourceFacts& facts) {
  if (facts.mariadb() || !facts.gtid_mode.value_or(true)) {
    return refuse(
        "The replication sender thread cannot start in AUTO_POSITION mode: this server has GTID_MODE = OFF instead of "
        "ON.");
  }
  const auto entries = spool.index.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (request.mysql_gtids.contains(entry->gtids_before.mysql))
      return SpoolPosition{entry->number, spool::kFirstEventOffset};
  }
  if (entries.empty()) return refuse("Could not find first log file name in binary log index file");
  return refuse(purged_message(request, entries.front().gtids_before.mysql, facts));
}

// Is there nothing before `entry` that a replica at `wanted` lacks? In every domain that has GTIDs before it, the
// replica must name one that is the very last there, or that comes later.
bool starts_early_enough(const binlog::MariadbGtidList& before, const binlog::MariadbGtidList& wanted) {
  for (const std::uint32_t domain : before.domains()) {
    const binlog::MariadbGtid* gtid = wanted.last_in_domain(domain);
    if (gtid == nullptr) return false;
    if (*before.last_in_domain(domain) == *gtid) continue;
    const binlog::MariadbGtid* same_server = before.last_of(domain, gtid->server_id);
    if (same_server != nullptr && same_server->sequence >= gtid->sequence) return false;
  }
  return true;
}

// The list without the GTIDs that are the last of their domain in `before`.
binlog::MariadbGtidList still_ahead(const binlog::MariadbGtidList& wanted, const binlog::MariadbGtidList& before) {
  binlog::MariadbGtidList left;
  for (const std::uint32_t domain : wanted.domains()) {
    const binlog::MariadbGtid* gtid = wanted.last_in_domain(domain);
    const binlog::MariadbGtid* last = before.last_in_domain(domain);
    if (last == nullptr || !(*last == *gtid)) left.update(*gtid);
  }
  return left;
}

DumpResult<SpoolPosition> find_mariadb_gtids(DumpRequest& request, const SpoolAccess& spool) {
  const auto entries = spool.index.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    const binlog::MariadbGtidList& before = entry->gtids_before.mariadb;
    if (!starts_early_enough(before, request.mariadb_gtids)) continue;
    request.mariadb_gtids = still_ahead(request.mariadb_gtids, before);
    return SpoolPosition{entry->number, spool::kFirstEventOffset};
  }
  return refuse(
      "Could not find GTID state requested by slave in any binlog files. Probably the slave state is too old and "
      "required binlog "
      "files have been purged.");
}

}  // namespace

DumpResult<SpoolPosition> find_start(DumpRequest& request, const SpoolAccess& spool, const SourceFacts& facts) {
  switch (request.start) {
    case DumpRequest::Start::file_and_position:
      return find_file_and_position(request, spool, facts);
    case DumpRequest::Start::mysql_gtids:
      return find_mysql_gtids(request, spool, facts);
    case DumpRequest::Start::mariadb_gtids:
      return find_mariadb_gtids(request, spool);
  }
  return refuse("unknown kind of start");
}

}  // namespace relay::server
