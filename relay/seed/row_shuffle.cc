#include "relay/seed/row_shuffle.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "relay/base/byte_reader.h"

namespace relay::seed {

namespace {

using base::Buffer;
using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kPileBuffer = std::size_t{128} << 10;
constexpr std::size_t kSizeBytes = 4;  // before each row in a file

// An order that a weak generator made could be guessed, and taken back.
class RandomNumbers {
 public:
  // Below `count`, each as likely.
  Result<std::size_t> below(std::size_t count) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t fair = kMost - kMost % count;
    for (;;) {
      if (next_ == numbers_.size()) {
        if (RAND_bytes(reinterpret_cast<unsigned char*>(numbers_.data()), sizeof numbers_) != 1)
          return base::fail(ErrorKind::io, "the system gives no random numbers");
        next_ = 0;
      }
      const std::uint64_t number = numbers_[next_++];
      if (number < fair) return static_cast<std::size_t>(number % count);
    }
  }

 private:
  std::array<std::uint64_t, 256> numbers_{};
  std::size_t next_ = numbers_.size();
};

RandomNumbers& random_numbers() {
  thread_local RandomNumbers numbers;
  return numbers;
}

}  // namespace

void RowHeap::add(ByteView row) {
  places_.push_back({bytes_.size(), row.size()});
  bytes_.append(row);
}

std::vector<ByteView> RowHeap::rows() const {
  std::vector<ByteView> views;
  views.reserve(places_.size());
  for (const Place& place : places_) views.push_back(bytes_.view().sub(place.begin, place.size));
  return views;
}

Result<void> RowHeap::drain(const RowTaker& take) {
  for (std::size_t left = places_.size(); left > 0; --left) {
    RELAY_ASSIGN(const std::size_t drawn, random_numbers().below(left));
    RELAY_TRY(take(bytes_.view().sub(places_[drawn].begin, places_[drawn].size)));
    places_[drawn] = places_[left - 1];
  }
  return {};
}

// A file of rows, each behind its size.
class RowShuffle::Pile {
 public:
  static Result<std::unique_ptr<Pile>> make(const Target& target) {
    auto pile = std::make_unique<Pile>(target.files, target.directory + '/' + target.next_name());
    RELAY_ASSIGN(pile->file_, target.files.open(pile->path_, base::OpenMode::create));
    return pile;
  }
  Pile(base::FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  Pile(const Pile&) = delete;
  Pile& operator=(const Pile&) = delete;
  ~Pile() {
    if (file_ != nullptr) static_cast<void>(files_.remove(path_));
  }

  Result<void> add(ByteView row) {
    if (buffer_.size() + kSizeBytes + row.size() > kPileBuffer) RELAY_TRY(flush());
    buffer_.append_little_endian(row.size(), kSizeBytes);
    if (row.size() > kPileBuffer) {
      RELAY_TRY(flush());
      return write(row);
    }
    buffer_.append(row);
    return {};
  }

  // All rows as they came. Nothing is added behind it.
  Result<void> read(const RowTaker& take) {
    RELAY_TRY(flush());
    std::vector<std::uint8_t> held(kPileBuffer);
    std::size_t filled = 0;  // of `held`
    for (std::uint64_t at = 0; at < size_ || filled > 0;) {
      RELAY_ASSIGN(const std::size_t got, file_->read_at(at, held.data() + filled, held.size() - filled));
      at += got;
      filled += got;
      std::size_t used = 0;
      std::size_t wanted = kSizeBytes;
      while (filled - used >= kSizeBytes) {
        const std::size_t size = base::ByteReader(ByteView(held.data() + used, kSizeBytes)).little_endian(kSizeBytes);
        wanted = kSizeBytes + size;
        if (filled - used < wanted) break;
        RELAY_TRY(take(ByteView(held.data() + used + kSizeBytes, size)));
        used += wanted;
        wanted = kSizeBytes;
      }
      if (got == 0 && used == 0) return base::fail(Error(ErrorKind::io, "a file of rows is cut").about(path_));
      std::memmove(held.data(), held.data() + used, filled - used);
      filled -= used;
      if (wanted > held.size()) held.resize(wanted);
    }
    return {};
  }

  [[nodiscard]] std::uint64_t size() const { return size_ + buffer_.size(); }

 private:
  Result<void> write(ByteView bytes) {
    RELAY_TRY(file_->write_at(size_, {&bytes, 1}));
    size_ += bytes.size();
    return {};
  }
  Result<void> flush() {
    RELAY_TRY(write(buffer_.view()));
    buffer_.clear();
    return {};
  }

  base::FileSystem& files_;
  std::string path_;
  std::unique_ptr<base::File> file_;
  Buffer buffer_;
  std::uint64_t size_ = 0;  // of the file
};

RowShuffle::RowShuffle(Target target, Limits limits) : target_(std::move(target)), limits_(limits) {}
RowShuffle::~RowShuffle() = default;

Result<void> RowShuffle::add(ByteView row) {
  const base::MutexLock lock(mutex_);
  if (piles_.empty()) {
    const std::size_t held = heap_.memory();
    if (held == 0 || held + row.size() <= limits_.memory) {
      heap_.add(row);
      return {};
    }
    RELAY_TRY(spill());
  }
  return deal(row);
}

Result<void> RowShuffle::spill() {
  while (piles_.size() < limits_.piles) {
    RELAY_ASSIGN(std::unique_ptr<Pile> pile, Pile::make(target_));
    piles_.push_back(std::move(pile));
  }
  const RowHeap all = std::exchange(heap_, RowHeap());
  for (const ByteView row : all.rows()) RELAY_TRY(deal(row));
  return {};
}

Result<void> RowShuffle::deal(ByteView row) {
  RELAY_ASSIGN(const std::size_t drawn, random_numbers().below(piles_.size()));
  return piles_[drawn]->add(row);
}

Result<void> RowShuffle::drain(const RowTaker& take) {
  std::vector<std::unique_ptr<Pile>> piles;
  RowHeap heap;
  {
    const base::MutexLock lock(mutex_);
    piles = std::exchange(piles_, {});
    heap = std::exchange(heap_, RowHeap());
  }
  RELAY_TRY(heap.drain(take));
  heap = RowHeap();
  for (std::unique_ptr<Pile>& pile : piles) {
    // Of one that fits it nothing goes to a file again.
    RowShuffle again(target_, limits_);
    RELAY_TRY(pile->read([&again](ByteView row) { return again.add(row); }));
    pile.reset();
    RELAY_TRY(again.drain(take));
  }
  return {};
}

}  // namespace relay::seed
