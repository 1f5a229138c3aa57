#include "relay/seed/settling.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "relay/base/error.h"
#include "relay/seed/name_words.h"
#include "relay/seed/rule_text.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/key_origins.h"

namespace relay::seed {

namespace {

using scrub_rules::ActionKind;
using sql::ColumnDefinition;
using sql::TableDefinition;

// Drafts and their columns by name.
class Drafts {
 public:
  Drafts(std::vector<TableDraft>& tables, bool fold_case) : fold_case_(fold_case) {
    for (TableDraft& table : tables) by_name_[name_of(table.definition.database, table.definition.table)] = &table;
  }
  [[nodiscard]] TableDraft* find(const std::string& database, const std::string& table) const {
    const auto found = by_name_.find(name_of(database, table));
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  [[nodiscard]] std::pair<std::string, std::string> name_of(const std::string& database,
                                                            const std::string& table) const {
    return fold_case_ ? std::pair(sql::folded(database), sql::folded(table)) : std::pair(database, table);
  }
  std::map<std::pair<std::string, std::string>, TableDraft*> by_name_;
  bool fold_case_;
};

// What a rule that `discover` writes can say; other options would be lost, and with them what the operator decided.
bool can_be_written(const scrub_rules::Action& action) {
  scrub_rules::Action said;
  said.kind = action.kind;
  said.key = action.key;
  said.encoding = action.encoding;
  said.length = action.length;
  said.to = action.to;
  return action == said && action.kind != ActionKind::constant;
}

// Whether a reference is more than a number: it says what somebody has or is (religion_id), or its own values look like
// a person's.
bool tells_of_person(const ColumnDefinition& definition, const ColumnDraft& column, std::string_view other_table) {
  return has_sensitive_word(definition.name) || has_sensitive_word(other_table) || looks_personal(column.tally);
}

// Carries what is proposed for a column to those that refer to it by foreign keys.
class KeyFollower {
 public:
  KeyFollower(std::vector<TableDraft>& tables, bool fold_case) : tables_(tables), drafts_(tables, fold_case) {}

  void follow() {
    // A chain of keys has at most as many links as there are tables; a ring of them comes to rest as well.
    bool changed = true;
    for (std::size_t round = 0; changed && round <= tables_.size(); ++round) {
      changed = false;
      for (TableDraft& table : tables_) {
        for (const sql::ForeignKeyDefinition& key : table.definition.foreign_keys) {
          changed = follow_key(table, key) || changed;
        }
      }
    }
  }

 private:
  bool follow_key(TableDraft& table, const sql::ForeignKeyDefinition& key) {
    const sql::TableName name = sql::parent_of(table.definition, key);
    const TableDraft* parent = drafts_.find(name.database, name.table);
    bool changed = false;
    for (std::size_t i = 0; i < std::min(key.columns.size(), key.referenced_columns.size()); ++i) {
      const auto at = table.definition.find(key.columns[i]);
      if (!at || !table.columns[*at].written) continue;
      const auto referenced = parent == nullptr ? std::nullopt : parent->definition.find(key.referenced_columns[i]);
      const Proposal* original = referenced ? &parent->columns[*referenced].proposal : nullptr;
      ColumnDraft& column = table.columns[*at];
      if (original == &column.proposal) continue;
      if (original != nullptr && parent->columns[*referenced].kept_by_default) continue;  // nobody decided about it
      Proposal proposal;  // of a table that is not among the drafts nothing is known
      if (original != nullptr) proposal = *original;
      proposal.evidence = fmt::format("refers to {}.{}, column {}", comment_text(name.database),
                                      comment_text(key.referenced_table), comment_text(key.referenced_columns[i]));
      if (original != nullptr && parent->ruled) proposal.evidence += ", as a rule says";
      if (!can_be_written(proposal.action)) {
        proposal.action = {};
        proposal.evidence += ", with options: write its action here as well";
      }
      if (proposal.action.kind == ActionKind::keep &&
          tells_of_person(table.definition.columns[*at], column, key.referenced_table)) {
        proposal.action = {};
        proposal.kind = DataKind::unknown;
      }
      changed = take(column, key, std::move(proposal)) || changed;
    }
    return changed;
  }

