#include "tests/support/faulty_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

namespace relay::testing {

namespace {

using base::ByteView;
using base::Error;
using base::ErrorKind;
using base::OpenMode;
using base::Result;

constexpr std::size_t kSector = 512;

tl::unexpected<Error> broken(const std::string& path, int code) {
  return base::fail(Error(ErrorKind::io, "a fault was injected").about(path).code(code));
}

// A change of a file's content that no sync() has confirmed yet.
struct Change {
  bool truncation = false;
  std::uint64_t offset = 0;  // of a write; the new size of a truncation
  std::string bytes;
};

void put(std::string_view bytes, std::uint64_t offset, std::string& content) {
  if (content.size() < offset) content.resize(offset);
  content.replace(offset, bytes.size(), bytes);  // of what is there, and longer where it ends
}

void carry_out(const Change& change, std::string& content) {
  if (change.truncation) return content.resize(change.offset);
  put(change.bytes, change.offset, content);
}

struct Inode {
  std::string now;
  std::string durable;
  std::vector<Change> changes;
  bool locked = false;

  void change(Change made) {
    carry_out(made, now);
    changes.push_back(std::move(made));
  }
};

using Names = std::map<std::string, std::shared_ptr<Inode>>;

// A change of names that no sync_directory() has confirmed yet: `to` gets the inode (none: goes away), `from` goes
// away.
struct NameChange {
  std::string from;
  std::string to;
  std::shared_ptr<Inode> inode;
};

void carry_out(const NameChange& change, Names& names) {
  if (!change.from.empty()) names.erase(change.from);
  if (!change.to.empty()) names[change.to] = change.inode;
}

// Each sector of what was written is lost or kept by itself.
void keep_some(const Change& change, std::string& content, std::mt19937& random) {
  if (change.truncation) {
    if (random() % 2 == 0) carry_out(change, content);
    return;
  }
  std::size_t start = 0;
  while (start < change.bytes.size()) {
    const std::size_t size = std::min(kSector - (change.offset + start) % kSector, change.bytes.size() - start);
    if (random() % 2 == 0) put(std::string_view(change.bytes).substr(start, size), change.offset + start, content);
    start += size;
  }
}

}  // namespace

struct FaultyFileSystem::State {
  Names now;
  Names durable;
  std::vector<NameChange> changes;
  std::set<std::string> directories;
  std::uint64_t calls = 0;
  std::uint64_t fail_at = 0;
  int fail_code = 0;
  std::uint64_t full_from = 0;
  std::uint64_t crash_at = 0;
  bool crash_done = false;
  bool crashed = false;
  bool struck = false;

  // What is to be done in this call.
  enum class Order : std::uint8_t { go, fail, fail_half, fail_done };
  Order begin(bool needs_room, int& code) {
    ++calls;
    code = EIO;
    if (crashed) return Order::fail;
    if (calls == crash_at) {
      crashed = struck = true;
      return crash_done ? Order::fail_done : Order::fail_half;
    }
    if (calls == fail_at) {
      struck = true;
      code = fail_code;
      return Order::fail_half;
    }
    if (needs_room && full_from != 0 && calls >= full_from) {
      struck = true;
      code = ENOSPC;
      return Order::fail_half;
    }
    return Order::go;
  }
  // For calls that are done or not: `act` does it.
  template <typename Act>
  Result<void> run(const std::string& path, bool needs_room, Act act) {
    int code = 0;
    const Order order = begin(needs_room, code);
    if (order == Order::go || order == Order::fail_done) act();
    if (order != Order::go) return broken(path, code);
    return {};
  }
  void change_names(NameChange change) {
    carry_out(change, now);
    changes.push_back(std::move(change));
  }
};

class FaultyFileSystem::OpenFile final : public base::File {
 public:
  OpenFile(std::shared_ptr<State> state, std::shared_ptr<Inode> inode, std::string path, bool locks)
      : state_(std::move(state)), inode_(std::move(inode)), path_(std::move(path)), locks_(locks) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() override {
    if (locks_) inode_->locked = false;
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::uint8_t* into, std::size_t size) override {
    std::size_t got = 0;
    const auto read = [&] {
      if (offset >= inode_->now.size()) return;
      got = std::min<std::size_t>(size, inode_->now.size() - offset);
      std::memcpy(into, inode_->now.data() + offset, got);
    };
    RELAY_TRY(state_->run(path_, false, read));
    return got;
  }

  Result<void> write_at(std::uint64_t offset, std::span<const ByteView> slices) override {
    std::string bytes;
    std::size_t size = 0;
    for (const ByteView slice : slices) size += slice.size();
    bytes.reserve(size);
    for (const ByteView slice : slices) bytes += slice.text();
    int code = 0;
    const State::Order order = state_->begin(true, code);
    if (order == State::Order::fail) return broken(path_, code);
    if (order == State::Order::fail_half) bytes.resize(bytes.size() / 2);
    inode_->change({false, offset, std::move(bytes)});
    if (order != State::Order::go) return broken(path_, code);
    return {};
  }

  Result<void> sync() override {
    // Room may be given out only when the bytes go to the disk; what was cut off again goes nowhere.
    const bool needs_room = std::any_of(inode_->changes.begin(), inode_->changes.end(), [this](const Change& change) {
      return !change.truncation && change.offset < inode_->now.size();
    });
    return state_->run(path_, needs_room, [&] {
      for (const Change& change : inode_->changes) carry_out(change, inode_->durable);
      inode_->changes.clear();
    });
  }

