#pragma once

#include <nlohmann/json_fwd.hpp>

#include "relay/sql/table_definition.h"

namespace relay::scrub_rules {

// A table's definition as the schema history file keeps it: fields at their default are left out, so that later
// versions may add some. `definition_from_json` throws nlohmann::json::exception on anything else than
// definition_to_json wrote.
[[nodiscard]] nlohmann::json definition_to_json(const sql::TableDefinition& definition);
[[nodiscard]] sql::TableDefinition definition_from_json(const nlohmann::json& json);

}  // namespace relay::scrub_rules
