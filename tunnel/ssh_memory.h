#pragma once

#include <cstddef>

namespace relay::tunnel {

// The memory that libssh2 works with in one session. It holds keys and passphrases there: each block is wiped when it
// is given back. libssh2 1.10 forgets blocks when it logs in with a key file, and when a session breaks: what is left
// is given back when this goes. It is bounded: libssh2 keeps what a connection has not read as the packets that the
// host sent, and looks through all of them at each reading, so that a host that sends byte by byte could fill the
// memory and take all of the time. One thread owns it.
class SshMemory {
 public:
  SshMemory() = default;
  SshMemory(const SshMemory&) = delete;
  SshMemory& operator=(const SshMemory&) = delete;
  ~SshMemory();

  // Far above what 64 connections need that are read by nobody: 2 MiB each, in packets of 16 KiB and more.
  static constexpr std::size_t kMostBytes = std::size_t{192} << 20;
  static constexpr std::size_t kMostBlocks = 100000;

  // As malloc(3), realloc(3) and free(3): null when there is no memory, or would be too much; the session then fails.
  [[nodiscard]] void* allocate(std::size_t size);
  [[nodiscard]] void* resize(void* memory, std::size_t size);
  void release(void* memory);

 private:
  struct alignas(std::max_align_t) Block {
    Block* before;
    Block* behind;
    std::size_t size;
  };
  Block* first_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t blocks_ = 0;
};

}  // namespace relay::tunnel
