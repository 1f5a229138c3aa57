#include "scrub_rules/live_tables.h"

#include "relay/binlog/rows_event.h"

namespace relay::scrub_rules {

namespace {

constexpr std::size_t kKeptPlans = 4096;  // between statements
constexpr std::size_t kMaximumMaps =
    65536;  // of one statement; a join has 61 tables, triggers and foreign keys add some

}  // namespace

base::Result<const TablePlan*> LiveTables::add(const binlog::TableMap& map) {
  if (map.table_id == binlog::kDummyTableId || slots_.size() >= kMaximumMaps) {
    return base::fail(base::ErrorKind::malformed, "a table map has the id of no table, or a statement too many maps");
  }
  const std::string_view definition = map.definition.text();
  const auto found = slots_.find(map.table_id);
  if (found != slots_.end() && found->second.schema_version == history_.version() &&
      found->second.definition == definition) {
    found->second.statement = statement_;
    return &found->second.plan;
  }
  const sql::TableName name{std::string(map.database), std::string(map.table)};
  history_.note_rows(name);  // here alone: every change of the table asks for a plan of its own
  const sql::TableDefinition* known = history_.find(name);
  RELAY_ASSIGN(TablePlan plan, TablePlan::make(map, flavor_, known, rules_));
  Slot& slot = slots_[map.table_id];
  slot = {std::string(definition), history_.version(), statement_, std::move(plan)};
  return &slot.plan;
}

const TablePlan* LiveTables::find(std::uint64_t table_id) const {
  const auto found = slots_.find(table_id);
  return found != slots_.end() && found->second.statement == statement_ ? &found->second.plan : nullptr;
}

void LiveTables::end_statement() {
  ++statement_;
  if (slots_.size() > kKeptPlans) slots_.clear();
}

void LiveTables::forget_all() {
  ++statement_;
  slots_.clear();
}

}  // namespace relay::scrub_rules
