#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/spool/published_tail.h"
#include "relay/spool/spool_index.h"

namespace relay::spool {

// Reads the spool's events in order and never past the published tail. One thread owns a reader; many readers may work
// at once. While it lives, the file it stands in is not purged (it registers itself with `leases`).
class SpoolLeases {
 public:
  // Any thread. The lowest file number that any reader stands in; none without readers.
  [[nodiscard]] std::optional<std::uint32_t> lowest() const;
  std::uint64_t take(std::uint32_t file);
  void move(std::uint64_t lease, std::uint32_t file);
  void release(std::uint64_t lease);

 private:
  mutable base::Mutex mutex_;
  std::uint64_t next_ RELAY_GUARDED_BY(mutex_) = 1;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> held_ RELAY_GUARDED_BY(mutex_);
};

// An event as it lies in the spool. One of more than SpoolReader::kLargestHeld bytes is not held in memory: readers are
// many, and an event may have a gigabyte. Then only its header is here.
struct SpoolEvent {
  binlog::EventHeader header;
  std::optional<binlog::EventView> whole;  // none for such a large one
  [[nodiscard]] binlog::EventType type() const { return header.type(); }
};

class SpoolReader {
 public:
  static constexpr std::size_t kLargestHeld = std::size_t{1} << 20;

  SpoolReader(base::FileSystem& files, const SpoolIndex& index, const PublishedTail& tail, SpoolLeases& leases);
  ~SpoolReader();
  SpoolReader(const SpoolReader&) = delete;
  SpoolReader& operator=(const SpoolReader&) = delete;

  // Goes to `position`. 4 is the first event. Errors: malformed when no event starts there (found when it is read),
  // unsupported when the file does not exist or the offset lies beyond its end.
  [[nodiscard]] base::Result<void> seek(const SpoolPosition& position);

  // The next event, valid until the next call; none when the tail is reached. At the end of a file it goes on in the
  // next one by itself: then position().file has changed, and the first event there is that file's format description.
  [[nodiscard]] base::Result<std::optional<SpoolEvent>> next();

  // Fills `into` from `offset` within the event that next() gave last. REQUIRES: the event has as many bytes.
  [[nodiscard]] base::Result<void> read_piece(std::uint64_t offset, std::span<std::uint8_t> into);

  // Where the next event starts.
  [[nodiscard]] SpoolPosition position() const;
  // Bytes that are held for events.
  [[nodiscard]] std::size_t memory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace relay::spool
