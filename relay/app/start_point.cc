#include "relay/app/start_point.h"

#include <fmt/format.h>

namespace relay::app {

// An empty state names no place: MariaDB would start from its first file, purged or not.
bool resumes_by_gtid(const source::SourceFacts& facts, const spool::GtidState& gtids) {
  return facts.has_gtids() && !(gtids.mysql.empty() && gtids.mariadb.empty());
}

std::string gtid_text(const spool::GtidState& gtids) {
  return gtids.mysql.empty() ? gtids.mariadb.position_text() : gtids.mysql.text();
}

std::string describe_start(const source::DumpRequest& request) {
  if (!request.by_gtid) return fmt::format("{}:{}", request.file, request.offset);
  return fmt::format("GTIDs behind {}", gtid_text({request.mysql_gtids, request.mariadb_gtids}));
}

}  // namespace relay::app
