#pragma once

#include <cstdint>

// Replaces this program's operator new by one that counts.
namespace relay::bench {

[[nodiscard]] std::uint64_t allocations();
// OpenSSL's are counted from here on. Before its first use; false when that is too late.
[[nodiscard]] bool count_openssl_allocations();

}  // namespace relay::bench
