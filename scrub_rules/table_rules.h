#pragma once

#include <vector>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {

// The rules brought down to the columns of one definition.
struct ColumnPlan {
  Action action;
  bool by_closure = false;  // dropped because it is computed from a column that does not keep its values
  bool by_default = false;  // no rule names it: column_default
};

// One entry per column of `definition`, in its order. The closure is done: a generated column that depends, through any number of steps,
// on a column that does not keep its values is dropped; implicit columns (row_start, row_end) are kept.
// Errors (kind rule, names the column): column_default = "halt" meets a column that no rule names.
[[nodiscard]] base::Result<std::vector<ColumnPlan>> column_plans(const RuleSet& rules, const sql::TableDefinition& definition, bool fold_case);

// Answers the DDL rewriter's questions from the rules.
class RuleTableFates final : public sql::TableFates {
 public:
  RuleTableFates(const RuleSet& rules, bool fold_case) : rules_(rules), fold_case_(fold_case) {}
  [[nodiscard]] sql::TableFate fate_of(const sql::TableDefinition& definition) const override;
  [[nodiscard]] bool table_leaves(const sql::TableName& name) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;

 private:
  const RuleSet& rules_;
  bool fold_case_;
};

}  // namespace relay::scrub_rules
