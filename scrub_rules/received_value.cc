#include "scrub_rules/received_value.h"

#include <algorithm>

#include "relay/base/ascii.h"
#include "relay/sql/character_set.h"
#include "relay/sql/string_literal.h"
#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

tl::unexpected<Error> no_value() {
  return base::fail(ErrorKind::malformed, "the server sent a value that is none of its column's type");
}

std::uint64_t digit(char c) { return static_cast<std::uint64_t>(c - '0'); }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, base::is_digit); }

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return all_digits(text);
}

// Digits, with a point among or before them where there is one.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  return (point == 0 || all_digits(text.substr(0, point))) &&
         (point == text.size() ? point > 0 : all_digits(text.substr(point + 1)));
}

// Enough for what stands in quotes.
bool has_only(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return base::is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

// A DECIMAL of few digits; encode_decimal() reads the others, and words that no server sends.
Result<void> encode_short_decimal(const ColumnTraits& column, std::string_view value, Buffer& into) {
  const std::size_t precision = column.type.metadata & 0xffU;
  const std::size_t scale = column.type.metadata >> 8U;
  DecimalWord number;
  number.negative = value.starts_with('-');
  if (number.negative) value.remove_prefix(1);
  const std::size_t point = std::min(value.find('.'), value.size());
  const std::size_t zeros = std::min(value.find_first_not_of('0'), point);
  const std::string_view fraction = value.substr(std::min(point + 1, value.size()));
  if (point - zeros > precision - scale || fraction.size() > scale) return no_value();
  for (const char c : value.substr(zeros, point - zeros)) number.units = number.units * 10 + digit(c);
  for (std::size_t i = 0; i < scale; ++i) {
    number.units = number.units * 10 + (i < fraction.size() ? digit(fraction[i]) : 0);
  }
  append_decimal_word(number, precision, scale, into);
  return {};
}

Result<void> encode_number_of_members(const ColumnTraits& column, std::string_view value, Buffer& into) {
  RELAY_ASSIGN(const Integer number, parse_integer(value));
  const std::size_t bits = std::size_t{8} * column.type.metadata;
  if (number.negative || (bits < 64 && number.magnitude >> bits != 0)) return no_value();
  into.append_little_endian(number.magnitude, column.type.metadata);
  return {};
}

Result<std::string> encode_scalar(const ColumnTraits& column, CellKind kind, std::string_view value) {
  switch (kind) {
    case CellKind::integer:
      return encode_integer(column, integer_width(column.type.code), value);
    case CellKind::floating:
      return encode_floating(column, value);
    case CellKind::bits:
      return encode_bits(column, value);
    case CellKind::year:
      return encode_year(value);
    case CellKind::decimal:
      return encode_decimal(column, value);
    case CellKind::temporal:
      return encode_stored_temporal(column, value);
    case CellKind::inet4:
      return encode_inet4(value);
    case CellKind::inet6:
      return encode_inet6(value);
    case CellKind::uuid:
      return encode_uuid(value);
    case CellKind::json:
      return encode_json(value);
    default:
      return no_value();
  }
}

bool well_written(CellKind kind, std::string_view value) {
  switch (kind) {
    case CellKind::integer:
    case CellKind::bits:
    case CellKind::year:
    case CellKind::enum_:
    case CellKind::set:
      return is_integer(value);
    case CellKind::decimal:
      return is_decimal(value);
    default:
      return true;
  }
}

// MariaDB keeps JSON as a text; everything that is stored as it is sent.
bool stored_as_sent(const ColumnTraits& column, CellKind kind) {
  return kind == CellKind::text || kind == CellKind::bytes || kind == CellKind::geometry || kind == CellKind::vector ||
         (kind == CellKind::json && column.type.code != binlog::TypeCode::json);
}

bool is_compressed(binlog::TypeCode code) {
  return code == binlog::TypeCode::blob_compressed || code == binlog::TypeCode::varchar_compressed;
}

void append_quoted(std::string_view value, Buffer& into) { sql::append_string_literal(ByteView::of(value), into); }

}  // namespace

