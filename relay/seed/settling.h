#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "relay/seed/table_draft.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/table_check.h"

namespace relay::seed {

// Proposes for every column of `tables` that is to be written: by itself, and where a foreign key says that it has the
// values of another column, what that one has. `key` is the name in [keys].
void draft_actions(std::vector<TableDraft>& tables, std::string_view key, bool fold_case);

// The rule files as they would be with the drafts; the first is the one that is written.
using RuleTexts = std::function<std::vector<scrub_rules::RuleText>(const std::vector<TableDraft>&)>;

// Changes the drafts until `check` would find no error in them: an action that does not fit becomes a pseudonym where
// rows are found by the column, else the column is dropped; a table that can be had in no other way does not leave.
// What the operator's own rules say is not changed, whatever is wrong with it.
void settle(std::vector<TableDraft>& tables, const RuleTexts& texts, const scrub_rules::SourceTraits& source,
            std::string_view key, bool fold_case);

}  // namespace relay::seed
