#pragma once

#include <string>
#include <vector>

#include "relay/app/configuration.h"
#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "relay/source/source_facts.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/table_check.h"

namespace relay::app {

// What the source and the rules make of each other.
struct Preflight {
  source::SourceFacts facts;
  std::vector<scrub_rules::TableReport> tables;
  std::vector<std::string> source_databases;  // all that the account can see, save the server's own
  std::vector<sql::TableName> source_tables;  // all that the account can see, save the server's own
  std::vector<std::string> notes;             // about the source's settings: worth a line, nothing to mend
};

// Connects to the source and judges everything before the first event: settings, grants, and the rules against the
// schema as it is now. Every problem is added to `problems`. Errors: the source cannot be reached or read.
[[nodiscard]] base::Result<Preflight> judge_source(const Configuration& configuration,
                                                   const scrub_rules::RuleSet& rules, base::Problems& problems);

// Where the spool was written under other rules: an error for each table or column that the replicas which follow it
// would have otherwise, and that would need seeding. Errors: the spool's own files cannot be read.
[[nodiscard]] base::Result<void> judge_change_of_rules(const Configuration& configuration,
                                                       const scrub_rules::RuleSet& rules, const Preflight& preflight,
                                                       base::Problems& problems);

}  // namespace relay::app
