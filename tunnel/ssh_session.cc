#include "tunnel/ssh_session.h"

#include <fmt/format.h>
#include <libssh2.h>

#include <string_view>

#include "tunnel/dial.h"
#include "tunnel/host_key.h"
#include "tunnel/known_hosts.h"
#include "tunnel/private_key.h"
#include "tunnel/ssh_algorithms.h"
#include "tunnel/ssh_library.h"
#include "tunnel/ssh_login.h"
#include "tunnel/ssh_wait.h"

namespace relay::tunnel {

namespace {

using base::ErrorKind;
using base::Result;

SshEnvironment& environment(void** abstract) { return *static_cast<SshEnvironment*>(*abstract); }

void* allocate(std::size_t size, void** abstract) { return environment(abstract).memory.allocate(size); }

void* resize(void* memory, std::size_t size, void** abstract) {
  return environment(abstract).memory.resize(memory, size);
}

void release(void* memory, void** abstract) { environment(abstract).memory.release(memory); }

ssize_t send_bytes(libssh2_socket_t, const void* bytes, std::size_t size, int, void** abstract) {
  return environment(abstract).socket.send(bytes, size);
}

ssize_t receive_bytes(libssh2_socket_t, void* into, std::size_t size, int, void** abstract) {
  return environment(abstract).socket.receive(into, size);
}

// sshd's channels.c, channel_fwd_bind_addr().
void take_debug(LIBSSH2_SESSION*, int, const char* text, int size, const char*, int, void** abstract) {
  if (text == nullptr || size <= 0) return;
  const std::string_view message(text, static_cast<std::size_t>(size));
  if (message.starts_with("Forwarding listen address ") && message.ends_with("overridden by server GatewayPorts"))
    environment(abstract).listens_everywhere = true;
}

void take_disconnect(LIBSSH2_SESSION*, int, const char*, int, const char*, int, void** abstract) {
  environment(abstract).is_disconnected = true;
}

template <typename Function>
void set_callback(LIBSSH2_SESSION* session, int which, Function* function) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
  libssh2_session_callback_set2(session, which, reinterpret_cast<libssh2_cb_generic*>(function));
#else
  libssh2_session_callback_set(session, which, reinterpret_cast<void*>(function));
#endif
}

// A host that listens at all its addresses is reached at its own one.
std::string own_address(const std::string& listened) {
  if (listened.empty() || listened == "*" || listened == "0.0.0.0") return "127.0.0.1";
  return listened == "::" ? "::1" : listened;
}

// The reason of RFC 4254, 5.1, is to be had in the words of libssh2's channel.c only.
SshSession::Opening opening_of(std::string_view text) {
  constexpr std::pair<std::string_view, SshSession::Opening> kReasons[] = {
      {"administratively prohibited", SshSession::Opening::prohibited},
      {"connect failed", SshSession::Opening::unreachable},
      {"resource shortage", SshSession::Opening::no_resources}};
  for (const auto& [words, opening] : kReasons) {
    if (text.find(words) != std::string_view::npos) return opening;
  }
  return SshSession::Opening::failed;
}

base::Error about_host(base::Error error, const TunnelSettings& settings) {
  if (error.subject().empty()) error.about(settings.name());
  return error;
}

}  // namespace

Result<std::unique_ptr<SshSession>> SshSession::open(const TunnelSettings& settings, Deadline deadline,
                                                     const base::StopToken& stop) {
  RELAY_TRY(prepare_ssh_library());
  base::FileSystem& files = base::posix_file_system();
  RELAY_ASSIGN(const KnownHosts known, KnownHosts::read(files, settings.known_hosts, settings.host, settings.port));
  RELAY_ASSIGN(const std::string algorithms, known.algorithms());
  PrivateKey key;
  if (!settings.key_file.empty()) {
    RELAY_ASSIGN(key, read_private_key(files, settings.key_file, settings.passphrase));
  }

  auto connected = dial(settings.host, settings.port, deadline, settings.patience(), stop);
  if (!connected) return base::fail(about_host(std::move(connected).error(), settings));
  std::unique_ptr<SshSession> session(new SshSession(settings, std::move(*connected)));
  RELAY_TRY(session->prepare(algorithms));
  const SshWait wait{session->socket(), deadline, stop};
  LIBSSH2_SESSION* const native = session->session_;
  auto shaken = finish(wait, [&] { return libssh2_session_handshake(native, session->socket().descriptor()); });
  if (!shaken) return base::fail(about_host(std::move(shaken).error(), settings));
  if (*shaken != 0) {
    return base::fail(base::Error(ErrorKind::peer, "the SSH handshake failed")
                          .about(settings.name())
                          .remedy("is an SSH server there? It must offer curve25519 or ecdh-sha2, aes-ctr, hmac-sha2, "
                                  "and an Ed25519 or ECDSA host key"));
  }
  std::size_t size = 0;
  int type = 0;
  const char* const shown = libssh2_session_hostkey(native, &size, &type);
  const base::ByteView host_key(reinterpret_cast<const std::uint8_t*>(shown), shown == nullptr ? 0 : size);
  RELAY_TRY(known.check(host_key));
  session->host_key_ = fmt::format("{} {}", key_type(host_key), key_fingerprint(host_key));
  if (auto logged_in = log_in(native, settings, key, wait); !logged_in)
    return base::fail(about_host(std::move(logged_in).error(), settings));
  return session;
}

