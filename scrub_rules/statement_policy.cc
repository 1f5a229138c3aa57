#include "scrub_rules/statement_policy.h"

#include <algorithm>
#include <optional>

#include "relay/sql/data_statement.h"
#include "relay/sql/statement_tree.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/copies_check.h"
#include "scrub_rules/group_events.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/sideways_check.h"
#include "scrub_rules/statement_effect.h"
#include "scrub_rules/statement_fates.h"
#include "scrub_rules/xa_id.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using sql::StatementKind;
using Outcome = JudgedStatement::Outcome;

std::string subject_of(const sql::Statement& statement, const binlog::QueryEvent& query) {
  const std::vector<sql::TableName> tables = statement.tables();
  return tables.empty() ? std::string(query.database) : tables.front().database + "." + tables.front().table;
}

base::Result<std::string> control_text(StatementKind kind, std::string_view text, SavepointNames& savepoints,
                                       std::string_view xa_key) {
  switch (kind) {
    case StatementKind::begin:
      return "BEGIN";
    case StatementKind::commit:
      return "COMMIT";
    case StatementKind::rollback:
      return "ROLLBACK";
    case StatementKind::savepoint:
    case StatementKind::rollback_to_savepoint:
    case StatementKind::release_savepoint:
      return savepoints.rename(kind, text);
    default:
      return pseudonymous_xa_statement(kind, text, xa_key);
  }
}

bool names_table_that_leaves(const sql::Statement& statement, const RuleView& rules) {
  const auto leaves = [&rules](const sql::TableName& name) { return rules.table_leaves(name); };
  const auto* create = dynamic_cast<const sql::CreateTable*>(&statement);
  const bool copies_one = create != nullptr && create->like && leaves(*create->like);
  return copies_one || std::ranges::any_of(statement.tables(), leaves);
}

bool is_control(StatementKind kind) { return kind <= StatementKind::xa_rollback; }
static_assert(StatementKind::begin < StatementKind::xa_rollback &&
              StatementKind::xa_rollback < StatementKind::create_table);

constexpr std::uint16_t kUnknownTable = 1051;  // ER_BAD_TABLE_ERROR

// "DELETE FROM `db`.`table`": MySQL before 8.0 writes this, and in this form only, when it opens a table of the engine
// MEMORY for the first time after its start (sql/sql_base.cc, open_table_entry_fini). What is emptied by it cannot be
// told from the rows.
std::optional<sql::TableName> emptied_table(std::string_view text) {
  const auto take = [&text](std::string_view words) {
    if (!text.starts_with(words)) return false;
    text.remove_prefix(words.size());
    return true;
  };
  const auto name = [&text] {
    const std::string taken(text.substr(0, text.find('`')));
    text.remove_prefix(taken.size());
    return taken;
  };
  sql::TableName table;
  if (!take("DELETE FROM `")) return std::nullopt;
  table.database = name();
  if (!take("`.`")) return std::nullopt;
  table.table = name();
  if (text != "`") return std::nullopt;
  return table;
}

// Later servers write TRUNCATE TABLE.
bool empties_tables(const sql::SqlContext& context) {
  return context.dialect == sql::Dialect::mysql && context.server_version < 80000;
}

bool is_in_memory(const sql::TableName& name, const sql::Catalog& history) {
  const sql::TableDefinition* table = history.find(name);
  return table != nullptr && (table->engine == "memory" || table->engine == "heap");
}

// Whether a statement that changes the rows of the table changes no other's.
bool changes_stay_inside(const sql::TableName& name, const SchemaHistory& history) {
  return history.plain_tables().contains(name) && !history.cascades_from(name);
}

// What the server wrote with an error code was carried out in part, and nobody knows in which.
base::Result<void> check_error_code(const binlog::QueryEvent& query, const std::string& subject) {
  if (query.error_code == 0) return {};
  return base::fail(
      Error(ErrorKind::unsupported, "a statement failed at the source when it was partly done")
          .about(subject)
          .remedy("bring source and replica to the same state, then start again with a new spool behind it"));
}

}  // namespace

StatementPolicy::StatementPolicy(const RuleSet& rules, SchemaHistory& history, binlog::Flavor flavor, bool fold_case,
                                 std::string xa_key, proof::MadeStatements* made)
    : history_(history),
      flavor_(flavor),
      rules_(rules, fold_case, &history.lineage()),
      xa_key_(std::move(xa_key)),
      made_(made) {}