  Result<void> truncate(std::uint64_t size) override {
    return state_->run(path_, false, [&] { inode_->change({true, size, {}}); });
  }

  Result<std::uint64_t> size() override {
    RELAY_TRY(state_->run(path_, false, [] {}));
    return std::uint64_t{inode_->now.size()};
  }

  Result<bool> is_at(const std::string& path) override {
    RELAY_TRY(state_->run(path, false, [] {}));
    const auto found = state_->now.find(path);
    return found != state_->now.end() && found->second == inode_;
  }

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<Inode> inode_;
  std::string path_;
  bool locks_;
};

FaultyFileSystem::FaultyFileSystem() : state_(std::make_shared<State>()) {}
FaultyFileSystem::~FaultyFileSystem() = default;

std::uint64_t FaultyFileSystem::calls() const { return state_->calls; }
bool FaultyFileSystem::crashed() const { return state_->crashed; }
bool FaultyFileSystem::struck() const { return state_->struck; }

void FaultyFileSystem::fail_call(std::uint64_t number, int code) {
  state_->fail_at = number;
  state_->fail_code = code;
}

void FaultyFileSystem::fill_up_at(std::uint64_t number) { state_->full_from = number; }

void FaultyFileSystem::crash_at(std::uint64_t number, bool done) {
  state_->crash_at = number;
  state_->crash_done = done;
}

void FaultyFileSystem::heal() {
  state_->fail_at = state_->full_from = state_->crash_at = 0;
  state_->crashed = state_->struck = false;
}

void FaultyFileSystem::restart(Loss loss, std::uint32_t seed) {
  heal();
  if (loss == Loss::nothing) return;
  std::mt19937 random(seed);
  Names names = state_->durable;
  if (loss == Loss::some) {
    // A file system's own log keeps the order of changes to names.
    const std::size_t kept = state_->changes.empty() ? 0 : random() % (state_->changes.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) carry_out(state_->changes[i], names);
  }
  for (const auto& [path, inode] : names) {
    if (loss == Loss::some) {
      for (const Change& change : inode->changes) keep_some(change, inode->durable, random);
    }
    inode->now = inode->durable;
    inode->changes.clear();
  }
  state_->durable = state_->now = names;
  state_->changes.clear();
}

std::string FaultyFileSystem::content(const std::string& path) const {
  const auto found = state_->now.find(path);
  return found == state_->now.end() ? std::string() : found->second->now;
}

void FaultyFileSystem::set_content(const std::string& path, std::string content) {
  auto& inode = state_->now[path];
  if (!inode) inode = std::make_shared<Inode>();
  inode->now = inode->durable = std::move(content);
  inode->changes.clear();
  state_->durable[path] = inode;
}

std::vector<std::string> FaultyFileSystem::names() const {
  std::vector<std::string> names;
  for (const auto& [path, inode] : state_->now) names.push_back(path);
  return names;
}

Result<std::unique_ptr<base::File>> FaultyFileSystem::open(const std::string& path, OpenMode mode) {
  const auto found = state_->now.find(path);
  const bool create = mode == OpenMode::create;
  const bool possible = (found != state_->now.end()) != create;
  RELAY_TRY(state_->run(path, create, [&] {
    if (create && possible) state_->change_names({"", path, std::make_shared<Inode>()});
  }));
  if (!possible) return broken(path, create ? EEXIST : ENOENT);
  return std::make_unique<OpenFile>(state_, state_->now[path], path, false);
}

Result<bool> FaultyFileSystem::exists(const std::string& path) {
  RELAY_TRY(state_->run(path, false, [] {}));
  return state_->now.count(path) != 0 || state_->directories.count(path) != 0;
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  const auto found = state_->now.find(from);
  if (found == state_->now.end()) return broken(from, ENOENT);
  return state_->run(from, false, [&] { state_->change_names({from, to, found->second}); });
}

Result<void> FaultyFileSystem::remove(const std::string& path) {
  if (state_->now.count(path) == 0) return broken(path, ENOENT);
  return state_->run(path, false, [&] { state_->change_names({path, "", nullptr}); });
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& directory) {
  RELAY_TRY(state_->run(directory, false, [] {}));
  std::vector<std::string> inside;
  for (const auto& [path, inode] : state_->now) {
    if (path.size() > directory.size() + 1 && path.compare(0, directory.size() + 1, directory + "/") == 0)
      inside.push_back(path.substr(directory.size() + 1));
  }
  return inside;
}

Result<void> FaultyFileSystem::create_directory(const std::string& directory) {
  return state_->run(directory, true, [&] { state_->directories.insert(directory); });
}

Result<void> FaultyFileSystem::sync_directory(const std::string& directory) {
  return state_->run(directory, false, [&] {
    state_->durable = state_->now;
    state_->changes.clear();
  });
}

Result<std::unique_ptr<base::File>> FaultyFileSystem::lock(const std::string& path) {
  RELAY_TRY(state_->run(path, false, [&] {
    if (state_->now.count(path) == 0) state_->change_names({"", path, std::make_shared<Inode>()});
  }));
  const auto& inode = state_->now[path];
  if (inode->locked) return broken(path, EWOULDBLOCK);
  inode->locked = true;
  return std::make_unique<OpenFile>(state_, inode, path, true);
}

}  // namespace relay::testing
