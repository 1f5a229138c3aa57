#include "relay/seed/snapshot_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "relay/seed/load_progress.h"
#include "relay/source/dump_command.h"
#include "relay/sql/ddl.h"
#include "relay/sql/token.h"
#include "scrub_rules/key_origins.h"
#include "scrub_rules/table_check.h"
#include "scrub_rules/table_rules.h"
#include "scrub_rules/text_reader.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::quote_name;
using source::Row;
using source::Rows;
using sql::TableDefinition;
using sql::TableName;

using NamePair = std::pair<std::string, std::string>;
constexpr std::uint32_t kCachedEstimatesSince = 80000;  // MySQL: information_schema_stats_expiry

// What is at a replica when a table is made there: as far as this table's foreign keys are concerned, all the others.
// None of them has one, so none is judged by what this statement does to it.
class OtherTables final : public sql::Catalog {
 public:
  OtherTables(const std::map<NamePair, const TableDefinition*>& tables, const source::CharacterSets& databases,
              TableName without)
      : tables_(tables), databases_(databases), without_(std::move(without)) {}
  [[nodiscard]] const TableDefinition* find(const TableName& name) const override {
    const auto found = tables_.find({name.database, name.table});
    return found == tables_.end() || name == without_ ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<TableName> tables_of(std::string_view) const override { return {}; }
  [[nodiscard]] std::vector<const TableDefinition*> tables_with_foreign_keys() const override { return {}; }
  [[nodiscard]] NamePair database_character_set(std::string_view database) const override {
    const auto found = databases_.find(std::string(database));
    return found == databases_.end() ? NamePair() : found->second;
  }

 private:
  const std::map<NamePair, const TableDefinition*>& tables_;
  const source::CharacterSets& databases_;
  TableName without_;
};

// The statements that make the scrubbed table; none where nothing of it leaves.
Result<std::vector<std::string>> scrubbed_create(const TableDefinition& table, const std::string& shown,
                                                 const source::SourceFacts& facts, const OtherTables& others,
                                                 const scrub_rules::RuleView& rules) {
  const sql::SqlContext context = source::show_create_context(facts, table.database);
  RELAY_ASSIGN(const auto statement, sql::read_statement(shown, context));
  RELAY_ASSIGN(std::vector<sql::CatalogChange> changes, sql::apply(*statement, others));
  if (changes.size() != 1 || changes[0].definition == nullptr) {
    return base::fail(ErrorKind::unsupported, "the source shows something else than a table's definition");
  }
  *changes[0].definition = table;  // which knows where its foreign keys lead
  return sql::rewrite(*statement, others, changes, scrub_rules::RuleTableFates(rules), context);
}

Result<void> check_engine(const TableDefinition& table) {
  if (table.engine == "innodb") return {};
  return base::fail(Error(ErrorKind::rule, "a table that leaves has an engine without consistent reads")
                        .about(table.database + '.' + table.table)
                        .remedy("ALTER TABLE ... ENGINE=InnoDB, or keep it from leaving and copy it by hand"));
}

// Before 8.0 the default of BINARY and VARBINARY is shown as its bytes, which need not be text. MariaDB takes them back
// from a statement in UTF-8 as they are, MySQL does not.
Result<void> check_text(binlog::Flavor flavor, const TableDefinition& table, std::string_view shown,
                        std::string_view create) {
  if (flavor == binlog::Flavor::mariadb) return {};
  RELAY_ASSIGN(const auto reader, scrub_rules::TextReader::make("utf8mb4"));
  const auto is_text = [&](std::string_view text) { return reader.well_formed(base::ByteView::of(text)); };
  if (is_text(create)) return {};
  std::string name = table.database + '.' + table.table;
  for (const sql::ColumnDefinition& column : table.columns) {
    const std::size_t begin = shown.find("\n  " + quote_name(column.name) + ' ');
    if (begin == std::string_view::npos) continue;
    if (is_text(shown.substr(begin + 1, shown.find('\n', begin + 1) - begin - 1))) continue;
    name += '.' + column.name;
    break;
  }
  return base::fail(Error(ErrorKind::unsupported, "the source shows a DEFAULT that is not text")
                        .about(std::move(name))
                        .remedy("give the column a DEFAULT of bytes below 0x80, or none"));
}

// The text without the next AUTO_INCREMENT value, in two pieces. The table's options come behind its columns.
std::pair<std::string_view, std::string_view> without_next_value(std::string_view text) {
  constexpr std::string_view kNextValue = " AUTO_INCREMENT=";
  const std::size_t options = text.find("\n) ENGINE=");
  const std::size_t begin = options == std::string_view::npos ? options : text.find(kNextValue, options);
  if (begin == std::string_view::npos) return {text, {}};
  const std::size_t end = std::min(text.find_first_not_of("0123456789", begin + kNextValue.size()), text.size());
  return {text.substr(0, begin), text.substr(end)};
}

}  // namespace

bool same_definition(std::string_view a, std::string_view b) {
  const auto [a_begin, a_end] = without_next_value(a);
  const auto [b_begin, b_end] = without_next_value(b);
  return a_begin == b_begin && a_end == b_end;
}

std::string same_parts(std::string_view shown) {
  const auto [begin, end] = without_next_value(shown);
  return std::string(begin) + '\n' + std::string(end);
}

