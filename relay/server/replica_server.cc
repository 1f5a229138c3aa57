#include "relay/server/replica_server.h"

#include <algorithm>

#include "relay/base/log.h"
#include "relay/server/binlog_answers.h"
#include "relay/wire/protocol.h"
#include "tunnel/tcp_stream.h"

namespace relay::server {

namespace {

constexpr std::chrono::seconds kRegistryTime{5};       // between two writings of the known replicas
constexpr std::chrono::milliseconds kAcceptTime{500};  // between two looks for threads that have ended

}  // namespace

ReplicaServer::ReplicaServer(ServerSettings settings, SpoolAccess spool, spool::PublishedTail& tail)
    : settings_(std::move(settings)),
      spool_(spool),
      tail_(tail),
      registry_(spool.files, settings_.known_replicas_path) {}

base::Result<std::unique_ptr<ReplicaServer>> ReplicaServer::start(ServerSettings settings,
                                                                  const spool::SpoolIndex& index,
                                                                  spool::PublishedTail& tail,
                                                                  spool::SpoolLeases& leases, base::FileSystem& files) {
  std::unique_ptr<ReplicaServer> server(
      new ReplicaServer(std::move(settings), SpoolAccess{files, index, tail, leases}, tail));
  RELAY_TRY(server->prepare());
  server->thread_ = std::thread([raw = server.get()] { raw->listen(); });
  return server;
}

base::Result<void> ReplicaServer::prepare() {
  RELAY_TRY(registry_.load());
  if (settings_.tls) {
    RELAY_ASSIGN(tls_, tunnel::RenewableTls::make(*settings_.tls));
  }
  tools_ = std::make_unique<SessionTools>(
      SessionTools{LoginTools{settings_, tls_, std::make_shared<const wire::RsaKey>(), guard_}, spool_, registry_,
                   [this](std::uint32_t id, const std::string& user) { return kill(id, user); },
                   [this](std::uint32_t id, const std::string& user) { note_user(id, user); }});
  RELAY_ASSIGN(listener_, tunnel::TcpListener::listen(settings_.listen_host, settings_.listen_port));
  return {};
}

ReplicaServer::~ReplicaServer() { stop(); }

void ReplicaServer::stop() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
  reap(true);
  keep_registry(true);
}

void ReplicaServer::listen() {
  while (!stop_.stop_requested()) {
    const auto socket = listener_->accept(tunnel::deadline_after(kAcceptTime), stop_);
    reap(false);
    keep_registry(false);
    if (!socket) {
      if (socket.error().kind() == base::ErrorKind::interrupted) return;
      base::log(base::LogLevel::error, "cannot take connections of replicas: {}", socket.error().message());
      static_cast<void>(stop_.wait_for(kAcceptTime));
    } else if (*socket) {
      welcome(**socket);
    }
  }
}

void ReplicaServer::keep_registry(bool now) {
  if (!now && std::chrono::steady_clock::now() - registry_kept_ < kRegistryTime) return;
  registry_kept_ = std::chrono::steady_clock::now();
  if (auto done = registry_.store(); !done) {
    base::log(base::LogLevel::warning, "cannot write down the known replicas: {}", done.error().message());
  }
}

void ReplicaServer::welcome(int socket) {
  auto connection = std::make_unique<Connection>();
  auto stream = std::make_unique<tunnel::TcpStream>(socket, connection->stop);
  const base::MutexLock lock(mutex_);
  const auto before_login =
      std::ranges::count_if(connections_, [](const auto& entry) { return entry.second->user.empty(); });
  if (connections_.size() >= settings_.maximum_connections ||
      static_cast<std::size_t>(before_login) >= settings_.maximum_logins) {
    PacketChannel channel(std::move(stream), std::chrono::milliseconds(0));
    static_cast<void>(channel.send_error(wire::kErrorTooManyConnections, "", "Too many connections"));
    return channel.shutdown();
  }
  const std::uint32_t id = next_id_++;
  connection->thread = std::thread([this, raw = connection.get(), id, client = std::move(stream)]() mutable {
    ReplicaSession(std::move(client), id, *tools_, raw->stop).run();
    raw->done.store(true, std::memory_order_release);
  });
  connections_.emplace(id, std::move(connection));
}

void ReplicaServer::reap(bool all) {
  std::vector<std::unique_ptr<Connection>> ended;
  {
    const base::MutexLock lock(mutex_);
    for (auto at = connections_.begin(); at != connections_.end();) {
      if (all) at->second->stop.request_stop();
      if (all || at->second->done.load(std::memory_order_acquire)) {
        ended.push_back(std::move(at->second));
        at = connections_.erase(at);
      } else {
        ++at;
      }
    }
  }
  if (all) tail_.wake_all();
  for (const auto& connection : ended) connection->thread.join();
}

bool ReplicaServer::kill(std::uint32_t connection_id, const std::string& user) {
  const base::MutexLock lock(mutex_);
  const auto found = connections_.find(connection_id);
  if (found == connections_.end() || found->second->user != user) return false;
  found->second->stop.request_stop();
  return true;
}

void ReplicaServer::note_user(std::uint32_t connection_id, const std::string& user) {
  const base::MutexLock lock(mutex_);
  const auto found = connections_.find(connection_id);
  if (found != connections_.end()) found->second->user = user;
}

std::vector<ReplicaStatus> ReplicaServer::replicas() const {
  std::vector<ReplicaStatus> all = registry_.snapshot();
  const spool::SpoolPosition tail = spool_.tail.get();
  for (ReplicaStatus& replica : all) {
    for (std::uint32_t file = replica.position.file; file != 0 && file <= tail.file; ++file) {
      replica.lag_bytes += published_size(spool_, file).value_or(0);
    }
    replica.lag_bytes -= std::min(replica.lag_bytes, replica.position.offset);
  }
  return all;
}

}  // namespace relay::server
