#include "relay/app/audit_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/base/ascii.h"
#include "relay/base/nesting.h"

namespace relay::app {

namespace {

using nlohmann::ordered_json;

std::string text_of(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  // A place is a file and an offset; everything else a list of names.
  const bool is_place = value.size() == 2 && value[1].is_number();
  std::string text;
  for (const ordered_json& item : value) text += (text.empty() ? "" : is_place ? ":" : ", ") + text_of(item);
  return text;
}

// A member of the same kind as `otherwise`, or that: an entry that somebody edited is told about by --verify.
ordered_json member(const ordered_json& from, const char* key, ordered_json otherwise) {
  const auto found = from.find(key);
  return found != from.end() && found->type() == otherwise.type() ? *found : std::move(otherwise);
}

std::string text(const ordered_json& from, const char* key) { return member(from, key, "").get<std::string>(); }

std::uint64_t number(const ordered_json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::uint64_t item(const ordered_json& list, std::size_t index) {
  return list.is_array() && index < list.size() && list[index].is_number_unsigned() ? list[index].get<std::uint64_t>()
                                                                                    : 0;
}

}  // namespace

std::string AuditReport::take(std::string_view entry) {
  if (base::is_deep_json(entry)) return {};
  const ordered_json value = ordered_json::parse(entry, nullptr, false);
  if (!value.is_object()) return {};
  not_counted_ += number(value, "not_counted_transactions");
  if (text(value, "kind") == "counts") {
    transactions_ += number(value, "transactions");
    for (const ordered_json& counted : member(value, "tables", ordered_json::array())) {
      Table& table = tables_[base::without_control(text(counted, "table"))];
      const ordered_json events = member(counted, "events", ordered_json::array());
      table.events_kept += item(events, 0);
      table.events_rewritten += item(events, 1);
      table.events_denied += item(events, 2);
      table.rows += number(counted, "rows");
      const ordered_json columns = member(counted, "columns", ordered_json::object());
      for (const auto& [name, cells] : columns.items()) {
        Column& column = table.columns[base::without_control(name)];
        column.kept += item(cells, 0);
        column.altered += item(cells, 1);
        column.dropped += item(cells, 2);
      }
    }
    return {};
  }
  std::string line = fmt::format("{} {:<17}", text(value, "time"), text(value, "kind"));
  for (const auto& [key, member] : value.items()) {
    if (key != "n" && key != "time" && key != "kind") line += fmt::format(" {}={}", key, text_of(member));
  }
  return base::without_control(std::move(line)) + "\n";
}

std::string AuditReport::sums() const {
  std::string text = fmt::format("\n{} transactions were spooled", transactions_);
  if (not_counted_ > 0)
    text += fmt::format("; {} more were not counted by table, because the relay was killed", not_counted_);
  text += "\n";
  for (const auto& [name, table] : tables_) {
    text += fmt::format("\n{}: {} rows left; of its row events {} left as they came, {} rewritten, {} did not leave\n",
                        name, table.rows, table.events_kept, table.events_rewritten, table.events_denied);
    std::size_t width = 0;
    for (const auto& [column, counts] : table.columns) width = std::max(width, column.size());
    for (const auto& [column, counts] : table.columns) {
      text += fmt::format("  {:<{}}  values: {} left as they are, {} altered, {} dropped\n", column, width, counts.kept,
                          counts.altered, counts.dropped);
    }
  }
  return text;
}

}  // namespace relay::app
