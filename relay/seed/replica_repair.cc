#include "relay/seed/replica_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/repair_check.h"
#include "relay/seed/replica_error.h"
#include "relay/seed/row_scrubber.h"
#include "relay/seed/table_comparison.h"
#include "relay/seed/table_reader.h"
#include "relay/source/dump_command.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using source::quote_name;
using source::RowView;

constexpr int kRepairTries = 3;
constexpr std::size_t kKeysTogether = 200;
constexpr std::size_t kStatementSize = std::size_t{1} << 19;  // bytes, below the servers' usual max_allowed_packet
// As row_scrubber.h wants the session.
constexpr auto kWritingSession = std::to_array<std::string_view>(
    {"SET SESSION sql_log_bin = 0", "SET NAMES binary",
     "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00'",
     "SET SESSION foreign_key_checks = 0, autocommit = 1", "START TRANSACTION"});

Result<void> write(source::SourceConnection& replica, std::string_view statement) {
  const auto written = replica.query(statement);
  return written ? Result<void>() : base::fail(replica_error(written.error()));
}

// Rows on their way into a table, as INSERT statements.
class RowInserter {
 public:
  RowInserter(source::SourceConnection& replica, std::string insert) : replica_(replica), insert_(std::move(insert)) {}
  Result<void> add(base::ByteView row) {
    statement_.append(statement_.size() == 0 ? insert_ : std::string(","));
    statement_.append(row);
    return statement_.size() < kStatementSize ? Result<void>() : flush();
  }
  Result<void> flush() {
    if (statement_.size() == 0) return {};
    if (statement_.overflowed())
      return base::fail(ErrorKind::unsupported, "a row is larger than memory is given to it");
    RELAY_TRY(write(replica_, statement_.view().text()));
    statement_.clear();
    return {};
  }

 private:
  source::SourceConnection& replica_;
  std::string insert_;
  base::Buffer statement_;
};

// The rows that were copied, by a key whose values stand behind the columns that were asked for.
struct CopiedKeys {
  const TableKey& key;
  std::set<KeyValues> found;
};

// Rows that are in `copied` are left out; null: none.
Result<void> copy_rows(source::SourceConnection& view, const std::string& statement, RowScrubber& scrubber,
                       CopiedKeys* copied, RowInserter& into) {
  base::Buffer row;
  const std::size_t keys = copied == nullptr ? 0 : copied->key.columns.size();
  const std::size_t asked = std::max<std::size_t>(1, scrubber.selected() + keys);
  const auto take = [&](RowView values) -> Result<void> {
    RELAY_TRY(check_width(values, asked));
    if (copied != nullptr) {
      RELAY_ASSIGN(KeyValues at, key_literals(copied->key, values.subspan(scrubber.selected())));
      if (!copied->found.insert(std::move(at)).second) return {};
    }
    row.clear();
    RELAY_TRY(scrubber.append(values.first(scrubber.selected()), row));
    return into.add(row.view());
  };
  return view.read_rows(statement, take);
}

}  // namespace

bool is_repairable(const TableFindings& findings) { return findings.rows_compared && findings.different_rows() > 0; }

Result<void> ReplicaRepair::run(std::vector<TableFindings>& tables) {
  if (!settings_.facts.has_gtids()) {
    return base::fail(
        Error(ErrorKind::unsupported, "the source has no GTIDs, so its replicas cannot be held at a position")
            .remedy("make the replica anew from a snapshot"));
  }
  for (int tries = 1; tries <= kRepairTries; ++tries) {
    RELAY_ASSIGN(const bool done, try_once(tables));
    if (done) return {};
    base::log(base::LogLevel::warning,
              "the replica's applier did not stop where it was told to: the repair begins anew");
  }
  return base::fail(Error(ErrorKind::peer, "the replica's applier does not stop where it is told to")
                        .remedy("try again; with several applier threads, try with one"));
}

