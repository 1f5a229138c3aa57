#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

tl::unexpected<Error> no_number() {
  return base::fail(Error(ErrorKind::configuration, "the constant is no number").remedy("write a number"));
}

tl::unexpected<Error> out_of_range() {
  return base::fail(Error(ErrorKind::configuration, "the constant is out of the column's range")
                        .remedy("write a number that the column's type can hold"));
}

}  // namespace

void append_big_endian(std::string& into, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i > 0; --i) into += static_cast<char>(value >> (8 * (i - 1)) & 0xff);
}

void append_big_endian(base::Buffer& into, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i > 0; --i) into.append_u8(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

void append_little_endian(std::string& into, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) into += static_cast<char>(value >> (8 * i) & 0xff);
}

base::Result<Integer> parse_integer(std::string_view value) {
  if (value == "true") return Integer{1, false};
  if (value == "false") return Integer{0, false};
  Integer number;
  int radix = 10;
  if (value.starts_with("0x") || value.starts_with("0X")) {
    value.remove_prefix(2);
    radix = 16;
  } else if (value.starts_with('-') || value.starts_with('+')) {
    number.negative = value.front() == '-';
    value.remove_prefix(1);
  }
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number.magnitude, radix);
  if (error == std::errc::result_out_of_range) return out_of_range();
  if (error != std::errc() || stopped != end || value.empty()) return no_number();
  if (number.magnitude == 0) number.negative = false;
  return number;
}

base::Result<std::string> encode_integer(const ColumnTraits& column, std::size_t width, std::string_view value) {
  RELAY_ASSIGN(const Integer number, parse_integer(value));
  const std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * width);
  const std::uint64_t signed_maximum = maximum >> 1;
  const bool fits = column.is_unsigned ? !number.negative && number.magnitude <= maximum
                    : number.negative  ? number.magnitude <= signed_maximum + 1
                                       : number.magnitude <= signed_maximum;
  if (!fits) return out_of_range();
  std::string cell;
  append_little_endian(cell, number.negative ? 0 - number.magnitude : number.magnitude, width);
  return cell;
}

base::Result<std::string> encode_floating(const ColumnTraits& column, std::string_view value) {
  if (value.starts_with('+')) value.remove_prefix(1);
  double number = 0;
  const auto [stopped, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc::result_out_of_range) return out_of_range();
  if (error != std::errc() || stopped != value.data() + value.size() || !std::isfinite(number)) return no_number();
  if (column.is_unsigned && number < 0) return out_of_range();
  std::string cell;
  if (column.type.code == binlog::TypeCode::float_) {
    if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) return out_of_range();
    const auto single = static_cast<float>(number);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, sizeof bits);
    append_little_endian(cell, bits, 4);
  } else {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    append_little_endian(cell, bits, 8);
  }
  return cell;
}

base::Result<std::string> encode_bits(const ColumnTraits& column, std::string_view value) {
  const unsigned bits = (column.type.metadata >> 8) * 8U + (column.type.metadata & 0xffU);
  Integer number;
  const bool quoted = value.size() > 3 && (value.starts_with("b'") || value.starts_with("B'")) && value.ends_with('\'');
  if (quoted || value.starts_with("0b")) {
    const std::string_view digits = quoted ? value.substr(2, value.size() - 3) : value.substr(2);
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number.magnitude, 2);
    if (error == std::errc::result_out_of_range) return out_of_range();
    if (error != std::errc() || stopped != digits.data() + digits.size()) return no_number();
  } else {
    RELAY_ASSIGN(number, parse_integer(value));
  }
  if (number.negative || bits == 0 || (bits < 64 && number.magnitude >> bits != 0)) return out_of_range();
  std::string cell;
  append_big_endian(cell, number.magnitude, (bits + 7) / 8);
  return cell;
}

base::Result<std::string> encode_year(std::string_view value) {
  RELAY_ASSIGN(const Integer year, parse_integer(value));
  // One byte: 0 is the year 0000, else years since 1900.
  const bool fits = !year.negative && (year.magnitude == 0 || (year.magnitude >= 1901 && year.magnitude <= 2155));
  if (!fits) {
    return base::fail(Error(ErrorKind::configuration, "the constant is no year that the column can hold")
                          .remedy("write four digits from 1901 to 2155, or 0"));
  }
  return std::string(1, static_cast<char>(year.magnitude == 0 ? 0 : year.magnitude - 1900));
}

}  // namespace relay::scrub_rules
