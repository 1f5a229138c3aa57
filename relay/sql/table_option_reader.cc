#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/readers.h"

namespace relay::sql {
namespace {

using base::Result;

enum class ValueKind : std::uint8_t { number, word, number_or_word, string, tables };

struct OptionName {
  std::string_view name;
  ValueKind value;
  bool kept;  // leaves: says nothing of the source's files, servers or comments
};

constexpr auto kOptions = std::to_array<OptionName>({
    {"auto_increment", ValueKind::number, true},
    {"avg_row_length", ValueKind::number, true},
    {"max_rows", ValueKind::number, true},
    {"min_rows", ValueKind::number, true},
    {"key_block_size", ValueKind::number, true},
    {"checksum", ValueKind::number, true},
    {"table_checksum", ValueKind::number, true},
    {"delay_key_write", ValueKind::number, true},
    {"pack_keys", ValueKind::number_or_word, true},
    {"stats_auto_recalc", ValueKind::number_or_word, true},
    {"stats_persistent", ValueKind::number_or_word, true},
    {"stats_sample_pages", ValueKind::number_or_word, true},
    {"insert_method", ValueKind::word, false},
    {"union", ValueKind::tables, false},
    {"comment", ValueKind::string, false},
    {"connection", ValueKind::string, false},
    {"password", ValueKind::string, false},
    {"compression", ValueKind::string, true},
    {"encryption", ValueKind::string, true},
    {"engine_attribute", ValueKind::string, false},
    {"secondary_engine_attribute", ValueKind::string, false},
    {"secondary_engine", ValueKind::word, false},
    {"autoextend_size", ValueKind::number_or_word, true},
    {"tablespace", ValueKind::word, false},
    {"transactional", ValueKind::number, true},
    {"page_checksum", ValueKind::number, true},
    {"page_compressed", ValueKind::number_or_word, true},
    {"page_compression_level", ValueKind::number_or_word, true},
    {"encrypted", ValueKind::word, true},
    {"encryption_key_id", ValueKind::number, true},
    {"sequence", ValueKind::number, true},
});

const OptionName* find_option(const Token& token) {
  if (!token.is_identifier()) return nullptr;
  for (const auto& option : kOptions) {
    // SHOW CREATE TABLE of MariaDB quotes the options of engines: `page_compressed`=1.
    if (equal_keywords(token.text, option.name)) return &option;
  }
  return nullptr;
}

bool at_character_set(const TokenCursor& cursor) {
  const std::size_t skip = cursor.is("default") ? 1 : 0;
  const Token& word = cursor.peek(skip);
  return word.is_word("charset") || word.is_word("collate") ||
         ((word.is_word("character") || word.is_word("char")) && cursor.peek(skip + 1).is_word("set"));
}

Result<void> read_default_characters(TokenCursor& cursor, TableOptions& options) {
  cursor.accept("default");
  if (cursor.accept("collate")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(std::string name, cursor.plain_name());
    options.collation = canonical_collation(name);
    if (options.collation == "default") options.collation.clear();
  } else {
    RELAY_ASSIGN(options.character_set, read_character_set(cursor));
    options.mentions_character_set = true;
  }
  return {};
}

Result<std::string> read_value(TokenCursor& cursor, ValueKind kind) {
  if (kind == ValueKind::number || (kind == ValueKind::number_or_word && cursor.peek().kind == TokenKind::number)) {
    RELAY_ASSIGN(const std::uint64_t value, cursor.unsigned_number());
    return std::to_string(value);
  }
  if (kind == ValueKind::string) {
    RELAY_ASSIGN(std::string text, cursor.string_value());
    return text;
  }
  if (kind == ValueKind::tables) {
    RELAY_TRY(cursor.parenthesized());
    return std::string();
  }
  return cursor.plain_name();
}

Result<void> read_named(TokenCursor& cursor, TableOptions& options, const OptionName& option) {
  cursor.take();
  cursor.accept_symbol('=');
  const TokenKind kind = cursor.peek().kind;
  RELAY_ASSIGN(std::string text, read_value(cursor, option.value));
  if (option.name == "tablespace" && cursor.accept("storage")) RELAY_TRY(cursor.plain_name());
  if (!option.kept) return {};
  TableOption kept;
  kept.name = std::string(option.name);
  kept.text = std::move(text);
  if (kind == TokenKind::string) kept.value.push_back(Token{TokenKind::string, false, 0, kept.text, ""});
  options.others.push_back(std::move(kept));
  return {};
}

}  // namespace

bool at_table_option(const TokenCursor& cursor) {
  const bool directory = cursor.is_sequence({"data", "directory"}) || cursor.is_sequence({"index", "directory"});
  return at_character_set(cursor) || cursor.is("engine") || cursor.is("type") || cursor.is("row_format") || directory ||
         find_option(cursor.peek()) != nullptr;
}

Result<void> read_table_option(TokenCursor& cursor, TableOptions& options) {
  if (at_character_set(cursor)) return read_default_characters(cursor, options);
  if (cursor.accept_any({"engine", "type"})) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(options.engine, cursor.plain_name());
    return {};
  }
  if (cursor.accept("row_format")) {
    cursor.accept_symbol('=');
    RELAY_ASSIGN(options.row_format, cursor.plain_name());
    return {};
  }
  if (cursor.accept({"data", "directory"}) || cursor.accept({"index", "directory"})) {
    cursor.accept_symbol('=');
    RELAY_TRY(cursor.string_value());
    return {};
  }
  const OptionName* option = find_option(cursor.peek());
  if (option == nullptr) return cursor.unread("table option is not known");
  return read_named(cursor, options, *option);
}

}  // namespace relay::sql
