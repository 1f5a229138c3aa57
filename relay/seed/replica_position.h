#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/base/secret.h"
#include "relay/seed/manifest_reader.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// What becomes of the transactions that a replica made by itself.
enum class OwnTransactions : std::uint8_t {
  kept,
  forgotten,  // where they are in the way. Servers that follow the replica, and are away now, are not seen
};

// What tells a replica which transactions it has, in order: at most a statement that forgets those it made by itself
// while it was set up, and one that sets the snapshot's. None where it has them, or where the source's have no GTIDs.
// Errors: rule, with the remedy, where the replica has other transactions than the snapshot and its own, or where its
// own can only be forgotten and that is not allowed, or it has replicas; those of the connection.
[[nodiscard]] base::Result<std::vector<std::string>> position_statements(source::SourceConnection& connection,
                                                                         const source::SourceFacts& replica,
                                                                         const KnownSnapshot& snapshot,
                                                                         OwnTransactions own);

enum class FollowTls : std::uint8_t { off, required, mutual };

// Where a replica follows, as it sees that.
struct FollowTarget {
  std::string host;
  std::uint16_t port = 0;
  std::string user;
  FollowTls tls = FollowTls::off;
  std::string tls_ca, tls_cert, tls_key;  // paths at the replica
  // The way is protected already: a tunnel, or the same machine. Then a password may be given to who has the key that
  // the other side sends.
  bool is_protected = false;
};

// A file and a place in it, for sources without GTIDs.
struct FollowPlace {
  std::string file;
  std::uint64_t offset = 0;
};

// CHANGE REPLICATION SOURCE TO, or CHANGE MASTER TO, in the words of the replica's version. `place`: none where it
// follows by GTID.
[[nodiscard]] std::string change_source_statement(const source::SourceFacts& replica, const FollowTarget& target,
                                                  const std::optional<FollowPlace>& place, std::string_view password);
// Whether its statements and their columns say REPLICA and SOURCE, and not SLAVE and MASTER.
[[nodiscard]] bool has_replica_words(const source::SourceFacts& replica);
// START REPLICA, or START SLAVE.
[[nodiscard]] std::string start_statement(const source::SourceFacts& replica);

}  // namespace relay::seed
