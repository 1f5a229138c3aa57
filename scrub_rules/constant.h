#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/column_type.h"
#include "relay/binlog/flavor.h"

namespace relay::scrub_rules {

// What a cell's encoding depends on besides its binlog type.
struct ColumnTraits {
  binlog::ColumnType type;
  binlog::Flavor flavor = binlog::Flavor::mysql;
  std::string declared_type;  // "uuid", "inet6", "json", "char", "binary" ...: the binlog type alone does not tell
  bool is_unsigned = false;
  std::string character_set;  // "utf8mb4", "latin1", "binary" ...; empty when not known: then only ASCII is taken
  std::vector<std::string> members;     // ENUM, SET
  std::optional<std::uint32_t> length;  // as declared: characters, dimensions
};

// Appends the cell (with its length prefix) that stores `value`, given as SQL would write it without quotes, in a row
// image. Numbers may be decimal, 0x...; BIT also b'...'; binary types take 0x... as bytes and any other text as its
// bytes; temporal types 'YYYY-MM-DD hh:mm:ss.ffffff', TIMESTAMP in UTC; ENUM and SET members or their number;
// geometries 0x... of SRID and WKB; VECTOR [1,2,3]; JSON a document. Digits or characters that the column cannot hold
// are an error, never cut off. Errors (kind configuration, no value in them): does not fit type, length, range,
// character set or members. On an error nothing is appended.
[[nodiscard]] base::Result<void> encode_constant(const ColumnTraits& column, std::string_view value,
                                                 base::Buffer& into);
// Appends the implicit default of a NOT NULL column: 0, '', zero date, first ENUM member, empty SET, JSON null.
// Geometry columns have none at the servers: here the empty collection for GEOMETRY and GEOMETRYCOLLECTION, and for the
// others the smallest geometry of the declared type with every coordinate 0, SRID 0. VECTOR is all zeros of the
// declared dimension.
[[nodiscard]] base::Result<void> encode_zero_value(const ColumnTraits& column, base::Buffer& into);

}  // namespace relay::scrub_rules
