#include "relay/seed/kind_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "relay/seed/name_words.h"

namespace relay::seed {

namespace {

using scrub_rules::Detector;
using sql::ColumnDefinition;

constexpr std::size_t kMost = 80;       // percent of the values that have to pass where the name says nothing
constexpr std::size_t kWithName = 50;   // and where it says the same
constexpr std::size_t kFewValues = 5;   // below this, values that fail do not outweigh a name
constexpr std::size_t kOddsOfTen = 6;   // values that have to pass a check that every tenth number passes
constexpr std::size_t kOddsOfMany = 3;  // and one that hardly any passes by chance

using Count = std::size_t (*)(const ValueTally&);

template <Detector Found>
std::size_t detected(const ValueTally& tally) {
  return tally.of(Found);
}
template <std::size_t ValueTally::*Counter>
std::size_t counter(const ValueTally& tally) {
  return tally.*Counter;
}

// How the values of a kind are checked, and how that is told: "41 of 43 sampled values ...".
struct Check {
  DataKind kind;
  Count count;
  std::size_t least;  // values that have to pass where the name says nothing
  std::string_view passed;
};
constexpr std::size_t kNameNeeded = static_cast<std::size_t>(-1);  // `least` of what proves nothing alone
// Those first that are the hardest to pass: every national identity number has the control digit of an account.
constexpr auto kChecks = std::to_array<Check>({
    {DataKind::email, detected<Detector::email>, kOddsOfMany, "are e-mail addresses"},
    {DataKind::iban, detected<Detector::iban>, kOddsOfMany, "leave the remainder 1 modulo 97, as an IBAN does"},
    {DataKind::national_id, detected<Detector::national_id>, kOddsOfMany,
     "pass both control digits of a fødselsnummer"},
    {DataKind::d_number, detected<Detector::national_id>, kOddsOfMany, "pass both control digits of a D-number"},
    {DataKind::national_id, counter<&ValueTally::swedish_ids>, kOddsOfMany,
     "have the date and the control digit of a Swedish personnummer"},
    {DataKind::national_id, counter<&ValueTally::danish_ids>, kOddsOfMany,
     "have the date and the control digit of a Danish CPR number"},
    {DataKind::national_id, counter<&ValueTally::danish_dates>, kNameNeeded, "have the date of a Danish CPR number"},
    {DataKind::card, detected<Detector::card>, kOddsOfTen, "pass the check of Luhn, as card numbers do"},
    {DataKind::organisation, detected<Detector::organisation>, kOddsOfTen,
     "pass the control digit of an organisation number"},
    {DataKind::account, detected<Detector::account>, kOddsOfTen,
     "pass the control digit of a Norwegian account number"},
    {DataKind::ip, detected<Detector::ip>, kOddsOfMany, "are IP addresses"},
    {DataKind::ip, counter<&ValueTally::numbers_of_ipv4>, kNameNeeded,
     "are as large as an IPv4 address that is written as a number"},
    {DataKind::phone, detected<Detector::phone>, kOddsOfMany, "are written as telephone numbers"},
});

const Check* check_of(DataKind kind) {
  const auto found = std::ranges::find(kChecks, kind, &Check::kind);
  return found == kChecks.end() ? nullptr : &*found;
}

std::string counted(std::size_t passed, std::size_t values, std::string_view what) {
  return fmt::format("{} of {} sampled values {}", passed, values, what);
}

std::string named(const NameFinding& name) {
  return fmt::format("{} \"{}\" ({})", name.part ? "part of the name" : "name", name.word, name.languages);
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::ranges::find(types, type) != types.end();
}

// Characters that a value of the kind has at least.
std::size_t shortest(DataKind kind) {
  switch (kind) {
    case DataKind::national_id:
      return 10;  // Danish and Swedish ones
    case DataKind::d_number:
    case DataKind::account:
      return 11;
    case DataKind::card:
      return 13;
    case DataKind::iban:
      return 15;
    case DataKind::organisation:
      return 8;  // Danish ones
    case DataKind::ip:
      return 7;
    case DataKind::email:
      return 6;
    case DataKind::phone:
      return 5;
    default:
      return 0;
  }
}

// An address as its bytes, 4 or 16 of them. Their values tell nothing: samples come as text.
bool holds_packed_addresses(const ColumnDefinition& column) {
  const std::size_t length = column.length.value_or(1);
  return (column.type == "binary" && (length == 4 || length == 16)) || (column.type == "varbinary" && length <= 16);
}

// Whether a column of this type can hold values of the kind.
bool type_fits(DataKind kind, const ColumnDefinition& column) {
  const std::string& type = column.type;
  const bool binary = type.ends_with("binary") || type.ends_with("blob");
  const bool number = is_integer(column) || type == "decimal";
  const bool packed = kind == DataKind::ip && holds_packed_addresses(column);
  if (type.ends_with("char") || (type.ends_with("binary") && !packed)) {
    if (column.length.value_or(1) < shortest(kind)) return false;
  }
  switch (kind) {
    case DataKind::email:
    case DataKind::iban:
    case DataKind::free_text:
      return is_text(column) || binary;
    case DataKind::person_name:
    case DataKind::address:
      return is_text(column) || binary || type == "json";
    case DataKind::national_id:
    case DataKind::d_number:
    case DataKind::organisation:
    case DataKind::phone:
    case DataKind::account:
    case DataKind::card:
      return is_text(column) || binary || (number && column.length.value_or(11) > 1);
    case DataKind::ip:
      return is_text(column) || type == "varbinary" || packed || is_one_of(type, {"inet4", "inet6", "int", "bigint"});
    case DataKind::birth_date:
      return is_text(column) || is_one_of(type, {"date", "datetime", "timestamp"}) || number;
    case DataKind::birth_year:
    case DataKind::age:
      return is_text(column) || type == "year" || number;
    default:
      return true;
  }
}

class KindFinder {
 public:
  explicit KindFinder(const ColumnFacts& facts)
      : facts_(facts), column_(facts.table.columns[facts.column]), name_(find_name(column_.name)) {}

