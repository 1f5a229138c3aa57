#include "relay/app/verify_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "relay/base/error.h"

namespace relay::app {

namespace {

using nlohmann::ordered_json;
using seed::KeySpan;
using seed::RowDifference;
using seed::TableFindings;

// A name may have been given by whoever can write at the replica.
std::string shown(const std::string& name) { return base::Subject(name).text(); }

std::string name_of(const TableFindings& table) { return shown(table.table.database + '.' + table.table.table); }

std::string span_text(const std::vector<KeySpan>& spans, std::uint64_t count) {
  std::string text;
  for (const KeySpan& span : spans) {
    text += (text.empty() ? "" : "; ") + shown(span.first);
    if (span.last != span.first) text += ".." + shown(span.last);
  }
  if (!text.empty() && spans.size() == TableFindings::kMostSpans && count > spans.size()) text += " ...";
  return text.empty() ? text : "  keys " + text;
}

void add_line(std::string& text, const std::string& table, std::string_view kind, const std::string& more) {
  text += fmt::format("{:<40} {:<10} {}\n", table, kind, more);
}

void add_table(std::string& text, const TableFindings& table) {
  const std::string name = name_of(table);
  for (const seed::SchemaDifference& difference : table.schema) {
    add_line(text, name, "schema", difference.what + (difference.name.empty() ? "" : ": " + shown(difference.name)));
  }
  for (std::size_t kind = 0; kind < seed::kRowDifferences; ++kind) {
    const std::uint64_t count = table.counts[kind];
    if (count == 0) continue;
    const auto difference = static_cast<RowDifference>(kind);
    std::string more = fmt::format("{} rows{}", count, span_text(table.spans[kind], count));
    if (difference == RowDifference::changed && !table.columns.empty()) {
      std::vector<std::string> columns;
      for (const std::string& column : table.columns) columns.push_back(shown(column));
      more += fmt::format("  columns {}", fmt::join(columns, ", "));
    }
    add_line(text, name, seed::name_of(difference), more);
  }
  if (table.cut) add_line(text, name, "", "too many rows differ: the rest of the table was not read");
  if (!table.rows_compared && !table.schema.empty()) add_line(text, name, "", "rows were not compared");
  if (table.gone) add_line(text, name, "gone", "it does not leave any more");
  if (!table.not_repaired.empty()) add_line(text, name, "", "not repaired: " + table.not_repaired);
  if (table.undecided > 0) {
    add_line(text, name, "undecided", fmt::format("{} changed too often to be compared", table.undecided));
  }
  if (!table.failed.empty()) add_line(text, name, "undecided", table.failed);
}

ordered_json table_json(const TableFindings& table) {
  ordered_json json = {{"database", table.table.database}, {"table", table.table.table}, {"rows", table.rows}};
  if (table.gone) {
    json["gone"] = true;
    return json;
  }
  json["equal"] = !table.differs() && table.is_decided();
  if (table.differs()) json["differences"] = ordered_json::array();
  for (const seed::SchemaDifference& difference : table.schema) {
    ordered_json one = {{"kind", "schema"}, {"what", difference.what}};
    if (!difference.name.empty()) one["name"] = difference.name;
    json["differences"].push_back(std::move(one));
  }
  for (std::size_t kind = 0; kind < seed::kRowDifferences; ++kind) {
    if (table.counts[kind] == 0) continue;
    const auto difference = static_cast<RowDifference>(kind);
    ordered_json one = {{"kind", seed::name_of(difference)}, {"rows", table.counts[kind]}};
    if (difference == RowDifference::changed) one["columns"] = table.columns;
    for (const KeySpan& span : table.spans[kind]) one["keys"].push_back({{"first", span.first}, {"last", span.last}});
    json["differences"].push_back(std::move(one));
  }
  if (table.cut) json["cut"] = true;
  if (!table.not_repaired.empty()) json["not_repaired"] = table.not_repaired;
  json["rows_compared"] = table.rows_compared;
  if (table.undecided > 0) json["undecided_rows"] = table.undecided;
  if (!table.failed.empty()) json["failed"] = table.failed;
  return json;
}

std::string_view verdict(const seed::VerifyOutcome& outcome) {
  if (outcome.differs()) return "different";
  return outcome.is_decided() ? "equal" : "undecided";
}

}  // namespace

std::string verify_text(const seed::VerifyOutcome& outcome) {
  std::string text;
  for (const TableFindings& table : outcome.repaired) add_table(text, table);
  if (!outcome.repaired.empty()) text += fmt::format("{} tables repaired; after that:\n", outcome.repaired.size());
  for (const TableFindings& table : outcome.tables) add_table(text, table);
  return text + fmt::format("{} tables, {} rows: {}\n", outcome.tables.size(), outcome.rows, verdict(outcome));
}

std::string verify_json(const seed::VerifyOutcome& outcome) {
  ordered_json json = {{"outcome", verdict(outcome)}, {"rows", outcome.rows}, {"tables", ordered_json::array()}};
  for (const TableFindings& table : outcome.tables) json["tables"].push_back(table_json(table));
  for (const TableFindings& table : outcome.repaired) json["repaired"].push_back(table_json(table));
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace relay::app
