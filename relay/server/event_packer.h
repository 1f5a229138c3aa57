#pragma once

#include <chrono>
#include <functional>
#include <span>

#include "relay/base/buffer.h"
#include "relay/binlog/event_view.h"
#include "relay/server/packet_channel.h"

namespace relay::server {

// Packs events into packets, many into one write. A packet's payload is 00 and the event. Small events are copied into
// one reused buffer; larger ones are written from where they lie, in memory or piece by piece from the spool.
class EventPacker {
 public:
  EventPacker(PacketChannel& channel, bool checksums)
      : channel_(channel), checksums_(checksums), buffer_(kFlushSize * 2) {}

  // An event as it lies in the spool, with its CRC-32, which is taken off where the client wants none.
  [[nodiscard]] base::Result<void> add(const binlog::EventView& event);
  // An event of the spool that is too large to be held: `read` fills what it is given from an offset within the event.
  // After an error the client waits for the rest of a packet, so the connection can only be closed.
  using ReadPiece = std::function<base::Result<void>(std::uint64_t offset, std::span<std::uint8_t> into)>;
  [[nodiscard]] base::Result<void> add_in_pieces(binlog::EventHeader header, const ReadPiece& read);
  // An event that was made for this client, complete.
  [[nodiscard]] base::Result<void> add_made(base::ByteView event);
  [[nodiscard]] base::Result<void> flush();

  [[nodiscard]] std::chrono::steady_clock::time_point last_added() const { return last_added_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  static constexpr std::size_t kFlushSize = 256 * 1024;
  static constexpr std::size_t kCopyLimit = 64 * 1024;  // above it copying costs more than another write
  [[nodiscard]] binlog::EventHeader header_for_client(binlog::EventHeader header) const;
  [[nodiscard]] base::Result<void> put(std::span<const base::ByteView> parts, std::size_t size);

  PacketChannel& channel_;
  bool checksums_;
  base::Buffer buffer_;
  std::vector<base::ByteView> gather_;
  std::uint64_t bytes_sent_ = 0;
  std::chrono::steady_clock::time_point last_added_ = std::chrono::steady_clock::now();
};

}  // namespace relay::server
