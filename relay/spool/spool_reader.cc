#include "relay/spool/spool_reader.h"

#include <algorithm>

#include "relay/base/crc32.h"
#include "relay/spool/event_block.h"

namespace relay::spool {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

}  // namespace

std::optional<std::uint32_t> SpoolLeases::lowest() const {
  const base::MutexLock lock(mutex_);
  std::optional<std::uint32_t> lowest;
  for (const auto& [lease, file] : held_) lowest = std::min(file, lowest.value_or(file));
  return lowest;
}

std::uint64_t SpoolLeases::take(std::uint32_t file) {
  const base::MutexLock lock(mutex_);
  held_.emplace_back(next_, file);
  return next_++;
}

void SpoolLeases::move(std::uint64_t lease, std::uint32_t file) {
  const base::MutexLock lock(mutex_);
  for (auto& [held, number] : held_) {
    if (held == lease) number = file;
  }
}

void SpoolLeases::release(std::uint64_t lease) {
  const base::MutexLock lock(mutex_);
  held_.erase(std::remove_if(held_.begin(), held_.end(), [lease](const auto& held) { return held.first == lease; }),
              held_.end());
}

struct SpoolReader::State {
  base::FileSystem& files;
  const SpoolIndex& index;
  const PublishedTail& tail;
  SpoolLeases& leases;

  std::uint64_t lease = 0;  // 0: none
  SpoolPosition position{};
  std::uint64_t event_start = 0;  // of the event given last
  std::unique_ptr<base::File> file{};
  std::unique_ptr<EventBlock> block{};
  std::uint64_t limit = 0;      // bytes of the file that are published, as far as was looked
  bool finished = false;        // the tail lies in a later file, so `limit` is the end of this one
  bool doubt_position = false;  // the position is a caller's: only the checksum tells whether an event starts there

  [[nodiscard]] Result<void> enter(std::uint32_t number);
  [[nodiscard]] Result<void> look_for_more();
  [[nodiscard]] Result<SpoolEvent> event_here();
  // Whether the last event of a finished file is the ROTATE to `next`.
  [[nodiscard]] Result<bool> names_next(std::uint32_t next);
  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::uint8_t> into);
  [[nodiscard]] Result<bool> checksum_is_right(std::uint64_t size);
};

Result<void> SpoolReader::State::enter(std::uint32_t number) {
  // First the lease, then the look: purge does it the other way round.
  if (lease == 0)
    lease = leases.take(number);
  else
    leases.move(lease, number);
  block.reset();
  file.reset();
  limit = 0;
  finished = false;
  if (!index.find(number) || number > tail.get().file)
    return base::fail(Error(ErrorKind::unsupported, "the spool has no such file").about(spool_file_name(number)));
  RELAY_ASSIGN(file, files.open(index.path(number), base::OpenMode::read));
  block = std::make_unique<EventBlock>(*file, index.path(number));
  return {};
}

Result<void> SpoolReader::State::look_for_more() {
  const SpoolPosition end = tail.get();
  if (end.file == position.file) {
    limit = end.offset;
  } else if (!finished) {
    // A later file is published only when this one has its ROTATE and will not change any more.
    RELAY_ASSIGN(limit, file->size());
    finished = true;
  }
  return {};
}

Result<SpoolEvent> SpoolReader::State::event_here() {
  RELAY_ASSIGN(const binlog::EventHeader header, block->header_at(position.offset, limit));
  if (header.event_size > kLargestHeld) return SpoolEvent{header, std::nullopt};
  RELAY_ASSIGN(const binlog::EventView whole, block->event_at(position.offset, limit));
  return SpoolEvent{header, whole};
}

Result<bool> SpoolReader::State::names_next(std::uint32_t next) {
  const std::size_t size =
      binlog::kEventHeaderSize + sizeof(std::uint64_t) + spool_file_name(next).size() + binlog::kChecksumSize;
  if (limit < kFirstEventOffset + size) return false;
  const auto header = block->header_at(limit - size, limit);
  if (!header && header.error().kind() == ErrorKind::io) return base::fail(header.error());
  return header && header->type() == binlog::EventType::rotate && header->event_size == size;
}