base::Result<JudgedStatement> StatementPolicy::judge(const binlog::QueryEvent& query, std::uint32_t server_version,
                                                     bool thread_specific) {
  RELAY_ASSIGN(const sql::SqlContext context, statement_context(query, flavor_, server_version, rules_.fold_case()));
  const std::string_view text = query.statement.text();
  RELAY_ASSIGN(const std::unique_ptr<sql::Statement> statement, sql::read_statement(text, context));
  const StatementKind kind = statement->kind();
  if (is_control(kind)) {
    RELAY_TRY(check_error_code(query, std::string(query.database)));
    RELAY_ASSIGN(std::string again, control_text(kind, text, savepoints_, xa_key_));
    if (ends_empty_xa(again, history_)) return JudgedStatement{};
    return JudgedStatement{Outcome::control, std::move(again), {}};
  }
  if (kind == StatementKind::changes_data) {
    const std::optional<sql::TableName> emptied = emptied_table(text);
    if (emptied && is_in_memory(*emptied, history_)) {
      if (made_ != nullptr) made_->add(text);
      return JudgedStatement{Outcome::rewritten, std::string(text), {}};
    }
    const bool stays = emptied && !rules_.table_leaves(*emptied) && changes_stay_inside(*emptied, history_);
    if (stays && empties_tables(context)) return JudgedStatement{};
    return judge_data(*statement, query, context);
  }
  if (thread_specific && may_mean_temporary_table(*statement) && names_table_that_leaves(*statement, rules_)) {
    // The text does not say whether it means the temporary table or the one of the same name that everybody sees.
    return base::fail(
        Error(ErrorKind::unsupported, "a statement changes a table in a session that works with temporary ones")
            .about(subject_of(*statement, query))
            .remedy(
                "set binlog_format=ROW for the session that wrote it; for CREATE OR REPLACE TABLE ... LIKE, drop the "
                "table first instead"));
  }
  if (made_nothing(*statement, query, context, history_)) return JudgedStatement{};
  const auto* drop = dynamic_cast<const sql::DropTables*>(statement.get());
  if (drop != nullptr && query.error_code == kUnknownTable) {
    // Some of the tables were not there, the others are gone.
    sql::DropTables those_there = *drop;
    those_there.if_exists = true;
    binlog::QueryEvent without_error = query;
    without_error.error_code = 0;
    return judge_ddl(those_there, without_error, context);
  }
  return judge_ddl(*statement, query, context);
}

base::Result<JudgedStatement> StatementPolicy::judge_data(const sql::Statement& statement,
                                                          const binlog::QueryEvent& query,
                                                          const sql::SqlContext& context) const {
  constexpr base::FixedText kRemedy{"set binlog_format=ROW for the session that wrote it"};
  if (!may_drop_data()) {
    return base::fail(Error(ErrorKind::rule, "a statement changes data, and only rows can be scrubbed")
                          .about(subject_of(statement, query))
                          .remedy(kRemedy));
  }
  const base::Result<sql::TableName> table = sql::table_of_data_statement(query.statement.text(), context);
  if (!table) return base::fail(Error(table.error()).about(subject_of(statement, query)).remedy(kRemedy));
  const std::string subject = table->database + "." + table->table;
  if (rules_.table_leaves(*table)) {
    return base::fail(Error(ErrorKind::rule, "a statement changes a table that leaves, and only rows can be scrubbed")
                          .about(subject)
                          .remedy(kRemedy));
  }
  if (!changes_stay_inside(*table, history_)) {
    return base::fail(Error(ErrorKind::rule,
                            "a statement may change more than a table that does not leave: it is a view, "
                            "has triggers or cascades, or was not seen to have none")
                          .about(subject)
                          .remedy(kRemedy));
  }
  return JudgedStatement{};
}

