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

// How the values of a kind are checked, and how that is told: "41 of 43 sampled values ...".
struct Check {
  DataKind kind;
  Detector detector;
  std::size_t least;  // values that have to pass where the name says nothing
  std::string_view passed;
};
// Those first that are the hardest to pass: every national identity number has the control digit of an account.
constexpr auto kChecks = std::to_array<Check>({
    {DataKind::email, Detector::email, kOddsOfMany, "are e-mail addresses"},
    {DataKind::iban, Detector::iban, kOddsOfMany, "leave the remainder 1 modulo 97, as an IBAN does"},
    {DataKind::national_id, Detector::national_id, kOddsOfMany, "pass both control digits of a fødselsnummer"},
    {DataKind::d_number, Detector::national_id, kOddsOfMany, "pass both control digits of a D-number"},
    {DataKind::card, Detector::card, kOddsOfTen, "pass the check of Luhn, as card numbers do"},
    {DataKind::organisation, Detector::organisation, kOddsOfTen, "pass the control digit of an organisation number"},
    {DataKind::account, Detector::account, kOddsOfTen, "pass the control digit of a Norwegian account number"},
    {DataKind::ip, Detector::ip, kOddsOfMany, "are IP addresses"},
    {DataKind::phone, Detector::phone, kOddsOfMany, "are written as telephone numbers"},
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

// Whether a column of this type can hold values of the kind.
bool type_fits(DataKind kind, const ColumnDefinition& column) {
  const std::string& type = column.type;
  const bool binary = type.ends_with("binary") || type.ends_with("blob");
  const bool number = is_integer(column) || type == "decimal";
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
      return is_text(column) || binary || is_one_of(type, {"inet4", "inet6", "int", "bigint"});
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
    if (name_ && name_->kind != DataKind::unknown && type_fits(name_->kind, column_)) return by_name();
    return by_what_texts_hold();
  }

 private:
  // The first check that the values pass in such numbers that the kind is theirs.
  [[nodiscard]] const Check* passed_check() const {
    const bool counted_key = column_.auto_increment;  // ascending numbers: some of them pass what needs one digit
    for (const Check& check : kChecks) {
      if (counted_key && check.detector != Detector::national_id) continue;
      if (is_d_number_check(check) != mostly_d_numbers()) continue;
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
    if (by_name && tally().mostly(check.detector, kWithName)) return !stronger_check_passes(check);
    if (!tally().mostly(check.detector, kMost) || tally().of(check.detector) < check.least) return false;
    // Eight digits may be anything, and so may four small numbers with points between them.
    if (check.detector == Detector::phone) return tally().written_phones * 2 >= tally().values;
    if (check.detector == Detector::ip) {
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
    found.evidence += counted(tally().of(check.detector), tally().values, check.passed);
    const bool mixed = check.kind == DataKind::national_id && tally().d_numbers > 0;
    if (mixed) found.evidence += fmt::format(", {} of them D-numbers", tally().d_numbers);
    return found;
  }

  [[nodiscard]] Proposal by_name() const {
    Proposal found;
    found.kind = name_->kind;
    found.evidence = named(*name_);
    found.confidence = name_->part ? Confidence::possible : Confidence::likely;
    const bool bare = name_->word == "name" || name_->word == "navn" || name_->word == "namn";
    if (bare && !names_persons(facts_.table.table)) {
      found.confidence = Confidence::possible;
      found.evidence += ", of a person or a thing";
    }
    const Check* check = check_of(name_->kind);
    if (check == nullptr || tally().values == 0) return found;
    if (name_->kind == DataKind::phone && tally().like_phones * 100 >= kMost * tally().values) {
      found.confidence = Confidence::certain;
      found.evidence += "; " + counted(tally().like_phones, tally().values, "are digits as in telephone numbers");
      return found;
    }
    const std::size_t passed = tally().of(check->detector);
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
