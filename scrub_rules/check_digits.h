#pragma once

#include <string_view>

namespace relay::scrub_rules {

// Whether digits (or letters and digits) alone, without what is written between them, are a number of a kind.
[[nodiscard]] bool is_national_id(std::string_view digits);  // fødselsnummer, D-number and the numbers of test persons
[[nodiscard]] bool is_account(std::string_view digits);      // Norwegian bank account
[[nodiscard]] bool is_organisation(std::string_view digits);  // Norwegian organisation number
[[nodiscard]] bool is_card(std::string_view digits);          // 13 to 19 digits, ISO/IEC 7812
[[nodiscard]] bool is_iban(std::string_view text);            // ISO 13616, capitals or small letters

}  // namespace relay::scrub_rules
