#include "scrub_rules/leaving_tally.h"

#include <algorithm>

#include "relay/binlog/column_type.h"

namespace relay::scrub_rules {

namespace {

ColumnTally& column_of(TableTally& tally, const std::string& name) {
  const auto found = std::ranges::find(tally.columns, name, &ColumnTally::column);
  if (found != tally.columns.end()) return *found;
  tally.columns.push_back({name, 0, 0, 0});
  return tally.columns.back();
}

void add_cells(TableTally& tally, const std::string& column, CellFate fate, std::uint64_t cells) {
  ColumnTally& counts = column_of(tally, column);
  if (fate == CellFate::keep) {
    counts.kept += cells;
  } else if (fate == CellFate::drop) {
    counts.dropped += cells;
  } else {
    counts.altered += cells;
  }
}

}  // namespace

LeavingTally::Entry& LeavingTally::entry(const TablePlan& plan) {
  if (last_ != nullptr && last_->columns == plan.column_names && last_->leaves == plan.leaves &&
      last_->table == plan.name)
    return *last_;
  const auto fits = [&plan](const Entry& entry) {
    const bool same_columns = entry.columns == plan.column_names ||
                              (entry.columns && plan.column_names && *entry.columns == *plan.column_names);
    return entry.leaves == plan.leaves && entry.fates == plan.fates && same_columns;
  };
  const auto [first, behind] = entries_.equal_range(plan.name);
  auto found = std::find_if(first, behind, [&](const auto& item) { return fits(item.second); });
  if (found == behind) {
    Entry made;
    made.table = plan.name;
    made.leaves = plan.leaves;
    made.identity = plan.identity;
    made.columns = plan.column_names;
    made.fates = plan.fates;
    made.committed.cells.resize(plan.fates.size());
    made.pending.cells.resize(plan.fates.size());
    found = entries_.emplace(plan.name, std::move(made));
  }
  last_ = &found->second;
  last_->columns = plan.column_names;  // so that the next comparison is one of addresses
  return *last_;
}

void LeavingTally::touch(Entry& entry) {
  ++entry.pending.events;
  if (entry.touched) return;
  entry.touched = true;
  touched_.push_back(&entry);
}

void LeavingTally::add_rows(const TablePlan& plan, const binlog::RowsEvent& event, std::uint64_t rows) {
  Entry& counted = entry(plan);
  touch(counted);
  counted.pending.rows += rows;
  const bool update = event.kind == binlog::RowsKind::update;
  for (std::size_t i = 0; i < counted.pending.cells.size(); ++i) {
    if (binlog::bit_is_set(event.present, i)) counted.pending.cells[i] += rows;
    if (update && binlog::bit_is_set(event.present_after, i)) counted.pending.cells[i] += rows;
  }
}

void LeavingTally::add_denied(const TablePlan& plan) { touch(entry(plan)); }

void LeavingTally::commit() {
  for (Entry* const entry : touched_) {
    entry->committed.events += entry->pending.events;
    entry->committed.rows += entry->pending.rows;
    for (std::size_t i = 0; i < entry->pending.cells.size(); ++i) entry->committed.cells[i] += entry->pending.cells[i];
  }
  abandon();
}

void LeavingTally::abandon() {
  for (Entry* const entry : touched_) {
    entry->pending.events = entry->pending.rows = 0;
    std::ranges::fill(entry->pending.cells, 0);
    entry->touched = false;
  }
  touched_.clear();
}

std::vector<TableTally> LeavingTally::take() {
  std::map<std::string, TableTally> tables;
  for (const auto& [name, entry] : entries_) {
    if (entry.committed.events == 0) continue;
    TableTally& tally = tables[name];
    tally.table = name;
    std::uint64_t& events = !entry.leaves    ? tally.events_denied
                            : entry.identity ? tally.events_kept
                                             : tally.events_rewritten;
    events += entry.committed.events;
    tally.rows += entry.committed.rows;
    for (std::size_t i = 0; i < entry.fates.size(); ++i) {
      add_cells(tally, entry.columns->at(i), entry.fates[i], entry.committed.cells[i]);
    }
  }
  // An open transaction keeps its entries.
  if (touched_.empty()) {
    entries_.clear();
    last_ = nullptr;
  } else {
    for (auto& [name, entry] : entries_) entry.committed = {0, 0, std::vector<std::uint64_t>(entry.fates.size())};
  }
  std::vector<TableTally> list;
  for (auto& [name, tally] : tables) list.push_back(std::move(tally));
  return list;
}

}  // namespace relay::scrub_rules
