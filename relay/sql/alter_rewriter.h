#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "relay/sql/alter_simulation.h"
#include "relay/sql/character_set.h"
#include "relay/sql/rewriting.h"

namespace relay::sql {

// The clauses that are printed: each a piece of text; those of partitions stand apart.
struct Clauses {
  std::vector<std::string> list;
  std::string order_by;
  std::string partitioning;

  [[nodiscard]] bool empty() const { return list.empty() && order_by.empty() && partitioning.empty(); }
};

// Writes the ALTER TABLE that does to a replica's table what the source's did to its own.
class AlterRewriter {
 public:
  AlterRewriter(const AlterTable& alter, const TableDefinition& before, const TableDefinition& after,
                AlterOutcome outcome, const Rewriting& rewriting)
      : alter_(alter),
        before_(before),
        after_(after),
        outcome_(std::move(outcome)),
        rewriting_(rewriting),
        old_(rewriting.scrubbed(before)),
        new_(rewriting.scrubbed(after)) {}

  Rewritten run();

 private:
  tl::unexpected<base::Error> refused(base::FixedText what, base::FixedText remedy, const std::string& column) const;

  [[nodiscard]] Printer printer() const { return Printer(rewriting_.context); }
  void add(Printer& printer) { clauses_.list.push_back(printer.piece()); }

  Rewritten drop_table();

  // rewrite_alter_rows.cc. Errors: rule.
  [[nodiscard]] base::Result<void> check_rows() const;
  [[nodiscard]] base::Result<void> check_fates() const;
  [[nodiscard]] base::Result<void> check_replaced(const ColumnDefinition& before, const ColumnDefinition& after) const;
  [[nodiscard]] base::Result<void> check_older_rows() const;
  [[nodiscard]] base::Result<void> check_defaults() const;
  [[nodiscard]] base::Result<void> check_default(const ColumnSpec& added) const;
  [[nodiscard]] base::Result<void> check_numbers() const;
  static bool differs_in_older_rows(const ScrubbedTable& table, const ColumnDefinition& column);
  static bool finds_rows_without(const ScrubbedTable& table, const std::vector<std::string>& columns);
  [[nodiscard]] bool reads_rows_alike() const;
  [[nodiscard]] bool is_strict() const;

  base::Result<void> check_keys() const;

  [[nodiscard]] const std::string& effect(std::size_t i) const { return outcome_.names[i]; }
  [[nodiscard]] bool replica_has_index(const std::string& name) const;

  base::Result<void> clause(std::size_t i);

  void place(Printer& out, std::size_t i, const AlterClause& clause) const;

  void column_clause(std::size_t i, const AlterClause& clause);

  // ALTER COLUMN ...
  bool default_clause(Printer& out, const AlterClause& clause) const;

  // What a column of before is called after the statement; empty when it is gone.
  [[nodiscard]] std::string current_name(const std::string& old_name) const;

  void drop_newly_stripped();
  void drop_lost_constraints();
  void keep_counter();

  base::Result<void> index_clause(std::size_t i, const AlterClause& clause);

  template <typename Items>
  static const typename Items::value_type* named(const Items& items, const std::string& name) {
    const auto found =
        std::find_if(items.begin(), items.end(), [&](const auto& item) { return equal_names(item.name, name); });
    return found == items.end() ? nullptr : &*found;
  }

  void constraint_clause(std::size_t i, const AlterClause& clause);

  // DROP FOREIGN KEY, DROP CHECK, DROP CONSTRAINT, ALTER CHECK.
  void old_constraint(Printer& out, const AlterClause& clause, const std::string& name);

  base::Result<void> partition_clause(const AlterClause& clause);

  static void partition_change(Printer& out, const AlterClause& clause);

  void table_clause(const AlterClause& clause);

  void table_options(const TableOptions& options);

  void period_clause(const AlterClause& clause);

  void order_by(const AlterClause& clause);

  base::Result<std::string> print() const;

  [[nodiscard]] base::Result<TableDefinition> replica_after(const TableDefinition& replica) const;

  // What the clauses leave different: indexes that change because a stripped column was or was not part of them. Then
  // the proof.
  base::Result<void> reconcile();

  const AlterTable& alter_;
  const TableDefinition& before_;
  const TableDefinition& after_;
  AlterOutcome outcome_;
  const Rewriting& rewriting_;
  ScrubbedTable old_;
  ScrubbedTable new_;
  Clauses clauses_;
};

}  // namespace relay::sql
