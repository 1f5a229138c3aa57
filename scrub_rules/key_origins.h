#pragma once

#include <vector>

#include "relay/sql/ddl.h"

namespace relay::scrub_rules {

// Looks up the origins of the definition's foreign keys that have none yet: what the columns that they refer to refer
// to or are computed from in their turn, as far as `catalog` tells.
void resolve_key_origins(sql::TableDefinition& definition, const sql::Catalog& catalog);

// The same for tables that were read together. `fold_case` is the source's lower_case_table_names > 0.
void resolve_key_origins(std::vector<sql::TableDefinition>& tables, bool fold_case);

}  // namespace relay::scrub_rules
