#pragma once

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"

namespace relay::sql {

// Appends bytes as a string literal in single quotes, for sessions with character_set_client binary and without
// NO_BACKSLASH_ESCAPES. Quotes, backslashes, NUL, ends of lines and ^Z are escaped, so that the text survives files and
// clients that see more in them than the server does.
void append_string_literal(base::ByteView bytes, base::Buffer& into);

}  // namespace relay::sql
