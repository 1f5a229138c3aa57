#include "action_tester.h"

#include <stdexcept>

#include "declared_column.h"
#include "relay/sql/character_set.h"
#include "scrub_rules/column_type_of.h"
#include "scrub_rules/rule_set.h"

namespace relay::scrub_rules::testing {
namespace {

using binlog::Flavor;
using binlog::TypeCode;

// Every key is its own name, eight times.
class NamedKeys final : public KeyReader {
 public:
  base::Result<base::Secret> read(const KeySource& source, const std::string&) override {
    std::string key;
    for (int i = 0; i < 8; ++i) key += source.place;
    return base::Secret(std::move(key));
  }
};

}  // namespace

RuleSet rules_of(const std::string& words) {
  const std::size_t end = words.find(' ');
  std::string text =
      "[keys]\nperson = { env = \"person\" }\nother_key = { env = \"other_key\" }\n[[table]]\nname = "
      "\"d.t\"\n[table.columns]\n"
      "c = { action = \"";
  text += words.substr(0, end) + "\"";
  for (std::size_t at = end; at != std::string::npos && at + 1 < words.size();) {
    const std::size_t equal = words.find('=', at);
    const std::string name = words.substr(at + 1, equal - at - 1);
    const bool quoted = words[equal + 1] == '"';
    const std::size_t stop = quoted ? words.find('"', equal + 2) + 1 : words.find(' ', equal);
    const std::string value = words.substr(equal + 1, stop == std::string::npos ? stop : stop - equal - 1);
    const bool bare = quoted || value.starts_with('[') || value == "true" ||
                      value.find_first_not_of("0123456789.e") == std::string::npos;
    text += ", " + name + " = " + (bare ? value : "\"" + value + "\"");
    at = stop;
  }
  text += " }\n";
  base::Problems problems;
  NamedKeys reader;
  RuleSet rules = RuleSet::parse(text, "rules.toml", problems, &reader);
  if (!problems.empty()) throw std::invalid_argument(base::problem_line(problems.front()));
  return rules;
}

Parsed parsed(const std::string& words) {
  const RuleSet rules = rules_of(words);
  return {rules.tables()[0].columns.at(0).action, rules.keys()};
}

Column column_of(std::string declared) {
  const bool old = declared.ends_with(" old");
  if (old) declared.resize(declared.size() - std::string_view(" old").size());
  std::string collation;
  const std::size_t space = declared.rfind(' ');
  if (space != std::string::npos && declared.substr(space) != " unsigned") {
    const std::string word = declared.substr(space + 1);
    const bool set = sql::is_character_set(word);
    if (!set) collation = word;
    declared.replace(space, std::string::npos, " charset " + (set ? word : sql::character_set_of_collation(word)));
  }
  sql::ColumnDefinition column = declared_column(declared);
  column.collation = collation;
  const bool own = declared.starts_with("uuid") || declared.starts_with("inet");
  const Flavor flavor = own || old ? Flavor::mariadb : Flavor::mysql;
  auto type = column_type_of(column, flavor);
  if (!type) throw std::invalid_argument(type.error().message());
  if (old) type->code = type->code == TypeCode::datetime2 ? TypeCode::datetime : TypeCode::timestamp;
  return {column_traits(column, *type, flavor), collation, column};
}

std::string cell_of(const ColumnTraits& traits, std::string_view value) {
  base::Buffer cell;
  const auto done = encode_constant(traits, value, cell);
  if (!done) throw std::invalid_argument(std::string(value) + " " + done.error().message());
  return std::string(cell.view().text());
}

std::shared_ptr<CellTransform> made(const Parsed& action, const Column& column) {
  auto transform = CellTransform::make(action.action, column.traits, column.collation, action.keys);
  if (!transform) throw std::invalid_argument(transform.error().message());
  return *transform;
}

std::string applied(const CellTransform& transform, std::string_view cell) {
  base::Buffer into;
  const auto done = transform.apply(base::ByteView::of(cell), into);
  if (!done) return "error: " + done.error().message();
  return std::string(into.view().text());
}

}  // namespace relay::scrub_rules::testing
