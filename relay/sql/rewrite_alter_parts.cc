#include "relay/sql/alter_rewriter.h"

namespace relay::sql {

using base::Result;

Result<void> AlterRewriter::index_clause(std::size_t i, const AlterClause& clause) {
  Printer out = printer();
  if (clause.kind == ClauseKind::add_index) {
    const IndexDefinition* definition = find_index(after_, effect(i));
    if (definition == nullptr || definition->generated != clause.index->generated_by_foreign_key) return {};
    const auto left = new_.index(*definition);
    if (alter_.ignore && (!left || left->kind != definition->kind)) {
      return refused("ALTER IGNORE TABLE deletes rows by an index that does not leave",
                     "seed the table at the replica, then go on after this statement", "");
    }
    if (!left) return {};
    out.text("ADD ").index(*clause.index, *left);
    add(out);
    return {};
  }
  if (!replica_has_index(effect(i))) return {};
  if (clause.kind == ClauseKind::drop_primary_key) {
    out.text("DROP PRIMARY KEY");
  } else if (clause.kind == ClauseKind::drop_index) {
    out.text("DROP INDEX ").name(effect(i));
  } else if (clause.kind == ClauseKind::rename_index) {
    out.text("RENAME INDEX ").name(effect(i)).text(" TO ").name(clause.new_name);
  } else {
    const bool maria = rewriting_.context.dialect == Dialect::mariadb;
    out.text("ALTER INDEX ").name(effect(i));
    out.text(maria ? (clause.flag ? " NOT IGNORED" : " IGNORED") : (clause.flag ? " VISIBLE" : " INVISIBLE"));
  }
  add(out);
  return {};
}

void AlterRewriter::constraint_clause(std::size_t i, const AlterClause& clause) {
  const std::string& name = effect(i);
  Printer out = printer();
  if (clause.kind == ClauseKind::add_foreign_key) {
    const auto* key = named(outcome_.after.foreign_keys, name);
    if (key == nullptr || !new_.keeps_key(*key)) return;
    out.text("ADD ").foreign_key(*clause.foreign_key, name);
  } else if (clause.kind == ClauseKind::add_check) {
    const auto* check = named(outcome_.after.checks, name);
    if (check == nullptr || !new_.keeps_check(*check)) return;
    out.text("ADD ").check(*clause.check, name);
  } else {
    return old_constraint(out, clause, name);
  }
  add(out);
}

void AlterRewriter::old_constraint(Printer& out, const AlterClause& clause, const std::string& name) {
  const auto* key = named(before_.foreign_keys, name);
  const auto* check = named(before_.checks, name);
  const bool constraint = clause.kind == ClauseKind::drop_constraint;
  const IndexDefinition* index = find_index(before_, name);
  const bool unique = index != nullptr && (index->kind == IndexKind::unique || index->kind == IndexKind::primary);
  if (constraint && unique) {
    if (!replica_has_index(name)) return;
    out.text("DROP INDEX ").name(name);
  } else if (key != nullptr && (constraint || clause.kind == ClauseKind::drop_foreign_key)) {
    if (!old_.keeps_key(*key)) return;
    out.text("DROP FOREIGN KEY ").name(name);
  } else if (check != nullptr && old_.keeps_check(*check)) {
    if (clause.kind == ClauseKind::set_check_enforcement) {
      out.text("ALTER CHECK ").name(name).text(clause.flag ? " ENFORCED" : " NOT ENFORCED");
    } else {
      out.text(rewriting_.context.dialect == Dialect::mariadb ? "DROP CONSTRAINT " : "DROP CHECK ").name(name);
    }
  } else {
    return;
  }
  add(out);
}

Result<void> AlterRewriter::partition_clause(const AlterClause& clause) {
  Printer out = printer();
  const bool removes_rows = clause.kind == ClauseKind::drop_partition || clause.kind == ClauseKind::truncate_partition;
  if (clause.kind == ClauseKind::partition_by) {
    if (!new_.partitioned()) return {};
    out.partitioning(clause.partition);
  } else if (!old_.partitioned()) {
    if (!removes_rows || (clause.conditional && !before_.partitioned)) return {};
    return refused("ALTER TABLE removes the rows of a partition, and the replica's table has no partitions",
                   "seed the table at the replica, then go on after this statement", "");
  } else {
    partition_change(out, clause);
  }
  clauses_.partitioning = out.piece();
  return {};
}

void AlterRewriter::partition_change(Printer& out, const AlterClause& clause) {
  auto names = [&] {
    for (std::size_t i = 0; i < clause.partition_names.size(); ++i)
      out.text(i == 0 ? "" : ", ").name(clause.partition_names[i]);
    if (clause.all_partitions) out.text("ALL");
  };
  switch (clause.kind) {
    case ClauseKind::remove_partitioning:
      out.text(" REMOVE PARTITIONING");
      break;
    case ClauseKind::add_partition:
      out.text(clause.conditional ? " ADD PARTITION IF NOT EXISTS " : " ADD PARTITION ");
      clause.partition.partitions.empty() ? void(out.text("PARTITIONS ").number(clause.count))
                                          : out.partition_list(clause.partition.partitions);
      break;
    case ClauseKind::coalesce_partition:
      out.text(" COALESCE PARTITION ").number(clause.count);
      break;
    case ClauseKind::drop_partition:
      out.text(clause.conditional ? " DROP PARTITION IF EXISTS " : " DROP PARTITION ");
      names();
      break;
    case ClauseKind::truncate_partition:
      out.text(" TRUNCATE PARTITION ");
      names();
      break;
    default:
      out.text(" REORGANIZE PARTITION");
      if (clause.partition_names.empty()) break;
      out.text(" ");
      names();
      out.text(" INTO ").partition_list(clause.partition.partitions);
  }
}

void AlterRewriter::table_clause(const AlterClause& clause) {
  Printer out = printer();
  switch (clause.kind) {
    case ClauseKind::rename_table:
      out.text("RENAME TO ").table(clause.table);
      break;
    case ClauseKind::convert_character_set:
      out.text("CONVERT TO").characters(clause.options.character_set, clause.options.collation);
      break;
    case ClauseKind::table_options:
      return table_options(clause.options);
    case ClauseKind::order_by:
      return order_by(clause);
    case ClauseKind::force:
      out.text("FORCE");
      break;
    case ClauseKind::keys:
      out.text(clause.flag ? "ENABLE KEYS" : "DISABLE KEYS");
      break;
    case ClauseKind::add_system_versioning:
      out.text("ADD SYSTEM VERSIONING");
      break;
    case ClauseKind::drop_system_versioning:
      out.text("DROP SYSTEM VERSIONING");
      break;
    case ClauseKind::add_period:
      out.text("ADD PERIOD FOR SYSTEM_TIME ").names({clause.name, clause.new_name});
      break;
    case ClauseKind::drop_period:
      out.text("DROP PERIOD FOR SYSTEM_TIME");
      break;
    default:
      return;
  }
  add(out);
}

void AlterRewriter::period_clause(const AlterClause& clause) {
  Printer out = printer();
  if (clause.kind == ClauseKind::add_application_period) {
    if (!new_.keeps_period(clause.period->definition)) return;
    out.text("ADD ").period(clause.period->definition);
  } else {
    const auto* period = named(before_.periods, clause.name);
    if (period == nullptr || !old_.keeps_period(*period)) return;
    out.text("DROP PERIOD FOR ").name(period->name);
  }
  add(out);
}

void AlterRewriter::table_options(const TableOptions& options) {
  Printer out = printer();
  bool auto_increment = false;
  for (const auto& column : after_.columns)
    auto_increment = auto_increment || (column.auto_increment && new_.keeps_auto_increment(column.name));
  out.options(options, auto_increment);
  const bool characters = options.mentions_character_set || !options.collation.empty();
  if (characters && !after_.character_set.empty()) {
    out.text(" DEFAULT");
    out.characters(after_.character_set, after_.collation);
  }
  std::string text = out.piece();
  if (!text.empty()) clauses_.list.push_back(text.substr(1));
}

void AlterRewriter::order_by(const AlterClause& clause) {
  Printer out = printer();
  out.text("ORDER BY ");
  for (std::size_t i = 0; i + 1 < clause.partition_names.size(); i += 2) {
    if (!new_.keeps(clause.partition_names[i])) return;
    out.text(i == 0 ? "" : ", ")
        .name(clause.partition_names[i])
        .text(clause.partition_names[i + 1].empty() ? "" : " DESC");
  }
  clauses_.order_by = out.piece();  // the grammar wants it last
}

}  // namespace relay::sql
