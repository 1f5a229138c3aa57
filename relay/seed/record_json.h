#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "relay/base/result.h"
#include "relay/seed/manifest.h"

namespace relay::seed {

// How a snapshot's files and tables stand in its JSON files.
[[nodiscard]] nlohmann::ordered_json statements_json(const FileRecord& file);
[[nodiscard]] nlohmann::ordered_json table_json(const TableRecord& table);
// Throw nlohmann::json::exception for what is missing or of another type.
[[nodiscard]] FileRecord file_of(const nlohmann::json& from);
[[nodiscard]] TableRecord table_of(const nlohmann::json& from);

// Whether a text may be a digest of a file.
[[nodiscard]] bool is_digest(const std::string& text);
// Whether a file may be one with rows of a table, by its name.
[[nodiscard]] bool is_rows_file_of(const sql::TableName& table, const std::string& name);

}  // namespace relay::seed
