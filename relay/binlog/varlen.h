#pragma once

#include <bit>
#include <cstdint>

#include "relay/base/buffer.h"
#include "relay/base/byte_reader.h"

// Integers of mysql::serialization (MySQL libs/mysql/serialization, variable_length_integers.h): the count of one bits
// at the low end of the first byte says how many bytes follow it; above those and one zero bit lies the value,
// little-endian. A first byte of 0xff is followed by eight bytes of value.
namespace relay::binlog::varlen {

inline constexpr std::size_t kWidestSize = 9;

[[nodiscard]] inline std::uint64_t read(base::ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  const auto more = static_cast<unsigned>(std::countr_one(first));
  if (more == 8) return reader.u64();
  const std::uint64_t rest = more == 0 ? 0 : reader.little_endian(more);
  return (rest << 8 | first) >> (more + 1);
}

// Signed ones carry the sign in the lowest bit. Only those that are not negative are of use here; others fail the
// reader.
[[nodiscard]] inline std::int64_t read_non_negative(base::ByteReader& reader) {
  const std::uint64_t value = read(reader);
  if ((value & 1) != 0) reader.fail();
  return static_cast<std::int64_t>(value >> 1);
}

// Bytes of the shortest form.
[[nodiscard]] inline std::size_t size_of(std::uint64_t value) {
  for (std::size_t size = 1; size < kWidestSize; ++size) {
    if (value >> (7 * size) == 0) return size;
  }
  return kWidestSize;
}

inline void append(std::uint64_t value, base::Buffer& into) {
  const std::size_t size = size_of(value);
  if (size == kWidestSize) {
    into.append_u8(0xff);
    return into.append_u64(value);
  }
  into.append_little_endian(value << size | ((std::uint64_t{1} << (size - 1)) - 1), size);
}

}  // namespace relay::binlog::varlen
