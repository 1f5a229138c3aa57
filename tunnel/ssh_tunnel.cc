#include "tunnel/ssh_tunnel.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "relay/base/log.h"
#include "tunnel/resolver.h"
#include "tunnel/ssh_session.h"
#include "tunnel/tunnel_pump.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::LogLevel;
using Clock = std::chrono::steady_clock;

// However often the network changes: some machines' links never rest.
constexpr std::chrono::milliseconds kLeastBetweenTries{1000};

// The operator's to mend: a file, a key, an account.
bool is_mistake(const base::Error& error) {
  return error.kind() == ErrorKind::configuration || error.kind() == ErrorKind::malformed ||
         error.kind() == ErrorKind::unsupported;
}

}  // namespace

SshTunnel::SshTunnel(TunnelSettings settings)
    : settings_(std::move(settings)),
      status_(settings_.name(), settings_.remote_listen()),
      back_off_(settings_.first_delay, settings_.longest_delay),
      thread_([this] { run(); }) {}

SshTunnel::~SshTunnel() { stop(); }

void SshTunnel::stop() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SshTunnel::run() {
  while (!stop_.stop_requested()) {
    const auto begun = Clock::now();
    static_cast<void>(network_.take_news());
    status_.set_state(TunnelState::connecting);
    bool was_open = false;
    const base::Error error = run_session(was_open);
    if (stop_.stop_requested()) break;
    // What came up while the session was well is no reason to hurry.
    if (was_open) static_cast<void>(network_.take_news());
    const TunnelState state = is_mistake(error) ? TunnelState::refused : TunnelState::waiting;
    status_.failed(state, error.message(), was_open);
    tell(error, was_open);
    wait(state, begun);
  }
  status_.set_state(TunnelState::stopped);
}

base::Error SshTunnel::run_session(bool& was_open) {
  const Deadline deadline = deadline_after(settings_.connect_timeout);
  // Now, because nothing may wait for a name server once the session carries connections.
  const auto local = resolve_all(settings_.local_host, settings_.local_port, deadline, stop_);
  if (!local) return local.error();
  auto session = SshSession::open(settings_, deadline, stop_);
  if (!session) return std::move(session).error();
  if (auto listening = (*session)->listen(deadline, stop_); !listening || !*listening) {
    (*session)->disconnect();
    return listening ? (*session)->refusal() : std::move(listening).error();
  }
  was_open = true;
  told_.clear();
  status_.opened((*session)->host_key());
  base::log(LogLevel::info, "tunnel {}: open; the host listens at {}, its key is {}", settings_.name(),
            settings_.remote_listen(), (*session)->host_key());
  TunnelPump pump(settings_, local->front(), **session, status_, stop_);
  base::Error error = pump.run();
  if (pump.was_good()) back_off_.reset();
  (*session)->disconnect();
  return error;
}

void SshTunnel::tell(const base::Error& error, bool was_open) {
  std::string text = error.message();
  if (was_open || text != told_) {
    base::log(is_mistake(error) ? LogLevel::error : LogLevel::warning, "tunnel {}: {}{}", settings_.name(),
              was_open ? "lost: " : "not open: ", text);
  }
  told_ = std::move(text);
}

void SshTunnel::wait(TunnelState state, Clock::time_point begun) {
  // A mistake gets no better by hurrying.
  const bool is_refused = state == TunnelState::refused;
  const auto delay = is_refused ? settings_.longest_delay : back_off_.next();
  Clock::time_point end = Clock::now() + delay;
  while (!stop_.stop_requested()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return;
    std::array<pollfd, 2> polls{pollfd{stop_.descriptor(), POLLIN, 0},
                                pollfd{is_refused ? -1 : network_.descriptor(), POLLIN, 0}};
    ::poll(polls.data(), polls.size(), static_cast<int>(std::min<long long>(left, 3600LL * 1000)));
    if (polls[1].revents == 0 || !network_.take_news()) continue;
    back_off_.reset();
    end = std::min(end, begun + kLeastBetweenTries);
  }
}

base::Result<TunnelTrial> try_tunnel(const TunnelSettings& settings, const base::StopToken& stop) {
  const Deadline deadline = deadline_after(settings.connect_timeout);
  RELAY_ASSIGN(const auto session, SshSession::open(settings, deadline, stop));
  TunnelTrial trial{session->host_key(), std::nullopt};
  auto listening = session->listen(deadline, stop);
  session->disconnect();
  if (!listening) return base::fail(std::move(listening).error());
  if (!*listening) trial.refusal = session->refusal();
  return trial;
}

}  // namespace relay::tunnel
