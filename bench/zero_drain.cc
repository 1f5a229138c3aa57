#include "bench/zero_drain.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/support/fake_replica.h"
#include "tunnel/dial.h"

namespace relay::bench {

namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr const char* kSuite = "TLS_AES_128_GCM_SHA256";
constexpr std::size_t kReadAhead = std::size_t{256} << 10;

// How many bytes it has put there; 0 or less at an end.
using Read = std::function<long(std::uint8_t* into, std::size_t size)>;

double read_all(const Read& read, std::uint64_t bytes) {
  std::vector<std::uint8_t> block(std::size_t{1} << 20);
  std::chrono::steady_clock::time_point begun;
  for (std::uint64_t done = 0; done < bytes;) {
    const long got = read(block.data(), block.size());
    if (got <= 0) throw std::runtime_error("the connection ended early");
    if (done == 0) begun = std::chrono::steady_clock::now();
    done += static_cast<std::uint64_t>(got);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double drain_replica(std::uint16_t port, const DrainSettings& settings) {
  testing::ClientOptions options;
  if (settings.tls) {
    auto context = tunnel::TlsContext::client({});
    if (!context) throw std::runtime_error(context.error().message());
    SSL_CTX_set_ciphersuites((*context)->native(), kSuite);
    options.tls = std::move(*context);
  }
  testing::FakeReplica replica(port, std::move(options));
  replica.introduce();
  replica.dump("", 4);
  const auto read = [&](std::uint8_t* into, std::size_t size) -> long {
    const auto got = replica.stream().read_some(into, size, tunnel::deadline_after(kPatience));
    return got ? static_cast<long>(*got) : -1;
  };
  return read_all(read, settings.bytes);
}

double drain_tls(int socket, std::uint64_t bytes) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), kSuite);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), kReadAhead);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_connect(ssl.get()) != 1) throw std::runtime_error("the TLS handshake failed");
  const auto read = [&](std::uint8_t* into, std::size_t size) -> long {
    return SSL_read(ssl.get(), into, static_cast<int>(size));
  };
  return read_all(read, bytes);
}

}  // namespace

double drain(std::uint16_t port, const DrainSettings& settings) {
  if (settings.replica) return drain_replica(port, settings);
  const base::StopToken stop;
  auto socket = tunnel::dial("127.0.0.1", port, tunnel::deadline_after(kPatience), kPatience, stop);
  if (!socket) throw std::runtime_error(socket.error().message());
  ::fcntl(socket->get(), F_SETFL, 0);
  const timeval most{kPatience.count(), 0};
  ::setsockopt(socket->get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  if (settings.tls) return drain_tls(socket->get(), settings.bytes);
  const auto read = [&](std::uint8_t* into, std::size_t size) -> long { return ::recv(socket->get(), into, size, 0); };
  return read_all(read, settings.bytes);
}

}  // namespace relay::bench
