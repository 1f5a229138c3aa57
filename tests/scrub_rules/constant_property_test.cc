#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "declared_column.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"

// Random values are encoded and read back by decoders that share nothing with the encoders. Seeds are fixed, and shown
// on failure.

namespace relay::scrub_rules {
namespace {

using binlog::Flavor;
using binlog::TypeCode;
using Json = nlohmann::json;
using testing::declared_column;

constexpr int kRounds = 4000;

ColumnTraits traits_of(const std::string& declared, Flavor flavor = Flavor::mysql) {
  const sql::ColumnDefinition column = declared_column(declared);
  const auto type = column_type_of(column, flavor);
  REQUIRE(type.has_value());
  return column_traits(column, *type, flavor);
}

std::string encoded(const ColumnTraits& column, const std::string& value) {
  base::Buffer into;
  const auto done = encode_constant(column, value, into);
  INFO(value);
  REQUIRE(done.has_value());
  return std::string(into.view().text());
}

std::uint64_t big_endian(const std::string& bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i - 1));
  return value;
}

TEST_CASE("property: integers of every width read back", "[scrub_rules]") {
  std::mt19937_64 random(1);
  const std::array<const char*, 5> names = {"tinyint", "smallint", "mediumint", "int", "bigint"};
  const std::array<std::size_t, 5> widths = {1, 2, 3, 4, 8};
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t kind = random() % names.size();
    const std::size_t bits = 8 * widths[kind];
    const std::uint64_t raw = random() >> (64 - bits) >> random() % bits;
    const std::string from_unsigned = encoded(traits_of(std::string(names[kind]) + " unsigned"), std::to_string(raw));
    CHECK(little_endian(from_unsigned, 0, widths[kind]) == raw);
    const std::int64_t value = static_cast<std::int64_t>(random()) >> (64 - bits) >> random() % bits;
    const std::string from_signed = encoded(traits_of(names[kind]), std::to_string(value));
    REQUIRE(from_signed.size() == widths[kind]);
    const std::uint64_t stored = little_endian(from_signed, 0, widths[kind]) << (64 - bits);
    CHECK(static_cast<std::int64_t>(stored) >> (64 - bits) == value);
  }
}

// By the description in the MySQL internals manual: undo the sign, then read groups of digits.
std::string decode_decimal(std::string bytes, std::size_t precision, std::size_t scale) {
  constexpr std::array<std::size_t, 10> kBytes = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80) == 0;
  bytes[0] = static_cast<char>(bytes[0] ^ '\x80');
  if (negative) {
    for (char& byte : bytes) byte = static_cast<char>(~byte);
  }
  std::size_t at = 0;
  const auto take = [&](std::size_t digits) {
    std::string text = std::to_string(big_endian(bytes, at, kBytes[digits]));
    at += kBytes[digits];
    CHECK(text.size() <= digits);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
  };
  std::string text;
  const std::size_t whole = precision - scale;
  if (whole % 9 > 0) text += take(whole % 9);
  for (std::size_t i = 0; i < whole / 9; ++i) text += take(9);
  if (scale > 0) text += ".";
  for (std::size_t i = 0; i < scale / 9; ++i) text += take(9);
  if (scale % 9 > 0) text += take(scale % 9);
  CHECK(at == bytes.size());
  return (negative ? "-" : "") + text;
}

TEST_CASE("property: decimals of every precision and scale read back", "[scrub_rules]") {
  std::mt19937_64 random(2);
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t precision = 1 + random() % 65;
    const std::size_t scale = random() % (std::min<std::size_t>(precision, 30) + 1);
    std::string digits;
    bool zero = true;
    for (std::size_t i = 0; i < precision; ++i) {
      const char digit = random() % 3 == 0 ? '0' : static_cast<char>('0' + random() % 10);
      zero = zero && digit == '0';
      digits += digit;
    }
    std::string text = digits.substr(0, precision - scale);
    if (scale > 0) text += "." + digits.substr(precision - scale);
    if (!zero && random() % 2 == 0) text.insert(text.begin(), '-');
    const std::string declared = "decimal(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
    INFO(declared << " " << text);
    CHECK(decode_decimal(encoded(traits_of(declared), text), precision, scale) == text);
  }
}

TEST_CASE("property: packed decimals sort as their values do", "[scrub_rules]") {
  std::mt19937_64 random(3);
  const ColumnTraits column = traits_of("decimal(12,3)");
  for (int round = 0; round < kRounds; ++round) {
    const auto number = [&] { return static_cast<std::int64_t>(random() % 2000000) - 1000000; };
    const std::int64_t a = number();
    const std::int64_t b = number();
    CHECK((encoded(column, std::to_string(a) + "e-3") < encoded(column, std::to_string(b) + "e-3")) == (a < b));
  }
}

struct Parts {
  bool negative = false;
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
};

