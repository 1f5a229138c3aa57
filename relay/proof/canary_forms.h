#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace relay::proof {

// The byte strings that a planted value may turn up as in a binary log. Text in UTF-8: as it is, in capitals and in
// small letters, each in utf8mb4, latin1, utf16, utf16le and utf32, and in hexadecimal digits. Eight digits or more
// besides as BIGINT and DOUBLE, ten or more as DECIMAL. Bytes that are no UTF-8: as they are, and in hexadecimal
// digits. None is shorter than five bytes.
[[nodiscard]] std::vector<std::string> canary_forms(std::string_view value);

}  // namespace relay::proof
