#include "sent_value.h"

#include <arpa/inet.h>

#include <array>
#include <stdexcept>

#include "declared_column.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/cell_literal.h"

namespace relay::scrub_rules::testing {

namespace {

std::string address_text(int family, const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace

std::string unquoted(std::string_view literal) {
  const std::size_t start = literal.find('\'');
  if (start == std::string_view::npos) return std::string(literal);
  std::string text;
  for (std::size_t at = start + 1; at + 1 < literal.size(); ++at) {
    if (literal[at] != '\\') {
      if (literal[at] == '\'') throw std::invalid_argument("a quote ends the literal early");
      text += literal[at];
      continue;
    }
    const char escaped = literal[++at];
    text += escaped == '0' ? '\0' : escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped == 'Z' ? '\x1a' : escaped;
  }
  return text;
}

std::string literal_of(const ColumnTraits& traits, std::string_view cell) {
  base::Buffer literal;
  const auto done = append_cell_literal(traits, base::ByteView::of(cell).sub(cell_prefix_width(traits)), literal);
  if (!done) return "error: " + done.error().message();
  return std::string(literal.view().text());
}

std::string sent(const ColumnTraits& traits, std::string_view cell) {
  std::string text = unquoted(literal_of(traits, cell));
  switch (cell_kind(traits)) {
    case CellKind::inet4:
      return address_text(AF_INET, text);
    case CellKind::inet6:
      return address_text(AF_INET6, text);
    case CellKind::uuid:
      text = hex(text);
      for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
      return text;
    case CellKind::bytes:
      // BINARY comes with the zeros that pad it.
      if (traits.type.code == binlog::TypeCode::string) text.resize(traits.type.metadata, '\0');
      return text;
    default:
      return text;
  }
}

}  // namespace relay::scrub_rules::testing
