#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "scrub_rules/action.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/text_reader.h"

namespace relay::scrub_rules {

// The character that stands in the place of others, in the column's character set. Errors: configuration, where the set
// does not have it, or it would make a text longer than its column.
[[nodiscard]] base::Result<std::string> masking_character(const Action& action, const ColumnTraits& column,
                                                          const TextReader& reader);
// How many of them cover `value`: one for each character; of what is no text, as many as fit.
[[nodiscard]] std::size_t covering(const TextReader& reader, std::string_view with, base::ByteView value);
void append_mask(std::string_view with, std::size_t count, base::Buffer& into);

}  // namespace relay::scrub_rules
