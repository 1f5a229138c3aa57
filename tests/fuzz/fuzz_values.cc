// Values of any bytes as a server would send them: what is taken for a value is one whole cell of the column's type,
// its literal is one literal, and the text in that is the same value. And cells of any bytes, to literals.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "scrub_rules/cell_kind.h"
#include "scrub_rules/cell_literal.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/received_value.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/scrub_rules/declared_column.h"

namespace {

using namespace relay;
using base::Buffer;
using base::ByteView;
using scrub_rules::CellKind;
using scrub_rules::ColumnTraits;

std::vector<ColumnTraits> all() {
  std::vector<ColumnTraits> columns;
  for (const char* declared : {"tinyint",
                               "smallint unsigned",
                               "mediumint",
                               "int unsigned",
                               "bigint",
                               "decimal(20,7)",
                               "decimal(12)",
                               "decimal(5,5) unsigned",
                               "decimal(65,30)",
                               "float",
                               "double",
                               "bit(33)",
                               "year",
                               "date",
                               "datetime",
                               "datetime(5)",
                               "timestamp",
                               "timestamp(3)",
                               "time",
                               "time(1)",
                               "enum('a','b')",
                               "set('a','b','c')",
                               "char(10) charset utf32",
                               "varchar(40) charset utf8mb4",
                               "text charset utf8mb4",
                               "binary(16)",
                               "varbinary(20)",
                               "blob",
                               "json",
                               "geometry",
                               "vector(3)",
                               "uuid",
                               "inet4",
                               "inet6"}) {
    const sql::ColumnDefinition column = scrub_rules::testing::declared_column(declared);
    for (const auto flavor : {binlog::Flavor::mysql, binlog::Flavor::mariadb}) {
      const auto type = scrub_rules::column_type_of(column, flavor);
      fuzz::require(type.has_value());
      columns.push_back(scrub_rules::column_traits(column, *type, flavor));
    }
  }
  return columns;
}

// The bytes within a literal. What could end it early, or is no number where it has no quotes, is a finding.
std::string inside(std::string_view literal) {
  const std::size_t quote = literal.find('\'');
  if (quote == std::string_view::npos) {
    fuzz::require(!literal.empty() && literal.find_first_not_of("-.0123456789") == std::string_view::npos &&
                  literal.find('-', 1) == std::string_view::npos);
    return std::string(literal);
  }
  const std::array<std::string_view, 4> words = {"", "_binary", "_utf8mb4", "_latin1"};
  fuzz::require(std::ranges::find(words, literal.substr(0, quote)) != words.end());
  fuzz::require(literal.size() > quote + 1 && literal.ends_with('\''));
  std::string bytes;
  for (std::size_t at = quote + 1; at + 1 < literal.size(); ++at) {
    fuzz::require(literal[at] != '\'' && literal[at] != '\0' && literal[at] != '\n');
    if (literal[at] == '\\') {
      fuzz::require(++at + 1 < literal.size());
      const char c = literal[at];
      bytes += c == '0' ? '\0' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 'Z' ? '\x1a' : c;
    } else {
      bytes += literal[at];
    }
  }
  return bytes;
}

// Whether the literal of a cell holds the text that a server sends.
bool holds_text(const ColumnTraits& column) {
  const CellKind kind = scrub_rules::cell_kind(column);
  return kind != CellKind::inet4 && kind != CellKind::inet6 && kind != CellKind::uuid;
}

void check_value(const ColumnTraits& column, std::string_view value) {
  Buffer literal;
  if (scrub_rules::append_received_literal(scrub_rules::literal_form(column), value, literal)) {
    fuzz::require(inside(literal.view().text()) == value);
  }
  Buffer cell;
  if (!scrub_rules::encode_received(column, value, cell)) return;
  const auto length = binlog::cell_length(column.type, cell.view());
  fuzz::require(length.has_value() && *length == cell.size());
  Buffer made;
  fuzz::require(scrub_rules::append_cell_literal(column, cell.view().sub(scrub_rules::cell_prefix_width(column)), made)
                    .has_value());
  const std::string text = inside(made.view().text());
  if (!holds_text(column)) return;
  Buffer again;
  fuzz::require(scrub_rules::encode_received(column, text, again).has_value());
  fuzz::require(again.view() == cell.view());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<ColumnTraits> columns = all();
  if (size < 1) return 0;
  const ColumnTraits& column = columns[data[0] % columns.size()];
  const ByteView bytes(data + 1, size - 1);
  check_value(column, bytes.text());
  Buffer literal;
  if (scrub_rules::append_cell_literal(column, bytes, literal)) (void)inside(literal.view().text());
  return 0;
}
