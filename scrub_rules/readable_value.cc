#include "scrub_rules/readable_value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "relay/base/sha256.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/rule_file_words.h"
#include "scrub_rules/text_reader.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using binlog::TypeCode;

std::string hexadecimal_literal(ByteView value) { return "0x" + base::hexadecimal(value); }

std::string integer_text(const ColumnTraits& column, ByteView value) {
  const std::uint64_t number = read_little_endian(value);
  const std::size_t bits = 8 * value.size();
  if (column.is_unsigned || (number >> (bits - 1) & 1U) == 0) return std::to_string(number);
  return std::to_string(static_cast<std::int64_t>(bits == 64 ? number : number | (~std::uint64_t{0} << bits)));
}

std::string decimal_text(const ColumnTraits& column, ByteView value) {
  const std::size_t scale = column.type.metadata >> 8U;
  DecimalDigits number;
  if (!read_decimal(value, column.type.metadata & 0xffU, scale, number)) return hexadecimal_literal(value);
  std::string text = number.digits;
  text.insert(text.size() - scale, scale > 0 ? "." : "");
  text.erase(0, std::min(text.find_first_not_of('0'), text.size() - scale - (scale > 0 ? 2 : 1)));
  return (number.negative ? "-" : "") + text;
}

template <typename Number>
std::string floating_text(ByteView value) {
  Number number = 0;
  std::memcpy(&number, value.data(), sizeof number);
  return fmt::format("{}", number);
}

std::string date_text(std::uint64_t year, std::uint64_t month, std::uint64_t day) {
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

// Of the formats that tables are made with today.
std::string temporal_text(const ColumnTraits& column, ByteView value) {
  switch (column.type.code) {
    case TypeCode::date:
    case TypeCode::newdate: {
      const std::uint64_t packed = read_little_endian(value);
      return date_text(packed >> 9, packed >> 5 & 15, packed & 31);
    }
    case TypeCode::datetime2: {
      // my_datetime_packed_to_binary: 1 sign, 17 bits year * 13 + month, 5 day, 5 hour, 6 minute, 6 second.
      const std::uint64_t packed = read_big_endian(value.sub(0, 5)) & ((std::uint64_t{1} << 39) - 1);
      const std::uint64_t months = packed >> 22;
      return fmt::format("{} {:02}:{:02}:{:02}", date_text(months / 13, months % 13, packed >> 17 & 31),
                         packed >> 12 & 31, packed >> 6 & 63, packed & 63);
    }
    case TypeCode::timestamp2: {
      using namespace std::chrono;
      const seconds since(static_cast<std::int64_t>(read_big_endian(value.sub(0, 4))));
      const sys_days days_since = floor<days>(sys_seconds(since));
      const year_month_day date(days_since);
      const hh_mm_ss time(sys_seconds(since) - days_since);
      return fmt::format("{} {:02}:{:02}:{:02}",
                         date_text(static_cast<std::uint64_t>(static_cast<int>(date.year())),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
                         time.hours().count(), time.minutes().count(), time.seconds().count());
    }
    default:
      return hexadecimal_literal(value);
  }
}

// Binary values come without the zeros at their end.
template <std::size_t size>
std::array<std::uint8_t, size> padded(ByteView value) {
  std::array<std::uint8_t, size> bytes{};
  std::copy_n(value.begin(), std::min(size, value.size()), bytes.begin());
  return bytes;
}

template <std::size_t size>
std::string address_text(int family, ByteView value) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(family, padded<size>(value).data(), text.data(), text.size()) == nullptr)
    return hexadecimal_literal(value);
  return text.data();
}

std::string uuid_text(ByteView value) {
  const auto bytes = padded<16>(value);
  std::string text = base::hexadecimal({bytes.data(), bytes.size()});
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

std::string quoted_text(const ColumnTraits& column, ByteView value) {
  auto reader = TextReader::make(column.character_set);
  std::string text;
  if (reader) reader->append_canonical(value, text);
  if (!reader || text.starts_with('\xff')) return hexadecimal_literal(value);
  return "'" + printable(text) + "'";
}

}  // namespace

std::string readable(const ColumnTraits& column, ByteView value) {
  switch (cell_kind(column)) {
    case CellKind::integer:
      return integer_text(column, value);
    case CellKind::decimal:
      return decimal_text(column, value);
    case CellKind::floating:
      return column.type.code == TypeCode::float_ ? floating_text<float>(value) : floating_text<double>(value);
    case CellKind::bits:
      return std::to_string(read_big_endian(value));
    case CellKind::year:
      return value.empty() || value[0] == 0 ? "0000" : std::to_string(1900 + value[0]);
    case CellKind::temporal:
      return temporal_text(column, value);
    case CellKind::inet4:
      return address_text<4>(AF_INET, value);
    case CellKind::inet6:
      return address_text<16>(AF_INET6, value);
    case CellKind::uuid:
      return uuid_text(value);
    case CellKind::text:
      return quoted_text(column, value);
    default:
      return hexadecimal_literal(value);
  }
}

}  // namespace relay::scrub_rules
