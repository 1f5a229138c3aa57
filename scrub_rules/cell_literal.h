#pragma once

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// Appends the SQL literal of a cell, without its length prefix: put into a column of the same declaration it makes the
// same cell. The session that reads it has character_set_client binary, time_zone '+00:00' and a sql_mode without
// NO_BACKSLASH_ESCAPES and strict modes, with ALLOW_INVALID_DATES. Errors, without a byte of the value: malformed where
// the cell is none of the column's type; unsupported for values that no literal can say (a compressed cell of MariaDB,
// values in a JSON document that JSON has no text for). On an error what was appended is of no use.
[[nodiscard]] base::Result<void> append_cell_literal(const ColumnTraits& column, base::ByteView cell,
                                                     base::Buffer& into);

}  // namespace relay::scrub_rules
