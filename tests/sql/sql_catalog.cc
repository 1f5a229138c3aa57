#include "sql_catalog.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "relay/sql/character_set.h"

namespace relay::sql::test {
namespace {

std::string key(const TableName& name) { return name.database + "." + name.table; }

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

std::vector<const TableDefinition*> MapCatalog::tables_with_foreign_keys() const {
  std::vector<const TableDefinition*> found;
  for (const auto& [name, table] : tables_) {
    if (!table.foreign_keys.empty()) found.push_back(&table);
  }
  return found;
}

std::pair<std::string, std::string> MapCatalog::database_character_set(std::string_view /*database*/) const {
  return {"latin1", "latin1_swedish_ci"};
}

void MapCatalog::take(std::vector<CatalogChange> changes) {
  for (auto& change : changes) {
    tables_.erase(key(change.name));
    if (change.definition) change.definition->empty = false;  // these tables have rows
    if (change.definition) tables_.emplace(key(change.name), std::move(*change.definition));
  }
}

void MapCatalog::run(const std::string& statement, const SqlContext& context) {
  const auto read = read_statement(statement, context);
  if (!read) throw std::runtime_error(read.error().message() + " in: " + statement);
  auto changes = apply(**read, *this);
  if (!changes) throw std::runtime_error(changes.error().message() + " in: " + statement);
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
      const std::string what = rule.substr(equal + 1);
      Rule& ruled = columns[rule.substr(0, equal)];
      ruled.fate = what == "alter" || what.starts_with("fill") ? ColumnFate::altered
                   : what.starts_with("map")                   ? ColumnFate::mapped
                                                               : ColumnFate::stripped;
      if (what.starts_with("fill")) ruled.constant = what;
      if (ruled.fate == ColumnFate::mapped) ruled.mapping = what.substr(3);
    }
  }
}

TableFate RuleFates::fate_of(const TableDefinition& definition) const {
  TableFate fate;
  fate.definition = &definition;
  const auto rules = rules_.find(definition.database + "." + definition.table);
  fate.leaves = rules != rules_.end();
  for (const auto& column : definition.columns) {
    Rule of_column;
    if (fate.leaves) {
      for (const auto& [name, ruled] : rules->second) {
        if (equal_names(name, column.name)) of_column = ruled;
      }
    }
    fate.fates.push_back(of_column.fate);
    fate.mappings.push_back(of_column.mapping);
    fate.constants.push_back(of_column.constant);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < definition.columns.size(); ++i) {
      const ColumnDefinition& column = definition.columns[i];
      if (fate.fates[i] == ColumnFate::stripped) continue;
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

base::Result<std::string> rewritten_text(const SqlContext& context, const std::vector<std::string>& before,
                                         const std::string& rules, const std::string& statement) {
  MapCatalog catalog;
  for (const auto& each : before) catalog.run(each, context);
  RELAY_ASSIGN(const auto read, read_statement(statement, context));
  RELAY_ASSIGN(const auto changes, apply(*read, catalog));
  RELAY_ASSIGN(const auto statements, rewrite(*read, catalog, changes, RuleFates(rules), context));
  if (statements.size() > 1) throw std::runtime_error("a GTID has room for one statement");
  return statements.empty() ? std::string() : statements.front();
}

}  // namespace relay::sql::test
