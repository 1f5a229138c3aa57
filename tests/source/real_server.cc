#include "tests/source/real_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace relay::source::testing {

namespace {

constexpr int kNoSuchPlugin = 2059;  // CR_AUTH_PLUGIN_CANNOT_LOAD

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
  for (int i = 0; i < 900; ++i) {
    const auto connected = root_.connect(socket_settings(), SourceConnection::Purpose::questions);
    if (connected) return;
    INFO("server " << name_ << " in " << folder_ << ": " << connected.error().message());
    REQUIRE(connected.error().kind() == base::ErrorKind::io);
    REQUIRE(connected.error().system_code() != kNoSuchPlugin);
    REQUIRE(::waitpid(process_, nullptr, WNOHANG) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
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
