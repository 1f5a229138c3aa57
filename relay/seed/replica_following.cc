// The end of a load: the replica is told what it has, and follows.
#include "relay/base/log.h"
#include "relay/seed/replica_loader.h"
#include "relay/seed/view_session.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::SourceConnection;

constexpr std::chrono::seconds kStartPatience{60};    // for a relay that is behind the snapshot
constexpr std::chrono::seconds kConnectPatience{10};  // for a relay that does not answer: it may be down
constexpr std::chrono::milliseconds kLookEvery{1000};

constexpr std::string_view kPasswordPlace = "...";

// Runs a statement; false where the account may not.
Result<bool> run_if_allowed(SourceConnection& connection, const std::string& statement) {
  const auto done = connection.query(statement);
  if (done) return true;
  if (is_denied(done.error())) return false;
  return base::fail(done.error());
}

}  // namespace

Result<std::vector<std::string>> ReplicaLoader::follow_statements(const FollowOrder& order) {
  std::vector<std::string> statements;
  const ReplicaLine::Work find = [&](SourceConnection& connection) -> Result<void> {
    RELAY_ASSIGN(statements, position_statements(connection, facts_, snapshot_));
    return {};
  };
  RELAY_TRY(ReplicaLine(lines_, ReplicaLine::Statements::quick).run(find));
  statements.push_back(change_source_statement(facts_, order.target, order.place, kPasswordPlace));
  statements.push_back(start_statement(facts_));
  return statements;
}

Result<FollowOutcome> ReplicaLoader::follow(const FollowOrder& order) {
  FollowOutcome outcome;
  ReplicaLine line(lines_, ReplicaLine::Statements::quick);
  const ReplicaLine::Work set = [&](SourceConnection& connection) -> Result<void> {
    outcome = {};
    RELAY_ASSIGN(const auto steps, LoadProgress::steps(connection));
    bool allowed = true;
    const auto run = [&](const std::string& statement) -> Result<void> {
      if (allowed) {
        RELAY_ASSIGN(allowed, run_if_allowed(connection, statement));
      }
      if (!allowed) outcome.left_to_do.push_back(statement);
      return {};
    };
    if (!steps.contains(std::string(kPositionSet))) {
      RELAY_ASSIGN(const std::vector<std::string> statements, position_statements(connection, facts_, snapshot_));
      for (const std::string& statement : statements) RELAY_TRY(run(statement));
    }
    outcome.position_set = allowed && !order.place;
    if (outcome.position_set) {
      const auto noted = LoadProgress::note(connection, kPositionSet);
      if (!noted && !LoadProgress::already_noted(noted.error())) return noted;
    }
    RELAY_ASSIGN(outcome.following, is_following(connection, facts_));
    // An earlier run came that far.
    if (outcome.following != Following::no && outcome.following != Following::unknown) return {};
    if (allowed) {
      std::string change = change_source_statement(facts_, order.target, order.place, order.password.reveal());
      const auto changed = run_if_allowed(connection, change);
      base::wipe_memory(change.data(), change.size());
      if (!changed) return base::fail(changed.error());
      allowed = *changed;
    }
    if (!allowed) {
      outcome.left_to_do.push_back(change_source_statement(facts_, order.target, order.place, kPasswordPlace));
    }
    outcome.position_set = outcome.position_set || allowed;
    return run(start_statement(facts_));
  };
  RELAY_TRY(line.run(set));
  if (outcome.left_to_do.empty()) {
    RELAY_ASSIGN(outcome.following, see_it_follow(line));
  }
  return outcome;
}

Result<Following> ReplicaLoader::see_it_follow(ReplicaLine& line) {
  Following following = Following::no;
  const ReplicaLine::Work look = [&](SourceConnection& connection) -> Result<void> {
    RELAY_ASSIGN(following, is_following(connection, facts_));
    if (following == Following::no || following == Following::stopped) {
      RELAY_TRY(connection.query(start_statement(facts_)));
    }
    return {};
  };
  for (auto waited = std::chrono::milliseconds(0); waited < kStartPatience; waited += kLookEvery) {
    if (lines_.stop_token().wait_for(kLookEvery)) return base::fail(ErrorKind::interrupted, "stopped");
    RELAY_TRY(line.run(look));
    if (following == Following::yes || following == Following::unknown) return following;
    if (following == Following::connecting && waited >= kConnectPatience) return following;
  }
  return base::fail(Error(ErrorKind::peer, "the replica has what was to be loaded, and stops when it is to follow")
                        .remedy("see Last_IO_Error and Last_SQL_Error of its SHOW REPLICA STATUS (SHOW SLAVE STATUS)"));
}

Result<void> ReplicaLoader::end() {
  ReplicaLine line(lines_, ReplicaLine::Statements::quick);
  return line.run([](SourceConnection& connection) { return LoadProgress::end(connection); });
}

}  // namespace relay::seed
