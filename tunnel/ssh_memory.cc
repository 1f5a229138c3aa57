#include "tunnel/ssh_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "relay/base/secret.h"

namespace relay::tunnel {

SshMemory::~SshMemory() {
  while (first_ != nullptr) {
    Block* const block = first_;
    first_ = block->behind;
    base::wipe_memory(block + 1, block->size);
    std::free(block);
  }
}

void* SshMemory::allocate(std::size_t size) {
  if (size > kMostBytes - bytes_ || blocks_ >= kMostBlocks) return nullptr;
  auto* const block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
  if (block == nullptr) return nullptr;
  *block = {nullptr, first_, size};
  if (first_ != nullptr) first_->before = block;
  first_ = block;
  bytes_ += size;
  ++blocks_;
  return block + 1;
}

void* SshMemory::resize(void* memory, std::size_t size) {
  void* const other = allocate(size);
  if (other == nullptr || memory == nullptr) return other;
  std::memcpy(other, memory, std::min(size, (static_cast<Block*>(memory) - 1)->size));
  release(memory);
  return other;
}

void SshMemory::release(void* memory) {
  if (memory == nullptr) return;
  Block* const block = static_cast<Block*>(memory) - 1;
  (block->before == nullptr ? first_ : block->before->behind) = block->behind;
  if (block->behind != nullptr) block->behind->before = block->before;
  bytes_ -= block->size;
  --blocks_;
  base::wipe_memory(memory, block->size);
  std::free(block);
}

}  // namespace relay::tunnel
