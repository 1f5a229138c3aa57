#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <vector>

#include "declared_column.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"

// What stock servers wrote (golden/server_cells.tsv) against what is encoded here.

namespace relay::scrub_rules {
namespace {

using binlog::ColumnType;
using binlog::Flavor;
using testing::declared_column;

struct ServerCell {
  std::vector<Flavor> flavors;
  std::string declared;
  std::string value;
  ColumnType type;
  std::string cell;
  std::string line;
};

// Independent of the codec: the layout that the protocol dossier gives.
ColumnType type_of(unsigned wire, const std::string& metadata) {
  ColumnType type;
  type.wire_code = static_cast<std::uint8_t>(wire);
  type.code = static_cast<binlog::TypeCode>(wire);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(metadata[i])); };
  if (wire == 254) {
    type.code = static_cast<binlog::TypeCode>(byte(0) | 0x30);
    type.metadata = static_cast<std::uint16_t>(byte(1) | ((byte(0) & 0x30) ^ 0x30) << 4);
  } else if (metadata.size() == 2) {
    type.metadata = static_cast<std::uint16_t>(byte(0) | byte(1) << 8);
  } else if (metadata.size() == 1) {
    type.metadata = static_cast<std::uint16_t>(byte(0));
  }
  return type;
}

std::vector<ServerCell> server_cells() {
  std::vector<ServerCell> cells;
  std::ifstream file(SERVER_CELLS);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
    REQUIRE(fields.size() == 6);
    ServerCell cell;
    if (fields[0] != "mariadb") cell.flavors.push_back(Flavor::mysql);
    if (fields[0] != "mysql") cell.flavors.push_back(Flavor::mariadb);
    cell.declared = fields[1];
    cell.value = fields[2];
    cell.type =
        type_of(static_cast<unsigned>(std::stoul(fields[3])), fields[4] == "-" ? "" : testing::unhex(fields[4]));
    cell.cell = fields[5];
    cell.line = line;
    cells.push_back(cell);
  }
  return cells;
}

bool is_old_temporal(const ColumnType& type) {
  return type.code == binlog::TypeCode::time || type.code == binlog::TypeCode::datetime ||
         type.code == binlog::TypeCode::timestamp;
}

TEST_CASE("server_cells: every declared type gives the type that the server's table map has", "[scrub_rules]") {
  const auto cells = server_cells();
  REQUIRE(cells.size() > 300);
  for (const ServerCell& cell : cells) {
    for (const Flavor flavor : cell.flavors) {
      INFO(cell.line);
      const auto declared = declared_column(cell.declared);
      CHECK(column_matches(declared, cell.type, flavor));
      if (is_old_temporal(cell.type)) continue;
      const auto type = column_type_of(declared, flavor);
      REQUIRE(type.has_value());
      CHECK(type->code == cell.type.code);
      CHECK(type->metadata == cell.type.metadata);
      CHECK(type->wire_code == cell.type.wire_code);
    }
  }
}

TEST_CASE("server_cells: every value is encoded byte for byte as the server stored it", "[scrub_rules]") {
  for (const ServerCell& cell : server_cells()) {
    for (const Flavor flavor : cell.flavors) {
      INFO(cell.line);
      const auto declared = declared_column(cell.declared);
      ColumnTraits traits = column_traits(declared, cell.type, flavor);
      // The table map of an old temporal column does not tell its digits; the declaration does.
      if (is_old_temporal(cell.type)) traits.type.metadata = static_cast<std::uint16_t>(declared.length.value_or(0));
      base::Buffer encoded;
      const auto done =
          cell.value == "<zero>" ? encode_zero_value(traits, encoded) : encode_constant(traits, cell.value, encoded);
      if (!done) FAIL_CHECK(done.error().message());
      CHECK(testing::hex(encoded.view().text()) == cell.cell);
    }
  }
}

// Types of one name may differ by length or digits only: a map of one is no map of another.
TEST_CASE("server_cells: no declared type takes the table map of a type that the server stores otherwise",
          "[scrub_rules]") {
  const auto cells = server_cells();
  for (const ServerCell& cell : cells) {
    for (const Flavor flavor : cell.flavors) {
      const auto declared = declared_column(cell.declared);
      const auto own = column_type_of(declared, flavor);
      REQUIRE(own.has_value());
      for (const ServerCell& other : cells) {
        if (is_old_temporal(other.type) || is_old_temporal(cell.type)) continue;
        const bool same = own->code == other.type.code && own->metadata == other.type.metadata;
        if (same == column_matches(declared, other.type, flavor)) continue;
        INFO(cell.line << "\n" << other.line);
        CHECK(same == column_matches(declared, other.type, flavor));
      }
    }
  }
}

}  // namespace
}  // namespace relay::scrub_rules
