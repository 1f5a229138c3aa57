#pragma once

#include <cstdint>
#include <functional>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"

namespace relay::binlog {

// Opens TRANSACTION_PAYLOAD_EVENT (40): zstd or uncompressed. Decompresses as a stream, one inner event at a time, in
// bounded memory whatever the payload's size; calls `each` with every inner event (no checksum, next position 0). Views
// live during the call. Errors: malformed, unsupported (codec, nested payload, an inner event above `maximum_event`),
// or the first error of `each`.
[[nodiscard]] base::Result<void> for_each_payload_event(
    base::ByteView body, std::size_t maximum_event, const std::function<base::Result<void>(const EventView&)>& each);

// Opens MariaDB's QUERY_COMPRESSED (165) and compressed rows events (166 to 171) into the plain event (2, 23-25, 30-32)
// with a new header, no checksum; the result is in `into` and the view borrows it. Refuses an uncompressed length above
// `maximum_event`.
[[nodiscard]] base::Result<EventView> open_compressed_event(const EventView& event, std::size_t maximum_event,
                                                            base::Buffer& into);

}  // namespace relay::binlog
