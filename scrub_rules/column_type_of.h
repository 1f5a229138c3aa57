#pragma once

#include <cstdint>
#include <string_view>

#include "relay/binlog/column_type.h"
#include "relay/binlog/flavor.h"
#include "relay/sql/table_definition.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// Whether a declared column holds bytes without a character set.
[[nodiscard]] bool is_binary(const sql::ColumnDefinition& declared);

// Whether a table map's column can be the declared one: type class, and length, precision, digits and signedness where
// a table map and the declaration both tell. Character lengths are compared only where the character set is known.
[[nodiscard]] bool column_matches(const sql::ColumnDefinition& declared, const binlog::ColumnType& type,
                                  binlog::Flavor flavor);

// The binlog type that the server will use for a declared column, for judging rules before the first table map is seen.
// Where the character set is not known, four bytes a character are taken. Errors (kind unsupported, naming the column):
// a type not known here.
[[nodiscard]] base::Result<binlog::ColumnType> column_type_of(const sql::ColumnDefinition& declared,
                                                              binlog::Flavor flavor);

// Traits for encoding, from the declaration and the binlog type.
[[nodiscard]] ColumnTraits column_traits(const sql::ColumnDefinition& declared, const binlog::ColumnType& type,
                                         binlog::Flavor flavor);

// Maximum bytes of a character in a character set; 0 when the set is not known.
[[nodiscard]] unsigned maximum_character_bytes(std::string_view character_set);
// Whether a collation is one that a server takes for its character set where nobody names one: all of these call
// capitals and small letters equal. MariaDB's character_set_collations can name others.
[[nodiscard]] bool is_usual_default(std::uint32_t collation_id);
// Character set of a collation id (table maps, query events); empty when not known.
[[nodiscard]] std::string_view character_set_of_collation(std::uint32_t collation_id);

}  // namespace relay::scrub_rules
