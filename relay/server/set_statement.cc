#include "relay/server/set_statement.h"

#include <algorithm>
#include <array>

#include "relay/server/system_variables.h"
#include "relay/wire/protocol.h"

namespace relay::server {

namespace {

using Kind = StatementToken::Kind;

// What connectors and command line clients set at their start.
constexpr std::array<std::string_view, 10> kHarmlessSettings = {
    "autocommit",  "sql_mode",  "net_read_timeout",      "net_write_timeout",    "wait_timeout",
    "sql_log_bin", "time_zone", "character_set_results", "character_set_client", "sql_quote_show_create"};

ErrorAnswer bad_set() {
  return {wire::kErrorNotSupported, "42000", "this is a binlog relay: it takes only what a replica sets"};
}

struct Assignment {
  std::string name;
  StatementToken value;
};

// Reads one "name = value" at `at` and moves behind it and a following comma; false when it is none.
bool read_assignment(const std::vector<StatementToken>& tokens, std::size_t& at, Assignment& into) {
  while (at < tokens.size() && (tokens[at].text == "session" || tokens[at].text == "local")) ++at;
  if (at + 2 >= tokens.size() || tokens[at].kind != Kind::word) return false;
  into.name = tokens[at++].text;
  if (tokens[at].text == ":" && tokens[at].kind == Kind::sign) ++at;
  if (at + 1 >= tokens.size() || tokens[at++] != StatementToken{Kind::sign, "="}) return false;
  const bool minus = tokens[at] == StatementToken{Kind::sign, "-"};
  if (minus && ++at == tokens.size()) return false;
  if (tokens[at].kind == Kind::sign) return false;
  into.value = tokens[at++];
  if (minus) into.value.text.insert(into.value.text.begin(), '-');
  if (at == tokens.size()) return true;
  return tokens[at++] == StatementToken{Kind::sign, ","} && at < tokens.size();
}

// The value of a literal, a system variable or a user variable; outer none when there is no such thing.
std::optional<std::optional<std::string>> evaluate(const StatementToken& token, const AnswerContext& context) {
  if (token.kind != Kind::word) return std::optional<std::string>(token.text);
  if (token.text == "null") return std::optional<std::string>();
  if (token.text.substr(0, 2) == "@@") {
    auto value = system_variable(bare_variable_name(token.text), context);
    if (!value) return std::nullopt;
    return value;
  }
  if (token.text[0] == '@') return context.session.variables.get(token.text.substr(1));
  return std::optional<std::string>(token.text);
}

// A replica that cannot follow is told so where its own error message shows our words: every replica stops on an error
// here. Tools set 'NONE' and are never refused.
std::optional<std::string> refused_at_checksum(const Assignment& assignment, const AnswerContext& context) {
  const bool is_replica = assignment.name == "@master_binlog_checksum" && assignment.value.kind == Kind::word;
  return is_replica ? refusal_of(context.session.kind, context.facts) : std::nullopt;
}

QueryAnswer assign(const Assignment& assignment, const AnswerContext& context) {
  const bool user_variable = assignment.name[0] == '@' && assignment.name.substr(0, 2) != "@@";
  if (!user_variable) {
    const auto name = bare_variable_name(assignment.name);
    const bool harmless =
        std::find(kHarmlessSettings.begin(), kHarmlessSettings.end(), name) != kHarmlessSettings.end();
    return harmless ? QueryAnswer(OkAnswer{}) : bad_set();
  }
  if (auto reason = refused_at_checksum(assignment, context)) {
    context.session.refusal = reason;
    return ErrorAnswer{wire::kErrorNotSupported, "42000", std::move(*reason)};
  }
  auto value = evaluate(assignment.value, context);
  if (!value) return ErrorAnswer{wire::kErrorUnknownSystemVariable, "HY000", "the relay has no such system variable"};
  const std::string name = assignment.name.substr(1);
  // A source ends such a stream by itself; one that ran on would be wrong without a word.
  if (name == "slave_until_gtid") {
    return ErrorAnswer{wire::kErrorNotSupported, "42000", "the relay does not serve START SLAVE UNTIL master_gtid_pos"};
  }
  if (name == "mariadb_slave_capability") context.session.kind.flavor = binlog::Flavor::mariadb;
  if (!context.session.variables.set(name, std::move(*value))) {
    return ErrorAnswer{wire::kErrorUnknown, "HY000", "too many or too long user variables"};
  }
  return OkAnswer{};
}

}  // namespace

QueryAnswer answer_set(const std::vector<StatementToken>& tokens, const AnswerContext& context) {
  if (tokens.size() < 4) return bad_set();
  for (std::size_t at = 1; at < tokens.size();) {
    Assignment assignment;
    if (!read_assignment(tokens, at, assignment)) return bad_set();
    QueryAnswer answer = assign(assignment, context);
    if (!std::holds_alternative<OkAnswer>(answer)) return answer;
  }
  return OkAnswer{};
}

}  // namespace relay::server
