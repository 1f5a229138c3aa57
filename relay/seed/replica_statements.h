#pragma once

#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"
#include "relay/sql/table_definition.h"

namespace relay::seed {

// What loading has in common.

// A table's name as statements have it.
[[nodiscard]] std::string quoted(const sql::TableName& table);
[[nodiscard]] base::Error about_table(const base::Error& error, const sql::TableName& table);
// Runs statements that end with ";\n" each.
[[nodiscard]] base::Result<void> run_all(source::SourceConnection& connection, std::string_view statements);

}  // namespace relay::seed
