#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "scrub_rules/lineage.h"

namespace relay::app {

// Definitions of tables, as they are at one place of a binary log.
struct KnownSchema {
  std::vector<sql::TableDefinition> tables;
  std::map<std::string, std::pair<std::string, std::string>> database_character_sets;
  std::vector<scrub_rules::LineageChange> lineage;  // which of them are copies of others
};

// Reads a schema written as SQL, as `mysqldump --no-data --databases` and SHOW CREATE TABLE write it: USE, and the DDL
// of databases, tables and indexes, in order; SET, LOCK, views, triggers and routines change nothing and are passed
// over. `context` is of the server that wrote the binary log. `file` is for messages. Errors: unsupported, naming file
// and line, for a statement that cannot be read or that changes data.
[[nodiscard]] base::Result<KnownSchema> read_schema_text(std::string_view text, const std::string& file,
                                                         sql::SqlContext context);

}  // namespace relay::app
