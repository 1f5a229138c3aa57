#include "scrub_rules/detectors.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <string>

namespace relay::scrub_rules {
namespace {

// The text with what a detector finds in brackets.
std::string found(const char* detector, const std::string& text) {
  std::vector<TextSpan> spans;
  const Detector wanted = detector_named(detector).value();
  detect({&wanted, 1}, text, spans);
  std::vector<bool> inside(text.size());
  for (const TextSpan& span : spans) {
    REQUIRE(span.begin < span.end);
    REQUIRE(span.end <= text.size());
    std::fill(inside.begin() + static_cast<std::ptrdiff_t>(span.begin),
              inside.begin() + static_cast<std::ptrdiff_t>(span.end), true);
  }
  std::string marked;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (inside[i] && (i == 0 || !inside[i - 1])) marked += '[';
    marked += text[i];
    if (inside[i] && (i + 1 == text.size() || !inside[i + 1])) marked += ']';
  }
  return marked;
}

// Numbers that are published as examples, or by test environments.
const std::vector<std::pair<const char*, std::string>>& published() {
  static const std::vector<std::pair<const char*, std::string>> numbers = {
      {"national-id", "15108695088"},  // python-stdnum
      {"national-id", "15076500565"},       {"national-id", "29100207042"},
      {"national-id", "17054026641"},       {"national-id", "43022014103"},  // a D-number
      {"national-id", "01819000049"},                                        // as of the tax office's test persons
      {"account", "86011117947"},     // that of the IBAN register's Norwegian example
      {"organisation", "974760673"},  // the register centre
      {"organisation", "923609016"},        {"card", "4111111111111111"},
      {"card", "5555555555554444"},         {"card", "378282246310005"},
      {"card", "6011111111111117"},         {"iban", "NO9386011117947"},  // the IBAN register's examples
      {"iban", "GB29NWBK60161331926819"},   {"iban", "DE89370400440532013000"},
      {"iban", "SE4550000000058398257466"}, {"iban", "DK5000400440116243"},
  };
  return numbers;
}

TEST_CASE("detectors: published numbers are found, and not with one digit changed", "[scrub_rules]") {
  for (const auto& [detector, number] : published()) {
    INFO(detector << " " << number);
    CHECK(found(detector, number) == "[" + number + "]");
    CHECK(found(detector, "nr. " + number + ", ja") == "nr. [" + number + "], ja");
    for (std::size_t i = 0; i < number.size(); ++i) {
      if (number[i] < '0' || number[i] > '9') continue;
      for (char digit = '0'; digit <= '9'; ++digit) {
        if (digit == number[i]) continue;
        std::string changed = number;
        changed[i] = digit;
        INFO(changed);
        CHECK(found(detector, changed) == changed);
      }
    }
  }
}

TEST_CASE("detectors: numbers are found as people write them", "[scrub_rules]") {
  CHECK(found("national-id", "151086 95088") == "[151086 95088]");
  CHECK(found("national-id", "15.10.86-95088") == "[15.10.86-95088]");
  CHECK(found("national-id", "151086\u00a095088") == "[151086\u00a095088]");
  CHECK(found("national-id", "f\u00f8dt 151086 95088\n15108695088") == "f\u00f8dt [151086 95088]\n[15108695088]");
  CHECK(found("national-id", "115108695088") == "115108695088");
  CHECK(found("national-id", "151086950881") == "151086950881");
  CHECK(found("national-id", "151086    95088") == "151086    95088");
  CHECK(found("national-id", "151086\n\n95088") == "151086\n\n95088");
  CHECK(found("account", "8601.11.17947") == "[8601.11.17947]");
  CHECK(found("account", "8601 11 17947.") == "[8601 11 17947].");
  CHECK(found("account", "86 0111 17947") == "86 0111 17947");
  CHECK(found("organisation", "NO 974 760 673 MVA") == "NO [974 760 673] MVA");
  CHECK(found("card", "4111 1111 1111 1111") == "[4111 1111 1111 1111]");
  CHECK(found("card", "3782-822463-10005") == "[3782-822463-10005]");
  CHECK(found("iban", "NO93 8601 1117 947") == "[NO93 8601 1117 947]");
  CHECK(found("iban", "no93 8601 1117 947 i dag") == "[no93 8601 1117 947] i dag");
  CHECK(found("iban", "xNO9386011117947") == "xNO9386011117947");
  for (const char* phone :
       {"22334455", "22 33 44 55", "223 34 455", "2233 4455", "4722334455", "47 22 33 44 55", "004722334455",
        "0047 22 33 44 55", "+4722334455", "+47 22 33 44 55", "+46 70 123 45 67", "+1 202-555-0123"}) {
    INFO(phone);
    CHECK(found("phone", std::string("ring ") + phone + "!") == std::string("ring [") + phone + "]!");
  }
  for (const char* none : {"12334455", "2233445", "223344556", "2 2 3 3 4 4 5 5", "22.33", "1.234.567", "+12345"}) {
    INFO(none);
    CHECK(found("phone", none) == none);
  }
}

TEST_CASE("detectors: addresses of the network and of mail are found", "[scrub_rules]") {
  CHECK(found("email", "til kari.nordmann@firma.example.") == "til [kari.nordmann@firma.example].");
  CHECK(found("email", "<bl\u00e5b\u00e6r+a@b\u00e6r.example>") == "<[bl\u00e5b\u00e6r+a@b\u00e6r.example]>");
  CHECK(found("email", "a@localhost") == "[a@localhost]");
  CHECK(found("email", "@kari og kari@ og a @ b") == "@kari og kari@ og a @ b");
  CHECK(found("ip", "fra 192.0.2.129.") == "fra [192.0.2.129].");
  CHECK(found("ip", "192.0.2.129:8080") == "[192.0.2.129]:8080");
  CHECK(found("ip", "[2001:db8::1]:443") == "[[2001:db8::1]]:443");
  CHECK(found("ip", "::ffff:192.0.2.1 og fe80::1") == "[::ffff:192.0.2.1] og [fe80::1]");
  CHECK(found("url", "se https://kari:hemmelig@firma.example/a?b her") ==
        "se [https://kari:hemmelig@firma.example/a?b] her");
  CHECK(found("url", "mysql://root@db, ftp://a/b@c") == "[mysql://root@db,] ftp://a/b@c");
  CHECK(found("url", "https://firma.example/") == "https://firma.example/");
  CHECK_FALSE(detector_named("fodselsnummer2").has_value());
}

// Each text has brackets around what is to be found in it.
void check_marked(const char* detector, std::initializer_list<const char*> texts) {
  for (const std::string marked : texts) {
    std::string text = marked;
    std::erase_if(text, [](char c) { return c == '{' || c == '}'; });
    std::string expected = marked;
    std::ranges::replace(expected, '{', '[');
    std::ranges::replace(expected, '}', ']');
    INFO(text);
    CHECK(found(detector, text) == expected);
  }
}

TEST_CASE("detectors: addresses of the network are found as logs write them", "[scrub_rules]") {
  check_marked(
      "ip", {"IP:{10.11.12.13}", "src:{10.11.12.18} dst:{10.11.12.19}", "X-Forwarded-For:{10.11.12.13}, {10.11.12.14}",
             "client=ip:{10.11.12.14}:443", "at 12:30:{10.11.12.13}", "[{::ffff:10.11.12.15}:80]", "IPv4:{10.11.12.16}",
             "IP {10.11.12.17}.443 > {10.11.12.18.53}: UDP", "2024.{10.11.12.13}", "{192.168.192.168.1.2}",
             "host{10.11.12.13} {10.11.12.14}x _{10.11.12.15}_", "{010.011.012.013}", "remote_addr:{2001:db8:77::1}",
             "addr:{fe80::aaaa} iface:{fe80::1}%eth0", "at {12:30:2001:db8::1}", "src:{::1} x:{2001:db8::}, -"});
  check_marked("ip", {"{2001:db8:1:2:3:4:5:6}:443", "{2001:db8::1:443}", "{2001:db8:0:0:0:0:10.1.2.3}", "({fe80::1})",
                      "{FE80::ABCD}.", "{aa:bb:cc:dd:ee:ff:00:11}"});
  check_marked("ip",
               {"12:34:56", "12:34:56.789", "1.2.3", "256.1.1.1", "1.256.1.1", "1.2.3.4444", "v1.2.3.4", "V1.2.3.4.5",
                "aa:bb:cc:dd:ee:ff", "abc", "...", ":::", "a :: b", "std::dec", "cafe::open", "1..2.3.4"});
}

TEST_CASE("detectors: whatever stands between the groups of numbers", "[scrub_rules]") {
  for (const char* gap : {"\u00a0", "\u00ad", "\u2007", "\u2009", "\u200b", "\u200e",   "\u2010", "\u2011", "\u2013",
                          "\u2014", "\u202f", "\u2060", "\u2212", "\u3000", "\ufeff",   "\uff0d", "\u2028", "\t",
                          "\n",     "\r\n",   "  ",     "/",      " - ",    " \u2013 ", ". ",     ")("}) {
    const std::string g = gap;
    INFO(g);
    const auto check = [](const char* detector, const std::string& number) {
      CHECK(found(detector, "nr \u2026 " + number + ", \u00e5") == "nr \u2026 [" + number + "], \u00e5");
    };
    check("national-id", "151086" + g + "95088");
    check("national-id", "15" + g + "10" + g + "86" + g + "95088");
    check("account", "8601" + g + "11" + g + "17947");
    check("organisation", "974" + g + "760" + g + "673");
    check("card", "4111" + g + "1111" + g + "1111" + g + "1111");
    check("iban", "NO93" + g + "8601" + g + "1117" + g + "947");
    check("phone", "22" + g + "33" + g + "44" + g + "55");
    check("phone", "+46" + g + "70" + g + "123" + g + "45" + g + "67");
  }
}

TEST_CASE("detectors: wide characters count as the narrow ones", "[scrub_rules]") {
  check_marked("national-id", {"nr {\uff11\uff15\uff11\uff10\uff18\uff16\uff19\uff15\uff10\uff18\uff18}\uff0e"});
  check_marked("phone", {"\u65e5 {\uff0b46 70 123 45 67}",
                         "{\uff12\uff12\u3000\uff13\uff13\u3000\uff14\uff14\u3000\uff15\uff15}"});
  check_marked("email", {"til {ola\uff20firma.example} \u2013 {kari@\u200bfirma.example}", "{ola\uff20firma.example}"});
  check_marked("ip", {"{10\uff0e11\uff0e12\uff0e13} 1"});
  check_marked("iban", {"{\uff2e\uff2f93 8601 1117 947}"});
}

TEST_CASE("detectors: mail is found whatever its local part and domain", "[scrub_rules]") {
  check_marked("email", {R"(til {"ola nordmann"@firma.no} nå)", R"({"ola \"den\" nordmann"@firma.no})",
                         R"(x:"y", {"ola"@firma.no})", R"(\{"ola n\"@firma.no})", "{ola@[192.0.2.77]}!",
                         "{ola@[IPv6:2001:db8::1]}"});
  for (const char sign : std::string("!#$&*/=?^`{|}~")) {
    const std::string mail = std::string("ola") + sign + "n@firma.no";
    CHECK(found("email", "(" + mail + ")") == "([" + mail + "])");
  }
  check_marked("email", {"\"@firma.no", "a@[", "@[192.0.2.77]", "a@[ b ]", "ola (at) firma.no", "ola%40firma.no"});
}

