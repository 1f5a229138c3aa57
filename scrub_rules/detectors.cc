#include "scrub_rules/detectors.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "relay/base/ascii.h"

namespace relay::scrub_rules {

namespace {

constexpr std::array<std::string_view, kDetectors> kDetectorNames = {
    "national-id", "phone", "account", "organisation", "email", "iban", "card", "ip", "url"};

using base::is_digit;
using base::is_letter;
bool is_word(char c) { return is_digit(c) || is_letter(c); }
int number(char c) { return c - '0'; }

char at(std::string_view text, std::size_t place) { return place < text.size() ? text[place] : '\0'; }

template <std::size_t Count>
int weighted(std::string_view digits, const std::array<int, Count>& weights) {
  int sum = 0;
  for (std::size_t i = 0; i < Count; ++i) sum += weights[i] * number(digits[i]);
  return sum;
}

// Whether `digit` makes a sum of weighted digits a multiple of eleven.
bool closes_eleven(int sum, char digit) { return (sum + number(digit)) % 11 == 0; }

// Bytes of what may stand between two digits of one number: a space, a point, a hyphen, or a space that does not break.
std::size_t separator_size(std::string_view text, std::size_t place) {
  const char c = at(text, place);
  if (c == ' ' || c == '.' || c == '-') return 1;
  return c == '\xc2' && at(text, place + 1) == '\xa0' ? 2 : 0;
}

// A number as it is written: its digits, and how many stand together ("3 2 3").
struct WrittenNumber {
  std::string digits;
  std::string groups;
};

// Calls each(number, end) for every end that the number that begins at `begin` may have, up to 19 digits.
template <typename Each>
void for_each_end(std::string_view text, std::size_t begin, WrittenNumber& written, Each each) {
  constexpr std::size_t kMostDigits = 19;
  written.digits.clear();
  written.groups.clear();
  std::size_t group = 0;
  for (std::size_t place = begin; written.digits.size() < kMostDigits;) {
    written.digits += text[place++];
    ++group;
    if (is_digit(at(text, place))) continue;
    const std::size_t kept = written.groups.size();
    written.groups += std::to_string(group);
    each(written, place);
    const std::size_t gap = separator_size(text, place);
    if (gap == 0 || !is_digit(at(text, place + gap))) return;
    written.groups.resize(kept);
    written.groups += std::to_string(group) + " ";
    group = 0;
    place += gap;
  }
}

bool one_of(std::string_view groups, std::initializer_list<std::string_view> known) {
  return std::ranges::find(known, groups) != known.end();
}

// Eight digits as phone numbers are written, with or without the country's 47.
bool is_phone(const WrittenNumber& written) {
  std::string_view digits = written.digits;
  std::string_view groups = written.groups;
  if (digits.starts_with("0047") && digits.size() == 12) digits.remove_prefix(4);
  if (digits.starts_with("47") && digits.size() == 10) digits.remove_prefix(2);
  if (groups.starts_with("2 ") && written.digits.size() == 10) groups.remove_prefix(2);
  if (groups.starts_with("4 ") && written.digits.size() == 12) groups.remove_prefix(2);
  return digits.size() == 8 && digits[0] >= '2' && one_of(groups, {"8", "10", "12", "2 2 2 2", "3 2 3", "4 4"});
}

bool is_found(Detector detector, const WrittenNumber& written) {
  switch (detector) {
    case Detector::national_id:
      return is_national_id(written.digits);
    case Detector::phone:
      return is_phone(written);
    case Detector::account:
      return is_account(written.digits) && one_of(written.groups, {"11", "4 2 5"});
    case Detector::organisation:
      return is_organisation(written.digits) && one_of(written.groups, {"9", "3 3 3"});
    default:
      return is_card(written.digits) && !written.groups.starts_with("1 ") && !written.groups.starts_with("2 ");
  }
}

void detect_numbers(Detector detector, std::string_view text, std::vector<TextSpan>& into) {
  WrittenNumber written;
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!is_digit(text[begin]) || (begin > 0 && is_digit(text[begin - 1]))) continue;
    for_each_end(text, begin, written, [&](const WrittenNumber& found, std::size_t end) {
      if (is_found(detector, found)) into.push_back({begin, end});
    });
  }
}

// +CC and a number of 7 to 15 digits in all.
void detect_foreign_phones(std::string_view text, std::vector<TextSpan>& into) {
  WrittenNumber written;
  for (std::size_t begin = 0; begin + 1 < text.size(); ++begin) {
    if (text[begin] != '+' || !is_digit(text[begin + 1])) continue;
    for_each_end(text, begin + 1, written, [&](const WrittenNumber& found, std::size_t end) {
      if (found.digits.size() >= 7 && found.digits.size() <= 15) into.push_back({begin, end});
    });
  }
}

