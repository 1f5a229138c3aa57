#pragma once

#include <memory>
#include <vector>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/sql/statement_tree.h"

namespace relay::source {

// The triggers that the account sees, as statements. It sees those of tables that it has the privilege TRIGGER on.
[[nodiscard]] base::Result<std::vector<std::unique_ptr<sql::TriggerStatement>>> read_triggers(
    SourceConnection& connection, const SourceFacts& facts);

// The tables that are certain to be base tables without triggers, of an engine that keeps its own rows; names folded
// where the source folds them. None when the account does not see every trigger.
[[nodiscard]] base::Result<std::vector<sql::TableName>> read_plain_tables(SourceConnection& connection,
                                                                          const SourceFacts& facts);

// Whether the account has TRIGGER on everything.
[[nodiscard]] base::Result<bool> sees_all_triggers(SourceConnection& connection, const SourceFacts& facts);

}  // namespace relay::source
