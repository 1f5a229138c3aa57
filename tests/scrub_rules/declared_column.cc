#include "declared_column.h"

#include <charconv>
#include <stdexcept>

namespace relay::scrub_rules::testing {

namespace {

bool accept(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  return true;
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" ("));
  accept(text, word);
  return word;
}

std::uint32_t take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) throw std::invalid_argument("no number");
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  return number;
}

void take_parameters(std::string_view& text, sql::ColumnDefinition& column) {
  if (!accept(text, "(")) return;
  if (column.type == "enum" || column.type == "set") {
    while (accept(text, "'")) {
      const std::size_t end = text.find('\'');
      column.members.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
      accept(text, ",");
    }
  } else {
    column.length = take_number(text);
    if (accept(text, ",")) column.scale = take_number(text);
  }
  if (!accept(text, ")")) throw std::invalid_argument("no closing parenthesis");
}

}  // namespace

sql::ColumnDefinition declared_column(std::string_view text, std::string name) {
  sql::ColumnDefinition column;
  column.name = std::move(name);
  const bool national = accept(text, "national");
  column.type = take_word(text);
  const bool characters = column.type.ends_with("char") || column.type.ends_with("text");
  if (characters) column.character_set = national ? "utf8mb3" : "utf8mb4";
  take_parameters(text, column);
  while (!text.empty()) {
    if (accept(text, "unsigned")) {
      column.is_unsigned = true;
    } else if (accept(text, "compressed")) {
      column.compressed = true;
    } else if (accept(text, "not null")) {
      column.nullable = false;
    } else if (accept(text, "charset")) {
      column.character_set = take_word(text);
    } else {
      throw std::invalid_argument("unknown word in " + std::string(text));
    }
  }
  return column;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 0xf];
  }
  return text;
}

std::string unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace relay::scrub_rules::testing
