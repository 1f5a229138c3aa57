#pragma once

#include <map>
#include <set>

#include "relay/binlog/event_view.h"
#include "relay/server/dump_request.h"

namespace relay::server {

// Decides for each event of the spool whether the replica already has the transaction it belongs to. Events that belong
// to no transaction (format descriptions, rotates, GTID lists) always pass.
class GroupFilter {
 public:
  // Lets everything pass.
  GroupFilter() = default;
  // `request.mariadb_gtids` as find_start() left it; `before` is what lies before the first event.
  GroupFilter(const DumpRequest& request, const binlog::MariadbGtidList& before);

  // True when the event is to be sent.
  [[nodiscard]] DumpResult<bool> passes(const binlog::EventView& event);
  // The same of an event that is not a group's first, by its type alone.
  [[nodiscard]] bool passes(binlog::EventType type) const;
  // To be called when the end of the spool is reached: a GTID that the replica named and that was not found is not
  // ours.
  [[nodiscard]] DumpResult<void> check_at_tail();

 private:
  [[nodiscard]] DumpResult<bool> mysql_group_passes(const binlog::EventView& event) const;
  [[nodiscard]] DumpResult<bool> mariadb_group_passes(const binlog::EventView& event);

  DumpRequest::Start start_ = DumpRequest::Start::file_and_position;
  bool strict_mode_ = false;
  bool ignore_duplicates_ = false;
  bool group_passes_ = true;
  bool checked_ = false;
  binlog::MysqlGtidSet mysql_gtids_;
  std::map<std::uint32_t, binlog::MariadbGtid> awaited_;  // by domain: everything up to and with it is skipped
  std::set<std::uint32_t> domains_;                       // in which the spool has GTIDs
};

}  // namespace relay::server
