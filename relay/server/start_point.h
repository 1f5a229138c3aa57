#pragma once

#include "relay/server/dump_request.h"
#include "relay/server/source_facts.h"

namespace relay::server {

// Where reading begins. With GTIDs that is the start of a file, and what the replica has is skipped from there on.
// For MariaDB, domains whose GTID is the last before that file are taken out of `request.mariadb_gtids`: nothing is to
// be skipped in them.
[[nodiscard]] DumpResult<spool::SpoolPosition> find_start(DumpRequest& request, const SpoolAccess& spool,
                                                          const SourceFacts& facts);

}  // namespace relay::server
