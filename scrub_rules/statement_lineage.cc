#include "scrub_rules/statement_lineage.h"

#include "relay/sql/statement_tree.h"
#include "scrub_rules/shadow_name.h"

namespace relay::scrub_rules {

namespace {

using sql::TableName;

// Follows one statement, step by step.
class LineageReader {
 public:
  LineageReader(const sql::Catalog& catalog, const RuleView& before, const Lineage& lineage)
      : catalog_(catalog), rules_(before.rules()), fold_case_(before.fold_case()), lineage_(lineage) {}

  std::vector<LineageChange> take() { return std::move(changes_); }

  void create(const sql::CreateTable& create) {
    // A table that is there already stays what it is; of tables that do not leave nobody knows whether they are.
    const bool may_stay = create.if_not_exists && !create.or_replace;
    if (may_stay && (catalog_.find(create.name) != nullptr || lineage_.find(create.name) != nullptr)) return;
    if (create.like) return put(create.name, copied(*create.like, create.name));
    // gh-ost's place holder: it never has rows, and its one column is none of the table's.
    if (is_set_aside_name(create.name.table) && !names(create.name)) return put(create.name, Origin{});
    put(create.name, std::nullopt);
  }

  void rename(const TableName& from, const TableName& to) {
    // What did not leave cannot leave under another name: that is refused where the statement is rewritten.
    std::optional<Origin> origin = view().table_leaves(from) ? followed(from, to) : std::nullopt;
    changes_.push_back({from, std::nullopt, false});
    lineage_.put(from, std::nullopt);
    put(to, std::move(origin));
  }

  void remove(const TableName& name) {
    changes_.push_back({name, std::nullopt, false});
    lineage_.put(name, std::nullopt);
  }

  void remove_database(const std::string& database) {
    for (const auto& [name, origin] : lineage_.all()) {
      if (name.database == database) remove(name);
    }
  }

 private:
  [[nodiscard]] RuleView view() const { return RuleView(rules_, fold_case_, &lineage_); }
  [[nodiscard]] bool names(const TableName& name) const { return rules_.names(name.database, name.table, fold_case_); }

  std::optional<Origin> copied(const TableName& from, const TableName& to) const {
    if (view().table_leaves(from)) return followed(from, to);
    const Origin* before = view().origin(from);
    const bool held_back_by_rule = view().find(from) != nullptr || (before != nullptr && !before->rules_of);
    // A [[table]] written out for the copy, which may let it leave, and one that holds the original back: the statement
    // is refused.
    if (!held_back_by_rule || names(to)) return std::nullopt;
    return Origin{};
  }

  // The rules of `from`, which leaves, for `to`; none where the name of `to` gives the same or keeps it from leaving.
  std::optional<Origin> followed(const TableName& from, const TableName& to) const {
    const std::optional<ShadowName> shadow = shadow_name(to.table);
    const bool working_copy = shadow && shadow->role == ShadowName::Role::copy;
    if (names(to) || !(working_copy || rules_.table_leaves(to.database, to.table, fold_case_))) return std::nullopt;
    const Origin* before = view().origin(from);
    const TableName source = before != nullptr && before->rules_of ? *before->rules_of : from;
    const bool same =
        rules_.table_leaves(to.database, to.table, fold_case_) &&
        rules_.find(source.database, source.table, fold_case_) == rules_.find(to.database, to.table, fold_case_);
    if (same) return std::nullopt;
    return Origin{source};
  }

  void put(const TableName& name, std::optional<Origin> origin) {
    lineage_.put(name, origin);
    changes_.push_back({name, std::move(origin), true});
  }

  const sql::Catalog& catalog_;
  const RuleSet& rules_;
  bool fold_case_;
  Lineage lineage_;
  std::vector<LineageChange> changes_;
};

}  // namespace

std::vector<LineageChange> lineage_changes(const sql::Statement& statement, const sql::Catalog& catalog,
                                           const RuleView& before, const Lineage& lineage) {
  LineageReader reader(catalog, before, lineage);
  if (const auto* create = dynamic_cast<const sql::CreateTable*>(&statement)) reader.create(*create);
  if (const auto* alter = dynamic_cast<const sql::AlterTable*>(&statement)) {
    for (const sql::AlterClause& clause : alter->clauses) {
      const bool moves = clause.kind == sql::ClauseKind::rename_table && !(clause.table == alter->name);
      if (moves) reader.rename(alter->name, clause.table);
    }
  }
  if (const auto* rename = dynamic_cast<const sql::RenameTables*>(&statement)) {
    for (const auto& [from, to] : rename->renames) reader.rename(from, to);
  }
  if (const auto* drop = dynamic_cast<const sql::DropTables*>(&statement)) {
    for (const TableName& name : drop->names) reader.remove(name);
  }
  if (const auto* database = dynamic_cast<const sql::DatabaseStatement*>(&statement)) {
    const bool drops = database->kind() == sql::StatementKind::drop_database || database->or_replace;
    if (drops) reader.remove_database(database->name);
  }
  return reader.take();
}

}  // namespace relay::scrub_rules
