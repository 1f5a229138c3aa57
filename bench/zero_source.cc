#include "bench/zero_source.h"

#include <array>
#include <stdexcept>
#include <vector>

#include "tunnel/dial.h"
#include "tunnel/tcp_listener.h"
#include "tunnel/tcp_stream.h"
#include "tunnel/tls_stream.h"

namespace relay::bench {

namespace {

constexpr std::chrono::seconds kPatience{20};

template <typename T>
T must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

// Calls `serve` with each connection, until it is done with that.
template <typename Serve>
[[noreturn]] void serve_each(std::uint16_t port, const base::StopToken& stop, const Serve& serve) {
  const auto listener = must(tunnel::TcpListener::listen("127.0.0.1", port));
  for (;;) {
    const auto socket = must(listener->accept(tunnel::deadline_after(kPatience), stop));
    if (socket) serve(std::make_unique<tunnel::TcpStream>(*socket, stop));
  }
}

}  // namespace

void send_zeros(std::uint16_t port) {
  const base::StopToken stop;
  const std::vector<std::uint8_t> zeros(std::size_t{1} << 20);
  const base::ByteView block(zeros.data(), zeros.size());
  serve_each(port, stop, [&](std::unique_ptr<tunnel::ByteStream> stream) {
    while (stream->write_all({&block, 1}, kPatience)) {
    }
  });
}

void send_by_tls(std::uint16_t port, std::uint16_t source, const tunnel::TlsFiles& files) {
  const base::StopToken stop;
  const auto context = must(tunnel::TlsContext::server(files));
  // As much at once as a replica's session gathers before it writes: EventPacker::kFlushSize.
  std::vector<std::uint8_t> block(std::size_t{256} << 10);
  serve_each(port, stop, [&](std::unique_ptr<tunnel::ByteStream> lower) {
    auto stream = tunnel::TlsStream::accept(context, std::move(lower), {}, tunnel::deadline_after(kPatience));
    if (!stream) return;
    auto socket = must(tunnel::dial("127.0.0.1", source, tunnel::deadline_after(kPatience), kPatience, stop));
    tunnel::TcpStream from(socket.release(), stop);
    for (;;) {
      const auto got = from.read_some(block.data(), block.size(), tunnel::deadline_after(kPatience));
      if (!got || *got == 0) return;
      const base::ByteView part(block.data(), *got);
      if (!(*stream)->write_all({&part, 1}, kPatience)) return;
    }
  });
}

}  // namespace relay::bench
