#include "scrub_rules/moment.h"

#include <chrono>

#include "scrub_rules/number_reader.h"
#include "scrub_rules/number_text.h"

namespace relay::scrub_rules {

namespace {

using base::ByteView;
using binlog::TypeCode;

constexpr std::uint64_t kMonthsOfYear = 13;  // as the servers pack them: a month may be 0
constexpr std::uint64_t kNumberOfDay = 1000000;

std::uint32_t narrow(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

// The fraction behind a packed time: two digits in each byte.
std::uint32_t fraction(std::uint64_t units, std::size_t bytes) { return narrow(units * kPowersOfTen[6 - 2 * bytes]); }

void set_date(std::uint64_t months, std::uint64_t day, Moment& moment) {
  moment.year = narrow(months / kMonthsOfYear);
  moment.month = narrow(months % kMonthsOfYear);
  moment.day = narrow(day);
}

// hhmmss in bits.
void set_packed_time(std::uint64_t packed, Moment& moment) {
  moment.hour = narrow(packed >> 12 & 0x3ff);
  moment.minute = narrow(packed >> 6 & 63);
  moment.second = narrow(packed & 63);
}

// hhmmss in decimal digits.
void set_digits_of_time(std::uint64_t number, Moment& moment) {
  moment.hour = narrow(number / 10000);
  moment.minute = narrow(number / 100 % 100);
  moment.second = narrow(number % 100);
}

// Seconds in units of the column's last digit; what is left of them are hours.
void set_units(std::uint64_t units, std::uint16_t digits, Moment& moment) {
  const std::uint64_t each = kPowersOfTen[digits];
  moment.microsecond = narrow(units % each * kPowersOfTen[6 - digits]);
  units /= each;
  moment.second = narrow(units % 60);
  moment.minute = narrow(units / 60 % 60);
  moment.hour = narrow(units / 3600);
}

// Gives the distance from the cell that is the time 0.
std::uint64_t signed_distance(std::uint64_t cell, std::uint64_t zero, Moment& moment) {
  moment.negative = cell < zero;
  return moment.negative ? zero - cell : cell - zero;
}

void read_date(ByteView cell, Moment& moment) {
  const std::uint64_t packed = read_little_endian(cell);
  moment.year = narrow(packed >> 9);
  moment.month = narrow(packed >> 5 & 15);
  moment.day = narrow(packed & 31);
}

void read_time2(ByteView cell, Moment& moment) {
  const std::size_t bytes = cell.size() - 3;
  const std::size_t shift = 8 * bytes;
  const std::uint64_t packed = signed_distance(read_big_endian(cell), std::uint64_t{0x800000} << shift, moment);
  set_packed_time(packed >> shift, moment);
  moment.microsecond = fraction(packed & ((std::uint64_t{1} << shift) - 1), bytes);
}

// False where the sign says that there is no date.
bool read_datetime2(ByteView cell, Moment& moment) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 39;
  const std::uint64_t packed = read_big_endian(cell.sub(0, 5));
  const std::uint64_t days = (packed & (kSign - 1)) >> 17;
  set_date(days >> 5, days & 31, moment);
  set_packed_time(packed & 0x1ffff, moment);
  moment.microsecond = fraction(read_big_endian(cell.sub(5)), cell.size() - 5);
  return (packed & kSign) != 0;
}

void read_old_time(ByteView cell, std::uint16_t digits, Moment& moment) {
  if (digits == 0) {
    constexpr std::uint64_t kRange = std::uint64_t{1} << 24;
    const std::uint64_t stored = read_little_endian(cell);
    moment.negative = stored >= kRange / 2;
    return set_digits_of_time(moment.negative ? kRange - stored : stored, moment);
  }
  const std::uint64_t zero = std::uint64_t{kMaximumHours + 1} * 3600 * kPowersOfTen[digits];
  set_units(signed_distance(read_big_endian(cell), zero, moment), digits, moment);
}

void read_old_datetime(ByteView cell, std::uint16_t digits, Moment& moment) {
  if (digits == 0) {
    const std::uint64_t number = read_little_endian(cell);
    const std::uint64_t date = number / kNumberOfDay;
    moment.year = narrow(date / 10000);
    moment.month = narrow(date / 100 % 100);
    moment.day = narrow(date % 100);
    return set_digits_of_time(number % kNumberOfDay, moment);
  }
  const std::uint64_t of_day = std::uint64_t{86400} * kPowersOfTen[digits];
  const std::uint64_t stored = read_big_endian(cell);
  set_date(stored / of_day / 32, stored / of_day % 32, moment);
  set_units(stored % of_day, digits, moment);
}

void set_seconds(std::uint64_t since_1970, std::uint32_t microsecond, Moment& moment) {
  if (since_1970 == 0 && microsecond == 0) return;  // the zero date
  using namespace std::chrono;
  const sys_seconds at{seconds(static_cast<std::int64_t>(since_1970))};
  const sys_days days_since = floor<days>(at);
  const year_month_day date(days_since);
  moment.year = narrow(static_cast<std::uint64_t>(static_cast<int>(date.year())));
  moment.month = static_cast<unsigned>(date.month());
  moment.day = static_cast<unsigned>(date.day());
  set_units(static_cast<std::uint64_t>((at - days_since).count()), 0, moment);
  moment.microsecond = microsecond;
}

void read_timestamp(TypeCode code, std::uint16_t digits, ByteView cell, Moment& moment) {
  if (code == TypeCode::timestamp && digits == 0) return set_seconds(read_little_endian(cell), 0, moment);
  const std::uint64_t units = read_big_endian(cell.sub(4));
  // MariaDB's older format counts in the column's last digit, the newer one in pairs of digits.
  const std::uint32_t microsecond =
      code == TypeCode::timestamp ? narrow(units * kPowersOfTen[6 - digits]) : fraction(units, cell.size() - 4);
  set_seconds(read_big_endian(cell.sub(0, 4)), microsecond, moment);
}

}  // namespace

std::optional<Moment> read_moment(const ColumnTraits& column, ByteView cell) {
  const auto shape = binlog::cell_shape(column.type);
  if (!shape || shape->prefix != 0 || shape->fixed != cell.size()) return std::nullopt;
  const std::uint16_t digits = column.type.metadata;
  Moment moment;
  std::uint32_t hours = 24;
  bool good = true;
  switch (column.type.code) {
    case TypeCode::date:
    case TypeCode::newdate:
      read_date(cell, moment);
      break;
    case TypeCode::time2:
      hours = kMaximumHours + 1;
      read_time2(cell, moment);
      break;
    case TypeCode::time:
      hours = kMaximumHours + 1;
      read_old_time(cell, digits, moment);
      break;
    case TypeCode::datetime2:
      good = read_datetime2(cell, moment);
      break;
    case TypeCode::datetime:
      read_old_datetime(cell, digits, moment);
      break;
    case TypeCode::timestamp:
    case TypeCode::timestamp2:
      read_timestamp(column.type.code, digits, cell, moment);
      break;
    default:
      return std::nullopt;
  }
  good = good && moment.year < 10000 && moment.hour < hours && moment.minute < 60 && moment.second < 60 &&
         moment.microsecond < kMicroseconds;
  return good ? std::optional(moment) : std::nullopt;
}

void append_moment(const ColumnTraits& column, const Moment& moment, base::Buffer& into) {
  const TypeCode code = column.type.code;
  const bool date = code == TypeCode::date || code == TypeCode::newdate;
  const bool time = code == TypeCode::time || code == TypeCode::time2;
  std::array<char, 64> text;
  char* end = text.data();
  if (time && moment.negative) *end++ = '-';
  if (!time) {
    end = write_padded(end, moment.year, 4);
    *end++ = '-';
    end = write_padded(end, moment.month, 2);
    *end++ = '-';
    end = write_padded(end, moment.day, 2);
  }
  if (!time && !date) *end++ = ' ';
  if (!date) {
    end = write_padded(end, moment.hour, 2);
    *end++ = ':';
    end = write_padded(end, moment.minute, 2);
    *end++ = ':';
    end = write_padded(end, moment.second, 2);
    const std::uint16_t digits = column.type.metadata;
    if (digits > 0) {
      *end++ = '.';
      end = write_padded(end, moment.microsecond / kPowersOfTen[6 - digits], digits);
    }
  }
  into.append(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

}  // namespace relay::scrub_rules
