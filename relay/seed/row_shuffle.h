#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/file.h"
#include "relay/base/mutex.h"
#include "relay/base/result.h"

namespace relay::seed {

using RowTaker = std::function<base::Result<void>(base::ByteView row)>;

// Rows in memory, one behind the other.
class RowHeap {
 public:
  void add(base::ByteView row);
  [[nodiscard]] std::size_t memory() const { return bytes_.size() + places_.size() * sizeof(Place); }
  // As they came; views until the next add().
  [[nodiscard]] std::vector<base::ByteView> rows() const;
  // Gives each row once, in an order in which any other was as likely.
  [[nodiscard]] base::Result<void> drain(const RowTaker& take);

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  base::Buffer bytes_;
  std::vector<Place> places_;
};

// Brings rows into an order that says nothing of the one they came in: any order is as likely as any other, by the
// random numbers that keys are made of. What memory is not given to goes to files in the meantime, each row to one by
// chance; a file is brought into disorder in memory, and one that is too large for it is dealt out again. Files are
// gone with the object.
class RowShuffle {
 public:
  struct Limits {
    std::size_t memory = std::size_t{32} << 20;  // bytes of rows, besides one row
    std::size_t piles = 64;                      // files at once
  };
  struct Target {
    base::FileSystem& files;
    std::string directory;
    std::function<std::string()> next_name;  // of files in it
  };
  explicit RowShuffle(Target target) : RowShuffle(std::move(target), Limits()) {}
  RowShuffle(Target target, Limits limits);
  RowShuffle(const RowShuffle&) = delete;
  RowShuffle& operator=(const RowShuffle&) = delete;
  ~RowShuffle();

  // From any thread. Errors: io.
  [[nodiscard]] base::Result<void> add(base::ByteView row);
  // Gives each row once. REQUIRES: nothing is added any more, and it is called once. Errors: io, and those of `take`.
  [[nodiscard]] base::Result<void> drain(const RowTaker& take);

 private:
  class Pile;
  base::Result<void> spill() RELAY_REQUIRES(mutex_);
  base::Result<void> deal(base::ByteView row) RELAY_REQUIRES(mutex_);

  Target target_;
  Limits limits_;
  base::Mutex mutex_;
  RowHeap heap_ RELAY_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Pile>> piles_ RELAY_GUARDED_BY(mutex_);  // none while all fits the memory
};

}  // namespace relay::seed
