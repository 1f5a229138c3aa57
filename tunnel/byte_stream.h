#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::tunnel {

// What a peer's certificate says of it: the subject as RFC 2253 writes it (CN=replica,O=Example), and the DNS names, IP
// and mail addresses of its subjectAltName.
struct PeerCertificate {
  std::string subject;
  std::vector<std::string> names;
};

using Deadline = std::chrono::steady_clock::time_point;
inline Deadline deadline_after(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// A two-way run of bytes to a peer: TCP, or TLS over another stream. One thread owns it. It knows
// nothing of what the bytes mean. Every wait ends at the latest when its time is over or a stop is asked for (StopToken
// of the creator). Errors: io with errno (ETIMEDOUT when the time is over), interrupted.
class ByteStream {
 public:
  ByteStream() = default;
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Reads at least one byte and at most `size`; 0 when the peer has ended its side.
  [[nodiscard]] virtual base::Result<std::size_t> read_some(std::uint8_t* into, std::size_t size,
                                                            Deadline deadline) = 0;
  // Writes all slices, one behind the other. Fails when the peer takes nothing for as long as `patience`.
  [[nodiscard]] virtual base::Result<void> write_all(std::span<const base::ByteView> slices,
                                                     std::chrono::milliseconds patience) = 0;
  // Ends both directions; what was written before is still delivered.
  virtual void shutdown() = 0;
  // For polling: readable when bytes or the peer's end wait below.
  [[nodiscard]] virtual int descriptor() const = 0;
  // True when read_some would give bytes that were already taken from the descriptor.
  [[nodiscard]] virtual bool has_unread() const { return false; }
  // "192.0.2.7:51234"
  [[nodiscard]] virtual std::string peer() const = 0;
  // Of a peer that has shown one, and it was verified.
  [[nodiscard]] virtual std::optional<PeerCertificate> peer_certificate() const { return std::nullopt; }
};

}  // namespace relay::tunnel
