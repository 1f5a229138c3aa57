#pragma once

#include <cstdint>

namespace relay::binlog {

enum class Flavor : std::uint8_t { mysql, mariadb };

}  // namespace relay::binlog
