#pragma once

#include <cstdint>

namespace relay::sql {

// Bits of sql_mode as query events carry them (sql/sql_const.h, sql/system_variables.h).
inline constexpr std::uint64_t kRealAsFloat = 0x1;
inline constexpr std::uint64_t kAnsiQuotes = 0x4;
inline constexpr std::uint64_t kOracle = 0x200;
inline constexpr std::uint64_t kMaxDb = 0x1000;
inline constexpr std::uint64_t kNoBackslashEscapes = 0x100000;
inline constexpr std::uint64_t kNoZeroDate = 0x1000000;
inline constexpr std::uint64_t kStrictTables = 0x200000 | 0x400000;  // of transactional engines, of all

}  // namespace relay::sql
