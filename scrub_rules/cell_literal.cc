#include "scrub_rules/cell_literal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "relay/sql/string_literal.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/json_printer.h"
#include "scrub_rules/moment.h"
#include "scrub_rules/number_reader.h"
#include "scrub_rules/number_text.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::ErrorKind;
using base::Result;
using binlog::TypeCode;

tl::unexpected<base::Error> no_cell() {
  return base::fail(ErrorKind::malformed, "a cell is none of its column's type");
}

void append_integer(const ColumnTraits& column, ByteView cell, Buffer& into) {
  const std::uint64_t number = read_little_endian(cell);
  if (column.is_unsigned) return append_number(number, into);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(cell.size());
  append_number(static_cast<std::int64_t>(number << unused) >> unused, into);
}

// In quotes: bare, -0 is a whole number, which has no sign. As a double, since servers read texts as such: the shortest
// text of a float may be nearer to another one then.
template <typename Number>
Result<void> append_floating(ByteView cell, Buffer& into) {
  Number number = 0;
  std::memcpy(&number, cell.data(), sizeof number);
  if (!std::isfinite(number)) return no_cell();
  into.append_u8('\'');
  append_number(static_cast<double>(number), into);
  into.append_u8('\'');
  return {};
}

Result<void> append_decimal_number(const ColumnTraits& column, ByteView cell, Buffer& into) {
  const std::size_t precision = column.type.metadata & 0xffU;
  const std::size_t scale = column.type.metadata >> 8U;
  if (precision <= kDigitsOfWord) {
    RELAY_ASSIGN(const DecimalWord number, read_decimal_word(cell, precision, scale));
    const std::uint64_t unit = kPowersOfTen[scale];
    if (number.negative) into.append_u8('-');
    append_number(number.units / unit, into);
    if (scale == 0) return {};
    std::array<char, 24> fraction{'.'};
    const char* const end = write_padded(fraction.data() + 1, number.units % unit, scale);
    into.append(std::string_view(fraction.data(), static_cast<std::size_t>(end - fraction.data())));
    return {};
  }
  DecimalDigits number;
  RELAY_TRY(read_decimal(cell, precision, scale, number));
  const std::string_view digits = number.digits;
  const std::size_t whole = precision - scale;
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), whole);
  if (number.negative) into.append_u8('-');
  into.append(zeros == whole ? std::string_view("0") : digits.substr(zeros, whole - zeros));
  if (scale > 0) {
    into.append_u8('.');
    into.append(digits.substr(whole));
  }
  return {};
}

Result<void> append_temporal(const ColumnTraits& column, ByteView cell, Buffer& into) {
  const std::optional<Moment> moment = read_moment(column, cell);
  if (!moment) return no_cell();
  into.append_u8('\'');
  append_moment(column, *moment, into);
  into.append_u8('\'');
  return {};
}

// What text and bytes are stored as: MariaDB's COMPRESSED columns have a header, of which 0 says "not compressed".
Result<void> append_string(const ColumnTraits& column, ByteView cell, Buffer& into) {
  const TypeCode code = column.type.code;
  if ((code == TypeCode::blob_compressed || code == TypeCode::varchar_compressed) && !cell.empty()) {
    if (cell[0] != 0) return base::fail(ErrorKind::unsupported, "the values of a COMPRESSED column are not read");
    cell = cell.sub(1);
  }
  sql::append_string_literal(cell, into);
  return {};
}

Result<void> append_document(const ColumnTraits& column, ByteView cell, Buffer& into) {
  if (column.type.code != TypeCode::json) return append_string(column, cell, into);
  Buffer text;
  RELAY_TRY(append_json_text(cell, text));
  if (text.overflowed()) return base::fail(ErrorKind::unsupported, "a JSON document is too long");
  into.append("_utf8mb4");
  sql::append_string_literal(text.view(), into);
  return {};
}

// UUID, INET4 and INET6, which come without the zeros at their end; a binary string is taken for their bytes.
Result<void> append_fixed(std::size_t size, ByteView cell, Buffer& into) {
  std::array<std::uint8_t, 16> bytes{};
  if (cell.size() > size) return no_cell();
  std::ranges::copy(cell, bytes.begin());
  into.append("_binary");
  sql::append_string_literal(ByteView(bytes.data(), size), into);
  return {};
}

}  // namespace

Result<void> append_cell_literal(const ColumnTraits& column, ByteView cell, Buffer& into) {
  const auto shape = binlog::cell_shape(column.type);
  if (!shape || (shape->prefix == 0 && shape->fixed != cell.size())) return no_cell();
  switch (cell_kind(column)) {
    case CellKind::integer:
      append_integer(column, cell, into);
      return {};
    case CellKind::floating:
      return column.type.code == TypeCode::float_ ? append_floating<float>(cell, into)
                                                  : append_floating<double>(cell, into);
    case CellKind::bits:
      append_number(read_big_endian(cell), into);
      return {};
    case CellKind::year:
      append_number(cell[0] == 0 ? 0 : 1900 + cell[0], into);
      return {};
    case CellKind::decimal:
      return append_decimal_number(column, cell, into);
    case CellKind::temporal:
      return append_temporal(column, cell, into);
    case CellKind::enum_:
    case CellKind::set:
      append_number(read_little_endian(cell), into);
      return {};
    case CellKind::text:
    case CellKind::bytes:
      return append_string(column, cell, into);
    case CellKind::json:
      return append_document(column, cell, into);
    case CellKind::geometry:
    case CellKind::vector:
      into.append("_binary");
      return append_string(column, cell, into);
    case CellKind::inet4:
      return append_fixed(4, cell, into);
    case CellKind::inet6:
    case CellKind::uuid:
      return append_fixed(16, cell, into);
    case CellKind::unknown:
      break;
  }
  return base::fail(ErrorKind::unsupported, "no literal can be made for a column of this type");
}

}  // namespace relay::scrub_rules
