#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/base/result.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/spool/spool_types.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_set.h"

namespace relay::app {

// Where the first start begins, and what the schema is there.
struct StartPoint {
  spool::SourcePosition position;
  bool by_gtid = false;    // start = "gtid:...": the source chooses the file
  spool::GtidState gtids;  // everything before the start
  std::vector<sql::TableDefinition> tables;
  std::map<std::string, std::pair<std::string, std::string>> database_character_sets;
};

// Reads the source's schema and finds the place that `source.start` names, over connections of its own.
[[nodiscard]] base::Result<StartPoint> find_start_point(const Configuration& configuration, const scrub_rules::RuleSet& rules,
                                                        const source::SourceFacts& facts, const std::string& replica_uuid);

// Whether a spool with these GTIDs is gone on with by GTID at this source.
[[nodiscard]] bool resumes_by_gtid(const source::SourceFacts& facts, const spool::GtidState& gtids);

// For the log: "binlog.000007:154" or the GTIDs.
[[nodiscard]] std::string describe_start(const source::DumpRequest& request);

}  // namespace relay::app
