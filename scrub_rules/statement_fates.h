#pragma once

#include <vector>

#include "scrub_rules/schema_history.h"
#include "scrub_rules/statement_lineage.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

// The fates of tables while one statement is rewritten: before it they go by one lineage, after it by another.
class StatementFates final : public sql::TableFates {
 public:
  // `before` is the view on the history's lineage; all must outlive the fates.
  StatementFates(const RuleView& before, const SchemaHistory& history, const std::vector<LineageChange>& changes);

  // By the lineage before the statement for a definition of the history itself, else by the one after it.
  [[nodiscard]] sql::TableFate fate_of(const sql::TableDefinition& definition) const override;
  // By the lineage after the statement for a name under which it puts a table, else by the one before it.
  [[nodiscard]] bool table_leaves(const sql::TableName& name) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;
  // The rules as they hold after the statement.
  [[nodiscard]] const RuleView& after() const { return after_; }

 private:
  const SchemaHistory& history_;
  const std::vector<LineageChange>& changes_;
  Lineage lineage_;
  const RuleView& before_;
  RuleView after_;
};

}  // namespace relay::scrub_rules
