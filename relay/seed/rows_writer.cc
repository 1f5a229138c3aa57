#include "relay/seed/rows_writer.h"

namespace relay::seed {

namespace {

constexpr std::size_t kStatementSize = std::size_t{1} << 20;  // a quarter of MySQL 5.6's max_allowed_packet
constexpr std::uint64_t kFileSize = std::uint64_t{64} << 20;  // of SQL
constexpr std::size_t kKeptMemory = std::size_t{4} << 20;

}  // namespace

std::string rows_file_head() {
  return "SET NAMES binary;\n"
         "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', "
         "foreign_key_checks = 0, unique_checks = 0;\n";
}

base::Result<void> RowsWriter::add(base::ByteView row) {
  if (statement_.size() + row.size() > kStatementSize) RELAY_TRY(flush());
  if (rows_in_statement_ == 0) {
    statement_.append(target_.insert);
    statement_.append("\n");
  } else {
    statement_.append(",\n");
  }
  statement_.append(row);
  if (statement_.overflowed())
    return base::fail(base::ErrorKind::unsupported, "a row is too long for a statement: more than a gibibyte");
  ++rows_in_statement_;
  return {};
}

base::Result<void> RowsWriter::flush() {
  if (rows_in_statement_ == 0) return {};
  if (!file_) {
    RELAY_ASSIGN(file_, RowsFile::create(target_.files, target_.directory, target_.next_name()));
    RELAY_TRY(file_->write(base::ByteView::of(target_.head)));
  }
  statement_.append(";\n");
  RELAY_TRY(file_->write(statement_.view()));
  file_->count_rows(rows_in_statement_);
  rows_in_statement_ = 0;
  statement_.clear();
  statement_.shrink(kKeptMemory);
  return file_->sql_bytes() >= kFileSize ? end_file() : base::Result<void>();
}

base::Result<void> RowsWriter::end_file() {
  if (!file_) return {};
  RELAY_ASSIGN(FileRecord record, file_->finish());
  records_.push_back(std::move(record));
  file_.reset();
  return {};
}

base::Result<void> RowsWriter::finish() {
  RELAY_TRY(flush());
  return end_file();
}

}  // namespace relay::seed
