#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/base/buffer.h"
#include "relay/base/result.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// Values as a server sends them in the text protocol, to a session with character_set_results = NULL, time_zone
// '+00:00' and sql_mode ''.

// What to SELECT of a column, `name` in its quotes, so that the whole value comes. Errors: unsupported, where no
// expression brings it.
[[nodiscard]] base::Result<std::string> select_expression(const ColumnTraits& column, std::string_view name);

// Appends the cell that holds the value, its length included, as a row image has it. Text is in the bytes of the
// column's character set. Errors: malformed where the value is none of the column's type, without a byte of it. On an
// error what was appended is of no use.
[[nodiscard]] base::Result<void> encode_received(const ColumnTraits& column, std::string_view value,
                                                 base::Buffer& into);

// How a received value is written as a literal, known once for a column.
struct LiteralForm {
  enum class Kind : std::uint8_t {
    integer,
    decimal,
    floating,
    moment,
    text,     // any bytes
    json,     // MySQL takes no binary string for a document
    address,  // MariaDB takes a binary string for the bytes of an address or UUID, others for its text
  };
  Kind kind = Kind::text;
  std::uint64_t longest = 0;  // bytes of a text that the column holds
};
// REQUIRES: select_expression() succeeds.
[[nodiscard]] LiteralForm literal_form(const ColumnTraits& column);
// Appends the literal of a received value, for the sessions of append_cell_literal(): what is in quotes cannot end
// them, and what is not is a number. Errors and their effect: as encode_received().
[[nodiscard]] base::Result<void> append_received_literal(const LiteralForm& form, std::string_view value,
                                                         base::Buffer& into);

}  // namespace relay::scrub_rules
