#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/format_description.h"
#include "relay/source/event_source.h"

namespace relay::source {

// The events of one dump with the place of each in the source's files. Parses, verifies checksums, and follows files
// and offsets, which only the stream as a whole tells: event headers hold 32 bits of them, or none (MariaDB 11.8 inside
// transactions). One thread owns it.
class SourceStream {
 public:
  struct Item {
    binlog::EventView event;
    std::string_view file;         // of the source; empty before the first ROTATE
    std::uint64_t end_offset = 0;  // behind the event, in `file`; for an artificial event where the stream stands
    bool artificial =
        false;  // has no place in the file: artificial ROTATE, heartbeat, format description sent in mid-file ...
  };

  // `source` must outlive the stream. `checksum` is what was agreed on for events before the first format description.
  SourceStream(EventSource& source, binlog::ChecksumAlgorithm checksum) : source_(source), checksum_(checksum) {}

  // Passes over the events of `file` that end at or before `offset`, all but format descriptions: the way to start
  // where the protocol's 32 bits do not reach.
  void skip_to(std::string file, std::uint64_t offset);

  // The next event; its views, and `file`, are valid until the next call. None when the source has no more
  // (non-blocking dumps). Errors: those of the source; malformed for an event that is none, a wrong checksum, or a file
  // name that cannot be one.
  [[nodiscard]] base::Result<std::optional<Item>> next();

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  [[nodiscard]] base::Result<binlog::EventView> parse(base::ByteView bytes);
  [[nodiscard]] base::Result<bool> enter_file(const binlog::EventView& event);
  [[nodiscard]] bool advance(const binlog::EventView& event);
  void follow_heartbeat(const binlog::EventView& event);
  [[nodiscard]] bool is_skipped(const binlog::EventView& event) const;

  EventSource& source_;
  binlog::ChecksumAlgorithm checksum_;
  std::string file_;
  std::uint64_t offset_ = 0;
  std::string skip_file_;
  std::uint64_t skip_offset_ = 0;
};

}  // namespace relay::source
