#pragma once

#include <cstdint>
#include <optional>

#include "relay/base/buffer.h"
#include "relay/base/byte_view.h"
#include "scrub_rules/constant.h"

namespace relay::scrub_rules {

// What a cell of DATE, TIME, DATETIME or TIMESTAMP (in UTC) says. Days may be ones that no calendar has.
struct Moment {
  bool negative = false;
  std::uint32_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
  [[nodiscard]] bool has_date() const { return year != 0 || month != 0 || day != 0; }
  [[nodiscard]] bool has_time() const { return hour != 0 || minute != 0 || second != 0 || microsecond != 0; }
};

inline constexpr std::uint32_t kMicroseconds = 1000000;
inline constexpr std::uint32_t kMaximumHours = 838;  // of TIME, in both servers

// Reads a cell in any format of the servers; none where it has another size than its type, or says what no value can.
[[nodiscard]] std::optional<Moment> read_moment(const ColumnTraits& column, base::ByteView cell);
// Appends it as SQL writes it, without quotes, with all the fractional digits that the column has.
void append_moment(const ColumnTraits& column, const Moment& moment, base::Buffer& into);

}  // namespace relay::scrub_rules
