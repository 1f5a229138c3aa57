#include "relay/proof/canary_search.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

#include "relay/proof/canary_forms.h"

namespace relay::proof {
namespace {

using base::ByteView;

CanarySearch search_for(const std::vector<std::pair<std::string, std::string>>& values) {
  std::vector<Canary> canaries;
  for (const auto& [name, value] : values) canaries.push_back({name, base::Secret(value)});
  auto search = CanarySearch::make(canaries);
  REQUIRE(search);
  return std::move(*search);
}

std::string found_in(CanarySearch& search, std::string_view bytes) {
  search.restart();
  search.feed(ByteView::of(bytes));
  return search.found() == nullptr ? "" : *search.found();
}

bool has_form(std::string_view value, std::string_view form) {
  const std::vector<std::string> forms = canary_forms(value);
  return std::ranges::find(forms, form) != forms.end();
}

TEST_CASE("canary_search: names the canary of which a form stands among other bytes", "[proof]") {
  CanarySearch search = search_for({{"one", "Canary-4711-Oslo"}, {"two", "Canary-4712-Oslo"}});
  CHECK(found_in(search, "").empty());
  CHECK(found_in(search, "Canary-471-Oslo, Canary-4713-Oslo").empty());
  CHECK(found_in(search, "..Canary-4711-Oslo..") == "one");
  CHECK(found_in(search, "Canary-4711-OslCanary-4712-Oslo") == "two");
  CHECK(found_in(search, "CANARY-4712-OSLO") == "two");
  CHECK(found_in(search, "canary-4712-oslo") == "two");
}

TEST_CASE("canary_search: a form is found wherever the bytes are cut in pieces", "[proof]") {
  CanarySearch search = search_for({{"one", "aabaabaaab"}});
  const std::string text = "xxaabaabaabaaabyy";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      search.restart();
      search.feed(ByteView::of(text).sub(0, first));
      search.feed(ByteView::of(text).sub(first, second - first));
      search.feed(ByteView::of(text).sub(second));
      CHECK(search.found() != nullptr);
    }
  }
}

TEST_CASE("canary_search: what came before restart() does not count", "[proof]") {
  CanarySearch search = search_for({{"one", "aabaabaaab"}});
  search.feed(ByteView::of("aabaab"));
  CHECK(found_in(search, "aaab").empty());
  CHECK_FALSE(found_in(search, "aabaabaaab").empty());
  CHECK(found_in(search, "").empty());
}

TEST_CASE("canary_search: every form of many canaries is found, with any byte in them", "[proof]") {
  std::vector<std::pair<std::string, std::string>> values;
  for (int i = 0; i < 256; i += 8) {
    std::string value;
    for (int k = 0; k < 8; ++k) value += static_cast<char>(i + k);
    values.emplace_back("c" + std::to_string(i), value);
  }
  CanarySearch search = search_for(values);
  for (const auto& [name, value] : values) {
    for (const std::string& form : canary_forms(value)) CHECK_FALSE(found_in(search, "\x7f" + form).empty());
  }
}

TEST_CASE("canary_search: a value that is too short is an error that names the canary and not the value", "[proof]") {
  std::vector<Canary> canaries;
  canaries.push_back({"short one", base::Secret("4711471")});
  const auto search = CanarySearch::make(canaries);
  REQUIRE_FALSE(search);
  CHECK(search.error().subject() == "short one");
  CHECK(search.error().kind() == base::ErrorKind::configuration);
  CHECK(search.error().message().find("4711471") == std::string::npos);
}

TEST_CASE("canary_search: values that need too much memory are an error", "[proof]") {
  std::vector<Canary> canaries;
  for (int i = 0; i < 400; ++i) {
    std::string value = std::to_string(i) + ":";
    for (int k = 0; k < 4000; ++k) value += static_cast<char>('!' + (k * 7 + i) % 90);
    canaries.push_back({"c" + std::to_string(i), base::Secret(value)});
  }
  CHECK_FALSE(CanarySearch::make(canaries));
}

TEST_CASE("canary_forms: text is sought in the character sets of the servers", "[proof]") {
  CHECK(has_form("Bjørn Ås", "Bjørn Ås"));
  CHECK(has_form("Bjørn Ås", "BJØRN ÅS"));
  CHECK(has_form("Bjørn Ås", "bjørn ås"));
  CHECK(has_form("Bjørn Ås", "Bj\xf8rn \xc5s"));
  CHECK(has_form("Bjørn Ås", std::string("\0B\0j\0\xf8\0r\0n\0 \0\xc5\0s", 16)));
  CHECK(has_form("Bjørn Ås", std::string("B\0j\0\xf8\0r\0n\0 \0\xc5\0s\0", 16)));
  CHECK(has_form("Bjørn Ås", std::string("\0\0\0B\0\0\0j\0\0\0\xf8\0\0\0r\0\0\0n\0\0\0 \0\0\0\xc5\0\0\0s", 32)));
  CHECK(has_form("Bjørn Ås", "426ac3b8726e20c38573"));
  CHECK(has_form("Bjørn Ås", "426AC3B8726E20C38573"));
  CHECK(has_form("Bjørn Ås", "426AF8726E20C573"));
}

TEST_CASE("canary_forms: characters beyond the first plane are pairs in UTF-16", "[proof]") {
  CHECK(has_form("key \xf0\x9f\x94\x91 key", std::string("\0k\0e\0y\0 \xd8\x3d\xdd\x11\0 \0k\0e\0y", 20)));
}

TEST_CASE("canary_forms: what is no UTF-8 is sought as it is", "[proof]") {
  CHECK(has_form("\xff\xfe\xfd\xfc\xfb\xfa", "\xff\xfe\xfd\xfc\xfb\xfa"));
  CHECK(has_form("\xff\xfe\xfd\xfc\xfb\xfa", "fffefdfcfbfa"));
  CHECK(has_form("overlong\xc0\xaf", "overlong\xc0\xaf"));
}

TEST_CASE("canary_forms: digits are sought as numbers too", "[proof]") {
  // 12 345 678 901 as BIGINT, as DOUBLE, and as DECIMAL(11) and wider: its head 12 and then 345678901 in four bytes.
  CHECK(has_form("12345678901", std::string("\x35\x1c\xdc\xdf\x02\0\0\0", 8)));
  const double as_double = 12345678901.0;
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &as_double, 8);
  CHECK(has_form("12345678901", bytes));
  CHECK(has_form("12345678901", "\x0c\x14\x9a\xa4\x35"));
  CHECK(has_form("12345678901", "\x8c\x14\x9a\xa4\x35"));
  // A leading zero is none of the number.
  CHECK(has_form("01129955131", std::string("\x3b\xbf\x59\x43\0\0\0\0", 8)));
  for (const std::string& form : canary_forms("1234567890123456789012")) CHECK(form.size() >= 5);
}

}  // namespace
}  // namespace relay::proof
