#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/buffer.h"
#include "relay/binlog/event_draft.h"
#include "relay/binlog/format_description.h"
#include "relay/binlog/gtid_event.h"

namespace relay::testing {

// The whole content of a golden binlog, by its name without ending.
[[nodiscard]] std::string golden(const std::string& name);
// The format description that the server wrote into it.
[[nodiscard]] binlog::FormatDescription golden_format(const std::string& name);

// A draft that owns its body.
class OwnedDraft {
 public:
  OwnedDraft(binlog::EventType type, std::string body, std::optional<std::size_t> transaction_length_offset = {});
  [[nodiscard]] binlog::EventDraft draft() const;

 private:
  binlog::EventHeader header_;
  std::string body_;
  mutable std::vector<base::ByteView> slices_;
  std::optional<std::size_t> offset_;
};

// The events of a row transaction of `row_bytes` bytes of rows. MySQL 9.7: GTID (transaction length zero), BEGIN, table
// map, rows, XID. MariaDB: GTID, table map, rows, XID. `number` is the GTID's.
[[nodiscard]] std::vector<OwnedDraft> mysql_transaction(std::uint64_t number, std::size_t row_bytes);
[[nodiscard]] std::vector<OwnedDraft> mariadb_transaction(std::uint64_t number, std::size_t row_bytes);
[[nodiscard]] binlog::Uuid sample_uuid();
// Offset of the transaction length in the body of mysql_transaction()'s GTID event.
inline constexpr std::size_t kLengthOffset = 50;

}  // namespace relay::testing
