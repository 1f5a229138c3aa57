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
constexpr int kGoodLooks = 2;  // one behind the other: the first transaction may stop it

constexpr std::string_view kPasswordPlace = "...";

// Runs a statement; false where the account may not.
Result<bool> run_if_allowed(SourceConnection& connection, const std::string& statement) {
  const auto done = connection.query(statement);
  if (done) return true;
  if (is_denied(done.error())) return false;
  return base::fail(done.error());
}

Result<void> note_once(SourceConnection& connection, std::string_view step) {
  auto noted = LoadProgress::note(connection, step);
  if (!noted && LoadProgress::already_noted(noted.error())) return {};
  return noted;
}

}  // namespace

Result<std::vector<std::string>> ReplicaLoader::follow_statements(const FollowOrder& order) {
  std::vector<std::string> statements;
  const ReplicaLine::Work find = [&](SourceConnection& connection) -> Result<void> {
    // Somebody reads them before they are run.
    RELAY_ASSIGN(statements, position_statements(connection, facts_, snapshot_, OwnTransactions::forgotten));
    return {};
  };
  RELAY_TRY(ReplicaLine(lines_, ReplicaLine::Statements::quick).run(find));
  statements.push_back(change_source_statement(facts_, settings_.target, order.place, kPasswordPlace));
  statements.push_back(start_statement(facts_));
  return statements;
}

Result<bool> ReplicaLoader::is_told(SourceConnection& connection, const std::set<std::string>& steps) {
  RELAY_ASSIGN(const auto followed, followed_sources(connection, facts_));
  const bool begun = steps.contains(std::string(kFollowBegun));
  if (begun && followed && follows_only(*followed, settings_.target)) return true;
  if (followed && !followed->empty()) {
    return base::fail(Error(ErrorKind::rule, "the replica was told meanwhile to follow somebody")
                          .remedy("run STOP REPLICA; RESET REPLICA ALL (STOP SLAVE; RESET SLAVE ALL) there, and load "
                                  "again"));
  }
  if (steps.contains(std::string(kFollowStarted))) {
    return base::fail(Error(ErrorKind::rule,
                            "the replica has followed the relay, and was made to forget it: what it has applied since "
                            "is not known")
                          .remedy("drop the snapshot's tables there, and the database binlog_relay_seed, and load "
                                  "again"));
  }
  return false;
}

Result<FollowOutcome> ReplicaLoader::follow(const FollowOrder& order) {
  FollowOutcome outcome;
  ReplicaLine line(lines_, ReplicaLine::Statements::quick);
  const ReplicaLine::Work set = [&](SourceConnection& connection) -> Result<void> {
    outcome = {};
    RELAY_ASSIGN(const auto steps, LoadProgress::steps(connection));
    bool allowed = true;
    const auto run = [&](std::string statement) -> Result<void> {
      if (allowed) {
        RELAY_ASSIGN(allowed, run_if_allowed(connection, statement));
      }
      if (!allowed) outcome.left_to_do.push_back(std::move(statement));
      return {};
    };
    RELAY_ASSIGN(const bool told, is_told(connection, steps));
    if (!told) {
      RELAY_ASSIGN(const std::vector<std::string> statements,
                   position_statements(connection, facts_, snapshot_, settings_.own));
      for (const std::string& statement : statements) RELAY_TRY(run(statement));
      outcome.position_set = allowed && !order.place;
      RELAY_TRY(note_once(connection, kFollowBegun));
      if (allowed) {
        std::string change = change_source_statement(facts_, settings_.target, order.place, order.password.reveal());
        const auto changed = run_if_allowed(connection, change);
        base::wipe_memory(change.data(), change.size());
        if (!changed) return base::fail(changed.error());
        allowed = *changed;
      }
      if (!allowed) {
        outcome.left_to_do.push_back(change_source_statement(facts_, settings_.target, order.place, kPasswordPlace));
      }
    }
    outcome.position_set = outcome.position_set || allowed;
    if (allowed) RELAY_TRY(note_once(connection, kFollowStarted));
    return run(start_statement(facts_));
  };
  RELAY_TRY(line.run(set));
  if (outcome.left_to_do.empty()) {
    RELAY_ASSIGN(outcome.following, see_it_follow(line));
  }
  return outcome;
}

Result<Following> ReplicaLoader::see_it_follow(ReplicaLine& line) {
  FollowedSource seen;
  const ReplicaLine::Work look = [&](SourceConnection& connection) -> Result<void> {
    RELAY_ASSIGN(const auto followed, followed_sources(connection, facts_));
    if (!followed || !follows_only(*followed, settings_.target)) {
      return base::fail(Error(ErrorKind::rule, "whether the replica follows the relay could not be seen")
                            .remedy("see its SHOW REPLICA STATUS (SHOW SLAVE STATUS)"));
    }
    seen = followed->front();
    if (seen.following == Following::no || seen.following == Following::stopped) {
      RELAY_TRY(connection.query(start_statement(facts_)));
    }
    return {};
  };
  int good = 0;
  for (auto waited = std::chrono::milliseconds(0); waited < kStartPatience; waited += kLookEvery) {
    if (lines_.stop_token().wait_for(kLookEvery)) return base::fail(lines_.why_stopped());
    RELAY_TRY(line.run(look));
    good = seen.following == Following::yes ? good + 1 : 0;
    if (good == kGoodLooks) return seen.following;
    if (seen.following != Following::connecting || waited < kConnectPatience) continue;
    if (!is_refusal(seen.connect_error)) return seen.following;
    return base::fail(Error(ErrorKind::peer, "the replica has what was to be loaded, and the relay does not let it in")
                          .code(seen.connect_error)
                          .remedy("see Last_IO_Error of its SHOW REPLICA STATUS (SHOW SLAVE STATUS), mend the account, "
                                  "password or TLS that it names, and load again"));
  }
  return base::fail(Error(ErrorKind::peer, "the replica has what was to be loaded, and stops when it is to follow")
                        .remedy("see Last_IO_Error and Last_SQL_Error of its SHOW REPLICA STATUS (SHOW SLAVE STATUS)"));
}

Result<void> ReplicaLoader::end() {
  ReplicaLine line(lines_, ReplicaLine::Statements::quick);
  return line.run([](SourceConnection& connection) { return LoadProgress::end(connection); });
}

}  // namespace relay::seed
