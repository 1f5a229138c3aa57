#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/buffer.h"

namespace relay::wire {

// Payloads of what a server answers. Each function appends one packet's payload.

// `info` goes out length-encoded (MariaDB's certificate proof); none when empty.
void encode_ok(base::Buffer& into, std::string_view info = {});
// `message` is cut at 512 bytes (MYSQL_ERRMSG_SIZE). Before the client has said its capabilities no SQL state is sent:
// leave it empty.
void encode_error(base::Buffer& into, std::uint16_t code, std::string_view sql_state, std::string_view message);
// Also the end of a binlog stream that does not wait for more.
void encode_eof(base::Buffer& into);

// A small result set of text; a cell without value is NULL.
struct TextResult {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};
void encode_column_count(base::Buffer& into, std::size_t count);
void encode_column(base::Buffer& into, std::string_view name);
void encode_row(base::Buffer& into, const std::vector<std::optional<std::string>>& row);

}  // namespace relay::wire
