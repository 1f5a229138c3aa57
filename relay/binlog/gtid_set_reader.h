#pragma once

#include "relay/binlog/gtid_set.h"

namespace relay::binlog {

// What the text and the binary reader of MySQL GTID sets share: how a set is filled.
class MysqlGtidSetReader {
 public:
  // One more than the largest transaction number (GNO_END, sql/rpl_gtid.h).
  static constexpr std::int64_t kNumberEnd = INT64_MAX;

  // Of one uuid and tag; in any order. Joined by finish().
  void add(const Uuid& uuid, const std::string& tag, std::int64_t first, std::int64_t end) {
    set_.intervals_[{uuid, tag}].push_back({first, end});
  }
  [[nodiscard]] bool has(const Uuid& uuid, const std::string& tag) const {
    return set_.intervals_.contains({uuid, tag});
  }
  [[nodiscard]] MysqlGtidSet finish() {
    for (auto& [source, intervals] : set_.intervals_) MysqlGtidSet::unite(intervals);
    return std::move(set_);
  }

 private:
  MysqlGtidSet set_;
};

}  // namespace relay::binlog
