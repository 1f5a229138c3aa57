#include "tunnel/ssh_forward.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "relay/base/log.h"

namespace relay::tunnel {

namespace {

using base::Error;
using base::ErrorKind;
using base::LogLevel;
using base::Result;

// A session without connections is ended: nobody would take in what comes for it.
constexpr std::chrono::milliseconds kLongestIdle{2000};

Error io_error(base::FixedText what, const std::string& about) {
  return Error(ErrorKind::io, what).about(about).code(errno);
}

}  // namespace

SshForward::SshForward(TunnelSettings settings, std::string host, std::uint16_t port)
    : settings_(std::move(settings)), host_(std::move(host)), port_(port) {}

Result<std::unique_ptr<SshForward>> SshForward::open(TunnelSettings settings, std::string host, std::uint16_t port) {
  std::unique_ptr<SshForward> forward(new SshForward(std::move(settings), std::move(host), port));
  RELAY_TRY(forward->dial());
  RELAY_TRY(forward->listen());
  forward->thread_ = std::thread([raw = forward.get()] { raw->run(); });
  return forward;
}

SshForward::~SshForward() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (!path_.empty()) ::unlink(path_.c_str());
  if (!folder_.empty()) ::rmdir(folder_.c_str());
}

Result<void> SshForward::listen() {
  const char* const temporary = std::getenv("TMPDIR");
  std::string folder = fmt::format("{}/binlog-relay-XXXXXX", temporary == nullptr ? "/tmp" : temporary);
  if (::mkdtemp(folder.data()) == nullptr) return base::fail(io_error("cannot make a folder", folder));
  folder_ = folder;  // of mode 0700
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder_ + "/replica";
  if (path.size() >= sizeof address.sun_path) {
    return base::fail(Error(ErrorKind::configuration, "the path is too long for a Unix socket")
                          .about(path)
                          .remedy("set TMPDIR to a shorter one"));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener_.is_open() || ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::fail(io_error("cannot make a Unix socket", path));
  path_ = path;
  if (::listen(listener_.get(), SOMAXCONN) != 0) return base::fail(io_error("cannot listen", path));
  return {};
}

Result<void> SshForward::dial() {
  RELAY_ASSIGN(session_, SshSession::open(settings_, deadline_after(settings_.connect_timeout), stop_));
  base::log(LogLevel::info, "tunnel {}: logged in; the host's key is {}", settings_.name(), session_->host_key());
  idle_since_ = std::chrono::steady_clock::now();
  return {};
}

void SshForward::run() {
  while (!stop_.stop_requested()) {
    take_connections();
    at_once_ = false;
    if (session_ == nullptr && !arrived_.empty()) {
      if (auto dialled = dial(); !dialled) drop(dialled.error());
    }
    if (session_ != nullptr) {
      if (auto done = turn(); !done) drop(done.error());
    }
    wait();
  }
  joins_.clear();
  if (session_ != nullptr) session_->disconnect();
}

void SshForward::take_connections() {
  while (joins_.size() + arrived_.size() < SshSession::kMostConnections) {
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return;
    arrived_.emplace_back(connection);
  }
}

Result<void> SshForward::turn() {
  SshSocket& socket = session_->socket();
  const Deadline now = std::chrono::steady_clock::now();
  // Whatever is taken in is taken in before any connection has its step: nothing would wake it otherwise.
  socket.allow_reading(SshSession::kReadPerTurn);
  RELAY_TRY(open_next());
  takes_in_ = !arrived_.empty();
  for (const auto& join : joins_) {
    RELAY_ASSIGN(const bool taken, join->take_in());
    takes_in_ = takes_in_ || taken;
  }
  at_once_ = at_once_ || socket.may_have_more();
  socket.allow_reading(0);
  bool held = false;
  for (const auto& join : joins_) {
    RELAY_ASSIGN(const ChannelJoin::Step step, join->step(socket));
    at_once_ = at_once_ || step.more;
    held = held || step.held_by_congestion;
  }
  std::erase_if(joins_, [](const auto& join) { return join->is_gone(); });
  session_->keep_alive(settings_.keepalive);
  socket.flush();
  if (socket.failure() != 0) return base::fail(session_->failure());
  if (held && !socket.is_congested()) at_once_ = true;
  if (!joins_.empty() || !arrived_.empty()) {
    idle_since_ = now;
  } else if (now - idle_since_ > kLongestIdle) {
    session_->disconnect();
    session_.reset();
  }
  return {};
}

Result<void> SshForward::open_next() {
  if (arrived_.empty()) return {};
  RELAY_ASSIGN(auto opened, session_->open_to(host_, port_));
  if (opened.state == SshSession::Opening::pending) return {};
  at_once_ = true;  // for the next one, and for what came behind the answer
  Descriptor connection = std::move(arrived_.front());
  arrived_.pop_front();
  if (opened.state != SshSession::Opening::open) return tell_refusal(opened.state), Result<void>();
  joins_.push_back(std::make_unique<ChannelJoin>(std::move(opened.channel)));
  joins_.back()->join(std::move(connection));
  return {};
}

void SshForward::tell_refusal(SshSession::Opening why) {
  const std::string place = fmt::format("{} does not connect to {}:{}", settings_.name(), host_, port_);
  if (why == SshSession::Opening::prohibited) {
    return base::log(LogLevel::warning,
                     "tunnel {}: its sshd forbids it; let the account connect there: permitopen, PermitOpen, "
                     "AllowTcpForwarding",
                     place);
  }
  base::log(LogLevel::warning, "tunnel {}: nothing answers there, or the host is short of resources", place);
}

void SshForward::drop(const Error& error) {
  if (error.kind() != ErrorKind::interrupted)
    base::log(LogLevel::warning, "tunnel {}: {}", settings_.name(),
              session_ == nullptr ? error.message() : session_->failure().message());
  joins_.clear();
  arrived_.clear();
  session_.reset();
}

void SshForward::wait() {
  if (at_once_) return;
  const bool has_room = joins_.size() + arrived_.size() < SshSession::kMostConnections;
  std::vector<pollfd> polls{{stop_.descriptor(), POLLIN, 0}, {has_room ? listener_.get() : -1, POLLIN, 0}};
  if (session_ != nullptr && (!joins_.empty() || !arrived_.empty())) {
    SshSocket& socket = session_->socket();
    const int events = (takes_in_ || joins_.empty() ? POLLIN : 0) | (socket.has_unsent() ? POLLOUT : 0);
    polls.push_back({socket.descriptor(), static_cast<short>(events), 0});
  }
  for (const auto& join : joins_) polls.push_back({join->descriptor(), join->wanted_events(), 0});
  const auto longest = session_ == nullptr ? std::chrono::milliseconds(3600 * 1000)
                                           : std::min<std::chrono::milliseconds>(kLongestIdle, settings_.keepalive);
  ::poll(polls.data(), polls.size(), static_cast<int>(longest.count()));
}

}  // namespace relay::tunnel
