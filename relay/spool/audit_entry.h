#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "relay/spool/spool_types.h"

namespace relay::spool {

// What left of one column: how many cells of its rows (both images of an update).
struct ColumnCounts {
  std::string column;
  std::uint64_t kept = 0;     // left as they are
  std::uint64_t altered = 0;  // left with another value
  std::uint64_t dropped = 0;  // did not leave
  friend bool operator==(const ColumnCounts&, const ColumnCounts&) = default;
};

// What left of one table.
struct TableCounts {
  std::string table;                                                       // database.table
  std::uint64_t events_kept = 0, events_rewritten = 0, events_denied = 0;  // of rows
  std::uint64_t rows = 0;                                                  // in the events that left, rewritten or not
  std::vector<ColumnCounts> columns;
  friend bool operator==(const TableCounts&, const TableCounts&) = default;
};

// One entry of the audit record as the text of a JSON object (FORMAT.md, "Audit record"). Holds names, numbers, digests
// and the fixed texts of errors; there is nothing here that takes the bytes of a row or a statement.
class AuditEntry {
 public:
  explicit AuditEntry(std::string_view kind);
  // Control characters and what is no UTF-8 are replaced; longer text than 4 KiB is cut.
  AuditEntry& add(std::string_view key, std::string_view text);
  AuditEntry& add(std::string_view key, std::uint64_t number);
  AuditEntry& add(std::string_view key, const SpoolPosition& position);
  AuditEntry& add(std::string_view key, const SourcePosition& position);
  // Of a list longer than 16 MiB the rest is a number: "and 12 more".
  AuditEntry& add(std::string_view key, const std::vector<std::string>& names);
  AuditEntry& add(const std::vector<TableCounts>& tables);

  [[nodiscard]] std::string text(std::uint64_t number, std::string_view time) const;

 private:
  void add_key(std::string_view key);
  std::string kind_;
  std::string members_;
};

}  // namespace relay::spool
