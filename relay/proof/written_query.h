#pragma once

#include "relay/base/result.h"
#include "relay/proof/expectations.h"
#include "relay/proof/made_statements.h"
#include "relay/proof/part_reader.h"

namespace relay::proof {

// Reads the body of a QUERY event, to its end: no error code; status variables of the set that is written, each as long
// as it is; a database that may leave, or none; a text that is a control statement or was made for this transaction.
// Errors: io, rule.
[[nodiscard]] base::Result<void> read_query(PartReader& reader, const Expectations& expectations,
                                            const MadeStatements& made, bool mariadb);

}  // namespace relay::proof
