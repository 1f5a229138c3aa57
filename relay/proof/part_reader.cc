#include "relay/proof/part_reader.h"

#include <algorithm>
#include <cstring>

#include "relay/base/crc32.h"
#include "relay/proof/fault.h"

namespace relay::proof {

using base::ByteView;
using base::Result;

namespace {

constexpr std::size_t kHeaderSize = 19;
constexpr std::size_t kChecksumSize = 4;

}  // namespace

void PartReader::start(base::File& file, std::uint64_t begin, std::uint64_t end) {
  file_ = &file;
  end_ = event_end_ = body_end_ = end;
  block_.clear();
  block_start_ = begin;
  at_ = shown_ = 0;
  failed_ = false;
  disk_error_.reset();
}

// Sums and searches what was read of the event since the last time.
void PartReader::show() {
  const ByteView read = block_.view().sub(shown_, at_ - shown_);
  checksum_ = base::crc32(read, checksum_);
  if (canaries_ != nullptr) canaries_->feed(read);
  shown_ = at_;
}

// The block has `size` bytes from the next one on. REQUIRES: size <= kBlockSize, and the part is that long.
bool PartReader::hold(std::size_t size) {
  if (block_.size() - at_ >= size) return true;
  show();
  const std::size_t kept = block_.size() - at_;
  block_start_ += at_;
  if (at_ > 0) {
    std::memmove(block_.data(), block_.data() + at_, kept);
    at_ = shown_ = 0;
  }
  const std::uint64_t wanted = std::min<std::uint64_t>(kBlockSize, end_ - block_start_);
  block_.resize(static_cast<std::size_t>(wanted));
  const Result<std::size_t> got = file_->read_at(block_start_ + kept, block_.data() + kept, block_.size() - kept);
  if (!got) disk_error_ = got.error();
  if (got && kept + *got == block_.size()) return true;
  block_.resize(kept + got.value_or(0));
  failed_ = true;
  return false;
}

bool PartReader::has(std::uint64_t size) {
  if (failed_ || size > body_end_ - position()) failed_ = true;
  return !failed_;
}

Result<ByteView> PartReader::take_magic(std::size_t size) {
  if (!has(size) || !hold(size)) return disk_or_fault(*this, "egress check: a spool file is cut short", 0);
  const ByteView magic = block_.view().sub(at_, size);
  at_ += size;
  return magic;
}

Result<WrittenHeader> PartReader::begin_event() {
  WrittenHeader header;
  header.offset = position();
  body_end_ = end_;
  checksum_ = 0;
  shown_ = at_;
  if (canaries_ != nullptr) canaries_->restart();
  skip(4);  // timestamp
  header.type = u8();
  skip(4);  // server id
  header.size = u32();
  const std::uint32_t next = u32();
  header.flags = u16();
  if (!ok() || header.size < kHeaderSize + kChecksumSize || header.size > end_ - header.offset) {
    return disk_or_fault(*this, "egress check: an event does not fit its transaction", header.offset);
  }
  event_end_ = header.offset + header.size;
  body_end_ = event_end_ - kChecksumSize;
  if (next != static_cast<std::uint32_t>(event_end_)) {
    return fault("egress check: an event's position is not where it stands", header.offset, header.type);
  }
  return header;
}

Result<void> PartReader::end_event() {
  const std::uint64_t offset = position();
  skip(remaining());
  if (!ok()) return disk_or_fault(*this, "egress check: an event is cut short", offset);
  show();
  const std::uint32_t sum = checksum_;
  body_end_ = event_end_;
  if (u32() != sum || !ok()) return disk_or_fault(*this, "egress check: an event's checksum is wrong", offset);
  show();
  return {};
}

std::uint64_t PartReader::little_endian(std::size_t width) {
  const ByteView field = bytes(width);
  std::uint64_t value = 0;
  for (std::size_t i = field.size(); i-- > 0;) value = value << 8 | field[i];
  return value;
}

// As the client/server protocol has it: 1, 3, 4 or 9 bytes.
std::uint64_t PartReader::length_encoded() {
  const std::uint8_t first = u8();
  if (first < 0xfb) return first;
  if (first == 0xfc) return little_endian(2);
  if (first == 0xfd) return little_endian(3);
  if (first == 0xfe) return little_endian(8);
  failed_ = true;
  return 0;
}

ByteView PartReader::bytes(std::uint64_t size) {
  if (size > kLongestView) failed_ = true;
  if (!has(size) || !hold(static_cast<std::size_t>(size))) return {};
  const ByteView view = block_.view().sub(at_, static_cast<std::size_t>(size));
  at_ += view.size();
  return view;
}

ByteView PartReader::some(std::uint64_t size) {
  if (!has(size) || size == 0) return {};
  if (at_ == block_.size() && !hold(1)) return {};
  const ByteView view = block_.view().sub(at_, static_cast<std::size_t>(std::min<std::uint64_t>(size, SIZE_MAX)));
  at_ += view.size();
  return view;
}

void PartReader::copy(std::uint64_t size, base::Buffer& into) {
  if (!has(size)) return;
  while (size > 0 && !failed_) {
    const ByteView piece = some(size);
    into.append(piece);
    size -= piece.size();
  }
}

void PartReader::skip(std::uint64_t size) {
  if (!has(size)) return;
  while (size > 0 && !failed_) size -= some(size).size();
}

bool PartReader::consists_of(std::uint64_t size, const std::bitset<256>& allowed) {
  if (!has(size)) return false;
  bool good = true;
  while (size > 0 && !failed_) {
    const ByteView piece = some(size);
    for (const std::uint8_t byte : piece) good = good && allowed[byte];
    size -= piece.size();
  }
  return good && !failed_;
}

bool PartReader::equals(std::string_view expected) {
  if (!has(expected.size())) return false;
  bool equal = true;
  while (!expected.empty() && !failed_) {
    const ByteView piece = some(expected.size());
    equal = equal && piece == ByteView::of(expected).sub(0, piece.size());
    expected.remove_prefix(piece.size());
  }
  return equal && !failed_;
}

}  // namespace relay::proof
