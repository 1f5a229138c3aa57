#include "relay/app/schema_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "relay/sql/character_set.h"
#include "relay/sql/lexer.h"
#include "relay/sql/statement_tree.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::FixedText;
using base::Result;
using sql::Token;
using sql::TokenKind;

// Statements of a dump that make no table and change none.
constexpr auto kPassedOver =
    std::to_array<std::string_view>({"set", "lock", "unlock", "commit", "start", "begin", "flush"});

std::string key_of(const sql::TableName& name) { return name.database + '\0' + name.table; }

class TextCatalog final : public sql::Catalog {
 public:
  const sql::TableDefinition* find(const sql::TableName& name) const override {
    const auto found = definitions.find(key_of(name));
    return found == definitions.end() ? nullptr : &found->second;
  }
  std::vector<sql::TableName> tables_of(std::string_view database) const override {
    std::vector<sql::TableName> names;
    for (const auto& [key, table] : definitions) {
      if (table.database == database) names.push_back({table.database, table.table});
    }
    return names;
  }
  std::vector<const sql::TableDefinition*> tables_with_foreign_keys() const override {
    std::vector<const sql::TableDefinition*> found;
    for (const auto& [key, table] : definitions) {
      if (!table.foreign_keys.empty()) found.push_back(&table);
    }
    return found;
  }
  std::pair<std::string, std::string> database_character_set(std::string_view database) const override {
    const auto found = character_sets.find(std::string(database));
    return found == character_sets.end() ? std::pair<std::string, std::string>() : found->second;
  }

  std::map<std::string, sql::TableDefinition> definitions;
  std::map<std::string, std::pair<std::string, std::string>> character_sets;
};

class SchemaTextReader {
 public:
  SchemaTextReader(std::string_view text, const std::string& file, sql::SqlContext context)
      : text_(text), file_(file), context_(std::move(context)) {}

  Result<KnownSchema> read() {
    // Many statements, and a file of the operator's own.
    auto tokens = sql::lex(text_, context_, text_.size());
    if (!tokens) return stop("the schema cannot be read", tokens.error().offset().value_or(0));
    tokens_ = std::move(*tokens);
    while (tokens_[at_].kind != TokenKind::end) RELAY_TRY(read_piece());
    KnownSchema schema;
    for (auto& [key, table] : catalog_.definitions) schema.tables.push_back(std::move(table));
    schema.database_character_sets = std::move(catalog_.character_sets);
    return schema;
  }

 private:
  // From here to the delimiter.
  Result<void> read_piece() {
    if (tokens_[at_].is_word("delimiter")) return read_delimiter();
    const std::size_t first = at_;
    while (tokens_[at_].kind != TokenKind::end && !at_delimiter()) ++at_;
    const std::size_t begin = piece_begin_;  // before a versioned comment that the statement may stand in
    const std::size_t end = tokens_[at_].kind == TokenKind::end ? text_.size() : tokens_[at_].offset;
    if (at_ > first) RELAY_TRY(read_statement(first, text_.substr(begin, end - begin)));
    begin_at(end + (tokens_[at_].kind == TokenKind::end ? 0 : delimiter_.size()));
    return {};
  }

  [[nodiscard]] bool at_delimiter() const {
    return tokens_[at_].kind == TokenKind::symbol && text_.substr(tokens_[at_].offset).starts_with(delimiter_);
  }

  void begin_at(std::size_t offset) {
    piece_begin_ = offset;
    while (tokens_[at_].kind != TokenKind::end && tokens_[at_].offset < offset) ++at_;
  }

  // A command of the client: the rest of its line.
  Result<void> read_delimiter() {
    const std::size_t offset = tokens_[at_].offset;
    const std::size_t line_end = std::min(text_.find('\n', offset), text_.size());
    constexpr std::size_t kWord = std::string_view("DELIMITER").size();
    std::string_view rest = text_.substr(offset + kWord, line_end - offset - kWord);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    rest = rest.substr(0, rest.find_first_of(" \t\r"));
    if (rest != ";" && rest != ";;" && rest != "//")
      return stop("the schema has a delimiter that is not known", offset);
    delimiter_ = rest;
    begin_at(line_end);
    return {};
  }

  Result<void> read_statement(std::size_t first, std::string_view statement_text) {
    const Token& word = tokens_[first];
    if (word.is_word("use") && tokens_[first + 1].is_identifier()) {
      context_.default_database = tokens_[first + 1].text;
      return {};
    }
    if (std::ranges::any_of(kPassedOver, [&](std::string_view known) { return word.is_word(known); })) return {};
    const auto statement = sql::read_statement(statement_text, context_);
    if (!statement || (*statement)->why_unread() != nullptr)
      return stop("a statement of the schema cannot be read", word.offset);
    if ((*statement)->kind() == sql::StatementKind::changes_data) {
      return stop("a schema holds no data", word.offset);
    }
    for (const sql::TableName& name : (*statement)->tables()) {
      if (name.database.empty()) return stop("a table of the schema has no database", word.offset);
    }
    auto changes = sql::apply(**statement, catalog_);
    if (!changes) return stop("a statement of the schema does not fit those before it", word.offset);
    for (sql::CatalogChange& change : *changes) take(std::move(change));
    take_database(**statement);
    return {};
  }

  void take(sql::CatalogChange change) {
    catalog_.definitions.erase(key_of(change.name));
    if (change.definition == nullptr || change.definition->temporary) return;
    change.definition->database = change.name.database;
    change.definition->table = change.name.table;
    catalog_.definitions.emplace(key_of(change.name), std::move(*change.definition));
  }

  void take_database(const sql::Statement& statement) {
    const auto* database = dynamic_cast<const sql::DatabaseStatement*>(&statement);
    if (database == nullptr) return;
    std::string character_set = sql::canonical_character_set(database->character_set);
    std::string collation = sql::canonical_collation(database->collation);
    if (character_set.empty()) character_set = sql::character_set_of_collation(collation);
    if (collation.empty()) collation = sql::default_collation(character_set);
    if (character_set.empty() && collation.empty()) return;
    catalog_.character_sets[database->name] = {std::move(character_set), std::move(collation)};
  }

  [[nodiscard]] tl::unexpected<Error> stop(FixedText what, std::size_t offset) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
    return base::fail(
        Error(ErrorKind::unsupported, what)
            .about(fmt::format("{}:{}", file_, line))
            .remedy(
                "give what `mysqldump --no-data --skip-triggers --databases NAME...` writes, or USE and CREATE TABLE"));
  }

  std::string_view text_;
  const std::string& file_;
  sql::SqlContext context_;
  sql::TokenList tokens_;
  std::size_t at_ = 0;
  std::size_t piece_begin_ = 0;
  std::string_view delimiter_ = ";";
  TextCatalog catalog_;
};

}  // namespace

Result<KnownSchema> read_schema_text(std::string_view text, const std::string& file, sql::SqlContext context) {
  return SchemaTextReader(text, file, std::move(context)).read();
}

}  // namespace relay::app
