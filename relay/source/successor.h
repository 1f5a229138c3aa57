#pragma once

#include "relay/base/result.h"
#include "relay/source/dump_command.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::source {

// Whether a MySQL source has, in its log, transactions that `request.mysql_gtids` lacks before some that are in it:
// then their order is another than that of the source before, and what an ALTER made of a table came later for them.
// Reads what a dump by GTIDs sends over `dump`, up to `end`, the end of its log as it was told before; what the source
// passes over shows as a gap between offsets, or by a heartbeat (sql/rpl_binlog_sender.cc). REQUIRES: request.by_gtid;
// all of request.mysql_gtids is in the source's gtid_executed. Errors: those of the dump; io where it ends early.
[[nodiscard]] base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request,
                                                     const std::map<std::string, std::uint64_t>& files,
                                                     const LogPosition& end, const SourceFacts& facts);

}  // namespace relay::source
