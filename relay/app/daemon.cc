#include "relay/app/daemon.h"

#include <fmt/format.h>

#include <csignal>
#include <ctime>
#include <thread>

#include "relay/app/admin_endpoint.h"
#include "relay/app/audit.h"
#include "relay/app/preflight.h"
#include "relay/app/server_uuid.h"
#include "relay/app/source_loop.h"
#include "relay/app/status_report.h"
#include "relay/app/tunnels.h"
#include "relay/app/xa_key.h"
#include "relay/base/log.h"
#include "relay/server/replica_server.h"
#include "relay/spool/spool_hold.h"
#include "relay/spool/spool_purge.h"
#include "tunnel/ssh_tunnel.h"

namespace relay::app {

namespace {

using base::ErrorKind;
using base::LogLevel;
using base::Result;

constexpr time_t kHousekeepingSeconds = 10;
// The sockets' buffers of both ends and of a tunnel between them: Linux lets each grow to 6 MiB at most by itself.
constexpr std::uint64_t kInFlight = std::uint64_t{32} << 20;
constexpr std::chrono::hours kServedInterval{1};

sigset_t waited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

class Daemon {
 public:
  Daemon(const Configuration& configuration, std::shared_ptr<const Rules> rules)
      : configuration_(configuration), rules_(std::move(rules)), index_(files_, configuration.spool.directory) {}
  ~Daemon() { stop(); }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  Result<void> start() {
    RELAY_ASSIGN(writer_, spool::SpoolWriter::open(files_, configuration_.spool.directory, configuration_.spool.sync,
                                                   configuration_.replicas.server_id, index_, tail_));
    RELAY_ASSIGN(audit_record_, spool::AuditRecord::open(files_, configuration_.spool.directory));
    audit_.emplace(*audit_record_);
    const auto last = index_.last();
    RELAY_TRY(audit_->started(Audit::Start{BINLOG_RELAY_VERSION, configuration_.file,
                                           last ? last->last_rules() : rules_->digest, tail_.get()},
                              files_, index_));
    RELAY_ASSIGN(const std::string uuid, own_uuid(files_, configuration_.spool.directory));
    RELAY_ASSIGN(xa_key_, xa_key(files_, configuration_.spool.directory));
    loop_ = std::make_unique<SourceLoop>(
        SourceLoop::Parts{configuration_, rules_, files_, index_, *writer_, status_, *audit_, uuid, xa_key_});
    RELAY_ASSIGN(server_, server::ReplicaServer::start(server_settings(uuid), index_, tail_, leases_, files_));
    base::log(LogLevel::info, "serving replicas at {}:{}", configuration_.replicas.listen.host, server_->port());
    for (const TunnelSection& section : configuration_.tunnels) {
      tunnels_.push_back(
          std::make_unique<tunnel::SshTunnel>(tunnel_settings(section, configuration_.replicas, server_->port())));
    }
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
      if (signal == SIGHUP) read_files_again();
      purge();
      record_served();
    }
  }

  void stop(std::string_view why = "the start failed") {
    status_.set_phase(RelayPhase::stopping);
    if (loop_) loop_->stop();
    if (source_thread_.joinable()) source_thread_.join();
    admin_.reset();
    tunnels_.clear();
    if (server_) server_->stop();
    if (!audit_ || is_stopped_) return;
    is_stopped_ = true;
    if (const auto recorded = audit_->stopped(why, tail_.get()); !recorded)
      base::log(LogLevel::error, "{}", recorded.error().message());
    const spool::AuditHead head = audit_->head();
    base::log(LogLevel::info, "the audit record has {} entries; the last one's hash is {}", head.entries, head.hash);
  }

  [[nodiscard]] bool halted() const { return status_.get().phase == RelayPhase::halted; }

 private:
  server::ServerSettings server_settings(const std::string& uuid) {
    const ReplicasSection& section = configuration_.replicas;
    server::ServerSettings settings;
    settings.listen_host = section.listen.host;
    settings.listen_port = section.listen.port;
    settings.server_id = section.server_id;
    settings.server_uuid = uuid;
    for (const server::ReplicaAccount& account : section.accounts) {
      settings.accounts.push_back(
          {account.user, base::Secret(account.password.reveal()), account.from, account.tls_subject, account.tls_name});
    }
    settings.maximum_connections = section.maximum_connections;
    settings.maximum_logins = section.maximum_logins;
    if (section.tls != ReplicaTls::off) {
      const bool mutual = section.tls == ReplicaTls::mutual;
      settings.tls =
          tunnel::TlsFiles{section.tls_cert, section.tls_key, mutual ? section.tls_ca : std::string(), section.tls_crl};
      settings.require_tls = true;
    }
    settings.source_gtid_mode = [this] { return status_.get().source_gtid_mode; };
    settings.dump_begins = [this](const server::ReplicaStatus& replica) {
      return audit_->replica("replica connected", replica);
    };
    settings.dump_ended = [this](const server::ReplicaStatus& replica) {
      const auto recorded = audit_->replica("replica left", replica);
      if (!recorded)
        base::log(LogLevel::error, "that a replica left is not in the audit record: {}", recorded.error().message());
    };
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
      if (const auto file = files_.open(index_.path(entry.number), base::OpenMode::read))
        report.spool.bytes += (*file)->size().value_or(0);
    }
    auto holds = spool::read_holds(files_, configuration_.spool.directory);
    if (holds) {
      report.spool.holds = std::move(*holds);
    } else {
      report.spool.holds_error = holds.error().message();
    }
    report.replicas = server_->replicas();
    for (const auto& tunnel : tunnels_) report.tunnels.push_back(tunnel->status());
    report.audit = audit_->head();
    return report;
  }

