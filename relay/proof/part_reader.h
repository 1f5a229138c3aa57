#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/proof/canary_search.h"

namespace relay::proof {

// The header of an event as it stands in the file.
struct WrittenHeader {
  std::uint64_t offset = 0;  // of the event in the file
  std::uint8_t type = 0;
  std::uint32_t size = 0;
  std::uint16_t flags = 0;
};

// Reads events out of a file, front to back, in a block of fixed size: an event of any size takes no more memory. Every
// byte is summed for the checksum and shown to the canary search. Reading fields is as with base::ByteReader: the first
// read past the end of the event's body makes the reader fail, later reads give zeros, and ok() is asked once, at the
// end.
class PartReader {
 public:
  static constexpr std::size_t kBlockSize = std::size_t{256} << 10;
  static constexpr std::size_t kLongestView = std::size_t{64} << 10;

  // `canaries` may be null, and must outlive the reader.
  explicit PartReader(CanarySearch* canaries) : canaries_(canaries) {}

  // Begins at `begin` of `file`; nothing at or behind `end` is read.
  void start(base::File& file, std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] bool at_end() const { return position() >= end_; }
  [[nodiscard]] std::uint64_t position() const { return block_start_ + at_; }
  // So many bytes that belong to no event (the magic). Valid until the next read.
  [[nodiscard]] base::Result<base::ByteView> take_magic(std::size_t size);

  // Begins the next event: what follows reads its body. Errors: io; rule when the event does not fit the part, or its
  // position is not where it stands.
  [[nodiscard]] base::Result<WrittenHeader> begin_event();
  // Passes over what is left of the event. Errors: io, rule for a wrong checksum.
  [[nodiscard]] base::Result<void> end_event();

  [[nodiscard]] std::uint64_t remaining() const { return failed_ ? 0 : body_end_ - position(); }
  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] bool at_body_end() const { return !failed_ && position() == body_end_; }
  void fail() { failed_ = true; }
  // Not a fault of the bytes: the disk could not be read.
  [[nodiscard]] const std::optional<base::Error>& disk_error() const { return disk_error_; }

  std::uint64_t little_endian(std::size_t width);
  std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::uint64_t u48() { return little_endian(6); }
  std::uint64_t length_encoded();
  // `size` is at most kLongestView; more fails. Valid until the next read.
  base::ByteView bytes(std::uint64_t size);
  void copy(std::uint64_t size, base::Buffer& into);
  void skip(std::uint64_t size);
  // Passes over as many bytes as `expected` has; false when they are not those.
  [[nodiscard]] bool equals(std::string_view expected);
  // Passes over `size` bytes; false when one of them is not in `allowed`.
  [[nodiscard]] bool consists_of(std::uint64_t size, const std::bitset<256>& allowed);
  // Calls each(base::ByteView) for the pieces of the rest of the body.
  template <typename Each>
  void rest(Each each) {
    while (remaining() > 0) each(some(remaining()));
  }

 private:
  // At least one and at most `size` of the next bytes; empty after a failure.
  base::ByteView some(std::uint64_t size);
  bool has(std::uint64_t size);
  bool hold(std::size_t size);
  void show();

  CanarySearch* canaries_;
  base::File* file_ = nullptr;
  std::uint64_t end_ = 0;
  base::Buffer block_{kBlockSize};
  std::uint64_t block_start_ = 0;  // offset in the file of the block's first byte
  std::size_t at_ = 0;             // of the next byte in the block
  std::size_t shown_ = 0;          // bytes of the block before this are summed and searched
  std::uint32_t checksum_ = 0;
  std::uint64_t event_end_ = 0;
  std::uint64_t body_end_ = 0;
  bool failed_ = false;
  std::optional<base::Error> disk_error_;
};

}  // namespace relay::proof
