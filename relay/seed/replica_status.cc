#include "relay/seed/replica_status.h"

#include <algorithm>
#include <charconv>

#include "relay/seed/view_session.h"
#include "relay/sql/token.h"

namespace relay::seed {

namespace {

using base::Result;
using binlog::Flavor;
using source::NamedRow;
using source::SourceConnection;
using source::SourceFacts;

// Of mysqld_error.h and errmsg.h: host, account, password, or TLS are refused, or there is no way to log in.
constexpr int kConnectRefusals[] = {1044, 1045, 1129, 1130, 1227, 1251, 1275, 1524, 1698,
                                    2026, 2049, 2054, 2058, 2059, 2061, 3118, 3159};

template <typename Number>
Number status_number(const std::string& text) {
  Number found = 0;
  std::from_chars(text.data(), text.data() + text.size(), found);
  return found;
}

}  // namespace

Result<std::vector<NamedRow>> status_rows(SourceConnection& connection, const SourceFacts& replica) {
  return connection.query_named(replica.flavor == Flavor::mariadb ? "SHOW ALL SLAVES STATUS"
                                : has_replica_words(replica)      ? "SHOW REPLICA STATUS"
                                                                  : "SHOW SLAVE STATUS");
}

std::string status_column(const NamedRow& row, const char* old_name, const char* new_name) {
  auto found = row.find(old_name);
  if (found == row.end()) found = row.find(new_name);
  return found == row.end() ? "" : found->second;
}

std::vector<FollowedSource> read_followed(const std::vector<NamedRow>& rows) {
  std::vector<FollowedSource> all;
  for (const NamedRow& row : rows) {
    FollowedSource one;
    one.channel = status_column(row, "Connection_name", "Channel_Name");
    one.host = status_column(row, "Master_Host", "Source_Host");
    one.port = status_number<std::uint16_t>(status_column(row, "Master_Port", "Source_Port"));
    one.user = status_column(row, "Master_User", "Source_User");
    one.connect_error = status_number<int>(status_column(row, "Last_IO_Errno", "Last_IO_Errno"));
    const std::string reads = status_column(row, "Slave_IO_Running", "Replica_IO_Running");
    const bool applies = status_column(row, "Slave_SQL_Running", "Replica_SQL_Running") == "Yes";
    const bool reading = !reads.empty() && reads != "No";
    if (reading && applies) {
      one.following = reads == "Yes" ? Following::yes : Following::connecting;
    } else if (reading || applies) {
      one.following = Following::stopped;
    }
    // MySQL 5.6 shows a row of a server that was told to forget whom it followed.
    if (!one.host.empty() || one.following != Following::no) all.push_back(std::move(one));
  }
  return all;
}

Result<std::optional<std::vector<FollowedSource>>> followed_sources(SourceConnection& connection,
                                                                    const SourceFacts& replica) {
  const auto rows = status_rows(connection, replica);
  if (rows) return std::optional(read_followed(*rows));
  if (is_denied(rows.error())) return std::optional<std::vector<FollowedSource>>();
  return base::fail(rows.error());
}

bool follows_only(const std::vector<FollowedSource>& followed, const FollowTarget& target) {
  if (followed.size() != 1) return false;
  const FollowedSource& one = followed.front();
  return one.channel.empty() && sql::equal_keywords(one.host, target.host) && one.port == target.port &&
         one.user == target.user;
}

bool is_refusal(int connect_error) {
  return std::ranges::find(kConnectRefusals, connect_error) != std::end(kConnectRefusals);
}

std::string forget_statements(const SourceFacts& replica) {
  if (replica.flavor == Flavor::mariadb) return "STOP ALL SLAVES; RESET SLAVE 'NAME' ALL, for each connection's name";
  return has_replica_words(replica) ? "STOP REPLICA; RESET REPLICA ALL" : "STOP SLAVE; RESET SLAVE ALL";
}

}  // namespace relay::seed
