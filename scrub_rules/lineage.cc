#include "scrub_rules/lineage.h"

#include "relay/sql/character_set.h"

namespace relay::scrub_rules {

std::pair<std::string, std::string> Lineage::key(const sql::TableName& name) const {
  if (!fold_case_) return {name.database, name.table};
  return {sql::folded(name.database), sql::folded(name.table)};
}

const Origin* Lineage::find(const sql::TableName& name) const {
  if (origins_.empty()) return nullptr;
  const auto found = origins_.find(key(name));
  return found == origins_.end() ? nullptr : &found->second.second;
}

std::optional<Origin> Lineage::put(const sql::TableName& name, std::optional<Origin> origin) {
  std::optional<Origin> before;
  if (const auto found = origins_.find(key(name)); found != origins_.end()) {
    before = std::move(found->second.second);
    origins_.erase(found);
  }
  if (origin) origins_.emplace(key(name), std::pair(name, std::move(*origin)));
  return before;
}

std::vector<std::pair<sql::TableName, Origin>> Lineage::all() const {
  std::vector<std::pair<sql::TableName, Origin>> list;
  for (const auto& [key, entry] : origins_) list.push_back(entry);
  return list;
}

}  // namespace relay::scrub_rules
