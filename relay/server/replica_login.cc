#include "relay/server/replica_login.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "relay/base/error.h"
#include "relay/base/log.h"
#include "relay/wire/authenticator.h"
#include "relay/wire/password_proof.h"

namespace relay::server {

namespace {

using Response = wire::HandshakeResponse;
using MaybeResponse = std::optional<Response>;
using base::LogLevel;
using wire::Authenticator;

constexpr std::string_view kWrong = "wrong user or password";

// The plugin that a server of this version starts with.
const char* offered_plugin(const SourceFacts& facts) {
  return facts.mysql_8() ? wire::kCachingSha2Password : wire::kNativePassword;
}

class Login {
 public:
  Login(PacketChannel& channel, const LoginTools& tools, const SourceFacts& facts, std::uint32_t connection_id,
        const base::StopToken& stop)
      : channel_(channel),
        tools_(tools),
        facts_(facts),
        connection_id_(connection_id),
        stop_(stop),
        deadline_(tunnel::deadline_after(tools.settings.handshake_time)) {}

  base::Result<MaybeResponse> run() {
    RELAY_TRY(greet());
    RELAY_ASSIGN(std::optional<Response> response, read_response());
    if (!response) return MaybeResponse();
    RELAY_ASSIGN(const bool accepted, authenticate(*response));
    return accepted ? std::move(response) : MaybeResponse();
  }

 private:
  base::Result<void> greet() {
    wire::Greeting greeting;
    greeting.server_version = facts_.greeting_version();
    greeting.connection_id = connection_id_;
    greeting.scramble = scramble_;
    greeting.capabilities = offered_;
    greeting.collation = facts_.mysql_8() ? 255 : 8;  // utf8mb4_0900_ai_ci, latin1
    greeting.plugin = offered_plugin(facts_);
    base::Buffer payload(4096);
    wire::encode_greeting(greeting, payload);
    return channel_.send(payload.view());
  }

  base::Result<MaybeResponse> read_response() {
    RELAY_ASSIGN(auto packet, channel_.read(deadline_));
    if (packet && tls_ && wire::is_tls_request(*packet)) {
      RELAY_TRY(channel_.upgrade(tls_, deadline_));
      inside_tls_ = true;
      RELAY_ASSIGN(packet, channel_.read(deadline_));
    }
    if (!packet) return MaybeResponse();
    auto response = wire::parse_handshake_response(*packet, offered_);
    if (!response) {
      RELAY_TRY(channel_.send_error(wire::kErrorHandshake, "08S01", "Bad handshake"));
      return tl::unexpected(std::move(response).error());
    }
    return MaybeResponse(std::move(*response));
  }

  base::Result<bool> authenticate(const Response& response) {
    LoginGuard::Attempt attempt = tools_.guard.begin({host_of(channel_.peer()), response.user});
    if (attempt.blocked()) {
      RELAY_TRY(channel_.send_error(wire::kErrorHostIsBlocked, "HY000", "blocked for now: too many refused log-ins"));
      return false;
    }
    if (tools_.settings.require_tls && !inside_tls_) {
      // Nobody's password was guessed, but whoever asks again and again must not fill the log.
      if (!note_refusal(response, attempt, "replicas.tls asks for TLS, and it uses none")) return false;
      RELAY_TRY(channel_.send_error(wire::kErrorSecureTransportRequired, "HY000",
                                    "Connections using insecure transport are prohibited: this relay requires TLS"));
      return false;
    }
    const ReplicaAccount* const account = account_for(response.user);
    Authenticator authenticator(account != nullptr ? &account->password : nullptr, *tools_.rsa_key,
                                offered_plugin(facts_), scramble_, inside_tls_);
    bool used_password = !response.auth_data.empty();
    bool told = false;  // that it was refused
    Authenticator::Step step = authenticator.start(response);
    while (step.next == Authenticator::Next::send_and_read) {
      // Who leaves after a wrong proof has guessed as well as who stays.
      if (authenticator.proof_failed() && !std::exchange(told, true)) {
        if (!note_refusal(response, attempt, kWrong)) return false;
      }
      RELAY_TRY(channel_.send(step.packet.view()));
      RELAY_ASSIGN(const auto packet, channel_.read(deadline_));
      if (!packet) return false;
      used_password = used_password || !packet->empty();
      step = authenticator.step(*packet);
    }
    if (step.next == Authenticator::Next::denied) {
      if (!told && !note_refusal(response, attempt, kWrong)) return false;
      RELAY_TRY(deny(response, used_password));
      return false;
    }
    if (step.packet.size() > 0) RELAY_TRY(channel_.send(step.packet.view()));
    attempt.accepted();
    RELAY_TRY(channel_.send_ok(proof_for_client(authenticator)));
    return true;
  }

