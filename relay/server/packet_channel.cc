#include "relay/server/packet_channel.h"

#include "tunnel/tls_stream.h"
#include "tunnel/wait.h"

namespace relay::server {

namespace {

using base::Buffer;

}  // namespace

base::Result<std::optional<base::ByteView>> PacketChannel::read(tunnel::Deadline deadline) {
  for (;;) {
    RELAY_ASSIGN(const auto packet, assembler_.next());
    if (packet) {
      framer_.set_sequence(static_cast<std::uint8_t>(packet->last_sequence + 1));
      return std::optional<base::ByteView>(packet->payload);
    }
    const auto room = assembler_.room();
    RELAY_ASSIGN(const std::size_t got, stream_->read_some(room.data(), room.size(), deadline));
    if (got == 0) return std::optional<base::ByteView>();
    assembler_.took(got);
  }
}

base::Result<void> PacketChannel::upgrade(std::shared_ptr<const tunnel::TlsContext> context,
                                          tunnel::Deadline deadline) {
  RELAY_ASSIGN(stream_,
               tunnel::TlsStream::accept(std::move(context), std::move(stream_), assembler_.unread(), deadline));
  assembler_ = wire::PacketAssembler(kMaximumBeforeLogin);
  return {};
}

base::Result<void> PacketChannel::send(base::ByteView payload) {
  out_.clear();
  framer_.append(payload, out_);
  return write(out_.view());
}

base::Result<void> PacketChannel::send_ok(std::string_view info) {
  Buffer payload(4096);
  wire::encode_ok(payload, info);
  return send(payload.view());
}

base::Result<void> PacketChannel::send_error(std::uint16_t code, std::string_view sql_state, std::string_view message) {
  Buffer payload(4096);
  wire::encode_error(payload, code, sql_state, message);
  return send(payload.view());
}

base::Result<void> PacketChannel::send_eof() {
  Buffer payload(16);
  wire::encode_eof(payload);
  return send(payload.view());
}

base::Result<void> PacketChannel::send_result(const wire::TextResult& result) {
  Buffer payload;
  out_.clear();
  auto add = [&](auto encode) {
    payload.clear();
    encode(payload);
    framer_.append(payload.view(), out_);
  };
  add([&](Buffer& into) { wire::encode_column_count(into, result.columns.size()); });
  for (const std::string& column : result.columns) add([&](Buffer& into) { wire::encode_column(into, column); });
  add([](Buffer& into) { wire::encode_eof(into); });
  for (const auto& row : result.rows) add([&](Buffer& into) { wire::encode_row(into, row); });
  add([](Buffer& into) { wire::encode_eof(into); });
  if (out_.overflowed()) return base::fail(base::ErrorKind::unsupported, "an answer is too long");
  return write(out_.view());
}

bool PacketChannel::something_arrived() const {
  return stream_->has_unread() || tunnel::readable_now(stream_->descriptor());
}

}  // namespace relay::server
