#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "relay/base/result.h"
#include "relay/binlog/flavor.h"

namespace relay::binlog {

// QUERY_EVENT: u32 thread, u32 execution seconds, u8 database length, u16 error, u16 status length, status variables,
// database, NUL, SQL. Views borrow from the event.
struct QueryEvent {
  std::uint32_t thread_id = 0;
  std::uint32_t execution_time = 0;
  std::uint16_t error_code = 0;
  base::ByteView status;  // status variables, raw
  std::string_view database;
  base::ByteView statement;

  [[nodiscard]] static base::Result<QueryEvent> parse(base::ByteView body);
  // EXECUTE_LOAD_QUERY_EVENT: as a query event, with u32 file id, u32 and u32 place of the file's name in the SQL and
  // u8 handling of duplicates before the status variables.
  [[nodiscard]] static base::Result<QueryEvent> parse_load(base::ByteView body);
};

// What of the status variables the relay looks at.
struct QueryStatus {
  std::optional<std::uint32_t> flags2;  // session options that servers write (OPTIONS_WRITTEN_TO_BIN_LOG)
  std::optional<std::uint64_t> sql_mode;
  std::optional<std::uint16_t> client_collation;
  std::optional<bool> explicit_defaults_for_timestamp;
  std::optional<std::uint64_t> flags3_or_ddl_xid;
};

// Reads the status variables. Errors: unsupported on a code that is not known (the rest cannot be parsed then).
[[nodiscard]] base::Result<QueryStatus> parse_query_status(base::ByteView status, Flavor flavor);
// Appends the status variables without those that name people or databases (invoker, updated databases). Same errors.
[[nodiscard]] base::Result<void> filter_query_status(base::ByteView status, Flavor flavor, base::Buffer& into);
// Appends a whole QUERY_EVENT body.
void encode_query_body(const QueryEvent& event, base::Buffer& into);

}  // namespace relay::binlog
