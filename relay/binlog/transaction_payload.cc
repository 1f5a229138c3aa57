#include <zstd.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "relay/base/byte_reader.h"
#include "relay/binlog/container.h"
#include "relay/binlog/event_error.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;
using EachEvent = std::function<base::Result<void>(const EventView&)>;

// Fields in front of the payload: type, length and value, each length-encoded (MySQL
// libs/mysql/binlog/event/codecs/binary.cpp).
enum PayloadField : std::uint8_t { kHeadEnd = 0, kPayloadSize = 1, kCompressionType = 2, kUncompressedSize = 3 };
enum Compression : std::uint8_t { kZstd = 0, kNone = 255 };

constexpr std::size_t kOutputBlock = std::size_t{128} << 10;

tl::unexpected<base::Error> payload_error(ErrorKind kind, base::FixedText what) {
  return event_error(kind, what, EventType::transaction_payload);
}

struct Payload {
  std::uint64_t compression = kNone;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> uncompressed_size;
  base::ByteView bytes;
};

base::Result<Payload> parse_head(base::ByteView body) {
  base::ByteReader reader(body);
  Payload payload;
  for (std::uint64_t type = reader.length_encoded(); reader.ok() && type != kHeadEnd; type = reader.length_encoded()) {
    base::ByteReader value(reader.length_encoded_bytes());
    const std::uint64_t number = value.length_encoded();
    if (!value.at_end()) return payload_error(ErrorKind::malformed, "a transaction payload's head is cut short");
    if (type == kPayloadSize)
      payload.size = number;
    else if (type == kCompressionType)
      payload.compression = number;
    else if (type == kUncompressedSize)
      payload.uncompressed_size = number;
    else
      return payload_error(ErrorKind::unsupported, "a transaction payload has a field that is not known");
  }
  payload.bytes = reader.rest();
  if (!reader.ok() || (payload.size && *payload.size != payload.bytes.size())) {
    return payload_error(ErrorKind::malformed, "a transaction payload is not as long as its head says");
  }
  return payload;
}

// Cuts a run of bytes that comes in pieces into events. Holds at most one event.
class EventCutter {
 public:
  EventCutter(std::size_t maximum_event, const EachEvent& each) : maximum_event_(maximum_event), each_(each) {}

  base::Result<void> feed(base::ByteView piece) {
    total_ += piece.size();
    while (!piece.empty()) {
      RELAY_ASSIGN(const std::size_t wanted, wanted_size());
      const base::ByteView part = piece.sub(0, wanted - event_.size());
      event_.append(part);
      piece = piece.sub(part.size());
      if (event_.overflowed())
        return payload_error(ErrorKind::unsupported, "an event inside a transaction payload is too large");
      RELAY_TRY(pass_on_when_whole());
    }
    return {};
  }

  [[nodiscard]] bool stands_between_events() const { return event_.size() == 0; }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  // Bytes that the event needs before more is known: its header, then its whole size.
  base::Result<std::size_t> wanted_size() {
    if (event_.size() < kEventHeaderSize) return kEventHeaderSize;
    const EventHeader header = decode_event_header(event_.view());
    if (header.type() == EventType::transaction_payload) {
      return payload_error(ErrorKind::unsupported, "a transaction payload holds another");
    }
    if (header.event_size < kEventHeaderSize)
      return payload_error(ErrorKind::malformed, "an event inside a transaction payload is too short");
    if (header.event_size > maximum_event_) {
      return payload_error(ErrorKind::unsupported, "an event inside a transaction payload is too large");
    }
    return header.event_size;
  }

  base::Result<void> pass_on_when_whole() {
    if (event_.size() < kEventHeaderSize) return {};
    RELAY_ASSIGN(const std::size_t size, wanted_size());
    if (event_.size() < size) return {};
    RELAY_ASSIGN(const EventView event, EventView::parse(event_.view(), ChecksumAlgorithm::none));
    RELAY_TRY(each_(event));
    event_.clear();
    return {};
  }

  std::size_t maximum_event_;
  const EachEvent& each_;
  base::Buffer event_{std::max(maximum_event_, kEventHeaderSize)};
  std::uint64_t total_ = 0;
};

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

base::Result<void> decompress(base::ByteView bytes, EventCutter& cutter) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
  if (stream == nullptr) return payload_error(ErrorKind::io, "no memory to decompress a transaction payload");
  base::Buffer output(kOutputBlock);
  output.resize(kOutputBlock);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::size_t hint = 1;  // 0 at the end of a frame
  bool output_was_full = false;
  while (in.pos < in.size || output_was_full) {
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    hint = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(hint) != 0)
      return payload_error(ErrorKind::malformed, "a transaction payload cannot be decompressed");
    RELAY_TRY(cutter.feed(output.view().sub(0, out.pos)));
    output_was_full = hint != 0 && out.pos == out.size;
  }
  if (hint != 0)
    return payload_error(ErrorKind::malformed, "a transaction payload ends before its compressed data does");
  return {};
}

}  // namespace

base::Result<void> for_each_payload_event(base::ByteView body, std::size_t maximum_event, const EachEvent& each) {
  RELAY_ASSIGN(const Payload payload, parse_head(body));
  EventCutter cutter(maximum_event, each);
  if (payload.compression == kZstd) {
    RELAY_TRY(decompress(payload.bytes, cutter));
  } else if (payload.compression == kNone) {
    RELAY_TRY(cutter.feed(payload.bytes));
  } else {
    return payload_error(ErrorKind::unsupported, "a transaction payload's compression is not known");
  }
  const bool size_fits = !payload.uncompressed_size || *payload.uncompressed_size == cutter.total();
  if (!cutter.stands_between_events() || !size_fits) {
    return payload_error(ErrorKind::malformed, "a transaction payload ends inside an event");
  }
  return {};
}

}  // namespace relay::binlog
