#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/binlog/gtid_set.h"
#include "relay/source/binlog_scan.h"
#include "relay/source/dump_command.h"
#include "relay/source/schema_reader.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/start_spec.h"

namespace relay::source {

// Where the stream starts and what the schema was there, as far as it is certain.
struct Baseline {
  std::string file;  // start: the first event that is streamed begins at `offset` of `file`
  std::uint64_t offset = 4;
  bool by_gtid = false;  // the start was given as GTIDs: ask for the dump by GTID; `file` is the one they lead to
  binlog::MysqlGtidSet mysql_gtids;  // what lies before the start
  binlog::MariadbGtidList mariadb_gtids;
  SourceSchema schema;                       // at the start
  std::vector<sql::TableName> plain_tables;  // where they were asked for; empty when triggers changed since the start
  // Tables whose definition changed between the start and now. Their definition at the start is not known: it comes
  // from their CREATE in the stream, and where row events precede that, the stream halts.
  std::vector<sql::TableName> left_out;
};

// Takes out of `schema` what `touched` says has changed, and returns the tables' names.
[[nodiscard]] std::vector<sql::TableName> leave_out_touched(SourceSchema& schema, const TouchedTables& touched);

// Finds the place that `start` names and the schema there, without guessing: reads the schema as it is now, notes the
// place B behind that, and leaves out what the DDL between the start and B has touched. Reads the whole binary log from
// the start to B; long starts log their progress. `questions` and `dump` are two connections (the second made for
// streaming), and `dump` is used up. Both may be interrupted. Errors: those of connection, stream and scan;
// configuration for GTIDs that cannot be read; peer for GTIDs that the source does not have yet; rule where it wrote
// others before some of them.
[[nodiscard]] base::Result<Baseline> prepare_start(SourceConnection& questions, SourceConnection& dump,
                                                   const SourceFacts& facts, const StartSpec& start,
                                                   const LeavingTables& leaving, const ReplicaIdentity& identity);

}  // namespace relay::source
