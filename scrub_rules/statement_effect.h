#pragma once

#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/query_event.h"
#include "relay/sql/ddl.h"
#include "scrub_rules/rule_view.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// The session of a query event, to read its statement in; `server_version` as FormatDescription::version_number().
// Errors: unsupported (a status variable that is not known).
[[nodiscard]] base::Result<sql::SqlContext> statement_context(const binlog::QueryEvent& query, binlog::Flavor flavor,
                                                              std::uint32_t server_version, bool fold_case);

// In a session with temporary tables: whether the statement may mean one of them and its text does not say. DROP TABLE
// always carries the session's flag, and the servers write DROP TEMPORARY TABLE as a statement of its own; MariaDB's
// DROP DATABASE and CREATE OR REPLACE TABLE carry it too. A CREATE TABLE says itself which kind it makes, but not which
// kind it copies.
[[nodiscard]] bool may_mean_temporary_table(const sql::Statement& statement);

// CREATE TABLE IF NOT EXISTS of a table that was there and is not in the history: what its columns are, the statement
// does not say. `context` is that of `query`.
[[nodiscard]] bool made_nothing(const sql::Statement& statement, const binlog::QueryEvent& query,
                                const sql::SqlContext& context, const sql::Catalog& history);

// Stages the default character set that a statement gives to a database, where the database leaves.
void stage_database(const sql::Statement& statement, const RuleView& rules, SchemaHistory& history);

}  // namespace relay::scrub_rules
