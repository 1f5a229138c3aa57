#pragma once

#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/sql/ddl.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

// The rules brought down to the columns of one definition.
struct ColumnPlan {
  Action action;
  bool by_closure = false;  // dropped because it is computed from, or refers to, a column that does not keep its values
  bool by_default = false;  // no rule names it: column_default
  // database.table.column that it refers to by a foreign key and whose values it has; set where that made it fall
  std::string refers_to;
};
[[nodiscard]] inline bool keeps(const ColumnPlan& plan) { return plan.action.kind == ActionKind::keep; }

// One entry per column of `definition`, in its order. The closure is done: a column whose values are computed, through
// any number of steps, from a column that does not keep its values is dropped (generated columns; columns whose DEFAULT
// or ON UPDATE is such an expression, unless their own values are replaced anyway), and so is a column that is kept by
// default only and refers, by foreign keys through any number of tables, to a column of a table that leaves without it;
// implicit columns
// (row_start, row_end, my_row_id) are kept. Errors (kind rule, names the column): column_default = "halt" meets a
// column that no rule names; null or constant for a generated column, which holds what its expression gives; a rule for
// an implicit column that does not keep it; two rules that name the table equally exactly.
[[nodiscard]] base::Result<std::vector<ColumnPlan>> column_plans(const RuleView& rules,
                                                                 const sql::TableDefinition& definition);

// Whether the rules let the values of a column leave, as far as they alone tell: not its table's closure.
[[nodiscard]] bool rules_keep(const RuleView& rules, const sql::TableName& table, const std::string& column);

// Whether the table leaves by the rules of another, and nothing of it is left under them: then it does not leave.
[[nodiscard]] bool follows_without_columns(const RuleView& rules, const sql::TableDefinition& definition);

// The column of `definition` that makes column `index` fall to the closure; empty when there is none.
[[nodiscard]] std::string closure_cause(const std::vector<ColumnPlan>& plans, const sql::TableDefinition& definition,
                                        std::size_t index);

// Takes such tables out of `tables`; the changes say that they do not leave.
[[nodiscard]] std::vector<LineageChange> take_out_empty_copies(const RuleView& rules,
                                                               std::vector<sql::TableDefinition>& tables);

// schema_history.h's forget_stripped_members for tables that were read at the source, before they are the baseline.
void forget_stripped_members(const RuleView& rules, std::vector<sql::TableDefinition>& tables);

// Answers the DDL rewriter's questions from the rules. REQUIRES of callers that let a statement pass: column_plans() of
// every definition that the statement makes succeeds; fate_of() has no way to say why not and answers with every column
// stripped. MariaDB's sequences do not leave.
class RuleTableFates final : public sql::TableFates {
 public:
  explicit RuleTableFates(const RuleView& rules) : rules_(rules) {}
  [[nodiscard]] sql::TableFate fate_of(const sql::TableDefinition& definition) const override;
  [[nodiscard]] bool table_leaves(const sql::TableName& name) const override;
  [[nodiscard]] bool database_leaves(std::string_view database) const override;

 private:
  RuleView rules_;
};

}  // namespace relay::scrub_rules
