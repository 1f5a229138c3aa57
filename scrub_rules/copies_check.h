#pragma once

#include "relay/base/result.h"
#include "relay/sql/statement_tree.h"
#include "scrub_rules/rule_view.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// Whether columns that refer to those of the table `name` still leave though its own have turned out not to: a foreign
// key that is added may show that a column has the values of one that does not leave. Then so have the columns that
// refer to it, of tables that the replica has already. What the rules
// do not decide is not judged: its rows halt. Errors: rule, with the column that is to be named in the rules.
[[nodiscard]] base::Result<void> check_copies_of(const RuleView& rules, const SchemaHistory& history,
                                                 const sql::TableName& name);

// Whether a foreign key that `table`, as a statement leaves it, has and did not have leads from a column that nobody
// named to one that nobody named either, of a table that is still to come: what that column will turn out to be made
// of, or refer to, is not known. Errors: as above.
[[nodiscard]] base::Result<void> check_new_keys(const RuleView& rules, const SchemaHistory& history,
                                                const sql::TableDefinition& table);

// Whether a statement that nobody judged gives a column that leaves by default only the values of one that did not: by
// another name of the column or of its table, or with a partition's rows. `before` and `after` are the rules as they
// hold on either side of it. Errors: as above.
[[nodiscard]] base::Result<void> check_moved_values(const RuleView& before, const RuleView& after,
                                                    const SchemaHistory& history, const sql::Statement& statement);

}  // namespace relay::scrub_rules
