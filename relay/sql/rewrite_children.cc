#include <algorithm>

#include "relay/sql/rewriting.h"

// Foreign keys of tables that a statement does not name, to one that it makes, changes or takes away.
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

// CREATE and ALTER TABLE deal with the keys of their own table.
const TableName* own_table(const Statement& statement) {
  if (const auto* alter = dynamic_cast<const AlterTable*>(&statement)) return &alter->name;
  if (const auto* create = dynamic_cast<const CreateTable*>(&statement)) return &create->name;
  return nullptr;
}

class ChildrenCheck {
 public:
  ChildrenCheck(const Statement& statement, const Rewriting& rewriting)
      : rename_(dynamic_cast<const RenameTables*>(&statement)), own_(own_table(statement)), rewriting_(rewriting) {}

  [[nodiscard]] Result<void> check(const TableDefinition& child) const {
    if (own_ != nullptr && child.name() == *own_) return {};
    const TableName now = name_after(rename_, child.name());
    if (now == child.name() && !points_to_changed(child)) return {};
    const TableDefinition* const after = rewriting_.find_after(now);
    if (after == nullptr || child.foreign_keys.size() != after->foreign_keys.size()) return {};
    if (!rewriting_.fates.table_leaves(child.name()) || !rewriting_.fates.table_leaves(now)) return {};
    const ScrubbedTable had(child, rewriting_.fates,
                            [this](const TableName& name) { return rewriting_.before.find(name); });
    const ScrubbedTable has = rewriting_.scrubbed(*after);
    for (std::size_t i = 0; i < child.foreign_keys.size(); ++i) {
      const bool had_key = had.keeps_key(child.foreign_keys[i]);
      if (had_key == has.keeps_key(after->foreign_keys[i])) continue;
      return had_key ? loses(now, after->foreign_keys[i]) : gains(now, after->foreign_keys[i]);
    }
    return {};
  }

 private:
  [[nodiscard]] bool points_to_changed(const TableDefinition& child) const {
    return std::ranges::any_of(child.foreign_keys, [&](const ForeignKeyDefinition& key) {
      const TableName parent = parent_of(child, key);
      return std::ranges::any_of(rewriting_.changes,
                                 [&](const CatalogChange& change) { return change.name == parent; });
    });
  }

  static Result<void> loses(const TableName& child, const ForeignKeyDefinition& key) {
    return base::fail(
        Error(ErrorKind::rule, "the replica has a foreign key to what would no longer leave as it did")
            .about(full_name(child) + "." + key.name)
            .remedy("let the table leave, by whichever name, with the key's columns and an index over them; or drop "
                    "the foreign key at source and replica, make the same change at the replica by hand, then go on "
                    "after this statement"));
  }

  static Result<void> gains(const TableName& child, const ForeignKeyDefinition& key) {
    return base::fail(
        Error(ErrorKind::rule, "the replica lacks a foreign key that it could have from here on")
            .about(full_name(child) + "." + key.name)
            .remedy(
                "make the same change and then the foreign key, with its index by the source's name, at the replica "
                "by hand, then go on after this statement"));
  }

  const RenameTables* rename_;
  const TableName* own_;
  const Rewriting& rewriting_;
};

}  // namespace

Result<void> check_children(const Statement& statement, const Rewriting& rewriting) {
  if (rewriting.changes.empty()) return {};
  const ChildrenCheck check(statement, rewriting);
  for (const TableDefinition* child : rewriting.before.tables_with_foreign_keys()) RELAY_TRY(check.check(*child));
  return {};
}

}  // namespace relay::sql
