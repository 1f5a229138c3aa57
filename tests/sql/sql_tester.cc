#include "sql_tester.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "relay/sql/character_set.h"

namespace relay::sql::test {
namespace {

std::string key(const TableName& name) { return name.database + "." + name.table; }

const char* text_of(IndexKind kind) {
  switch (kind) {
    case IndexKind::primary:
      return "primary";
    case IndexKind::unique:
      return "unique";
    case IndexKind::plain:
      return "plain";
    case IndexKind::fulltext:
      return "fulltext";
    case IndexKind::spatial:
      return "spatial";
    case IndexKind::vector:
      return "vector";
  }
  return "?";
}

std::string joined(const std::vector<std::string>& list) {
  std::string all;
  for (const auto& each : list) all += (all.empty() ? "" : ",") + each;
  return all;
}

std::string described(const ColumnDefinition& column) {
  std::string text = column.name + " " + column.type;
  if (column.length)
    text += "(" + std::to_string(*column.length) + (column.scale ? "," + std::to_string(*column.scale) : "") + ")";
  if (column.is_unsigned) text += " unsigned";
  if (!column.nullable) text += " not null";
  if (column.generated) text += " generated";
  if (column.auto_increment) text += " auto";
  if (column.invisible) text += " invisible";
  if (column.compressed) text += " compressed";
  if (column.implicit) text += " implicit";
  if (!column.character_set.empty()) text += " " + column.character_set + "/" + column.collation;
  if (!column.members.empty()) text += " {" + joined(column.members) + "}";
  if (!column.depends_on.empty()) text += " <" + joined(column.depends_on) + ">";
  return text;
}

std::string described(const IndexDefinition& index) {
  std::vector<std::string> parts;
  for (const auto& part : index.parts) {
    parts.push_back(part.column.empty() ? "<" + joined(part.depends_on) + ">"
                                        : part.column + (part.prefix ? "/" + std::to_string(*part.prefix) : ""));
  }
  return std::string(text_of(index.kind)) + " " + index.name + "(" + joined(parts) + ")" + (index.hash ? " hash" : "");
}

}  // namespace

SqlContext mysql(std::uint32_t version, std::uint64_t sql_mode) {
  SqlContext context;
  context.server_version = version;
  context.sql_mode = sql_mode;
  context.default_database = "d";
  return context;
}

SqlContext maria(std::uint32_t version, std::uint64_t sql_mode) {
  SqlContext context = mysql(version, sql_mode);
  context.dialect = Dialect::mariadb;
  return context;
}

const TableDefinition* MapCatalog::find(const TableName& name) const {
  const auto found = tables_.find(key(name));
  return found == tables_.end() ? nullptr : &found->second;
}

std::vector<TableName> MapCatalog::tables_of(std::string_view database) const {
  std::vector<TableName> names;
  for (const auto& [name, table] : tables_) {
    if (table.database == database) names.push_back({table.database, table.table});
  }
  return names;
}

std::pair<std::string, std::string> MapCatalog::database_character_set(std::string_view /*database*/) const {
  return {"latin1", "latin1_swedish_ci"};
}

void MapCatalog::take(std::vector<CatalogChange> changes) {
  for (auto& change : changes) {
    tables_.erase(key(change.name));
    if (change.definition) tables_.emplace(key(change.name), std::move(*change.definition));
  }
}

void MapCatalog::run(const std::string& statement, const SqlContext& context) {
  INFO(statement);
  const auto read = read_statement(statement, context);
  if (!read) FAIL(read.error().message());
  auto changes = apply(**read, *this);
  if (!changes) FAIL(changes.error().message());
  take(std::move(*changes));
}

RuleFates::RuleFates(const std::string& rules) {
  std::istringstream tables(rules);
  std::string entry;
  while (std::getline(tables, entry, ';')) {
    const auto colon = entry.find(':');
    std::istringstream head(entry.substr(0, colon));
    std::string table;
    head >> table;
    if (table.empty()) continue;
    auto& columns = rules_[table.find('.') == std::string::npos ? "d." + table : table];
    std::istringstream list(colon == std::string::npos ? "" : entry.substr(colon + 1));
    std::string rule;
    while (list >> rule) {
      const auto equal = rule.find('=');
      columns[rule.substr(0, equal)] = rule.substr(equal + 1) == "alter" ? ColumnFate::altered : ColumnFate::stripped;
    }
  }
}

TableFate RuleFates::fate_of(const TableDefinition& definition) const {
  TableFate fate;
  fate.definition = &definition;
  const auto rules = rules_.find(definition.database + "." + definition.table);
  fate.leaves = rules != rules_.end();
  for (const auto& column : definition.columns) {
    ColumnFate of_column = ColumnFate::keeps;
    if (fate.leaves) {
      for (const auto& [name, ruled] : rules->second) {
        if (equal_names(name, column.name)) of_column = ruled;
      }
    }
    fate.fates.push_back(of_column);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < definition.columns.size(); ++i) {
      const ColumnDefinition& column = definition.columns[i];
      if (!column.generated || fate.fates[i] == ColumnFate::stripped) continue;
      for (const auto& name : column.depends_on) {
        const auto at = definition.find(name);
        if (at && fate.fates[*at] == ColumnFate::keeps) continue;
        fate.fates[i] = ColumnFate::stripped;
        changed = true;
      }
    }
  }
  return fate;
}

