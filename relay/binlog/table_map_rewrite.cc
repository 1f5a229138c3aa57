#include <algorithm>
#include <optional>

#include "relay/binlog/optional_metadata_fields.h"

namespace relay::binlog {

namespace {

using namespace optional_metadata;

// Re-indexes the optional metadata of one table map. Every member function appends what is left of one field's value to
// the scratch buffer; whether the old value was consumed exactly is checked by the caller, once.
class FieldRewriter {
 public:
  FieldRewriter(const TableMap& map, Flavor flavor, const std::vector<bool>& keep)
      : map_(map), flavor_(flavor), keep_(keep), scratch_(map.optional_metadata.size() + 16) {}

  [[nodiscard]] base::Result<void> rewrite(const Field& field, base::Buffer& into) {
    scratch_.clear();
    value_ = field.value;
    base::ByteReader reader(value_);
    rewrite_value(field.field(), reader);
    if (!reader.at_end()) return malformed("a field of a table map's optional metadata does not fit its columns");
    if (scratch_.size() == 0) return {};
    into.append_u8(field.type);
    into.append_length_encoded_bytes(scratch_.view());
    return {};
  }

 private:
  void rewrite_value(OptionalMetadataField field, base::ByteReader& reader) {
    using enum OptionalMetadataField;
    switch (field) {
      case signedness:
      case visibility:
        return rewrite_bits(field, reader);
      case default_charset:
      case enum_set_default_charset:
        return rewrite_default_charset(field, reader);
      case simple_primary_key:
        return rewrite_primary_key(false, reader);
      case primary_key_with_prefix:
        return rewrite_primary_key(true, reader);
      case column_charset:
      case enum_set_column_charset:
      case geometry_type:
      case vector_dimension:
        return copy_entries(field, reader, [](base::ByteReader& entry) { entry.length_encoded(); });
      case column_name:
        return copy_entries(field, reader, [](base::ByteReader& entry) { entry.length_encoded_bytes(); });
      case set_string_values:
      case enum_string_values:
        return copy_entries(field, reader, [](base::ByteReader& entry) {
          for (std::uint64_t left = entry.length_encoded(); left > 0 && entry.ok(); --left)
            entry.length_encoded_bytes();
        });
    }
  }

  template <typename Visit>
  void for_each_concerned(OptionalMetadataField field, Visit visit) {
    for (std::size_t i = 0; i < map_.columns.size(); ++i) {
      if (concerns(field, map_.columns[i], flavor_)) visit(i);
    }
  }

  void rewrite_bits(OptionalMetadataField field, base::ByteReader& reader) {
    const base::ByteView bits = reader.bytes((count_concerned(field, map_, flavor_) + 7) / 8);
    if (!reader.ok()) return;
    std::size_t from = 0;
    std::size_t to = 0;
    for_each_concerned(field, [&](std::size_t i) {
      const bool set = high_bit_is_set(bits, from++);
      if (!keep_[i]) return;
      if (to % 8 == 0) scratch_.append_u8(0);
      if (set) scratch_.data()[to / 8] = static_cast<std::uint8_t>(scratch_.data()[to / 8] | 0x80U >> (to % 8));
      ++to;
    });
  }

  // `pass` moves the reader over one entry.
  template <typename Pass>
  void copy_entries(OptionalMetadataField field, base::ByteReader& reader, Pass pass) {
    for_each_concerned(field, [&](std::size_t i) {
      const std::size_t start = reader.position();
      pass(reader);
      if (keep_[i]) scratch_.append(value_.sub(start, reader.position() - start));
    });
  }

  // The standard collation, then pairs of an index among the concerned columns and the collation there.
  void rewrite_default_charset(OptionalMetadataField field, base::ByteReader& reader) {
    std::vector<std::optional<std::size_t>> new_index;
    std::size_t kept = 0;
    for_each_concerned(field,
                       [&](std::size_t i) { new_index.push_back(keep_[i] ? std::optional(kept++) : std::nullopt); });
    const std::uint64_t standard = reader.length_encoded();
    if (kept > 0) scratch_.append_length_encoded(standard);
    while (reader.remaining() > 0) {
      const std::uint64_t index = reader.length_encoded();
      const std::uint64_t collation = reader.length_encoded();
      if (index >= new_index.size()) return reader.fail();
      if (!new_index[index]) continue;
      scratch_.append_length_encoded(*new_index[index]);
      scratch_.append_length_encoded(collation);
    }
  }