// False: the applier was not where the view is.
Result<bool> ReplicaRepair::try_once(std::vector<TableFindings>& tables) {
  ReplicaApplier applier(settings_.replica, settings_.replica_facts);
  RELAY_TRY(applier.stop());
  const SchemaFunction read_schema = [&](source::SourceConnection& connection) {
    return read_snapshot_schema(connection, settings_.facts, settings_.leaving, settings_.rules, Engines::any);
  };
  RELAY_ASSIGN(ConsistentView view,
               make_view({settings_.source, settings_.facts, settings_.leaving, 1}, read_schema, connections_, stop_));
  RELAY_ASSIGN(const bool there, applier.run_to(view.position, stop_));
  if (there) RELAY_TRY(write_all(tables, view));
  RELAY_TRY(applier.start());
  return there;
}

Result<void> ReplicaRepair::write_all(std::vector<TableFindings>& tables, ConsistentView& view) {
  LiveConnection replica(connections_);
  const auto connected = replica->connect(settings_.replica, source::SourceConnection::Purpose::questions);
  if (!connected) return base::fail(replica_error(connected.error()));
  for (const std::string_view statement : kWritingSession) RELAY_TRY(write(*replica, statement));
  for (TableFindings& findings : tables) {
    const auto table = std::ranges::find_if(
        view.schema.tables, [&](const SnapshotTable& other) { return other.definition.name() == findings.table; });
    // The keys that were found are of the definition that was compared.
    if (table == view.schema.tables.end() || mark_of(*table, settings_.rules) != findings.compared_as) {
      findings.not_repaired = "it was changed after it was compared";
      continue;
    }
    RELAY_ASSIGN(findings.not_repaired, reason_not_to_repair(*replica, settings_.replica_facts, *table));
    if (!findings.not_repaired.empty()) continue;
    if (auto written = write_table(findings, *table, **view.readers.front(), *replica); !written) {
      Error error = written.error();
      if (error.subject().empty()) error.about(table->name());
      return base::fail(std::move(error));
    }
  }
  return write(*replica, "COMMIT");
}

Result<void> ReplicaRepair::write_table(const TableFindings& findings, const SnapshotTable& table,
                                        source::SourceConnection& view, source::SourceConnection& replica) {
  RELAY_ASSIGN(RowScrubber scrubber, RowScrubber::make(table.definition, settings_.facts.flavor, settings_.rules));
  const std::string name = quote_name(table.definition.database) + '.' + quote_name(table.definition.table);
  const auto select = [&](const std::string& more) {
    const std::string list = scrubber.select_list();
    return fmt::format("SELECT {}{} FROM {}", list.empty() && more.empty() ? "1" : list,
                       list.empty() || more.empty() ? more : ", " + more, name);
  };
  RowInserter inserter(replica, fmt::format("INSERT INTO {} {} VALUES ", name, scrubber.insert_list()));
  const ReadingOrder order = reading_order(table, settings_.rules);
  const bool known = order.leaves && findings.keys.size() == findings.different_rows() && !findings.cut;
  if (!known) {
    RELAY_TRY(write(replica, "DELETE FROM " + name));
    RELAY_TRY(copy_rows(view, select(""), scrubber, nullptr, inserter));
    return inserter.flush();
  }
  // All of them first: a row may have another's value in a unique key.
  std::vector<std::string> conditions;
  for (std::size_t begin = 0; begin < findings.keys.size(); begin += kKeysTogether) {
    const std::size_t count = std::min(kKeysTogether, findings.keys.size() - begin);
    conditions.push_back(keys_condition(*order.key, {&findings.keys[begin], count}));
    RELAY_TRY(write(replica, "DELETE FROM " + name + conditions.back()));
  }
  // Keys of several batches may be one to the source: 'a' that is missing, and 'A' that the replica has instead.
  CopiedKeys copied{*order.key, {}};
  for (const std::string& condition : conditions) {
    RELAY_TRY(copy_rows(view, select(key_select_list(*order.key)) + condition, scrubber, &copied, inserter));
  }
  return inserter.flush();
}

}  // namespace relay::seed