Result<void> SshSession::prepare(const std::string& host_key_algorithms) {
  session_ = libssh2_session_init_ex(allocate, release, resize, &environment_);
  if (session_ == nullptr) return base::fail(ErrorKind::io, "cannot set up an SSH session");
  libssh2_session_set_blocking(session_, 0);
  set_callback(session_, LIBSSH2_CALLBACK_SEND, send_bytes);
  set_callback(session_, LIBSSH2_CALLBACK_RECV, receive_bytes);
  set_callback(session_, LIBSSH2_CALLBACK_DEBUG, take_debug);
  set_callback(session_, LIBSSH2_CALLBACK_DISCONNECT, take_disconnect);
  const std::pair<int, const char*> preferences[] = {
      {LIBSSH2_METHOD_KEX, kKeyExchanges}, {LIBSSH2_METHOD_HOSTKEY, host_key_algorithms.c_str()},
      {LIBSSH2_METHOD_CRYPT_CS, kCiphers}, {LIBSSH2_METHOD_CRYPT_SC, kCiphers},
      {LIBSSH2_METHOD_MAC_CS, kMacs},      {LIBSSH2_METHOD_MAC_SC, kMacs},
      {LIBSSH2_METHOD_COMP_CS, "none"},    {LIBSSH2_METHOD_COMP_SC, "none"}};
  for (const auto& [method, names] : preferences) {
    if (libssh2_session_method_pref(session_, method, names) != 0)
      return base::fail(ErrorKind::unsupported, "the SSH library on this machine lacks modern algorithms");
  }
  return {};
}

SshSession::~SshSession() {
  socket().cut();
  if (session_ == nullptr) return;
  // With the socket cut nothing is left to wait for; the count is for a libssh2 that thinks otherwise.
  for (int i = 0; i < 100 && libssh2_session_free(session_) == LIBSSH2_ERROR_EAGAIN; ++i) {
  }
}

Result<bool> SshSession::listen(Deadline deadline, const base::StopToken& stop) {
  auto answer = finish({socket(), deadline, stop}, [this] {
    listener_ = libssh2_channel_forward_listen_ex(session_, settings_.remote_host.c_str(), settings_.remote_port,
                                                  nullptr, kMostWaiting);
    return listener_ != nullptr ? 0 : libssh2_session_last_errno(session_);
  });
  if (!answer) return base::fail(about_host(std::move(answer).error(), settings_));
  if (*answer == LIBSSH2_ERROR_REQUEST_DENIED) return false;
  if (*answer != 0) return base::fail(failure());
  if (environment_.listens_everywhere && settings_.requires_loopback) {
    return base::fail(base::Error(ErrorKind::configuration,
                                  "the host listens at all its addresses, although it was asked for a loopback one, "
                                  "and replicas need no TLS")
                          .about(fmt::format("{} at {}", settings_.name(), settings_.remote_listen()))
                          .remedy("set GatewayPorts no or clientspecified in that sshd_config, or have replicas use "
                                  "TLS: replicas.tls"));
  }
  return true;
}

base::Error SshSession::refusal() const {
  return base::Error(ErrorKind::peer, "the host does not listen at remote_listen")
      .about(fmt::format("{} at {}", settings_.name(), settings_.remote_listen()))
      .remedy(
          "if a session that died still holds the port, it is let go by itself, soon where that sshd has "
          "ClientAliveInterval 15; else another program has it, or permitlisten, AllowTcpForwarding or "
          "DisableForwarding forbid it");
}

Result<std::optional<SshChannel>> SshSession::accept() {
  LIBSSH2_CHANNEL* const channel = libssh2_channel_forward_accept(listener_);
  if (channel != nullptr) return std::optional<SshChannel>(SshChannel(channel));
  if (libssh2_session_last_errno(session_) == LIBSSH2_ERROR_EAGAIN) return std::optional<SshChannel>();
  return base::fail(failure());
}

Result<SshSession::Direct> SshSession::open_to_own_listener() {
  return open_to(own_address(settings_.remote_host), settings_.remote_port);
}

void SshSession::keep_alive(std::chrono::milliseconds every) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(every).count();
  libssh2_keepalive_config(session_, 0, static_cast<unsigned>(seconds));
  int next = 0;
  static_cast<void>(libssh2_keepalive_send(session_, &next));  // a broken session is seen by who reads
}

Result<SshSession::Direct> SshSession::open_to(const std::string& host, std::uint16_t port) {
  LIBSSH2_CHANNEL* const channel = libssh2_channel_direct_tcpip_ex(session_, host.c_str(), port, "127.0.0.1", 0);
  if (channel != nullptr) return Direct{Opening::open, SshChannel(channel)};
  char* text = nullptr;
  const int code = libssh2_session_last_error(session_, &text, nullptr, 0);
  if (code == LIBSSH2_ERROR_EAGAIN) return Direct{};
  if (code != LIBSSH2_ERROR_CHANNEL_FAILURE) return base::fail(failure());
  return Direct{opening_of(text), {}};
}

void SshSession::disconnect() {
  libssh2_session_disconnect(session_, "the relay ends this session");
  socket().flush();
}

base::Error SshSession::failure() const {
  if (environment_.socket.failure() != 0) {
    return base::Error(ErrorKind::io, "the connection to the host is lost")
        .about(settings_.name())
        .code(environment_.socket.failure());
  }
  return base::Error(ErrorKind::peer, "the SSH session with the host is broken").about(settings_.name());
}

}  // namespace relay::tunnel
