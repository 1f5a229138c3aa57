#pragma once

#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::scrub_rules {

// Appends the body of a MariaDB GTID event made anew: XA names become pseudonyms, and padding beyond the least that
// servers write goes (11.8 pads the GTID of a large transaction to the size of a whole header). Errors: malformed;
// unsupported for extra flags that are not known and for two-phase ALTER TABLE.
[[nodiscard]] base::Result<void> scrub_mariadb_gtid(base::ByteView body, std::string_view xa_key, base::Buffer& into);

// Appends the body of an XA_PREPARE event with the transaction's pseudonym. Errors: malformed.
[[nodiscard]] base::Result<void> scrub_xa_prepare(base::ByteView body, std::string_view xa_key, base::Buffer& into);

}  // namespace relay::scrub_rules
