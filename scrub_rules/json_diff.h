#pragma once

#include <deque>
#include <string>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/json_writer.h"

namespace relay::scrub_rules {

// Makes of a document what a partial update makes of it: operations (sql/json_diff.h: replace, insert, remove), each
// with a path and, but for remove, a binary document. `diffs` are the bytes behind their length; `root` borrows from
// them and from `names`, which get the names of new members. Errors: malformed, also where an operation does not fit
// the document, as a replica would stop there.
[[nodiscard]] base::Result<void> apply_json_diffs(base::ByteView diffs, JsonNode& root, std::deque<std::string>& names);

}  // namespace relay::scrub_rules
