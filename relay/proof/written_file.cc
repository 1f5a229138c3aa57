#include "relay/proof/written_file.h"

#include <algorithm>
#include <string>

namespace relay::proof {

// Version of the format, name of the server's version, when it was made, size of a header, sizes of the post-headers,
// algorithm (libs/mysql/binlog/event/control_events.h).
bool read_format(PartReader& reader, bool& mariadb) {
  constexpr std::size_t kVersionSize = 50;
  constexpr std::uint64_t kLongestList = 256;
  const bool version_4 = reader.u16() == 4;
  std::string version(reader.bytes(kVersionSize).text());
  if (!reader.ok()) return false;
  const std::size_t end = std::min(version.find('\0'), version.size());
  const bool padded = version.find_first_not_of('\0', end) == std::string::npos;
  version.resize(end);
  const bool printable = std::ranges::all_of(version, [](char c) { return c >= ' ' && c <= '~'; });
  mariadb = version.find("MariaDB") != std::string::npos;
  reader.skip(4);
  const bool header_of_19 = reader.u8() == 19;
  if (!version_4 || !padded || !printable || !header_of_19) return false;
  if (reader.remaining() < 2 || reader.remaining() > kLongestList) return false;
  reader.skip(reader.remaining() - 1);
  return reader.u8() == 1 && reader.at_body_end();
}

bool read_rotate(PartReader& reader) {
  constexpr std::string_view kPrefix = "spool.";
  if (reader.little_endian(8) != 4 || reader.remaining() > 32) return false;
  const std::string_view name = reader.bytes(reader.remaining()).text();
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
         name.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

}  // namespace relay::proof
