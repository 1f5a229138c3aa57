#include "relay/binlog/format_description.h"

#include <algorithm>
#include <charconv>

#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/event_type.h"

namespace relay::binlog {

namespace {

constexpr std::uint16_t kBinlogVersion = 4;
constexpr std::size_t kServerVersionSize = 50;  // ST_SERVER_VER_LEN, binlog_event.h
constexpr std::size_t kMaximumTypes = 255;      // a type is one byte, and 0 is none
constexpr std::size_t kFixedSize = 2 + kServerVersionSize + 4 + 1;
// Servers from these versions on end the event with the algorithm byte (checksum_version_split_mysql and _mariadb).
constexpr std::uint32_t kFirstMysqlWithChecksum = 50601;
constexpr std::uint32_t kFirstMariadbWithChecksum = 50300;

std::string_view without_replication_prefix(std::string_view version) {
  constexpr std::string_view kPrefix = "5.5.5-";  // put before "10." by MariaDB for the sake of old MySQL replicas
  if (version.substr(0, kPrefix.size()) == kPrefix) version.remove_prefix(kPrefix.size());
  return version;
}

}  // namespace

Flavor FormatDescription::flavor() const {
  return server_version.find("MariaDB") != std::string::npos ? Flavor::mariadb : Flavor::mysql;
}

std::uint32_t FormatDescription::version_number() const {
  const std::string_view text =
      flavor() == Flavor::mariadb ? without_replication_prefix(server_version) : std::string_view(server_version);
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint32_t number = 0;
  for (int part = 0; part < 3; ++part) {
    std::uint32_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value > 99) value = 0;
    number = number * 100 + value;
    at = next != end && *next == '.' ? next + 1 : end;
  }
  return number;
}

bool FormatDescription::has_known_layout(std::uint8_t type_code) const {
  if (type_code == 0 || type_code > post_header_lengths.size()) return true;
  const std::uint8_t length = post_header_lengths[type_code - 1U];
  const EventTypeInfo* info = find_event_type(type_code);
  // Servers give 0 to types that they do not write.
  if (info == nullptr) return length == 0;
  return length == 0 || info->post_header == 0 || length == info->post_header;
}

std::vector<std::uint8_t> FormatDescription::unknown_types() const {
  // MySQL lists no types but its own; MariaDB leaves a gap between MySQL's and its own.
  constexpr std::size_t kFirstMariadbType = 160;
  std::vector<std::uint8_t> types;
  for (std::size_t code = 1; code <= post_header_lengths.size() && code <= UINT8_MAX; ++code) {
    const auto type_code = static_cast<std::uint8_t>(code);
    const bool gap = flavor() == Flavor::mariadb && code < kFirstMariadbType && post_header_lengths[code - 1] == 0;
    const bool unknown = find_event_type(type_code) == nullptr && !gap;
    if (unknown || !has_known_layout(type_code)) types.push_back(type_code);
  }
  return types;
}

base::Result<FormatDescription> FormatDescription::parse(base::ByteView event) {
  using base::ErrorKind;
  constexpr std::size_t kSmallest = kEventHeaderSize + kFixedSize + 1 + 1 + kChecksumSize;
  if (event.size() < kSmallest)
    return event_error(ErrorKind::malformed, "a format description event is too short", EventType::format_description);
  base::ByteReader reader(event.sub(kEventHeaderSize, event.size() - kEventHeaderSize - kChecksumSize));
  FormatDescription format;
  if (reader.u16() != kBinlogVersion)
    return event_error(ErrorKind::unsupported, "the binary log is not of version 4", EventType::format_description);
  const std::string_view version = reader.bytes(kServerVersionSize).text();
  const std::size_t version_end = version.find('\0');
  if (version_end == std::string_view::npos) {
    return event_error(ErrorKind::malformed, "the server version of a format description has no end",
                       EventType::format_description);
  }
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::ranges::all_of(version.substr(0, version_end), printable)) {
    return event_error(ErrorKind::malformed, "the server version of a format description is no text",
                       EventType::format_description);
  }
  format.server_version = version.substr(0, version_end);
  format.created = reader.u32();
  if (reader.u8() != kEventHeaderSize)
    return event_error(ErrorKind::malformed, "the common header is not of 19 bytes", EventType::format_description);
  const std::uint32_t first_with_checksum =
      format.flavor() == Flavor::mariadb ? kFirstMariadbWithChecksum : kFirstMysqlWithChecksum;
  if (format.version_number() < first_with_checksum) {
    return base::fail(base::Error(ErrorKind::unsupported, "the server that wrote the binary log is too old")
                          .about(format.server_version)
                          .remedy("MySQL 5.6 and MariaDB 10.0 are the oldest that can be read"));
  }
  const base::ByteView lengths = reader.bytes(reader.remaining() - 1);
  if (lengths.size() > kMaximumTypes) {
    return event_error(ErrorKind::malformed, "a format description tells of more event types than there can be",
                       EventType::format_description);
  }
  format.post_header_lengths.assign(lengths.begin(), lengths.end());
  const std::uint8_t algorithm = reader.u8();
  if (algorithm > static_cast<std::uint8_t>(ChecksumAlgorithm::crc32)) {
    return event_error(ErrorKind::unsupported, "the checksum algorithm of the binary log is not known",
                       EventType::format_description);
  }
  format.checksum = static_cast<ChecksumAlgorithm>(algorithm);
  return format;
}

void FormatDescription::encode_body(base::Buffer& into) const {
  into.append_u16(kBinlogVersion);
  const std::string_view version = std::string_view(server_version).substr(0, kServerVersionSize - 1);  // and a NUL
  into.append(version);
  into.append_fill(kServerVersionSize - version.size(), 0);
  into.append_u32(created);
  into.append_u8(kEventHeaderSize);
  into.append({post_header_lengths.data(), post_header_lengths.size()});
  into.append_u8(static_cast<std::uint8_t>(checksum));
}

}  // namespace relay::binlog
