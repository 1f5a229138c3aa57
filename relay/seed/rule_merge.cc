#include "relay/seed/rule_merge.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>

#include "relay/base/nesting.h"
#include "relay/seed/rule_text.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/name_pattern.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using scrub_rules::ActionKind;
using scrub_rules::ColumnDefault;
using scrub_rules::ColumnRule;
using scrub_rules::RuleSet;
using scrub_rules::TableRule;

bool names_one_table(const TableRule& rule, const sql::TableDefinition& table, bool fold_case) {
  const auto same = [&](const std::string& a, const std::string& b) {
    return fold_case ? sql::folded(a) == sql::folded(b) : a == b;
  };
  return !scrub_rules::has_wildcard(rule.database) && !scrub_rules::has_wildcard(rule.table) &&
         same(rule.database, table.database) && same(rule.table, table.table);
}

ActionKind default_action(ColumnDefault by_default) {
  return by_default == ColumnDefault::keep ? ActionKind::keep : ActionKind::drop;
}

bool is_personal(const Proposal& proposal) {
  return proposal.kind != DataKind::unknown && proposal.kind != DataKind::impersonal;
}

// A rule file's lines, and what is to stand behind them.
class Additions {
 public:
  explicit Additions(std::string_view text)
      : text_(text), end_(text.find("\r\n") == std::string_view::npos ? "\n" : "\r\n") {}

  // `lines` end with \n each. `line` counts from 1.
  void behind(std::uint32_t line, const std::string& lines) { behind_[line] += lines; }
  void at_end(const std::string& lines) { at_end_ += lines; }

  [[nodiscard]] std::string merged() const {
    std::string merged;
    std::uint32_t line = 0;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
      merged += text_.substr(at, end - at);
      at = end;
      if (const auto found = behind_.find(++line); found != behind_.end()) append(merged, found->second);
    }
    append(merged, at_end_);
    return merged;
  }

 private:
  // With the file's own ends of lines.
  void append(std::string& merged, const std::string& lines) const {
    if (!lines.empty() && !merged.empty() && merged.back() != '\n') merged += end_;
    for (const char c : lines) {
      if (c == '\n') {
        merged += end_;
      } else {
        merged += c;
      }
    }
  }

  std::string_view text_;
  std::string_view end_;
  std::map<std::uint32_t, std::string> behind_;
  std::string at_end_;
};

std::uint32_t last_line(const toml::node& node) {
  const toml::source_region& region = node.source();
  std::uint32_t last = std::max(region.begin.line, region.end.line);
  // The region of a table that is not inline is that of its header.
  if (const toml::table* table = node.as_table()) {
    for (auto&& [key, value] : *table) last = std::max(last, last_line(value));
  }
  return last;
}

Error not_toml() { return Error(ErrorKind::configuration, "the rule file is not valid TOML"); }

class Merger {
 public:
  Merger(std::string_view text, std::string_view key, bool declared)
      : text_(text), additions_(text), key_(key), declared_(declared) {}

  base::Result<MergedText> merge(const std::vector<TableDraft>& tables) {
    try {
      if (base::may_be_deep_toml(text_)) return base::fail(not_toml());
      document_ = toml::parse(text_);
    } catch (const toml::parse_error&) {
      return base::fail(not_toml());
    }
    for (const TableDraft& table : tables) {
      if (table.rule_line > 0) add_columns(table);
    }
    std::string added;
    for (const TableDraft& table : tables) {
      if (table.ruled || table.unreadable || !table.nameable()) continue;
      added += "\n" + table_text(table);
      ++merged_.tables;
      for (const ColumnDraft& column : table.columns) uses_key_ = uses_key_ || column.proposal.action.keyed();
    }
    if (uses_key_ && !declared_) add_key();
    additions_.at_end(added);
    merged_.text = additions_.merged();
    return std::move(merged_);
  }

