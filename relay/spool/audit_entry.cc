#include "relay/spool/audit_entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace relay::spool {

namespace {

constexpr std::size_t kMaximumText = 4096;
constexpr std::size_t kMaximumList = std::size_t{16} << 20;

std::string json_text(std::string_view text) {
  std::string clean(text.substr(0, kMaximumText));
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return nlohmann::json(clean).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string columns_text(const TableCounts& table) {
  std::string text;
  for (const ColumnCounts& column : table.columns) {
    text += fmt::format("{}{}:[{},{},{}]", text.empty() ? "" : ",", json_text(column.column), column.kept,
                        column.altered, column.dropped);
  }
  return text;
}

}  // namespace

AuditEntry::AuditEntry(std::string_view kind) : kind_(json_text(kind)) {}

void AuditEntry::add_key(std::string_view key) { members_ += fmt::format(",{}:", json_text(key)); }

AuditEntry& AuditEntry::add(std::string_view key, std::string_view text) {
  add_key(key);
  members_ += json_text(text);
  return *this;
}

AuditEntry& AuditEntry::add(std::string_view key, std::uint64_t number) {
  add_key(key);
  members_ += fmt::format("{}", number);
  return *this;
}

AuditEntry& AuditEntry::add(std::string_view key, const SpoolPosition& position) {
  add_key(key);
  members_ += fmt::format("[{},{}]", position.file, position.offset);
  return *this;
}

AuditEntry& AuditEntry::add(std::string_view key, const SourcePosition& position) {
  add_key(key);
  members_ += fmt::format("[{},{}]", json_text(position.file), position.offset);
  return *this;
}

AuditEntry& AuditEntry::add(std::string_view key, const std::vector<std::string>& names) {
  add_key(key);
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_full = list.size() > kMaximumList;
    list += (list.empty() ? "" : ",") + json_text(is_full ? fmt::format("and {} more", names.size() - i) : names[i]);
    if (is_full) break;
  }
  members_ += "[" + list + "]";
  return *this;
}

AuditEntry& AuditEntry::add(const std::vector<TableCounts>& tables) {
  add_key("tables");
  std::string list;
  for (const TableCounts& table : tables) {
    list += fmt::format("{}{{\"table\":{},\"events\":[{},{},{}],\"rows\":{},\"columns\":{{{}}}}}",
                        list.empty() ? "" : ",", json_text(table.table), table.events_kept, table.events_rewritten,
                        table.events_denied, table.rows, columns_text(table));
  }
  members_ += "[" + list + "]";
  return *this;
}

std::string AuditEntry::text(std::uint64_t number, std::string_view time) const {
  return fmt::format("{{\"n\":{},\"time\":{},\"kind\":{}{}}}", number, json_text(time), kind_, members_);
}

}  // namespace relay::spool
