#include "relay/sql/column_simulation.h"

#include <algorithm>

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

class ColumnSimulation {
 public:
  ColumnSimulation(const AlterTable& alter, const TableDefinition& before, const CharacterDefaults& characters,
                   AlterOutcome& outcome)
      : alter_(alter), before_(before), characters_(characters), outcome_(outcome) {}

  Result<RenamedColumns> run() {
    RELAY_TRY(keep_columns());
    RELAY_TRY(place_columns());
    return finish_columns();
  }

 private:
  tl::unexpected<Error> contradiction(FixedText what) const { return contradicts(before_, what); }

  static bool changes_column(const AlterClause& clause) {
    return clause.column && clause.kind != ClauseKind::add_column;
  }
  static bool placed(const AlterClause& clause) { return clause.first || !clause.after.empty(); }

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
        if (!placed(clause)) items_.push_back({made_column(clause, i), i});
        continue;
      }
      if (clause.kind == ClauseKind::rename_column) column.name = clause.new_name;
      if (clause.kind == ClauseKind::set_column_visibility) column.invisible = !clause.flag;
      items_.push_back({std::move(column), i});
    }
    return {};
  }

  [[nodiscard]] ColumnDefinition made_column(const AlterClause& clause, std::optional<std::size_t> origin) const {
    ColumnDefinition column = make_column(*clause.column, characters_, alter_.context);
    const bool filled = clause.column->has_default() || !column.nullable;
    column.older_rows = filled ? OlderRows::value : OlderRows::null;
    if (origin) column.older_rows = before_.columns[*origin].older_rows;
    return column;
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
    Item item{made_column(clause, origin), origin};
    items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(at), std::move(item));
    return {};
  }

  [[nodiscard]] std::optional<std::size_t> position_of(std::string_view name) const {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (equal_names(items_[i].column.name, name)) return i;
    }
    return std::nullopt;
  }

  RenamedColumns finish_columns() {
    TableDefinition& after = outcome_.after;
    RenamedColumns renamed;
    system_versioning();
    after.columns.clear();
    for (auto& item : items_) {
      if (item.origin) renamed.add(before_.columns[*item.origin].name, item.column.name);
      outcome_.origin.push_back(item.origin);
      after.columns.push_back(std::move(item.column));
    }
    const ColumnNames names(after.columns);
    for (auto& column : after.columns) renamed.rename_all(column.depends_on);
    for (std::size_t i = 0; i < alter_.clauses.size(); ++i) {
      const AlterClause& clause = alter_.clauses[i];
      if (clause.kind == ClauseKind::convert_character_set) {
        for (auto& column : after.columns) convert_column(column, characters_);
      }
      if (outcome_.names[i].empty()) continue;
      const auto at = clause.column ? after.find(clause.column->name) : after.find(renamed.new_name(clause.name));
      if (!at) continue;
      if (clause.column) after.columns[*at].depends_on = dependencies(*clause.column, names);
      if (clause.kind == ClauseKind::set_default && !clause.tokens_are_literal)
        after.columns[*at].depends_on = names.named_in(clause.tokens);
    }
    return renamed;
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

  const AlterTable& alter_;
  const TableDefinition& before_;
  const CharacterDefaults& characters_;
  AlterOutcome& outcome_;
  std::vector<Item> items_;
};

}  // namespace

void RenamedColumns::add(std::string_view before, std::string after) {
  names_.emplace(folded(before), std::move(after));
}

std::string RenamedColumns::new_name(std::string_view name) const {
  const auto found = names_.find(folded(name));
  return found == names_.end() ? std::string() : found->second;
}

void RenamedColumns::rename_all(std::vector<std::string>& names) const {
  std::vector<std::string> kept;
  for (const auto& name : names) {
    std::string renamed = new_name(name);
    if (!renamed.empty()) kept.push_back(std::move(renamed));
  }
  names = std::move(kept);
}

Result<RenamedColumns> simulate_columns(const AlterTable& alter, const TableDefinition& before,
                                        const CharacterDefaults& characters, AlterOutcome& outcome) {
  return ColumnSimulation(alter, before, characters, outcome).run();
}

tl::unexpected<Error> contradicts(const TableDefinition& before, FixedText what) {
  return base::fail(Error(ErrorKind::malformed, what)
                        .about(before.database + "." + before.table)
                        .remedy("the schema history does not fit the stream: read it from the source again"));
}

}  // namespace relay::sql
