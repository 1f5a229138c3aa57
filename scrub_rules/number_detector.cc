#include "scrub_rules/number_detector.h"

#include <algorithm>
#include <array>

#include "scrub_rules/check_digits.h"
#include "scrub_rules/plain_text.h"
#include "scrub_rules/text_signs.h"

namespace relay::scrub_rules {

namespace {

using base::is_digit;
using base::is_letter;

constexpr std::array<bool, 256> kSeparators = [] {
  std::array<bool, 256> separators{};
  for (const char c : std::string_view(" \t\r\n.-/()")) separators[static_cast<unsigned char>(c)] = true;
  separators[static_cast<unsigned char>(kNoWidth)] = true;
  return separators;
}();

// Bytes of what may stand between two digits of one number; 0 for anything else.
std::size_t separator_size(std::string_view text, std::size_t place) {
  const char c = at(text, place);
  if (kSeparators[static_cast<unsigned char>(c)]) return 1;
  // A space that does not break, or a hyphen that shows only where the line ends.
  const bool latin = c == '\xc2' && (at(text, place + 1) == '\xa0' || at(text, place + 1) == '\xad');
  return latin ? 2 : 0;
}

// Where the number goes on whose group ends before `place`, behind three separators and one end of a line at most;
// `place` where `goes_on` takes nothing there.
template <typename GoesOn>
std::size_t next_group(std::string_view text, std::size_t place, GoesOn goes_on) {
  constexpr int kMostSeparators = 3;
  std::size_t next = place;
  int lines = 0;
  for (int i = 0; i < kMostSeparators; ++i) {
    const std::size_t size = separator_size(text, next);
    if (size == 0) return place;
    if (text[next] == '\n' && ++lines > 1) return place;
    next += size;
    if (goes_on(at(text, next))) return next;
  }
  return place;
}

// Whether a number begins at `place`.
bool begins_number(std::string_view text, std::size_t place) {
  return is_digit(text[place]) && (place == 0 || !is_digit(text[place - 1]));
}

}  // namespace

// A number as it is written: its digits, and how many of them stand together in each group.
class WrittenNumber {
 public:
  static constexpr std::size_t kMostDigits = 19;

  [[nodiscard]] std::string_view digits() const { return {digits_.data(), size_}; }
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

namespace {

constexpr std::size_t kMostOfPhone = 15;  // digits, E.164

bool is_abroad(std::string_view digits) { return digits.starts_with("00"); }

// How many digits a number may have whose first group has been read, where no sign tells what it is. Where groups of
// one and two digits follow each other, nearly every place begins a number: there the time goes.
std::size_t most_digits(const WrittenNumber& written) {
  if (written.first_group() > 2) return WrittenNumber::kMostDigits;  // cards
  return is_abroad(written.digits()) ? 2 + kMostOfPhone : 11;
}

// Calls each(number, end) for every end that the number that begins at `begin` may have. most(number) is how many
// digits it has when it has the most.
template <typename Most, typename Each>
void for_each_end(std::string_view text, std::size_t begin, Most most, Each each) {
  WrittenNumber written;
  std::size_t limit = WrittenNumber::kMostDigits;
  for (std::size_t place = begin; written.digits().size() < limit;) {
    written.add_digit(text[place++]);
    if (is_digit(at(text, place))) continue;
    each(written, place);
    if (written.one_group()) limit = most(written);
    const std::size_t next = next_group(text, place, is_digit);
    if (next == place) return;
    written.end_group();
    place = next;
  }
}

// A number of another country, or eight digits as phone numbers are written, with or without the country's 47.
bool is_phone(const WrittenNumber& written) {
  constexpr std::size_t kLeastAbroad = 9;  // with the country; fewer are numbers that zeros fill
  std::string_view digits = written.digits();
  if (is_abroad(digits) && digits.size() >= 2 + kLeastAbroad && digits[2] != '0')
    return digits.size() <= 2 + kMostOfPhone;
  if (digits.starts_with("47") && digits.size() == 10) digits.remove_prefix(2);
  if (digits.size() != 8 || digits[0] < '2') return false;
  if (written.one_group()) return true;
  const bool country = digits.size() != written.digits().size();
  const std::size_t skipped = country && written.first_group() == 2 ? 1 : 0;
  return written.grouped({2, 2, 2, 2}, skipped) || written.grouped({3, 2, 3}, skipped) ||
         written.grouped({4, 4}, skipped) || (skipped == 1 && written.grouped({8}, skipped));
}

}  // namespace

bool NumberDetectors::take(const WrittenNumber& written) const {
  const std::string_view digits = written.digits();
  if (wants(Detector::phone) && is_phone(written)) return true;
  switch (digits.size()) {
    case 8:
    case 10:
    case 12:
      return false;
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

void NumberDetectors::detect(std::string_view text, std::vector<TextSpan>& into) const {
  constexpr std::size_t kLeast = 8;  // digits; most numbers of a text have fewer
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    if (!begins_number(text, begin)) continue;
    for_each_end(text, begin, most_digits, [&](const WrittenNumber& found, std::size_t end) {
      if (found.digits().size() >= kLeast && take(found)) add_span({begin, end}, into);
    });
  }
}

void detect_international_phones(std::string_view text, std::vector<TextSpan>& into) {
  constexpr std::size_t kLeast = 7;  // digits, with the country
  for (std::size_t sign = text.find('+'); sign != std::string_view::npos; sign = text.find('+', sign + 1)) {
    const std::size_t begin = sign + 1 + separator_size(text, sign + 1);
    if (!is_digit(at(text, begin))) continue;
    std::size_t longest = begin;
    const auto most = [](const WrittenNumber&) { return kMostOfPhone; };
    for_each_end(text, begin, most, [&](const WrittenNumber& found, std::size_t end) {
      if (found.digits().size() >= kLeast && found.digits().size() <= kMostOfPhone) longest = end;
    });
    if (longest > begin) add_span({sign, longest}, into);
  }
}

void detect_ibans(std::string_view text, std::vector<TextSpan>& into) {
  // Two letters, and a number of two digits or more.
  for (std::size_t number = 2; number < text.size(); ++number) {
    if (!begins_number(text, number) || !is_digit(at(text, number + 1))) continue;
    const std::size_t begin = number - 2;
    if (!is_letter(text[begin]) || !is_letter(text[begin + 1]) || (begin > 0 && is_word(text[begin - 1]))) continue;
    IbanReader iban;
    for (std::size_t place = begin; iban.size() < IbanReader::kLongest;) {
      iban.add(text[place++]);
      if (is_word(at(text, place))) continue;
      if (iban.passes()) add_span({begin, place}, into);
      const std::size_t next = next_group(text, place, is_word);
      if (next == place) break;
      place = next;
    }
  }
}

}  // namespace relay::scrub_rules
