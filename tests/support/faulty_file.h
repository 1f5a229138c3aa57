#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "relay/base/file.h"

namespace relay::testing {

// A file system in memory that breaks when it is told to: it counts calls, fails one of them, runs full, crashes in the
// middle of a call, and after a crash forgets what was not synced, as far as a disk may. One thread at a time.
//
// What survives a power loss: of a file's content what sync() confirmed; of names (made, renamed, removed) what
// sync_directory() confirmed. A file whose name was not confirmed is gone, however often its content was synced.
class FaultyFileSystem final : public base::FileSystem {
 public:
  enum class Loss : std::uint8_t {
    nothing,   // the process died, the machine did not
    unsynced,  // the power went: everything that was not synced is gone
    some,      // the power went: of what was not synced, some sectors and the first few changes of names are there
  };

  FaultyFileSystem();
  ~FaultyFileSystem() override;

  // Calls to the file system and its files so far; the first one is number 1.
  [[nodiscard]] std::uint64_t calls() const;
  // That one call fails with `code`; a write leaves a part of itself behind (a short write).
  void fail_call(std::uint64_t number, int code);
  // From that call on nothing that needs room succeeds (ENOSPC), until heal().
  void fill_up_at(std::uint64_t number);
  // In the middle of that call the process dies: it is not done or (a write) half done, or done when `done`; nothing
  // works afterwards.
  void crash_at(std::uint64_t number, bool done);
  // Takes all faults back.
  void heal();
  [[nodiscard]] bool crashed() const;
  // True when a fault that was asked for has come true.
  [[nodiscard]] bool struck() const;
  // The machine or process comes back; every open file must be closed. `seed` chooses what Loss::some loses.
  void restart(Loss loss, std::uint32_t seed = 0);

  // For tests that look at a file or damage it.
  [[nodiscard]] std::string content(const std::string& path) const;
  void set_content(const std::string& path, std::string content);
  [[nodiscard]] std::vector<std::string> names() const;

  base::Result<std::unique_ptr<base::File>> open(const std::string& path, base::OpenMode mode) override;
  base::Result<bool> exists(const std::string& path) override;
  base::Result<void> rename(const std::string& from, const std::string& to) override;
  base::Result<void> remove(const std::string& path) override;
  base::Result<std::vector<std::string>> list(const std::string& directory) override;
  base::Result<void> create_directory(const std::string& directory) override;
  base::Result<void> sync_directory(const std::string& directory) override;
  base::Result<std::unique_ptr<base::File>> lock(const std::string& path) override;

 private:
  struct State;
  class OpenFile;
  std::shared_ptr<State> state_;
};

}  // namespace relay::testing
