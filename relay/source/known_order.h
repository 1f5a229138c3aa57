#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/source/binlog_scan.h"
#include "relay/source/dump_command.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_stream.h"

namespace relay::source {

// Whether the source has all transactions that `request` says are known, and none of them is still to come. MariaDB has
// those that it wrote to its log. Errors: those of the questions.
[[nodiscard]] base::Result<bool> has_known(SourceConnection& questions, const DumpRequest& request);

// Finds known transactions behind one that is not known: then their order is another than the one that they are known
// in, and what an ALTER among them made of a table came later for it. Watches what a dump by GTIDs sends; what the
// source passes over shows as a gap between offsets, or by a heartbeat (sql/rpl_binlog_sender.cc, sql/sql_repl.cc).
class KnownOrder {
 public:
  // `end` of the log and then, asked for later, the ends of its files, both before the dump begins.
  KnownOrder(LogPosition end, std::vector<LogFileEnd> files, const SourceFacts& facts);

  // How to ask for the dump: so that it ends at the end of the log, or tells that it has come there.
  static void prepare(DumpRequest& request);

  // The dump's next event.
  void add(const SourceStream::Item& item);
  // The dump was ended by the source. Errors: io where that was before the end.
  [[nodiscard]] base::Result<void> finish();

  [[nodiscard]] bool is_broken() const { return is_broken_; }
  // All up to the end was seen.
  [[nodiscard]] bool is_at_end() const { return is_at_end_; }

 private:
  void enter(std::string_view file);

  LogPosition end_;
  std::vector<LogFileEnd> files_;
  bool waits_;                      // the dump does not end by itself
  bool tells_what_it_passed_over_;  // at the end of the log, by a heartbeat
  std::string file_;
  std::uint64_t behind_ = 0;  // the event before; 0 at a file's head, which may come without positions
  bool has_unknown_ = false;
  bool is_broken_ = false;
  bool is_at_end_ = false;
};

// Reads what a dump for `request` sends over `dump`; `unknown` notes the DDL of it. Errors: those of the dump, of
// KnownOrder and of the scan. REQUIRES: request.by_gtid and has_known().
[[nodiscard]] base::Result<bool> writes_before_known(SourceConnection& dump, DumpRequest request, KnownOrder order,
                                                     BinlogScan& unknown);

}  // namespace relay::source
