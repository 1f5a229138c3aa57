#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/stream_state.h"
#include "relay/source/binlog_scan.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_stream.h"

namespace relay::source {

// A place of the source's binary log.
struct LogPlace {
  std::string file;
  std::uint64_t offset = 0;
  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

// Follows a binary log from a place between two transactions on and notes the tables whose rows or definition may have
// been changed: by row events, by DDL. Whatever it does not understand may have changed every table: statements that
// change rows, a server that was not shut down, events that are not known. What a cascade of a foreign key changes in
// other tables is not in most logs, and not noted.
class ChangeScan {
 public:
  explicit ChangeScan(bool fold_case) : fold_case_(fold_case) {}

  // The next event of the stream, or of another one that goes on where that stopped.
  void add(const SourceStream::Item& item);

  [[nodiscard]] bool changed(const sql::TableName& name) const { return touched_.contains(name); }
  // Why every table may have been changed; nothing where that is not so.
  [[nodiscard]] const std::optional<base::FixedText>& why_all() const { return why_all_; }
  // When the first file was begun, in seconds since 1970, which tells it from another of its name; 0 before it is
  // known.
  [[nodiscard]] std::uint32_t first_file_made() const { return first_file_made_; }

 private:
  void follow_file(const SourceStream::Item& item);
  void look(const binlog::EventView& event);
  void look_at_format(const binlog::EventView& event);
  void look_at_table_map(const binlog::EventView& event);
  void look_at_rows(const binlog::EventView& event);
  void look_at_query(const binlog::EventView& event);
  void look_at_statement(const sql::Statement& statement, std::string_view text);
  void look_into(const binlog::EventView& event);
  void change_all(base::FixedText why);

  bool fold_case_;
  std::string file_;
  binlog::EventType last_ = binlog::EventType::unknown;  // of the events of `file_`
  std::uint32_t first_file_made_ = 0;
  std::string format_file_;  // that has the last format description
  std::uint32_t format_made_ = 0;
  binlog::FormatDescription format_;
  std::set<std::uint64_t> mapped_;     // ids of table maps, in this statement
  std::set<std::string> xa_prepared_;  // XA transactions whose rows were seen
  TouchedTables touched_;
  std::optional<base::FixedText> why_all_;
  base::Buffer opened_;
};

// Reads the source's log from one place to another, `to` being the end of some moment. `dump` is a connection made for
// streaming, and is used up. It ends early where every table may have been changed. False where the log was given to an
// end that lies before `to`: a transaction that is being committed lies in the log and is not given yet. Errors: those
// of connection and stream.
[[nodiscard]] base::Result<bool> read_changes(SourceConnection& dump, const SourceFacts& facts, const LogPlace& from,
                                              const LogPlace& to, ChangeScan& scan);

}  // namespace relay::source
