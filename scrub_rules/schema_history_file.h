#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "scrub_rules/schema_history.h"

namespace relay::scrub_rules {

// What the schema history file holds: a baseline (everything known is replaced), or the change by one transaction.
struct HistoryRecord {
  struct Table {
    sql::TableName name;
    std::optional<sql::TableDefinition> definition;  // none: the table is gone
  };
  struct Database {
    std::string name;
    std::pair<std::string, std::string> character_set_and_collation;
  };
  HistoryPosition position;
  bool baseline = false;
  std::vector<Table> tables;
  std::vector<Database> databases;
  std::vector<LineageChange> lineage;
  std::vector<PlainChange> plain;
  struct EmptyXa {
    std::string id;
    bool empty = false;  // else it is over
  };
  std::vector<EmptyXa> empty_xa;
};

// The file behind the schema history. Text; each line is a JSON object, a space, the CRC-32 of the object's text as 8
// hex digits and a newline:
//   {"schema_history":3}
//   {"baseline":[spool file,source end],"databases":[[name,character set,collation]
//   ...],"lineage":[...],"tables":count}
//   {"table":{...}}                                                        count times
//   {"baseline_end":count,"mark":number}
//   {"change":[spool file,source end],"databases":[...],"lineage":[...],"tables":[[database,table,{...} or null] ...]}
// "lineage" is left out when empty. An entry is [database,table,[database,table]] for a table that keeps the rules of
// another, [database,table,[]] for a copy that does not leave, [database,table,null] for a table that is neither any
// more. "plain", left out when empty, is the list of the tables that are known to be plain ones, or are no longer:
// [database,table,true or false]. "empty_xa", left out when empty, is the list of the XA transactions that replicas do
// not have, or that are over: [pseudonym,true or false]. A change is one line, so it is there or not; a baseline
// without its end is none. "mark" names the state behind the baseline: made of its lines, or, where the file was
// written anew, what it was before; behind a change it is the CRC-32 of the change's line, going on from the mark
// before. The spool knows the mark that belongs to its end. What a crash left behind the last whole record is cut away
// when the file is opened, and so is everything behind the position to resume at. Beside it stands how much of it is
// known to be whole (history_end.h).
class HistoryFile {
 public:
  // Opens or makes the file and gives `each` its records up to `resume`, in order. `mark`, where one is known, must be
  // the mark there. Errors: io; malformed when there are whole records behind a broken one, records are missing that
  // were confirmed, or the file is something else; then it is as before.
  [[nodiscard]] static base::Result<HistoryFile> open(base::FileSystem& files, const std::string& path,
                                                      const HistoryPosition& resume, std::optional<std::uint32_t> mark,
                                                      const std::function<void(HistoryRecord)>& each);

  // For looking at, beside a running writer: nothing is changed. REQUIRES of the caller: neither append() nor
  // replace().
  [[nodiscard]] static base::Result<HistoryFile> open_to_read(base::FileSystem& files, const std::string& path,
                                                              const HistoryPosition& resume,
                                                              const std::function<void(HistoryRecord)>& each);

  // Durable when it returns. After an error the file is as before, at the latest when it is opened again.
  [[nodiscard]] base::Result<void> append(const HistoryRecord& record);
  // Puts a new file that holds nothing but `baseline` in the place of this one; a crash leaves the one or the other.
  [[nodiscard]] base::Result<void> replace(const HistoryRecord& baseline);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Behind the last record; 0 without one.
  [[nodiscard]] std::uint32_t mark() const { return mark_; }

 private:
  HistoryFile(base::FileSystem& files, std::string path, std::unique_ptr<base::File> file)
      : files_(&files), path_(std::move(path)), file_(std::move(file)) {}
  [[nodiscard]] base::Result<void> recover(const HistoryPosition& resume,
                                           const std::function<void(HistoryRecord)>& each);
  [[nodiscard]] base::Result<void> cut_tail();
  [[nodiscard]] base::Result<void> start();
  // Returns the mark behind the record. `mark`: that of a baseline which replaces what made it.
  [[nodiscard]] base::Result<std::uint32_t> write(const HistoryRecord& record, std::optional<std::uint32_t> mark = {});
  [[nodiscard]] base::Result<void> write_text(const std::string& text);

  base::FileSystem* files_;
  std::string path_;
  std::unique_ptr<base::File> file_;
  std::uint64_t size_ = 0;  // bytes of whole records
  std::uint32_t mark_ = 0;
  bool torn_ = false;  // bytes of a failed append may lie behind them
};

}  // namespace relay::scrub_rules