  // Null where there is none, or none for this client; it is told the same in all cases.
  const ReplicaAccount* account_for(const std::string& user) const {
    const auto& accounts = tools_.settings.accounts;
    const auto found = std::ranges::find(accounts, user, &ReplicaAccount::user);
    if (found == accounts.end()) return nullptr;
    if (found->admits(host_of(channel_.peer()), channel_.peer_certificate())) return &*found;
    base::log(LogLevel::warning, "{} is not where account '{}' may log in from, or its certificate is another",
              channel_.peer(), base::Subject(user).text());
    return nullptr;
  }

  // Lets a MariaDB client trust a certificate of no known CA: only who knows the password can say its digest in this
  // way.
  std::string proof_for_client(const Authenticator& authenticator) const {
    if (!inside_tls_ || !facts_.mariadb() || authenticator.plugin() != wire::kNativePassword) return {};
    return wire::certificate_proof(authenticator.password().reveal(), authenticator.scramble(),
                                   tls_->certificate_digest());
  }

  // Guessing, and asking in vain, is slow; the deadline of the handshake still holds. False where the relay stops.
  bool note_refusal(const Response& response, LoginGuard::Attempt& attempt, std::string_view why) const {
    const base::Subject user(response.user);
    base::log(LogLevel::warning, "refused a log-in from {} as '{}': {}", channel_.peer(), user.text(), why);
    const std::chrono::milliseconds delay = tools_.settings.failed_login_delay;  // the waiting begins with the answer
    const auto blocked = attempt.refused(LoginGuard::Clock::now() + delay);
    if (blocked.count() > 0) {
      base::log(LogLevel::warning, "log-ins of '{}' from {} are turned away for {} s: too many were refused",
                user.text(), host_of(channel_.peer()),
                std::chrono::duration_cast<std::chrono::seconds>(blocked).count());
    }
    return !stop_.wait_for(delay);
  }

  base::Result<void> deny(const Response& response, bool used_password) {
    return channel_.send_error(wire::kErrorAccessDenied, "28000",
                               "Access denied for user '" + base::Subject(response.user).text() + "'@'" +
                                   host_of(channel_.peer()) + "' (using password: " + (used_password ? "YES)" : "NO)"));
  }

  PacketChannel& channel_;
  const LoginTools& tools_;
  const SourceFacts& facts_;
  std::uint32_t connection_id_;
  const base::StopToken& stop_;
  tunnel::Deadline deadline_;
  const wire::Scramble scramble_ = wire::make_scramble();
  const std::shared_ptr<const tunnel::TlsContext> tls_ = tools_.tls ? tools_.tls->current() : nullptr;
  const std::uint32_t offered_ = wire::offered_capabilities(facts_.mariadb(), tls_ != nullptr);
  bool inside_tls_ = false;
};

}  // namespace

base::Result<std::optional<wire::HandshakeResponse>> log_in(PacketChannel& channel, const LoginTools& tools,
                                                            const SourceFacts& facts, std::uint32_t connection_id,
                                                            const base::StopToken& stop) {
  return Login(channel, tools, facts, connection_id, stop).run();
}

}  // namespace relay::server
