#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"

namespace relay::seed {

// Where a relay has come to.
struct RelayPlace {
  std::string source_file;  // of the source, behind the last transaction that is in the spool
  std::uint64_t source_offset = 0;
  std::string spool_file;
  std::uint64_t spool_offset = 0;
};

// What a replica's own status says.
struct ReplicaState {
  bool connected = false;            // to the relay
  std::optional<std::uint64_t> lag;  // seconds; none while it cannot be told
  std::string file;                  // of the spool, applied so far
  std::uint64_t offset = 0;
};

// How far a replica is with what its source did. Any thread may use it, with connections of its own.
class ReplicaProgress {
 public:
  // `ask_relay` is needed where the source's transactions have no GTIDs; otherwise it is not asked.
  ReplicaProgress(const source::SourceFacts& source, const source::SourceFacts& replica,
                  std::function<base::Result<RelayPlace>()> ask_relay, const base::StopToken& stop)
      : source_(source), replica_(replica), ask_relay_(std::move(ask_relay)), stop_(stop) {}

  // A place in the source's log; all that connections have seen of the source lies before it, but for what is being
  // committed.
  [[nodiscard]] base::Result<std::string> place(source::SourceConnection& source) const;
  // Waits until the replica has applied all before `place`, and runs `meanwhile` again and again. Errors: those of
  // state() and `meanwhile`; peer where it does not come there; interrupted.
  [[nodiscard]] base::Result<void> wait_for(source::SourceConnection& replica, const std::string& place,
                                            const std::function<base::Result<void>()>& meanwhile) const;
  // Waits while the replica is more than `most` behind, or is connecting. Errors: those of state(); peer where it does
  // not connect, or stays behind for ten minutes; interrupted.
  [[nodiscard]] base::Result<void> keep_up(source::SourceConnection& replica, std::chrono::seconds most) const;
  // Errors: peer, where it does not replicate, or the account may not ask, naming the GRANT.
  [[nodiscard]] base::Result<ReplicaState> state(source::SourceConnection& replica) const;

 private:
  [[nodiscard]] base::Result<bool> has_applied(source::SourceConnection& replica, const std::string& place) const;
  [[nodiscard]] base::Result<bool> has_applied_offset(source::SourceConnection& replica,
                                                      const std::string& place) const;
  [[nodiscard]] tl::unexpected<base::Error> explain(source::SourceConnection& replica, const base::Error& error) const;

  const source::SourceFacts& source_;
  const source::SourceFacts& replica_;
  std::function<base::Result<RelayPlace>()> ask_relay_;
  const base::StopToken& stop_;
};

}  // namespace relay::seed
