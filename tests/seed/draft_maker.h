#pragma once

#include <string>
#include <utility>
#include <vector>

#include "relay/seed/table_draft.h"

namespace relay::seed::testing {

// A draft of db.NAME with columns of {name, type as declared_column() reads it}.
[[nodiscard]] TableDraft draft_of(const std::string& name,
                                  const std::vector<std::pair<std::string, std::string>>& columns);
void add_index(TableDraft& draft, sql::IndexKind kind, const std::vector<std::string>& columns);
void add_foreign_key(TableDraft& draft, const std::string& column, const std::string& table,
                     const std::string& referenced, const std::string& on_delete = "");
// Counts every value as a sample of the column.
void sample(TableDraft& draft, std::size_t column, const std::vector<std::string>& values);

}  // namespace relay::seed::testing
