#include "relay/proof/written_metadata.h"

#include <algorithm>

namespace relay::proof {

namespace {

using base::ByteReader;

// libs/mysql/binlog/event/rows_event.h, Optional_metadata_field_type.
enum Field : std::uint8_t {
  kSignedness = 1,
  kDefaultCharset = 2,
  kColumnCharset = 3,
  kColumnName = 4,
  kSetMembers = 5,
  kEnumMembers = 6,
  kGeometryType = 7,
  kPrimaryKey = 8,
  kPrimaryKeyWithPrefix = 9,
  kMembersDefaultCharset = 10,
  kMembersColumnCharset = 11,
  kVisibility = 12,
  kVectorDimension = 13,
};

class MetadataReader {
 public:
  MetadataReader(const std::vector<WrittenColumn>& columns, bool mariadb, WrittenMetadata& into)
      : columns_(columns), mariadb_(mariadb), into_(into) {}

  // Moves the reader over the value of one field.
  void read(std::uint8_t field, ByteReader& reader) {
    switch (field) {
      case kSignedness:
        return reader.skip((count(&MetadataReader::is_number) + 7) / 8);
      case kVisibility:
        return reader.skip((columns_.size() + 7) / 8);
      case kDefaultCharset:
        return read_default(&MetadataReader::is_character, reader);
      case kMembersDefaultCharset:
        return read_default(&MetadataReader::has_members, reader);
      case kColumnCharset:
        return read_each(&MetadataReader::is_character, reader);
      case kMembersColumnCharset:
        return read_each(&MetadataReader::has_members, reader);
      case kColumnName:
        for (std::size_t i = 0; i < columns_.size(); ++i) into_.names.push_back(reader.length_encoded_bytes().text());
        return;
      case kSetMembers:
        return skip_members(ColumnClass::set, reader);
      case kEnumMembers:
        return skip_members(ColumnClass::enum_, reader);
      case kGeometryType:
        return skip_numbers(ColumnClass::geometry, reader);
      case kVectorDimension:
        return skip_numbers(ColumnClass::vector, reader);
      case kPrimaryKey:
        return read_key(false, reader);
      case kPrimaryKeyWithPrefix:
        return read_key(true, reader);
      default:
        return reader.fail();
    }
  }

 private:
  using Concerns = bool (MetadataReader::*)(const WrittenColumn&) const;

  [[nodiscard]] bool is_number(const WrittenColumn& column) const { return column.column_class == ColumnClass::number; }
  [[nodiscard]] bool has_members(const WrittenColumn& column) const {
    return column.column_class == ColumnClass::enum_ || column.column_class == ColumnClass::set;
  }
  // MySQL counts its VECTOR among them, MariaDB its geometries.
  [[nodiscard]] bool is_character(const WrittenColumn& column) const {
    return column.column_class == ColumnClass::character ||
           column.column_class == (mariadb_ ? ColumnClass::geometry : ColumnClass::vector);
  }
  [[nodiscard]] std::size_t count(Concerns concerns) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(columns_, [&](const WrittenColumn& column) { return (this->*concerns)(column); }));
  }

  // A collation for all, then pairs of an index among the concerned columns and its own collation.
  void read_default(Concerns concerns, ByteReader& reader) {
    const auto standard = static_cast<std::uint32_t>(reader.length_encoded());
    into_.collations.resize(columns_.size());
    std::vector<std::size_t> concerned;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!(this->*concerns)(columns_[i])) continue;
      concerned.push_back(i);
      into_.collations[i] = standard;
    }
    while (reader.remaining() > 0) {
      const std::uint64_t index = reader.length_encoded();
      const auto collation = static_cast<std::uint32_t>(reader.length_encoded());
      if (index >= concerned.size()) return reader.fail();
      into_.collations[concerned[index]] = collation;
    }
  }

  void read_each(Concerns concerns, ByteReader& reader) {
    into_.collations.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if ((this->*concerns)(columns_[i])) into_.collations[i] = static_cast<std::uint32_t>(reader.length_encoded());
    }
  }

  void skip_members(ColumnClass column_class, ByteReader& reader) {
    for (const WrittenColumn& column : columns_) {
      if (column.column_class != column_class) continue;
      for (std::uint64_t left = reader.length_encoded(); left > 0 && reader.ok(); --left) reader.length_encoded_bytes();
    }
  }

  void skip_numbers(ColumnClass column_class, ByteReader& reader) {
    for (const WrittenColumn& column : columns_) {
      if (column.column_class == column_class) reader.length_encoded();
    }
  }

  void read_key(bool with_prefix, ByteReader& reader) {
    while (reader.remaining() > 0) {
      if (reader.length_encoded() >= columns_.size()) return reader.fail();
      if (with_prefix) reader.length_encoded();
    }
  }

  const std::vector<WrittenColumn>& columns_;
  bool mariadb_;
  WrittenMetadata& into_;
};

}  // namespace

bool read_metadata(base::ByteView fields, const std::vector<WrittenColumn>& columns, bool mariadb,
                   WrittenMetadata& into) {
  MetadataReader metadata(columns, mariadb, into);
  ByteReader reader(fields);
  std::vector<std::uint8_t> seen;
  while (reader.remaining() > 0) {
    const std::uint8_t field = reader.u8();
    ByteReader value(reader.length_encoded_bytes());
    if (!reader.ok() || std::ranges::find(seen, field) != seen.end()) return false;
    seen.push_back(field);
    metadata.read(field, value);
    if (!value.at_end()) return false;
  }
  return reader.ok();
}

}  // namespace relay::proof
