#pragma once

#include "relay/server/query_answer.h"

namespace relay::server {

// Answers that look into the spool. `literals` are what stood at the question marks of the query's pattern.

// SHOW MASTER STATUS, SHOW BINARY LOG STATUS, SHOW BINLOG STATUS: the published end of the spool.
[[nodiscard]] QueryAnswer show_binlog_status(const AnswerContext& context, const std::vector<StatementToken>& literals);
// SHOW BINARY LOGS: every spool file with its size.
[[nodiscard]] QueryAnswer show_binary_logs(const AnswerContext& context, const std::vector<StatementToken>& literals);
// MariaDB's BINLOG_GTID_POS(file, position): the GTID position there; NULL when there is no such place.
[[nodiscard]] QueryAnswer binlog_gtid_pos(const AnswerContext& context, const std::vector<StatementToken>& literals);

// Bytes of a spool file that are published. Errors: io, unsupported (no such file).
[[nodiscard]] base::Result<std::uint64_t> published_size(const SpoolAccess& spool, std::uint32_t file);

}  // namespace relay::server
