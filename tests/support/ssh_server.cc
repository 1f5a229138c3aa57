#include "tests/support/ssh_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

namespace relay::testing {

namespace {

bool call_with_address(std::uint16_t port, int (*call)(int, const sockaddr*, socklen_t)) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool done = call(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return done;
}

}  // namespace

std::uint16_t unused_port() {
  static std::mt19937 random(std::random_device{}());
  for (;;) {
    const auto port = static_cast<std::uint16_t>(std::uniform_int_distribution<int>(20000, 32000)(random));
    if (call_with_address(port, ::bind)) return port;
  }
}

double patience() {
  const char* const text = std::getenv("BINLOG_RELAY_PATIENCE");
  const double factor = text == nullptr ? 1 : std::atof(text);
  return factor > 0 ? factor : 1;
}

std::chrono::milliseconds patiently(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * patience()));
}

bool becomes_true(const std::function<bool()>& condition, std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + patiently(time);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

SshServer::SshServer(const std::string& options) : options_(options) {
  std::string name = (std::filesystem::temp_directory_path() / "binlog-relay-sshd-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
  folder_ = name;
  // Accounts other than root's read the authorized keys by themselves.
  ::chmod(name.c_str(), 0755);
  if (::getuid() == 0) ::mkdir("/run/sshd", 0755);  // sshd(8), FILES
  make_key("host_key", "ed25519");
  write("authorized_keys", "");
  start();
}

SshServer::~SshServer() {
  process_.kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SshServer::start() {
  process_.kill();
  for (int tries = 0; tries < 10; ++tries) {
    if (port_ == 0) port_ = unused_port();
    // Of several lines for the same thing sshd takes the first.
    write("sshd_config", fmt::format("{}\nListenAddress 127.0.0.1\nPort {}\nHostKey {}\nAuthorizedKeysFile {}\n"
                                     "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                     "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
                                     "MaxStartups 100\nLogLevel VERBOSE\n",
                                     options_, port_, path("host_key"), path("authorized_keys")));
    process_ = ChildProcess({"/usr/sbin/sshd", "-D", "-e", "-f", path("sshd_config")}, path("sshd.log"));
    const auto answers = [this] { return process_.has_ended() || call_with_address(port_, ::connect); };
    if (becomes_true(answers) && !process_.has_ended()) return;
    if (known_hosts_line().empty()) port_ = 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("sshd does not start: " + text("sshd.log"));
}

void SshServer::signal_sessions(int signal) {
  for (const pid_t member : process_.family()) {
    if (member != process_.pid()) ::kill(member, signal);
  }
}

void SshServer::limit_descriptors(bool none) const {
  for (const pid_t member : process_.family()) {
    if (member == process_.pid()) continue;
    rlimit limit{};
    if (::prlimit(member, RLIMIT_NOFILE, nullptr, &limit) != 0) throw std::runtime_error("no limits of a session");
    limit.rlim_cur = limit.rlim_max;
    // The kernel gives the lowest number that is free, and none from this limit on.
    const std::filesystem::path open = fmt::format("/proc/{}/fd", member);
    if (none) limit.rlim_cur = 0;
    while (none && std::filesystem::exists(std::filesystem::symlink_status(open / std::to_string(limit.rlim_cur))))
      ++limit.rlim_cur;
    if (::prlimit(member, RLIMIT_NOFILE, &limit, nullptr) != 0) throw std::runtime_error("cannot limit a session");
  }
}

void SshServer::drop_sessions() { signal_sessions(SIGKILL); }

std::string SshServer::make_key(const std::string& name, const std::string& type, const std::string& passphrase) const {
  std::filesystem::remove(path(name));
  run_program({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "", "-f", path(name)});
  return path(name);
}

std::string SshServer::add_key(const std::string& name, const std::string& type, const std::string& passphrase,
                               const std::string& line) {
  std::string key = make_key(name, type, passphrase);
  write("authorized_keys", text("authorized_keys") + (line.empty() ? "" : line + " ") + text(name + ".pub"));
  return key;
}

void SshServer::change_host_key() { make_key("host_key", "ed25519"); }

void SshServer::write(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::trunc) << content;
}

std::string SshServer::text(const std::string& name) const {
  std::ifstream file(path(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string SshServer::user() const {
  const passwd* const entry = ::getpwuid(::getuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

std::string SshServer::known_hosts_line() const {
  const std::string key = text("host_key.pub");
  return key.empty() ? key : fmt::format("[127.0.0.1]:{} {}", port_, key);
}

tunnel::TunnelSettings SshServer::settings(std::uint16_t remote_port, std::uint16_t local_port) {
  tunnel::TunnelSettings settings;
  settings.host = "127.0.0.1";
  settings.port = port_;
  settings.user = user();
  settings.key_file = std::filesystem::exists(path("user_key")) ? path("user_key") : add_key("user_key", "ed25519");
  if (!std::filesystem::exists(path("known_hosts"))) write("known_hosts", known_hosts_line());
  settings.known_hosts = path("known_hosts");
  settings.remote_host = "127.0.0.1";
  settings.remote_port = remote_port;
  settings.local_host = "127.0.0.1";
  settings.local_port = local_port;
  settings.keepalive = patiently(settings.keepalive);
  settings.connect_timeout = patiently(settings.connect_timeout);
  settings.first_delay = std::chrono::milliseconds(100);
  settings.longest_delay = std::chrono::milliseconds(500);
  return settings;
}

}  // namespace relay::testing