Result<SnapshotSchema> read_snapshot_schema(source::SourceConnection& connection, const source::SourceFacts& facts,
                                            const source::LeavingTables& leaving, const scrub_rules::RuleView& rules,
                                            Engines engines) {
  std::map<NamePair, std::string> shown;
  RELAY_ASSIGN(source::SourceSchema source,
               source::read_schema(connection, facts, leaving, [&](const TableDefinition& table, std::string text) {
                 shown[{table.database, table.table}] = std::move(text);
               }));
  SnapshotSchema schema;
  for (const TableDefinition& table : source.tables) schema.listed.emplace(table.database, table.table);
  scrub_rules::resolve_key_origins(source.tables, facts.folds_case());
  static_cast<void>(scrub_rules::take_out_empty_copies(rules, source.tables));
  std::map<NamePair, const TableDefinition*> known;
  for (const TableDefinition& table : source.tables) known.emplace(NamePair(table.database, table.table), &table);

  schema.databases = std::move(source.database_character_sets);
  for (const TableDefinition& table : source.tables) {
    if (table.sequence) continue;
    std::string& text = shown[{table.database, table.table}];
    const OtherTables others(known, schema.databases, table.name());
    auto statements = scrubbed_create(table, text, facts, others, rules);
    if (!statements) {
      Error error = statements.error();
      if (error.subject().empty()) error.about(table.database + '.' + table.table);
      return base::fail(std::move(error));
    }
    if (statements->empty()) continue;
    if (engines == Engines::with_views) RELAY_TRY(check_engine(table));
    RELAY_TRY(check_text(facts.flavor, table, text, statements->front()));
    RELAY_ASSIGN(std::string made_at, read_made_at(connection, table.name()));
    std::string& create = statements->front();
    sql::SplitCreate split = sql::split_create(create, source::show_create_context(facts, table.database), others);
    schema.tables.push_back({table, std::move(text), std::move(made_at), std::move(create), std::move(split), 0});
  }
  return schema;
}

Result<void> check_rules(const SnapshotSchema& schema, const source::SourceFacts& facts,
                         const scrub_rules::RuleView& rules) {
  for (const auto& [database, characters] : schema.databases) {
    if (!sql::equal_keywords(database, kProgressDatabase)) continue;
    return base::fail(Error(ErrorKind::rule, "a database that leaves has the name that `load` has its notes in")
                          .about(database)
                          .remedy("keep it from leaving"));
  }
  std::map<NamePair, const TableDefinition*> known;
  for (const SnapshotTable& table : schema.tables) {
    known.emplace(NamePair(table.definition.database, table.definition.table), &table.definition);
  }
  const OtherTables catalog(known, schema.databases, {});
  const scrub_rules::SourceTraits traits{facts.flavor, facts.version_number, facts.binlog_row_image == "MINIMAL",
                                         &catalog};
  for (const SnapshotTable& table : schema.tables) {
    base::Problems problems;
    static_cast<void>(scrub_rules::check_table(rules, table.definition, traits, problems));
    if (!base::has_errors(problems)) continue;
    return base::fail(Error(ErrorKind::rule, "the rules do not fit a table as it is at the snapshot's moment")
                          .about(table.name())
                          .remedy("`binlog-relay check` says why"));
  }
  return {};
}

Result<std::string> read_made_at(source::SourceConnection& connection, const TableName& table) {
  RELAY_ASSIGN(const auto made_at,
               connection.query_value("SELECT CREATE_TIME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                                      source::quote_text(table.database) +
                                      " AND TABLE_NAME = " + source::quote_text(table.table)));
  return made_at.value_or("");
}

Result<void> estimate_rows(source::SourceConnection& connection, const source::SourceFacts& facts,
                           SnapshotSchema& schema) {
  if (facts.flavor == binlog::Flavor::mysql && facts.version_number >= kCachedEstimatesSince) {
    RELAY_TRY(connection.query("SET SESSION information_schema_stats_expiry = 0"));
  }
  std::map<NamePair, std::uint64_t> estimates;
  for (const auto& [database, character_set] : schema.databases) {
    RELAY_ASSIGN(const Rows rows,
                 connection.query("SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = " +
                                  source::quote_text(database)));
    for (const Row& row : rows) {
      if (row.size() != 2 || !row[0] || !row[1]) continue;
      std::uint64_t& estimate = estimates[{database, *row[0]}];
      std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), estimate);
    }
  }
  for (SnapshotTable& table : schema.tables) {
    table.estimated_rows = estimates[{table.definition.database, table.definition.table}];
  }
  return {};
}

std::string schema_head() {
  return "SET NAMES utf8mb4;\n"
         "SET SESSION sql_mode = '', time_zone = '+00:00', foreign_key_checks = 0;\n";
}

std::string schema_text(const SnapshotSchema& schema) {
  std::string text = schema_head();
  for (const auto& [database, characters] : schema.databases) {
    text += "CREATE DATABASE IF NOT EXISTS " + quote_name(database);
    if (!characters.first.empty()) text += " DEFAULT CHARACTER SET " + characters.first;
    if (!characters.second.empty()) text += " COLLATE " + characters.second;
    text += ";\n";
  }
  std::string database;
  for (const SnapshotTable& table : schema.tables) {
    if (table.definition.database != database) {
      database = table.definition.database;
      text += "USE " + quote_name(database) + ";\n";
    }
    text += table.split.create + ";\n";
  }
  return text;
}

std::string indexes_text(const SnapshotSchema& schema) {
  std::string text = schema_head();
  for (const SnapshotTable& table : schema.tables) {
    for (const std::string& alter : table.split.indexes) text += alter + ";\n";
  }
  for (const SnapshotTable& table : schema.tables) {
    if (!table.split.foreign_keys.empty()) text += table.split.foreign_keys + ";\n";
  }
  return text;
}

}  // namespace relay::seed