  void rewrite_primary_key(bool with_prefix, base::ByteReader& reader) {
    while (reader.remaining() > 0) {
      const std::uint64_t column = reader.length_encoded();
      const std::uint64_t prefix = with_prefix ? reader.length_encoded() : 0;
      if (column >= keep_.size()) return reader.fail();
      if (!keep_[column]) continue;
      const auto end = keep_.begin() + static_cast<std::ptrdiff_t>(column);
      scratch_.append_length_encoded(static_cast<std::uint64_t>(std::count(keep_.begin(), end, true)));
      if (with_prefix) scratch_.append_length_encoded(prefix);
    }
  }

  const TableMap& map_;
  Flavor flavor_;
  const std::vector<bool>& keep_;
  base::ByteView value_;
  base::Buffer scratch_;
};

void append_name(std::string_view name, base::Buffer& into) {
  into.append_u8(static_cast<std::uint8_t>(name.size()));
  into.append(name);
  into.append_u8(0);
}

// Metadata bytes are copied, never made anew: replicas compare them with their own table's.
[[nodiscard]] base::Result<void> append_columns(const TableMap& map, const std::vector<bool>& keep, std::size_t kept,
                                                base::Buffer& into) {
  base::Buffer metadata(map.metadata.size());
  base::ByteReader reader(map.metadata);
  into.append_length_encoded(kept);
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    RELAY_ASSIGN(const std::size_t width, metadata_width(map.columns[i].wire_code));
    const base::ByteView raw = reader.bytes(width);
    if (!keep[i]) continue;
    into.append_u8(map.columns[i].wire_code);
    metadata.append(raw);
  }
  into.append_length_encoded_bytes(metadata.view());
  return {};
}

// With every column kept the bits are copied as they are, the unused ones of the last byte too.
void append_null_bits(const TableMap& map, const std::vector<bool>& keep, std::size_t kept, base::Buffer& into) {
  if (kept == map.columns.size()) return into.append(map.null_bits);
  const std::size_t start = into.size();
  into.append_fill((kept + 7) / 8, 0);
  if (into.overflowed()) return;
  std::size_t to = 0;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    if (!keep[i]) continue;
    std::uint8_t& byte = into.data()[start + to / 8];
    if (map.nullable(i)) byte = static_cast<std::uint8_t>(byte | 1U << (to % 8));
    ++to;
  }
}

}  // namespace

base::Result<void> rewrite_table_map(const TableMap& map, Flavor flavor, const std::vector<bool>& keep,
                                     base::Buffer& into) {
  const auto kept = static_cast<std::size_t>(std::count(keep.begin(), keep.end(), true));
  if (keep.size() != map.columns.size() || kept == 0) {
    return base::fail(base::ErrorKind::unsupported, "a table map cannot be rewritten to no columns");
  }
  into.append_little_endian(map.table_id, 6);
  into.append_u16(map.flags);
  append_name(map.database, into);
  append_name(map.table, into);
  RELAY_TRY(append_columns(map, keep, kept, into));
  append_null_bits(map, keep, kept, into);
  FieldRewriter rewriter(map, flavor, keep);
  base::ByteReader reader(map.optional_metadata);
  std::uint32_t seen = 0;
  while (reader.remaining() > 0) {
    RELAY_ASSIGN(const Field field, next_field(reader, seen));
    if (field.known()) RELAY_TRY(rewriter.rewrite(field, into));
  }
  if (into.overflowed())
    return base::fail(base::ErrorKind::unsupported, "a rewritten table map is larger than allowed");
  return {};
}

}  // namespace relay::binlog
