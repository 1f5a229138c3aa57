#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/table_draft.h"
#include "scrub_rules/rule_set.h"

namespace relay::seed {

// Marks in `tables` what the rules say already, before actions are drafted: columns that they name keep what they have.
// Columns can be added to a [[table]] that names one table, stands in `file` and lets something of it leave; nothing is
// added for tables under other rules.
void respect_rules(std::vector<TableDraft>& tables, const scrub_rules::RuleSet& rules, const std::string& file,
                   bool fold_case);

// Columns of `tables` that the operator's rules keep and that seem to hold personal data, a line each: name and
// evidence.
[[nodiscard]] std::vector<std::string> kept_against_evidence(const std::vector<TableDraft>& tables,
                                                             std::string_view key);

struct MergedText {
  std::string text;
  std::size_t columns = 0;  // added to tables that were there
  std::size_t tables = 0;   // added
  // Tables whose [[table]] is written in a form that lines cannot be added to, with the lines that belong there.
  std::vector<std::string> by_hand;
};

// Adds to a rule file what it does not say yet; every byte that was there stays. `declared`: whether any file of the
// rules has the key. REQUIRES: respect_rules(). Errors: configuration where the text is not valid TOML.
[[nodiscard]] base::Result<MergedText> merge_rules(std::string_view text, const std::vector<TableDraft>& tables,
                                                   std::string_view key, bool declared);

// Whether the files `after` say of every table and column that those `before` name the same, and are as free of
// mistakes.
[[nodiscard]] bool keeps_decisions(const std::vector<scrub_rules::RuleText>& before,
                                   const std::vector<scrub_rules::RuleText>& after);

}  // namespace relay::seed