 private:
  void add_columns(const TableDraft& table) {
    std::string lines;
    std::size_t count = 0;
    bool keyed = false;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].written) continue;
      lines += column_line(table, i) + "\n";
      keyed = keyed || table.columns[i].proposal.action.keyed();
      ++count;
    }
    if (count == 0) return;
    const toml::table* rule = rule_at(table.rule_line);
    const toml::node* columns = rule == nullptr ? nullptr : rule->get("columns");
    const toml::table* entries = columns == nullptr ? nullptr : columns->as_table();
    if (rule == nullptr || rule->is_inline() || (columns != nullptr && !has_header(entries))) {
      merged_.by_hand.push_back(fmt::format("{}.{}, line {}:\n{}", comment_text(table.definition.database),
                                            comment_text(table.definition.table), table.rule_line, lines));
      return;
    }
    additions_.behind(last_line(columns == nullptr ? *rule : *columns),
                      (columns == nullptr ? "[table.columns]\n" : "") + lines);
    merged_.columns += count;
    uses_key_ = uses_key_ || keyed;
  }

  [[nodiscard]] const toml::table* rule_at(std::uint32_t line) const {
    const toml::array* rules = document_["table"].as_array();
    if (rules == nullptr) return nullptr;
    for (const toml::node& rule : *rules) {
      if (rule.source().begin.line == line) return rule.as_table();
    }
    return nullptr;
  }

  // Whether the table stands under a [header], as against { ... } and a.b = ...
  [[nodiscard]] bool has_header(const toml::table* table) const {
    if (table == nullptr || table->is_inline()) return false;
    std::size_t at = 0;
    for (std::uint32_t line = 1; line < table->source().begin.line; ++line) {
      at = text_.find('\n', at);
      if (at == std::string_view::npos) return false;
      ++at;
    }
    const std::size_t begin = text_.find_first_not_of(" \t", at);
    return begin != std::string_view::npos && text_[begin] == '[';
  }

  void add_key() {
    const toml::table* keys = document_["keys"].as_table();
    if (keys == nullptr) {
      additions_.at_end("\n[keys]\n" + key_line(key_));
    } else {
      additions_.behind(last_line(*keys), key_line(key_));
    }
  }

  std::string_view text_;
  Additions additions_;
  std::string_view key_;
  bool declared_;
  bool uses_key_ = false;
  toml::table document_;
  MergedText merged_;
};

void respect_rule(TableDraft& table, const TableRule& rule, bool adds) {
  table.ruled = true;
  if (adds && rule.leaves()) table.rule_line = rule.line;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    ColumnDraft& column = table.columns[i];
    const ColumnRule* named = rule.find(table.definition.columns[i].name);
    if (named != nullptr) {
      column.proposal.action = named->action;
    } else {
      column.proposal.action.kind = default_action(rule.column_default);
    }
    if (named != nullptr || table.rule_line == 0) column.written = false;
    column.kept_by_default = named == nullptr && column.proposal.action.kind == ActionKind::keep;
  }
}

}  // namespace

void respect_rules(std::vector<TableDraft>& tables, const RuleSet& rules, const std::string& file, bool fold_case) {
  for (TableDraft& table : tables) {
    const sql::TableDefinition& definition = table.definition;
    const TableRule* rule = rules.find(definition.database, definition.table, fold_case);
    if (rule == nullptr) continue;
    const bool adds = rule->file == file && names_one_table(*rule, definition, fold_case) &&
                      !rules.ambiguous(definition.database, definition.table, fold_case);
    respect_rule(table, *rule, adds);
  }
}

std::vector<std::string> kept_against_evidence(const std::vector<TableDraft>& tables, std::string_view key) {
  std::vector<std::string> lines;
  for (const TableDraft& table : tables) {
    for (std::size_t i = 0; table.ruled && i < table.columns.size(); ++i) {
      const ColumnDraft& column = table.columns[i];
      if (column.written || column.proposal.action.kind != ActionKind::keep) continue;
      const Proposal found = propose({table.definition, i, column.tally, key});
      if (!is_personal(found) || found.confidence == Confidence::possible) continue;
      lines.push_back(fmt::format("{}.{}, column {}: {} ({}): {}", comment_text(table.definition.database),
                                  comment_text(table.definition.table), comment_text(table.definition.columns[i].name),
                                  text_of(found.kind), text_of(found.confidence), found.evidence));
    }
  }
  return lines;
}

base::Result<MergedText> merge_rules(std::string_view text, const std::vector<TableDraft>& tables, std::string_view key,
                                     bool declared) {
  return Merger(text, key, declared).merge(tables);
}

bool keeps_decisions(const std::vector<scrub_rules::RuleText>& before,
                     const std::vector<scrub_rules::RuleText>& after) {
  base::Problems problems;
  const RuleSet old_rules = RuleSet::parse(before, problems);
  const std::size_t old_problems = problems.size();
  const RuleSet new_rules = RuleSet::parse(after, problems);
  if (problems.size() - old_problems > old_problems) return false;
  if (old_rules.table_default() != new_rules.table_default() ||
      old_rules.column_default() != new_rules.column_default() ||
      old_rules.data_statements() != new_rules.data_statements())
    return false;
  return std::ranges::all_of(old_rules.tables(), [&](const TableRule& old_rule) {
    const auto found = std::ranges::find_if(new_rules.tables(), [&](const TableRule& rule) {
      return rule.database == old_rule.database && rule.table == old_rule.table;
    });
    if (found == new_rules.tables().end() || found->column_default != old_rule.column_default) return false;
    return std::ranges::all_of(old_rule.columns, [&](const ColumnRule& old_column) {
      const ColumnRule* column = found->find(old_column.name);
      return column != nullptr && column->action == old_column.action && column->optional == old_column.optional;
    });
  });
}

}  // namespace relay::seed
