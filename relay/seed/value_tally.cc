#include "relay/seed/value_tally.h"

#include <algorithm>
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

// "12345678.00" of a DECIMAL is the number 12345678, and 1010112345 has lost the zero of an 11-digit number.
std::string digits_of_number(std::string_view value) {
  const std::size_t point = value.find('.');
  if (point != std::string_view::npos && value.find_first_not_of("0", point + 1) == std::string_view::npos) {
    value = value.substr(0, point);
  }
  std::string digits(value);
  if (digits.size() == kIdDigits - 1 && std::ranges::all_of(digits, is_digit)) digits.insert(digits.begin(), '0');
  return digits;
}

bool found_whole(Detector detector, std::string_view text, std::vector<TextSpan>& spans) {
  spans.clear();
  scrub_rules::detect(detector, text, spans);
  return std::ranges::find(spans, TextSpan{0, text.size()}) != spans.end();
}

bool found_inside(std::string_view text, std::vector<TextSpan>& spans) {
  static const std::vector<Detector> kTelling = {Detector::email, Detector::national_id, Detector::iban,
                                                 Detector::card};
  spans.clear();
  scrub_rules::detect(kTelling, text, spans);
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
  const std::string digits = number ? digits_of_number(trimmed(value)) : std::string();
  const std::string_view text = number ? std::string_view(digits) : trimmed(value);
  if (text.empty() || is_placeholder(text)) return;
  ++values;
  std::vector<TextSpan> spans;
  bool any = false;
  for (std::size_t i = 0; i < scrub_rules::kDetectors; ++i) {
    if (!found_whole(static_cast<Detector>(i), text, spans)) continue;
    ++whole[i];
    any = true;
    if (static_cast<Detector>(i) == Detector::national_id && is_d_number(text)) ++d_numbers;
    if (static_cast<Detector>(i) == Detector::phone && is_written_phone(text)) ++written_phones;
    if (static_cast<Detector>(i) == Detector::ip && is_wide_address(text)) ++wide_addresses;
  }
  if (is_like_phone(text)) ++like_phones;
  if (std::ranges::all_of(text, is_digit)) ++digits_alone;
  if (!any && found_inside(text, spans)) ++holding;
  if (!number && has_health_word(text)) ++with_health_words;
}

}  // namespace relay::seed
