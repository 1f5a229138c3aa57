#include "tunnel/ssh_memory.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

using relay::tunnel::SshMemory;

TEST_CASE("ssh_memory: blocks keep their bytes when they grow and shrink", "[tunnel]") {
  SshMemory memory;
  CHECK(memory.resize(nullptr, 1) != nullptr);  // forgotten: the leak checker sees that it is given back
  auto* text = static_cast<char*>(memory.allocate(4));
  std::memcpy(text, "abcd", 4);
  text = static_cast<char*>(memory.resize(text, 100000));
  CHECK(std::memcmp(text, "abcd", 4) == 0);
  text = static_cast<char*>(memory.resize(text, 2));
  CHECK(std::memcmp(text, "ab", 2) == 0);
  void* const other = memory.allocate(10);
  memory.release(text);
  memory.release(other);
  memory.release(nullptr);
}

TEST_CASE("ssh_memory: neither bytes nor blocks grow without bound", "[tunnel]") {
  SshMemory memory;
  CHECK(memory.allocate(SIZE_MAX) == nullptr);
  CHECK(memory.allocate(SshMemory::kMostBytes + 1) == nullptr);
  void* const most = memory.allocate(SshMemory::kMostBytes);
  REQUIRE(most != nullptr);
  CHECK(memory.allocate(1) == nullptr);
  memory.release(most);
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < SshMemory::kMostBlocks; ++i) blocks.push_back(memory.allocate(1));
  CHECK(blocks.back() != nullptr);
  CHECK(memory.allocate(1) == nullptr);
  memory.release(blocks.front());
  CHECK(memory.allocate(1) != nullptr);
}
