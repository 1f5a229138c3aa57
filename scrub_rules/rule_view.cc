#include "scrub_rules/rule_view.h"

namespace relay::scrub_rules {

const Origin* RuleView::origin(const sql::TableName& name) const {
  if (lineage_ == nullptr) return nullptr;
  const Origin* found = lineage_->find(name);
  if (found == nullptr || rules_->names(name.database, name.table, fold_case_)) return nullptr;
  return found;
}

const TableRule* RuleView::find(const sql::TableName& name) const {
  const Origin* from = origin(name);
  if (from == nullptr) return rules_->find(name.database, name.table, fold_case_);
  return from->rules_of ? rules_->find(from->rules_of->database, from->rules_of->table, fold_case_) : nullptr;
}

bool RuleView::ambiguous(const sql::TableName& name) const {
  const Origin* from = origin(name);
  if (from == nullptr) return rules_->ambiguous(name.database, name.table, fold_case_);
  return from->rules_of && rules_->ambiguous(from->rules_of->database, from->rules_of->table, fold_case_);
}

bool RuleView::table_leaves(const sql::TableName& name) const {
  const Origin* from = origin(name);
  if (from == nullptr) return rules_->table_leaves(name.database, name.table, fold_case_);
  return from->rules_of && rules_->table_leaves(from->rules_of->database, from->rules_of->table, fold_case_);
}

ColumnDefault RuleView::column_default(const sql::TableName& name) const {
  const TableRule* rule = find(name);
  return rule != nullptr ? rule->column_default : rules_->column_default();
}

std::optional<sql::TableName> RuleView::follows(const sql::TableName& name) const {
  if (const Origin* from = origin(name)) return from->rules_of;
  const std::optional<std::string> base = rules_->followed(name.database, name.table, fold_case_);
  if (!base) return std::nullopt;
  return sql::TableName{name.database, *base};
}

}  // namespace relay::scrub_rules
