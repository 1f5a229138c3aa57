#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/replica_position.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// Whether the replica follows somebody.
enum class Following : std::uint8_t {
  no,
  stopped,     // one of its two threads does not run
  connecting,  // both run, and the other side does not answer
  yes,
};

// Whom the replica is told to follow, by one channel (MariaDB: connection), running or not.
struct FollowedSource {
  std::string channel;  // empty: the one that has no name
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  Following following = Following::no;
  int connect_error = 0;  // the last of its connection to the other side; 0: none
};

// What the replica says of its replication, a row for each channel (MariaDB: connection). Errors: those of the
// connection, as a server words a denial.
[[nodiscard]] base::Result<std::vector<source::NamedRow>> status_rows(source::SourceConnection& connection,
                                                                      const source::SourceFacts& replica);
// A column of such a row by its name of before MySQL 8.0.22, or by its present one; empty where there is none.
[[nodiscard]] std::string status_column(const source::NamedRow& row, const char* old_name, const char* new_name);

// All of them; none where the account may not ask.
[[nodiscard]] base::Result<std::optional<std::vector<FollowedSource>>> followed_sources(
    source::SourceConnection& connection, const source::SourceFacts& replica);
[[nodiscard]] std::vector<FollowedSource> read_followed(const std::vector<source::NamedRow>& rows);

// Whether the target is followed, and nobody else.
[[nodiscard]] bool follows_only(const std::vector<FollowedSource>& followed, const FollowTarget& target);

// Whether an error of connecting says that the other side refuses, which no waiting mends.
[[nodiscard]] bool is_refusal(int connect_error);

// What makes a replica follow nobody.
[[nodiscard]] std::string forget_statements(const source::SourceFacts& replica);

}  // namespace relay::seed
