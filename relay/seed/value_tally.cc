#include "relay/seed/value_tally.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "relay/base/ascii.h"
#include "relay/seed/name_words.h"

namespace relay::seed {

namespace {

using scrub_rules::Detector;
using scrub_rules::TextSpan;

constexpr std::size_t kIdDigits = 11;  // of a national identity number and of an account

using base::is_digit;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool is_placeholder(std::string_view text) {
  constexpr std::size_t kShortest = 4;
  return text.size() >= kShortest && is_digit(text.front()) &&
         text.find_first_not_of(text.front()) == std::string_view::npos;
}

// "12345678.00" of a DECIMAL is the number 12345678.
std::string_view whole_number(std::string_view value) {
  const std::size_t point = value.find('.');
  const bool whole =
      point != std::string_view::npos && value.find_first_not_of('0', point + 1) == std::string_view::npos;
  return whole ? value.substr(0, point) : value;
}

bool is_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

// Numbers lose their leading zeros: 1010112345 was one of 11 digits.
std::string with_lost_zero(std::string_view value, std::size_t digits) {
  const bool lost = value.size() + 1 == digits && is_digits(value);
  return (lost ? "0" : "") + std::string(value);
}

bool found_whole(Detector detector, std::string_view text, std::vector<TextSpan>& spans) {
  spans.clear();
  scrub_rules::detect({&detector, 1}, text, spans);
  return std::ranges::find(spans, TextSpan{0, text.size()}) != spans.end();
}

bool found_inside(std::string_view text, std::vector<TextSpan>& spans) {
  static const std::vector<Detector> telling = {Detector::email, Detector::national_id, Detector::iban, Detector::card};
  spans.clear();
  scrub_rules::detect(telling, text, spans);
  return !spans.empty();
}

bool is_d_number(std::string_view text) {
  const auto digit = std::ranges::find_if(text, is_digit);
  return digit != text.end() && *digit >= '4';
}

bool is_written_phone(std::string_view text) {
  return text.starts_with('+') || text.starts_with("00") || text.find_first_of(" \xc2") != std::string_view::npos;
}

bool is_like_phone(std::string_view text) {
  const auto digits = std::ranges::count_if(text, is_digit);
  return digits >= 5 && digits <= 15 && text.find_first_not_of("0123456789 +-()/.") == std::string_view::npos;
}

bool is_month_and_day(std::string_view month, std::string_view day) {
  constexpr int kOfSamordning = 60;  // more in the day where a number is for somebody who does not live in Sweden
  const auto number = [](std::string_view two) { return (two[0] - '0') * 10 + two[1] - '0'; };
  const auto is_day = [](int value) { return value >= 1 && value <= 31; };
  return number(month) >= 1 && number(month) <= 12 && (is_day(number(day)) || is_day(number(day) - kOfSamordning));
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = (digits[digits.size() - 1 - i] - '0') * (i % 2 == 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

constexpr std::size_t kNordicDigits = 10;  // of a date and four more; Swedish ones have a century before it as well

// The digits of "YYMMDD-NNNN" or "DDMMYY NNNN"; empty for what is written in another way.
std::string date_and_four(std::string_view text) {
  std::string digits(text);
  constexpr std::size_t kBehindDate = 5;  // from the end
  if (digits.size() > kBehindDate &&
      std::string_view("-+ ").find(digits[digits.size() - kBehindDate]) != std::string_view::npos) {
    digits.erase(digits.size() - kBehindDate, 1);
  }
  return is_digits(digits) ? digits : std::string();
}

bool is_swedish_id(std::string_view digits) {
  if (digits.size() == kNordicDigits + 2 && (digits.starts_with("19") || digits.starts_with("20")))
    digits.remove_prefix(2);
  return digits.size() == kNordicDigits && is_month_and_day(digits.substr(2, 2), digits.substr(4, 2)) &&
         passes_luhn(digits);
}

bool is_danish_date(std::string_view digits) {
  return digits.size() == kNordicDigits && digits[0] <= '3' &&
         is_month_and_day(digits.substr(2, 2), digits.substr(0, 2));
}

bool passes_modulo_11(std::string_view digits) {
  constexpr std::array<int, kNordicDigits> kWeights = {4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
  int sum = 0;
  for (std::size_t i = 0; i < kNordicDigits; ++i) sum += kWeights[i] * (digits[i] - '0');
  return sum % 11 == 0;
}

// "NO 123 456 789 MVA": an organisation number as a number of the value added tax.
std::string_view without_tax_marks(std::string_view text) {
  constexpr std::string_view kCountry = "NO";
  constexpr std::string_view kTax = "MVA";
  if (!text.ends_with(kTax)) return text;
  if (text.starts_with(kCountry)) text.remove_prefix(kCountry.size());
  text.remove_suffix(kTax.size());
  return trimmed(text);
}

bool is_number_of_ipv4(std::string_view digits) {
  constexpr std::string_view kFirst = "16777216";  // 1.0.0.0
  constexpr std::string_view kLast = "4294967295";
  if (digits.size() < kFirst.size() || digits.size() > kLast.size() || !is_digits(digits)) return false;
  return (digits.size() > kFirst.size() || digits >= kFirst) && (digits.size() < kLast.size() || digits <= kLast);
}

bool is_wide_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return true;
  unsigned part = 0;
  for (const char c : text) {
    part = is_digit(c) ? part * 10 + static_cast<unsigned>(c - '0') : 0;
    if (part >= 64) return true;
  }
  return false;
}

}  // namespace

void ValueTally::add(std::string_view value, bool number) {
  const std::string_view plain = number ? whole_number(trimmed(value)) : trimmed(value);
  const std::string zeroed = number ? with_lost_zero(plain, kIdDigits) : std::string();
  const std::string_view text = number ? std::string_view(zeroed) : plain;
  if (text.empty() || is_placeholder(text)) return;
  ++values;
  std::vector<TextSpan> spans;
  bool any = false;
  for (std::size_t i = 0; i < scrub_rules::kDetectors; ++i) {
    const auto detector = static_cast<Detector>(i);
    if (!found_whole(detector, detector == Detector::organisation ? without_tax_marks(text) : text, spans)) continue;
    ++whole[i];
    any = true;
    if (detector == Detector::national_id && is_d_number(text)) ++d_numbers;
    if (detector == Detector::phone && is_written_phone(text)) ++written_phones;
    if (detector == Detector::ip && is_wide_address(text)) ++wide_addresses;
  }
  if (is_like_phone(text)) ++like_phones;
  if (is_digits(text)) ++digits_alone;
  if (text == "0" || text == "1") ++zeros_and_ones;
  if (number && is_number_of_ipv4(plain)) ++numbers_of_ipv4;
  add_nordic_id(date_and_four(number ? with_lost_zero(plain, kNordicDigits) : std::string(plain)));
  if (!any && found_inside(text, spans)) ++holding;
  if (!number && has_health_word(text)) ++with_health_words;
}

void ValueTally::add_nordic_id(std::string_view digits) {
  if (is_swedish_id(digits)) ++swedish_ids;
  if (!is_danish_date(digits)) return;
  ++danish_dates;
  if (passes_modulo_11(digits)) ++danish_ids;
}

}  // namespace relay::seed
