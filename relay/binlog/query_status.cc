#include "relay/base/byte_reader.h"
#include "relay/binlog/event_error.h"
#include "relay/binlog/event_type.h"
#include "relay/binlog/query_event.h"

namespace relay::binlog {

namespace {

using base::ErrorKind;

// Codes of the status variables (MySQL libs/mysql/binlog/event/statement_events.h; MariaDB sql/log_event.h has those
// from 128). They carry no length: what is not in this list ends the reading.
enum Code : std::uint8_t {
  kFlags2 = 0,
  kSqlMode = 1,
  kCatalogWithNul = 2,
  kAutoIncrement = 3,
  kCharset = 4,
  kTimeZone = 5,
  kCatalog = 6,
  kLocaleTimeNames = 7,
  kDatabaseCharset = 8,
  kTableMapForUpdate = 9,
  kMasterDataWritten = 10,
  kInvoker = 11,
  kUpdatedDatabases = 12,
  kMicroseconds = 13,
  kExplicitDefaultsForTimestamp = 16,
  kDdlXid = 17,
  kDefaultCollationUtf8mb4 = 18,
  kRequirePrimaryKey = 19,
  kDefaultTableEncryption = 20,
  kEnableCascadeTriggers = 21,
  kHighResolutionNow = 128,
  kXid = 129,
  kGtidFlags3 = 130,
  kCharacterSetCollations = 131,
};

constexpr std::uint8_t kTooManyDatabases = 254;  // OVER_MAX_DBS_IN_EVENT_MTS
// MariaDB's flags3 that are followed by a sequence number (Gtid_log_event::FL_COMMIT_ALTER_E1, FL_ROLLBACK_ALTER_E1).
constexpr std::uint8_t kFlags3WithSequence = 4 | 8;

bool known_to(std::uint8_t code, Flavor flavor) {
  if (code <= kMicroseconds) return true;
  if (flavor == Flavor::mysql) return code >= kExplicitDefaultsForTimestamp && code <= kEnableCascadeTriggers;
  return code >= kHighResolutionNow && code <= kCharacterSetCollations;
}

void skip_updated_databases(base::ByteReader& reader) {
  const std::uint8_t count = reader.u8();
  if (count == kTooManyDatabases) return;
  for (std::uint8_t i = 0; i < count && reader.ok(); ++i) reader.null_terminated();
}

// MariaDB's collation overrides: a count, then pairs of character set and collation.
void skip_collation_pairs(base::ByteReader& reader) { reader.skip(reader.u8() * 4U); }

// Reads the value of one variable whose code is known; puts what is looked at into `status`.
void read_value(std::uint8_t code, base::ByteReader& reader, QueryStatus& status) {
  switch (static_cast<Code>(code)) {
    case kFlags2:
      status.flags2 = reader.u32();
      return;
    case kSqlMode:
      status.sql_mode = reader.u64();
      return;
    case kCharset:
      status.client_collation = reader.u16();
      return reader.skip(4);
    case kExplicitDefaultsForTimestamp:
      status.explicit_defaults_for_timestamp = reader.u8() != 0;
      return;
    case kDdlXid:
      status.flags3_or_ddl_xid = reader.u64();
      return;
    case kGtidFlags3: {
      const std::uint8_t flags = reader.u8();
      status.flags3_or_ddl_xid = flags;
      return reader.skip((flags & kFlags3WithSequence) != 0 ? 8 : 0);
    }
    case kCatalogWithNul:
      return reader.skip(reader.u8() + 1U);
    case kTimeZone:
    case kCatalog:
      return reader.skip(reader.u8());
    case kInvoker:
      reader.skip(reader.u8());
      return reader.skip(reader.u8());
    case kUpdatedDatabases:
      return skip_updated_databases(reader);
    case kCharacterSetCollations:
      return skip_collation_pairs(reader);
    case kRequirePrimaryKey:
    case kDefaultTableEncryption:
    case kEnableCascadeTriggers:
      return reader.skip(1);
    case kLocaleTimeNames:
    case kDatabaseCharset:
    case kDefaultCollationUtf8mb4:
      return reader.skip(2);
    case kMicroseconds:
    case kHighResolutionNow:
      return reader.skip(3);
    case kAutoIncrement:
    case kMasterDataWritten:
      return reader.skip(4);
    case kTableMapForUpdate:
    case kXid:
      return reader.skip(8);
  }
}

// Calls `each(code, whole variable)` for every variable.
template <typename Each>
base::Result<QueryStatus> walk(base::ByteView variables, Flavor flavor, Each each) {
  QueryStatus status;
  base::ByteReader reader(variables);
  while (reader.remaining() > 0) {
    const std::size_t start = reader.position();
    const std::uint8_t code = reader.u8();
    if (!known_to(code, flavor))
      return event_error(ErrorKind::unsupported, "a query event has a status variable that is not known",
                         EventType::query);
    read_value(code, reader, status);
    if (!reader.ok())
      return event_error(ErrorKind::malformed, "a status variable of a query event is cut short", EventType::query);
    each(code, variables.sub(start, reader.position() - start));
  }
  return status;
}

}  // namespace

base::Result<QueryStatus> parse_query_status(base::ByteView status, Flavor flavor) {
  return walk(status, flavor, [](std::uint8_t, base::ByteView) {});
}

base::Result<void> filter_query_status(base::ByteView status, Flavor flavor, base::Buffer& into) {
  const auto walked = walk(status, flavor, [&](std::uint8_t code, base::ByteView variable) {
    if (code != kInvoker && code != kUpdatedDatabases) into.append(variable);
  });
  if (!walked) return base::fail(walked.error());
  return {};
}

}  // namespace relay::binlog
