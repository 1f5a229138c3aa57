#pragma once

#include <cstdint>
#include <string>

#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/query_event.h"
#include "relay/proof/made_statements.h"
#include "relay/sql/ddl.h"
#include "scrub_rules/rule_view.h"
#include "scrub_rules/savepoint_names.h"
#include "scrub_rules/schema_history.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

// What becomes of a statement.
struct JudgedStatement {
  enum class Outcome : std::uint8_t {
    control,    // begins, ends or divides a transaction: `text`, made anew, goes in its place
    rewritten,  // `text` goes in its place
    dropped,    // nothing of it leaves
  };
  Outcome outcome = Outcome::dropped;
  std::string text;
  std::string database;  // the default database to say with it: its own when that leaves, else empty
};

// Judges SQL text: a list of what may pass, made anew from what was read of it; the rest stays, or stops the stream.
class StatementPolicy {
 public:
  // References must outlive the policy. `made`, where there is one, is told every text that the statement writer makes.
  StatementPolicy(const RuleSet& rules, SchemaHistory& history, binlog::Flavor flavor, bool fold_case,
                  std::string xa_key, proof::MadeStatements* made = nullptr);

  // Judges the statement of a query event. Changes of the schema are staged in the history. `server_version` as
  // FormatDescription::version_number().
  // Errors: unsupported (status variables or statement that cannot be read, an error code), rule (it changes data, or
  // the rules do not allow what it makes of a table), never with a piece of the statement.
  [[nodiscard]] base::Result<JudgedStatement> judge(const binlog::QueryEvent& query, std::uint32_t server_version,
                                                    bool thread_specific);
  // Whether the blocks of LOAD DATA may be dropped when they come: the statement behind them is judged.
  [[nodiscard]] bool may_drop_data() const {
    return rules_.rules().data_statements() == DataStatements::drop_if_denied;
  }
  // Savepoints of another transaction are none of this one.
  void start_transaction() { savepoints_.clear(); }

 private:
  [[nodiscard]] base::Result<JudgedStatement> judge_data(const sql::Statement& statement,
                                                         const binlog::QueryEvent& query,
                                                         const sql::SqlContext& context) const;
  [[nodiscard]] base::Result<JudgedStatement> judge_ddl(const sql::Statement& statement,
                                                        const binlog::QueryEvent& query,
                                                        const sql::SqlContext& context);
  // Of the changes, those that the history keeps: tables that leave, and tables that it knows and that are gone, or are
  // no longer of those that leave. `rules` hold after the statement.
  [[nodiscard]] std::vector<sql::CatalogChange> recorded(std::vector<sql::CatalogChange> changes,
                                                         const RuleView& rules) const;
  // Whether the rules decide about every column of the tables that the statement makes or changes, and fit it.
  [[nodiscard]] base::Result<void> check_columns(const std::vector<sql::CatalogChange>& changes,
                                                 const RuleView& rules) const;
  [[nodiscard]] base::Result<void> check_constant(const sql::TableDefinition& table, std::size_t index,
                                                  const Action& constant) const;
  // Whether a trigger that the statement makes copies what does not leave (sideways_check.h).
  [[nodiscard]] base::Result<void> check_sideways(const sql::Statement& statement) const;

  SchemaHistory& history_;
  binlog::Flavor flavor_;
  RuleView rules_;  // as they hold before the statement
  std::string xa_key_;
  proof::MadeStatements* made_;
  SavepointNames savepoints_;
};

}  // namespace relay::scrub_rules
