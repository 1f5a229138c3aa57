#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relay::sql {

// `code` is at most 0xFFFF.
void append_utf8(std::string& out, std::uint32_t code);
// The character at `at`, which moves behind it. None, and `at` stays, for a longer one (identifiers have none of those)
// and for what is no UTF-8.
[[nodiscard]] std::optional<std::uint32_t> decode_utf8(std::string_view text, std::size_t& at);

}  // namespace relay::sql
