#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/table_draft.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/sql/ddl.h"

namespace relay::seed {

// Whether a table is to be looked at; names are folded where the source folds them.
using TableChoice = std::function<bool(const sql::TableName&)>;

// The table that a working table of gh-ost or pt-online-schema-change was made for, if `names` has one; the rules of
// that one hold for it without being written. None for any other table.
[[nodiscard]] std::optional<std::string> changed_table(const sql::TableName& name,
                                                       const std::vector<sql::TableName>& names, bool fold_case);

// A draft without proposals for every table that the account sees and `chosen` takes, one SHOW CREATE each; none for
// views, sequences and the server's own schemas. A table whose definition cannot be read is unreadable, with the
// server's error; so is a working table of a schema change, with the table that it stands for. Errors: those of the
// connection.
[[nodiscard]] base::Result<std::vector<TableDraft>> survey_schema(source::SourceConnection& connection,
                                                                  const source::SourceFacts& facts,
                                                                  const TableChoice& chosen);

}  // namespace relay::seed
