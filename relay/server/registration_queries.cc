#include "relay/server/registration_queries.h"

#include <charconv>
#include <ctime>

#include "relay/server/binlog_answers.h"
#include "relay/server/set_statement.h"
#include "relay/server/system_variables.h"
#include "relay/wire/protocol.h"

namespace relay::server {

namespace {

using Tokens = std::vector<StatementToken>;

ErrorAnswer not_answered() {
  return {wire::kErrorNotSupported, "42000", "this is a binlog relay: it answers only what a replica asks"};
}

QueryAnswer unix_timestamp(const AnswerContext&, const Tokens&) {
  return single_cell("UNIX_TIMESTAMP()", std::to_string(std::time(nullptr)));
}

QueryAnswer version(const AnswerContext& context, const Tokens&) {
  return single_cell("VERSION()", context.facts.version);
}

QueryAnswer connection_id(const AnswerContext& context, const Tokens&) {
  return single_cell("CONNECTION_ID()", std::to_string(context.session.connection_id));
}

QueryAnswer user(const AnswerContext& context, const Tokens&) { return single_cell("USER()", context.session.user); }

QueryAnswer no_database(const AnswerContext&, const Tokens&) { return single_cell("DATABASE()", std::nullopt); }

QueryAnswer no_warnings(const AnswerContext&, const Tokens&) {
  return wire::TextResult{{"Level", "Code", "Message"}, {}};
}

QueryAnswer accepted(const AnswerContext&, const Tokens&) { return OkAnswer{}; }

QueryAnswer show_variables(const AnswerContext& context, const Tokens& literals) {
  std::string name = literals[0].text;
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  wire::TextResult result{{"Variable_name", "Value"}, {}};
  if (auto value = system_variable(name, context)) result.rows.push_back({name, std::move(*value)});
  return result;
}

// Before the first transaction nobody may know whether the source uses GTIDs. A wrong answer stops a replica for good,
// an error makes it come again.
QueryAnswer gtid_mode(const AnswerContext& context, const Tokens&) {
  context.session.kind.flavor = binlog::Flavor::mysql;
  if (context.facts.mariadb()) {
    return ErrorAnswer{wire::kErrorUnknownSystemVariable, "HY000", "this server has no GTIDs of MySQL"};
  }
  if (!context.facts.gtid_mode) {
    return ErrorAnswer{wire::kErrorUnknown, "HY000", "the relay has spooled no transaction yet; try again"};
  }
  return single_cell("@@GLOBAL.GTID_MODE", system_variable("gtid_mode", context));
}

// A MariaDB replica that stops kills its own connection from a second one.
QueryAnswer kill(const AnswerContext& context, const Tokens& literals) {
  std::uint32_t id = 0;
  const std::string& text = literals[0].text;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (parsed.ec != std::errc() || !context.kill(id)) {
    return ErrorAnswer{wire::kErrorNoSuchThread, "HY000", "no connection of this account has that id"};
  }
  return OkAnswer{};
}

// Tokens with a space between them; ? is any string, number or word. The first that fits answers.
struct KnownQuery {
  std::string_view pattern;
  QueryAnswer (*answer)(const AnswerContext& context, const Tokens& literals);
};

constexpr KnownQuery kQueries[] = {
    {"select unix_timestamp ( )", unix_timestamp},  // every replica
    {"select @@global.gtid_mode", gtid_mode},       // MySQL replicas
    {"show variables like ?", show_variables},      // 5.6: SERVER_ID, SERVER_UUID; MariaDB: SERVER_ID, semi-sync
    {"show global variables like ?", show_variables},
    {"select binlog_gtid_pos ( ? , ? )", binlog_gtid_pos},  // MariaDB in position mode
    {"kill ?", kill},                                       // MariaDB's STOP SLAVE
    {"kill connection ?", kill},
    {"select version ( )", version},  // mysqlbinlog, mariadb-binlog
    {"select connection_id ( )", connection_id},
    {"select user ( )", user},
    {"select current_user ( )", user},
    {"select database ( )", no_database},
    {"show warnings", no_warnings},
    {"show master status", show_binlog_status},  // an operator
    {"show binary log status", show_binlog_status},
    {"show binlog status", show_binlog_status},
    {"show binary logs", show_binary_logs},
    {"show master logs", show_binary_logs},
    {"set names ?", accepted},
    {"set names ? collate ?", accepted},
    {"set character set ?", accepted},
};

bool fits(std::string_view pattern, const Tokens& tokens, Tokens& literals) {
  literals.clear();
  for (const StatementToken& token : tokens) {
    const std::string_view wanted = pattern.substr(0, pattern.find(' '));
    if (wanted.empty()) return false;
    pattern.remove_prefix(std::min(pattern.size(), wanted.size() + 1));
    if (wanted == "?") {
      if (token.kind == StatementToken::Kind::sign) return false;
      literals.push_back(token);
    } else if (token.kind == StatementToken::Kind::string || token.text != wanted) {
      return false;
    }
  }
  return pattern.empty();
}

// SELECT @@a, @b ... [LIMIT 1]
QueryAnswer select_variables(Tokens tokens, const AnswerContext& context) {
  if (tokens.size() > 3 && tokens[tokens.size() - 2].text == "limit") tokens.resize(tokens.size() - 2);
  wire::TextResult result{{}, {{}}};
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    const StatementToken& token = tokens[i];
    const bool comma_is_due = i % 2 == 0;
    if (comma_is_due && token == StatementToken{StatementToken::Kind::sign, ","}) continue;
    if (comma_is_due || token.kind != StatementToken::Kind::word || token.text[0] != '@') return not_answered();
    result.columns.push_back(token.text);
    if (token.text.substr(0, 2) == "@@") {
      auto value = system_variable(bare_variable_name(token.text), context);
      if (!value)
        return ErrorAnswer{wire::kErrorUnknownSystemVariable, "HY000", "the relay has no such system variable"};
      result.rows[0].emplace_back(std::move(*value));
    } else {
      result.rows[0].push_back(context.session.variables.get(token.text.substr(1)));
    }
  }
  if (result.columns.empty() || tokens.size() % 2 != 0) return not_answered();
  return result;
}

}  // namespace

QueryAnswer answer_query(base::ByteView statement, const AnswerContext& context) {
  auto tokens = statement_tokens(statement.text());
  if (!tokens || tokens->empty()) return not_answered();
  Tokens literals;
  for (const KnownQuery& query : kQueries) {
    if (fits(query.pattern, *tokens, literals)) return query.answer(context, literals);
  }
  if ((*tokens)[0].text == "select") return select_variables(std::move(*tokens), context);
  if ((*tokens)[0].text == "set") return answer_set(*tokens, context);
  return not_answered();
}

}  // namespace relay::server
