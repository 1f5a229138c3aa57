#pragma once

#include <cstddef>
#include <cstdint>

namespace relay::wire {

// Capability bits (include/mysql_com.h). Only what the relay offers or looks at.
inline constexpr std::uint32_t kClientLongPassword =
    1U << 0;  // a MariaDB server clears it: "I have extended capabilities"
inline constexpr std::uint32_t kClientFoundRows = 1U << 1;
inline constexpr std::uint32_t kClientLongFlag = 1U << 2;
inline constexpr std::uint32_t kClientConnectWithDatabase = 1U << 3;
inline constexpr std::uint32_t kClientProtocol41 = 1U << 9;
inline constexpr std::uint32_t kClientTls = 1U << 11;
inline constexpr std::uint32_t kClientTransactions = 1U << 13;
inline constexpr std::uint32_t kClientSecureConnection = 1U << 15;
inline constexpr std::uint32_t kClientPluginAuth = 1U << 19;
inline constexpr std::uint32_t kClientConnectAttributes = 1U << 20;
inline constexpr std::uint32_t kClientLengthEncodedAuth = 1U << 21;

// Server status: autocommit (SERVER_STATUS_AUTOCOMMIT).
inline constexpr std::uint16_t kStatusAutocommit = 0x0002;

// Error numbers (share/messages_to_clients.txt; MariaDB sql/share/errmsg-utf8.txt).
inline constexpr std::uint16_t kErrorTooManyConnections = 1040;
inline constexpr std::uint16_t kErrorHandshake = 1043;
inline constexpr std::uint16_t kErrorAccessDenied = 1045;
inline constexpr std::uint16_t kErrorUnknownCommand = 1047;
inline constexpr std::uint16_t kErrorServerShutdown = 1053;
inline constexpr std::uint16_t kErrorNoSuchThread = 1094;
inline constexpr std::uint16_t kErrorUnknown = 1105;
inline constexpr std::uint16_t kErrorHostIsBlocked = 1129;
inline constexpr std::uint16_t kErrorUnknownSystemVariable = 1193;
inline constexpr std::uint16_t kErrorNotSupported = 1235;
inline constexpr std::uint16_t kErrorFatalReadingBinlog = 1236;
inline constexpr std::uint16_t kErrorNoSuchFunction = 1305;
inline constexpr std::uint16_t kErrorSecureTransportRequired = 3159;

inline constexpr std::size_t kScrambleSize = 20;
inline constexpr const char* kNativePassword = "mysql_native_password";
inline constexpr const char* kCachingSha2Password = "caching_sha2_password";

// A packet's payload is at most this long; a longer message goes on in the next packet (net_serv.cc,
// MAX_PACKET_LENGTH).
inline constexpr std::size_t kMaximumPacketPayload = 0xffffff;
inline constexpr std::size_t kPacketHeaderSize = 4;

}  // namespace relay::wire
