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

// Calls each(digits, group) for the groups of a cell, and tells whether all were good and the cell is no longer.
template <typename Each>
bool read_groups(base::ByteView cell, std::size_t precision, std::size_t scale, bool negative, Each each) {
  std::size_t at = 0;
  const bool good = for_each_group(precision, scale, [&](std::size_t digits) {
    std::uint64_t group = 0;
    const std::size_t size = kGroupBytes[digits];
    if (size > cell.size() - at) return false;
    for (std::size_t i = 0; i < size; ++i, ++at) {
      const std::uint8_t sign = at == 0 ? 0x80 : 0;
      const auto byte = static_cast<std::uint8_t>(cell[at] ^ sign ^ (negative ? 0xff : 0));
      group = group << 8 | byte;
    }
    return each(digits, group);
  });
  return good && at == cell.size();
}

// Writes the groups that next(digits) gives, one behind the other.
template <typename Next>
void append_groups(std::size_t precision, std::size_t scale, bool negative, base::Buffer& into, Next next) {
  const std::size_t start = into.size();
  for_each_group(precision, scale, [&](std::size_t digits) {
    append_big_endian(into, next(digits), kGroupBytes[digits]);
    return true;
  });
  if (into.overflowed()) return;
  for (std::size_t i = start; negative && i < into.size(); ++i)
    into.data()[i] = static_cast<std::uint8_t>(~into.data()[i]);
  if (into.size() > start) into.data()[start] ^= 0x80;
}

bool is_negative(base::ByteView cell) { return !cell.empty() && (cell[0] & 0x80U) == 0; }

tl::unexpected<base::Error> no_number() {
  return base::fail(base::ErrorKind::malformed, "a DECIMAL cell holds no number");
}

}  // namespace

std::uint64_t read_big_endian(base::ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

base::Result<void> read_decimal(base::ByteView cell, std::size_t precision, std::size_t scale, DecimalDigits& into) {
  into.negative = is_negative(cell);
  into.digits.clear();
  const bool good = read_groups(cell, precision, scale, into.negative, [&](std::size_t digits, std::uint64_t group) {
    const std::size_t start = into.digits.size();
    into.digits.resize(start + digits);
    for (std::size_t i = digits; i > 0; --i, group /= 10)
      into.digits[start + i - 1] = static_cast<char>('0' + group % 10);
    return group == 0;
  });
  if (!good) return no_number();
  return {};
}

void append_decimal(const DecimalDigits& number, std::size_t scale, base::Buffer& into) {
  const bool negative = number.negative && number.digits.find_first_not_of('0') != std::string::npos;
  std::size_t at = 0;
  append_groups(number.digits.size(), scale, negative, into, [&](std::size_t digits) {
    std::uint64_t group = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at) group = group * 10 + static_cast<unsigned>(number.digits[at] - '0');
    return group;
  });
}

base::Result<DecimalWord> read_decimal_word(base::ByteView cell, std::size_t precision, std::size_t scale) {
  DecimalWord number;
  number.negative = is_negative(cell);
  const bool good = read_groups(cell, precision, scale, number.negative, [&](std::size_t digits, std::uint64_t group) {
    number.units = number.units * kPowersOfTen[digits] + group;
    return group < kPowersOfTen[digits];
  });
  if (!good) return no_number();
  return number;
}

void append_decimal_word(DecimalWord number, std::size_t precision, std::size_t scale, base::Buffer& into) {
  const bool negative = number.negative && number.units != 0;
  std::size_t left = precision;
  append_groups(precision, scale, negative, into, [&](std::size_t digits) {
    left -= digits;
    const std::uint64_t group = number.units / kPowersOfTen[left];
    number.units -= group * kPowersOfTen[left];
    return group;
  });
}

}  // namespace relay::scrub_rules
