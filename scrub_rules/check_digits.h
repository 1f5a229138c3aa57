#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace relay::scrub_rules {

// Whether digits (or letters and digits) alone, without what is written between them, are a number of a kind.
[[nodiscard]] bool is_national_id(std::string_view digits);  // fødselsnummer, D-number and the numbers of test persons
[[nodiscard]] bool is_account(std::string_view digits);      // Norwegian bank account
[[nodiscard]] bool is_organisation(std::string_view digits);  // Norwegian organisation number
[[nodiscard]] bool is_card(std::string_view digits);          // 13 to 19 digits, ISO/IEC 7812
[[nodiscard]] bool is_iban(std::string_view text);            // ISO 13616, capitals or small letters

// Reads an IBAN from its first letter on, and tells at each place whether it may end there.
class IbanReader {
 public:
  static constexpr std::size_t kShortest = 15, kLongest = 34;

  void add(char letter_or_digit);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool passes() const;

 private:
  std::array<char, 4> head_{};  // counts behind all the rest
  unsigned rest_ = 0;
  std::size_t size_ = 0;
};

}  // namespace relay::scrub_rules
