#include "relay/sql/alter_simulation.h"

#include <algorithm>

#include "relay/sql/character_set.h"
#include "relay/sql/column_simulation.h"
#include "relay/sql/sql_mode.h"

namespace relay::sql {
namespace {

using base::Error;
using base::FixedText;
using base::Result;

class Simulation {
 public:
  Simulation(const AlterTable& alter, const TableDefinition& before, const CharacterDefaults& database)
      : alter_(alter), before_(before), database_(database) {
    outcome_.after = before;
    outcome_.names.resize(alter.clauses.size());
    outcome_.left.resize(alter.clauses.size());
  }

  Result<AlterOutcome> run() {
    characters_ = table_options();
    RELAY_ASSIGN(renamed_, simulate_columns(alter_, before_, characters_, outcome_));
    names_.add(outcome_.after.columns);
    RELAY_TRY(periods());
    RELAY_TRY(indexes());
    RELAY_TRY(constraints());
    partitions();
    fill_nulls();
    return std::move(outcome_);
  }

 private:
  tl::unexpected<Error> contradiction(FixedText what) const { return contradicts(before_, what); }

  CharacterDefaults table_options() {
    CharacterDefaults now{before_.character_set, before_.collation};
    for (const auto& clause : alter_.clauses) {
      const bool options = clause.kind == ClauseKind::table_options;
      if (!options && clause.kind != ClauseKind::convert_character_set) continue;
      if (clause.options.mentions_character_set && clause.options.character_set.empty()) now = database_;
      now = table_characters(clause.options, now);
      if (options && !clause.options.engine.empty()) outcome_.after.engine = folded(clause.options.engine);
    }
    outcome_.after.character_set = now.character_set;
    outcome_.after.collation = now.collation;
    return now;
  }

  Result<void> periods() {
    TableDefinition& after = outcome_.after;
    for (auto& period : after.periods) {
      period.start = renamed_.new_name(period.start);
      period.end = renamed_.new_name(period.end);
    }
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      if (clause.kind == ClauseKind::drop_application_period) {
        const bool found = erase_named(after.periods, clause.name, outcome_.names[i]);
        if (!found && !clause.conditional)
          return contradiction("ALTER TABLE names a period that the table does not have");
      }
      if (clause.kind != ClauseKind::add_application_period) continue;
      if (clause.conditional && has_named(after.periods, clause.name)) continue;
      outcome_.names[i] = clause.name;
      after.periods.push_back(clause.period->definition);
      set_not_null(after, clause.period->definition);
    }
    return {};
  }

  Result<void> indexes() {
    RELAY_TRY(drop_indexes());
    for (auto& index : outcome_.after.indexes) rename_parts(index);
    auto& all = outcome_.after.indexes;
    all.erase(std::remove_if(all.begin(), all.end(), [](const IndexDefinition& index) { return index.parts.empty(); }),
              all.end());
    if (prepares_table()) decide_hashes(outcome_.after, alter_.context);
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      if (clause.kind != ClauseKind::add_index) continue;
      if (clause.conditional && find_index(outcome_.after, clause.index->name) != nullptr) continue;
      const bool fresh = clause.index->kind != IndexKind::primary && !clause.index->generated_by_foreign_key;
      if (fresh && find_index(outcome_.after, clause.index->name) != nullptr)
        return contradiction("ALTER TABLE adds an index that the table has");
      RELAY_ASSIGN(outcome_.names[i], add_index(outcome_.after, *clause.index, names_, alter_.context));
    }
    if (const IndexDefinition* primary = find_index(outcome_.after, "PRIMARY")) {
      for (const auto& part : primary->parts) {
        if (const auto at = outcome_.after.find(part.column)) outcome_.after.columns[*at].nullable = false;
      }
    }
    return {};
  }

  [[nodiscard]] bool prepares_table() const {  // makes its definition anew
    return std::any_of(alter_.clauses.begin(), alter_.clauses.end(), [](const AlterClause& clause) {
      return clause.kind != ClauseKind::rename_table && clause.kind != ClauseKind::keys &&
             clause.kind < ClauseKind::partition_by;
    });
  }

