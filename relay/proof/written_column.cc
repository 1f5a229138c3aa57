#include "relay/proof/written_column.h"

namespace relay::proof {

namespace {

using base::ByteReader;

// Codes of enum_field_types (include/field_types.h); those from 140 are MariaDB's, 242 and 245 MySQL's.
enum Code : std::uint8_t {
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kTimestamp = 7,
  kLonglong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDatetime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarchar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDatetime2 = 18,
  kTime2 = 19,
  kBlobCompressed = 140,
  kVarcharCompressed = 141,
  kVector = 242,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

using Column = std::optional<WrittenColumn>;

Column sized(std::uint8_t code, unsigned metadata, ColumnClass column_class, unsigned size) {
  if (size == 0 || size > 0xff) return std::nullopt;
  return WrittenColumn{
      {code, static_cast<std::uint16_t>(metadata)}, column_class, false, 0, static_cast<std::uint8_t>(size)};
}

Column measured(std::uint8_t code, unsigned metadata, ColumnClass column_class, unsigned length_bytes) {
  if (length_bytes == 0 || length_bytes > 4) return std::nullopt;
  return WrittenColumn{{code, static_cast<std::uint16_t>(metadata)},
                       column_class,
                       code == kJson,
                       static_cast<std::uint8_t>(length_bytes),
                       0};
}

Column text(std::uint8_t code, unsigned most_bytes) {
  return measured(code, most_bytes, ColumnClass::character, most_bytes > 0xff ? 2 : 1);
}

// CHAR, BINARY, ENUM and SET stand behind one code. Lengths above 255 lie in two inverted bits of the first byte.
Column read_string(ByteReader& metadata) {
  const std::uint8_t first = metadata.u8();
  const std::uint8_t second = metadata.u8();
  if (first == kEnum && (second == 1 || second == 2)) return sized(kEnum, second, ColumnClass::enum_, second);
  if (first == kSet && second <= 8) return sized(kSet, second, ColumnClass::set, second);
  if ((first | 0x30) != kString) return std::nullopt;
  return text(kString, second + (~first >> 4 & 3U) * 256U);
}

// Nine digits in four bytes; fewer take half as many, rounded up.
unsigned packed(unsigned digits) { return digits / 9 * 4 + (digits % 9 + 1) / 2; }

Column read_decimal(ByteReader& metadata) {
  const unsigned precision = metadata.u8();
  const unsigned scale = metadata.u8();
  if (precision > 65 || scale > precision) return std::nullopt;
  return sized(kNewDecimal, precision | scale << 8, ColumnClass::number, packed(precision - scale) + packed(scale));
}

Column read_bits(ByteReader& metadata) {
  const unsigned rest = metadata.u8();
  const unsigned whole = metadata.u8();
  if (rest > 7 || whole > 8 || (whole == 8 && rest > 0)) return std::nullopt;
  return sized(kBit, rest | whole << 8, ColumnClass::other, whole + (rest + 7) / 8);
}

Column read_temporal(std::uint8_t code, ByteReader& metadata, unsigned whole) {
  const unsigned digits = metadata.u8();
  if (digits > 6) return std::nullopt;
  return sized(code, digits, ColumnClass::other, whole + (digits + 1) / 2);
}

// MariaDB keeps a fraction in as few bytes as hold the whole value (MariaDB sql/field.cc, time_hires_bytes and so on).
Column old_temporal(std::uint8_t code, unsigned digits) {
  static constexpr std::uint8_t kTimes[] = {3, 4, 4, 5, 5, 5, 6};
  static constexpr std::uint8_t kDatetimes[] = {8, 6, 6, 7, 7, 7, 8};
  if (digits > 6) return std::nullopt;
  const unsigned size = code == kTime ? kTimes[digits] : code == kDatetime ? kDatetimes[digits] : 4 + (digits + 1) / 2;
  return sized(code, digits, ColumnClass::other, size);
}

Column read_float(std::uint8_t code, ByteReader& metadata) {
  const unsigned size = code == kFloat ? 4 : 8;
  if (metadata.u8() != size) return std::nullopt;
  return sized(code, size, ColumnClass::number, size);
}

Column read_any(std::uint8_t code, ByteReader& metadata, std::uint8_t digits) {
  switch (code) {
    case kTiny:
    case kYear:
      return sized(code, 0, ColumnClass::number, 1);
    case kShort:
      return sized(code, 0, ColumnClass::number, 2);
    case kInt24:
      return sized(code, 0, ColumnClass::number, 3);
    case kLong:
      return sized(code, 0, ColumnClass::number, 4);
    case kLonglong:
      return sized(code, 0, ColumnClass::number, 8);
    case kFloat:
    case kDouble:
      return read_float(code, metadata);
    case kNewDecimal:
      return read_decimal(metadata);
    case kBit:
      return read_bits(metadata);
    case kDate:
    case kNewDate:
      return sized(kDate, 0, ColumnClass::other, 3);
    case kTimestamp:
    case kTime:
    case kDatetime:
      return old_temporal(code, digits);
    case kTimestamp2:
      return read_temporal(code, metadata, 4);
    case kDatetime2:
      return read_temporal(code, metadata, 5);
    case kTime2:
      return read_temporal(code, metadata, 3);
    case kVarchar:
    case kVarString:
      return text(kVarchar, metadata.u16());
    case kVarcharCompressed:
      return text(code, metadata.u16());
    case kEnum:
    case kSet:
    case kString:
      return read_string(metadata);
    case kBlobCompressed: {
      const unsigned length_bytes = metadata.u8();
      return measured(code, length_bytes, ColumnClass::character, length_bytes);
    }
    case kJson:
    case kVector:
    case kGeometry: {
      const unsigned length_bytes = metadata.u8();
      const ColumnClass own = code == kVector     ? ColumnClass::vector
                              : code == kGeometry ? ColumnClass::geometry
                                                  : ColumnClass::other;
      return measured(code, length_bytes, own, length_bytes);
    }
    default:
      break;
  }
  if (code < kTinyBlob || code > kBlob) return std::nullopt;
  const unsigned length_bytes = metadata.u8();
  return measured(kBlob, length_bytes, ColumnClass::character, length_bytes);
}

}  // namespace

std::optional<WrittenColumn> read_column(std::uint8_t code, ByteReader& metadata, std::uint8_t digits) {
  const Column column = read_any(code, metadata, digits);
  return metadata.ok() ? column : std::nullopt;
}

}  // namespace relay::proof
