#include "relay/seed/table_mark.h"

#include "relay/base/sha256.h"
#include "relay/seed/table_reader.h"
#include "scrub_rules/table_rules.h"

namespace relay::seed {

namespace {

void add_part(std::string& text, std::string_view part) {
  text += std::to_string(part.size()) + ':' + std::string(part);
}

}  // namespace

std::string mark_of_rows(const SnapshotTable& table, const scrub_rules::RuleView& rules) {
  std::string text;
  add_part(text, same_parts(table.shown));
  add_part(text, table.made_at);
  const ReadingOrder order = reading_order(table, rules);
  add_part(text, order.key ? order.key->index : "");
  text += order.leaves ? '1' : '0';
  // Under the rules' one digest the lineage alone can make a difference: whose rules hold for the table.
  const sql::TableFate fate = scrub_rules::RuleTableFates(rules).fate_of(table.definition);
  for (std::size_t i = 0; i < fate.fates.size(); ++i) {
    add_part(text, table.definition.columns[i].name);
    text += std::to_string(static_cast<int>(fate.fates[i]));
    add_part(text, fate.mappings[i]);
    text += fate.constants[i] ? 'c' : 'n';
    add_part(text, fate.constants[i].value_or(""));
  }
  return base::sha256_hex({base::ByteView::of(text)});
}

}  // namespace relay::seed
