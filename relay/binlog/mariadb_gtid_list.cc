#include <algorithm>

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/gtid_set.h"

namespace relay::binlog {

namespace {

constexpr std::uint32_t kCountMask = (1U << 28) - 1;  // the four bits above are flags of START SLAVE UNTIL
constexpr std::size_t kSmallestList = 6;  // Gtid_list_log_event::get_data_size: room to be overwritten by a dummy event

}  // namespace

base::Result<MariadbGtidList> MariadbGtidList::parse_event(base::ByteView body) {
  base::ByteReader reader(body);
  MariadbGtidList list;
  for (std::uint32_t left = reader.u32() & kCountMask; left > 0 && reader.ok(); --left) {
    MariadbGtid gtid;
    gtid.domain = reader.u32();
    gtid.server_id = reader.u32();
    gtid.sequence = reader.u64();
    if (reader.ok()) list.domains_[gtid.domain].push_back(gtid);
  }
  if (!list.servers_are_unique()) {
    return event_error(base::ErrorKind::malformed, "a GTID list event names a server twice", EventType::gtid_list);
  }
  const bool is_padded = list.empty() && body.size() <= kSmallestList;
  if (!reader.ok() || (reader.remaining() > 0 && !is_padded)) {
    return event_error(base::ErrorKind::malformed, "a GTID list event is not as long as its count says",
                       EventType::gtid_list);
  }
  return list;
}

bool MariadbGtidList::servers_are_unique() const {
  return std::ranges::all_of(domains_, [](const auto& entry) {
    std::vector<std::uint32_t> servers;
    for (const MariadbGtid& gtid : entry.second) servers.push_back(gtid.server_id);
    std::ranges::sort(servers);
    return std::ranges::adjacent_find(servers) == servers.end();
  });
}

void MariadbGtidList::encode_event(base::Buffer& into) const {
  const std::size_t start = into.size();
  into.append_u32(0);
  std::uint32_t count = 0;
  for (const auto& [domain, gtids] : domains_) {
    for (const MariadbGtid& gtid : gtids) {
      into.append_u32(domain);
      into.append_u32(gtid.server_id);
      into.append_u64(gtid.sequence);
      ++count;
    }
  }
  if (into.overflowed()) return;
  if (count == 0) into.append_fill(kSmallestList - 4, 0);
  into.patch_little_endian(start, count, 4);
}

std::string MariadbGtidList::position_text() const {
  std::string text;
  for (const auto& [domain, gtids] : domains_) {
    if (!text.empty()) text += ',';
    text += gtids.back().text();
  }
  return text;
}

void MariadbGtidList::update(const MariadbGtid& gtid) {
  std::vector<MariadbGtid>& gtids = domains_[gtid.domain];
  const auto old = std::ranges::find(gtids, gtid.server_id, &MariadbGtid::server_id);
  if (old != gtids.end()) gtids.erase(old);
  gtids.push_back(gtid);
}

const MariadbGtid* MariadbGtidList::last_in_domain(std::uint32_t domain) const {
  const auto found = domains_.find(domain);
  return found == domains_.end() ? nullptr : &found->second.back();
}

const MariadbGtid* MariadbGtidList::last_of(std::uint32_t domain, std::uint32_t server_id) const {
  const auto found = domains_.find(domain);
  if (found == domains_.end()) return nullptr;
  const auto gtid = std::ranges::find(found->second, server_id, &MariadbGtid::server_id);
  return gtid == found->second.end() ? nullptr : &*gtid;
}

std::vector<std::uint32_t> MariadbGtidList::domains() const {
  std::vector<std::uint32_t> domains;
  for (const auto& [domain, gtids] : domains_) domains.push_back(domain);
  return domains;
}

}  // namespace relay::binlog
