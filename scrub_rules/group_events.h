#pragma once

#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// Appends the body of a MariaDB GTID event made anew: XA names become pseudonyms, and padding beyond the least that
// servers write goes (11.8 pads the GTID of a large transaction to the size of a whole header). Errors: malformed;
// unsupported for extra flags that are not known and for two-phase ALTER TABLE.
[[nodiscard]] base::Result<void> scrub_mariadb_gtid(base::ByteView body, std::string_view xa_key, base::Buffer& into);

// Appends the body of an XA_PREPARE event with the transaction's pseudonym. MySQL's replicas stop at one that prepares
// a transaction in which nothing was done (ER_XA_REPLICATION_FILTERS): `is_empty` of it becomes one that commits it,
// and the history is told that replicas do not have it. Errors: malformed.
[[nodiscard]] base::Result<void> scrub_xa_prepare(base::ByteView body, std::string_view xa_key, bool is_empty,
                                                  SchemaHistory& history, base::Buffer& into);

// Whether `statement`, made by pseudonymous_xa_statement(), ends a transaction that replicas do not have. The history
// is told that it is over.
[[nodiscard]] bool ends_empty_xa(std::string_view statement, SchemaHistory& history);

}  // namespace relay::scrub_rules
