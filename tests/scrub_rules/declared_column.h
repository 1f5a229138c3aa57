#pragma once

#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/sql/table_definition.h"

namespace relay::scrub_rules::testing {

// A column from words like "decimal(10,4) unsigned not null" or "enum('a','b')"; character sets default to utf8mb4.
[[nodiscard]] sql::ColumnDefinition declared_column(std::string_view text, std::string name = "c");

[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::string unhex(std::string_view digits);

}  // namespace relay::scrub_rules::testing
