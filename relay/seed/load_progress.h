#pragma once

#include <set>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/source/source_connection.h"

namespace relay::seed {

// How far the load of a snapshot is, in a table of the replica: `binlog_relay_seed`.`loaded`, a row for each thing that
// is done. Rows of the snapshot are inserted in one transaction with the row that says so.
inline constexpr const char* kProgressDatabase = "binlog_relay_seed";

// Steps besides files, whose names are none of files.
inline constexpr std::string_view kTablesMade = "tables";
inline constexpr std::string_view kFollowBegun = "follow";     // before it is told whom to follow
inline constexpr std::string_view kFollowStarted = "started";  // before it starts: it may have applied transactions

class LoadProgress {
 public:
  enum class State : std::uint8_t {
    none,   // nothing was ever loaded
    begun,  // this snapshot, at least the table is there
    other,  // another snapshot
  };
  // `snapshot`: the digest of its manifest.
  [[nodiscard]] static base::Result<State> find(source::SourceConnection& connection, const std::string& snapshot);
  // Makes the table. REQUIRES: none is there.
  [[nodiscard]] static base::Result<void> begin(source::SourceConnection& connection, const std::string& snapshot);
  [[nodiscard]] static base::Result<std::set<std::string>> steps(source::SourceConnection& connection);
  // The same when everything noted so far is on the replica's disk, whatever its innodb_flush_log_at_trx_commit: a
  // change of tables is always written there, with all that came before it.
  [[nodiscard]] static base::Result<std::set<std::string>> durable_steps(source::SourceConnection& connection);
  // Inside of a transaction, waits for another one that notes the same. Errors: already_noted() where it is there.
  [[nodiscard]] static base::Result<void> note(source::SourceConnection& connection, std::string_view step);
  [[nodiscard]] static bool already_noted(const base::Error& error);
  [[nodiscard]] static base::Result<void> end(source::SourceConnection& connection);
};

}  // namespace relay::seed
