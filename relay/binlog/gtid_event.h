#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"

namespace relay::binlog {

using Uuid = std::array<std::uint8_t, 16>;
[[nodiscard]] std::string uuid_text(const Uuid& uuid);  // 8-4-4-4-12 lower case
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

// One MySQL transaction identifier. `tag` is empty for untagged ones.
struct MysqlGtid {
  Uuid uuid{};
  std::string tag;
  std::int64_t number = 0;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const MysqlGtid&, const MysqlGtid&) = default;
};

struct MariadbGtid {
  std::uint32_t domain = 0;
  std::uint32_t server_id = 0;
  std::uint64_t sequence = 0;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const MariadbGtid&, const MariadbGtid&) = default;
};

// GTID_EVENT (33), ANONYMOUS_GTID_EVENT (34), GTID_TAGGED_EVENT (42).
struct MysqlGtidEvent {
  bool anonymous = false;
  MysqlGtid gtid;
  std::int64_t last_committed = 0;
  std::int64_t sequence_number = 0;
  std::optional<std::uint64_t> transaction_length;

  // Errors: malformed; unsupported for a field of 42 that is not known and not ignorable.
  [[nodiscard]] static base::Result<MysqlGtidEvent> parse(std::uint8_t type_code, base::ByteView body);
};
// Appends `body` with its transaction length in the widest form (lenenc 0xfe; 42: nine-byte varlen) and returns the
// offset in `into` of the 8 bytes to patch; none (and an unchanged body) where the event has no such field (5.6).
[[nodiscard]] base::Result<std::optional<std::size_t>> widen_transaction_length(std::uint8_t type_code,
                                                                                base::ByteView body,
                                                                                base::Buffer& into);

// MariaDB's GTID_EVENT (162).
struct MariadbGtidEvent {
  MariadbGtid gtid;  // server id comes from the event header
  std::uint8_t flags2 = 0;
  std::uint8_t extra_flags = 0;  // the second byte of flags, where there is one
  [[nodiscard]] bool standalone() const { return (flags2 & 0x01) != 0; }
  [[nodiscard]] bool is_ddl() const { return (flags2 & 0x20) != 0; }
  [[nodiscard]] bool prepared_xa() const { return (flags2 & 0x40) != 0; }
  [[nodiscard]] bool completed_xa() const { return (flags2 & 0x80) != 0; }
  // ALTER TABLE in two phases (binlog_alter_two_phase): its text comes with the start, and again with the commit or
  // rollback.
  [[nodiscard]] bool starts_alter() const { return (extra_flags & 0x02) != 0; }
  [[nodiscard]] bool commits_alter() const { return (extra_flags & 0x04) != 0; }
  [[nodiscard]] bool rolls_alter_back() const { return (extra_flags & 0x08) != 0; }

  // Errors: malformed; unsupported when a flag is not known, or there is anything but zeros behind the last field.

  [[nodiscard]] static base::Result<MariadbGtidEvent> parse(base::ByteView body, std::uint32_t server_id);
};

}  // namespace relay::binlog
