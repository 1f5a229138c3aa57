#include "relay/source/source_facts.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "relay/binlog/format_description.h"

namespace relay::source {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::uint32_t kBinaryLogStatusSince =
    80200;  // MySQL 8.2: SHOW BINARY LOG STATUS; 8.4 drops SHOW MASTER STATUS
constexpr std::uint64_t kSecondsPerDay = 86'400;

// Global variables by name, as the server spells their values.
class Variables {
 public:
  explicit Variables(const Rows& rows) {
    for (const Row& row : rows) {
      if (row.size() >= 2 && row[0] && row[1]) values_[*row[0]] = *row[1];
    }
  }

  [[nodiscard]] std::string text(const char* name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  [[nodiscard]] std::optional<std::uint64_t> number(const char* name) const {
    const std::string value = text(name);
    std::uint64_t number = 0;
    // A fraction, as MariaDB's expire_logs_days may have, is cut off.
    if (std::from_chars(value.data(), value.data() + value.size(), number).ec != std::errc{}) return std::nullopt;
    return number;
  }
  [[nodiscard]] bool is_on(const char* name) const { return text(name) == "ON" || text(name) == "1"; }

 private:
  std::map<std::string, std::string> values_;
};

std::optional<std::uint64_t> expire_seconds_of(const Variables& variables) {
  const auto seconds = variables.number("binlog_expire_logs_seconds");
  if (seconds && *seconds > 0) return seconds;
  const auto days = variables.number("expire_logs_days");
  if (days) return *days * kSecondsPerDay;
  return seconds;
}

void read_log_settings(const Variables& variables, SourceFacts& facts) {
  facts.log_bin = variables.is_on("log_bin");
  facts.gtid_mode = variables.text("gtid_mode");
  facts.binlog_format = variables.text("binlog_format");
  facts.binlog_row_image = variables.text("binlog_row_image");
  facts.binlog_row_metadata = variables.text("binlog_row_metadata");
  facts.binlog_row_value_options = variables.text("binlog_row_value_options");
  facts.binlog_transaction_compression = variables.text("binlog_transaction_compression");
  facts.log_bin_compress = variables.text("log_bin_compress");
  facts.encrypt_binlog =
      variables.text(facts.flavor == binlog::Flavor::mariadb ? "encrypt_binlog" : "binlog_encryption");
  facts.binlog_checksum = variables.text("binlog_checksum");
  facts.expire_seconds = expire_seconds_of(variables);
  facts.log_replica_updates = variables.is_on("log_slave_updates") || variables.is_on("log_replica_updates");
}

constexpr const char* kVariables =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
    "('server_id','server_uuid','log_bin','gtid_mode','binlog_format','binlog_row_image',"
    "'binlog_row_metadata','binlog_row_value_options','binlog_transaction_compression','log_bin_compress','encrypt_"
    "binlog',"
    "'binlog_encryption','binlog_checksum','binlog_expire_logs_seconds','expire_logs_days','lower_case_table_names','"
    "gtid_domain_id',"
    "'explicit_defaults_for_timestamp','log_slave_updates','log_replica_updates')";

Error unreadable(base::FixedText what) { return Error(ErrorKind::unsupported, what); }

}  // namespace

binlog::Flavor flavor_of_version(std::string_view version) {
  binlog::FormatDescription description;
  description.server_version = version;
  return description.flavor();
}

std::uint32_t version_number_of(std::string_view version) {
  binlog::FormatDescription description;
  description.server_version = version;
  return description.version_number();
}

base::Result<SourceFacts> read_source_facts(SourceConnection& connection) {
  SourceFacts facts;
  RELAY_ASSIGN(const std::optional<std::string> version, connection.query_value("SELECT VERSION()"));
  facts.version = version.value_or("");
  facts.flavor = flavor_of_version(facts.version);
  facts.version_number = version_number_of(facts.version);
  RELAY_ASSIGN(const Rows rows, connection.query(kVariables));
  const Variables variables(rows);
  facts.server_id = static_cast<std::uint32_t>(variables.number("server_id").value_or(0));
  facts.server_uuid = variables.text("server_uuid");
  facts.lower_case_table_names = static_cast<std::uint32_t>(variables.number("lower_case_table_names").value_or(0));
  facts.gtid_domain_id = static_cast<std::uint32_t>(variables.number("gtid_domain_id").value_or(0));
  facts.explicit_defaults_for_timestamp = variables.is_on("explicit_defaults_for_timestamp");
  read_log_settings(variables, facts);
  return facts;
}

base::Result<LogPosition> current_log_position(SourceConnection& connection, const SourceFacts& facts) {
  const bool new_words = facts.flavor == binlog::Flavor::mysql && facts.version_number >= kBinaryLogStatusSince;
  RELAY_ASSIGN(const Rows rows, connection.query(new_words ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS"));
  if (rows.empty()) {
    return base::fail(Error(ErrorKind::peer, "the source writes no binary log").remedy("start it with log_bin"));
  }
  const Row& row = rows[0];
  if (row.size() < 4 || !row[0] || !row[1])
    return base::fail(unreadable("the source's binary log status cannot be read"));
  LogPosition position;
  position.file = *row[0];
  if (std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), position.offset).ec != std::errc{}) {
    return base::fail(unreadable("the source's binary log status cannot be read"));
  }
  position.do_databases = row[2].value_or("");
  position.not_databases = row[3].value_or("");
  if (row.size() > 4) position.gtids = row[4].value_or("");
  return position;
}

base::Result<std::string> first_log_file(SourceConnection& connection) {
  RELAY_ASSIGN(const std::optional<std::string> file, connection.query_value("SHOW BINARY LOGS"));
  if (!file)
    return base::fail(Error(ErrorKind::peer, "the source has no binary log file").remedy("start it with log_bin"));
  return *file;
}

base::Result<std::vector<LogFileEnd>> log_file_ends(SourceConnection& connection) {
  constexpr std::uint64_t kEncryptionHeader = 512;  // counted in the size, not in positions
  RELAY_ASSIGN(const Rows rows, connection.query("SHOW BINARY LOGS"));
  std::vector<LogFileEnd> ends;
  for (const Row& row : rows) {
    std::uint64_t size = 0;
    const bool readable = row.size() >= 2 && row[0] && row[1] &&
                          std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), size).ec == std::errc{};
    if (!readable) return base::fail(unreadable("the list of the source's binary logs cannot be read"));
    const bool encrypted = row.size() > 2 && row[2] == "Yes" && size >= kEncryptionHeader;
    ends.push_back({*row[0], encrypted ? size - kEncryptionHeader : size});
  }
  return ends;
}

