#include "relay/app/audit_counts.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "relay/app/audit_report.h"
#include "tests/support/faulty_file.h"

namespace relay::app {
namespace {

using nlohmann::json;
using testing::FaultyFileSystem;

struct Record {
  FaultyFileSystem files;
  std::unique_ptr<spool::AuditRecord> record;

  Record() {
    REQUIRE(files.create_directory("spool"));
    auto opened = spool::AuditRecord::open(files, "spool");
    REQUIRE(opened);
    record = std::move(*opened);
  }
  std::vector<std::string> entries() {
    std::vector<std::string> found;
    const auto file = files.open("spool/audit.log", base::OpenMode::read);
    REQUIRE(file);
    REQUIRE(spool::for_each_audit_line(**file, 0, [&](std::string_view line, std::uint64_t) {
      const auto parts = spool::split_audit_line(line);
      REQUIRE(parts);
      found.emplace_back(parts->entry);
      return base::Result<void>();
    }));
    return found;
  }
};

// A row in each of `tables` tables of `columns` columns.
void count_rows(AuditCounts& counts, std::size_t tables, std::size_t columns) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (std::size_t i = 0; i < columns; ++i) names->push_back("column_" + std::to_string(i));
  binlog::RowsEvent event;
  event.kind = binlog::RowsKind::write;
  const std::string present((columns + 7) / 8, '\xff');
  event.present = base::ByteView::of(present);
  for (std::size_t i = 0; i < tables; ++i) {
    scrub_rules::TablePlan plan;
    plan.leaves = true;
    plan.identity = true;
    plan.name = "d.table_" + std::to_string(i);
    plan.column_names = names;
    plan.fates.assign(columns, scrub_rules::CellFate::keep);
    counts.tally().add_rows(plan, event, 1);
  }
  spool::SpoolWriter::Commit commit;
  commit.events_kept = static_cast<std::uint32_t>(tables);
  counts.commit(commit);
}

TEST_CASE("audit_counts: many tables make several entries, of which the last says up to where", "[app]") {
  Record to;
  Audit audit(*to.record);
  AuditCounts counts(audit);
  constexpr std::size_t kTables = 450, kColumns = 100;
  count_rows(counts, kTables, kColumns);
  REQUIRE(counts.write({1, 4096}));
  const auto entries = to.entries();
  CHECK(entries.size() == 3);
  AuditReport report;
  std::size_t tables = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const json entry = json::parse(entries[i]);
    CHECK(entry.at("kind") == "counts");
    tables += entry.at("tables").size();
    CHECK(entry.contains("counted_to") == (i + 1 == entries.size()));
    CHECK(entry.contains("transactions") == (i + 1 == entries.size()));
    CHECK(report.take(entries[i]).empty());
  }
  CHECK(tables == kTables);
  CHECK(to.record->head().counted_to == spool::SpoolPosition{1, 4096});
  const std::string sums = report.sums();
  CHECK(sums.find("\n1 transactions were spooled\n") != std::string::npos);
  CHECK(sums.find("d.table_449: 1 rows left") != std::string::npos);
}

TEST_CASE("audit_counts: one table with more columns than an entry's share is one entry", "[app]") {
  Record to;
  Audit audit(*to.record);
  AuditCounts counts(audit);
  count_rows(counts, 1, 30'000);
  REQUIRE(counts.write({1, 500}));
  CHECK(to.entries().size() == 1);
}

TEST_CASE("audit_counts: what a full disk kept out of the record is written once there is room, and once", "[app]") {
  Record to;
  Audit audit(*to.record);
  AuditCounts counts(audit);
  count_rows(counts, 450, 100);
  // Room for one entry and no more.
  for (std::uint64_t room = 0; to.entries().empty(); ++room) {
    to.files.fill_up_at(to.files.calls() + 1 + room);
    CHECK_FALSE(counts.write({1, 4096}));
    to.files.heal();
  }
  CHECK(to.entries().size() == 1);
  CHECK(to.record->head().counted_to == spool::SpoolPosition{});
  REQUIRE(counts.write({1, 4096}));
  std::size_t tables = 0, transactions = 0;
  for (const std::string& text : to.entries()) {
    const json entry = json::parse(text);
    tables += entry.at("tables").size();
    transactions += entry.value("transactions", 0U);
  }
  CHECK(tables == 450);
  CHECK(transactions == 1);
  REQUIRE(counts.write({1, 4096}));
  CHECK(to.entries().size() == 3);
}

}  // namespace
}  // namespace relay::app
