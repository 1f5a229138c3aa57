#pragma once

#include <cstdlib>
#include <vector>

#include "relay/base/byte_view.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/flavor.h"

namespace relay::fuzz {

// An input: the flavour in its first byte, then what is read.
struct Input {
  binlog::Flavor flavor = binlog::Flavor::mysql;
  base::ByteView bytes;
};

inline Input input(const std::uint8_t* data, std::size_t size) {
  const base::ByteView whole(data, size);
  if (whole.empty()) return {};
  return {(whole[0] & 1) != 0 ? binlog::Flavor::mariadb : binlog::Flavor::mysql, whole.sub(1)};
}

// A property that does not hold is a finding like any crash.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// A whole event of `type` around the body, without a checksum.
inline std::vector<std::uint8_t> event_around(std::uint8_t type, base::ByteView body) {
  binlog::EventHeader header;
  header.type_code = type;
  header.timestamp = 1;
  header.event_size = static_cast<std::uint32_t>(binlog::kEventHeaderSize + body.size());
  std::vector<std::uint8_t> bytes(binlog::kEventHeaderSize);
  binlog::encode_event_header(header, bytes.data());
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

}  // namespace relay::fuzz
