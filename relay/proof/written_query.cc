#include "relay/proof/written_query.h"

#include "relay/base/buffer.h"
#include "relay/base/byte_reader.h"
#include "relay/proof/control_statement.h"
#include "relay/proof/event_codes.h"
#include "relay/proof/fault.h"

namespace relay::proof {

namespace {

using base::ByteReader;
using base::ByteView;
using base::Result;

constexpr std::uint64_t kLongestStatus = 0xffff;

// Passes over the value of one status variable (libs/mysql/binlog/event/statement_events.h, MariaDB sql/log_event.h).
// False for those that name people (11) or other databases (12), and for those that are not known.
bool skip_variable(std::uint8_t variable, ByteReader& reader, bool mariadb) {
  switch (variable) {
    case 0:   // flags
    case 3:   // auto-increment
    case 10:  // master_data_written
      reader.skip(4);
      return true;
    case 1:  // sql_mode
    case 9:  // tables for update
      reader.skip(8);
      return true;
    case 2:  // catalog with its NUL
      reader.skip(reader.u8() + std::uint64_t{1});
      return true;
    case 4:  // character sets
      reader.skip(6);
      return true;
    case 5:  // time zone
    case 6:  // catalog
      reader.skip(reader.u8());
      return true;
    case 7:  // month and day names
    case 8:  // character set of the database
      reader.skip(2);
      return true;
    case 13:  // microseconds
      reader.skip(3);
      return true;
    default:
      break;
  }
  if (!mariadb) {
    if (variable < 16 || variable > 21) return false;
    // 17: the DDL's transaction; 18: utf8mb4's collation; the others are switches.
    reader.skip(variable == 17 ? 8 : variable == 18 ? 2 : 1);
    return true;
  }
  switch (variable) {
    case 128:  // fraction of the time
      reader.skip(3);
      return true;
    case 129:  // transaction
      reader.skip(8);
      return true;
    case 130:  // flags of a two-phase ALTER, of which two are followed by a sequence number
      reader.skip((reader.u8() & (4U | 8U)) != 0 ? 8 : 0);
      return true;
    case 131:  // pairs of character set and collation
      reader.skip(reader.u8() * std::uint64_t{4});
      return true;
    default:
      return false;
  }
}

bool status_may_leave(ByteView status, bool mariadb) {
  ByteReader reader(status);
  while (reader.remaining() > 0) {
    if (!skip_variable(reader.u8(), reader, mariadb)) return false;
  }
  return reader.ok();
}

bool statement_may_leave(PartReader& reader, const MadeStatements& made) {
  if (reader.remaining() <= kLongestControlStatement) {
    const ByteView text = reader.bytes(reader.remaining());
    if (is_control_statement(text.text())) return true;
    StatementDigest digest;
    digest.add(text);
    return made.contains(digest.finish());
  }
  StatementDigest digest;
  reader.rest([&digest](ByteView piece) { digest.add(piece); });
  return made.contains(digest.finish());
}

}  // namespace

Result<void> read_query(PartReader& reader, const Expectations& expectations, const MadeStatements& made,
                        bool mariadb) {
  const std::uint64_t offset = reader.position();
  reader.skip(4 + 4);  // thread, seconds
  const std::uint8_t database_size = reader.u8();
  const std::uint16_t error_code = reader.u16();
  const std::uint16_t status_size = reader.u16();
  static_assert(kLongestStatus < PartReader::kLongestView);
  if (!status_may_leave(reader.bytes(status_size), mariadb)) {
    return disk_or_fault(reader, "egress check: a statement has a status variable that may not leave", offset);
  }
  const std::string database(reader.bytes(database_size).text());
  const std::uint8_t database_end = reader.u8();
  if (!reader.ok() || database_end != 0 || error_code != 0) {
    return disk_or_fault(reader, "egress check: a statement cannot be read", offset);
  }
  if (!database.empty() && !expectations.database_leaves(database)) {
    return disk_or_fault(reader, "egress check: a statement names a database that does not leave", offset);
  }
  const bool may_leave = statement_may_leave(reader, made);
  if (!reader.ok() || !may_leave) {
    return disk_or_fault(reader, "egress check: a statement's text was not made by the statement writer", offset);
  }
  return {};
}

}  // namespace relay::proof
