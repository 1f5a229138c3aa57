#include "relay/server/binlog_answers.h"

#include <charconv>

#include "relay/wire/protocol.h"

namespace relay::server {

namespace {

ErrorAnswer cannot_read() {
  return {wire::kErrorUnknown, "HY000", "the relay cannot read its spool; its log says why"};
}

}  // namespace

base::Result<std::uint64_t> published_size(const SpoolAccess& spool, std::uint32_t file) {
  if (!spool.index.find(file)) return base::fail(base::ErrorKind::unsupported, "the spool has no such file");
  const spool::SpoolPosition tail = spool.tail.get();
  if (file == tail.file) return tail.offset;
  if (file > tail.file) return std::uint64_t{0};
  RELAY_ASSIGN(const auto open_file, spool.files.open(spool.index.path(file), base::OpenMode::read));
  return open_file->size();
}

QueryAnswer show_binlog_status(const AnswerContext& context, const std::vector<StatementToken>&) {
  const spool::SpoolPosition tail = context.spool.tail.get();
  wire::TextResult result{{"File", "Position", "Binlog_Do_DB", "Binlog_Ignore_DB"}, {}};
  std::vector<std::optional<std::string>> row{spool::spool_file_name(tail.file), std::to_string(tail.offset), "", ""};
  if (!context.facts.mariadb()) {
    const auto gtids = gtids_before(context.spool, tail);
    if (!gtids) return cannot_read();
    result.columns.emplace_back("Executed_Gtid_Set");
    row.emplace_back(gtids->mysql.text());
  }
  result.rows.push_back(std::move(row));
  return result;
}

QueryAnswer show_binary_logs(const AnswerContext& context, const std::vector<StatementToken>&) {
  wire::TextResult result{{"Log_name", "File_size"}, {}};
  if (!context.facts.mariadb()) result.columns.emplace_back("Encrypted");
  for (const spool::SpoolFileEntry& entry : context.spool.index.entries()) {
    const auto size = published_size(context.spool, entry.number);
    if (!size) continue;  // purged in this moment
    std::vector<std::optional<std::string>> row{spool::spool_file_name(entry.number), std::to_string(*size)};
    if (!context.facts.mariadb()) row.emplace_back("No");
    result.rows.push_back(std::move(row));
  }
  return result;
}

QueryAnswer binlog_gtid_pos(const AnswerContext& context, const std::vector<StatementToken>& literals) {
  constexpr const char* kColumn = "binlog_gtid_pos";
  if (!context.facts.mariadb())
    return ErrorAnswer{wire::kErrorNoSuchFunction, "42000", "this server has no GTIDs of MariaDB"};
  std::uint64_t offset = 0;
  const std::string& number = literals[1].text;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), offset);
  if (parsed.ec != std::errc()) return single_cell(kColumn, std::nullopt);
  std::uint32_t file = spool::spool_file_number(literals[0].text);
  if (literals[0].text.empty()) file = context.spool.index.first().value_or(spool::SpoolFileEntry{}).number;
  const auto size = published_size(context.spool, file);
  if (!size || offset > *size) return single_cell(kColumn, std::nullopt);
  const auto gtids = gtids_before(context.spool, {file, offset});
  if (!gtids) return single_cell(kColumn, std::nullopt);
  return single_cell(kColumn, gtids->mariadb.position_text());
}

}  // namespace relay::server
