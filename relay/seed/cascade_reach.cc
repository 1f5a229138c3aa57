#include "relay/seed/cascade_reach.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace relay::seed {

namespace {

bool cascades(std::string_view action) { return !action.empty() && action != "restrict" && action != "no action"; }

void add_parents(const sql::TableDefinition& table, std::vector<sql::TableName>& names) {
  for (const sql::ForeignKeyDefinition& key : table.foreign_keys) {
    if (cascades(key.on_delete) || cascades(key.on_update)) names.push_back(sql::parent_of(table, key));
  }
}

}  // namespace

bool cascades_reach(const sql::TableDefinition& table, const std::function<bool(const sql::TableName&)>& changed,
                    const DefinitionFunction& find) {
  if (changed(table.name())) return true;
  std::set<std::pair<std::string, std::string>> seen = {{table.database, table.table}};
  std::vector<sql::TableName> left;
  add_parents(table, left);
  while (!left.empty()) {
    const sql::TableName name = std::move(left.back());
    left.pop_back();
    if (!seen.emplace(name.database, name.table).second) continue;
    if (changed(name)) return true;
    const auto parent = find(name);
    if (!parent) return true;
    add_parents(*parent, left);
  }
  return false;
}

}  // namespace relay::seed
