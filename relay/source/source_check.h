#pragma once

#include <string>
#include <vector>

#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "relay/source/dump_command.h"
#include "relay/source/grants.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::source {

// What stands in the way of following the source, and what is good to know. Texts name settings, accounts and tables.
struct SourceCheck {
  base::Problems problems;
  std::vector<std::string> notes;  // in order, and worth a line
};

// Judges the settings alone. `own_server_id` is the relay's.
[[nodiscard]] SourceCheck judge_facts(const SourceFacts& facts, std::uint32_t own_server_id);

// Judges the rows of SHOW REPLICAS or SHOW SLAVE HOSTS: another server with the relay's number would disturb it. The
// relay itself may be among them, at work or just killed; MySQL tells by the uuid, which a connection that is being
// made or taken down does not show.
[[nodiscard]] base::Problems judge_replicas(const Rows& replicas, binlog::Flavor flavor,
                                            const ReplicaIdentity& identity);

// Judges settings, the account's grants and other replicas, asking the source. `tables` are those that the account must
// be able to read the definitions of. Errors: only those of a connection that breaks.
[[nodiscard]] base::Result<SourceCheck> check_source(SourceConnection& connection, const SourceFacts& facts,
                                                     const ReplicaIdentity& identity,
                                                     const std::vector<TablePattern>& tables);

// What the connection's account may do, its active roles included.
[[nodiscard]] base::Result<Privileges> read_privileges(SourceConnection& connection, const SourceFacts& facts);

}  // namespace relay::source
