#include "relay/seed/value_tally.h"

#include <catch2/catch.hpp>

namespace relay::seed {
namespace {

using scrub_rules::Detector;

ValueTally tally_of(const std::vector<std::string>& values, bool number = false) {
  ValueTally tally;
  for (const std::string& value : values) tally.add(value, number);
  return tally;
}

// The numbers are invented; their control digits are right.
TEST_CASE("value_tally: counts what values are as a whole", "[seed]") {
  const ValueTally ids = tally_of({"15108695088", "151086 95088", "15108695089", " 15108695088 "});
  CHECK(ids.values == 4);
  CHECK(ids.of(Detector::national_id) == 3);
  CHECK(ids.d_numbers == 0);
  CHECK(tally_of({"kari@firma.example", "Kari <kari@firma.example>"}).of(Detector::email) == 1);
  CHECK(tally_of({"192.0.2.7", "2001:db8::1", "1.2.3"}).of(Detector::ip) == 2);
}

TEST_CASE("value_tally: blanks and placeholders count as no value", "[seed]") {
  CHECK(tally_of({"", "  ", "00000000000", "9999"}).values == 0);
  CHECK(tally_of({"7", "12"}).values == 2);
}

TEST_CASE("value_tally: a number that lost its leading zero is still found", "[seed]") {
  CHECK(tally_of({"1010112345"}, true).values == 1);
  // 01010750160 without its zero.
  CHECK(tally_of({"1010750160"}, true).of(Detector::national_id) == 1);
  CHECK(tally_of({"1010750160.00"}, true).of(Detector::national_id) == 1);
  CHECK(tally_of({"1010750160"}, false).of(Detector::national_id) == 0);
}

TEST_CASE("value_tally: tells written telephone numbers from eight digits, and versions from addresses", "[seed]") {
  const ValueTally phones = tally_of({"98765432", "+47 987 65 432", "22 33 44 55"});
  CHECK(phones.of(Detector::phone) >= 2);
  CHECK(phones.written_phones >= 1);
  CHECK(tally_of({"1.2.3.4", "10.0.19.2"}).wide_addresses == 0);
  CHECK(tally_of({"192.0.2.7"}).wide_addresses == 1);
}

// Invented as well: Skatteverket's and CPR's own examples have the same form.
TEST_CASE("value_tally: tells Swedish and Danish identity numbers", "[seed]") {
  const ValueTally swedish = tally_of({"811218-9876", "8112189876", "198112189876", "19811218-9876", "811278-9873"});
  CHECK(swedish.swedish_ids == 5);
  CHECK(tally_of({"811218-9875", "811318-9876", "811200-9876", "811218/9876", "178112189876"}).swedish_ids == 0);
  const ValueTally danish = tally_of({"070761-4285", "0707614285", "070761 4285"});
  CHECK(danish.danish_ids == 3);
  CHECK(danish.danish_dates == 3);
  CHECK(tally_of({"070761-4286"}).danish_ids == 0);
  CHECK(tally_of({"070761-4286"}).danish_dates == 1);
  CHECK(tally_of({"071361-4285", "320761-4285", "07076-14285", "1234"}).danish_dates == 0);
  CHECK(tally_of({"707614285"}, true).danish_ids == 1);
  CHECK(tally_of({"-707614285", "70761.4285"}, true).danish_dates == 0);
}

TEST_CASE("value_tally: an organisation number may be written as one of the value added tax", "[seed]") {
  // Brønnøysund's own example.
  CHECK(tally_of({"974760673", "974 760 673", "NO974760673MVA", "NO 974 760 673 MVA", "974760673MVA"})
            .of(Detector::organisation) == 5);
  CHECK(tally_of({"NO974760674MVA", "MVA"}).of(Detector::organisation) == 0);
}

TEST_CASE("value_tally: counts numbers as large as addresses, zeros and ones", "[seed]") {
  const ValueTally numbers = tally_of({"16777216", "4294967295", "16777215", "4294967296", "1", "0"}, true);
  CHECK(numbers.numbers_of_ipv4 == 2);
  CHECK(numbers.zeros_and_ones == 2);
  CHECK(tally_of({"16777216"}).numbers_of_ipv4 == 0);
}

TEST_CASE("value_tally: finds what stands inside of texts", "[seed]") {
  CHECK(tally_of({"ring kari@firma.example i morgen"}).holding == 1);
  CHECK(tally_of({"har fnr 15108695088, ikke ring"}).holding == 1);
  CHECK(tally_of({"ingenting her"}).holding == 0);
  CHECK(tally_of({"pasienten har diabetes"}).with_health_words == 1);
}

}  // namespace
}  // namespace relay::seed