Result<void> SpoolReader::State::read(std::uint64_t offset, std::span<std::uint8_t> into) {
  RELAY_ASSIGN(const std::size_t got, file->read_at(offset, into.data(), into.size()));
  if (got == into.size()) return {};
  return base::fail(Error(ErrorKind::malformed, "a spool file is shorter than what was published of it")
                        .about(index.path(position.file))
                        .at(offset + got));
}

// Of the large event that stands here, piece by piece.
Result<bool> SpoolReader::State::checksum_is_right(std::uint64_t size) {
  std::vector<std::uint8_t> piece(EventBlock::kDefaultSize);
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0, end = size - binlog::kChecksumSize; at < end;) {
    const std::span<std::uint8_t> into(piece.data(), std::min<std::uint64_t>(piece.size(), end - at));
    RELAY_TRY(read(position.offset + at, into));
    crc = base::crc32({into.data(), into.size()}, crc);
    at += into.size();
  }
  std::uint32_t stored = 0;
  RELAY_TRY(read(position.offset + size - sizeof stored, {reinterpret_cast<std::uint8_t*>(&stored), sizeof stored}));
  return crc == stored;
}

SpoolReader::SpoolReader(base::FileSystem& files, const SpoolIndex& index, const PublishedTail& tail,
                         SpoolLeases& leases)
    : state_(new State{files, index, tail, leases}) {}

SpoolReader::~SpoolReader() {
  if (state_->lease != 0) state_->leases.release(state_->lease);
}

SpoolPosition SpoolReader::position() const { return state_->position; }

Result<void> SpoolReader::seek(const SpoolPosition& position) {
  State& state = *state_;
  state.position = position;
  RELAY_TRY(state.enter(position.file));
  RELAY_TRY(state.look_for_more());
  if (position.offset < kFirstEventOffset || position.offset > state.limit) {
    state.file.reset();
    return base::fail(Error(ErrorKind::unsupported, "the position lies outside of the spool file")
                          .about(spool_file_name(position.file))
                          .at(position.offset));
  }
  state.doubt_position = true;
  return {};
}

std::size_t SpoolReader::memory() const { return state_->block ? state_->block->memory() : 0; }

Result<void> SpoolReader::read_piece(std::uint64_t offset, std::span<std::uint8_t> into) {
  return state_->read(state_->event_start + offset, into);
}

Result<std::optional<SpoolEvent>> SpoolReader::next() {
  State& state = *state_;
  if (!state.file) return base::fail(ErrorKind::unsupported, "the spool reader stands nowhere");
  while (state.position.offset >= state.limit) {
    RELAY_TRY(state.look_for_more());
    if (state.position.offset < state.limit) break;
    if (!state.finished) return std::optional<SpoolEvent>();
    const auto following = state.index.next(state.position.file);
    if (!following)
      return base::fail(Error(ErrorKind::malformed, "the spool ends before its published end")
                            .about(spool_file_name(state.position.file)));
    // A file that is shorter than it was, an older copy say, may still end between two events.
    RELAY_ASSIGN(const bool whole, state.names_next(following->number));
    if (!whole)
      return base::fail(Error(ErrorKind::malformed, "a spool file ends without naming the next one")
                            .about(state.index.path(state.position.file))
                            .at(state.position.offset));
    RELAY_TRY(state.enter(following->number));
    state.position = {following->number, kFirstEventOffset};
    state.doubt_position = false;
  }
  RELAY_ASSIGN(const SpoolEvent event, state.event_here());
  if (state.doubt_position) {
    RELAY_ASSIGN(const bool right, event.whole ? Result<bool>(event.whole->checksum_is_right())
                                               : state.checksum_is_right(event.header.event_size));
    if (!right)
      return base::fail(Error(ErrorKind::malformed, "no event starts at this place of the spool")
                            .about(state.index.path(state.position.file))
                            .at(state.position.offset));
  }
  state.doubt_position = false;
  state.event_start = state.position.offset;
  state.position.offset += event.header.event_size;
  return std::optional(event);
}

}  // namespace relay::spool
