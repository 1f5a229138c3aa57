#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"

namespace relay::spool {

// Reads the events of one spool file in large blocks. The block grows to the size of an event that does not fit, and
// gives the memory back afterwards. One thread owns it.
class EventBlock {
 public:
  static constexpr std::size_t kDefaultSize = std::size_t{256} << 10;
  // `file` must outlive this; `path` is for errors.
  EventBlock(base::File& file, std::string path, std::size_t block_size = kDefaultSize)
      : file_(file), path_(std::move(path)), block_size_(block_size) {}

  // The header of the event at `offset`, after the same looks as event_at() takes; of the event itself only the
  // beginning is read.
  [[nodiscard]] base::Result<binlog::EventHeader> header_at(std::uint64_t offset, std::uint64_t limit);

  // The event at `offset`, valid until the next call. No byte at or behind `limit` is read. Errors: malformed, with
  // path and offset, when no whole event stands there that ends at or before `limit` and names its own end; io. The
  // checksum is not looked at.
  [[nodiscard]] base::Result<binlog::EventView> event_at(std::uint64_t offset, std::uint64_t limit);

  [[nodiscard]] std::size_t memory() const { return capacity_; }

 private:
  // The block holds `size` bytes from `offset`. REQUIRES: offset + size <= limit.
  [[nodiscard]] base::Result<base::ByteView> hold(std::uint64_t offset, std::size_t size, std::uint64_t limit);
  void fit(std::size_t size);

  base::File& file_;
  std::string path_;
  std::size_t block_size_;
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t capacity_ = 0;
  std::uint64_t start_ = 0;  // offset in the file of bytes_[0]
  std::size_t size_ = 0;     // bytes that are read
};

}  // namespace relay::spool