TEST_CASE("detectors: telephone numbers are found with brackets, areas and country codes", "[scrub_rules]") {
  check_marked("phone", {"{+46 (0)8 123 45 67}", "{+47 (22) 33 44 55}", "({22) 33 44 55}", "{+ 46 8 1234567}",
                         "{0046812345678}", "{+44 (20) 7946 0958}", "{+49 15123456789}", "{+49 151 234 567 89 01} 2",
                         "{+(46) 8 1234567}", "{00 46 8 123 45 67}", "\u202a{+47 22 33 44 55}\u202c"});
  check_marked("phone", {"00046812345678", "0012345678", "+ ", "+(", "1 + 234567"});
}

TEST_CASE("detectors: credentials are found in addresses of every form", "[scrub_rules]") {
  check_marked("url", {R"({https:\/\/ola:hem!melig@x.no} a)", R"("{https:\/\/ola:hemmelig@x.no\/a}")",
                       "se {//ola:hemmelig@x.no/a} b", "{mysql://ola:p/ss@x.no}", "{mysql://ola:p/s/s@x.no/a}",
                       "{https://a:1/b@c}", "a://b/{c://d:e@f} g"});
  check_marked("url", {"// ola: a@b", "https://x.no/a@b", "https://x.no/ ola:a@b", R"(https:\/\/x.no\/a)"});
}