bool RuleFates::table_leaves(const TableName& name) const { return rules_.count(key(name)) != 0; }

bool RuleFates::database_leaves(std::string_view database) const {
  return std::any_of(rules_.begin(), rules_.end(),
                     [&](const auto& rule) { return rule.first.substr(0, rule.first.find('.')) == database; });
}

std::string squeezed(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string error_name(const base::Error& error) {
  switch (error.kind()) {
    case base::ErrorKind::rule:
      return "error rule";
    case base::ErrorKind::unsupported:
      return "error unsupported";
    case base::ErrorKind::malformed:
      return "error malformed";
    default:
      return "error of another kind";
  }
}

std::string rewritten(const Golden& golden) {
  MapCatalog catalog;
  for (const auto& statement : golden.before) catalog.run(statement, golden.context);
  const RuleFates fates(golden.rules);
  const auto statement = read_statement(golden.statement, golden.context);
  if (!statement) {
    UNSCOPED_INFO(statement.error().message());
    return error_name(statement.error());
  }
  const auto changes = apply(**statement, catalog);
  if (!changes) {
    UNSCOPED_INFO(changes.error().message());
    return error_name(changes.error());
  }
  const auto statements = rewrite(**statement, catalog, *changes, fates, golden.context);
  if (!statements) {
    UNSCOPED_INFO(statements.error().message());
    return error_name(statements.error());
  }
  REQUIRE(statements->size() <= 1);  // a GTID has room for one
  return statements->empty() ? "" : squeezed(statements->front());
}

void check(const Golden& golden) {
  INFO(golden.name);
  INFO(golden.statement);
  CHECK(rewritten(golden) == squeezed(golden.expected));
}

std::string described(const TableDefinition& table) {
  std::string text;
  for (const auto& column : table.columns) text += (text.empty() ? "" : "; ") + described(column);
  std::string indexes;
  for (const auto& index : table.indexes) indexes += (indexes.empty() ? " | " : "; ") + described(index);
  return text + indexes;
}

std::string kind_of(const std::string& statement, const SqlContext& context) {
  static const std::vector<std::string> names = {
      "begin",           "commit",         "rollback",      "savepoint", "rollback to savepoint", "release savepoint",
      "xa start",        "xa end",         "xa prepare",    "xa commit", "xa rollback",           "create table",
      "alter table",     "drop table",     "rename table",  "truncate",  "create index",          "drop index",
      "create database", "alter database", "drop database", "harmless",  "changes data"};
  const auto read = read_statement(statement, context);
  return read ? names.at(static_cast<std::size_t>((*read)->kind())) : error_name(read.error());
}

}  // namespace relay::sql::test
