#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "scrub_rules/detectors.h"

namespace relay::seed {

// What the sampled values of one column look like: numbers alone, so that no byte of a value is kept. Values that are
// empty, or one digit over and over ("00000000000"), are placeholders and count as none.
struct ValueTally {
  std::size_t values = 0;
  std::array<std::size_t, scrub_rules::kDetectors> whole{};  // values that are, as a whole, what a detector finds
  std::size_t d_numbers = 0;                                 // of national-id: with 40 more in the day
  std::size_t written_phones = 0;  // of phone: with a country's number before them, or in groups
  std::size_t wide_addresses = 0;  // of ip: IPv6, or a part of 64 and more, which version numbers seldom have
  std::size_t like_phones = 0;     // 5 to 15 digits and what is written between those of telephone numbers
  std::size_t digits_alone = 0;    // nothing but digits
  std::size_t holding = 0;         // longer texts with an e-mail address, national-id, IBAN or card number in them
  std::size_t with_health_words = 0;
  std::size_t swedish_ids = 0;      // personnummer and samordningsnummer: a date, and the check of Luhn
  std::size_t danish_ids = 0;       // CPR numbers: a date, and the remainder 0 modulo 11
  std::size_t danish_dates = 0;     // the same without the remainder, which numbers since 2007 need not have
  std::size_t numbers_of_ipv4 = 0;  // whole numbers from 1.0.0.0 on, in columns of numbers
  std::size_t zeros_and_ones = 0;

  // Counts one value, as text in UTF-8. `number`: of a column of numbers, whose leading zeros are gone.
  void add(std::string_view value, bool number);
  [[nodiscard]] std::size_t of(scrub_rules::Detector detector) const {
    return whole[static_cast<std::size_t>(detector)];
  }
  // Whether at least `percent` of the values, and one of them, are what `detector` finds.
  [[nodiscard]] bool mostly(scrub_rules::Detector detector, std::size_t percent) const {
    return mostly(of(detector), percent);
  }
  [[nodiscard]] bool mostly(std::size_t counted, std::size_t percent) const {
    return counted > 0 && counted * 100 >= percent * values;
  }

 private:
  void add_nordic_id(std::string_view digits);
};

}  // namespace relay::seed
