#include "relay/sql/alter_simulation.h"

#include <algorithm>
#include <unordered_map>

#include "relay/sql/character_set.h"

namespace relay::sql {
namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;

struct Item {
  ColumnDefinition column;
  std::optional<std::size_t> origin;
};

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
    RELAY_TRY(keep_columns());
    RELAY_TRY(place_columns());
    finish_columns();
    RELAY_TRY(indexes());
    RELAY_TRY(constraints());
    partitions();
    return std::move(outcome_);
  }

 private:
  tl::unexpected<Error> contradiction(FixedText what) const {
    return base::fail(Error(ErrorKind::malformed, what)
                          .about(before_.database + "." + before_.table)
                          .remedy("the schema history does not fit the stream: read it from the source again"));
  }

  static bool changes_column(const AlterClause& clause) {
    return clause.kind == ClauseKind::modify_column || clause.kind == ClauseKind::change_column;
  }
  static bool placed(const AlterClause& clause) { return clause.first || !clause.after.empty(); }

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

  // The clause that drops, changes or renames each old column.
  Result<std::unordered_map<std::string, std::size_t>> clauses_of_columns() {
    std::unordered_map<std::string, std::size_t> map;
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      const bool column = clause.kind == ClauseKind::drop_column || clause.kind == ClauseKind::rename_column ||
                          clause.kind == ClauseKind::set_default || clause.kind == ClauseKind::drop_default ||
                          clause.kind == ClauseKind::set_column_visibility || changes_column(clause);
      if (!column) continue;
      const auto at = before_.find(clause.name);
      if (!at && !clause.conditional) return contradiction("ALTER TABLE names a column that the table does not have");
      if (!at) continue;
      outcome_.names[i] = before_.columns[*at].name;
      const bool alters_default = clause.kind == ClauseKind::set_default || clause.kind == ClauseKind::drop_default;
      if (!alters_default) map[folded(clause.name)] = i;
    }
    return map;
  }

  Result<void> keep_columns() {
    RELAY_ASSIGN(const auto map, clauses_of_columns());
    for (std::size_t i = 0; i < before_.columns.size(); ++i) {
      ColumnDefinition column = before_.columns[i];
      const auto found = map.find(folded(column.name));
      if (found == map.end()) {
        items_.push_back({std::move(column), i});
        continue;
      }
      const AlterClause& clause = alter_.clauses[found->second];
      if (clause.kind == ClauseKind::drop_column) continue;
      if (changes_column(clause)) {
        if (!placed(clause)) items_.push_back({make_column(*clause.column, characters_, alter_.context), i});
        continue;
      }
      if (clause.kind == ClauseKind::rename_column) column.name = clause.new_name;
      if (clause.kind == ClauseKind::set_column_visibility) column.invisible = !clause.flag;
      items_.push_back({std::move(column), i});
    }
    return {};
  }

  // The columns that the server makes for system versioning stay last.
  [[nodiscard]] std::size_t end_of_columns() const {
    std::size_t end = items_.size();
    while (end > 0 && items_[end - 1].column.implicit && items_[end - 1].column.row_period) --end;
    return end;
  }

  Result<void> place_columns() {
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      const bool moves = changes_column(clause) && placed(clause) && !outcome_.names[i].empty();
      if (clause.kind != ClauseKind::add_column && !moves) continue;
      if (clause.kind == ClauseKind::add_column) {
        if (clause.conditional && before_.find(clause.name)) continue;
        if (position_of(clause.column->name)) return contradiction("ALTER TABLE adds a column that the table has");
        outcome_.names[i] = clause.column->name;
      }
      RELAY_TRY(place(i, clause, moves ? before_.find(clause.name) : std::nullopt));
    }
    return {};
  }

  Result<void> place(std::size_t clause_index, const AlterClause& clause, std::optional<std::size_t> origin) {
    std::size_t at = end_of_columns();
    if (clause.first) at = 0;
    if (!clause.after.empty()) {
      const auto anchor = position_of(clause.after);
      if (!anchor) return contradiction("ALTER TABLE puts a column after one that the table does not have");
      at = *anchor + 1;
    }
    if (placed(clause)) {
      for (std::size_t i = 0; i < at; ++i) outcome_.left[clause_index].push_back(items_[i].column.name);
    }
    Item item{make_column(*clause.column, characters_, alter_.context), origin};
    items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(at), std::move(item));
    return {};
  }

  [[nodiscard]] std::optional<std::size_t> position_of(std::string_view name) const {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (equal_names(items_[i].column.name, name)) return i;
    }
    return std::nullopt;
  }

  void finish_columns() {
    TableDefinition& after = outcome_.after;
    system_versioning();
    after.columns.clear();
    for (auto& item : items_) {
      if (item.origin) renamed_.emplace(folded(before_.columns[*item.origin].name), item.column.name);
      outcome_.origin.push_back(item.origin);
      after.columns.push_back(std::move(item.column));
    }
    names_.add(after.columns);
    for (auto& column : after.columns) rename_all(column.depends_on);
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      if (clause.kind == ClauseKind::convert_character_set) {
        for (auto& column : after.columns) convert_column(column, characters_);
      }
      if (outcome_.names[i].empty()) continue;
      const auto at = clause.column ? after.find(clause.column->name) : after.find(new_name(clause.name));
      if (!at) continue;
      if (clause.column) after.columns[*at].depends_on = dependencies(*clause.column, names_);
      if (clause.kind == ClauseKind::set_default && !clause.tokens_are_literal)
        after.columns[*at].depends_on = names_.named_in(clause.tokens);
    }
  }

  void system_versioning() {
    for (const auto& clause : alter_.clauses) {
      if (clause.kind == ClauseKind::add_system_versioning) {
        outcome_.after.system_versioned = true;
        const bool own = std::any_of(alter_.clauses.begin(), alter_.clauses.end(), [](const AlterClause& other) {
          return other.kind == ClauseKind::add_period || (other.column && !other.column->row_period.empty());
        });
        if (own) continue;
        TableDefinition made;
        add_row_period_columns(made);
        for (auto& column : made.columns) items_.push_back({std::move(column), std::nullopt});
      }
      if (clause.kind == ClauseKind::drop_system_versioning) {
        outcome_.after.system_versioned = false;
        items_.erase(std::remove_if(items_.begin(), items_.end(),
                                    [](const Item& item) { return item.column.implicit && item.column.row_period; }),
                     items_.end());
      }
    }
  }

  [[nodiscard]] std::string new_name(const std::string& name) const {
    const auto found = renamed_.find(folded(name));
    return found == renamed_.end() ? std::string() : found->second;
  }

  void rename_all(std::vector<std::string>& names) const {
    std::vector<std::string> kept;
    for (const auto& name : names) {
      std::string renamed = new_name(name);
      if (!renamed.empty()) kept.push_back(std::move(renamed));
    }
    names = std::move(kept);
  }

  Result<void> indexes() {
    RELAY_TRY(drop_indexes());
    for (auto& index : outcome_.after.indexes) rename_parts(index);
    auto& all = outcome_.after.indexes;
    all.erase(std::remove_if(all.begin(), all.end(), [](const IndexDefinition& index) { return index.parts.empty(); }),
              all.end());
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      if (clause.kind != ClauseKind::add_index) continue;
      if (clause.conditional && find_index(outcome_.after, clause.index->name) != nullptr) continue;
      const bool fresh = !clause.index->name.empty() && clause.index->kind != IndexKind::primary &&
                         !clause.index->generated_by_foreign_key;
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
      if (drop || constraint)
        outcome_.after.indexes.erase(outcome_.after.indexes.begin() + (index - outcome_.after.indexes.data()));
    }
    return {};
  }

  void rename_parts(IndexDefinition& index) const {
    std::vector<IndexPart> kept;
    for (auto& part : index.parts) {
      if (part.column.empty()) {
        rename_all(part.depends_on);
        kept.push_back(std::move(part));
        continue;
      }
      const std::string renamed = new_name(part.column);
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
    for (auto& key : after.foreign_keys) rename_all(key.columns);
    for (auto& check : after.checks) rename_all(check.depends_on);
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) RELAY_TRY(constraint(i));
    return {};
  }

  Result<void> constraint(std::size_t i) {
    const AlterClause& clause = alter_.clauses[i];
    TableDefinition& after = outcome_.after;
    std::string& name = outcome_.names[i];
    if (clause.kind == ClauseKind::add_foreign_key) {
      const bool exists = std::any_of(after.foreign_keys.begin(), after.foreign_keys.end(),
                                      [&](const auto& key) { return equal_names(key.name, clause.foreign_key->name); });
      if (!clause.conditional || !exists) name = add_foreign_key(after, *clause.foreign_key);
    } else if (clause.kind == ClauseKind::add_check) {
      const bool exists = std::any_of(after.checks.begin(), after.checks.end(),
                                      [&](const auto& check) { return equal_names(check.name, clause.check->name); });
      if (!clause.conditional || !exists) name = add_check(after, *clause.check, names_, alter_.context.dialect);
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
    rename_all(outcome_.after.partition_columns);
    for (const auto& clause : alter_.clauses) {
      if (clause.kind == ClauseKind::partition_by) set_partitioning(outcome_.after, clause.partition, names_);
      if (clause.kind == ClauseKind::remove_partitioning) {
        outcome_.after.partitioned = false;
        outcome_.after.partition_columns.clear();
      }
    }
  }

  const AlterTable& alter_;
  const TableDefinition& before_;
  const CharacterDefaults& database_;
  CharacterDefaults characters_;
  AlterOutcome outcome_;
  std::vector<Item> items_;
  std::unordered_map<std::string, std::string> renamed_;
  ColumnNames names_{{}};
};

}  // namespace

Result<AlterOutcome> simulate(const AlterTable& alter, const TableDefinition& before,
                              const CharacterDefaults& database) {
  return Simulation(alter, before, database).run();
}

}  // namespace relay::sql
