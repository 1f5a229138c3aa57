#pragma once

#include "relay/base/byte_view.h"
#include "relay/server/query_answer.h"

namespace relay::server {

// Answers a statement: what replicas, mysqlbinlog, mariadb-binlog and an operator's client ask when they connect, and
// nothing else. What a replica sets is kept in the session.
[[nodiscard]] QueryAnswer answer_query(base::ByteView statement, const AnswerContext& context);

}  // namespace relay::server