  Proposal find() {
    if (const Check* check = passed_check()) return by_values(*check);
    std::optional<Proposal> refuted;
    for (const DataKind kind : name_ ? std::array{name_->kind, name_->otherwise} : std::array<DataKind, 2>{}) {
      if (kind == DataKind::unknown || !type_fits(kind, column_)) continue;
      if (kind != name_->kind && !holds_only_postcodes()) continue;
      Proposal found = by_name(kind);
      if (found.kind != DataKind::unknown) return found;
      refuted = std::move(found);
    }
    return refuted ? *refuted : by_what_texts_hold();
  }

 private:
  // Of a name that also means national identity numbers: half of one has five digits, and a number may have lost zeros.
  [[nodiscard]] bool holds_only_postcodes() const {
    constexpr std::uint32_t kDigits = 4;
    return column_.type.ends_with("char") && column_.length.value_or(1) <= kDigits;
  }

  // The first check that the values pass in such numbers that the kind is theirs.
  [[nodiscard]] const Check* passed_check() const {
    const bool counted_key = column_.auto_increment;  // ascending numbers: some of them pass what needs one digit
    for (const Check& check : kChecks) {
      if (counted_key && check.count != &detected<Detector::national_id>) continue;
      if (check.count == &detected<Detector::national_id> && is_d_number_check(check) != mostly_d_numbers()) continue;
      if (passes(check)) return &check;
    }
    return nullptr;
  }

  [[nodiscard]] static bool is_d_number_check(const Check& check) { return check.kind == DataKind::d_number; }
  [[nodiscard]] bool mostly_d_numbers() const {
    const std::size_t found = tally().of(Detector::national_id);
    return found > 0 && tally().d_numbers * 2 > found && tally().mostly(Detector::national_id, kWithName);
  }