base::Result<JudgedStatement> StatementPolicy::judge_ddl(const sql::Statement& statement,
                                                         const binlog::QueryEvent& query,
                                                         const sql::SqlContext& context) {
  const std::string subject = subject_of(statement, query);
  base::Result<std::vector<sql::CatalogChange>> changes = sql::apply(statement, history_);
  if (!changes) return base::fail(std::move(changes).error().about(subject));
  for (const sql::CatalogChange& change : *changes) {
    if (change.definition != nullptr) resolve_key_origins(*change.definition, history_);
  }
  std::vector<LineageChange> lineage = lineage_changes(statement, history_, rules_, history_.lineage());
  const StatementFates fates(rules_, history_, lineage);
  RELAY_TRY(check_columns(*changes, fates.after()));
  for (const sql::CatalogChange& change : *changes) {
    if (change.definition != nullptr && !change.definition->temporary)
      RELAY_TRY(check_new_keys(fates.after(), history_, *change.definition));
  }
  base::Result<std::vector<std::string>> texts = sql::rewrite(statement, history_, *changes, fates, context);
  if (!texts) {
    Error error = std::move(texts).error();
    if (error.subject().empty()) error.about(subject);
    return base::fail(std::move(error));
  }
  if (made_ != nullptr) std::ranges::for_each(*texts, [this](const std::string& text) { made_->add(text); });
  std::vector<sql::CatalogChange> staged = recorded(std::move(*changes), fates.after());
  if (!texts->empty() || !staged.empty()) RELAY_TRY(check_error_code(query, subject));
  history_.stage(std::move(staged));
  history_.stage_lineage(std::move(lineage));
  // Whatever the rules of now: others, which leave statements on data out, may come into force later.
  history_.stage_plain(plain_changes(statement, history_, history_.plain_tables()));
  stage_database(statement, rules_, history_);
  RELAY_TRY(check_sideways(statement));
  for (const sql::TableName& name : statement.tables()) RELAY_TRY(check_copies_of(rules_, history_, name));
  if (texts->empty()) return JudgedStatement{};
  if (texts->size() > 1) {
    return base::fail(
        Error(ErrorKind::rule, "a statement would have to become several at the replica")
            .about(subject)
            .remedy("run its parts one by one at the replica, then start again with a new spool behind it"));
  }
  JudgedStatement judged{Outcome::rewritten, std::move(texts->front()), {}};
  if (rules_.database_leaves(query.database)) judged.database = std::string(query.database);
  return judged;
}

// A column that no rule names, under column_default = "halt", or that its constant does not fit stops the stream here
// and not at its first row; and before the rewriter, to which every column of such a table is stripped.
base::Result<void> StatementPolicy::check_columns(const std::vector<sql::CatalogChange>& changes,
                                                  const RuleView& rules) const {
  for (const sql::CatalogChange& change : changes) {
    const sql::TableDefinition* made = change.definition.get();
    if (made == nullptr || made->temporary || made->sequence || !rules.table_leaves(change.name)) continue;
    RELAY_ASSIGN(const std::vector<ColumnPlan> plans, column_plans(rules, *made));
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (plans[i].action.kind == ActionKind::constant) RELAY_TRY(check_constant(*made, i, plans[i].action));
    }
  }
  return {};
}

// The replica's rows hold the constant: it would refuse a column that has become too narrow for it, and stop.
base::Result<void> StatementPolicy::check_constant(const sql::TableDefinition& table, std::size_t index,
                                                   const Action& constant) const {
  const sql::ColumnDefinition& column = table.columns[index];
  const auto type = column_type_of(column, flavor_);
  if (!type) return {};  // its first row halts
  base::Buffer cell;
  auto encoded = encode_constant(column_traits(column, *type, flavor_), constant.value, cell);
  if (encoded) return {};
  Error error = std::move(encoded).error();
  return base::fail(std::move(error.about(table.database + "." + table.table + "." + column.name)));
}

std::vector<sql::CatalogChange> StatementPolicy::recorded(std::vector<sql::CatalogChange> changes,
                                                          const RuleView& rules) const {
  std::vector<sql::CatalogChange> kept;
  for (sql::CatalogChange& change : changes) {
    if (change.definition != nullptr && change.definition->temporary) continue;
    const bool leaves = rules.table_leaves(change.name);
    if (!leaves && history_.find(change.name) == nullptr) continue;
    if (!leaves) change.definition = nullptr;
    if (change.definition != nullptr && !change.definition->sequence)
      forget_stripped_members(*change.definition, RuleTableFates(rules));
    kept.push_back(std::move(change));
  }
  return kept;
}

base::Result<void> StatementPolicy::check_sideways(const sql::Statement& statement) const {
  const auto* trigger = dynamic_cast<const sql::TriggerStatement*>(&statement);
  if (trigger == nullptr || trigger->drops) return {};
  base::Problems problems;
  check_trigger(rules_, *trigger, history_, Knows::tables_so_far, problems);
  const auto worst = std::ranges::find(problems, base::Problem::Severity::error, &base::Problem::severity);
  if (worst == problems.end()) return {};
  return base::fail(Error(ErrorKind::rule, "a trigger copies a value that does not leave into a column that does")
                        .about(worst->key)
                        .remedy("drop or replace that column too: it needs other rules"));
}

}  // namespace relay::scrub_rules
