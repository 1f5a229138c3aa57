#include "relay/spool/transaction_appender.h"

#include <array>

#include "relay/base/crc32.h"
#include "relay/spool/spool_types.h"

namespace relay::spool {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kLengthSize = 8;

}  // namespace

void TransactionAppender::start(base::File& file, std::uint64_t offset) {
  file_ = &file;
  first_ = end_ = written_ = offset;
  buffer_.clear();
  gtid_.clear();
  reached_file_ = false;
}

Result<void> TransactionAppender::append(const binlog::EventDraft& draft) {
  const std::uint64_t size = binlog::kEventHeaderSize + draft.body_size() + binlog::kChecksumSize;
  if (size > kMaximumEventSize)
    return base::fail(
        Error(ErrorKind::unsupported, "an event is larger than any replica takes").in_event(draft.header.type_code));
  binlog::EventHeader header = draft.header;
  header.event_size = static_cast<std::uint32_t>(size);
  header.next_position = static_cast<std::uint32_t>(end_ + size);
  std::array<std::uint8_t, binlog::kEventHeaderSize> encoded{};
  binlog::encode_event_header(header, encoded.data());
  const ByteView head(encoded.data(), encoded.size());
  if (draft.transaction_length_offset) RELAY_TRY(remember_gtid(draft, head));

  std::uint32_t crc = base::crc32(head);
  RELAY_TRY(put(head));
  for (const ByteView slice : draft.body) {
    crc = base::crc32(slice, crc);
    RELAY_TRY(put(slice));
  }
  std::array<std::uint8_t, binlog::kChecksumSize> footer{};
  std::memcpy(footer.data(), &crc, footer.size());
  RELAY_TRY(put(ByteView(footer.data(), footer.size())));
  end_ += size;
  return {};
}

Result<void> TransactionAppender::remember_gtid(const binlog::EventDraft& draft, ByteView header) {
  const std::size_t body_size = draft.body_size();
  if (gtid_.size() != 0 || body_size > kMaximumGtidSize || body_size < kLengthSize ||
      *draft.transaction_length_offset > body_size - kLengthSize)
    return base::fail(
        Error(ErrorKind::malformed, "a transaction length stands where none can").in_event(draft.header.type_code));
  gtid_.append(header);
  for (const ByteView slice : draft.body) gtid_.append(slice);
  gtid_start_ = end_;
  length_offset_ = binlog::kEventHeaderSize + *draft.transaction_length_offset;
  return {};
}

Result<void> TransactionAppender::put(ByteView bytes) {
  if (bytes.size() >= kDirectSize) return write_out(bytes);
  if (bytes.size() > kBufferSize - buffer_.size()) RELAY_TRY(write_out());
  buffer_.append(bytes);
  return {};
}

Result<void> TransactionAppender::write_out(ByteView then) {
  const std::array<ByteView, 2> slices{buffer_.view(), then};
  const std::size_t size = buffer_.size() + then.size();
  if (size == 0) return {};
  reached_file_ = true;
  const std::size_t from = buffer_.size() == 0 ? 1 : 0;
  const std::size_t to = then.empty() ? 1 : 2;
  RELAY_TRY(file_->write_at(written_, std::span(slices).subspan(from, to - from)));
  written_ += size;
  buffer_.clear();
  return {};
}

void TransactionAppender::patch_gtid() {
  gtid_.patch_little_endian(length_offset_, end_ - gtid_start_, kLengthSize);
  gtid_.append_u32(base::crc32(gtid_.view()));
}

Result<std::uint64_t> TransactionAppender::finish() {
  if (gtid_.size() == 0) {
    RELAY_TRY(write_out());
    return end_;
  }
  patch_gtid();
  const ByteView gtid = gtid_.view();
  if (gtid_start_ >= written_) {
    std::memcpy(buffer_.data() + (gtid_start_ - written_), gtid.data(), gtid.size());
    RELAY_TRY(write_out());
  } else {
    RELAY_TRY(write_out());
    RELAY_TRY(file_->write_at(gtid_start_, {&gtid, 1}));
  }
  return end_;
}

}  // namespace relay::spool
