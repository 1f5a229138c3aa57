#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "relay/server/server_settings.h"
#include "relay/server/session_state.h"
#include "relay/server/source_facts.h"
#include "relay/server/statement_tokens.h"
#include "relay/wire/answer.h"

namespace relay::server {

struct OkAnswer {};
struct ErrorAnswer {
  std::uint16_t code = 0;
  std::string sql_state;
  std::string message;
};
using QueryAnswer = std::variant<OkAnswer, ErrorAnswer, wire::TextResult>;

// What answering a query may look at. References outlive the session.
struct AnswerContext {
  const ServerSettings& settings;
  const SpoolAccess& spool;
  const SourceFacts& facts;
  SessionState& session;
  // Ends another connection of this client's account; false when there is none of that id.
  const std::function<bool(std::uint32_t connection_id)>& kill;
};

// One row, one column.
[[nodiscard]] inline wire::TextResult single_cell(std::string column, std::optional<std::string> value) {
  return {{std::move(column)}, {{std::move(value)}}};
}

}  // namespace relay::server