TEST_CASE("detectors: what stands in the text as it is is found beside wide digits and spaces, too", "[scrub_rules]") {
  CHECK(found("national-id", "15108695088\uff11") == "[15108695088]\uff11");
  CHECK(found("iban", "NO9386011117947\uff11") == "[NO9386011117947]\uff11");
  CHECK(found("phone", "22334455\uff11").starts_with("[22334455"));
  CHECK(found("email", "7 ola@\u3000firma.no").find("[") != std::string::npos);
  CHECK(found("url", "22://ola\uff0f0NO@x.no").find("[") != std::string::npos);
}

TEST_CASE("detectors: whatever the text is, they take time in proportion to its length", "[scrub_rules]") {
  // A search that goes over the rest of the text from each place takes 137,000,000,000 steps: minutes. One that does
  // not takes a hundredth of a second, and a sanitizer makes less than a second of that.
  constexpr std::size_t kSize = std::size_t{1} << 19;
  constexpr std::clock_t kSeconds = 30;
  std::mt19937 random(5);
  const auto repeated = [](const std::string& part) {
    std::string text;
    while (text.size() < kSize) text += part;
    return text;
  };
  std::vector<std::string> texts = {repeated("1"),      repeated("1 "),          repeated("a@"),     repeated("@"),
                                    repeated("://"),    repeated("a://b"),       repeated(":"),      repeated("1:"),
                                    repeated("1."),     repeated("+1"),          repeated("NO12"),   repeated("NO12 "),
                                    repeated("\"@"),    repeated("1\u202f"),     repeated("a:b@//"), repeated("\\/\\/"),
                                    repeated("1.1.1:"), repeated("00 1 "),       repeated("ab12"),   repeated("://a@"),
                                    repeated("a:"),     std::string(kSize, '\0')};
  std::string noise;
  while (noise.size() < kSize) noise += static_cast<char>(random());
  texts.push_back(noise);
  for (const std::string& text : texts) {
    std::vector<TextSpan> spans;
    for (std::size_t i = 0; i < kDetectors; ++i) {
      const auto detector = static_cast<Detector>(i);
      spans.clear();
      INFO("detector " << i << ", text " << &text - texts.data());
      const std::clock_t start = std::clock();  // of this process alone, however busy the machine is
      detect({&detector, 1}, text, spans);
      REQUIRE(std::clock() - start < kSeconds * CLOCKS_PER_SEC);
      CHECK(spans.size() <= text.size() / 2 + 1);
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
