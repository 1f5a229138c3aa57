#include "relay/app/daemon.h"

#include <csignal>

#include <fmt/format.h>

#include <ctime>
#include <thread>

#include "relay/app/admin_endpoint.h"
#include "relay/app/server_uuid.h"
#include "relay/app/source_loop.h"
#include "relay/app/status_report.h"
#include "relay/app/xa_key.h"
#include "relay/base/log.h"
#include "relay/server/replica_server.h"
#include "relay/spool/spool_purge.h"

namespace relay::app {

namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;
using base::Result;

constexpr time_t kHousekeepingSeconds = 10;

sigset_t waited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// What was served once does not change, and replicas were seeded under the rules of then.
Result<void> check_rules_of_spool(const spool::SpoolIndex& index, const scrub_rules::RuleSet& rules) {
  const auto last = index.last();
  if (!last || last->rules_digest == rules.digest()) return {};
  return base::fail(Error(ErrorKind::rule, "the rules are not those that the spool was written under")
                        .remedy("put the old rules back, or give the new ones a new [spool] directory and seed the replicas again"));
}

class Daemon {
 public:
  Daemon(const Configuration& configuration, const scrub_rules::RuleSet& rules) : configuration_(configuration), rules_(rules), index_(files_, configuration.spool.directory) {}
  ~Daemon() { stop(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  Result<void> start() {
    RELAY_ASSIGN(writer_, spool::SpoolWriter::open(files_, configuration_.spool.directory, configuration_.spool.sync,
                                                   configuration_.replicas.server_id, index_, tail_));
    RELAY_TRY(check_rules_of_spool(index_, rules_));
    RELAY_ASSIGN(const std::string uuid, own_uuid(files_, configuration_.spool.directory));
    RELAY_ASSIGN(xa_key_, xa_key(files_, configuration_.spool.directory));
    loop_ = std::make_unique<SourceLoop>(SourceLoop::Parts{configuration_, rules_, files_, index_, *writer_, status_, uuid, xa_key_});
    RELAY_ASSIGN(server_, server::ReplicaServer::start(server_settings(uuid), index_, tail_, leases_, files_));
    base::log(LogLevel::info, "serving replicas at {}:{}", configuration_.replicas.listen.host, server_->port());
    if (configuration_.admin.listen) RELAY_TRY(start_admin(*configuration_.admin.listen));
    source_thread_ = std::thread([this] { loop_->run(); });
    return {};
  }

  // Waits for a signal to stop; keeps house in between.
  int wait() {
    const sigset_t set = waited_signals();
    while (true) {
      const timespec time{kHousekeepingSeconds, 0};
      const int signal = ::sigtimedwait(&set, nullptr, &time);
      if (signal == SIGTERM || signal == SIGINT) return signal;
      if (signal == SIGHUP) base::log(LogLevel::warning, "SIGHUP: rules are read at the start only; restart the relay to read them again");
      purge();
    }
  }

  void stop() {
    status_.set_phase(RelayPhase::stopping);
    if (loop_) loop_->stop();
    if (source_thread_.joinable()) source_thread_.join();
    admin_.reset();
    if (server_) server_->stop();
  }

  [[nodiscard]] bool halted() const { return status_.get().phase == RelayPhase::halted; }

 private:
  server::ServerSettings server_settings(const std::string& uuid) const {
    const ReplicasSection& section = configuration_.replicas;
    server::ServerSettings settings;
    settings.listen_host = section.listen.host;
    settings.listen_port = section.listen.port;
    settings.server_id = section.server_id;
    settings.server_uuid = uuid;
    for (const ReplicaAccount& account : section.accounts) settings.accounts.push_back({account.user, base::Secret(account.password.reveal())});
    if (section.tls != ReplicaTls::off) {
      settings.tls = tunnel::TlsFiles{section.tls_cert, section.tls_key, section.tls == ReplicaTls::mutual ? section.tls_ca : std::string()};
      settings.require_tls = true;
    }
    settings.source_gtid_mode = [this] { return status_.get().source_gtid_mode; };
    settings.known_replicas_path = configuration_.spool.directory + "/replicas.json";
    return settings;
  }

  Result<void> start_admin(const Endpoint& listen) {
    AdminAnswers answers;
    answers.health = [this] { return health(status_.get(), configuration_.admin.source_lost_after); };
    answers.ready = [this](double max_lag) { return readiness(status_.get(), max_lag); };
    answers.status_json = [this] { return status_json(report()); };
    answers.metrics_text = [this] { return metrics_text(report()); };
    RELAY_ASSIGN(admin_, AdminEndpoint::start(listen.host, listen.port, std::move(answers)));
    base::log(LogLevel::info, "admin endpoint at {}:{}", listen.host, admin_->port());
    return {};
  }

  StatusReport report() const {
    StatusReport report;
    report.relay = status_.get();
    report.spool.tail = tail_.get();
    for (const spool::SpoolFileEntry& entry : index_.entries()) {
      ++report.spool.files;
      if (const auto file = files_.open(index_.path(entry.number), base::OpenMode::read)) report.spool.bytes += (*file)->size().value_or(0);
    }
    report.replicas = server_->replicas();
    return report;
  }

  void purge() {
    const spool::KeepPolicy policy{configuration_.spool.keep, configuration_.spool.keep_size};
    const auto removed = spool::purge(files_, index_, leases_, policy, server_->lowest_file_needed(), static_cast<std::uint32_t>(std::time(nullptr)));
    if (!removed) {
      base::log(LogLevel::warning, "cannot purge the spool: {}", removed.error().message());
    } else if (*removed > 0) {
      base::log(LogLevel::info, "purged {} spool files", *removed);
    }
  }

  const Configuration& configuration_;
  const scrub_rules::RuleSet& rules_;
  base::FileSystem& files_ = base::posix_file_system();
  RelayStatus status_;
  spool::SpoolIndex index_;
  spool::PublishedTail tail_;
  spool::SpoolLeases leases_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  base::Secret xa_key_;
  std::unique_ptr<SourceLoop> loop_;
  std::unique_ptr<server::ReplicaServer> server_;
  std::unique_ptr<AdminEndpoint> admin_;
  std::thread source_thread_;
};

}  // namespace

void block_signals() {
  const sigset_t set = waited_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

ExitCode run_daemon(const Configuration& configuration, const scrub_rules::RuleSet& rules) {
  Daemon daemon(configuration, rules);
  if (const auto started = daemon.start(); !started) {
    base::log(LogLevel::error, "cannot start: {}", started.error().message());
    return started.error().kind() == ErrorKind::rule ? ExitCode::stopped_by_rule : ExitCode::failed;
  }
  const int signal = daemon.wait();
  const bool halted = daemon.halted();
  daemon.stop();
  base::log(LogLevel::info, "stopped");
  if (halted) return ExitCode::stopped_by_rule;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::done;
}

}  // namespace relay::app
