#include "relay/sql/character_set.h"
#include "relay/sql/rewriting.h"

// ALTER TABLE clauses by which rows go from one table to another with their files, without row events.
namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

tl::unexpected<Error> refused(FixedText what, const TableName& table) {
  return base::fail(Error(ErrorKind::rule, what)
                        .about(full_name(table))
                        .remedy("seed the table at the replica, then go on after this statement"));
}

class RowMover {
 public:
  RowMover(const AlterTable& alter, const AlterClause& clause, const Rewriting& rewriting)
      : alter_(alter),
        clause_(clause),
        rewriting_(rewriting),
        leaves_(rewriting.fates.table_leaves(alter.name)),
        other_leaves_(!clause.table.table.empty() && rewriting.fates.table_leaves(clause.table)) {}

  Rewritten run() {
    if (!leaves_ && !other_leaves_) return std::vector<std::string>();
    if (clause_.kind == ClauseKind::move_tablespace)
      return refused("ALTER TABLE discards or imports rows with their files", alter_.name);
    const bool from_table = clause_.kind == ClauseKind::convert_table;
    if (from_table && !leaves_) return print_drop();
    if (!leaves_) return refused("rows of a table that does not leave move to one that does", clause_.table);
    const bool rows_stay_away = clause_.kind == ClauseKind::convert_partition && !other_leaves_;
    if (!other_leaves_ && !rows_stay_away)
      return refused("rows of a table that does not leave move to one that does", alter_.name);
    RELAY_TRY(check_partitions());
    if (!rows_stay_away) RELAY_TRY(check_same_fates());
    return rows_stay_away ? print_drop_partition() : print_same();
  }

 private:
  Result<void> check_partitions() const {
    const TableDefinition* table = rewriting_.before.find(alter_.name);
    if (table == nullptr)
      return base::fail(cannot_follow("ALTER TABLE of a table whose columns are not known", full_name(alter_.name)));
    if (rewriting_.scrubbed(*table).partitioned()) return {};
    return refused("ALTER TABLE moves the rows of a partition, and the replica's table has no partitions", alter_.name);
  }

  Result<void> check_same_fates() const {
    const TableDefinition* table = rewriting_.before.find(alter_.name);
    const TableDefinition* other = clause_.kind == ClauseKind::convert_partition
                                       ? rewriting_.find_after(clause_.table)
                                       : rewriting_.before.find(clause_.table);
    if (other == nullptr)
      return base::fail(
          cannot_follow("ALTER TABLE with a table whose columns are not known", full_name(clause_.table)));
    const ScrubbedTable left = rewriting_.scrubbed(*table);
    const ScrubbedTable right = rewriting_.scrubbed(*other);
    bool same = table->columns.size() == other->columns.size();
    for (std::size_t i = 0; same && i < table->columns.size(); ++i)
      same = left.leaves_alike(table->columns[i].name, right, other->columns[i].name);
    if (same) return {};
    return base::fail(Error(ErrorKind::rule, "rows move between tables that leave in different ways")
                          .about(full_name(clause_.table))
                          .remedy("give both tables the same rules, or seed the table at the replica, then go on after "
                                  "this statement"));
  }

  Rewritten finish(Printer& printer) const {
    RELAY_ASSIGN(std::string text, printer.take());
    std::vector<std::string> statements;
    statements.push_back(std::move(text));
    return statements;
  }

  // The rows of the table are, from here on, rows of one that does not leave.
  Rewritten print_drop() const {
    Printer printer(rewriting_.context);
    printer.text("DROP TABLE IF EXISTS ").table(clause_.table);
    return finish(printer);
  }

  Rewritten print_drop_partition() const {
    Printer printer(rewriting_.context);
    printer.text("ALTER TABLE ").table(alter_.name).text(" DROP PARTITION ").name(clause_.name);
    return finish(printer);
  }

  Rewritten print_same() const {
    Printer printer(rewriting_.context);
    printer.text("ALTER TABLE ").table(alter_.name);
    if (clause_.kind == ClauseKind::exchange_partition) {
      printer.text(" EXCHANGE PARTITION ").name(clause_.name).text(" WITH TABLE ").table(clause_.table);
    } else if (clause_.kind == ClauseKind::convert_partition) {
      printer.text(" CONVERT PARTITION ").name(clause_.name).text(" TO TABLE ").table(clause_.table);
    } else {
      printer.text(" CONVERT TABLE ").table(clause_.table).text(" TO ").partition(clause_.partition.partitions.front());
    }
    if (clause_.validation) printer.text(*clause_.validation ? " WITH VALIDATION" : " WITHOUT VALIDATION");
    return finish(printer);
  }

  const AlterTable& alter_;
  const AlterClause& clause_;
  const Rewriting& rewriting_;
  bool leaves_;
  bool other_leaves_;
};

}  // namespace

const AlterClause* row_mover(const AlterTable& alter) {
  for (const auto& clause : alter.clauses) {
    const bool moves = clause.kind == ClauseKind::exchange_partition || clause.kind == ClauseKind::convert_partition ||
                       clause.kind == ClauseKind::convert_table || clause.kind == ClauseKind::move_tablespace;
    if (moves) return &clause;
  }
  return nullptr;
}

Rewritten rewrite_row_mover(const AlterTable& alter, const AlterClause& clause, const Rewriting& rewriting) {
  return RowMover(alter, clause, rewriting).run();
}

}  // namespace relay::sql
