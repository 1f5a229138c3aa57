#pragma once

#include <optional>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "relay/binlog/gtid_event.h"

namespace relay::binlog {

// GTID_TAGGED_LOG_EVENT (42), a message of mysql::serialization: version, size of the whole message, last field that
// may not be ignored, then fields: number and value, numbers rising, fields with their default left out. No field tells
// its length. (MySQL libs/mysql/serialization/readme.md; Gtid_event::define_fields in
// libs/mysql/binlog/event/control_events.h)
struct TaggedGtid {
  MysqlGtidEvent event;
  std::uint64_t version = 0;
  std::uint64_t last_non_ignorable_field = 0;
  base::ByteView before_length;  // the fields up to the transaction length's value, after the message's head
  base::ByteView after_length;   // the fields behind it that are known
};

// Views borrow from `body`. Errors: malformed; unsupported for a field that is not known and not ignorable.
[[nodiscard]] base::Result<TaggedGtid> parse_tagged_gtid(base::ByteView body);
// widen_transaction_length for this event. Unsupported, too, where it has no transaction length: servers always write
// it.
[[nodiscard]] base::Result<std::optional<std::size_t>> widen_tagged_length(base::ByteView body, base::Buffer& into);

// A tag is a letter or underscore, then letters, digits and underscores, 32 in all, in lower case
// (libs/mysql/gtid/tag.h).
[[nodiscard]] bool is_gtid_tag(std::string_view text);

}  // namespace relay::binlog