  // The first key of a column decides; another one can only make it fall.
  bool take(ColumnDraft& column, const sql::ForeignKeyDefinition& key, Proposal proposal) {
    const bool decides = deciding_.emplace(&column, &key).first->second == &key;
    const bool falls = proposal.action.kind == ActionKind::drop;
    if (fallen_.contains(&column) || (!decides && !falls)) return false;
    if (falls) fallen_.insert(&column);
    const bool same = column.proposal.action == proposal.action && column.proposal.evidence == proposal.evidence;
    column.proposal = std::move(proposal);
    return !same;
  }

  std::vector<TableDraft>& tables_;
  Drafts drafts_;
  std::map<const ColumnDraft*, const sql::ForeignKeyDefinition*> deciding_;
  std::set<const ColumnDraft*> fallen_;
};

// Tables by the nouns that columns which mean their keys begin with: kunde for kunde and kunder.
class Nouns {
 public:
  explicit Nouns(const std::vector<TableDraft>& tables) {
    for (const TableDraft& table : tables) {
      std::string noun = fmt::format("{}", fmt::join(words_of(table.definition.table), "_"));
      if (noun.empty()) continue;
      tables_.emplace(std::pair(table.definition.database, noun), &table);
      noun.pop_back();
      tables_.emplace(std::pair(table.definition.database, noun), &table);
    }
  }

  // The AUTO_INCREMENT key, of this type and to be kept, of a table that the noun may mean; null: there is none.
  [[nodiscard]] std::pair<const TableDraft*, const ColumnDraft*> key_of(const std::string& database,
                                                                        const std::string& noun,
                                                                        const std::string& type) const {
    const auto [begin, end] = tables_.equal_range(std::pair(database, noun));
    for (auto entry = begin; entry != end; ++entry) {
      const TableDraft& table = *entry->second;
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const ColumnDefinition& key = table.definition.columns[i];
        const bool kept = table.columns[i].proposal.action.kind == ActionKind::keep;
        if (key.auto_increment && key.type == type && kept) return {&table, &table.columns[i]};
      }
    }
    return {nullptr, nullptr};
  }

 private:
  std::multimap<std::pair<std::string, std::string>, const TableDraft*> tables_;
};

// By name alone: kunde_id of the type that the AUTO_INCREMENT key of kunde has.
void follow_name(const TableDraft& table, std::size_t at, ColumnDraft& column, const Nouns& nouns) {
  const ColumnDefinition& definition = table.definition.columns[at];
  if (!column.written || !is_integer(definition) || column.proposal.action.kind == ActionKind::keep ||
      looks_personal(column.tally))
    return;
  std::vector<std::string> words = words_of(definition.name);
  if (words.size() < 2 || words.back() != "id") return;
  words.pop_back();
  const auto [other, key] =
      nouns.key_of(table.definition.database, fmt::format("{}", fmt::join(words, "_")), definition.type);
  if (key == nullptr || key == &column || tells_of_person(definition, column, other->definition.table)) return;
  column.proposal = key->proposal;
  column.proposal.confidence = Confidence::likely;
  column.proposal.evidence =
      fmt::format("named after the AUTO_INCREMENT key of {}.{}; {}", comment_text(other->definition.database),
                  comment_text(other->definition.table), definition.type);
}

// An operator who keeps what no rule names has decided; only evidence is a reason to ask again.
void respect_default(ColumnDraft& column) {
  const DataKind kind = column.proposal.kind;
  if (!column.kept_by_default || (kind != DataKind::unknown && kind != DataKind::impersonal)) return;
  column.written = false;
  column.proposal.action.kind = ActionKind::keep;
}

// Judging needs the bytes of a key, whatever they are.
class StandInKeys final : public scrub_rules::KeyReader {
 public:
  base::Result<base::Secret> read(const scrub_rules::KeySource&, const std::string&) override {
    return base::Secret(std::string(32, 'k'));
  }
};

class Settler {
 public:
  Settler(std::vector<TableDraft>& tables, std::string_view key) : tables_(tables), key_(key) {
    for (TableDraft& table : tables_) {
      const std::string name = where(table.definition);
      tables_by_place_[name] = &table;
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        columns_by_place_[name + ", column " + base::Subject(table.definition.columns[i].name).text()] = {&table, i};
      }
    }
  }

