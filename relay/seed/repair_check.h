#pragma once

#include <string>

#include "relay/base/result.h"
#include "relay/seed/snapshot_schema.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// Why a table's rows cannot be written anew at the replica; empty where they can. A table whose engine has no
// transactions would keep what a repair that is rolled back has done, and one with triggers would have them run.
// Errors: those of the connection; peer, naming the GRANT, where the account does not see all triggers.
[[nodiscard]] base::Result<std::string> reason_not_to_repair(source::SourceConnection& replica,
                                                             const source::SourceFacts& facts,
                                                             const SnapshotTable& table);

}  // namespace relay::seed
