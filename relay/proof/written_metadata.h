#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "relay/base/byte_reader.h"
#include "relay/proof/written_column.h"

namespace relay::proof {

// What a table map's optional metadata says.
struct WrittenMetadata {
  std::vector<std::string_view> names;    // empty when not told
  std::vector<std::uint32_t> collations;  // by column, 0 where it has none; empty when not told
};

// Reads the fields of the optional metadata for these columns. False when a field is not known, comes twice or is not
// exactly as long as the columns make it.
[[nodiscard]] bool read_metadata(base::ByteView fields, const std::vector<WrittenColumn>& columns, bool mariadb,
                                 WrittenMetadata& into);

}  // namespace relay::proof
