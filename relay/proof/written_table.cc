#include "relay/proof/written_table.h"

#include <algorithm>

#include "relay/base/byte_reader.h"
#include "relay/proof/fault.h"
#include "relay/proof/written_metadata.h"

namespace relay::proof {

namespace {

using base::ByteReader;
using base::ByteView;
using base::Error;
using base::FixedText;
using base::Result;

constexpr std::uint64_t kMaximumColumns = 4096;  // MAX_FIELDS of both servers
// BIT_LEN_EXACT, REFERRED_FK_DB, GENERATED_INVISIBLE_PK of MySQL; BIT_HAS_TRIGGERS of MariaDB.
constexpr std::uint16_t kKnownMapFlags = 0x1 | 0x2 | 0x4 | 0x4000;

// Small letters of ASCII and of Latin-1 in UTF-8: as far as two spellings of a column's name usually go apart.
std::string folded(std::string_view name) {
  std::string text(name);
  bool latin1 = false;
  for (char& c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool capital = (c >= 'A' && c <= 'Z') || (latin1 && byte >= 0x80 && byte <= 0x9e && byte != 0x97);
    if (capital) c = static_cast<char>(byte + 0x20);
    latin1 = byte == 0xc3;
  }
  return text;
}

// The parts of a table map, borrowed.
struct Parts {
  WrittenMap map;
  ByteView codes;
  ByteView metadata;
  ByteView null_bits;
  ByteView optional;
};

class TableReader {
 public:
  TableReader(const Expectations& expectations, bool mariadb) : expectations_(expectations), mariadb_(mariadb) {}

  Result<WrittenTable> read(ByteView definition) {
    RELAY_TRY(split(definition));
    table_.name = std::string(parts_.map.database) + "." + std::string(parts_.map.table);
    // Without digits: the expectation, which knows them, has to be asked first, and wants the metadata.
    if (!read_columns({})) return refuse("egress check: a table map has a type that cannot be read");
    WrittenMetadata metadata;
    if (!read_metadata(parts_.optional, table_.columns, mariadb_, metadata)) {
      return refuse("egress check: a table map has metadata that may not leave");
    }
    parts_.map.names = metadata.names;
    parts_.map.collations = metadata.collations;
    RELAY_ASSIGN(std::optional<ExpectedTable> expected, expectations_.table(parts_.map));
    if (!expected) return refuse("egress check: rows of a table that does not leave");
    table_.expected = std::move(expected->columns);
    if (table_.expected.size() != table_.columns.size()) {
      return refuse("egress check: a table map has other columns than may leave");
    }
    if (!read_columns(table_.expected)) return refuse("egress check: a table map has a type that cannot be read");
    for (std::size_t i = 0; i < table_.columns.size(); ++i) RELAY_TRY(compare(i));
    return std::move(table_);
  }

 private:
  Result<void> split(ByteView definition) {
    ByteReader reader(definition);
    const std::uint16_t flags = reader.u16();
    parts_.map.database = reader.bytes(reader.u8()).text();
    const std::uint8_t first_end = reader.u8();
    parts_.map.table = reader.bytes(reader.u8()).text();
    const std::uint8_t second_end = reader.u8();
    const std::uint64_t count = reader.length_encoded();
    if (count == 0 || count > kMaximumColumns) reader.fail();
    parts_.codes = reader.bytes(count);
    parts_.metadata = reader.length_encoded_bytes();
    parts_.null_bits = reader.bytes((count + 7) / 8);
    parts_.optional = reader.rest();
    if (!reader.ok() || first_end != 0 || second_end != 0 || (flags & ~kKnownMapFlags) != 0) {
      return refuse("egress check: a table map cannot be read");
    }
    return {};
  }

  bool read_columns(const std::vector<ExpectedColumn>& expected) {
    table_.columns.clear();
    table_.json_columns = 0;
    ByteReader metadata(parts_.metadata);
    for (std::size_t i = 0; i < parts_.codes.size(); ++i) {
      const std::uint8_t digits = i < expected.size() ? expected[i].digits : 0;
      const std::optional<WrittenColumn> column = read_column(parts_.codes[i], metadata, digits);
      if (!column) return false;
      if (column->json) ++table_.json_columns;
      table_.columns.push_back(*column);
    }
    return metadata.at_end();
  }

  Result<void> compare(std::size_t i) const {
    const ExpectedColumn& expected = table_.expected[i];
    const bool nullable = (parts_.null_bits[i / 8] >> (i % 8) & 1) != 0;
    const bool same_name = parts_.map.names.empty() || folded(parts_.map.names[i]) == folded(expected.name);
    const bool same_type =
        expected.types.empty() || std::ranges::find(expected.types, table_.columns[i].type) != expected.types.end();
    if (same_name && same_type && nullable == expected.nullable.value_or(nullable)) return {};
    return refuse("egress check: a table map has other columns than may leave");
  }

  [[nodiscard]] tl::unexpected<Error> refuse(FixedText what) const {
    return base::fail(fault_error(what, 0).about(table_.name));
  }

  const Expectations& expectations_;
  bool mariadb_;
  Parts parts_;
  WrittenTable table_;
};

}  // namespace

Result<WrittenTable> read_table(ByteView definition, const Expectations& expectations, bool mariadb) {
  return TableReader(expectations, mariadb).read(definition);
}

}  // namespace relay::proof
