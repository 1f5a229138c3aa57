#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/manifest_reader.h"
#include "relay/sql/table_definition.h"

namespace relay::seed {

// A statement of schema.sql or indexes.sql.
struct SchemaStatement {
  std::string text;
  sql::TableName table;              // that it makes or changes; empty: none
  std::vector<std::string> indexes;  // by name, that it adds
  std::vector<std::string> foreign_keys;
};

// The statements of schema.sql behind schema_head(): CREATE DATABASE IF NOT EXISTS, USE, and CREATE TABLE, of each
// table of the snapshot once. Errors: malformed for anything else; those of reading a statement.
[[nodiscard]] base::Result<std::vector<SchemaStatement>> read_schema_statements(std::string_view text,
                                                                                const KnownSnapshot& snapshot);
// Those of indexes.sql: ALTER TABLE of tables of the snapshot, that add indexes, or foreign keys alone.
[[nodiscard]] base::Result<std::vector<SchemaStatement>> read_index_statements(std::string_view text,
                                                                               const KnownSnapshot& snapshot);

}  // namespace relay::seed