  Result<void> drop_indexes() {
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      const bool drop = clause.kind == ClauseKind::drop_index || clause.kind == ClauseKind::drop_primary_key;
      const bool constraint = clause.kind == ClauseKind::drop_constraint;
      const bool changes = clause.kind == ClauseKind::rename_index || clause.kind == ClauseKind::set_index_visibility;
      if (!drop && !constraint && !changes) continue;
      IndexDefinition* index = find_index(outcome_.after, clause.name);
      if (constraint && (index == nullptr || index->kind > IndexKind::unique)) continue;
      if (index == nullptr && !clause.conditional)
        return contradiction("ALTER TABLE names an index that the table does not have");
      if (index == nullptr) continue;
      outcome_.names[i] = index->name;
      if (clause.kind == ClauseKind::rename_index) index->name = clause.new_name;
      if (clause.kind == ClauseKind::set_index_visibility) index->visible = clause.flag;
      if (drop || constraint)
        outcome_.after.indexes.erase(outcome_.after.indexes.begin() + (index - outcome_.after.indexes.data()));
    }
    return {};
  }

  void rename_parts(IndexDefinition& index) const {
    std::vector<IndexPart> kept;
    for (auto& part : index.parts) {
      if (part.column.empty()) {
        renamed_.rename_all(part.depends_on);
        kept.push_back(std::move(part));
        continue;
      }
      const std::string renamed = renamed_.new_name(part.column);
      if (renamed.empty() && !replaced_part(part)) continue;
      if (!renamed.empty()) part.column = renamed;
      fit_prefix(part);
      kept.push_back(std::move(part));
    }
    index.parts = std::move(kept);
  }

  // DROP c, ADD c: the server takes the new column for the part, and holds it to the old one's length.
  bool replaced_part(IndexPart& part) const {
    if (!outcome_.after.find(part.column)) return false;
    const ColumnDefinition& old = before_.columns[*before_.find(part.column)];
    if (!part.prefix) part.prefix = old.length;
    return true;
  }

  // A prefix that covers the changed column is none.
  void fit_prefix(IndexPart& part) const {
    const auto at = outcome_.after.find(part.column);
    if (!at || !part.prefix) return;
    const ColumnDefinition& column = outcome_.after.columns[*at];
    const bool can = is_blob_type(column.type) || column.type == "char" || column.type == "varchar" ||
                     column.type == "binary" || column.type == "varbinary";
    if (!can || (column.length && *column.length <= *part.prefix)) part.prefix.reset();
  }

  template <typename Items>
  static bool has_named(const Items& items, const std::string& name) {
    return std::any_of(items.begin(), items.end(), [&](const auto& item) { return equal_names(item.name, name); });
  }

  template <typename Items>
  static bool erase_named(Items& items, const std::string& name, std::string& erased) {
    const auto found =
        std::find_if(items.begin(), items.end(), [&](const auto& item) { return equal_names(item.name, name); });
    if (found == items.end()) return false;
    erased = found->name;
    items.erase(found);
    return true;
  }

  Result<void> constraints() {
    TableDefinition& after = outcome_.after;
    for (auto& key : after.foreign_keys) renamed_.rename_all(key.columns);
    for (auto& check : after.checks) renamed_.rename_all(check.depends_on);
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) RELAY_TRY(constraint(i));
    return {};
  }

  Result<void> constraint(std::size_t i) {
    const AlterClause& clause = alter_.clauses[i];
    TableDefinition& after = outcome_.after;
    std::string& name = outcome_.names[i];
    if (clause.kind == ClauseKind::add_foreign_key) {
      if (!clause.conditional || !has_named(after.foreign_keys, clause.foreign_key->name))
        name = add_foreign_key(after, *clause.foreign_key);
    } else if (clause.kind == ClauseKind::add_check) {
      if (!clause.conditional || !has_named(after.checks, clause.check->name))
        name = add_check(after, *clause.check, names_, alter_.context.dialect);
    } else if (clause.kind == ClauseKind::drop_foreign_key) {
      const bool found = erase_named(after.foreign_keys, clause.name, name);
      if (!found && !clause.conditional)
        return contradiction("ALTER TABLE names a foreign key that the table does not have");
    } else if (clause.kind == ClauseKind::drop_check) {
      const bool found = erase_named(after.checks, clause.name, name);
      if (!found && !clause.conditional) return contradiction("ALTER TABLE names a check that the table does not have");
    } else if (clause.kind == ClauseKind::drop_constraint && name.empty()) {
      const bool found =
          erase_named(after.foreign_keys, clause.name, name) || erase_named(after.checks, clause.name, name);
      if (!found && !clause.conditional)
        return contradiction("ALTER TABLE names a constraint that the table does not have");
    } else if (clause.kind == ClauseKind::set_check_enforcement) {
      name = clause.name;
    }
    return {};
  }

  void partitions() {
    renamed_.rename_all(outcome_.after.partition_columns);
    for (const auto& clause : alter_.clauses) {
      if (clause.kind == ClauseKind::partition_by) set_partitioning(outcome_.after, clause.partition, names_);
      if (clause.kind == ClauseKind::remove_partitioning) {
        outcome_.after.partitioned = false;
        outcome_.after.partition_columns.clear();
      }
    }
  }

  // Rows get the zero of its type in a column that becomes NOT NULL, also as a part of a primary key: where it is new,
  // and where they have a NULL in it, which strictly none has.
  void fill_nulls() {
    const bool strict = (alter_.context.sql_mode & kStrictTables) != 0 && !alter_.ignore;
    for (std::size_t i = 0; i < outcome_.after.columns.size(); ++i) {
      ColumnDefinition& column = outcome_.after.columns[i];
      if (column.nullable) continue;
      const auto origin = outcome_.origin[i];
      const bool filled = origin ? before_.columns[*origin].nullable && !strict : column.older_rows == OlderRows::null;
      if (filled) column.older_rows = OlderRows::value;
    }
  }

  const AlterTable& alter_;
  const TableDefinition& before_;
  const CharacterDefaults& database_;
  CharacterDefaults characters_;
  AlterOutcome outcome_;
  RenamedColumns renamed_;
  ColumnNames names_{{}};
};

}  // namespace

Result<AlterOutcome> simulate(const AlterTable& alter, const TableDefinition& before,
                              const CharacterDefaults& database) {
  return Simulation(alter, before, database).run();
}

}  // namespace relay::sql
