#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/ff1.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Result;
using binlog::TypeCode;

// To the nearest multiple, halves away from zero; where the type does not hold it, to the next one towards zero.
class RoundInteger final : public CellAction {
 public:
  RoundInteger(unsigned bits, bool is_unsigned, std::uint64_t to) : bits_(bits), is_unsigned_(is_unsigned), to_(to) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    std::uint64_t number = read_little_endian(value);
    const std::uint64_t all = bits_ == 64 ? UINT64_MAX : (std::uint64_t{1} << bits_) - 1;
    const bool negative = !is_unsigned_ && (number >> (bits_ - 1) & 1U) != 0;
    if (negative) number = (~number + 1) & all;
    const std::uint64_t rest = number % to_;
    const std::uint64_t most = is_unsigned_ ? all : (all >> 1) + (negative ? 1 : 0);
    number -= rest;
    if (rest >= to_ - rest && to_ <= most && number <= most - to_) number += to_;
    into.append_little_endian((negative ? ~number + 1 : number) & all, value.size());
    return {};
  }

 private:
  unsigned bits_;
  bool is_unsigned_;
  std::uint64_t to_;
};

// YEAR: 0 is the year 0000, else years from 1900.
class RoundYear final : public CellAction {
 public:
  explicit RoundYear(std::uint64_t to) : to_(to) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    std::uint64_t year = value[0];
    if (year != 0) {
      year += 1900;
      const std::uint64_t rest = year % to_;
      year = year - rest + (rest >= to_ - rest ? to_ : 0);
      year = std::clamp<std::uint64_t>(year, 1901, 2155) - 1900;
    }
    into.append_u8(static_cast<std::uint8_t>(year));
    return {};
  }

 private:
  std::uint64_t to_;
};

// DECIMAL of at most kDigitsOfWord digits.
class RoundDecimalWord final : public CellAction {
 public:
  // `to` in units of the last digit.
  RoundDecimalWord(std::size_t precision, std::size_t scale, std::uint64_t to)
      : precision_(precision), scale_(scale), to_(to) {
    for (std::size_t i = 0; i < precision; ++i) most_ *= 10;
  }
  Result<void> apply(ByteView value, Buffer& into) override {
    RELAY_ASSIGN(DecimalWord number, read_decimal_word(value, precision_, scale_));
    const std::uint64_t rest = number.units % to_;
    number.units -= rest;
    if (rest >= to_ - rest && to_ < most_ && number.units < most_ - to_) number.units += to_;
    append_decimal_word(number, precision_, scale_, into);
    return {};
  }

 private:
  std::size_t precision_, scale_;
  std::uint64_t to_;
  std::uint64_t most_ = 1;  // units that take more digits
};

// DECIMAL of any size: dividing 128 bits takes long.
class RoundDecimal final : public CellAction {
 public:
  // `to` in units of the last digit.
  RoundDecimal(std::size_t precision, std::size_t scale, Uint128 to) : precision_(precision), scale_(scale), to_(to) {}
  Result<void> apply(ByteView value, Buffer& into) override {
    RELAY_TRY(read_decimal(value, precision_, scale_, number_));
    std::string& digits = number_.digits;
    Uint128 rest = 0;
    for (const char c : digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % to_;
    subtract(digits, rest);
    if (rest >= to_ - rest) {
      up_ = digits;
      if (add(up_, to_)) digits = up_;
    }
    append_decimal(number_, scale_, into);
    return {};
  }

 private:
  static void subtract(std::string& digits, Uint128 number) {
    int borrow = 0;
    for (std::size_t i = digits.size(); i > 0; --i, number /= 10) {
      int digit = digits[i - 1] - '0' - static_cast<int>(number % 10) - borrow;
      borrow = digit < 0 ? 1 : 0;
      digits[i - 1] = static_cast<char>('0' + digit + 10 * borrow);
    }
  }
  // False where it takes more digits.
  static bool add(std::string& digits, Uint128 number) {
    int carry = 0;
    for (std::size_t i = digits.size(); i > 0; --i, number /= 10) {
      const int digit = digits[i - 1] - '0' + static_cast<int>(number % 10) + carry;
      carry = digit / 10;
      digits[i - 1] = static_cast<char>('0' + digit % 10);
    }
    return carry == 0 && number == 0;
  }

  std::size_t precision_, scale_;
  Uint128 to_;
  DecimalDigits number_;
  std::string up_;
};

template <typename Number>
class RoundFloating final : public CellAction {
 public:
  explicit RoundFloating(double to) : to_(to), inverse_(to < 1 ? std::round(1 / to) : 0) {
    // Of 0.1 there are ten in 1: a third of them is 3 / 10, which has fewer digits than 3 * 0.1.
    constexpr double kNearlyWhole = 1e-12;
    if (std::abs(inverse_ * to_ - 1) > kNearlyWhole) inverse_ = 0;
  }
  Result<void> apply(ByteView value, Buffer& into) override {
    Number number = 0;
    std::memcpy(&number, value.data(), sizeof number);
    const double rounded = multiple(std::round(quotient(number)));
    // What overflows is rounded towards zero; zero has no sign.
    auto made = static_cast<Number>(rounded);
    if (!std::isfinite(made)) made = static_cast<Number>(multiple(std::trunc(quotient(number))));
    if (!std::isfinite(made)) made = 0;
    made += Number{0};
    std::array<std::uint8_t, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &made, sizeof made);
    into.append(ByteView(bytes.data(), bytes.size()));
    return {};
  }

