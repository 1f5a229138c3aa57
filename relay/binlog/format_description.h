#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/event_view.h"
#include "relay/binlog/flavor.h"

namespace relay::binlog {

// FORMAT_DESCRIPTION_EVENT: u16 binlog version (4), 50 bytes server version, u32 created, u8 header length (19),
// post-header lengths by type code from 1, u8 checksum algorithm, and always 4 checksum bytes.
struct FormatDescription {
  std::string server_version;  // "9.7.4", "10.11.19-MariaDB-log" ...
  std::uint32_t created = 0;   // seconds since 1970 when the server started with this file, else 0
  std::vector<std::uint8_t> post_header_lengths;
  ChecksumAlgorithm checksum = ChecksumAlgorithm::none;

  // "MariaDB" in the version string.
  [[nodiscard]] Flavor flavor() const;
  // 50624 for 5.6.24, 90704 for 9.7.4, 101119 for 10.11.19.
  [[nodiscard]] std::uint32_t version_number() const;

  // Whether events of this type have the layout that the relay reads, as far as the post-header lengths tell.
  [[nodiscard]] bool has_known_layout(std::uint8_t type_code) const;
  // The codes of the types that the server may write and that are not known, or not in this layout, ascending.
  [[nodiscard]] std::vector<std::uint8_t> unknown_types() const;

  // `event` is the whole event as sent or stored, checksum bytes included, whatever its algorithm.
  // Errors: malformed; unsupported for a binlog version other than 4, a server before 5.6 (no algorithm byte) or an
  // unknown algorithm.
  [[nodiscard]] static base::Result<FormatDescription> parse(base::ByteView event);
  // Appends post-header and payload up to and with the algorithm byte (not the checksum).
  void encode_body(base::Buffer& into) const;
};

}  // namespace relay::binlog
