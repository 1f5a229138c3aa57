#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"

namespace relay::app {

// Reads the events of one binlog file from its first to its last.
class BinlogFile {
 public:
  // Errors: io; malformed when the file does not start with a binlog's four magic bytes.
  [[nodiscard]] static base::Result<BinlogFile> open(base::FileSystem& files, const std::string& path);

  // The next event, with `checksum` saying whether it ends in one; valid until the next call. None at the end of the
  // file. Errors: malformed (names the offset) when the file ends inside an event.
  [[nodiscard]] base::Result<std::optional<binlog::EventView>> next(binlog::ChecksumAlgorithm checksum);
  // Where the event that next() returned begins, in bytes.
  [[nodiscard]] std::uint64_t event_offset() const { return event_offset_; }

 private:
  BinlogFile(std::unique_ptr<base::File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  std::unique_ptr<base::File> file_;
  std::string path_;
  base::Buffer buffer_;
  std::uint64_t offset_ = 4;  // behind the magic
  std::uint64_t event_offset_ = 4;
};

}  // namespace relay::app
