#include "relay/server/system_variables.h"

namespace relay::server {

namespace {

enum class Who : unsigned char { both, mysql, mariadb };

struct SystemVariable {
  std::string_view name;
  Who who;
  std::string (*value)(const AnswerContext& context);
};

std::string gtid_mode(const AnswerContext& context) { return context.facts.gtid_mode.value_or(false) ? "ON" : "OFF"; }

// What replicas, mysqlbinlog and the command line clients ask for. Semi-synchronous replication is not among it:
// replicas then go on without it.
constexpr SystemVariable kVariables[] = {
    {"server_id", Who::both, [](const AnswerContext& c) { return std::to_string(c.settings.server_id); }},
    {"server_uuid", Who::mysql, [](const AnswerContext& c) { return c.settings.server_uuid; }},
    {"gtid_mode", Who::mysql, gtid_mode},
    {"enforce_gtid_consistency", Who::mysql, gtid_mode},
    {"gtid_domain_id", Who::mariadb, [](const AnswerContext&) { return std::string("0"); }},
    {"gtid_strict_mode", Who::mariadb, [](const AnswerContext&) { return std::string("1"); }},
    {"binlog_checksum", Who::both, [](const AnswerContext&) { return std::string("CRC32"); }},
    {"binlog_format", Who::both, [](const AnswerContext&) { return std::string("ROW"); }},
    {"log_bin", Who::both, [](const AnswerContext&) { return std::string("1"); }},
    {"read_only", Who::both, [](const AnswerContext&) { return std::string("1"); }},
    {"version", Who::both, [](const AnswerContext& c) { return c.facts.version; }},
    {"version_comment", Who::both, [](const AnswerContext&) { return std::string("binlog-relay"); }},
    {"max_allowed_packet", Who::both, [](const AnswerContext&) { return std::string("1073741824"); }},
    {"autocommit", Who::both, [](const AnswerContext&) { return std::string("1"); }},
    {"lower_case_table_names", Who::both, [](const AnswerContext&) { return std::string("0"); }},
    {"character_set_client", Who::both, [](const AnswerContext&) { return std::string("utf8mb4"); }},
    {"character_set_server", Who::both, [](const AnswerContext&) { return std::string("utf8mb4"); }},
};

}  // namespace

std::string_view bare_variable_name(std::string_view name) {
  if (name.substr(0, 2) == "@@") name.remove_prefix(2);
  for (const std::string_view scope : {"global.", "session.", "local."}) {
    if (name.substr(0, scope.size()) == scope) return name.substr(scope.size());
  }
  return name;
}

std::optional<std::string> system_variable(std::string_view name, const AnswerContext& context) {
  for (const SystemVariable& variable : kVariables) {
    if (variable.name != name) continue;
    if (variable.who == Who::mysql && context.facts.mariadb()) return std::nullopt;
    if (variable.who == Who::mariadb && !context.facts.mariadb()) return std::nullopt;
    return variable.value(context);
  }
  return std::nullopt;
}

}  // namespace relay::server
