#pragma once

#include <cstdint>

// Type codes of the events that may stand in a spool file; every other one may not
// (libs/mysql/binlog/event/binlog_event.h; MariaDB sql/log_event.h).
namespace relay::proof::code {

inline constexpr std::uint8_t kQuery = 2;
inline constexpr std::uint8_t kRotate = 4;
inline constexpr std::uint8_t kFormatDescription = 15;
inline constexpr std::uint8_t kXid = 16;
inline constexpr std::uint8_t kTableMap = 19;
inline constexpr std::uint8_t kWriteRowsV1 = 23;
inline constexpr std::uint8_t kUpdateRowsV1 = 24;
inline constexpr std::uint8_t kDeleteRowsV1 = 25;
inline constexpr std::uint8_t kWriteRows = 30;
inline constexpr std::uint8_t kUpdateRows = 31;
inline constexpr std::uint8_t kDeleteRows = 32;
inline constexpr std::uint8_t kGtid = 33;
inline constexpr std::uint8_t kAnonymousGtid = 34;
inline constexpr std::uint8_t kPreviousGtids = 35;
inline constexpr std::uint8_t kXaPrepare = 38;
inline constexpr std::uint8_t kPartialUpdateRows = 39;
inline constexpr std::uint8_t kTaggedGtid = 42;
inline constexpr std::uint8_t kMariadbGtid = 162;
inline constexpr std::uint8_t kGtidList = 163;

}  // namespace relay::proof::code
