#include "tunnel/ssh_login.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tunnel/host_key.h"
#include "tunnel/ssh_agent.h"
#include "tunnel/ssh_environment.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

// sshd_config(5), MaxAuthTries, is 6 by default, and a host that counts more ends the connection.
constexpr std::size_t kMostTries = 5;

base::Error refused(const TunnelSettings& settings, const std::string& key) {
  return base::Error(ErrorKind::configuration, "the host refuses the key")
      .about(fmt::format("{} with {}", settings.name(), key))
      .remedy("add its public key to authorized_keys of that account, and see the log of the host's sshd");
}

// libssh2 answers as to a key that is refused.
bool is_disconnected(LIBSSH2_SESSION* session) {
  return static_cast<const SshEnvironment*>(*libssh2_session_abstract(session))->is_disconnected;
}

base::Error ended(const TunnelSettings& settings, const std::string& key) {
  return base::Error(ErrorKind::peer, "the host ended the session while it was asked to let us in")
      .about(fmt::format("{} with {}", settings.name(), key))
      .remedy("the log of its sshd says why: too many tries (MaxAuthTries), or an account that may not log in");
}

bool is_refusal(int answer) {
  return answer == LIBSSH2_ERROR_AUTHENTICATION_FAILED || answer == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
}

Result<void> log_in_with_file(LIBSSH2_SESSION* session, const TunnelSettings& settings, const PrivateKey& key,
                              const SshWait& wait) {
  const std::string& text = key.text.reveal();
  // Never null: libssh2 and OpenSSL would then ask for it at the terminal, or crash.
  const char* const passphrase = settings.passphrase.reveal().c_str();
  RELAY_ASSIGN(const int answer, finish(wait, [&] {
                 return libssh2_userauth_publickey_frommemory(session, settings.user.data(), settings.user.size(),
                                                              nullptr, 0, text.data(), text.size(), passphrase);
               }));
  if (answer == 0) return {};
  const std::string named =
      fmt::format("{}{}{}", settings.key_file, key.public_key.empty() ? "" : ", ", key.public_key);
  if (is_disconnected(session)) return base::fail(ended(settings, named));
  if (is_refusal(answer)) return base::fail(refused(settings, named));
  return base::fail(unusable_key(settings.key_file));
}

struct Signing {
  SshAgent& agent;
  base::ByteView key;
};

// What libssh2 calls to have something signed; it gives the signature's memory back to its session's.
int sign_with_agent(LIBSSH2_SESSION* session, unsigned char** signature, std::size_t* size, const unsigned char* data,
                    std::size_t data_size, void** abstract) {
  const auto* signing = static_cast<const Signing*>(*abstract);
  const auto made = signing->agent.sign(signing->key, {data, data_size});
  if (!made) return -1;
  auto* const environment = static_cast<SshEnvironment*>(*libssh2_session_abstract(session));
  *signature = static_cast<unsigned char*>(environment->memory.allocate(made->size()));
  if (*signature == nullptr) return -1;
  std::memcpy(*signature, made->data(), made->size());
  *size = made->size();
  return 0;
}

Result<void> log_in_with_agent(LIBSSH2_SESSION* session, const TunnelSettings& settings, const SshWait& wait) {
  RELAY_ASSIGN(SshAgent agent, SshAgent::connect(settings.agent_socket, wait.deadline, wait.stop));
  RELAY_ASSIGN(const std::vector<SshAgent::Bytes> keys, agent.keys());
  std::string tried;
  for (std::size_t i = 0; i < std::min(keys.size(), kMostTries); ++i) {
    Signing signing{agent, {keys[i].data(), keys[i].size()}};
    void* context = &signing;
    RELAY_ASSIGN(const int answer, finish(wait, [&] {
                   return libssh2_userauth_publickey(session, settings.user.c_str(), keys[i].data(), keys[i].size(),
                                                     sign_with_agent, &context);
                 }));
    if (answer == 0) return {};
    if (wait.stop.stop_requested()) return base::fail(ErrorKind::interrupted, "the connection is being closed");
    tried += fmt::format("{}{} {}", tried.empty() ? "" : ", ", key_type(signing.key), key_fingerprint(signing.key));
    if (is_disconnected(session)) return base::fail(ended(settings, "the agent's " + tried));
  }
  if (!keys.empty()) return base::fail(refused(settings, "the agent's " + tried));
  return base::fail(base::Error(ErrorKind::configuration, "the SSH agent holds no Ed25519 or ECDSA key")
                        .about(settings.agent_socket)
                        .remedy("add one with ssh-add"));
}

}  // namespace

Result<void> log_in(LIBSSH2_SESSION* session, const TunnelSettings& settings, const PrivateKey& key,
                    const SshWait& wait) {
  if (settings.key_file.empty()) return log_in_with_agent(session, settings, wait);
  return log_in_with_file(session, settings, key, wait);
}

}  // namespace relay::tunnel
