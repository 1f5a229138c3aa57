#include "relay/seed/table_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/snapshot_names.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

using base::Error;
using base::ErrorKind;
using base::Result;

TablePool::TablePool(ConsistentView& view, TableWatch& watch, binlog::Flavor flavor, const scrub_rules::RuleView& rules,
                     const SnapshotFolder& folder, LiveConnections& connections, SnapshotProgress& progress,
                     const KeptTables& kept, SnapshotJournal& journal)
    : view_(view),
      watch_(watch),
      flavor_(flavor),
      rules_(rules),
      folder_(folder),
      connections_(connections),
      progress_(progress),
      kept_(kept),
      journal_(journal) {
  const auto& tables = view.schema.tables;
  std::vector<std::size_t> order(tables.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return tables[i].estimated_rows; });
  std::ranges::stable_partition(order, [&](std::size_t i) { return !kept.written[i]; });
  for (const std::size_t i : order) {
    if (!kept.kept[i]) jobs_.push_back({i, {}, true});
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const SnapshotTable& table = tables[i];
    Reading& reading = readings_.emplace_back();
    if (kept.kept[i]) {
      records_.push_back(kept.kept[i]->record);
      continue;
    }
    records_.push_back({table.definition.database, table.definition.table, "", 0, {}});
    reading.order = reading_order(table, rules);
    if (reading.order.key) records_.back().key = reading.order.key->index;
  }
}

Result<std::vector<TableRecord>> TablePool::run() {
  std::vector<std::thread> threads;
  for (const auto& reader : view_.readers) threads.emplace_back([this, &reader] { work(**reader); });
  for (std::thread& thread : threads) thread.join();
  const base::MutexLock lock(mutex_);
  if (error_) return base::fail(*error_);
  return std::move(records_);
}

void TablePool::work(source::SourceConnection& reader) {
  while (std::optional<Job> job = next()) end_job(do_job(reader, std::move(*job)));
}

std::optional<TablePool::Job> TablePool::next() {
  const base::MutexLock lock(mutex_);
  while (!error_ && jobs_.empty() && running_ > 0) changed_.wait(mutex_);
  if (error_ || jobs_.empty()) return std::nullopt;
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  ++running_;
  return job;
}

void TablePool::end_job(Result<void> done) {
  const base::MutexLock lock(mutex_);
  --running_;
  if (!done && !error_) {
    error_ = done.error();
    connections_.interrupt_all();  // nothing of what the others read will be used
  }
  changed_.notify_all();
}

Result<void> TablePool::do_job(source::SourceConnection& reader, Job job) {
  const SnapshotTable& table = view_.schema.tables[job.table];
  auto scrubber = RowScrubber::make(table.definition, flavor_, rules_);
  if (!scrubber) {
    Error error = scrubber.error();
    if (error.subject().empty()) error.about(table.name());
    return base::fail(std::move(error));
  }
  RowsWriter writer({folder_.files(), folder_.directory(), rows_file_head(),
                     fmt::format("INSERT INTO {}.{} {} VALUES", source::quote_name(table.definition.database),
                                 source::quote_name(table.definition.table), scrubber->insert_list()),
                     [this, at = job.table] { return next_file(at); }});
  const ReadingOrder order = order_of(job.table);
  TableReader reading(reader, watch_, table, std::move(*scrubber), order.key, progress_);
  if (job.whole && !order.key && table.estimated_rows > parts_.rows) {
    base::log(base::LogLevel::warning,
              "{} has no key that its rows could be read by in parts: one statement reads all of it",
              base::Subject(table.name()).text());
  }
  if (job.whole && order.key && table.estimated_rows > 2 * parts_.rows) {
    RELAY_ASSIGN(std::vector<KeyValues> cuts, reading.cuts(parts_.rows, parts_.most));
    share(job, std::move(cuts));
  }
  if (order.leaves) {
    RELAY_TRY(reading.read(job.range, [&writer](base::ByteView row) { return writer.add(row); }));
  } else {
    RowShuffle& shuffle = shuffle_of(job.table);
    RELAY_TRY(reading.read(job.range, [&shuffle](base::ByteView row) { return shuffle.add(row); }));
    const std::unique_ptr<RowShuffle> all = end_reading(job.table);
    if (all == nullptr) return {};
    RELAY_TRY(all->drain([&](base::ByteView row) -> Result<void> {
      // No connection is asked meanwhile that would tell.
      if (connections_.interrupted()) return base::fail(ErrorKind::interrupted, "stopped");
      return writer.add(row);
    }));
  }
  RELAY_TRY(writer.finish());
  return end_files(job.table, writer.records());
}

Result<void> TablePool::end_files(std::size_t table, const std::vector<FileRecord>& files) {
  FinishedTable finished;
  {
    const base::MutexLock lock(mutex_);
    TableRecord& record = records_[table];
    for (const FileRecord& file : files) {
      record.rows += file.rows;
      record.files.push_back(file);
    }
    if (--readings_[table].parts_left > 0) return {};
    finished = {record, kept_.marks[table]};
  }
  return journal_.add(std::move(finished));
}

ReadingOrder TablePool::order_of(std::size_t table) {
  const base::MutexLock lock(mutex_);
  return readings_[table].order;
}

RowShuffle& TablePool::shuffle_of(std::size_t table) {
  const base::MutexLock lock(mutex_);
  std::unique_ptr<RowShuffle>& shuffle = readings_[table].shuffle;
  if (shuffle == nullptr) {
    shuffle = std::make_unique<RowShuffle>(
        RowShuffle::Target{folder_.files(), folder_.directory(), [this, table] { return next_pile(table); }});
  }
  return *shuffle;
}

std::unique_ptr<RowShuffle> TablePool::end_reading(std::size_t table) {
  const base::MutexLock lock(mutex_);
  Reading& reading = readings_[table];
  if (reading.parts_left == 1) return std::move(reading.shuffle);
  --reading.parts_left;
  return nullptr;
}

void TablePool::share(Job& job, std::vector<KeyValues> cuts) {
  if (cuts.empty()) return;
  const base::MutexLock lock(mutex_);
  readings_[job.table].parts_left += cuts.size();
  for (std::size_t i = cuts.size(); i-- > 0;) {
    Job part{job.table, {cuts[i], std::nullopt}, false};
    if (i + 1 < cuts.size()) part.range.up_to = cuts[i + 1];
    jobs_.push_front(std::move(part));
  }
  job.range.up_to = std::move(cuts.front());
  changed_.notify_all();
}

std::string TablePool::next_file(std::size_t table) {
  const base::MutexLock lock(mutex_);
  return rows_file_name(view_.schema.tables[table].definition.name(), ++readings_[table].files);
}

std::string TablePool::next_pile(std::size_t table) {
  const base::MutexLock lock(mutex_);
  return pile_file_name(view_.schema.tables[table].definition.name(), ++readings_[table].piles);
}

}  // namespace relay::seed