std::string padded(unsigned number, std::size_t width) {
  const std::string text = std::to_string(number);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

std::string clock_text(const Parts& parts, std::size_t digits) {
  std::string text = padded(parts.hour, 2) + ":" + padded(parts.minute, 2) + ":" + padded(parts.second, 2);
  if (digits > 0) text += "." + padded(parts.microsecond, 6).substr(0, digits);
  return text;
}

std::string date_text(const Parts& parts) {
  return padded(parts.year, 4) + "-" + padded(parts.month, 2) + "-" + padded(parts.day, 2);
}

Parts random_parts(std::mt19937_64& random, std::size_t digits) {
  constexpr std::array<unsigned, 7> kUnits = {1000000, 100000, 10000, 1000, 100, 10, 1};
  Parts parts;
  parts.year = 1 + static_cast<unsigned>(random() % 9999);
  parts.month = 1 + static_cast<unsigned>(random() % 12);
  parts.day = 1 + static_cast<unsigned>(random() % 28);
  parts.hour = static_cast<unsigned>(random() % 24);
  parts.minute = static_cast<unsigned>(random() % 60);
  parts.second = static_cast<unsigned>(random() % 60);
  parts.microsecond = static_cast<unsigned>(random() % 1000000) / kUnits[digits] * kUnits[digits];
  return parts;
}

unsigned fraction_of(std::uint64_t units, std::size_t bytes) {
  constexpr std::array<unsigned, 4> kMicroseconds = {0, 10000, 100, 1};
  return static_cast<unsigned>(units) * kMicroseconds[bytes];
}

// DATETIME2: sign, 17 bits year*13+month, 5 day, 5 hour, 6 minute, 6 second, then the fraction.
Parts decode_datetime2(const std::string& bytes) {
  const std::uint64_t packed = big_endian(bytes, 0, 5);
  CHECK(packed >> 39 == 1);
  Parts parts;
  const auto months = static_cast<unsigned>(packed >> 22 & 0x1ffff);
  parts.year = months / 13;
  parts.month = months % 13;
  parts.day = static_cast<unsigned>(packed >> 17 & 0x1f);
  parts.hour = static_cast<unsigned>(packed >> 12 & 0x1f);
  parts.minute = static_cast<unsigned>(packed >> 6 & 0x3f);
  parts.second = static_cast<unsigned>(packed & 0x3f);
  parts.microsecond = fraction_of(big_endian(bytes, 5, bytes.size() - 5), bytes.size() - 5);
  return parts;
}

TEST_CASE("property: DATETIME of all digits and DATE read back", "[scrub_rules]") {
  std::mt19937_64 random(4);
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t digits = random() % 7;
    const Parts parts = random_parts(random, digits);
    const std::string text = date_text(parts) + " " + clock_text(parts, digits);
    const std::string cell = encoded(traits_of("datetime(" + std::to_string(digits) + ")"), text);
    REQUIRE(cell.size() == 5 + (digits + 1) / 2);
    const Parts read = decode_datetime2(cell);
    CHECK(date_text(read) + " " + clock_text(read, digits) == text);

    const std::uint64_t date = little_endian(encoded(traits_of("date"), date_text(parts)), 0, 3);
    CHECK(date >> 9 == parts.year);
    CHECK((date >> 5 & 0xf) == parts.month);
    CHECK((date & 0x1f) == parts.day);
  }
}

TEST_CASE("property: TIME of all digits and both signs reads back", "[scrub_rules]") {
  std::mt19937_64 random(5);
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t digits = random() % 7;
    Parts parts = random_parts(random, digits);
    parts.hour = static_cast<unsigned>(random() % 838);
    const bool zero = parts.hour + parts.minute + parts.second + parts.microsecond == 0;
    parts.negative = !zero && random() % 2 == 0;
    const std::string text = (parts.negative ? "-" : "") + clock_text(parts, digits);
    const std::string cell = encoded(traits_of("time(" + std::to_string(digits) + ")"), text);
    const std::size_t bytes = (digits + 1) / 2;
    REQUIRE(cell.size() == 3 + bytes);
    const auto middle = static_cast<std::int64_t>(std::uint64_t{0x800000} << 8 * bytes);
    const std::int64_t value = static_cast<std::int64_t>(big_endian(cell, 0, cell.size())) - middle;
    const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
    Parts read;
    read.hour = static_cast<unsigned>(magnitude >> 8 * bytes >> 12);
    read.minute = static_cast<unsigned>(magnitude >> 8 * bytes >> 6 & 0x3f);
    read.second = static_cast<unsigned>(magnitude >> 8 * bytes & 0x3f);
    read.microsecond = fraction_of(magnitude & ((std::uint64_t{1} << 8 * bytes) - 1), bytes);
    CHECK((value < 0 ? "-" : "") + clock_text(read, digits) == text);
  }
}

