#include <array>
#include <chrono>
#include <optional>

#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/moment.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Error;
using base::ErrorKind;
using binlog::TypeCode;

// Bytes of MariaDB's older formats by fractional digits.
constexpr std::array<std::size_t, 7> kOldTimeBytes = {3, 4, 4, 5, 5, 5, 6};
constexpr std::array<std::size_t, 7> kOldDatetimeBytes = {8, 6, 6, 7, 7, 7, 8};

tl::unexpected<Error> no_moment() {
  return base::fail(
      Error(ErrorKind::configuration, "the constant is no date or time that the column can hold")
          .remedy("write 2001-02-03, 04:05:06.789 or 2001-02-03 04:05:06.789, with no more digits than the "
                  "column's and inside its range"));
}

// Reads the parts of a date and time off the front of a text; the first mistake sticks.
class MomentReader {
 public:
  explicit MomentReader(std::string_view text) : rest_(text) {}

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = accept(c) && good_; }
  std::uint32_t number(std::size_t fewest, std::size_t most) {
    std::uint32_t value = 0;
    std::size_t count = 0;
    while (count < most && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + static_cast<std::uint32_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
      ++count;
    }
    good_ = good_ && count >= fewest;
    return value;
  }
  void date(Moment& moment) {
    moment.year = number(4, 4);
    expect('-');
    moment.month = number(1, 2);
    expect('-');
    moment.day = number(1, 2);
  }
  void time(Moment& moment) {
    moment.hour = number(1, 3);
    expect(':');
    moment.minute = number(1, 2);
    if (accept(':')) moment.second = number(1, 2);
    if (!accept('.')) return;
    const std::size_t before = rest_.size();
    const std::uint32_t fraction = number(1, 6);
    const std::size_t digits = std::min<std::size_t>(6, before - rest_.size());
    moment.microsecond = static_cast<std::uint32_t>(fraction * kPowersOfTen[6 - digits]);
  }
  [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

bool is_time(TypeCode code) { return code == TypeCode::time || code == TypeCode::time2; }
bool is_date(TypeCode code) { return code == TypeCode::date || code == TypeCode::newdate; }
bool is_timestamp(TypeCode code) { return code == TypeCode::timestamp || code == TypeCode::timestamp2; }

// What a rule may say. What a table holds may be more: days that no calendar has, where the server was told to take
// them.
enum class Strictness : std::uint8_t { calendar, stored };

bool valid_date(const Moment& moment, Strictness strictness) {
  if (strictness == Strictness::stored) return moment.month <= 12 && moment.day <= 31 && moment.hour < 24;
  if (!moment.has_date()) return !moment.has_time();
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(moment.year)), month(moment.month), day(moment.day)};
  return date.ok() && moment.year > 0 && moment.hour < 24;
}

bool valid(const ColumnTraits& column, const Moment& moment, Strictness strictness) {
  if (moment.minute > 59 || moment.second > 59) return false;
  if (is_time(column.type.code)) {
    const bool longest = moment.hour == kMaximumHours && moment.minute == 59 && moment.second == 59;
    // MySQL's longest TIME has no fraction.
    if (longest && moment.microsecond != 0 && column.flavor == binlog::Flavor::mysql) return false;
    return moment.hour <= kMaximumHours;
  }
  return valid_date(moment, strictness);
}

base::Result<Moment> parse_moment(const ColumnTraits& column, std::string_view value, Strictness strictness) {
  MomentReader reader(value);
  Moment moment;
  const TypeCode code = column.type.code;
  if (is_time(code)) {
    moment.negative = reader.accept('-');
    reader.time(moment);
  } else {
    reader.date(moment);
    if (!is_date(code) && (reader.accept(' ') || reader.accept('T'))) reader.time(moment);
  }
  const std::uint16_t digits = is_date(code) ? 0 : column.type.metadata;
  if (!reader.finished() || digits > 6 || !valid(column, moment, strictness)) return no_moment();
  if (moment.microsecond % kPowersOfTen[6 - digits] != 0) return no_moment();
  if (!moment.has_time()) moment.negative = false;
  return moment;
}

// Seconds since 1970 in UTC; nothing outside of TIMESTAMP's range. The zero date is 0.
std::optional<std::uint32_t> unix_seconds(const Moment& moment, Strictness strictness) {
  if (!moment.has_date()) return 0;
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(moment.year)), month(moment.month), day(moment.day)};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days_since = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days_since * 24 + moment.hour) * 60 + moment.minute) * 60 + moment.second;
  // MariaDB has years up to 2106 since 11.5, and the fractions of the first second.
  const bool stored = strictness == Strictness::stored;
  if (seconds < (stored && moment.microsecond != 0 ? 0 : 1) || seconds > (stored ? UINT32_MAX : INT32_MAX)) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(seconds);
}

std::uint64_t packed_hours(const Moment& moment) {
  return std::uint64_t{moment.hour} << 12 | moment.minute << 6 | moment.second;
}