base::Result<binlog::MysqlGtidSet> purged_gtids(SourceConnection& connection) {
  RELAY_ASSIGN(const std::optional<std::string> text, connection.query_value("SELECT @@GLOBAL.gtid_purged"));
  return binlog::MysqlGtidSet::parse_text(text.value_or(""));
}

base::Result<binlog::MysqlGtidSet> executed_gtids(SourceConnection& connection) {
  RELAY_ASSIGN(const std::optional<std::string> text, connection.query_value("SELECT @@GLOBAL.gtid_executed"));
  return binlog::MysqlGtidSet::parse_text(text.value_or(""));
}

base::Result<binlog::MariadbGtidList> mariadb_gtids_logged(SourceConnection& connection) {
  RELAY_ASSIGN(const std::optional<std::string> text, connection.query_value("SELECT @@GLOBAL.gtid_binlog_state"));
  return binlog::MariadbGtidList::parse_text(text.value_or(""));
}

base::Result<binlog::MariadbGtidList> mariadb_gtids_at(SourceConnection& connection, const std::string& file,
                                                       std::uint64_t offset) {
  RELAY_ASSIGN(const std::optional<std::string> text,
               connection.query_value(fmt::format("SELECT BINLOG_GTID_POS({}, {})", quote_text(file), offset)));
  if (!text) {
    return base::fail(
        Error(ErrorKind::rule, "the source knows no GTID position for that file and position")
            .about(file)
            .at(offset)
            .remedy(
                "give source.start a file that SHOW BINARY LOGS lists, and a position at the end of a transaction"));
  }
  return binlog::MariadbGtidList::parse_text(*text);
}

}  // namespace relay::source
