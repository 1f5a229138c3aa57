#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

// A MySQL GTID set: for each source uuid and tag, disjoint, sorted, non-adjacent intervals.
class MysqlGtidSet {
 public:
  // "uuid:1-5:8, uuid:tag:3"; white space and newlines anywhere between tokens, as servers print them.
  [[nodiscard]] static base::Result<MysqlGtidSet> parse_text(std::string_view text);
  // The binary form of COM_BINLOG_DUMP_GTID and PREVIOUS_GTIDS, plain and tagged (sql/rpl_gtid_set.cc). Bounded by the
  // bytes given.
  [[nodiscard]] static base::Result<MysqlGtidSet> parse_binary(base::ByteView bytes);
  void encode_binary(base::Buffer& into) const;  // tagged form only when a tag exists
  [[nodiscard]] std::string text() const;

  void add(const MysqlGtid& gtid);
  void add(const MysqlGtidSet& other);
  void subtract(const MysqlGtidSet& other);
  [[nodiscard]] bool contains(const MysqlGtid& gtid) const;
  [[nodiscard]] bool contains(const MysqlGtidSet& other) const;
  [[nodiscard]] bool empty() const { return intervals_.empty(); }
  [[nodiscard]] bool has_tags() const;
  friend bool operator==(const MysqlGtidSet&, const MysqlGtidSet&) = default;

 private:
  struct Interval {
    std::int64_t first = 0;
    std::int64_t end = 0;  // one past the last
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  using Intervals = std::vector<Interval>;
  using Source = std::pair<Uuid, std::string>;  // uuid and tag

  static void unite(Intervals& intervals);  // sorts, joins what overlaps or touches
  static Intervals difference(const Intervals& from, const Intervals& what);

  std::map<Source, Intervals> intervals_;
  friend class MysqlGtidSetReader;
};

// A MariaDB GTID position or list: per domain, the last GTID of each server, the last written one marked last.
// In a position (gtid_slave_pos, @slave_connect_state) each domain has one entry.
class MariadbGtidList {
 public:
  // "0-1-100,3-9-7"; empty text is the empty position.
  [[nodiscard]] static base::Result<MariadbGtidList> parse_text(std::string_view text);
  // Body of GTID_LIST_EVENT (163).
  [[nodiscard]] static base::Result<MariadbGtidList> parse_event(base::ByteView body);
  void encode_event(base::Buffer& into) const;
  // One GTID per domain, the last written: what a replica would name as its position.
  [[nodiscard]] std::string position_text() const;

  void update(const MariadbGtid& gtid);
  // The last GTID of the domain, null when none.
  [[nodiscard]] const MariadbGtid* last_in_domain(std::uint32_t domain) const;
  [[nodiscard]] const MariadbGtid* last_of(std::uint32_t domain, std::uint32_t server_id) const;
  [[nodiscard]] std::vector<std::uint32_t> domains() const;
  [[nodiscard]] bool empty() const { return domains_.empty(); }
  friend bool operator==(const MariadbGtidList&, const MariadbGtidList&) = default;

 private:
  [[nodiscard]] bool servers_are_unique() const;

  std::map<std::uint32_t, std::vector<MariadbGtid>> domains_;  // the last element is the last written
};

}  // namespace relay::binlog
