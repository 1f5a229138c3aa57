#include "bench/allocations.h"

#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> count = 0;

void* counted_malloc(std::size_t size, const char*, int) {
  ++count;
  return std::malloc(size);
}
void* counted_realloc(void* memory, std::size_t size, const char*, int) {
  ++count;
  return std::realloc(memory, size);
}
void counted_free(void* memory, const char*, int) { std::free(memory); }

}  // namespace

void* operator new(std::size_t size) {
  ++count;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace relay::bench {

std::uint64_t allocations() { return count; }
bool count_openssl_allocations() {
  return CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) == 1;
}

}  // namespace relay::bench
