#pragma once

#include <string>
#include <string_view>

#include "relay/base/result.h"

namespace relay::scrub_rules {

struct RuleTableName {
  std::string database;
  std::string table;
};

// Reads "database.table"; either part may be quoted with back-ticks, in which a dot is no separator and `` is one
// back-tick. Errors (kind configuration): not exactly two parts, an empty or overlong part, characters that no
// identifier can hold.
[[nodiscard]] base::Result<RuleTableName> parse_rule_table_name(std::string_view text);

// Why `name` is no identifier of a server; nothing when it is one.
[[nodiscard]] base::Result<void> check_identifier(std::string_view name);

}  // namespace relay::scrub_rules
