#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "relay/binlog/rows_event.h"
#include "scrub_rules/table_plan.h"

namespace relay::scrub_rules {

// What left of one column: cells of rows, both images of an update, NULLs too.
struct ColumnTally {
  std::string column;
  std::uint64_t kept = 0, altered = 0, dropped = 0;
};

// What left of one table. Of an event that does not leave at all the rows are not looked at.
struct TableTally {
  std::string table;                                                       // database.table
  std::uint64_t events_kept = 0, events_rewritten = 0, events_denied = 0;  // of rows
  std::uint64_t rows = 0;
  std::vector<ColumnTally> columns;
};

// Counts what the rules did to rows, transaction by transaction: an abandoned one does not count. One thread owns it.
class LeavingTally {
 public:
  void add_rows(const TablePlan& plan, const binlog::RowsEvent& event, std::uint64_t rows);
  void add_denied(const TablePlan& plan);
  void commit();
  void abandon();
  // What was committed since the last call, by table.
  [[nodiscard]] std::vector<TableTally> take();

 private:
  struct Counts {
    std::uint64_t events = 0, rows = 0;
    std::vector<std::uint64_t> cells;  // parallel to the plan's columns
  };
  // One for each way in which rows of one table were treated.
  struct Entry {
    std::string table;
    bool leaves = false, identity = false;
    std::shared_ptr<const std::vector<std::string>> columns;  // null when it does not leave
    std::vector<CellFate> fates;
    Counts committed, pending;
    bool touched = false;
  };
  [[nodiscard]] Entry& entry(const TablePlan& plan);
  void touch(Entry& entry);

  std::unordered_multimap<std::string, Entry> entries_;  // by table; nodes stay where they are
  std::vector<Entry*> touched_;
  Entry* last_ = nullptr;
};

}  // namespace relay::scrub_rules