TEST_CASE("property: TIMESTAMP counts seconds of UTC", "[scrub_rules]") {
  std::mt19937_64 random(6);
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t digits = random() % 7;
    const auto seconds = static_cast<std::time_t>(1 + random() % 2147483647);
    const unsigned microsecond = random_parts(random, digits).microsecond;
    std::tm moment{};
    REQUIRE(gmtime_r(&seconds, &moment) != nullptr);
    std::array<char, 32> text{};
    REQUIRE(std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &moment) > 0);
    std::string value = text.data();
    if (digits > 0) value += "." + padded(microsecond, 6).substr(0, digits);
    const std::string cell = encoded(traits_of("timestamp(" + std::to_string(digits) + ")"), value);
    REQUIRE(cell.size() == 4 + (digits + 1) / 2);
    CHECK(big_endian(cell, 0, 4) == static_cast<std::uint64_t>(seconds));
    CHECK(fraction_of(big_endian(cell, 4, cell.size() - 4), cell.size() - 4) == microsecond);
  }
}

// The binary document of MySQL read back, by the layout of json_binary.h alone.
class DocumentReader {
 public:
  explicit DocumentReader(std::string bytes) : bytes_(std::move(bytes)) {}
  Json read() const { return value(static_cast<unsigned char>(bytes_.at(0)), 1); }

 private:
  Json value(unsigned type, std::size_t at) const {
    switch (type) {
      case 0:
      case 1:
        return object(at, type == 1 ? 4 : 2);
      case 2:
      case 3:
        return array(at, type == 3 ? 4 : 2);
      case 4:
        return bytes_.at(at) == 0 ? Json() : Json(bytes_.at(at) == 1);
      case 5:
        return static_cast<std::int16_t>(little_endian(bytes_, at, 2));
      case 7:
        return static_cast<std::int32_t>(little_endian(bytes_, at, 4));
      case 9:
        return static_cast<std::int64_t>(little_endian(bytes_, at, 8));
      case 10:
        return little_endian(bytes_, at, 8);
      case 11: {
        const std::uint64_t bits = little_endian(bytes_, at, 8);
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        return number;
      }
      case 12:
        return text(at);
      default:
        FAIL("unknown type");
        return {};
    }
  }
  std::string text(std::size_t at) const {
    std::size_t length = 0;
    std::size_t shift = 0;
    while ((static_cast<unsigned char>(bytes_.at(at)) & 0x80) != 0) {
      length |= (static_cast<unsigned char>(bytes_.at(at++)) & 0x7fU) << shift;
      shift += 7;
    }
    length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes_.at(at++))) << shift;
    return bytes_.substr(at, length);
  }
  Json element(std::size_t entry, std::size_t base, std::size_t width) const {
    const unsigned type = static_cast<unsigned char>(bytes_.at(entry));
    const bool inlined = type == 4 || type == 5 || (width == 4 && type == 7);
    return value(type, inlined ? entry + 1 : base + little_endian(bytes_, entry + 1, width));
  }
  Json array(std::size_t at, std::size_t width) const {
    Json result = Json::array();
    for (std::size_t i = 0; i < little_endian(bytes_, at, width); ++i) {
      result.push_back(element(at + 2 * width + i * (1 + width), at, width));
    }
    return result;
  }
  Json object(std::size_t at, std::size_t width) const {
    Json result = Json::object();
    const std::size_t count = little_endian(bytes_, at, width);
    std::string before;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t key = at + 2 * width + i * (width + 2);
      const std::string name =
          bytes_.substr(at + little_endian(bytes_, key, width), little_endian(bytes_, key + width, 2));
      if (i > 0) CHECK((before.size() < name.size() || (before.size() == name.size() && before < name)));
      before = name;
      result[name] = element(at + 2 * width + count * (width + 2) + i * (1 + width), at, width);
    }
    return result;
  }
  std::string bytes_;
};

Json random_document(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) >> random() % 64;
    case 3:
      return random() >> random() % 64;
    case 4:
      return static_cast<double>(random() % 100000) / 64 - 300;
    case 5:
      return std::string(random() % 20 == 0 ? 70000 : random() % 300, static_cast<char>('a' + random() % 26));
    case 6: {
      Json array = Json::array();
      for (std::size_t i = random() % 6; i > 0; --i) array.push_back(random_document(random, depth - 1));
      return array;
    }
    default: {
      Json object = Json::object();
      for (std::size_t i = random() % 6; i > 0; --i) {
        object[std::string(random() % 4, 'k') + std::to_string(random() % 30)] = random_document(random, depth - 1);
      }
      return object;
    }
  }
}

TEST_CASE("property: JSON documents read back, small and large ones nested in each other", "[scrub_rules]") {
  const ColumnTraits column = traits_of("json");
  for (unsigned seed = 0; seed < 600; ++seed) {
    std::mt19937_64 random(seed);
    const Json document = random_document(random, 4);
    const std::string cell = encoded(column, document.dump());
    REQUIRE(little_endian(cell, 0, 4) == cell.size() - 4);
    INFO("seed " << seed);
    CHECK(DocumentReader(cell.substr(4)).read() == document);
  }
}

}  // namespace
}  // namespace relay::scrub_rules
