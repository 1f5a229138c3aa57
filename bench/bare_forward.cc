#include "bench/bare_forward.h"

#include <libssh2.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdio>
#include <stdexcept>
#include <vector>

#include "tunnel/descriptor.h"
#include "tunnel/ssh_algorithms.h"

namespace relay::bench {

namespace {

constexpr std::size_t kWrite = std::size_t{1} << 20;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

// With no option of the relay's: what a program that knows nothing better has.
tunnel::Descriptor connect_to(std::uint16_t port) {
  tunnel::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
       "cannot connect to the SSH server");
  return socket;
}

}  // namespace

void forward_zeros(const SshHost& host, const std::string& ciphers) {
  const tunnel::Descriptor socket = connect_to(host.port);
  must(libssh2_init(0) == 0, "libssh2 cannot be set up");
  LIBSSH2_SESSION* const session = libssh2_session_init();
  must(session != nullptr, "libssh2 makes no session");
  for (const int method : {LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC})
    must(libssh2_session_method_pref(session, method, ciphers.empty() ? tunnel::kCiphers : ciphers.c_str()) == 0,
         "libssh2 does not know these ciphers");
  for (const int method : {LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC})
    must(libssh2_session_method_pref(session, method, tunnel::kMacs) == 0, "libssh2 does not know these MACs");
  must(libssh2_session_handshake(session, socket.get()) == 0, "the SSH handshake failed");
  must(libssh2_userauth_publickey_fromfile(session, host.user.c_str(), (host.key_file + ".pub").c_str(),
                                           host.key_file.c_str(), nullptr) == 0,
       "the SSH server does not let this key in");
  LIBSSH2_LISTENER* const listener =
      libssh2_channel_forward_listen_ex(session, "127.0.0.1", host.remote_port, nullptr, 1);
  must(listener != nullptr, "the SSH server does not listen");
  std::printf("libssh2 %s, %s, %s\n", libssh2_version(0), libssh2_session_methods(session, LIBSSH2_METHOD_CRYPT_CS),
              libssh2_session_methods(session, LIBSSH2_METHOD_MAC_CS));
  std::fflush(stdout);
  const std::vector<char> zeros(kWrite);
  for (;;) {
    LIBSSH2_CHANNEL* const channel = libssh2_channel_forward_accept(listener);
    must(channel != nullptr, "the SSH session ended");
    while (libssh2_channel_eof(channel) == 0 && libssh2_channel_write(channel, zeros.data(), zeros.size()) > 0) {
    }
    libssh2_channel_free(channel);
  }
}

}  // namespace relay::bench
