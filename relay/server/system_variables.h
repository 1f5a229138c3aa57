#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "relay/server/query_answer.h"

namespace relay::server {

// The value of a system variable, by its lower-case name without @@, scope and dot. None when the server that the relay
// shows itself as has no such variable, or the relay has no answer.
[[nodiscard]] std::optional<std::string> system_variable(std::string_view name, const AnswerContext& context);

// "server_id" of "@@global.server_id"; the name itself when it has neither.
[[nodiscard]] std::string_view bare_variable_name(std::string_view name);

}  // namespace relay::server
