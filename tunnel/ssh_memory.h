#pragma once

#include <cstddef>

namespace relay::tunnel {

// The memory that libssh2 works with in one session. It holds keys and passphrases there: each block is wiped when it
// is given back. libssh2 1.10 forgets blocks when it logs in with a key file, and when a session breaks: what is left
// is given back when this goes. One thread owns it.
class SshMemory {
 public:
  SshMemory() = default;
  SshMemory(const SshMemory&) = delete;
  SshMemory& operator=(const SshMemory&) = delete;
  ~SshMemory();

  // As malloc(3), realloc(3) and free(3): null when there is no memory.
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
};

}  // namespace relay::tunnel
