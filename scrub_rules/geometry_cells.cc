#include <algorithm>
#include <array>

#include "relay/base/byte_reader.h"
#include "scrub_rules/cell_encoders.h"

namespace relay::scrub_rules {

namespace {

using base::ByteReader;
using base::Error;
using base::ErrorKind;

// Codes of well-known binary (OpenGIS simple features, WKB).
enum Wkb : std::uint32_t {
  kPoint = 1,
  kLineString = 2,
  kPolygon = 3,
  kMultiPoint = 4,
  kMultiLineString = 5,
  kMultiPolygon = 6,
  kGeometryCollection = 7,
};

constexpr std::array<std::string_view, 8> kGeometryNames = {
    "geometry",   "point",           "linestring",   "polygon",
    "multipoint", "multilinestring", "multipolygon", "geometrycollection"};
constexpr unsigned kMaximumNesting = 32;
constexpr std::size_t kPointSize = 16;

// 0 for GEOMETRY and for what is not known.
std::uint32_t code_of(std::string_view declared_type) {
  if (declared_type == "geomcollection") return kGeometryCollection;
  const auto* found = std::ranges::find(kGeometryNames, declared_type);
  return found == kGeometryNames.end() ? 0 : static_cast<std::uint32_t>(found - kGeometryNames.begin());
}

void skip_points(ByteReader& reader) { reader.skip(std::uint64_t{reader.u32()} * kPointSize); }

void skip_rings(ByteReader& reader) {
  for (std::uint32_t count = reader.u32(); count > 0 && reader.ok(); --count) skip_points(reader);
}

// Passes over one geometry, little-endian as the servers keep it; gives its code. The reader fails at the first
// mistake.
std::uint32_t skip_geometry(ByteReader& reader, unsigned nesting) {
  if (reader.u8() != 1 || nesting > kMaximumNesting) reader.fail();
  const std::uint32_t code = reader.u32();
  if (code == kPoint) {
    reader.skip(kPointSize);
  } else if (code == kLineString) {
    skip_points(reader);
  } else if (code == kPolygon) {
    skip_rings(reader);
  } else if (code >= kMultiPoint && code <= kGeometryCollection) {
    for (std::uint32_t count = reader.u32(); count > 0 && reader.ok(); --count) {
      const std::uint32_t part = skip_geometry(reader, nesting + 1);
      // A multi-point holds points, and so on.
      if (code != kGeometryCollection && part != code - 3) reader.fail();
    }
  } else {
    reader.fail();
  }
  return code;
}

void append_header(std::string& into, std::uint32_t code) {
  into += '\1';
  append_little_endian(into, code, 4);
}

// The fewest points that a geometry of that code may have, all at 0 0: lines have two ends, rings four corners.
void append_zero(std::string& into, std::uint32_t code) {
  append_header(into, code);
  switch (code) {
    case kPoint:
      into.append(kPointSize, '\0');
      break;
    case kLineString:
      append_little_endian(into, 2, 4);
      into.append(2 * kPointSize, '\0');
      break;
    case kPolygon:
      append_little_endian(into, 1, 4);
      append_little_endian(into, 4, 4);
      into.append(4 * kPointSize, '\0');
      break;
    case kGeometryCollection:
      append_little_endian(into, 0, 4);
      break;
    default:
      append_little_endian(into, 1, 4);
      append_zero(into, code - 3);
      break;
  }
}

}  // namespace

std::string zero_geometry(std::string_view declared_type) {
  const std::uint32_t code = code_of(declared_type);
  std::string cell(4, '\0');  // SRID 0
  append_zero(cell, code == 0 ? static_cast<std::uint32_t>(kGeometryCollection) : code);
  return cell;
}

base::Result<std::string> encode_geometry(const ColumnTraits& column, std::string_view value) {
  RELAY_ASSIGN(std::string bytes, hex_bytes(value));
  ByteReader reader(base::ByteView::of(bytes));
  reader.skip(4);
  const std::uint32_t code = skip_geometry(reader, 0);
  const std::uint32_t declared = code_of(column.declared_type);
  if (reader.at_end() && (declared == 0 || declared == code)) return bytes;
  return base::fail(
      Error(ErrorKind::configuration, "the constant is no geometry of the column's type")
          .remedy("write 0x and hex digits of SRID and little-endian WKB, as SELECT HEX(column) shows them"));
}

}  // namespace relay::scrub_rules
