#pragma once

#include <string_view>
#include <vector>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"

namespace relay::sql {

// The table that a statement writes to, where it is certain that it touches no other: INSERT and REPLACE of values,
// UPDATE and DELETE of one table, LOAD DATA. Everything else is an Error (unsupported, with the offset, never a piece
// of the text): a query inside, joins, several tables, CALL, and whatever looks like a function that is no keyword,
// since a stored one may write anywhere. Whether the name is that of a view, and what triggers do, the text does not
// tell.
[[nodiscard]] base::Result<TableName> table_of_data_statement(std::string_view text, const SqlContext& context);

}  // namespace relay::sql
