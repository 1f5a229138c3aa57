#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "relay/base/result.h"
#include "relay/binlog/flavor.h"
#include "relay/binlog/table_map.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/schema_history.h"
#include "scrub_rules/table_plan.h"

namespace relay::scrub_rules {

// The table maps of the open statement, each with its plan. A map is void when the statement ends; its plan is kept
// under the table id and taken again when the same bytes come back under the same schema: servers repeat a table's map
// in every statement.
class LiveTables {
 public:
  // References must outlive it.
  LiveTables(const RuleSet& rules, SchemaHistory& history, binlog::Flavor flavor, bool fold_case)
      : rules_(rules, fold_case, &history.lineage()), history_(history), flavor_(flavor) {}

  // The plan for a table map, which is live from now on. Valid until the statement ends.
  // Errors: those of TablePlan::make; malformed for a map of the id that stands for no table, or too many maps.
  [[nodiscard]] base::Result<const TablePlan*> add(const binlog::TableMap& map);
  // Null when no map of this id is live.
  [[nodiscard]] const TablePlan* find(std::uint64_t table_id) const;
  void end_statement();
  // Ids mean nothing in another file.
  void forget_all();

 private:
  struct Slot {
    std::string definition;
    std::uint64_t schema_version = 0;
    std::uint64_t statement = 0;  // the last one in which it was mapped
    TablePlan plan;
  };

  RuleView rules_;
  SchemaHistory& history_;
  binlog::Flavor flavor_;
  std::unordered_map<std::uint64_t, Slot> slots_;
  std::uint64_t statement_ = 1;
};

}  // namespace relay::scrub_rules
