#pragma once

#include "relay/base/byte_view.h"
#include "relay/proof/expectations.h"

namespace relay::proof {

// Whether a JSON document holds nothing but what a form lets it hold, and every byte of it is one of a value, a name or
// their frame. Both decoders are the proof's own.

// A text of ASCII or UTF-8.
[[nodiscard]] bool is_json_text(base::ByteView text, const JsonForm& form);
// MySQL's binary JSON (sql-common/json_binary.h): the parts of each container lie one behind the other, without a gap.
[[nodiscard]] bool is_json_document(base::ByteView document, const JsonForm& form);

}  // namespace relay::proof
