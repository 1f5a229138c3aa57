#include "relay/seed/proposal.h"

#include <fmt/format.h>

#include <algorithm>

#include "relay/seed/kind_finder.h"
#include "relay/seed/name_words.h"
#include "relay/sql/character_set.h"

namespace relay::seed {

namespace {

using scrub_rules::Action;
using scrub_rules::ActionKind;
using scrub_rules::Detector;
using sql::ColumnDefinition;
using sql::TableDefinition;

bool has_column(const sql::IndexDefinition& index, const ColumnDefinition& column) {
  return std::ranges::any_of(index.parts, [&](const sql::IndexPart& part) { return part.column == column.name; });
}

bool is_point_in_time(const ColumnDefinition& column) {
  return column.type == "date" || column.type == "datetime" || column.type == "timestamp";
}

// Nothing but yes and no, by what stands in it or else by its width.
bool is_yes_or_no(const ColumnFacts& facts, const ColumnDefinition& column) {
  if (column.type == "bit" || column.type == "enum") return true;
  return facts.tally.values > 0 ? facts.tally.zeros_and_ones == facts.tally.values : column.length == 1;
}

bool is_flag(const ColumnDefinition& column) {
  return column.type == "tinyint" || column.type == "enum" || (column.type == "bit" && column.length.value_or(1) == 1);
}

Action action_of(ActionKind kind) {
  Action action;
  action.kind = kind;
  return action;
}

Action keyed(ActionKind kind, std::string_view key) {
  Action action = action_of(kind);
  action.key = key;
  return action;
}

bool is_number_of_person(DataKind kind) { return kind >= DataKind::national_id && kind <= DataKind::ip; }

// A key that the server counts holds no value of the world, unless somebody wrote other numbers into it.
bool is_counted_key(const ColumnFacts& facts, const ColumnDefinition& column, DataKind kind) {
  if (column.implicit || column.row_period) return true;
  return column.auto_increment && !looks_personal(facts.tally) && !is_number_of_person(kind);
}

// Of an order or an account; a state that is not here may be a person's.
constexpr auto kPlainStates = std::to_array<std::string_view>(
    {"0",      "1",       "active",     "aktiv",  "archived", "arkivert", "av",      "betalt",   "cancelled",
     "closed", "deleted", "done",       "draft",  "error",    "false",    "failed",  "inactive", "inaktiv",
     "j",      "ja",      "kansellert", "levert", "lukket",   "n",        "nei",     "new",      "no",
     "ny",     "off",     "ok",         "on",     "open",     "paid",     "pending", "på",       "sendt",
     "sent",   "shipped", "slettet",    "true",   "utkast",   "y",        "yes",     "åpen"});

bool members_are_plain(const ColumnDefinition& column) {
  return std::ranges::all_of(column.members, [](const std::string& member) {
    return std::ranges::find(kPlainStates, sql::folded(member)) != kPlainStates.end();
  });
}

bool fits_plain_use(PlainUse use, const ColumnDefinition& column) {
  switch (use) {
    case PlainUse::time:
      return is_point_in_time(column) || is_flag(column);
    case PlainUse::flag:
      return is_flag(column);
    case PlainUse::amount:
      return is_number(column);
    case PlainUse::code:
      return column.type.ends_with("char") && column.length.value_or(255) <= 3;
  }
  return false;
}

// Whether what stands beside a person's key in the table says something of the person, however plain its own name is:
// the sum of a payroll, the country of a citizenship, the number of a state of health.
bool tells_by_table(PlainUse use, const ColumnFacts& facts, const ColumnDefinition& column) {
  const TableDefinition& table = facts.table;
  if (use == PlainUse::time) return false;
  return has_sensitive_word(table.table) ||
         ((use != PlainUse::flag || !is_yes_or_no(facts, column)) && names_persons(table.table));
}

// What is proposed to be kept, if the column is plainly impersonal.
bool is_plain(const ColumnFacts& facts, const ColumnDefinition& column, Proposal& proposal) {
  if (is_counted_key(facts, column, proposal.kind)) {
    proposal.confidence = Confidence::certain;
    proposal.evidence = column.auto_increment ? "AUTO_INCREMENT" : "made by the server";
  } else {
    const auto plain = find_plain_name(column.name);
    if (!plain || find_name(column.name) || !fits_plain_use(plain->use, column) || column.generated) return false;
    if (looks_personal(facts.tally) || !members_are_plain(column)) return false;
    if (tells_by_table(plain->use, facts, column)) return false;
    proposal.confidence = facts.tally.values > 0 || !column.members.empty() ? Confidence::certain : Confidence::likely;
    proposal.evidence = fmt::format("every word of the name is known, such as \"{}\"", plain->word);
    if (facts.tally.values > 0) {
      proposal.evidence += fmt::format("; none of {} sampled values looks like a person's", facts.tally.values);
    }
  }
  proposal.kind = DataKind::impersonal;
  proposal.action = action_of(ActionKind::keep);
  return true;
}

Action action_for_number(const ColumnFacts& facts, const ColumnDefinition& column, bool digits) {
  // A pseudonym is worth its risk where rows are joined or sought by it.
  const bool fits = is_text(column) || is_integer(column) || column.type == "decimal";
  if (!fits || !is_indexed(facts.table, column)) return action_of(ActionKind::drop);
  return hash_action(facts.key, column, digits);
}

Action rounded(const char* to) {
  Action action = action_of(ActionKind::round);
  action.to = to;
  return action;
}

Action action_for(DataKind kind, const ColumnFacts& facts, const ColumnDefinition& column) {
  const bool plain_number = is_integer(column) || column.type == "year";
  switch (kind) {
    case DataKind::national_id:
    case DataKind::d_number:
    case DataKind::account:
    case DataKind::card:
    case DataKind::organisation:
      return action_for_number(facts, column, true);
    case DataKind::iban:
    case DataKind::online_id:
      return action_for_number(facts, column, false);
    case DataKind::email:
      if (is_text(column)) return keyed(ActionKind::email, facts.key);
      break;
    case DataKind::phone:
      if (is_text(column) || is_integer(column)) return keyed(ActionKind::digits, facts.key);
      break;
    case DataKind::ip:
      if (is_text(column) || column.type.starts_with("inet") || column.type == "bigint" ||
          (column.type == "int" && column.is_unsigned) || column.type.ends_with("binary"))
        return action_of(ActionKind::ip);
      break;
    case DataKind::birth_date:
      if (!is_point_in_time(column)) break;
      {
        Action action = action_of(ActionKind::date);
        action.to = "year";
        return action;
      }
    case DataKind::birth_year:
    case DataKind::age:
      if (plain_number) return rounded("10");
      break;
    case DataKind::postcode:
      if (is_integer(column)) return rounded("100");
      if (column.type.ends_with("char")) {
        Action action = action_of(ActionKind::truncate);
        action.length = 2;
        return action;
      }
      break;
    default:
      break;
  }
  return action_of(ActionKind::drop);
}

std::string type_text(const ColumnDefinition& column) {
  return column.length ? fmt::format("{}({})", column.type, *column.length) : column.type;
}

}  // namespace

std::string_view text_of(Confidence confidence) {
  switch (confidence) {
    case Confidence::possible:
      return "possible";
    case Confidence::likely:
      return "likely";
    case Confidence::certain:
      return "certain";
  }
  return "possible";
}

bool looks_personal(const ValueTally& tally) {
  return tally.of(Detector::national_id) > 0 || tally.of(Detector::email) > 0 || tally.of(Detector::iban) > 0 ||
         tally.holding > 0 || tally.with_health_words > 0 || tally.mostly(tally.swedish_ids, 50) ||
         tally.mostly(tally.danish_ids, 50) || tally.mostly(Detector::card, 50) ||
         tally.mostly(Detector::account, 50) || tally.mostly(Detector::organisation, 50) ||
         tally.mostly(Detector::ip, 50) || tally.mostly(Detector::phone, 50);
}

bool is_text(const ColumnDefinition& column) {
  return column.type == "char" || column.type == "varchar" || column.type.ends_with("text");
}

bool is_integer(const ColumnDefinition& column) { return column.type.ends_with("int"); }

bool is_number(const ColumnDefinition& column) {
  return is_integer(column) || column.type == "decimal" || column.type == "float" || column.type == "double";
}

bool is_indexed(const TableDefinition& table, const ColumnDefinition& column) {
  return std::ranges::any_of(table.indexes, [&](const sql::IndexDefinition& index) {
    return index.kind <= sql::IndexKind::plain && has_column(index, column);
  });
}

bool is_in_primary_key(const TableDefinition& table, const ColumnDefinition& column) {
  return std::ranges::any_of(table.indexes, [&](const sql::IndexDefinition& index) {
    return index.kind == sql::IndexKind::primary && has_column(index, column);
  });
}

Action hash_action(std::string_view key, const ColumnDefinition& column, bool digits) {
  Action action = keyed(ActionKind::hash, key);
  if (digits && is_text(column)) action.encoding = "digits";
  return action;
}

Proposal propose(const ColumnFacts& facts) {
  const ColumnDefinition& column = facts.table.columns[facts.column];
  Proposal proposal = find_kind(facts);
  const bool personal = proposal.kind != DataKind::unknown;
  if ((!personal || is_counted_key(facts, column, proposal.kind)) && is_plain(facts, column, proposal)) {
    proposal.evidence += "; " + type_text(column);
    return proposal;
  }
  proposal.action = action_for(proposal.kind, facts, column);
  if (proposal.evidence.empty()) {
    proposal.evidence = column.generated          ? "computed from other columns"
                        : facts.tally.values == 0 ? "nothing tells what it holds"
                                                  : fmt::format("{} sampled values tell nothing", facts.tally.values);
  }
  proposal.evidence += "; " + type_text(column);
  return proposal;
}

}  // namespace relay::seed
