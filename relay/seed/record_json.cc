#include "relay/seed/record_json.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "relay/base/json_number.h"
#include "relay/seed/snapshot_names.h"

namespace relay::seed {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kDigestLength = 64;

ordered_json rows_json(const FileRecord& file) {
  return {{"file", file.name},
          {"rows", file.rows},
          {"bytes", file.bytes},
          {"sql_bytes", file.sql_bytes},
          {"sha256", file.sha256}};
}

}  // namespace

ordered_json statements_json(const FileRecord& file) {
  return {{"file", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

ordered_json table_json(const TableRecord& table) {
  ordered_json files = ordered_json::array();
  for (const FileRecord& file : table.files) files.push_back(rows_json(file));
  return {{"database", table.database},
          {"table", table.table},
          {"read_by", table.key.empty() ? ordered_json(nullptr) : ordered_json(table.key)},
          {"rows", table.rows},
          {"files", std::move(files)}};
}

FileRecord file_of(const json& from) {
  FileRecord file;
  file.name = from.at("file").get<std::string>();
  file.bytes = base::whole_number<std::uint64_t>(from.at("bytes"));
  file.sha256 = from.at("sha256").get<std::string>();
  return file;
}

TableRecord table_of(const json& from) {
  TableRecord table;
  table.database = from.at("database").get<std::string>();
  table.table = from.at("table").get<std::string>();
  if (from.contains("read_by") && from.at("read_by").is_string()) table.key = from.at("read_by").get<std::string>();
  table.rows = base::whole_number<std::uint64_t>(from.at("rows"));
  for (const json& each : from.at("files")) {
    FileRecord file = file_of(each);
    file.rows = base::whole_number<std::uint64_t>(each.at("rows"));
    file.sql_bytes = base::whole_number<std::uint64_t>(each.at("sql_bytes"));
    table.files.push_back(std::move(file));
  }
  return table;
}

bool is_digest(const std::string& text) {
  return text.size() == kDigestLength &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_rows_file_of(const sql::TableName& table, const std::string& name) {
  std::uint32_t number = 0;
  const std::string_view stem = std::string_view(name).substr(0, name.find(".sql.zst"));
  const std::size_t dot = stem.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::from_chars(stem.data() + dot + 1, stem.data() + stem.size(), number);
  return number != 0 && rows_file_name(table, number) == name;
}

}  // namespace relay::seed