  // Whether anything could be done about the errors among the problems.
  bool mend(const base::Problems& problems) {
    changed_ = false;
    touched_.clear();
    for (const base::Problem& problem : problems) {
      if (problem.severity != base::Problem::Severity::error) continue;
      if (const auto column = columns_by_place_.find(problem.key); column != columns_by_place_.end()) {
        mend_column(*column->second.first, column->second.second);
      } else if (const auto table = tables_by_place_.find(problem.key); table != tables_by_place_.end()) {
        hold_back(*table->second);
      }
    }
    return changed_;
  }

 private:
  // As `check` names it.
  [[nodiscard]] static std::string where(const TableDefinition& table) {
    return base::Subject(fmt::format("table {}.{}", table.database, table.table)).text();
  }

  void mend_column(TableDraft& table, std::size_t at) {
    ColumnDraft& column = table.columns[at];
    if (!touched_.insert(&column).second || !table.held_back.empty()) return;
    const ColumnDefinition& definition = table.definition.columns[at];
    const bool key = is_in_primary_key(table.definition, definition);
    if (!column.written) return hold_back(table);
    scrub_rules::Action& action = column.proposal.action;
    const bool may_hash = is_text(definition) || is_integer(definition) || definition.type.ends_with("binary") ||
                          definition.type == "decimal" || definition.type == "uuid";
    const bool digits = column.tally.values > 0 && column.tally.digits_alone == column.tally.values;
    if (key && action.kind != ActionKind::hash && may_hash) {
      action = hash_action(key_, definition, false);
      column.proposal.evidence += "; rows are found by it";
    } else if (key && action.kind == ActionKind::hash && action.encoding.empty() && is_text(definition) && digits) {
      action.encoding = "digits";
    } else if (!key && action.kind != ActionKind::drop) {
      action = {};
      column.proposal.evidence += "; no other action fits";
    } else {
      return hold_back(table);
    }
    changed_ = true;
  }

  void hold_back(TableDraft& table) {
    if (table.ruled || !table.held_back.empty()) return;
    table.held_back = "its keys, foreign keys or engine allow no copy without what has to be dropped";
    for (ColumnDraft& column : table.columns) column.proposal.action = {};
    changed_ = true;
  }

  std::vector<TableDraft>& tables_;
  std::string_view key_;
  std::map<std::string, TableDraft*> tables_by_place_;
  std::map<std::string, std::pair<TableDraft*, std::size_t>> columns_by_place_;
  std::set<const ColumnDraft*> touched_;  // once each time: two errors of a column are often one
  bool changed_ = false;
};

}  // namespace

void draft_actions(std::vector<TableDraft>& tables, std::string_view key, bool fold_case) {
  for (TableDraft& table : tables) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      ColumnDraft& column = table.columns[i];
      if (column.written) column.proposal = propose({table.definition, i, column.tally, key});
    }
  }
  const Nouns nouns(tables);
  for (TableDraft& table : tables) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) follow_name(table, i, table.columns[i], nouns);
  }
  KeyFollower(tables, fold_case).follow();
  for (TableDraft& table : tables) {
    for (ColumnDraft& column : table.columns) respect_default(column);
  }
}

void settle(std::vector<TableDraft>& tables, const RuleTexts& texts, const scrub_rules::SourceTraits& source,
            std::string_view key, bool fold_case) {
  std::vector<TableDefinition> definitions;
  for (const TableDraft& table : tables) {
    if (!table.unreadable) definitions.push_back(table.definition);
  }
  scrub_rules::resolve_key_origins(definitions, fold_case);
  Settler settler(tables, key);
  StandInKeys keys;
  // Every round takes something away, so that there is an end to it.
  for (bool changed = true; changed;) {
    base::Problems problems;
    const scrub_rules::RuleSet rules = scrub_rules::RuleSet::parse(texts(tables), problems, &keys);
    problems.clear();
    const scrub_rules::RuleView view(rules, fold_case);
    for (const TableDefinition& table : definitions) {
      static_cast<void>(scrub_rules::check_table(view, table, source, problems));
    }
    changed = settler.mend(problems);
  }
}

}  // namespace relay::seed
