// Rule files of any bytes: every mistake becomes a problem, and every constant that is read is encoded or refused for
// every type.

#include <array>
#include <cstdint>
#include <string_view>

#include "scrub_rules/column_type_of.h"
#include "scrub_rules/constant.h"
#include "scrub_rules/rule_set.h"
#include "scrub_rules/table_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace relay;

void encode_everywhere(std::string_view value) {
  static constexpr std::array<std::string_view, 18> kTypes = {
      "tinyint",   "bigint", "double", "decimal", "bit",  "year",     "date", "time",  "datetime",
      "timestamp", "char",   "text",   "binary",  "json", "geometry", "uuid", "inet6", "vector"};
  for (const std::string_view type : kTypes) {
    for (const auto flavor : {binlog::Flavor::mysql, binlog::Flavor::mariadb}) {
      sql::ColumnDefinition column;
      column.name = "c";
      column.type = type;
      column.character_set = "latin1";
      if (type == "char" || type == "binary" || type == "vector") column.length = 20;
      const auto binlog_type = scrub_rules::column_type_of(column, flavor);
      if (!binlog_type) continue;
      base::Buffer cell;
      const auto done =
          scrub_rules::encode_constant(scrub_rules::column_traits(column, *binlog_type, flavor), value, cell);
      // An encoded cell is one that its own type measures.
      fuzz::require(done.has_value() || cell.size() == 0);
      if (!done) continue;
      const auto length = binlog::cell_length(*binlog_type, cell.view());
      fuzz::require(length.has_value() && *length == cell.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  base::Problems problems;
  const auto rules = scrub_rules::RuleSet::parse(text, "rules.toml", problems);
  for (const base::Problem& problem : problems) {
    fuzz::require(!base::problem_line(problem).empty());
  }
  static_cast<void>(rules.digest());
  for (const scrub_rules::TableRule& rule : rules.tables()) {
    static_cast<void>(rules.find(rule.database, rule.table, true));
    for (const scrub_rules::ColumnRule& column : rule.columns) encode_everywhere(column.action.value);
  }
  encode_everywhere(text);
  return 0;
}
