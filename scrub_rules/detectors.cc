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

// Signs without which some detectors find nothing: one look at a text tells which have to search it.
constexpr unsigned kDigit = 1, kColon = 2, kPoint = 4, kAt = 8, kPlus = 16;
constexpr std::array<std::uint8_t, 256> kSigns = [] {
  std::array<std::uint8_t, 256> signs{};
  for (std::size_t digit = '0'; digit <= '9'; ++digit) signs[digit] = kDigit;
  signs[':'] = kColon;
  signs['.'] = kPoint;
  signs['@'] = kAt;
  signs['+'] = kPlus;
  return signs;
}();

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

// A number as it is written: its digits, and how many of them stand together in each group.
class WrittenNumber {
 public:
  static constexpr std::size_t kMostDigits = 19;

  [[nodiscard]] std::string_view digits() const { return {digits_.data(), size_}; }
  [[nodiscard]] bool full() const { return size_ == kMostDigits; }
  void add_digit(char c) {
    digits_[size_++] = c;
    ++sizes_[groups_];
  }
  void end_group() { ++groups_; }
  // Whether the groups behind the first `skipped`, up to the one that has just been read, have these sizes.
  [[nodiscard]] bool grouped(std::initializer_list<std::uint8_t> sizes, std::size_t skipped = 0) const {
    return groups_ + 1 == skipped + sizes.size() &&
           std::equal(sizes.begin(), sizes.end(), sizes_.begin() + static_cast<std::ptrdiff_t>(skipped));
  }
  [[nodiscard]] std::size_t first_group() const { return sizes_[0]; }
  [[nodiscard]] bool one_group() const { return groups_ == 0; }

 private:
  std::array<char, kMostDigits> digits_{};
  std::array<std::uint8_t, kMostDigits> sizes_{};
  std::size_t size_ = 0;
  std::size_t groups_ = 0;  // before the one that is being read
};

// Calls each(number, end) for every end that the number that begins at `begin` may have, up to 19 digits.
template <typename Each>
void for_each_end(std::string_view text, std::size_t begin, Each each) {
  WrittenNumber written;
  for (std::size_t place = begin; !written.full();) {
    written.add_digit(text[place++]);
    if (is_digit(at(text, place))) continue;
    each(written, place);
    const std::size_t gap = separator_size(text, place);
    if (gap == 0 || !is_digit(at(text, place + gap))) return;
    written.end_group();
    place += gap;
  }
}

// Eight digits as phone numbers are written, with or without the country's 47.
bool is_phone(const WrittenNumber& written) {
  std::string_view digits = written.digits();
  if (digits.starts_with("0047") && digits.size() == 12) digits.remove_prefix(4);
  if (digits.starts_with("47") && digits.size() == 10) digits.remove_prefix(2);
  if (digits.size() != 8 || digits[0] < '2') return false;
  const std::size_t country = written.digits().size() - digits.size();
  if (written.one_group()) return true;
  const std::size_t skipped = country != 0 && written.first_group() == country ? 1 : 0;
  return written.grouped({2, 2, 2, 2}, skipped) || written.grouped({3, 2, 3}, skipped) ||
         written.grouped({4, 4}, skipped) || (skipped == 1 && written.grouped({8}, skipped));
}

// Which detectors look for numbers of digits alone.
class NumberDetectors {
 public:
  void add(Detector detector) { wanted_ |= bit(detector); }
  [[nodiscard]] bool any() const { return wanted_ != 0; }
  // Whether one of them takes the number. Most are of no size that any of them knows.
  [[nodiscard]] bool take(const WrittenNumber& written) const {
    const std::string_view digits = written.digits();
    switch (digits.size()) {
      case 8:
      case 10:
      case 12:
        return wants(Detector::phone) && is_phone(written);
      case 9:
        return wants(Detector::organisation) && (written.one_group() || written.grouped({3, 3, 3})) &&
               is_organisation(digits);
      case 11:
        return (wants(Detector::national_id) && is_national_id(digits)) ||
               (wants(Detector::account) && (written.one_group() || written.grouped({4, 2, 5})) && is_account(digits));
      default:
        return wants(Detector::card) && (written.one_group() || written.first_group() > 2) && is_card(digits);
    }
  }

 private:
  static unsigned bit(Detector detector) { return 1U << static_cast<unsigned>(detector); }
  [[nodiscard]] bool wants(Detector detector) const { return (wanted_ & bit(detector)) != 0; }

  unsigned wanted_ = 0;
};

// Whether a number begins at `place`.
bool begins_number(std::string_view text, std::size_t place) {
  return is_digit(text[place]) && (place == 0 || !is_digit(text[place - 1]));
}

void detect_numbers(const NumberDetectors& detectors, std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!begins_number(text, begin)) continue;
    for_each_end(text, begin, [&](const WrittenNumber& found, std::size_t end) {
      if (detectors.take(found)) into.push_back({begin, end});
    });
  }
}

// +CC and a number of 7 to 15 digits in all.
void detect_foreign_phones(std::string_view text, std::vector<TextSpan>& into) {
  for (std::size_t sign = text.find('+'); sign != std::string_view::npos; sign = text.find('+', sign + 1)) {
    if (!is_digit(at(text, sign + 1))) continue;
    for_each_end(text, sign + 1, [&](const WrittenNumber& found, std::size_t end) {
      if (found.digits().size() >= 7 && found.digits().size() <= 15) into.push_back({sign, end});
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
  // Two letters, and a number of two digits or more.
  for (std::size_t number = 2; number < text.size(); ++number) {
    if (!begins_number(text, number) || !is_digit(at(text, number + 1))) continue;
    const std::size_t begin = number - 2;
    if (!is_letter(text[begin]) || !is_letter(text[begin + 1]) || (begin > 0 && is_word(text[begin - 1]))) continue;
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
  // Most of what may be one is a word of a to f, or a number.
  const auto count = [&](char sign) { return std::ranges::count(text, sign); };
  const bool six = text.find(':') != std::string_view::npos;
  if (text.size() >= INET6_ADDRSTRLEN || (six ? count(':') < 2 : count('.') != 3)) return false;
  std::array<char, INET6_ADDRSTRLEN> address{};
  std::ranges::copy(text, address.begin());
  std::array<std::uint8_t, 16> bytes{};
  return ::inet_pton(six ? AF_INET6 : AF_INET, address.data(), bytes.data()) == 1;
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

void detect(std::span<const Detector> detectors, std::string_view text, std::vector<TextSpan>& into) {
  unsigned seen = 0;
  for (const char c : text) seen |= kSigns[static_cast<unsigned char>(c)];
  const auto has = [seen](unsigned signs) { return (seen & signs) == signs; };
  NumberDetectors numbers;
  for (const Detector detector : detectors) {
    switch (detector) {
      case Detector::email:
        if (has(kAt)) detect_emails(text, into);
        break;
      case Detector::iban:
        if (has(kDigit)) detect_ibans(text, into);
        break;
      case Detector::ip:
        if (has(kColon) || has(kDigit | kPoint)) detect_addresses(text, into);
        break;
      case Detector::url:
        if (has(kAt | kColon)) detect_urls(text, into);
        break;
      case Detector::phone:
        if (has(kDigit | kPlus)) detect_foreign_phones(text, into);
        [[fallthrough]];
      default:
        numbers.add(detector);
    }
  }
  if (has(kDigit) && numbers.any()) detect_numbers(numbers, text, into);
}

}  // namespace relay::scrub_rules
