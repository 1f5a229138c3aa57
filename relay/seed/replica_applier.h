#pragma once

#include <string>

#include "relay/base/result.h"
#include "relay/base/stop_token.h"
#include "relay/seed/consistent_view.h"
#include "relay/seed/relay_log.h"
#include "relay/source/source_connection.h"
#include "relay/source/source_facts.h"
#include "relay/source/source_settings.h"

namespace relay::seed {

// A replica's applier, held at one position of the source. However this ends, it goes on afterwards; where that fails,
// an error in the log says so. It has a connection of its own, which no signal ends.
class ReplicaApplier {
 public:
  ReplicaApplier(const source::SourceSettings& settings, const source::SourceFacts& facts)
      : settings_(settings), facts_(facts) {}
  ReplicaApplier(const ReplicaApplier&) = delete;
  ReplicaApplier& operator=(const ReplicaApplier&) = delete;
  ~ReplicaApplier();

  // Stops it. Errors: those of the connection; peer, where it is not running, follows in several channels, or the
  // account may not, naming the GRANT.
  [[nodiscard]] base::Result<void> stop();
  // Lets it go on up to `position`, where it stops; says whether it stands there, and not behind. Errors: peer where it
  // stops by an error or does not come there; interrupted.
  [[nodiscard]] base::Result<bool> run_to(const ViewPosition& position, const base::StopToken& stop);
  // Lets it go on without an end, where stop() stopped it, also one that is on its way to run_to()'s position; waits
  // until it has done with the transaction that it is at.
  [[nodiscard]] base::Result<void> start();

 private:
  struct Applied {
    bool running = false;
    int error = 0;
    RelayLogPlace place;   // of the relay log, applied so far
    std::string received;  // MariaDB: GTIDs
  };
  [[nodiscard]] bool mariadb() const { return facts_.flavor == binlog::Flavor::mariadb; }
  [[nodiscard]] std::string statement(std::string_view verb, std::string_view until = {}) const;
  base::Result<Applied> look();
  // Lets it go on with what it has received, up to `position`. MariaDB's own way to stop at GTIDs is asked of the
  // relay.
  base::Result<void> start_mariadb(const ViewPosition& position, const base::StopToken& stop);
  base::Result<bool> stands_at(const ViewPosition& position);
  [[nodiscard]] tl::unexpected<base::Error> explain(const base::Error& error);

  const source::SourceSettings& settings_;
  const source::SourceFacts& facts_;
  source::SourceConnection connection_;
  bool stopped_ = false;
};

}  // namespace relay::seed
