#pragma once

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::scrub_rules {

// Appends a document of MySQL's binary format as RFC 8259 writes it, in UTF-8. The server makes the same document of
// it, but for unsigned numbers that a signed one holds, which come back as that. Errors: malformed; unsupported, where
// the document holds a value that no JSON text can say (DATE, DECIMAL, binary strings and their like).
[[nodiscard]] base::Result<void> append_json_text(base::ByteView document, base::Buffer& into);

}  // namespace relay::scrub_rules