  // The rules, and the files of TLS: keys of the configuration count at a start only. What is wrong changes nothing.
  void read_files_again() {
    read_rules_again();
    if (const auto renewed = server_->renew_tls(); !renewed) {
      base::log(LogLevel::error, "SIGHUP: the certificates in force stay: {}", renewed.error().message());
    }
  }

  void read_rules_again() {
    base::Problems problems;
    const auto configuration = read_configuration(files_, configuration_.file, problems);
    const auto rules = configuration ? read_rules(configuration->rule_files, problems) : nullptr;
    if (!base::has_errors(problems)) {
      const auto judged = judge_source(*configuration, rules->set, problems);
      if (!judged) base::log(LogLevel::warning, "{}", judged.error().message());
    }
    for (const base::Problem& problem : problems) base::log(LogLevel::warning, "{}", base::problem_line(problem));
    if (base::has_errors(problems)) {
      base::log(LogLevel::error, "SIGHUP: the rules have mistakes; those in force stay");
      return;
    }
    base::log(LogLevel::info, "SIGHUP: the rules are read and are judged before the next transaction");
    loop_->offer_rules(rules);
  }

  // How far replicas that stay connected have been served.
  void record_served() {
    const auto now = std::chrono::steady_clock::now();
    if (now - served_recorded_ < kServedInterval) return;
    served_recorded_ = now;
    for (const server::ReplicaStatus& replica : server_->replicas()) {
      if (!replica.connected) continue;
      const auto recorded = audit_->replica("replica served", replica);
      if (!recorded) base::log(LogLevel::warning, "{}", recorded.error().message());
    }
  }

  // Those whose time is over.
  void end_holds(const std::vector<spool::SpoolHold>& holds, std::uint32_t now) {
    for (const spool::SpoolHold& hold : holds) {
      if (hold.until > now) continue;
      base::log(LogLevel::warning,
                "no replica was made of a snapshot in time: the spool keeps the files from {} on no longer for it",
                spool::spool_file_name(hold.from));
      const auto released = spool::release_hold(files_, configuration_.spool.directory, hold.name);
      if (!released) base::log(LogLevel::warning, "{}", released.error().message());
    }
  }

  void purge() {
    const auto first = index_.first();
    const spool::KeepPolicy policy{configuration_.spool.keep, configuration_.spool.keep_size, kInFlight};
    const auto now = static_cast<std::uint32_t>(std::time(nullptr));
    const auto holds = spool::read_holds(files_, configuration_.spool.directory);
    if (!holds) return base::log(LogLevel::warning, "the spool is not purged: {}", holds.error().message());
    end_holds(*holds, now);
    const auto removed = spool::purge(files_, index_, leases_, policy, server_->lowest_file_needed(), *holds, now);
    if (!removed) {
      base::log(LogLevel::warning, "cannot purge the spool: {}", removed.error().message());
    } else if (*removed > 0) {
      base::log(LogLevel::info, "purged {} spool files", *removed);
      if (!purged_from_) purged_from_ = first->number;
    }
    // Told late rather than not at all: a full disk does not keep what was removed out of the record for good.
    if (purged_from_ && audit_->purged(*purged_from_, index_.first()->number - 1)) purged_from_.reset();
  }

  const Configuration& configuration_;
  std::shared_ptr<const Rules> rules_;
  base::FileSystem& files_ = base::posix_file_system();
  RelayStatus status_;
  spool::SpoolIndex index_;
  spool::PublishedTail tail_;
  spool::SpoolLeases leases_;
  std::unique_ptr<spool::SpoolWriter> writer_;
  base::Secret xa_key_;
  std::unique_ptr<spool::AuditRecord> audit_record_;
  std::optional<Audit> audit_;
  std::optional<std::uint32_t> purged_from_;  // removed files that are not in the audit record yet
  std::chrono::steady_clock::time_point served_recorded_ = std::chrono::steady_clock::now();
  bool is_stopped_ = false;
  std::unique_ptr<SourceLoop> loop_;
  std::unique_ptr<server::ReplicaServer> server_;
  std::vector<std::unique_ptr<tunnel::SshTunnel>> tunnels_;
  std::unique_ptr<AdminEndpoint> admin_;
  std::thread source_thread_;
};

}  // namespace

void block_signals() {
  const sigset_t set = waited_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

ExitCode run_daemon(const Configuration& configuration, std::shared_ptr<const Rules> rules) {
  Daemon daemon(configuration, std::move(rules));
  if (const auto started = daemon.start(); !started) {
    base::log(LogLevel::error, "cannot start: {}", started.error().message());
    return started.error().kind() == ErrorKind::rule ? ExitCode::stopped_by_rule : ExitCode::failed;
  }
  const int signal = daemon.wait();
  const bool halted = daemon.halted();
  daemon.stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  base::log(LogLevel::info, "stopped");
  if (halted) return ExitCode::stopped_by_rule;
  return signal == SIGINT ? ExitCode::interrupted : ExitCode::done;
}

}  // namespace relay::app
