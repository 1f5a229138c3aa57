#include "relay/source/schema_reader.h"

#include <fmt/format.h>

#include "relay/sql/character_set.h"

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;

constexpr int kNoSuchTable = 1146;                // ER_NO_SUCH_TABLE
constexpr int kUnknownDatabase = 1049;            // ER_BAD_DB_ERROR
constexpr int kUnknownSequence = 4091;            // MariaDB ER_UNKNOWN_SEQUENCES
constexpr std::uint32_t kHiddenKeySince = 80030;  // sql_generate_invisible_primary_key and its show_ variable
constexpr std::uint16_t kUtf8mb4 = 45;            // utf8mb4_general_ci: the session's SET NAMES utf8mb4

// Knows databases' character sets and no table.
class DatabaseCatalog final : public sql::Catalog {
 public:
  explicit DatabaseCatalog(const CharacterSets& character_sets) : character_sets_(character_sets) {}
  const sql::TableDefinition* find(const sql::TableName&) const override { return nullptr; }
  std::vector<sql::TableName> tables_of(std::string_view) const override { return {}; }
  std::vector<const sql::TableDefinition*> tables_with_foreign_keys() const override { return {}; }
  std::pair<std::string, std::string> database_character_set(std::string_view database) const override {
    const auto found = character_sets_.find(std::string(database));
    return found == character_sets_.end() ? std::pair<std::string, std::string>() : found->second;
  }

 private:
  const CharacterSets& character_sets_;
};

struct ListedTable {
  std::string database, table;  // as the source spells them
  bool sequence = false;
};

std::string fold(const SourceFacts& facts, const std::string& name) {
  return facts.folds_case() ? sql::folded(name) : name;
}

class SchemaReader {
 public:
  SchemaReader(SourceConnection& connection, const SourceFacts& facts, const LeavingTables& leaving,
               const CreateTextSeen& seen)
      : connection_(connection), facts_(facts), leaving_(leaving), seen_(seen) {}

  base::Result<SourceSchema> read() {
    RELAY_ASSIGN(const CharacterSets databases, read_databases(connection_, facts_));
    for (const auto& [database, character_set] : databases) RELAY_TRY(read_database(database, character_set));
    return std::move(schema_);
  }

 private:
  base::Result<void> read_database(const std::string& database,
                                   const std::pair<std::string, std::string>& character_set) {
    const std::string folded = fold(facts_, database);
    if (is_system_database(folded) || !leaving_.database_leaves(folded)) return {};
    schema_.database_character_sets[folded] = character_set;
    RELAY_ASSIGN(const Rows tables,
                 connection_.query(fmt::format("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES "
                                               "WHERE TABLE_SCHEMA = {} AND TABLE_TYPE IN "
                                               "('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')",
                                               quote_text(database))));
    for (const Row& row : tables) {
      if (row.size() != 2 || !row[0]) continue;
      if (!leaving_.table_leaves({folded, fold(facts_, *row[0])})) continue;
      RELAY_TRY(read_table({database, *row[0], row[1] == "SEQUENCE"}));
    }
    return {};
  }

  base::Result<void> read_table(const ListedTable& table) {
    const std::string name = table.database + '.' + table.table;
    RELAY_ASSIGN(std::optional<std::string> text,
                 read_create_text(connection_, {table.database, table.table}, table.sequence));
    if (!text) return {};
    auto definition = read_definition(*text, show_create_context(facts_, fold(facts_, table.database)),
                                      schema_.database_character_sets);
    if (!definition) {
      return base::fail(
          Error(definition.error()).about(name).remedy("keep the table from leaving: take it out of the rules"));
    }
    if (seen_) seen_(*definition, std::move(*text));
    schema_.tables.push_back(std::move(*definition));
    return {};
  }

  SourceConnection& connection_;
  const SourceFacts& facts_;
  const LeavingTables& leaving_;
  const CreateTextSeen& seen_;
  SourceSchema schema_;
};

}  // namespace

