#include "scrub_rules/pseudonym_key.h"

#include <catch2/catch.hpp>
#include <set>

#include "declared_column.h"

namespace relay::scrub_rules {
namespace {

constexpr std::string_view kNumerals = "0123456789abcdefghijklmnopqrstuvwxyz";

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string encrypted(std::string_view key, std::uint32_t radix, std::string_view text, std::string_view tweak) {
  const auto ff1 = Ff1::make(unhex(key));
  REQUIRE(ff1.has_value());
  const Ff1::Domain domain = ff1->domain(radix, static_cast<std::uint32_t>(text.size()));
  const auto number = [&](std::string_view half) {
    Uint128 value = 0;
    for (const char c : half) value = value * radix + kNumerals.find(c);
    return value;
  };
  const std::size_t first = text.size() / 2;
  const auto done = ff1->encrypt(domain, {number(text.substr(0, first)), number(text.substr(first))}, unhex(tweak));
  REQUIRE(done.has_value());
  std::string out(text.size(), '0');
  Uint128 value = done->second;
  for (std::size_t i = text.size(); i > first; --i, value /= radix)
    out[i - 1] = kNumerals[static_cast<std::size_t>(value % radix)];
  value = done->first;
  for (std::size_t i = first; i > 0; --i, value /= radix)
    out[i - 1] = kNumerals[static_cast<std::size_t>(value % radix)];
  return out;
}

TEST_CASE("ff1: agrees with the samples that NIST publishes with SP 800-38G", "[scrub_rules]") {
  const std::string key16 = "2B7E151628AED2A6ABF7158809CF4F3C";
  const std::string key24 = key16 + "EF4359D8D580AA4F";
  const std::string key32 = key24 + "7F036D6F04FC6A94";
  const std::string tweak10 = "39383736353433323130";
  const std::string tweak36 = "3737373770717273373737";
  CHECK(encrypted(key16, 10, "0123456789", "") == "2433477484");
  CHECK(encrypted(key16, 10, "0123456789", tweak10) == "6124200773");
  CHECK(encrypted(key16, 36, "0123456789abcdefghi", tweak36) == "a9tv40mll9kdu509eum");
  CHECK(encrypted(key24, 10, "0123456789", "") == "2830668132");
  CHECK(encrypted(key24, 10, "0123456789", tweak10) == "2496655549");
  CHECK(encrypted(key24, 36, "0123456789abcdefghi", tweak36) == "xbj3kv35jrawxv32ysr");
  CHECK(encrypted(key32, 10, "0123456789", "") == "6657667009");
  CHECK(encrypted(key32, 10, "0123456789", tweak10) == "1001623463");
  CHECK(encrypted(key32, 36, "0123456789abcdefghi", tweak36) == "xs8a0azh2avyalyzuwd");
}

TEST_CASE("ff1: a key of another length is refused", "[scrub_rules]") {
  CHECK_FALSE(Ff1::make("").has_value());
  CHECK_FALSE(Ff1::make(std::string(31, 'k')).has_value());
}

PseudonymKey key_of(std::string_view name = "person", std::string bytes = std::string(32, 'k')) {
  auto key = PseudonymKey::derive(base::Secret(std::move(bytes)), name);
  REQUIRE(key.has_value());
  return std::move(*key);
}

std::string digest_of(const PseudonymKey& key, std::string_view canonical) {
  const PseudonymKey::Digest digest = key.digest(base::ByteView::of(canonical));
  return testing::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// Computed with Python's hmac module: HMAC(HMAC(key, "binlog-relay 1 hash person"), text).
TEST_CASE("pseudonym_key: digests are HMAC-SHA-256 under a key derived from key and name", "[scrub_rules]") {
  const PseudonymKey key = key_of();
  CHECK(digest_of(key, "5") == "755858e19ab7b33de5d7bc77e001316395e0b8ba7fd32a1e910f7575fa3971f3");
  CHECK(digest_of(key, "") == "a47f0ac99335efc2b24279158e46f1e57d7ac4bb2c794bd1352744242be2f405");
  CHECK(digest_of(key, "5") == "755858e19ab7b33de5d7bc77e001316395e0b8ba7fd32a1e910f7575fa3971f3");
  CHECK(digest_of(key_of("people"), "5") != digest_of(key, "5"));
  CHECK(digest_of(key_of("person", std::string(33, 'k')), "5") != digest_of(key, "5"));
}

TEST_CASE("pseudonym_key: short and long keys are refused", "[scrub_rules]") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{4097}}) {
    const auto key = PseudonymKey::derive(base::Secret(std::string(size, 'k')), "person");
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().kind() == base::ErrorKind::configuration);
    CHECK_FALSE(key.error().remedy().empty());
  }
}

TEST_CASE("pseudonym_key: a fingerprint tells keys and names apart", "[scrub_rules]") {
  const base::Secret key(std::string(32, 'k'));
  const std::string print = PseudonymKey::fingerprint(key, "person").value();
  CHECK(print.size() == 64);
  CHECK(print == PseudonymKey::fingerprint(key, "person").value());
  CHECK(print != PseudonymKey::fingerprint(key, "people").value());
  CHECK(print != PseudonymKey::fingerprint(base::Secret(std::string(32, 'j')), "person").value());
}

TEST_CASE("pseudonym_key: numbers of few bits are permuted, none twice", "[scrub_rules]") {
  const PseudonymKey key = key_of();
  for (const std::uint32_t bits : {7U, 8U, 9U, 16U}) {
    const Ff1::Domain domain = key.binary(bits);
    std::set<std::uint64_t> met;
    bool moved = false;
    for (std::uint64_t value = 0; value < std::uint64_t{1} << bits; ++value) {
      const auto other = key.permute(domain, value);
      REQUIRE(other.has_value());
      REQUIRE(*other < Uint128{1} << bits);
      moved = moved || *other != value;
      met.insert(static_cast<std::uint64_t>(*other));
    }
    CHECK(met.size() == std::size_t{1} << bits);
    CHECK(moved);
  }
}

TEST_CASE("pseudonym_key: wide numbers stay inside their bits", "[scrub_rules]") {
  const PseudonymKey key = key_of();
  for (const std::uint32_t bits : {24U, 32U, 33U, 63U, 64U, 127U, 128U}) {
    const Ff1::Domain domain = key.binary(bits);
    const Uint128 largest = bits == 128 ? ~Uint128{0} : (Uint128{1} << bits) - 1;
    const Uint128 a = key.permute(domain, largest).value();
    const Uint128 b = key.permute(domain, 0).value();
    CHECK((a <= largest && b <= largest && a != b));
  }
}

TEST_CASE("pseudonym_key: digits of every length are permuted, none twice", "[scrub_rules]") {
  const PseudonymKey key = key_of();
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
    std::set<std::string> met;
    std::size_t values = 1;
    for (std::size_t i = 0; i < count; ++i) values *= 10;
    for (std::size_t value = 0; value < values; ++value) {
      std::string digits = std::to_string(values + value).substr(1);
      REQUIRE(key.permute_digits(digits.data(), digits.size()).has_value());
      REQUIRE(digits.find_first_not_of("0123456789") == std::string::npos);
      met.insert(digits);
    }
    CHECK(met.size() == values);
  }
  for (std::size_t count = 5; count <= Ff1::kLongestDecimal; ++count) {
    std::string digits(count, '9');
    REQUIRE(key.permute_digits(digits.data(), digits.size()).has_value());
    CHECK(digits.find_first_not_of("0123456789") == std::string::npos);
    CHECK(digits != std::string(count, '9'));
  }
}

}  // namespace
}  // namespace relay::scrub_rules
