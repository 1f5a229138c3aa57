#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/gtid_set.h"
#include "relay/binlog/stream_state.h"
#include "relay/source/source_stream.h"
#include "relay/sql/ddl.h"

namespace relay::source {

// What DDL has changed between two places of a binary log. Names are folded as the scan was told.
class TouchedTables {
 public:
  // CREATE TABLE IF NOT EXISTS of a table that may have been there before: touched only if it has these columns.
  void add_perhaps_made(const sql::TableName& name, std::vector<std::string> columns);
  void add_table(const sql::TableName& name) { tables_.insert({name.database, name.table}); }
  void add_tables_of(std::string_view database) { databases_.emplace(database); }
  void add_character_set_of(std::string_view database) { character_sets_.emplace(database); }
  void add_everything() { everything_ = true; }
  void add_trigger() { triggers_changed_ = true; }

  // Whether the table's definition may have changed.
  [[nodiscard]] bool contains(const sql::TableName& name) const;
  [[nodiscard]] bool touches(const sql::TableDefinition& table) const;
  // Whether the character set that the database gives its tables may have changed.
  [[nodiscard]] bool contains_character_set_of(std::string_view database) const;
  // Whether a trigger was made or dropped.
  [[nodiscard]] bool triggers_changed() const { return triggers_changed_; }
  [[nodiscard]] bool empty() const {
    return tables_.empty() && perhaps_made_.empty() && databases_.empty() && character_sets_.empty() && !everything_;
  }

 private:
  std::set<std::pair<std::string, std::string>> tables_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> perhaps_made_;
  std::set<std::string, std::less<>> databases_;
  std::set<std::string, std::less<>> character_sets_;
  bool everything_ = false;
  bool triggers_changed_ = false;
};

// Follows a binary log and notes its GTIDs up to a place, and from there the tables that DDL touches. Looks at nothing
// else, and into containers only for DDL. What cannot be read with certainty touches all tables there are.
class BinlogScan {
 public:
  // Everything the scan sees lies behind its starting place.
  explicit BinlogScan(bool fold_case) : fold_case_(fold_case) {}
  // GTIDs are noted in `file` up to `offset`, DDL from there. The scan is to begin at the head of that file.
  BinlogScan(bool fold_case, std::string file, std::uint64_t offset)
      : fold_case_(fold_case), before_start_(true), start_file_(std::move(file)), start_offset_(offset) {}

  // The next event of the stream. Errors: malformed; rule when the starting place lies inside a transaction or an
  // event.
  [[nodiscard]] base::Result<void> add(const SourceStream::Item& item);

  // The place that DDL is noted from was not reached yet.
  [[nodiscard]] bool is_before_start() const { return before_start_; }
  [[nodiscard]] const TouchedTables& touched() const { return touched_; }
  // Of the head of the first file (PREVIOUS_GTIDS, GTID_LIST) and of the transactions before the starting place.
  [[nodiscard]] const binlog::MysqlGtidSet& mysql_gtids() const { return mysql_gtids_; }
  [[nodiscard]] const binlog::MariadbGtidList& mariadb_gtids() const { return mariadb_gtids_; }

 private:
  [[nodiscard]] base::Result<void> add_before_start(const SourceStream::Item& item);
  [[nodiscard]] base::Result<void> follow(const binlog::EventView& event);
  [[nodiscard]] base::Result<void> note_head(const binlog::EventView& event);
  [[nodiscard]] base::Result<void> open(const binlog::EventView& event);
  void note_statement(const binlog::EventView& event);

  bool fold_case_;
  bool before_start_ = false;
  std::string start_file_;
  std::uint64_t start_offset_ = 0;
  bool head_noted_ = false;
  binlog::StreamState state_;
  base::Buffer opened_;
  TouchedTables touched_;
  binlog::MysqlGtidSet mysql_gtids_;
  binlog::MariadbGtidList mariadb_gtids_;
};

}  // namespace relay::source