 private:
  [[nodiscard]] double quotient(Number number) const { return inverse_ != 0 ? number * inverse_ : number / to_; }
  [[nodiscard]] double multiple(double count) const { return inverse_ != 0 ? count / inverse_ : count * to_; }

  double to_;
  double inverse_;  // as many of `to` as are in 1; 0 where that is no whole number
};

// `to` as a whole number of units of 10^-scale; nothing where it is none, 0, or so large that ten times it is no
// Uint128.
std::optional<Uint128> units_of(std::string_view to, std::size_t scale) {
  constexpr Uint128 kMost = Uint128{1} << 124;
  const std::size_t point = std::min(to.find('.'), to.size());
  std::string digits(to.substr(0, point));
  const std::string_view fraction = point < to.size() ? to.substr(point + 1) : std::string_view();
  if (fraction.find_last_not_of('0') != std::string_view::npos && fraction.find_last_not_of('0') >= scale)
    return std::nullopt;
  digits.append(fraction.substr(0, scale));
  digits.append(scale - std::min(scale, fraction.size()), '0');
  Uint128 units = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || units > kMost / 10) return std::nullopt;
    units = units * 10 + static_cast<unsigned>(c - '0');
  }
  return units > 0 ? std::optional(units) : std::nullopt;
}

}  // namespace

MadeAction make_round_action(const Action& action, const ColumnTraits& column) {
  const CellKind kind = cell_kind(column);
  const std::size_t scale = kind == CellKind::decimal ? column.type.metadata >> 8U : 0U;
  if (kind == CellKind::floating) {
    double to = 0;
    const auto [end, error] = std::from_chars(action.to.data(), action.to.data() + action.to.size(), to);
    if (error != std::errc() || end != action.to.data() + action.to.size() || !std::isnormal(to) || to < 0) {
      return refuse_action("the number to round to is not above 0", "write to = 100, or to = 0.5");
    }
    constexpr double kLeast = 1e-9;
    if (to < kLeast) {
      return refuse_action("the number to round to is below 0.000000001, and hardly any value has digits behind that",
                           "write to = 100, or to = 0.5");
    }
    if (column.type.code == TypeCode::float_) return std::make_unique<RoundFloating<float>>(to);
    return std::make_unique<RoundFloating<double>>(to);
  }
  constexpr Uint128 kMostInteger = Uint128{1} << 62;
  const std::optional<Uint128> units = units_of(action.to, scale);
  if (!units || *units == 1 || (kind != CellKind::decimal && *units > kMostInteger)) {
    return refuse_action("the number to round to is none of the column's type above its smallest one",
                         "write to = 100");
  }
  switch (kind) {
    case CellKind::integer:
      return std::make_unique<RoundInteger>(static_cast<unsigned>(8 * integer_width(column.type.code)),
                                            column.is_unsigned, static_cast<std::uint64_t>(*units));
    case CellKind::year:
      return std::make_unique<RoundYear>(static_cast<std::uint64_t>(*units));
    case CellKind::decimal: {
      const std::size_t precision = std::size_t{column.type.metadata} & 0xffU;
      if (precision <= kDigitsOfWord && *units >> 64 == 0) {
        return std::make_unique<RoundDecimalWord>(precision, scale, static_cast<std::uint64_t>(*units));
      }
      return std::make_unique<RoundDecimal>(precision, scale, *units);
    }
    default:
      return does_not_fit_type();
  }
}

}  // namespace relay::scrub_rules