Result<std::string> select_expression(const ColumnTraits& column, std::string_view name) {
  switch (cell_kind(column)) {
    case CellKind::floating:
      // As it is, a FLOAT has six digits, and one with decimals these. Adding 0 would take the sign of -0.
      return std::string(name) + "*1e0";
    case CellKind::bits:
    case CellKind::enum_:
    case CellKind::set:
      // Their numbers: texts are converted, the error value of an ENUM has none, and + 0 makes doubles of them.
      return "CAST(" + std::string(name) + " AS UNSIGNED)";
    case CellKind::year:
      if (column.length == 2U) {
        return base::fail(Error(ErrorKind::unsupported, "a YEAR of two digits does not tell which century it is")
                              .remedy("drop, null or constant the column, or declare it YEAR(4)"));
      }
      break;
    case CellKind::unknown:
      return base::fail(Error(ErrorKind::unsupported, "the values of a column of this type are not read")
                            .remedy("drop the column, or change its type"));
    default:
      break;
  }
  return std::string(name);
}

Result<void> encode_received(const ColumnTraits& column, std::string_view value, Buffer& into) {
  const CellKind kind = cell_kind(column);
  if (!well_written(kind, value) || is_compressed(column.type.code)) return no_value();
  if (stored_as_sent(column, kind)) {
    if (!append_cell(column, ByteView::of(value), into)) return no_value();
    return {};
  }
  if (kind == CellKind::enum_ || kind == CellKind::set) {
    // The number that is too large has digits alone, and is none of the type either.
    if (!encode_number_of_members(column, value, into)) return no_value();
    return {};
  }
  const bool word = kind == CellKind::decimal && (column.type.metadata & 0xffU) <= kDigitsOfWord;
  if (word && !(column.is_unsigned && value.starts_with('-'))) return encode_short_decimal(column, value, into);
  const Result<std::string> bytes = encode_scalar(column, kind, value);
  if (!bytes || !append_cell(column, ByteView::of(*bytes), into)) return no_value();
  return {};
}

LiteralForm literal_form(const ColumnTraits& column) {
  using Kind = LiteralForm::Kind;
  switch (cell_kind(column)) {
    case CellKind::integer:
    case CellKind::bits:
    case CellKind::year:
    case CellKind::enum_:
    case CellKind::set:
      return {Kind::integer};
    case CellKind::decimal:
      return {Kind::decimal};
    case CellKind::floating:
      return {Kind::floating};
    case CellKind::temporal:
      return {Kind::moment};
    case CellKind::inet4:
    case CellKind::inet6:
    case CellKind::uuid:
      return {Kind::address};
    case CellKind::json:
      if (column.type.code == binlog::TypeCode::json) return {Kind::json, maximum_cell_bytes(column)};
      break;
    default:
      break;
  }
  return {Kind::text, maximum_cell_bytes(column)};
}

Result<void> append_received_literal(const LiteralForm& form, std::string_view value, Buffer& into) {
  switch (form.kind) {
    case LiteralForm::Kind::integer:
      if (!is_integer(value)) return no_value();
      into.append(value);
      return {};
    case LiteralForm::Kind::decimal:
      if (!is_decimal(value)) return no_value();
      into.append(value);
      return {};
    case LiteralForm::Kind::floating:
      if (!has_only(value, "-+.e")) return no_value();
      break;
    case LiteralForm::Kind::moment:
      if (!has_only(value, "-: .")) return no_value();
      break;
    case LiteralForm::Kind::address:
      if (value.empty() || !sql::is_ascii(value)) return no_value();
      into.append("_latin1");
      break;
    case LiteralForm::Kind::json:
      into.append("_utf8mb4");
      [[fallthrough]];
    case LiteralForm::Kind::text:
      // A server without strict mode would cut it.
      if (value.size() > form.longest) return no_value();
      break;
  }
  append_quoted(value, into);
  return {};
}

}  // namespace relay::scrub_rules
