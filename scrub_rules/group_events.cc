#include "scrub_rules/group_events.h"

#include <algorithm>

#include "relay/base/byte_reader.h"
#include "scrub_rules/xa_id.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteReader;
using base::ByteView;
using base::Error;
using base::ErrorKind;

// MariaDB sql/log_event.h, Gtid_log_event.
constexpr std::uint8_t kGroupCommitId = 0x02;
constexpr std::uint8_t kXaFlags = 0x40 | 0x80;  // FL_PREPARED_XA, FL_COMPLETED_XA
constexpr std::uint8_t kMultiEngine = 0x01;
constexpr std::uint8_t kTwoPhaseAlter =
    0x02 | 0x04 | 0x08;  // FL_START_ALTER_E1, FL_COMMIT_ALTER_E1, FL_ROLLBACK_ALTER_E1
constexpr std::uint8_t kThreadId = 0x10;
constexpr std::size_t kMinimumSize = 19;  // GTID_HEADER_LEN

void append_fields(ByteReader& from, std::size_t size, Buffer& into) { into.append(from.bytes(size)); }

XaId read_parts(ByteReader& reader, std::uint32_t format, std::size_t transaction, std::size_t branch) {
  XaId id{format, {}, {}};
  if (transaction > kMaximumXaPart || branch > kMaximumXaPart) reader.fail();
  id.transaction = reader.bytes(transaction).text();
  id.branch = reader.bytes(branch).text();
  return id;
}

void scrub_xid(ByteReader& reader, std::string_view key, Buffer& into) {
  const std::uint32_t format = reader.u32();
  const std::size_t transaction = reader.u8();
  const std::size_t branch = reader.u8();
  const XaId id = pseudonym(read_parts(reader, format, transaction, branch), key);
  into.append_u32(id.format);
  into.append_u8(static_cast<std::uint8_t>(id.transaction.size()));
  into.append_u8(static_cast<std::uint8_t>(id.branch.size()));
  into.append(id.transaction);
  into.append(id.branch);
}

base::Result<void> append_extra(ByteReader& reader, Buffer& into) {
  const std::uint8_t flags = reader.u8();
  if ((flags & kTwoPhaseAlter) != 0) {
    return base::fail(Error(ErrorKind::unsupported, "an ALTER TABLE was logged in two phases")
                          .remedy("set binlog_alter_two_phase=OFF at the source"));
  }
  if ((flags & ~(kMultiEngine | kThreadId)) != 0) {
    return base::fail(ErrorKind::unsupported, "a GTID event has extra flags that are not known");
  }
  if (flags == 0) return {};  // it was padding
  into.append_u8(flags);
  if ((flags & kMultiEngine) != 0) append_fields(reader, 1, into);
  if ((flags & kThreadId) != 0) append_fields(reader, 4, into);
  return {};
}

}  // namespace

base::Result<void> scrub_mariadb_gtid(ByteView body, std::string_view xa_key, Buffer& into) {
  ByteReader reader(body);
  const std::size_t start = into.size();
  append_fields(reader, 8 + 4, into);  // sequence number, domain
  const std::uint8_t flags = reader.u8();
  into.append_u8(flags);
  if ((flags & kGroupCommitId) != 0) append_fields(reader, 8, into);
  if ((flags & kXaFlags) != 0) scrub_xid(reader, xa_key, into);
  if (reader.remaining() != 0) RELAY_TRY(append_extra(reader, into));
  const ByteView padding = reader.rest();
  if (!reader.ok() || !std::ranges::all_of(padding, [](std::uint8_t byte) { return byte == 0; })) {
    return base::fail(ErrorKind::malformed, "a GTID event is not as its flags say");
  }
  const std::size_t size = into.size() - start;
  if (size < kMinimumSize) into.append_fill(kMinimumSize - size, 0);
  return {};
}

base::Result<void> scrub_xa_prepare(ByteView body, std::string_view xa_key, bool is_empty, SchemaHistory& history,
                                    Buffer& into) {
  ByteReader reader(body);
  const std::uint8_t one_phase = reader.u8();
  const std::uint32_t format = reader.u32();
  const std::size_t transaction = reader.u32();
  const std::size_t branch = reader.u32();
  const XaId id = pseudonym(read_parts(reader, format, transaction, branch), xa_key);
  if (!reader.at_end() || one_phase > 1) {
    return base::fail(ErrorKind::malformed, "an XA_PREPARE event is not as it should be");
  }
  if (one_phase == 0) history.stage_empty_xa(text_of(id), is_empty);
  into.append_u8(is_empty ? 1 : one_phase);
  into.append_u32(id.format);
  into.append_u32(static_cast<std::uint32_t>(id.transaction.size()));
  into.append_u32(static_cast<std::uint32_t>(id.branch.size()));
  into.append(id.transaction);
  into.append(id.branch);
  return {};
}

bool ends_empty_xa(std::string_view statement, SchemaHistory& history) {
  for (const std::string_view verb : {"XA COMMIT ", "XA ROLLBACK "}) {
    if (!statement.starts_with(verb)) continue;
    std::string id(statement.substr(verb.size()));
    if (!history.has_empty_xa(id)) continue;
    history.stage_empty_xa(std::move(id), false);
    return true;
  }
  return false;
}

}  // namespace relay::scrub_rules