// The fraction in the unit of its bytes: two digits in each byte.
std::uint64_t fraction_units(const Moment& moment, std::size_t bytes) {
  return moment.microsecond / kPowersOfTen[6 - 2 * bytes];
}

std::string datetime2(const Moment& moment, std::size_t fraction_bytes) {
  const std::uint64_t days = (std::uint64_t{moment.year} * 13 + moment.month) << 5 | moment.day;
  std::string cell;
  append_big_endian(cell, 0x8000000000 + (days << 17 | packed_hours(moment)), 5);
  append_big_endian(cell, fraction_units(moment, fraction_bytes), fraction_bytes);
  return cell;
}

std::string time2(const Moment& moment, std::size_t fraction_bytes) {
  const std::size_t shift = 8 * fraction_bytes;
  const std::uint64_t zero = std::uint64_t{0x800000} << shift;
  const std::uint64_t packed = packed_hours(moment) << shift | fraction_units(moment, fraction_bytes);
  std::string cell;
  append_big_endian(cell, moment.negative ? zero - packed : zero + packed, 3 + fraction_bytes);
  return cell;
}

std::string date3(const Moment& moment) {
  std::string cell;
  append_little_endian(cell, moment.year << 9 | moment.month << 5 | moment.day, 3);
  return cell;
}

std::uint64_t time_units(const Moment& moment, std::uint16_t digits) {
  const std::uint64_t seconds = (std::uint64_t{moment.hour} * 60 + moment.minute) * 60 + moment.second;
  return (seconds * kMicroseconds + moment.microsecond) / kPowersOfTen[6 - digits];
}

std::string old_time(const Moment& moment, std::uint16_t digits) {
  std::string cell;
  if (digits == 0) {
    const std::uint64_t number = (std::uint64_t{moment.hour} * 100 + moment.minute) * 100 + moment.second;
    append_little_endian(cell, moment.negative ? 0 - number : number, 3);
    return cell;
  }
  Moment longest;
  longest.hour = kMaximumHours + 1;
  const std::uint64_t zero = time_units(longest, digits);
  const std::uint64_t units = time_units(moment, digits);
  append_big_endian(cell, moment.negative ? zero - units : zero + units, kOldTimeBytes[digits]);
  return cell;
}

std::string old_datetime(const Moment& moment, std::uint16_t digits) {
  std::string cell;
  if (digits == 0) {
    const std::uint64_t date = (std::uint64_t{moment.year} * 100 + moment.month) * 100 + moment.day;
    const std::uint64_t time = (std::uint64_t{moment.hour} * 100 + moment.minute) * 100 + moment.second;
    append_little_endian(cell, date * kMicroseconds + time, 8);
    return cell;
  }
  const std::uint64_t days = (std::uint64_t{moment.year} * 13 + moment.month) * 32 + moment.day;
  const std::uint64_t seconds = ((days * 24 + moment.hour) * 60 + moment.minute) * 60 + moment.second;
  append_big_endian(cell, (seconds * kMicroseconds + moment.microsecond) / kPowersOfTen[6 - digits],
                    kOldDatetimeBytes[digits]);
  return cell;
}

std::string old_timestamp(std::uint32_t seconds, const Moment& moment, std::uint16_t digits) {
  std::string cell;
  if (digits == 0) {
    append_little_endian(cell, seconds, 4);
    return cell;
  }
  append_big_endian(cell, seconds, 4);
  append_big_endian(cell, moment.microsecond / kPowersOfTen[6 - digits], static_cast<std::size_t>(digits + 1) / 2);
  return cell;
}

base::Result<std::string> encode(const ColumnTraits& column, std::string_view value, Strictness strictness) {
  RELAY_ASSIGN(const Moment moment, parse_moment(column, value, strictness));
  const std::uint16_t digits = column.type.metadata;
  const std::size_t fraction_bytes = static_cast<std::size_t>(digits + 1) / 2;
  switch (column.type.code) {
    case TypeCode::date:
    case TypeCode::newdate:
      return date3(moment);
    case TypeCode::time2:
      return time2(moment, fraction_bytes);
    case TypeCode::datetime2:
      return datetime2(moment, fraction_bytes);
    case TypeCode::time:
      return old_time(moment, digits);
    case TypeCode::datetime:
      return old_datetime(moment, digits);
    default:
      break;
  }
  const std::optional<std::uint32_t> seconds = unix_seconds(moment, strictness);
  if (!is_timestamp(column.type.code) || !seconds) return no_moment();
  if (column.type.code == TypeCode::timestamp) return old_timestamp(*seconds, moment, digits);
  std::string cell;
  append_big_endian(cell, *seconds, 4);
  append_big_endian(cell, fraction_units(moment, fraction_bytes), fraction_bytes);
  return cell;
}

}  // namespace

base::Result<std::string> encode_temporal(const ColumnTraits& column, std::string_view value) {
  return encode(column, value, Strictness::calendar);
}

base::Result<std::string> encode_stored_temporal(const ColumnTraits& column, std::string_view value) {
  return encode(column, value, Strictness::stored);
}

}  // namespace relay::scrub_rules
