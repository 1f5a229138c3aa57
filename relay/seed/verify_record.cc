#include "relay/seed/verify_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "relay/base/json_number.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using Json = nlohmann::ordered_json;
using std::chrono::steady_clock;

constexpr std::uint64_t kRecordFormat = 2;
constexpr std::chrono::hours kHolds{24};
constexpr std::size_t kLargestFile = std::size_t{256} << 20;
constexpr std::chrono::seconds kWriteEvery{1};

Json findings_json(const TableFindings& findings) {
  Json json = {{"rows", findings.rows},
               {"undecided", findings.undecided},
               {"rows_compared", findings.rows_compared},
               {"failed", findings.failed},
               {"cut", findings.cut},
               {"compared_as", findings.compared_as},
               {"columns", findings.columns}};
  for (std::size_t kind = 0; kind < kRowDifferences; ++kind) {
    Json spans = Json::array();
    for (const KeySpan& span : findings.spans[kind]) spans.push_back({span.first, span.last});
    json["kinds"].push_back({{"count", findings.counts[kind]}, {"spans", std::move(spans)}});
  }
  json["schema"] = Json::array();
  for (const SchemaDifference& difference : findings.schema) {
    json["schema"].push_back({difference.what, difference.name});
  }
  return json;
}

// Throws nlohmann::json::exception.
TableFindings findings_of(const nlohmann::json& json) {
  TableFindings findings;
  findings.rows = base::whole_number<std::uint64_t>(json.at("rows"));
  findings.undecided = base::whole_number<std::uint64_t>(json.at("undecided"));
  findings.rows_compared = json.at("rows_compared").get<bool>();
  findings.failed = json.at("failed").get<std::string>();
  findings.cut = json.at("cut").get<bool>();
  findings.compared_as = json.at("compared_as").get<std::string>();
  findings.columns = json.at("columns").get<std::set<std::string>>();
  for (std::size_t kind = 0; kind < kRowDifferences; ++kind) {
    const nlohmann::json& one = json.at("kinds").at(kind);
    findings.counts[kind] = base::whole_number<std::uint64_t>(one.at("count"));
    for (const nlohmann::json& span : one.at("spans")) {
      findings.spans[kind].push_back({span.at(0).get<std::string>(), span.at(1).get<std::string>()});
    }
  }
  for (const nlohmann::json& difference : json.at("schema")) {
    findings.schema.push_back({difference.at(0).get<std::string>(), difference.at(1).get<std::string>()});
  }
  return findings;
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Error no_record(const std::string& path) {
  return Error(ErrorKind::malformed, "the file is no record of a comparison")
      .about(path)
      .remedy("remove it, or give --state another path");
}

}  // namespace

VerifyRecord::VerifyRecord(VerifyRecord&& other) noexcept
    : files_(other.files_), path_(std::move(other.path_)), bound_to_(std::move(other.bound_to_)) {
  const base::MutexLock lock(other.mutex_);
  entries_ = std::move(other.entries_);
}

Result<VerifyRecord> VerifyRecord::open(base::FileSystem& files, std::string path, std::string bound_to) {
  VerifyRecord record(files, std::move(path), std::move(bound_to));
  if (record.path_.empty()) return record;
  RELAY_ASSIGN(const bool there, files.exists(record.path_));
  if (!there) return record;
  RELAY_ASSIGN(const std::string text, base::read_file(files, record.path_, kLargestFile));
  RELAY_TRY(record.read(text));
  return record;
}

Result<void> VerifyRecord::read(const std::string& text) {
  const base::MutexLock lock(mutex_);
  try {
    const auto json = nlohmann::json::parse(text);
    if (base::whole_number<std::uint64_t>(json.at("verify_format")) != kRecordFormat)
      return base::fail(no_record(path_));
    if (json.at("bound_to").get<std::string>() != bound_to_) return {};
    for (const nlohmann::json& table : json.at("tables")) {
      Entry entry;
      entry.findings = findings_of(table.at("findings"));
      entry.findings.table = {table.at("database").get<std::string>(), table.at("table").get<std::string>()};
      if (table.contains("up_to")) entry.up_to = table.at("up_to").get<KeyValues>();
      entry.at = table.at("at").get<std::int64_t>();
      const std::int64_t now = seconds_now();
      if (entry.at > now || now - entry.at > std::chrono::seconds(kHolds).count()) continue;
      // They become part of statements.
      if (entry.up_to && !std::ranges::all_of(*entry.up_to, is_key_literal)) return base::fail(no_record(path_));
      entries_[{entry.findings.table.database, entry.findings.table.table}] = std::move(entry);
    }
  } catch (const nlohmann::json::exception&) {
    return base::fail(no_record(path_));
  }
  return {};
}

std::optional<VerifyRecord::Entry> VerifyRecord::find(const sql::TableName& table, const std::string& mark) const {
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find({table.database, table.table});
  if (found == entries_.end() || found->second.findings.compared_as != mark) return {};
  return found->second;
}

Result<void> VerifyRecord::passed(const TableFindings& findings, const KeyValues& up_to) {
  return put(findings, up_to);
}

Result<void> VerifyRecord::done(const TableFindings& findings) { return put(findings, std::nullopt); }

Result<void> VerifyRecord::put(const TableFindings& findings, std::optional<KeyValues> up_to) {
  const base::MutexLock lock(mutex_);
  if (path_.empty()) return {};
  Entry entry{findings, std::move(up_to), seconds_now()};
  entry.findings.keys.clear();
  entries_[{findings.table.database, findings.table.table}] = std::move(entry);
  const auto now = steady_clock::now();
  if (now - written_ < kWriteEvery) return {};  // it is only read again
  written_ = now;
  return base::replace_file(*files_, path_, base::ByteView::of(text()));
}

Result<void> VerifyRecord::forget(const sql::TableName& table) {
  const base::MutexLock lock(mutex_);
  if (entries_.erase({table.database, table.table}) == 0) return {};
  return base::replace_file(*files_, path_, base::ByteView::of(text()));
}

std::string VerifyRecord::text() const {
  Json tables = Json::array();
  for (const auto& [name, entry] : entries_) {
    Json table = {{"database", name.first},
                  {"table", name.second},
                  {"at", entry.at},
                  {"findings", findings_json(entry.findings)}};
    if (entry.up_to) table["up_to"] = *entry.up_to;
    tables.push_back(std::move(table));
  }
  const Json json = {{"verify_format", kRecordFormat}, {"bound_to", bound_to_}, {"tables", std::move(tables)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<void> VerifyRecord::remove() {
  if (path_.empty()) return {};
  RELAY_ASSIGN(const bool there, files_->exists(path_));
  return there ? files_->remove(path_) : Result<void>();
}

}  // namespace relay::seed
