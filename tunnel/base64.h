#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/byte_view.h"

namespace relay::tunnel {

// The bytes that padded base64 text (RFC 4648, 4) stands for; none when it is not exactly that.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);
// Padded base64 on one line.
[[nodiscard]] std::string encode_base64(base::ByteView bytes);

}  // namespace relay::tunnel
