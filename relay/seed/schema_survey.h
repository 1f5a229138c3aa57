#pragma once

#include <functional>
#include <vector>

#include "relay/base/result.h"
#include "relay/seed/table_draft.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/sql/ddl.h"

namespace relay::seed {

// Whether a table is to be looked at; names are folded where the source folds them.
using TableChoice = std::function<bool(const sql::TableName&)>;

// A draft without proposals for every table that the account sees and `chosen` takes, one SHOW CREATE each; none for
// views, sequences and the server's own schemas. A table whose definition cannot be read is unreadable, with the
// server's error. Errors: those of the connection.
[[nodiscard]] base::Result<std::vector<TableDraft>> survey_schema(source::SourceConnection& connection,
                                                                  const source::SourceFacts& facts,
                                                                  const TableChoice& chosen);

}  // namespace relay::seed
