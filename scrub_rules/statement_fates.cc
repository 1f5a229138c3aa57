#include "scrub_rules/statement_fates.h"

#include <algorithm>

namespace relay::scrub_rules {

StatementFates::StatementFates(const RuleView& before, const SchemaHistory& history,
                               const std::vector<LineageChange>& changes)
    : history_(history),
      changes_(changes),
      lineage_(history.lineage()),
      before_(before),
      after_(before.rules(), before.fold_case(), &lineage_) {
  for (const LineageChange& change : changes) lineage_.put(change.name, change.origin);
}

sql::TableFate StatementFates::fate_of(const sql::TableDefinition& definition) const {
  const bool of_before = history_.find({definition.database, definition.table}) == &definition;
  return RuleTableFates(of_before ? before_ : after_).fate_of(definition);
}

bool StatementFates::table_leaves(const sql::TableName& name) const {
  const bool made =
      std::ranges::any_of(changes_, [&](const LineageChange& change) { return change.made && change.name == name; });
  return made ? after_.table_leaves(name) : before_.table_leaves(name);
}

bool StatementFates::database_leaves(std::string_view database) const { return before_.database_leaves(database); }

}  // namespace relay::scrub_rules
