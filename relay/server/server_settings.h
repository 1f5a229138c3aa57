#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/result.h"
#include "relay/server/replica_account.h"
#include "tunnel/tls_context.h"

namespace relay::server {

struct ReplicaStatus;

struct ServerSettings {
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 0;  // 0: any free one

  // The relay's own identity: what it answers for @@server_id and @@server_uuid, and what its own events carry. Stable
  // over restarts.
  std::uint32_t server_id = 0;
  std::string server_uuid;

  std::vector<ReplicaAccount> accounts;
  // Without it no TLS is offered. With `tls->ca`, clients must show a certificate of that CA.
  std::optional<tunnel::TlsFiles> tls;
  bool require_tls = false;  // refuse log-ins without TLS

  // Where the replicas that once registered are remembered ("replicas.json" in the spool directory); not at all when
  // empty.
  std::string known_replicas_path;
  // Asked when the spool holds no transaction yet that tells whether the source (MySQL) uses GTIDs. May be empty; any
  // thread calls it.
  std::function<std::optional<bool>()> source_gtid_mode;

  // Told of each dump: before its first byte, and when it is over with how far it went. The dump is refused, for now,
  // when the first fails. May be empty; sessions' threads call them.
  std::function<base::Result<void>(const ReplicaStatus&)> dump_begins;
  std::function<void(const ReplicaStatus&)> dump_ended;

  std::size_t maximum_connections = 100;
  std::size_t maximum_logins = 30;                        // of these, connections that are not logged in yet
  std::chrono::milliseconds handshake_time{10'000};       // from connecting to logged in
  std::chrono::milliseconds first_file_patience{20'000};  // a client waits so long for a spool that is still empty
  std::chrono::milliseconds idle_time{600'000};           // between commands of a client that does not replicate
  std::chrono::milliseconds write_patience{60'000};       // a client that takes no byte for so long is dropped
  std::chrono::milliseconds failed_login_delay{1'000};    // before a wrong password is answered
};

}  // namespace relay::server
