#pragma once

#include <string_view>

#include "relay/binlog/format_description.h"
#include "relay/binlog/query_event.h"
#include "relay/sql/ddl.h"

namespace relay::source {

// The statements that most query events consist of: BEGIN, COMMIT, ROLLBACK, as servers write them themselves.
[[nodiscard]] bool is_transaction_control(std::string_view text);

// The session that a QUERY event's statement ran in.
[[nodiscard]] sql::SqlContext context_of(const binlog::QueryEvent& query, const binlog::QueryStatus& status,
                                         const binlog::FormatDescription& format, bool fold_case);

}  // namespace relay::source