base::Result<std::optional<std::string>> read_create_text(SourceConnection& connection, const sql::TableName& table,
                                                          bool sequence) {
  const std::string name = table.database + '.' + table.table;
  auto rows = connection.query(fmt::format("SHOW CREATE {} {}.{}", sequence ? "SEQUENCE" : "TABLE",
                                           quote_name(table.database), quote_name(table.table)));
  if (!rows) {
    const int code = rows.error().system_code();
    if (code == kNoSuchTable || code == kUnknownDatabase || code == kUnknownSequence) {
      return std::optional<std::string>();
    }
    return base::fail(Error(rows.error()).about(name));
  }
  if (rows->empty() || rows->front().size() < 2 || !rows->front()[1]) {
    return base::fail(Error(ErrorKind::unsupported, "the source does not show a table's definition").about(name));
  }
  return std::move(rows->front()[1]);
}

base::Result<CharacterSets> read_databases(SourceConnection& connection, const SourceFacts& facts) {
  if (facts.flavor == binlog::Flavor::mysql && facts.version_number >= kHiddenKeySince) {
    RELAY_TRY(connection.query("SET SESSION show_gipk_in_create_table_and_information_schema = ON"));
  }
  RELAY_ASSIGN(const Rows rows, connection.query("SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, "
                                                 "DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA"));
  CharacterSets databases;
  for (const Row& row : rows) {
    if (row.size() == 3 && row[0]) databases[*row[0]] = {row[1].value_or(""), row[2].value_or("")};
  }
  return databases;
}

base::Result<std::vector<std::string>> read_database_names(SourceConnection& connection, const SourceFacts& facts) {
  RELAY_ASSIGN(const CharacterSets databases, read_databases(connection, facts));
  std::vector<std::string> names;
  for (const auto& [name, character_set] : databases) {
    if (!is_system_database(name)) names.push_back(fold(facts, name));
  }
  return names;
}

base::Result<std::vector<sql::TableName>> read_table_names(SourceConnection& connection, const SourceFacts& facts) {
  RELAY_ASSIGN(const Rows rows, connection.query("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                                                 "WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') "
                                                 "ORDER BY TABLE_SCHEMA, TABLE_NAME"));
  std::vector<sql::TableName> names;
  for (const Row& row : rows) {
    if (row.size() != 2 || !row[0] || !row[1]) continue;
    sql::TableName name{fold(facts, *row[0]), fold(facts, *row[1])};
    if (!is_system_database(name.database)) names.push_back(std::move(name));
  }
  return names;
}

bool is_system_database(std::string_view database) {
  const std::string name = sql::folded(database);
  return name == "mysql" || name == "sys" || name == "performance_schema" || name == "information_schema";
}

sql::SqlContext show_create_context(const SourceFacts& facts, std::string database) {
  sql::SqlContext context;
  context.dialect = facts.flavor == binlog::Flavor::mariadb ? sql::Dialect::mariadb : sql::Dialect::mysql;
  context.server_version = facts.version_number;
  context.sql_mode = 0;
  context.client_collation = kUtf8mb4;
  context.default_database = std::move(database);
  context.lower_case_table_names = facts.folds_case();
  return context;
}

base::Result<sql::TableDefinition> read_definition(std::string_view create, const sql::SqlContext& context,
                                                   const CharacterSets& database_character_sets) {
  RELAY_ASSIGN(const auto statement, sql::read_statement(create, context));
  if (statement->why_unread() != nullptr) return base::fail(Error(*statement->why_unread()));
  RELAY_ASSIGN(std::vector<sql::CatalogChange> changes,
               sql::apply(*statement, DatabaseCatalog(database_character_sets)));
  if (changes.size() != 1 || changes[0].definition == nullptr) {
    return base::fail(ErrorKind::unsupported, "the source shows something else than a table's definition");
  }
  return std::move(*changes[0].definition);
}

base::Result<SourceSchema> read_schema(SourceConnection& connection, const SourceFacts& facts,
                                       const LeavingTables& leaving, const CreateTextSeen& seen) {
  return SchemaReader(connection, facts, leaving, seen).read();
}

}  // namespace relay::source
