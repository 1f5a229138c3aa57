#pragma once

#include <optional>
#include <string_view>

#include "relay/sql/ddl.h"
#include "scrub_rules/lineage.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules {

// The rules as they hold for the source's tables at one moment. Of a table it asks, in this order: the [[table]] that
// names it without wildcards; its lineage; its name, which for a schema change tool's working table is the name of the
// table that is changed (RuleSet::find). Borrows everything.
class RuleView {
 public:
  // `fold_case` is the source's lower_case_table_names > 0. `lineage` may be null: names alone decide.
  RuleView(const RuleSet& rules, bool fold_case, const Lineage* lineage = nullptr)
      : rules_(&rules), fold_case_(fold_case), lineage_(lineage) {}

  // Null when no [[table]] holds for the table.
  [[nodiscard]] const TableRule* find(const sql::TableName& name) const;
  // Two rules hold equally; then find() must not be relied on.
  [[nodiscard]] bool ambiguous(const sql::TableName& name) const;
  [[nodiscard]] bool table_leaves(const sql::TableName& name) const;
  [[nodiscard]] bool database_leaves(std::string_view database) const {
    return rules_->database_leaves(database, fold_case_);
  }
  // What a column does that no rule names.
  [[nodiscard]] ColumnDefault column_default(const sql::TableName& name) const;
  // The table whose rules hold for `name` where that is another: by lineage or by its name.
  [[nodiscard]] std::optional<sql::TableName> follows(const sql::TableName& name) const;

  [[nodiscard]] const RuleSet& rules() const { return *rules_; }
  [[nodiscard]] bool fold_case() const { return fold_case_; }
  // Of a table that no [[table]] names without wildcards; null when its name alone decides.
  [[nodiscard]] const Origin* origin(const sql::TableName& name) const;

 private:
  const RuleSet* rules_;
  bool fold_case_;
  const Lineage* lineage_;
};

}  // namespace relay::scrub_rules
