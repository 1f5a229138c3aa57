#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace relay::app {

// What `audit` prints for a person: a line for each thing that happened, and sums of what left.
class AuditReport {
 public:
  // One entry's JSON; what it counts is added up. The line for it; empty for an entry that only counts.
  [[nodiscard]] std::string take(std::string_view entry);
  // Table by table and column by column.
  [[nodiscard]] std::string sums() const;

 private:
  struct Column {
    std::uint64_t kept = 0, altered = 0, dropped = 0;
  };
  struct Table {
    std::uint64_t events_kept = 0, events_rewritten = 0, events_denied = 0, rows = 0;
    std::map<std::string, Column> columns;
  };
  std::map<std::string, Table> tables_;
  std::uint64_t transactions_ = 0, not_counted_ = 0;
};

}  // namespace relay::app
