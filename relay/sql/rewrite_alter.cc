#include "relay/sql/alter_rewriter.h"
#include "relay/sql/table_maker.h"

namespace relay::sql {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

Rewritten AlterRewriter::run() {
  const std::vector<std::string> nothing;
  if (!old_.leaves() && !new_.leaves()) return nothing;
  if (!new_.leaves()) return drop_table();
  if (!old_.leaves()) {
    return refused("ALTER TABLE brings a table that did not leave under a name that does",
                   "put a CREATE TABLE of the new name in its place (resolve --replace), then copy the rows, scrubbed, "
                   "to the replica",
                   "");
  }
  RELAY_TRY(new_.verify(&old_, rewriting_.context));
  RELAY_TRY(check_rows());
  RELAY_TRY(check_keys());
  for (std::size_t i = 0; i < alter_.clauses.size(); ++i) RELAY_TRY(clause(i));
  drop_newly_stripped();
  drop_lost_constraints();
  keep_counter();
  if (old_.partitioned() && !new_.partitioned() && clauses_.partitioning.empty())
    clauses_.partitioning = " REMOVE PARTITIONING";
  RELAY_TRY(reconcile());
  if (clauses_.empty()) return nothing;
  RELAY_ASSIGN(std::string text, print());
  std::vector<std::string> statements;
  statements.push_back(std::move(text));
  return statements;
}

tl::unexpected<Error> AlterRewriter::refused(FixedText what, FixedText remedy, const std::string& column) const {
  return base::fail(Error(ErrorKind::rule, what)
                        .about(after_.database + "." + after_.table + (column.empty() ? "" : "." + column))
                        .remedy(remedy));
}

Rewritten AlterRewriter::drop_table() {
  Printer drop = printer();
  drop.text("DROP TABLE IF EXISTS ").table(alter_.name);
  RELAY_ASSIGN(std::string text, drop.take());
  std::vector<std::string> statements;
  statements.push_back(std::move(text));
  return statements;
}

// A foreign key needs an index that begins with its columns. The source may have another, with a column that does not
// leave; a server makes one only together with the key.
Result<void> AlterRewriter::check_keys() const {
  for (const auto& key : after_.foreign_keys) {
    const auto* was = named(before_.foreign_keys, key.name);
    if (was == nullptr || !old_.keeps_key(*was) || !new_.keeps_key(key)) continue;
    if (!old_.serves(*was) || new_.serves(key)) continue;
    return refused("ALTER TABLE takes an index away that a foreign key needs at the replica",
                   "add an index over the foreign key's columns alone first, then go on after this statement",
                   key.name);
  }
  return {};
}

bool AlterRewriter::replica_has_index(const std::string& name) const {
  const IndexDefinition* index = find_index(before_, name);
  return index != nullptr && old_.index(*index).has_value();
}

Result<void> AlterRewriter::clause(std::size_t i) {
  const AlterClause& clause = alter_.clauses[i];
  switch (clause.kind) {
    case ClauseKind::add_column:
    case ClauseKind::modify_column:
    case ClauseKind::change_column:
    case ClauseKind::drop_column:
    case ClauseKind::rename_column:
    case ClauseKind::set_default:
    case ClauseKind::drop_default:
    case ClauseKind::set_column_visibility:
      if (!effect(i).empty()) column_clause(i, clause);
      return {};
    case ClauseKind::add_index:
    case ClauseKind::drop_index:
    case ClauseKind::drop_primary_key:
    case ClauseKind::rename_index:
    case ClauseKind::set_index_visibility:
      if (effect(i).empty()) return {};
      return index_clause(i, clause);
    case ClauseKind::add_foreign_key:
    case ClauseKind::drop_foreign_key:
    case ClauseKind::add_check:
    case ClauseKind::drop_check:
    case ClauseKind::drop_constraint:
    case ClauseKind::set_check_enforcement:
      if (!effect(i).empty()) constraint_clause(i, clause);
      return {};
    case ClauseKind::partition_by:
    case ClauseKind::remove_partitioning:
    case ClauseKind::add_partition:
    case ClauseKind::drop_partition:
    case ClauseKind::reorganize_partition:
    case ClauseKind::coalesce_partition:
    case ClauseKind::truncate_partition:
      return partition_clause(clause);
    case ClauseKind::partition_maintenance:
      return {};
    case ClauseKind::add_application_period:
    case ClauseKind::drop_application_period:
      if (!effect(i).empty()) period_clause(clause);
      return {};
    default:
      table_clause(clause);
      return {};
  }
}

void AlterRewriter::place(Printer& out, std::size_t i, const AlterClause& clause) const {
  if (!clause.first && clause.after.empty()) return;
  const auto& left = outcome_.left[i];
  const auto kept =
      std::find_if(left.rbegin(), left.rend(), [this](const std::string& name) { return !new_.stripped(name); });
  if (kept == left.rend()) {
    out.text(" FIRST");
  } else {
    out.text(" AFTER ").name(*kept);
  }
}

void AlterRewriter::column_clause(std::size_t i, const AlterClause& clause) {
  Printer out = printer();
  if (clause.kind == ClauseKind::add_column) {
    if (new_.stripped(clause.name)) return;
    out.text("ADD COLUMN ").column(*clause.column, new_.printing(*clause.column));
    place(out, i, clause);
    return add(out);
  }
  if (old_.stripped(clause.name)) return;
  if (clause.kind == ClauseKind::drop_column) {
    out.text("DROP COLUMN ").name(clause.name);
    return add(out);
  }
  const std::string& now = clause.new_name.empty() ? clause.name : clause.new_name;
  if (new_.stripped(now)) return;  // drop_newly_stripped() takes it away
  if (clause.kind == ClauseKind::rename_column) {
    out.text("RENAME COLUMN ").name(clause.name).text(" TO ").name(now);
  } else if (clause.column) {
    const bool modify = clause.kind == ClauseKind::modify_column;
    out.text(modify ? "MODIFY COLUMN " : "CHANGE COLUMN ");
    if (!modify) out.name(clause.name).text(" ");
    out.column(*clause.column, new_.printing(*clause.column));
    place(out, i, clause);
  } else if (!default_clause(out, clause)) {
    return;
  }
  add(out);
}

bool AlterRewriter::default_clause(Printer& out, const AlterClause& clause) const {
  out.text("ALTER COLUMN ").name(clause.name);
  if (clause.kind == ClauseKind::set_column_visibility) {
    out.text(clause.flag ? " SET VISIBLE" : " SET INVISIBLE");
    return true;
  }
  if (!new_.keeps(current_name(clause.name))) return false;
  const auto at = after_.find(current_name(clause.name));
  const bool readable = at && new_.keeps_all(after_.columns[*at].depends_on) &&
                        (clause.tokens_are_literal || !reads_sequence(clause.tokens));
  if (clause.kind == ClauseKind::drop_default || !readable) {
    out.text(" DROP DEFAULT");
  } else {
    out.text(" SET DEFAULT ").text(clause.flag ? "(" : "").tokens(clause.tokens).text(clause.flag ? ")" : "");
  }
  return true;
}

std::string AlterRewriter::current_name(const std::string& old_name) const {
  const auto at = before_.find(old_name);
  for (std::size_t i = 0; at && i < after_.columns.size(); ++i) {
    if (outcome_.origin[i] == at) return after_.columns[i].name;
  }
  return {};
}

void AlterRewriter::drop_newly_stripped() {
  for (std::size_t i = 0; i < after_.columns.size(); ++i) {
    if (!outcome_.origin[i] || !new_.stripped(after_.columns[i].name)) continue;
    const std::string& name = before_.columns[*outcome_.origin[i]].name;
    if (old_.stripped(name)) continue;
    Printer out = printer();
    out.text("DROP COLUMN ").name(name);
    add(out);
  }
}

// Constraints that the statement leaves to the source, and that the replica cannot have any longer.
void AlterRewriter::drop_lost_constraints() {
  auto lost = [this](std::string_view words, const std::string& name) {
    Printer out = printer();
    out.text(words).name(name);
    add(out);
  };
  const bool maria = rewriting_.context.dialect == Dialect::mariadb;
  for (const auto& key : before_.foreign_keys) {
    const auto* now = named(outcome_.after.foreign_keys, key.name);
    if (now != nullptr && old_.keeps_key(key) && !new_.keeps_key(*now)) lost("DROP FOREIGN KEY ", key.name);
  }
  for (const auto& check : before_.checks) {
    const auto* now = named(outcome_.after.checks, check.name);
    if (now != nullptr && old_.keeps_check(check) && !new_.keeps_check(*now))
      lost(maria ? "DROP CONSTRAINT " : "DROP CHECK ", check.name);
  }
  for (const auto& period : before_.periods) {
    const auto* now = named(outcome_.after.periods, period.name);
    if (now != nullptr && old_.keeps_period(period) && !new_.keeps_period(*now)) lost("DROP PERIOD FOR ", period.name);
  }
}

// AUTO_INCREMENT needs an index, and another one than at the source may be the replica's first or last.
void AlterRewriter::keep_counter() {
  for (std::size_t i = 0; i < after_.columns.size(); ++i) {
    const ColumnDefinition& column = after_.columns[i];
    if (!column.auto_increment || !outcome_.origin[i] || new_.stripped(column.name)) continue;
    const ColumnDefinition& old = before_.columns[*outcome_.origin[i]];
    const bool keeps = new_.keeps_auto_increment(column.name);
    if (!old.auto_increment || old_.keeps_auto_increment(old.name) == keeps) continue;
    const bool written = std::any_of(alter_.clauses.begin(), alter_.clauses.end(), [&](const AlterClause& clause) {
      return clause.column && equal_names(clause.column->name, column.name);
    });
    if (written) continue;
    Printer out = printer();
    out.text("MODIFY COLUMN ").counter(column, keeps);
    add(out);
  }
}

Result<std::string> AlterRewriter::print() const {
  Printer out = printer();
  out.text(alter_.ignore ? "ALTER IGNORE TABLE " : "ALTER TABLE ").table(alter_.name);
  for (std::size_t i = 0; i < clauses_.list.size(); ++i) out.text(i == 0 ? " " : ", ").text(clauses_.list[i]);
  if (!clauses_.order_by.empty()) out.text(clauses_.list.empty() ? " " : ", ").text(clauses_.order_by);
  out.text(clauses_.partitioning);
  return out.take();
}

Result<TableDefinition> AlterRewriter::replica_after(const TableDefinition& replica) const {
  if (clauses_.empty()) return replica;
  RELAY_ASSIGN(const std::string text, print());
  return read_back(text, &replica, TableName{after_.database, after_.table}, rewriting_);
}

Result<void> AlterRewriter::reconcile() {
  const TableDefinition replica = old_.definition();
  const TableDefinition wanted = new_.definition();
  RELAY_ASSIGN(const TableDefinition made, replica_after(replica));
  for (const auto& index : made.indexes) {
    const IndexDefinition* other = find_index(wanted, index.name);
    if (other != nullptr && same_index(*other, index)) continue;
    // A server's own one for a new foreign key goes by itself where another is added.
    if (index.generated && find_index(replica, index.name) == nullptr) continue;
    Printer out = printer();
    out.text(index.kind == IndexKind::primary ? "DROP PRIMARY KEY" : "DROP INDEX ");
    if (index.kind != IndexKind::primary) out.name(index.name);
    add(out);
  }
  for (const auto& index : wanted.indexes) {
    const IndexDefinition* other = find_index(made, index.name);
    if (other != nullptr && same_index(*other, index)) continue;
    const bool functional =
        std::any_of(index.parts.begin(), index.parts.end(), [](const IndexPart& part) { return part.column.empty(); });
    if (functional)
      return base::fail(cannot_follow("ALTER TABLE changes an index over an expression", full_name(alter_.name)));
    Printer out = printer();
    out.text("ADD ").index(index);
    add(out);
  }
  RELAY_ASSIGN(const TableDefinition proven, replica_after(replica));
  if (same_table(proven, wanted)) return {};
  return base::fail(
      cannot_follow("the rewritten ALTER TABLE would not make the scrubbed table", full_name(alter_.name)));
}

Rewritten rewrite_alter(const AlterTable& alter, const Rewriting& rewriting) {
  if (const AlterClause* mover = row_mover(alter)) return rewrite_row_mover(alter, *mover, rewriting);
  TableName result = alter.name;
  for (const auto& clause : alter.clauses) {
    if (clause.kind == ClauseKind::rename_table) result = clause.table;
  }
  if (!rewriting.fates.table_leaves(alter.name) && !rewriting.fates.table_leaves(result))
    return std::vector<std::string>();
  const TableDefinition* before = rewriting.before.find(alter.name);
  const TableDefinition* after = rewriting.find_after(result);
  if (before != nullptr && before->sequence) return std::vector<std::string>();
  if (before == nullptr || after == nullptr) {
    return base::fail(cannot_follow("ALTER TABLE of a table whose columns are not known", full_name(alter.name)));
  }
  RELAY_ASSIGN(AlterOutcome outcome,
               simulate(alter, *before, database_defaults(rewriting.before, alter.name.database)));
  return AlterRewriter(alter, *before, *after, std::move(outcome), rewriting).run();
}

}  // namespace relay::sql
