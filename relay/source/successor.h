#pragma once

#include "relay/base/result.h"
#include "relay/source/dump_command.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::source {

// Whether a MySQL source has, in its log, transactions that `request.mysql_gtids` lacks before some that are in it:
// then their order is another than that of the source before, and what an ALTER made of a table came later for them.
// Reads what a dump by GTIDs sends, up to the end of the log, over `dump`; what the source passes over shows as a gap
// between offsets. `end`: the end of its log, asked for before. REQUIRES: request.by_gtid. Errors: those of the dump.
[[nodiscard]] base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request,
                                                     const LogPosition& end);

}  // namespace relay::source
