#include "scrub_rules/statement_effect.h"

#include "relay/sql/character_set.h"
#include "relay/sql/create_effect.h"
#include "relay/sql/statement_tree.h"

namespace relay::scrub_rules {

namespace {

using binlog::Flavor;

// MariaDB's OPTION_EXPLICIT_DEF_TIMESTAMP (sql/sql_priv.h).
constexpr std::uint32_t kExplicitDefaults = std::uint32_t{1} << 24;

// MySQL says it in a status variable of its own; before it had that, the setting was off unless somebody turned it on.
bool explicit_defaults(const binlog::QueryStatus& status, binlog::Flavor flavor, std::uint32_t server_version) {
  if (status.explicit_defaults_for_timestamp) return *status.explicit_defaults_for_timestamp;
  if (flavor == binlog::Flavor::mariadb) return (status.flags2.value_or(0) & kExplicitDefaults) != 0;
  return server_version >= 80002;
}

}  // namespace

base::Result<sql::SqlContext> statement_context(const binlog::QueryEvent& query, binlog::Flavor flavor,
                                                std::uint32_t server_version, bool fold_case) {
  RELAY_ASSIGN(const binlog::QueryStatus status, binlog::parse_query_status(query.status, flavor));
  sql::SqlContext context;
  context.dialect = flavor == binlog::Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
  context.server_version = server_version;
  context.sql_mode = status.sql_mode.value_or(0);
  context.client_collation = status.client_collation.value_or(context.client_collation);
  context.default_database = std::string(query.database);
  context.lower_case_table_names = fold_case;
  context.explicit_defaults_for_timestamp = explicit_defaults(status, flavor, server_version);
  return context;
}

bool may_mean_temporary_table(const sql::Statement& statement) {
  switch (statement.kind()) {
    case sql::StatementKind::harmless:
    case sql::StatementKind::drop_table:
    case sql::StatementKind::create_database:
    case sql::StatementKind::alter_database:
    case sql::StatementKind::drop_database:
      return false;
    case sql::StatementKind::create_table: {
      const auto* create = dynamic_cast<const sql::CreateTable*>(&statement);
      return create != nullptr && create->like.has_value();
    }
    default:
      return true;
  }
}

bool made_nothing(const sql::Statement& statement, const binlog::QueryEvent& query, const sql::SqlContext& context,
                  const sql::Catalog& history) {
  const auto* create = dynamic_cast<const sql::CreateTable*>(&statement);
  if (create == nullptr || history.find(create->name) != nullptr) return false;
  const Flavor flavor = context.dialect == sql::Dialect::mariadb ? Flavor::mariadb : Flavor::mysql;
  const auto status = binlog::parse_query_status(query.status, flavor);
  if (!status) return false;  // statement_context() has said so
  const sql::TableDefinition* copied = create->like ? history.find(*create->like) : nullptr;
  return sql::create_effect(statement, context, status->flags3_or_ddl_xid.value_or(0),
                            copied != nullptr ? copied->engine : "") == sql::CreateEffect::nothing;
}

void stage_database(const sql::Statement& statement, const RuleView& rules, SchemaHistory& history) {
  const auto* database = dynamic_cast<const sql::DatabaseStatement*>(&statement);
  if (database == nullptr || !rules.database_leaves(database->name)) return;
  std::string character_set = sql::canonical_character_set(database->character_set);
  std::string collation = sql::canonical_collation(database->collation);
  if (character_set.empty()) character_set = sql::character_set_of_collation(collation);
  if (collation.empty()) collation = sql::default_collation(character_set);
  const bool says_nothing = character_set.empty() && collation.empty();
  if (statement.kind() == sql::StatementKind::alter_database && says_nothing) return;
  const bool is_there = !history.database_character_set(database->name).first.empty();
  if (statement.kind() == sql::StatementKind::create_database && database->conditional && is_there) return;
  history.stage_database(database->name, {std::move(character_set), std::move(collation)});
}

}  // namespace relay::scrub_rules
