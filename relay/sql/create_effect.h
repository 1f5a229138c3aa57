#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/sql/ddl.h"

namespace relay::sql {

// What a CREATE TABLE IF NOT EXISTS of the binary log did. MySQL writes it also where the table was there already, with
// other columns perhaps; MariaDB does not.
enum class CreateEffect : std::uint8_t {
  made,     // or the statement is another
  nothing,  // the table was there
  unknown,
};

// `ddl_number` is the status variable that MySQL 8.0 and later write with a statement that changed a table of InnoDB; 0
// when it is absent. `copied_engine` is that of the table behind LIKE, in lower case; empty when not known.
[[nodiscard]] CreateEffect create_effect(const Statement& statement, const SqlContext& context,
                                         std::uint64_t ddl_number, std::string_view copied_engine);

// The columns that a CREATE TABLE writes out, in its order; none for LIKE.
[[nodiscard]] std::vector<std::string> created_columns(const Statement& statement);

}  // namespace relay::sql
