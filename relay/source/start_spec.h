#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/result.h"

namespace relay::source {

// source.start: where the first start begins.
struct StartSpec {
  enum class Kind : std::uint8_t { earliest, latest, position, gtid };
  Kind kind = Kind::earliest;
  std::string file;          // position: of the source's binary log
  std::uint64_t offset = 0;  // position: at least 4
  std::string
      gtids;  // gtid: a set (MySQL) or position (MariaDB), not yet read: the flavour is not known before connecting
  friend bool operator==(const StartSpec&, const StartSpec&) = default;
};

// "earliest", "latest", "binlog.000007:4", "gtid:SET". Errors: configuration.
[[nodiscard]] base::Result<StartSpec> parse_start(std::string_view text);

}  // namespace relay::source
