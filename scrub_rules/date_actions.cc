#include <algorithm>
#include <array>
#include <chrono>

#include "scrub_rules/cell_action.h"
#include "scrub_rules/cell_encoders.h"
#include "scrub_rules/cell_kind.h"
#include "scrub_rules/number_reader.h"

namespace relay::scrub_rules {

namespace {

using base::Buffer;
using base::ByteView;
using base::ErrorKind;
using base::Result;
using binlog::TypeCode;

enum class DatePart : std::uint8_t { year, month, day };

// A zero date stays; a date with a zero in it gets the first of its year or month like any other.
struct Date {
  std::uint32_t year = 0, month = 0, day = 0;
  void generalise(DatePart part) {
    if (year == 0 && month == 0 && day == 0) return;
    if (part == DatePart::year) month = 1;
    if (part != DatePart::day) day = 1;
  }
};

// DATE, and DATETIME in every format of the servers. Minutes and their fractions go.
class GeneralDate final : public CellAction {
 public:
  GeneralDate(TypeCode code, std::uint16_t digits, DatePart part) : code_(code), digits_(digits), part_(part) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    if (code_ == TypeCode::date || code_ == TypeCode::newdate) {
      const auto packed = static_cast<std::uint32_t>(read_little_endian(value));
      Date date{packed >> 9, packed >> 5 & 15, packed & 31};
      date.generalise(part_);
      into.append_little_endian(date.year << 9 | date.month << 5 | date.day, value.size());
    } else if (code_ == TypeCode::datetime2) {
      // my_datetime_packed_to_binary: 1 sign, 17 bits year * 13 + month, 5 day, 17 time.
      const std::uint64_t packed = read_big_endian(value.sub(0, 5));
      if ((packed & kSign) == 0) return base::fail(ErrorKind::malformed, "a DATETIME cell holds no date");
      const std::uint64_t days = (packed & (kSign - 1)) >> 17;
      append_big_endian(into, kSign + (generalised(days, 32) << 17), 5);
      into.append_fill(value.size() - 5, 0);
    } else if (digits_ == 0) {
      const std::uint64_t number = read_little_endian(value) / 1000000;
      Date date{static_cast<std::uint32_t>(number / 10000), static_cast<std::uint32_t>(number / 100 % 100),
                static_cast<std::uint32_t>(number % 100)};
      date.generalise(part_);
      into.append_little_endian(((std::uint64_t{date.year} * 100 + date.month) * 100 + date.day) * 1000000,
                                value.size());
    } else {
      // MariaDB's Field_datetime_hires: microseconds behind the packed days, in the unit of its digits.
      const std::uint64_t unit = kDaySeconds * kPowersOfTen[digits_];
      append_big_endian(into, generalised(read_big_endian(value) / unit, 32) * unit, value.size());
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kSign = std::uint64_t{1} << 39;
  static constexpr std::uint64_t kDaySeconds = 86400;

  // (year * 13 + month) * 32 + day
  [[nodiscard]] std::uint64_t generalised(std::uint64_t days, std::uint64_t scale) const {
    const std::uint64_t months = days / scale;
    Date date{static_cast<std::uint32_t>(months / 13), static_cast<std::uint32_t>(months % 13),
              static_cast<std::uint32_t>(days % scale)};
    date.generalise(part_);
    return (std::uint64_t{date.year} * 13 + date.month) * scale + date.day;
  }

  TypeCode code_;
  std::uint16_t digits_;
  DatePart part_;
};

// TIMESTAMP, in UTC. 0 is the zero date; the first second of 1970 is not to become it.
class GeneralTimestamp final : public CellAction {
 public:
  GeneralTimestamp(bool little_endian, DatePart part) : little_endian_(little_endian), part_(part) {}

  Result<void> apply(ByteView value, Buffer& into) override {
    using namespace std::chrono;
    const std::uint64_t stored = little_endian_ ? read_little_endian(value) : read_big_endian(value.sub(0, 4));
    std::uint64_t seconds = 0;
    if (stored != 0) {
      const year_month_day date{floor<days>(sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(stored))))};
      const month month_of = part_ == DatePart::year ? January : date.month();
      const sys_days first = date.year() / month_of / (part_ == DatePart::day ? date.day() : std::chrono::day(1));
      seconds = static_cast<std::uint64_t>(sys_seconds(first).time_since_epoch().count());
      if (seconds == 0) seconds = 1;
    } else if (std::ranges::any_of(value, [](std::uint8_t byte) { return byte != 0; })) {
      seconds = 1;
    }
    if (little_endian_) {
      into.append_little_endian(seconds, value.size());
    } else {
      append_big_endian(into, seconds, 4);
      into.append_fill(value.size() - 4, 0);
    }
    return {};
  }

 private:
  bool little_endian_;  // the old format without fractions
  DatePart part_;
};

}  // namespace

MadeAction make_date_action(const Action& action, const ColumnTraits& column) {
  const DatePart part = action.to == "year" ? DatePart::year : action.to == "month" ? DatePart::month : DatePart::day;
  const TypeCode code = column.type.code;
  if (code == TypeCode::date || code == TypeCode::newdate) {
    if (part == DatePart::day)
      return refuse_action("a DATE has nothing smaller than a day", "write year or month, or say keep");
    return std::make_unique<GeneralDate>(code, std::uint16_t{0}, part);
  }
  if (code == TypeCode::datetime || code == TypeCode::datetime2) {
    if (column.type.metadata > 6) return does_not_fit_type();
    return std::make_unique<GeneralDate>(code, column.type.metadata, part);
  }
  if (code == TypeCode::timestamp || code == TypeCode::timestamp2) {
    return std::make_unique<GeneralTimestamp>(code == TypeCode::timestamp && column.type.metadata == 0, part);
  }
  return does_not_fit_type();
}

}  // namespace relay::scrub_rules