  [[nodiscard]] bool passes(const Check& check) const {
    const bool by_name = names(check.kind) && type_fits(check.kind, column_);
    const std::size_t passed = check.count(tally());
    if (by_name && tally().mostly(passed, kWithName)) return !stronger_check_passes(check);
    if (!tally().mostly(passed, kMost) || passed < check.least) return false;
    // Eight digits may be anything, and so may four small numbers with points between them.
    if (check.kind == DataKind::phone) return tally().written_phones * 2 >= tally().values;
    if (check.kind == DataKind::ip) {
      return tally().wide_addresses * 2 >= tally().values && !names_version(column_.name);
    }
    return true;
  }

  // A column named as an account whose values pass both control digits of a fødselsnummer holds those.
  [[nodiscard]] bool stronger_check_passes(const Check& check) const {
    return check.kind == DataKind::account && tally().mostly(Detector::national_id, kWithName);
  }

  [[nodiscard]] bool names(DataKind kind) const {
    if (!name_) return false;
    const bool both_ids = (name_->kind == DataKind::national_id || name_->kind == DataKind::d_number) &&
                          (kind == DataKind::national_id || kind == DataKind::d_number);
    return both_ids || name_->kind == kind;
  }

  [[nodiscard]] Proposal by_values(const Check& check) const {
    Proposal found;
    found.kind = check.kind;
    const bool by_name = names(check.kind);
    found.confidence = by_name ? Confidence::certain : Confidence::likely;
    if (by_name) found.evidence = named(*name_) + "; ";
    found.evidence += counted(check.count(tally()), tally().values, check.passed);
    const bool mixed = check.kind == DataKind::national_id && tally().d_numbers > 0;
    if (mixed) found.evidence += fmt::format(", {} of them D-numbers", tally().d_numbers);
    return found;
  }

  [[nodiscard]] Proposal by_name(DataKind kind) const {
    Proposal found;
    found.kind = kind;
    found.evidence = named(*name_);
    found.confidence = name_->part ? Confidence::possible : Confidence::likely;
    const bool bare = name_->word == "name" || name_->word == "navn" || name_->word == "namn";
    if (bare && !names_persons(facts_.table.table)) {
      found.confidence = Confidence::possible;
      found.evidence += ", of a person or a thing";
    }
    const Check* check = check_of(kind);
    if (check == nullptr || tally().values == 0) return found;
    if (kind == DataKind::ip && holds_packed_addresses(column_)) return found;
    if (kind == DataKind::phone && tally().like_phones * 100 >= kMost * tally().values) {
      found.confidence = Confidence::certain;
      found.evidence += "; " + counted(tally().like_phones, tally().values, "are digits as in telephone numbers");
      return found;
    }
    const std::size_t passed = check->count(tally());
    found.evidence += "; " + counted(passed, tally().values, check->passed);
    found.confidence = Confidence::possible;
    if (tally().values >= kFewValues && passed * 10 < tally().values) found.kind = DataKind::unknown;
    return found;
  }

  // What the values themselves say of a column without a telling name.
  [[nodiscard]] Proposal by_what_texts_hold() const {
    Proposal found;
    if (tally().with_health_words > 1 || tally().with_health_words * 5 > tally().values) {
      found.kind = DataKind::health;
      found.evidence = counted(tally().with_health_words, tally().values, "have words of health");
    } else if (tally().holding > 0) {
      found.kind = DataKind::free_text;
      found.confidence = Confidence::likely;
      found.evidence = counted(tally().holding, tally().values, "have an address or number of a person in them");
    }
    return found;
  }

  [[nodiscard]] const ValueTally& tally() const { return facts_.tally; }

  const ColumnFacts& facts_;
  const ColumnDefinition& column_;
  std::optional<NameFinding> name_;
};

}  // namespace

Proposal find_kind(const ColumnFacts& facts) { return KindFinder(facts).find(); }

}  // namespace relay::seed
