#include "scrub_rules/rules_change.h"

#include <algorithm>
#include <set>

#include "relay/sql/character_set.h"
#include "scrub_rules/table_rules.h"

namespace relay::scrub_rules {

namespace {

std::string text_of(const sql::TableName& name) { return name.database + "." + name.table; }

class Comparison {
 public:
  Comparison(const RuleSet& before, const RuleSet& after, const SchemaHistory& history, bool fold_case)
      : before_(before, fold_case, &history.lineage()),
        after_(after, fold_case, &history.lineage()),
        history_(history) {}

  void judge_database(const std::string& name);
  void judge_name(const sql::TableName& name);
  void judge_table(const sql::TableName& name);
  void judge_foreign_keys();
  RulesComparison finish() && { return std::move(result_); }

 private:
  void judge_columns(const sql::TableDefinition& definition);
  [[nodiscard]] sql::TableDefinition without_unnamed(const sql::TableDefinition& definition) const;
  [[nodiscard]] bool no_longer_leaves(const sql::TableName& name) const;
  void refuse(const std::string& subject, std::string_view why) {
    if (told_.insert(subject).second) result_.refusals.push_back(subject + ": " + std::string(why));
  }

  RuleView before_;
  RuleView after_;
  const SchemaHistory& history_;
  RulesComparison result_;
  std::set<std::string> told_;
};

// Replicas did not get its CREATE DATABASE, and tables to come would need it.
void Comparison::judge_database(const std::string& name) {
  if (!before_.database_leaves(name) && after_.database_leaves(name))
    refuse(name, "the database would leave, and replicas do not have it");
}

// By its name alone.
void Comparison::judge_name(const sql::TableName& name) {
  if (!before_.database_leaves(name.database)) {
    judge_database(name.database);
  } else if (!before_.table_leaves(name) && after_.table_leaves(name)) {
    refuse(text_of(name), "the table would leave, and replicas do not have it");
  }
}

// What has ceased to leave cannot come back. So that is said, and not taken from a rule's absence: a file may be
// missing, or be read when it was half written.
void Comparison::judge_table(const sql::TableName& name) {
  judge_name(name);
  const sql::TableDefinition* const definition = history_.find(name);
  if (definition == nullptr || definition->sequence || !before_.table_leaves(name)) return;
  if (after_.table_leaves(name)) {
    judge_columns(*definition);
  } else if (after_.find(name) == nullptr) {
    refuse(text_of(name),
           "no rule names the table any more; for it to leave no longer, a [[table]] with column_default = \"drop\" "
           "has to say so");
  } else {
    result_.no_longer_leaving.push_back(name);
  }
}

// Columns that the old rules stopped at have no fate yet that could change.
sql::TableDefinition Comparison::without_unnamed(const sql::TableDefinition& definition) const {
  sql::TableDefinition named = definition;
  const TableRule* const rule = before_.find({definition.database, definition.table});
  std::erase_if(named.columns, [rule](const sql::ColumnDefinition& column) {
    return !column.implicit && (rule == nullptr || rule->find(column.name) == nullptr);
  });
  return named;
}

void Comparison::judge_columns(const sql::TableDefinition& definition) {
  const std::string table = definition.database + "." + definition.table;
  const auto after = column_plans(after_, definition);
  auto judged = definition;
  auto before = column_plans(before_, judged);
  if (!before) {
    judged = without_unnamed(definition);
    before = column_plans(before_, judged);
  }
  if (!before || !after) return refuse(table, "the rules do not say what becomes of every column");
  for (std::size_t i = 0; i < judged.columns.size(); ++i) {
    const auto at = definition.find(judged.columns[i].name);
    if (!at) continue;
    const Action& was = before->at(i).action;
    const Action& is = after->at(*at).action;
    const bool same_key =
        !was.keyed() || before_.rules().keys().fingerprint(was.key) == after_.rules().keys().fingerprint(is.key);
    if (was == is && same_key) continue;
    if (was == is) {
      refuse(table + ", column " + judged.columns[i].name,
             "the bytes of its key are others, and so would be its pseudonyms");
      continue;
    }
    refuse(table + ", column " + judged.columns[i].name, "its values would be treated otherwise");
  }
}

bool Comparison::no_longer_leaves(const sql::TableName& name) const {
  return before_.table_leaves(name) && !after_.table_leaves(name);
}

// Replicas have the foreign keys: rows of one table would be refused for rows of the other that no longer come or go.
void Comparison::judge_foreign_keys() {
  for (const sql::TableDefinition* const definition : history_.tables_with_foreign_keys()) {
    const sql::TableName child = definition->name();
    if (!before_.table_leaves(child)) continue;
    for (const sql::ForeignKeyDefinition& key : definition->foreign_keys) {
      const sql::TableName parent = sql::parent_of(*definition, key);
      if (!before_.table_leaves(parent) || no_longer_leaves(child) == no_longer_leaves(parent)) continue;
      const sql::TableName& gone = no_longer_leaves(child) ? child : parent;
      refuse(text_of(gone), "a foreign key binds it to a table that goes on leaving");
    }
  }
}

}  // namespace

RulesComparison compare_rules(const RuleSet& before, const RuleSet& after, const SchemaHistory& history,
                              const std::vector<std::string>& source_databases,
                              const std::vector<sql::TableName>& source_tables, bool fold_case) {
  Comparison comparison(before, after, history, fold_case);
  for (const sql::TableName& name : history.tables()) comparison.judge_table(name);
  for (const std::string& name : source_databases) comparison.judge_database(name);
  for (const sql::TableName& name : source_tables) comparison.judge_name(name);
  comparison.judge_foreign_keys();
  return std::move(comparison).finish();
}

}  // namespace relay::scrub_rules
