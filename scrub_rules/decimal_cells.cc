#include <algorithm>
#include <charconv>

#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int kMaximumExponent = 100;  // more than any DECIMAL needs

struct Digits {
  bool negative = false;
  std::string whole;     // without leading zeros
  std::string fraction;  // without trailing zeros
};

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

tl::unexpected<Error> no_decimal() {
  return base::fail(Error(ErrorKind::configuration, "the constant is no decimal number")
                        .remedy("write digits with a point, such as 12.50"));
}

// Takes the exponent ("e-3") off the end of `text`; 0 when there is none.
base::Result<int> take_exponent(std::string_view& text) {
  const std::size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) return 0;
  std::string_view digits = text.substr(at + 1);
  text = text.substr(0, at);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int exponent = 0;
  const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  const bool good = error == std::errc() && stopped == digits.data() + digits.size();
  if (!good || exponent > kMaximumExponent || exponent < -kMaximumExponent) return no_decimal();
  return exponent;
}

base::Result<Digits> parse_digits(std::string_view text) {
  Digits digits;
  if (text.starts_with('-') || text.starts_with('+')) {
    digits.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  RELAY_ASSIGN(const int exponent, take_exponent(text));
  const std::size_t point = std::min(text.find('.'), text.size());
  digits.whole = text.substr(0, point);
  digits.fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (!all_digits(digits.whole) || !all_digits(digits.fraction)) return no_decimal();
  if (digits.whole.empty() && digits.fraction.empty()) return no_decimal();
  for (int i = 0; i < exponent; ++i) {
    digits.whole += digits.fraction.empty() ? '0' : digits.fraction.front();
    digits.fraction.erase(0, 1);
  }
  for (int i = 0; i > exponent; --i) {
    digits.fraction.insert(digits.fraction.begin(), digits.whole.empty() ? '0' : digits.whole.back());
    if (!digits.whole.empty()) digits.whole.pop_back();
  }
  digits.whole.erase(0, std::min(digits.whole.find_first_not_of('0'), digits.whole.size()));
  digits.fraction.erase(digits.fraction.find_last_not_of('0') + 1);
  if (digits.whole.empty() && digits.fraction.empty()) digits.negative = false;
  return digits;
}

}  // namespace

base::Result<std::string> encode_decimal(const ColumnTraits& column, std::string_view value) {
  const std::size_t precision = column.type.metadata & 0xff;
  const std::size_t scale = column.type.metadata >> 8;
  if (scale > precision) return base::fail(ErrorKind::configuration, "the column's precision is not known");
  RELAY_ASSIGN(Digits digits, parse_digits(value));
  const std::size_t whole = precision - scale;
  if (digits.whole.size() > whole || digits.fraction.size() > scale || (digits.negative && column.is_unsigned)) {
    return base::fail(Error(ErrorKind::configuration, "the constant has more digits than the column, or a wrong sign")
                          .remedy("write a number that the column's precision and scale can hold"));
  }
  digits.whole.insert(0, whole - digits.whole.size(), '0');
  digits.fraction.append(scale - digits.fraction.size(), '0');
  if (precision == 0) return base::fail(ErrorKind::configuration, "the column's precision is not known");
  base::Buffer cell;
  append_decimal({digits.negative, digits.whole + digits.fraction}, scale, cell);
  return std::string(cell.view().text());
}

}  // namespace relay::scrub_rules
