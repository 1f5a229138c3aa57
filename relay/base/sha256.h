#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "relay/base/byte_view.h"

namespace relay::base {

using Sha256 = std::array<std::uint8_t, 32>;

// The digest of several parts, one behind the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<ByteView> parts);
// Two hexadecimal digits, in lower case, for each byte.
[[nodiscard]] std::string hexadecimal(ByteView bytes);
// The digest as 64 hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::initializer_list<ByteView> parts);

}  // namespace relay::base
