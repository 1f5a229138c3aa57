#include "scrub_rules/readable_value.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "relay/base/sha256.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/moment.h"
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

std::string temporal_text(const ColumnTraits& column, ByteView value) {
  const std::optional<Moment> moment = read_moment(column, value);
  if (!moment) return hexadecimal_literal(value);
  base::Buffer text;
  append_moment(column, *moment, text);
  return std::string(text.view().text());
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
