#include "tests/source/real_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

namespace relay::source::testing {

namespace {

constexpr int kNoSuchPlugin = 2059;  // CR_AUTH_PLUGIN_CANNOT_LOAD
constexpr int kNoSuchThread = 1094;  // ER_NO_SUCH_THREAD

constexpr std::chrono::milliseconds kPollTime{20};
constexpr std::chrono::seconds kPatience{90};

constexpr const char* kDatabases = "SELECT schema_name FROM information_schema.schemata";
// Roles of MariaDB have no host, and no test makes one there.
constexpr const char* kAccounts = "SELECT CONCAT(QUOTE(user), '@', QUOTE(host)) FROM mysql.user";

std::string cache_folder() {
  if (const char* folder = std::getenv("BINLOG_RELAY_SERVERS")) return folder;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "/tmp" : home) + "/.cache/binlog-relay/servers";
}

// Not one of the range from which the kernel takes ports for outgoing connections (nor of tests/support/process.py):
// between this answer and the server's bind another process could be given it.
std::uint16_t free_port() {
  constexpr int kFirst = 10'000, kCount = 2'000;
  static int tried = 0;
  while (tried < kCount) {
    const auto port = static_cast<std::uint16_t>(kFirst + (::getpid() + tried++) % kCount);
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool free = ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(listener);
    if (free) return port;
  }
  FAIL("no free port");
  return 0;
}

int spawn(const std::vector<std::string>& command, const std::string& output) {
  std::vector<char*> arguments;
  for (const std::string& part : command)
    arguments.push_back(const_cast<char*>(part.c_str()));  // execv's own signature
  arguments.push_back(nullptr);
  const int child = ::fork();
  if (child == 0) {
    const int file = ::open(output.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(file, 1);
    ::dup2(file, 2);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  return child;
}

}  // namespace

bool is_prepared(const std::string& name) {
  const char* wanted = std::getenv("BINLOG_RELAY_TEST_SERVERS");
  if (wanted != nullptr && std::string_view(wanted).find(name) == std::string_view::npos) return false;
  return std::filesystem::exists(cache_folder() + "/" + name + "/READY");
}

RealServer::RealServer(const std::string& name, const std::vector<std::string>& options) : name_(name) {
  char folder[] = "/tmp/relay-source-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  folder_ = folder;
  port_ = free_port();
  std::filesystem::copy(cache_folder() + "/" + name + "/data", folder_ + "/data",
                        std::filesystem::copy_options::recursive);
  start(options);
  first_databases_ = column(kDatabases);
  first_accounts_ = column(kAccounts);
}

void RealServer::start(const std::vector<std::string>& options) {
  std::vector<std::string> command = {cache_folder() + "/" + name_ + "/bin/mysqld",
                                      "--datadir=" + folder_ + "/data",
                                      "--socket=" + folder_ + "/sock",
                                      "--port=" + std::to_string(port_),
                                      "--bind-address=127.0.0.1",
                                      "--pid-file=" + folder_ + "/pid",
                                      "--log-error=" + folder_ + "/error.log",
                                      "--server-id=77",
                                      "--log-bin=" + folder_ + "/data/binlog",
                                      "--binlog-format=ROW",
                                      "--user=root",
                                      "--max-allowed-packet=1G",
                                      "--innodb-buffer-pool-size=48M",
                                      "--innodb-flush-log-at-trx-commit=0",
                                      "--sync-binlog=0",
                                      "--performance-schema=OFF",
                                      "--skip-name-resolve",
                                      "--secure-file-priv="};
  if (name_ == "mysql-9.7") command.insert(command.end(), {"--mysqlx=OFF", "--innodb-redo-log-capacity=128M"});
  if (name_ == "mysql-5.6")
    command.insert(command.end(), {"--explicit-defaults-for-timestamp=1", "--innodb-log-file-size=240M"});
  command.insert(command.end(), options.begin(), options.end());
  process_ = spawn(command, folder_ + "/output");
  for (auto waited = kPollTime; waited < kPatience; waited += kPollTime) {
    const auto connected = root_.connect(socket_settings(), SourceConnection::Purpose::questions);
    if (connected) return;
    INFO("server " << name_ << " in " << folder_ << ": " << connected.error().message());
    REQUIRE(connected.error().kind() == base::ErrorKind::io);
    REQUIRE(connected.error().system_code() != kNoSuchPlugin);
    REQUIRE(::waitpid(process_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(kPollTime);
  }
  FAIL("the server does not answer: " << folder_);
}

RealServer::~RealServer() {
  root_.close();
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RealServer::stop() {
  root_.close();
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RealServer::suspend(bool suspended) { ::kill(process_, suspended ? SIGSTOP : SIGCONT); }

bool RealServer::is_running() {
  if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) != 0) process_ = -1;
  return process_ > 0;
}

std::vector<std::string> RealServer::column(const std::string& query) {
  const auto rows = root_.query(query);
  if (!rows) FAIL(query << ": " << rows.error().message());
  std::vector<std::string> values;
  for (const auto& row : *rows) values.push_back(row.at(0).value());
  return values;
}

// A dump that waits for events notices only when it is killed that its client has gone.
void RealServer::end_other_connections() {
  for (auto waited = kPollTime; waited < kPatience; waited += kPollTime) {
    const auto others = column(
        "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
        " AND user NOT IN ('system user', 'event_scheduler')");
    if (others.empty()) return;
    for (const std::string& id : others) {
      const auto killed = root_.query("KILL " + id);
      if (!killed && killed.error().system_code() != kNoSuchThread) FAIL(killed.error().message());
    }
    std::this_thread::sleep_for(kPollTime);
  }
  FAIL("the server does not end its connections: " << folder_);
}

void RealServer::empty_binlog() {
  const bool new_words = root_.server_version().rfind("9.", 0) == 0;
  run({new_words ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER"});
}

void RealServer::clean() {
  const auto is_new = [](const std::vector<std::string>& first, const std::string& name) {
    return std::find(first.begin(), first.end(), name) == first.end();
  };
  end_other_connections();
  for (const std::string& database : column(kDatabases)) {
    if (is_new(first_databases_, database)) run({"DROP DATABASE `" + database + "`"});
  }
  for (const std::string& account : column(kAccounts)) {
    if (is_new(first_accounts_, account)) run({"DROP USER " + account});
  }
  run({"FLUSH PRIVILEGES",  // which also forgets the passwords that caching_sha2_password has seen
       "SET GLOBAL binlog_checksum = CRC32"});
  empty_binlog();
}

RealServer& clean_server(const std::string& name, const std::vector<std::string>& options) {
  static std::map<std::pair<std::string, std::vector<std::string>>, std::unique_ptr<RealServer>> servers;
  auto& server = servers[{name, options}];
  if (!server || !server->is_running()) {
    server.reset();
    server = std::make_unique<RealServer>(name, options);
  }
  server->clean();
  return *server;
}

SourceSettings RealServer::socket_settings() const {
  SourceSettings settings;
  settings.socket = folder_ + "/sock";
  settings.user = "root";
  settings.tls = TlsMode::off;
  return settings;
}

SourceSettings RealServer::tcp_settings(const std::string& user, const std::string& password) const {
  SourceSettings settings;
  settings.port = port_;
  settings.user = user;
  settings.password = base::Secret(password);
  settings.tls = TlsMode::off;
  return settings;
}

void RealServer::run(const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) {
    const auto done = root_.query(statement);
    INFO(statement);
    if (!done) FAIL(done.error().message());
  }
}

}  // namespace relay::source::testing
