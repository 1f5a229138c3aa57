#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/problem.h"
#include "relay/base/result.h"
#include "relay/base/secret.h"
#include "relay/seed/load_progress.h"
#include "relay/seed/manifest_reader.h"
#include "relay/seed/replica_line.h"
#include "relay/seed/replica_position.h"
#include "relay/seed/replica_status.h"
#include "relay/seed/schema_statements.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

struct LoadSettings {
  base::FileSystem& files;
  std::string directory;  // of the snapshot
  const source::SourceSettings& replica;
  std::size_t loaders = 4;  // connections that load at once
  bool follows = true;      // the replica is to be given a position
  OwnTransactions own = OwnTransactions::kept;
  FollowTarget target;  // whom it is to follow
};

// How far a load is; any thread may look.
struct LoadCounts {
  std::atomic<std::uint64_t> total_bytes{0}, bytes{0};  // of the files with rows
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> total_indexes{0}, indexes{0};  // statements of indexes.sql, from when the rows are there
};

// Where a replica is to follow. `place`: for sources without GTIDs.
struct FollowOrder {
  const base::Secret& password;
  std::optional<FollowPlace> place;
};

struct FollowOutcome {
  bool position_set = false;
  std::vector<std::string> left_to_do;  // statements that the account may not run, without the password
  Following following = Following::no;
};

// Loads a snapshot into a replica's server: tables, rows, then indexes and foreign keys. Nothing of it gets into the
// replica's binary log. What is done is noted there (load_progress.h), so that after any interruption the same call
// goes on: every row comes once. A lost connection is dialled again for some minutes. Calls in the order of the
// members.
class ReplicaLoader {
 public:
  explicit ReplicaLoader(LoadSettings settings) : settings_(std::move(settings)), lines_(settings_.replica) {}
  ~ReplicaLoader();
  ReplicaLoader(const ReplicaLoader&) = delete;
  ReplicaLoader& operator=(const ReplicaLoader&) = delete;

  // Reads the manifest, and judges the replica, where nothing is changed. Errors: those of the manifest and the
  // connection; configuration where another load is at work, or another snapshot was begun there.
  [[nodiscard]] base::Result<void> check(base::Problems& problems);
  // Errors: io, malformed (of files); those of the connection that do not go away; interrupted.
  [[nodiscard]] base::Result<void> load();
  // Sets the position and lets the replica follow. What an earlier call did is not done again: a replica that was told
  // whom to follow is at no place any more that is known here. REQUIRES: load(). Errors: those of the connection; rule
  // where the replica follows somebody else; peer where it cannot follow.
  [[nodiscard]] base::Result<FollowOutcome> follow(const FollowOrder& order);
  // Those statements, for somebody to run.
  [[nodiscard]] base::Result<std::vector<std::string>> follow_statements(const FollowOrder& order);
  // Forgets what was noted: the load is over.
  [[nodiscard]] base::Result<void> end();

  // From any thread, for good.
  void stop();
  [[nodiscard]] const LoadCounts& counts() const { return counts_; }
  [[nodiscard]] const KnownSnapshot& snapshot() const { return snapshot_; }

 private:
  struct FileJob {
    const TableRecord* table;
    const FileRecord* file;
  };
  using Job = std::function<base::Result<void>(ReplicaLine&)>;

  // Errors: configuration where another load has it.
  base::Result<void> take_guard(source::SourceConnection& connection, std::chrono::seconds patience);
  void keep_guard();
  base::Result<void> make_tables();
  // Makes a table, unless an earlier run did. What is about to be made is noted as `step`, so a table without that is
  // somebody else's, and none is ever dropped.
  base::Result<void> make_table(source::SourceConnection& connection, const SchemaStatement& statement,
                                const std::string& step, const std::set<std::string>& steps);
  base::Result<void> load_rows();
  base::Result<void> load_file(ReplicaLine& line, const FileJob& job);
  base::Result<void> add_indexes();
  base::Result<void> alter(ReplicaLine& line, const std::string& step, const SchemaStatement& statement);
  // Whether all that a statement adds is there; an error where some of it is.
  base::Result<bool> has_all(source::SourceConnection& connection, const SchemaStatement& statement);
  // Does the jobs, by as many lines as there are loaders. The first error ends all.
  base::Result<void> work_off(const std::vector<Job>& jobs, ReplicaLine::Statements statements);
  void drop_lines();
  // Waits for the replica to be connected; starts it again where it gave up, since MariaDB asks only once for a place
  // that the relay may come to a moment later. Error: peer, where it goes on giving up.
  base::Result<Following> see_it_follow(ReplicaLine& line);
  // Whether the replica was told whom to follow, by this load, and by nobody else. Error: rule, where it follows
  // somebody else, or where it did what it was told and was made to forget that.
  base::Result<bool> is_told(source::SourceConnection& connection, const std::set<std::string>& steps);
  // Whether everything is noted, and on the replica's disk: a crash there may have lost what it had said was done.
  base::Result<bool> all_noted();

  LoadSettings settings_;
  ReplicaLines lines_;
  KnownSnapshot snapshot_;
  source::SourceFacts facts_;  // of the replica
  LoadProgress::State found_ = LoadProgress::State::none;
  std::set<std::string> steps_;   // known to be noted
  std::set<std::string> wanted_;  // all that have to be noted
  LoadCounts counts_;
  ReplicaLine guard_{lines_, ReplicaLine::Statements::quick};  // holds a lock, so that there is one load at a time
  std::string guard_session_;  // the number, at the replica, of the session that had the lock last
  std::thread keeper_;
  base::StopToken keeper_stop_;
  base::Mutex mutex_;
  std::vector<ReplicaLine*> in_use_ RELAY_GUARDED_BY(mutex_);
};

}  // namespace relay::seed