// A letter of any language counts.
bool is_of_name(char c) {
  return is_word(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("._%+-'").find(c) != std::string_view::npos;
}
bool is_of_domain(char c) { return is_word(c) || static_cast<unsigned char>(c) >= 0x80 || c == '-' || c == '.'; }

void detect_emails(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t sign = text.find('@'); sign != std::string_view::npos; sign = text.find('@', sign + 1)) {
    std::size_t begin = sign;
    while (begin > 0 && is_of_name(text[begin - 1])) --begin;
    std::size_t end = sign + 1;
    while (end < text.size() && is_of_domain(text[end])) ++end;
    while (end > sign + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
    if (begin == sign || end == sign + 1) continue;
    into.push_back({begin, end});
  }
}

void detect_ibans(std::string_view text, std::vector<TextSpan>& into) {
  constexpr std::size_t kLongest = 34;
  std::string iban;
  for (std::size_t begin = 0; begin + 4 < text.size(); ++begin) {
    const bool starts =
        is_letter(text[begin]) && is_letter(text[begin + 1]) && is_digit(text[begin + 2]) && is_digit(text[begin + 3]);
    if (!starts || (begin > 0 && is_word(text[begin - 1]))) continue;
    iban.clear();
    for (std::size_t place = begin; place < text.size() && iban.size() < kLongest;) {
      iban += text[place++];
      if (is_word(at(text, place))) continue;
      if (is_iban(iban)) into.push_back({begin, place});
      const std::size_t gap = separator_size(text, place);
      if (gap == 0 || !is_word(at(text, place + gap))) break;
      place += gap;
    }
  }
}

bool is_of_address(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

bool is_address(std::string_view text) {
  constexpr std::size_t kLongest = 45;  // INET6_ADDRSTRLEN without its end
  if (text.size() > kLongest) return false;
  const std::string address(text);
  std::array<std::uint8_t, 16> bytes{};
  return ::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

void detect_addresses(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t begin = 0; begin < text.size();) {
    if (!is_of_address(text[begin])) {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < text.size() && is_of_address(text[end])) ++end;
    const bool inside = (begin > 0 && is_word(text[begin - 1])) || is_word(at(text, end));
    std::string_view address = text.substr(begin, inside ? 0 : end - begin);
    const std::size_t first = address.find_first_not_of('.');
    const std::size_t skipped = std::min(first, address.size());
    address.remove_prefix(skipped);
    while (address.ends_with('.') || (address.ends_with(':') && !address.ends_with("::"))) address.remove_suffix(1);
    // What a port stands behind.
    const std::size_t colon = address.find(':');
    if (colon != std::string_view::npos && address.find('.') < colon) address = address.substr(0, colon);
    if (is_address(address)) into.push_back({begin + skipped, begin + skipped + address.size()});
    begin = end;
  }
}

// scheme://user:password@host up to the next space: the whole.
void detect_urls(std::string_view text, std::vector<TextSpan>& into) {
  constexpr std::string_view kEnd = " \t\r\n\"'<>";
  for (std::size_t sign = text.find("://"); sign != std::string_view::npos; sign = text.find("://", sign + 3)) {
    std::size_t begin = sign;
    while (begin > 0 &&
           (is_word(text[begin - 1]) || std::string_view("+-.").find(text[begin - 1]) != std::string_view::npos))
      --begin;
    std::size_t host = sign + 3;
    bool credentials = false;
    for (; host < text.size() && text[host] != '/' && kEnd.find(text[host]) == std::string_view::npos; ++host) {
      credentials = credentials || text[host] == '@';
    }
    if (!credentials || begin == sign) continue;
    std::size_t end = host;
    while (end < text.size() && kEnd.find(text[end]) == std::string_view::npos) ++end;
    into.push_back({begin, end});
    sign = end > sign + 3 ? end - 3 : sign;
  }
}

}  // namespace

std::optional<Detector> detector_named(std::string_view word) {
  const auto found = std::ranges::find(kDetectorNames, word);
  if (found == kDetectorNames.end()) return std::nullopt;
  return static_cast<Detector>(found - kDetectorNames.begin());
}

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

bool is_iban(std::string_view text) {
  if (text.size() < 15 || text.size() > 34) return false;
  unsigned rest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[(i + 4) % text.size()];
    if (is_digit(c)) {
      rest = (rest * 10 + static_cast<unsigned>(number(c))) % 97;
    } else if (is_letter(c)) {
      rest = (rest * 100 + static_cast<unsigned>((c | 0x20) - 'a' + 10)) % 97;
    } else {
      return false;
    }
  }
  return rest == 1;
}

void detect(Detector detector, std::string_view text, std::vector<TextSpan>& into) {
  switch (detector) {
    case Detector::email:
      return detect_emails(text, into);
    case Detector::iban:
      return detect_ibans(text, into);
    case Detector::ip:
      return detect_addresses(text, into);
    case Detector::url:
      return detect_urls(text, into);
    case Detector::phone:
      detect_foreign_phones(text, into);
      break;
    default:
      break;
  }
  detect_numbers(detector, text, into);
}

void detect(const std::vector<Detector>& detectors, std::string_view text, std::vector<TextSpan>& into) {
  bool digit = false;
  bool colon = false;
  bool at_sign = false;
  for (const char c : text) {
    digit = digit || is_digit(c);
    colon = colon || c == ':';
    at_sign = at_sign || c == '@';
  }
  for (const Detector detector : detectors) {
    const bool may_find = detector == Detector::email ? at_sign
                          : detector == Detector::url ? at_sign && colon
                          : detector == Detector::ip  ? digit || colon
                                                      : digit;
    if (may_find) detect(detector, text, into);
  }
}

}  // namespace relay::scrub_rules
