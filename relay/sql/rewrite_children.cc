#include "relay/sql/rewriting.h"

// Foreign keys of tables that a statement does not name, to one that it changes.
namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

TableName name_after(const RenameTables* rename, TableName name) {
  if (rename == nullptr) return name;
  for (const auto& [from, to] : rename->renames) {
    if (name == from) name = to;
  }
  return name;
}

}  // namespace

Result<void> check_children(const Statement& statement, const Rewriting& rewriting) {
  const auto* const alter = dynamic_cast<const AlterTable*>(&statement);
  const auto* const rename = dynamic_cast<const RenameTables*>(&statement);
  if (alter == nullptr && rename == nullptr) return {};
  for (const TableName& child : rewriting.before.tables()) {
    if (alter != nullptr && child == alter->name) continue;
    const TableName now = name_after(rename, child);
    const TableDefinition* const before = rewriting.before.find(child);
    const TableDefinition* const after = rewriting.find_after(now);
    if (before == nullptr || after == nullptr || before->foreign_keys.size() != after->foreign_keys.size()) continue;
    if (before->foreign_keys.empty() || !rewriting.fates.table_leaves(child) || !rewriting.fates.table_leaves(now))
      continue;
    const ScrubbedTable had(*before, rewriting.fates,
                            [&](const TableName& name) { return rewriting.before.find(name); });
    const ScrubbedTable has = rewriting.scrubbed(*after);
    for (std::size_t i = 0; i < before->foreign_keys.size(); ++i) {
      if (!had.keeps_key(before->foreign_keys[i]) || has.keeps_key(after->foreign_keys[i])) continue;
      return base::fail(
          Error(ErrorKind::rule, "the replica has a foreign key to what would no longer leave as it did")
              .about(full_name(now) + "." + after->foreign_keys[i].name)
              .remedy(
                  "let the table leave under its new name, with the key's columns and an index over them; or drop the "
                  "foreign key at source and replica, make the same change at the replica by hand, then go on after "
                  "this statement"));
    }
  }
  return {};
}

}  // namespace relay::sql
