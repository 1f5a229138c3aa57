#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "relay/base/buffer.h"
#include "relay/base/byte_reader.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::scrub_rules {

// Numbers as cells store them. REQUIRES: 1 to 8 bytes.
[[nodiscard]] inline std::uint64_t read_little_endian(base::ByteView bytes) {
  return base::ByteReader(bytes).little_endian(bytes.size());
}
[[nodiscard]] std::uint64_t read_big_endian(base::ByteView bytes);

// A DECIMAL cell (strings/decimal.cc, bin2decimal) as digits: `precision` of them, the last `scale` behind the point.
struct DecimalDigits {
  bool negative = false;
  std::string digits;
};
// Errors: malformed, where a group of digits is larger than its digits can be.
[[nodiscard]] base::Result<void> read_decimal(base::ByteView cell, std::size_t precision, std::size_t scale,
                                              DecimalDigits& into);
// The reverse. Minus zero is written as zero.
void append_decimal(const DecimalDigits& number, std::size_t scale, base::Buffer& into);

// The same as one number, in units of the last digit, where it has at most kDigitsOfWord digits.
inline constexpr std::size_t kDigitsOfWord = 18;  // ten times as many as they tell still fit 64 bits
inline constexpr std::array<std::uint64_t, kDigitsOfWord + 1> kPowersOfTen = [] {
  std::array<std::uint64_t, kDigitsOfWord + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
struct DecimalWord {
  bool negative = false;
  std::uint64_t units = 0;
};
// REQUIRES: precision is at most kDigitsOfWord. Errors: as read_decimal().
[[nodiscard]] base::Result<DecimalWord> read_decimal_word(base::ByteView cell, std::size_t precision,
                                                          std::size_t scale);
// REQUIRES: the number has at most `precision` digits, and that is at most kDigitsOfWord.
void append_decimal_word(DecimalWord number, std::size_t precision, std::size_t scale, base::Buffer& into);

}  // namespace relay::scrub_rules
