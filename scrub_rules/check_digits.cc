#include "scrub_rules/check_digits.h"

#include "relay/base/ascii.h"

namespace relay::scrub_rules {

namespace {

using base::is_digit;
using base::is_letter;
int number(char c) { return c - '0'; }

template <std::size_t Count>
int weighted(std::string_view digits, const std::array<int, Count>& weights) {
  int sum = 0;
  for (std::size_t i = 0; i < Count; ++i) sum += weights[i] * number(digits[i]);
  return sum;
}

// Whether `digit` makes a sum of weighted digits a multiple of eleven.
bool closes_eleven(int sum, char digit) { return (sum + number(digit)) % 11 == 0; }

// The remainder of a number modulo 97 with another digit, or a letter as two digits, behind it.
unsigned rest_with(unsigned rest, char c) {
  if (is_digit(c)) return (rest * 10 + static_cast<unsigned>(number(c))) % 97;
  return (rest * 100 + static_cast<unsigned>((c | 0x20) - 'a' + 10)) % 97;
}

}  // namespace

bool is_national_id(std::string_view digits) {
  if (digits.size() != 11) return false;
  const int day = 10 * number(digits[0]) + number(digits[1]);
  const int month = 10 * number(digits[2]) + number(digits[3]);
  // D-numbers have 40 more in the day; persons of the tax office's, the health service's and NAV's tests in the month.
  const auto plain = [](int value, int most) { return value >= 1 && value <= most; };
  const bool date = (plain(day, 31) || plain(day - 40, 31)) &&
                    (plain(month, 12) || plain(month - 40, 12) || plain(month - 65, 12) || plain(month - 80, 12));
  return date && closes_eleven(weighted(digits, std::array{3, 7, 6, 1, 8, 9, 4, 5, 2}), digits[9]) &&
         closes_eleven(weighted(digits, std::array{5, 4, 3, 2, 7, 6, 5, 4, 3, 2}), digits[10]);
}

bool is_account(std::string_view digits) {
  return digits.size() == 11 && closes_eleven(weighted(digits, std::array{5, 4, 3, 2, 7, 6, 5, 4, 3, 2}), digits[10]);
}

bool is_organisation(std::string_view digits) {
  return digits.size() == 9 && digits[0] >= '8' &&
         closes_eleven(weighted(digits, std::array{3, 2, 7, 6, 5, 4, 3, 2}), digits[8]);
}

bool is_card(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19 || digits[0] < '2' || digits[0] > '6') return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = number(digits[digits.size() - 1 - i]) * (i % 2 == 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

void IbanReader::add(char letter_or_digit) {
  if (size_ < head_.size()) {
    head_[size_] = letter_or_digit;
  } else {
    rest_ = rest_with(rest_, letter_or_digit);
  }
  ++size_;
}

bool IbanReader::passes() const {
  if (size_ < kShortest || size_ > kLongest) return false;
  unsigned rest = rest_;
  for (const char c : head_) rest = rest_with(rest, c);
  return rest == 1;
}

bool is_iban(std::string_view text) {
  IbanReader iban;
  for (const char c : text) {
    if (!is_digit(c) && !is_letter(c)) return false;
    iban.add(c);
  }
  return iban.passes();
}

}  // namespace relay::scrub_rules
