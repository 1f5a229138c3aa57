#include "relay/proof/egress_proof.h"

#include "relay/proof/event_codes.h"
#include "relay/proof/fault.h"
#include "relay/proof/written_file.h"
#include "relay/proof/written_group.h"
#include "relay/proof/written_query.h"

namespace relay::proof {

namespace {

using base::ByteView;
using base::Error;
using base::Result;

constexpr std::string_view kMagic{
    "\xfe"
    "bin",
    4};
// THREAD_SPECIFIC, SUPPRESS_USE, IGNORABLE, NO_FILTER, MTS_ISOLATE; MariaDB's ACCEPT_OWN and SKIP_REPLICATION.
constexpr std::uint16_t kKnownFlags = 0x4 | 0x8 | 0x80 | 0x100 | 0x200 | 0x4000 | 0x8000;
// STMT_END, NO_FOREIGN_KEY_CHECKS, RELAXED_UNIQUE_CHECKS, COMPLETE_ROWS, USE_SQL_FOREIGN_KEY.
constexpr std::uint16_t kKnownRowsFlags = 0x1f;
constexpr std::uint16_t kNoConstraintChecks = 0x80;  // MariaDB's, whose rows are of version 1
constexpr std::uint64_t kNoTable = 0xffffffffffff;
constexpr std::size_t kKeptTables = 1024;               // between transactions
constexpr std::size_t kKeptMap = std::size_t{1} << 20;  // bytes that stay reserved between table maps

bool belongs_to(std::uint8_t type, WrittenPart part) {
  switch (part) {
    case WrittenPart::opening:
      return type == code::kFormatDescription || type == code::kPreviousGtids || type == code::kGtidList;
    case WrittenPart::closing:
      return type == code::kRotate;
    case WrittenPart::transaction:
      break;
  }
  return type == code::kQuery || type == code::kXid || type == code::kTableMap || is_rows(type) ||
         type == code::kGtid || type == code::kAnonymousGtid || type == code::kTaggedGtid || type == code::kXaPrepare ||
         type == code::kMariadbGtid;
}

}  // namespace

Result<void> EgressProof::check(base::File& file, WrittenPart part, std::uint64_t begin, std::uint64_t end) {
  if (part == WrittenPart::opening) return check_opening(file, end);
  if (!knows_format_) RELAY_TRY(learn_format(file));
  start_transaction();
  begin_ = begin;
  end_ = end;
  reader_.start(file, begin, end);
  return check_events(part);
}

Result<void> EgressProof::check_opening(base::File& file, std::uint64_t end) {
  knows_format_ = false;
  begin_ = 0;
  end_ = end;
  reader_.start(file, 0, end);
  RELAY_ASSIGN(const ByteView magic, reader_.take_magic(kMagic.size()));
  if (magic != ByteView::of(kMagic)) return base::fail(fault_error("egress check: a spool file has no magic", 0));
  RELAY_TRY(check_events(WrittenPart::opening));
  if (!knows_format_) return base::fail(fault_error("egress check: a spool file has no format description", 0));
  return {};
}

// After a restart: the file was begun by another process.
Result<void> EgressProof::learn_format(base::File& file) {
  RELAY_ASSIGN(const std::uint64_t size, file.size());
  reader_.start(file, kMagic.size(), size);
  RELAY_ASSIGN(const WrittenHeader header, reader_.begin_event());
  if (header.type != code::kFormatDescription) {
    return fault("egress check: a spool file has no format description", header.offset, header.type);
  }
  RELAY_TRY(check_body(header, WrittenPart::opening));
  return reader_.end_event();
}

void EgressProof::start_transaction() {
  live_.clear();
  if (tables_version_ != expectations_.version() || tables_.size() > kKeptTables) tables_.clear();
  tables_version_ = expectations_.version();
}

Result<void> EgressProof::check_events(WrittenPart part) {
  while (!reader_.at_end()) {
    RELAY_ASSIGN(const WrittenHeader header, reader_.begin_event());
    Result<void> checked = check_event(header, part);
    if (checked) continue;
    Error error = std::move(checked).error();
    if (error.kind() != base::ErrorKind::io) error.in_event(header.type);
    return base::fail(std::move(error));
  }
  return {};
}

Result<void> EgressProof::check_event(const WrittenHeader& header, WrittenPart part) {
  table_ = nullptr;
  RELAY_TRY(check_body(header, part));
  if (reader_.remaining() > 0 || !reader_.ok()) {
    return disk_or_fault(reader_, "egress check: an event is longer or shorter than what it holds", header.offset);
  }
  RELAY_TRY(reader_.end_event());
  if (canaries_ == nullptr || canaries_->found() == nullptr) return {};
  return base::fail(canary_error(*canaries_->found(), table_ == nullptr ? std::string() : table_->name, header.offset));
}

Result<void> EgressProof::check_body(const WrittenHeader& header, WrittenPart part) {
  if (!belongs_to(header.type, part)) {
    return base::fail(fault_error("egress check: an event of a type that may not leave", header.offset));
  }
  if ((header.flags & ~kKnownFlags) != 0) {
    return base::fail(fault_error("egress check: an event has flags that may not leave", header.offset));
  }
  bool right = true;
  switch (header.type) {
    case code::kQuery:
      return read_query(reader_, expectations_, made_, mariadb_);
    case code::kTableMap:
      return check_table_map();
    case code::kGtid:
    case code::kAnonymousGtid:
    case code::kTaggedGtid:
      return check_gtid(header);
    case code::kMariadbGtid:
      right = read_mariadb_gtid(reader_);
      break;
    case code::kXid:
      right = read_xid(reader_);
      break;
    case code::kXaPrepare:
      right = read_xa_prepare(reader_);
      break;
    case code::kFormatDescription:
      right = knows_format_ = read_format(reader_, mariadb_);
      break;
    case code::kPreviousGtids:
    case code::kGtidList:
      reader_.skip(reader_.remaining());
      break;
    case code::kRotate:
      right = read_rotate(reader_);
      break;
    default:
      return check_rows(header);
  }
  if (right && reader_.ok()) return {};
  return disk_or_fault(reader_, "egress check: an event holds what may not leave", header.offset);
}

// The length counts from the GTID event to the end of the transaction.
Result<void> EgressProof::check_gtid(const WrittenHeader& header) {
  std::optional<std::uint64_t> length;
  const bool right = read_mysql_gtid(reader_, header.type, length) && reader_.ok();
  if (!right) return disk_or_fault(reader_, "egress check: an event holds what may not leave", header.offset);
  if (length && *length != end_ - header.offset) {
    return disk_or_fault(reader_, "egress check: a transaction's length is not what its GTID says", header.offset);
  }
  return {};
}

Result<void> EgressProof::check_table_map() {
  const std::uint64_t offset = reader_.position();
  const std::uint64_t id = reader_.u48();
  definition_.clear();
  definition_.shrink(kKeptMap);
  reader_.copy(reader_.remaining(), definition_);
  if (!reader_.ok() || definition_.overflowed() || id == kNoTable) {
    return disk_or_fault(reader_, "egress check: a table map cannot be read", offset);
  }
  const std::string key(definition_.view().text());
  auto found = tables_.find(key);
  if (found == tables_.end()) {
    Result<WrittenTable> table = read_table(definition_.view(), expectations_, mariadb_);
    if (!table) return base::fail(table.error().at(offset));
    found = tables_.emplace(key, std::move(*table)).first;
  }
  table_ = live_[id] = &found->second;
  return {};
}

Result<void> EgressProof::check_rows(const WrittenHeader& header) {
  const std::uint64_t id = reader_.u48();
  const std::uint16_t flags = reader_.u16();
  const bool version_1 = header.type <= code::kDeleteRowsV1;
  const unsigned known = version_1 ? kKnownRowsFlags | kNoConstraintChecks : kKnownRowsFlags;
  if (!reader_.ok() || (flags & ~known) != 0) {
    return disk_or_fault(reader_, "egress check: a rows event has flags that may not leave", header.offset);
  }
  const bool ends_statement = (flags & 1) != 0;
  if (id == kNoTable) {
    if (!ends_statement || !RowsReader::read_statement_end(reader_, header.type)) {
      return disk_or_fault(reader_, "egress check: rows that belong to no table", header.offset);
    }
  } else {
    const auto found = live_.find(id);
    if (found == live_.end()) {
      return disk_or_fault(reader_, "egress check: rows that belong to no table", header.offset);
    }
    table_ = found->second;
    RELAY_TRY(rows_.read(reader_, header.type, *found->second));
  }
  if (ends_statement) live_.clear();
  return {};
}

}  // namespace relay::proof
