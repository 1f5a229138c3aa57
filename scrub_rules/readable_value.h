#pragma once

#include <string>

#include "relay/base/byte_view.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// A cell without its length prefix as a person reads it; in hexadecimal digits where there is no other form. For
// invented values: those of a source are for nobody to read.
[[nodiscard]] std::string readable(const ColumnTraits& column, base::ByteView value);

}  // namespace relay::scrub_rules
