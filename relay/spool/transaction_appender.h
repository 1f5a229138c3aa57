#pragma once

#include <cstdint>
#include <optional>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/result.h"
#include "relay/binlog/event_draft.h"

namespace relay::spool {

// Lays the events of one transaction behind the end of a spool file. A small transaction stays in a reused buffer until
// finish(); a larger one streams to the file in bounded memory. Nothing here syncs or publishes.
class TransactionAppender {
 public:
  static constexpr std::size_t kBufferSize = std::size_t{1} << 20;
  // Slices of this size and more are written from where they lie.
  static constexpr std::size_t kDirectSize = std::size_t{64} << 10;
  // No GTID event of any server comes near it.
  static constexpr std::size_t kMaximumGtidSize = std::size_t{64} << 10;

  // Forgets everything and begins at `offset` of `file`, which must outlive its use here.
  void start(base::File& file, std::uint64_t offset);

  // Errors: io; unsupported for an event above kMaximumEventSize; malformed for a second or senseless transaction
  // length.
  [[nodiscard]] base::Result<void> append(const binlog::EventDraft& draft);
  // Patches the GTID event's transaction length and writes out what is still in memory. The offset behind the last
  // event.
  [[nodiscard]] base::Result<std::uint64_t> finish();

  [[nodiscard]] bool empty() const { return end_ == first_; }
  // True when bytes of this transaction may stand in the file.
  [[nodiscard]] bool reached_file() const { return reached_file_; }

 private:
  [[nodiscard]] base::Result<void> put(base::ByteView bytes);
  [[nodiscard]] base::Result<void> write_out(base::ByteView then = {});
  [[nodiscard]] base::Result<void> remember_gtid(const binlog::EventDraft& draft, base::ByteView header);
  void patch_gtid();

  base::File* file_ = nullptr;
  std::uint64_t first_ = 0;    // where the transaction starts in the file
  std::uint64_t end_ = 0;      // where its next event will start
  std::uint64_t written_ = 0;  // buffer_ belongs here
  base::Buffer buffer_{kBufferSize};
  bool reached_file_ = false;
  // The GTID event without its checksum, kept for patching; empty when there is nothing to patch.
  base::Buffer gtid_;
  std::uint64_t gtid_start_ = 0;
  std::size_t length_offset_ = 0;  // of the transaction length in gtid_
};

}  // namespace relay::spool
