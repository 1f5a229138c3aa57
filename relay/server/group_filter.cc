#include "relay/server/group_filter.h"

#include "relay/binlog/gtid_event.h"

namespace relay::server {

namespace {

using binlog::EventType;

bool belongs_to_no_group(EventType type) {
  switch (type) {
    case EventType::format_description:
    case EventType::rotate:
    case EventType::stop:
    case EventType::previous_gtids:
    case EventType::gtid_list:
    case EventType::binlog_checkpoint:
    case EventType::start_encryption:
      return true;
    default:
      return false;
  }
}

}  // namespace

GroupFilter::GroupFilter(const DumpRequest& request, const binlog::MariadbGtidList& before)
    : start_(request.start),
      strict_mode_(request.strict_mode),
      ignore_duplicates_(request.ignore_duplicates),
      mysql_gtids_(request.mysql_gtids) {
  if (start_ != DumpRequest::Start::mariadb_gtids) return;
  for (const std::uint32_t domain : request.mariadb_gtids.domains()) {
    awaited_[domain] = *request.mariadb_gtids.last_in_domain(domain);
  }
  const auto domains = before.domains();
  domains_.insert(domains.begin(), domains.end());
}

bool GroupFilter::passes(EventType type) const {
  return start_ == DumpRequest::Start::file_and_position || belongs_to_no_group(type) || group_passes_;
}

DumpResult<bool> GroupFilter::passes(const binlog::EventView& event) {
  switch (event.type()) {
    case EventType::gtid:
    case EventType::gtid_tagged:
    case EventType::anonymous_gtid:
      if (start_ == DumpRequest::Start::mysql_gtids) {
        const auto passes = mysql_group_passes(event);
        if (!passes) return passes;
        group_passes_ = *passes;
      }
      break;
    case EventType::mariadb_gtid:
      if (start_ == DumpRequest::Start::mariadb_gtids) {
        const auto passes = mariadb_group_passes(event);
        if (!passes) return passes;
        group_passes_ = *passes;
      }
      break;
    default:
      break;
  }
  return passes(event.type());
}

DumpResult<bool> GroupFilter::mysql_group_passes(const binlog::EventView& event) const {
  if (event.type() == EventType::anonymous_gtid) return true;
  const auto gtid = binlog::MysqlGtidEvent::parse(event.header().type_code, event.body());
  if (!gtid) return refuse("a GTID event of the spool cannot be read");
  return !mysql_gtids_.contains(gtid->gtid);
}

DumpResult<bool> GroupFilter::mariadb_group_passes(const binlog::EventView& event) {
  const auto parsed = binlog::MariadbGtidEvent::parse(event.body(), event.header().server_id);
  if (!parsed) return refuse("a GTID event of the spool cannot be read");
  const binlog::MariadbGtid& gtid = parsed->gtid;
  domains_.insert(gtid.domain);
  const auto awaited = awaited_.find(gtid.domain);
  if (awaited == awaited_.end()) return true;
  const binlog::MariadbGtid wanted = awaited->second;
  if (gtid.server_id != wanted.server_id || gtid.sequence < wanted.sequence) return false;
  awaited_.erase(awaited);
  if (gtid.sequence == wanted.sequence) return false;
  // The named GTID itself never came here: what follows it is what the replica lacks.
  if (strict_mode_) {
    return refuse("The binlog on the master is missing the GTID " + wanted.text() +
                  " requested by the slave (even though a subsequent sequence number does exist), and GTID strict mode "
                  "is enabled");
  }
  return true;
}

DumpResult<void> GroupFilter::check_at_tail() {
  if (checked_) return {};
  checked_ = true;
  if (ignore_duplicates_) return {};  // the replica is ahead by another way; it is waited for
  for (const auto& [domain, wanted] : awaited_) {
    // A domain that the spool has nothing of is another source's business.
    if (domains_.count(domain) == 0) continue;
    return refuse("Error: connecting slave requested to start from GTID " + wanted.text() +
                  ", which is not in the master's binlog");
  }
  return {};
}

}  // namespace relay::server
