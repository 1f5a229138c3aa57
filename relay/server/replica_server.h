#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <thread>

#include "relay/base/mutex.h"
#include "relay/server/replica_registry.h"
#include "relay/server/replica_session.h"
#include "relay/server/server_settings.h"
#include "tunnel/tcp_listener.h"

namespace relay::server {

// Serves the spool to replicas: listens, and gives each client a thread of its own. Public members may be called by any
// thread.
class ReplicaServer {
 public:
  // Listens and begins to serve. References must outlive the server. Errors: configuration (addresses, TLS files), io,
  // malformed (the file of known replicas).
  [[nodiscard]] static base::Result<std::unique_ptr<ReplicaServer>> start(ServerSettings settings,
                                                                          const spool::SpoolIndex& index,
                                                                          spool::PublishedTail& tail,
                                                                          spool::SpoolLeases& leases,
                                                                          base::FileSystem& files);
  // Stops.
  ~ReplicaServer();
  ReplicaServer(const ReplicaServer&) = delete;
  ReplicaServer& operator=(const ReplicaServer&) = delete;

  // Where it listens.
  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  // Ends all connections and waits for their threads.
  void stop();
  // Reads the TLS files again; connections that are open keep theirs. Errors: configuration; what was in force stays.
  [[nodiscard]] base::Result<void> renew_tls() { return tls_ ? tls_->renew() : base::Result<void>(); }

  // All replicas, connected and known, with their lag.
  [[nodiscard]] std::vector<ReplicaStatus> replicas() const;
  // The lowest spool file that a connected or known replica may still ask for.
  [[nodiscard]] std::optional<std::uint32_t> lowest_file_needed() const { return registry_.lowest_file_needed(); }
  [[nodiscard]] ReplicaRegistry& registry() { return registry_; }

 private:
  // One client's thread and what others may do to it.
  struct Connection {
    base::StopToken stop;
    std::string user;  // empty before the log-in
    std::atomic<bool> done{false};
    std::thread thread;
  };

  ReplicaServer(ServerSettings settings, SpoolAccess spool, spool::PublishedTail& tail);
  [[nodiscard]] base::Result<void> prepare();
  void listen();
  void keep_registry(bool now);
  void welcome(int socket);
  void reap(bool all);
  [[nodiscard]] bool kill(std::uint32_t connection_id, const std::string& user);
  void note_user(std::uint32_t connection_id, const std::string& user);

  const ServerSettings settings_;
  SpoolAccess spool_;
  spool::PublishedTail& tail_;
  ReplicaRegistry registry_;
  LoginGuard guard_;
  std::shared_ptr<tunnel::RenewableTls> tls_;  // none: not offered
  std::unique_ptr<SessionTools> tools_;
  std::unique_ptr<tunnel::TcpListener> listener_;
  base::StopToken stop_;
  std::thread thread_;
  base::Mutex mutex_;
  std::map<std::uint32_t, std::unique_ptr<Connection>> connections_ RELAY_GUARDED_BY(mutex_);
  std::uint32_t next_id_ = 1;  // of the listening thread alone
  std::chrono::steady_clock::time_point registry_kept_ = std::chrono::steady_clock::now();  // also
};

}  // namespace relay::server
