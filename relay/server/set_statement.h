#pragma once

#include "relay/server/query_answer.h"

namespace relay::server {

// SET @a = value, @b = value, ...: kept in the session. Settings of the session that clients send when they connect are
// accepted and mean nothing here.
[[nodiscard]] QueryAnswer answer_set(const std::vector<StatementToken>& tokens, const AnswerContext& context);

}  // namespace relay::server
