#include <algorithm>

#include "relay/binlog/optional_metadata_fields.h"

namespace relay::binlog {

namespace optional_metadata {

base::Result<Field> next_field(base::ByteReader& reader, std::uint32_t& seen) {
  Field field;
  field.type = reader.u8();
  field.value = reader.length_encoded_bytes();
  if (!reader.ok()) return malformed("a field of a table map's optional metadata is cut short");
  if (!field.known()) return field;
  const std::uint32_t bit = 1U << field.type;
  if ((seen & bit) != 0) return malformed("a field of a table map's optional metadata comes twice");
  seen |= bit;
  return field;
}

bool concerns(OptionalMetadataField field, const ColumnType& type, Flavor flavor) {
  using enum OptionalMetadataField;
  switch (field) {
    case signedness:
      return is_numeric(type);
    case default_charset:
    case column_charset:
      return is_character(type, flavor == Flavor::mariadb);
    case set_string_values:
      return type.code == TypeCode::set;
    case enum_string_values:
      return type.code == TypeCode::enum_;
    case geometry_type:
      return type.code == TypeCode::geometry;
    case enum_set_default_charset:
    case enum_set_column_charset:
      return is_enum_or_set(type);
    case vector_dimension:
      return type.code == TypeCode::vector;
    case column_name:
    case simple_primary_key:
    case primary_key_with_prefix:
    case visibility:
      return true;
  }
  return false;
}

std::size_t count_concerned(OptionalMetadataField field, const TableMap& map, Flavor flavor) {
  return static_cast<std::size_t>(
      std::ranges::count_if(map.columns, [&](const ColumnType& type) { return concerns(field, type, flavor); }));
}

}  // namespace optional_metadata

namespace {

using namespace optional_metadata;

// Decodes one table map's fields into an OptionalMetadata. Every member function reads one field's value; whether it
// was consumed exactly is checked by the caller, once.
class Decoder {
 public:
  Decoder(const TableMap& map, Flavor flavor, OptionalMetadata& into) : map_(map), flavor_(flavor), into_(into) {}

  void decode(const Field& field, base::ByteReader& reader) {
    using enum OptionalMetadataField;
    switch (field.field()) {
      case signedness:
        return decode_signedness(reader);
      case default_charset:
      case enum_set_default_charset:
        return decode_default_charset(field.field(), reader);
      case column_charset:
      case enum_set_column_charset:
        return decode_charsets(field.field(), reader);
      case column_name:
        return decode_names(reader);
      case set_string_values:
      case enum_string_values:
        return decode_members(field.field(), reader);
      case simple_primary_key:
        return decode_primary_key(false, reader);
      case primary_key_with_prefix:
        return decode_primary_key(true, reader);
      case geometry_type:
      case vector_dimension:
        return skip_integers(field.field(), reader);
      case visibility:
        return reader.skip((map_.columns.size() + 7) / 8);
    }
  }

 private:
  template <typename Entry>
  void for_each_concerned(OptionalMetadataField field, Entry entry) {
    for (std::size_t i = 0; i < map_.columns.size(); ++i) {
      if (concerns(field, map_.columns[i], flavor_)) entry(i);
    }
  }

  void decode_signedness(base::ByteReader& reader) {
    const auto field = OptionalMetadataField::signedness;
    const base::ByteView bits = reader.bytes((count_concerned(field, map_, flavor_) + 7) / 8);
    if (!reader.ok()) return;
    into_.has_signedness = true;
    into_.is_unsigned.assign(map_.columns.size(), false);
    std::size_t bit = 0;
    for_each_concerned(field, [&](std::size_t i) { into_.is_unsigned[i] = high_bit_is_set(bits, bit++); });
  }

  void decode_default_charset(OptionalMetadataField field, base::ByteReader& reader) {
    std::vector<std::size_t> columns;
    for_each_concerned(field, [&](std::size_t i) { columns.push_back(i); });
    const auto standard = static_cast<std::uint32_t>(reader.length_encoded());
    into_.collations.resize(map_.columns.size());
    for (const std::size_t i : columns) into_.collations[i] = standard;
    while (reader.remaining() > 0) {
      const std::uint64_t index = reader.length_encoded();
      const auto collation = static_cast<std::uint32_t>(reader.length_encoded());
      if (index >= columns.size()) return reader.fail();
      into_.collations[columns[index]] = collation;
    }
  }

  void decode_charsets(OptionalMetadataField field, base::ByteReader& reader) {
    into_.collations.resize(map_.columns.size());
    for_each_concerned(
        field, [&](std::size_t i) { into_.collations[i] = static_cast<std::uint32_t>(reader.length_encoded()); });
  }

  void decode_names(base::ByteReader& reader) {
    for (std::size_t i = 0; i < map_.columns.size(); ++i) into_.names.push_back(reader.length_encoded_bytes().text());
  }

  void decode_members(OptionalMetadataField field, base::ByteReader& reader) {
    into_.members.resize(map_.columns.size());
    for_each_concerned(field, [&](std::size_t i) {
      const std::uint64_t count = reader.length_encoded();
      for (std::uint64_t k = 0; k < count && reader.ok(); ++k) {
        into_.members[i].push_back(reader.length_encoded_bytes().text());
      }
    });
  }

  void decode_primary_key(bool with_prefix, base::ByteReader& reader) {
    while (reader.remaining() > 0) {
      const std::uint64_t column = reader.length_encoded();
      if (with_prefix) reader.length_encoded();
      if (column >= map_.columns.size()) return reader.fail();
      into_.primary_key.push_back(static_cast<std::uint32_t>(column));
    }
  }

  void skip_integers(OptionalMetadataField field, base::ByteReader& reader) {
    for_each_concerned(field, [&](std::size_t) { reader.length_encoded(); });
  }

  const TableMap& map_;
  Flavor flavor_;
  OptionalMetadata& into_;
};

}  // namespace

base::Result<OptionalMetadata> OptionalMetadata::parse(const TableMap& map, Flavor flavor) {
  OptionalMetadata metadata;
  Decoder decoder(map, flavor, metadata);
  base::ByteReader reader(map.optional_metadata);
  std::uint32_t seen = 0;
  while (reader.remaining() > 0) {
    RELAY_ASSIGN(const Field field, next_field(reader, seen));
    if (!field.known()) {
      metadata.has_unknown_field = true;
      continue;
    }
    base::ByteReader value(field.value);
    decoder.decode(field, value);
    if (!value.at_end()) return malformed("a field of a table map's optional metadata does not fit its columns");
  }
  return metadata;
}

}  // namespace relay::binlog
