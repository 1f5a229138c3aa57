#include "scrub_rules/number_reader.h"

#include <array>

#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kGroupDigits = 9;
constexpr std::array<std::size_t, 10> kGroupBytes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

// Sizes of the groups of digits of one side of the point: the odd one stands away from the point.
template <typename Each>
bool for_each_group(std::size_t precision, std::size_t scale, Each each) {
  const std::size_t whole = precision - scale;
  bool good = whole % kGroupDigits == 0 || each(whole % kGroupDigits);
  for (std::size_t i = 0; good && i < whole / kGroupDigits; ++i) good = each(kGroupDigits);
  for (std::size_t i = 0; good && i < scale / kGroupDigits; ++i) good = each(kGroupDigits);
  return good && (scale % kGroupDigits == 0 || each(scale % kGroupDigits));
}

}  // namespace

std::uint64_t read_big_endian(base::ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

base::Result<void> read_decimal(base::ByteView cell, std::size_t precision, std::size_t scale, DecimalDigits& into) {
  into.negative = !cell.empty() && (cell[0] & 0x80U) == 0;
  into.digits.clear();
  std::size_t at = 0;
  const bool good = for_each_group(precision, scale, [&](std::size_t digits) {
    std::uint64_t group = 0;
    const std::size_t size = kGroupBytes[digits];
    if (size > cell.size() - at) return false;
    for (std::size_t i = 0; i < size; ++i, ++at) {
      const std::uint8_t sign = at == 0 ? 0x80 : 0;
      const auto byte = static_cast<std::uint8_t>(cell[at] ^ sign ^ (into.negative ? 0xff : 0));
      group = group << 8 | byte;
    }
    const std::size_t start = into.digits.size();
    into.digits.resize(start + digits);
    for (std::size_t i = digits; i > 0; --i, group /= 10)
      into.digits[start + i - 1] = static_cast<char>('0' + group % 10);
    return group == 0;
  });
  if (good && at == cell.size()) return {};
  return base::fail(base::ErrorKind::malformed, "a DECIMAL cell holds no number");
}

void append_decimal(const DecimalDigits& number, std::size_t scale, base::Buffer& into) {
  const bool negative = number.negative && number.digits.find_first_not_of('0') != std::string::npos;
  const std::size_t start = into.size();
  std::size_t at = 0;
  for_each_group(number.digits.size(), scale, [&](std::size_t digits) {
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at) group = group * 10 + static_cast<unsigned>(number.digits[at] - '0');
    append_big_endian(into, group, kGroupBytes[digits]);
    return true;
  });
  if (into.overflowed()) return;
  for (std::size_t i = start; negative && i < into.size(); ++i)
    into.data()[i] = static_cast<std::uint8_t>(~into.data()[i]);
  if (into.size() > start) into.data()[start] ^= 0x80;
}

}  // namespace relay::scrub_rules
