#pragma once

#include <span>
#include <string>
#include <string_view>

namespace relay::scrub_rules {

// The one of `known` that `word` was probably meant to be, for remedies; empty when none is near.
[[nodiscard]] std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);
// "a, b or c".
[[nodiscard]] std::string one_of_words(std::span<const std::string_view> words);

}  // namespace relay::scrub_rules
