#include "relay/seed/table_comparison.h"

#include <algorithm>
#include <array>
#include <utility>

#include "relay/base/log.h"
#include "relay/seed/bucket_comparison.h"
#include "relay/seed/table_reader.h"

namespace relay::seed {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using namespace std::chrono_literals;

constexpr int kComparisonTries = 6;
constexpr auto kPauseAfterAlter = 1s;
// Before each look at a definition that differs.
constexpr auto kSchemaPauses = std::to_array<std::chrono::milliseconds>({0ms, 0ms, 500ms, 2000ms});

// Whether rows without a key's value may be there, which no range of the key and no list of its values has.
bool may_lack(const sql::TableDefinition& table, const TableKey& key) {
  return std::ranges::any_of(key.columns, [&](const sql::ColumnDefinition& column) {
    const auto at = table.find(column.name);
    return !at || table.columns[*at].nullable;
  });
}

bool has_index(const sql::TableDefinition& table, const TableKey& key) {
  return std::ranges::any_of(table.indexes, [&](const sql::IndexDefinition& index) {
    const std::string& name = index.kind == sql::IndexKind::primary ? "PRIMARY" : index.name;
    return name == key.index && index.visible && index.parts.size() == key.columns.size();
  });
}

}  // namespace

std::string mark_of(const SnapshotTable& table, const scrub_rules::RuleView& rules) {
  const ReadingOrder order = reading_order(table, rules);
  return mark_of(table.shown, order.leaves ? order.key : std::nullopt);
}

bool ends_run(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::io:
    case ErrorKind::interrupted:
      return true;
    case ErrorKind::peer:
      return error.system_code() == 0;
    default:
      return false;
  }
}

Result<SnapshotSchema> read_leaving(source::SourceConnection& source, const ComparedServers& servers) {
  return read_snapshot_schema(source, servers.source, servers.leaving, servers.rules, Engines::any);
}

Result<TableFindings> TableComparison::run(SnapshotTable table, const source::CharacterSets& databases) {
  databases_ = databases;
  TableFindings findings;
  for (int tries = 1;; ++tries) {
    findings = {};
    findings.table = table.definition.name();
    const Result<bool> done = try_once(table, findings);
    if (done && *done) return findings;
    if (!done && ends_run(done.error())) return base::fail(done.error());
    if (!done && !table_changed(done.error())) {
      findings.failed = done.error().message();
      return findings;
    }
    if (tries == kComparisonTries) {
      findings.failed = "the table was changed again and again while it was compared";
      return findings;
    }
    if (comparing_.stop.wait_for(kPauseAfterAlter)) return base::fail(ErrorKind::interrupted, "stopped");
    RELAY_TRY(record_.forget(table.definition.name()));
    RELAY_ASSIGN(const bool there, read_again(table));
    if (!there) return gone(findings.table);
  }
}

TableFindings TableComparison::gone(const sql::TableName& table) {
  TableFindings findings;
  findings.table = table;
  findings.gone = true;
  findings.rows_compared = false;
  return findings;
}

// False: the table was changed meanwhile.
Result<bool> TableComparison::try_once(SnapshotTable& table, TableFindings& findings) {
  RELAY_ASSIGN(const auto schema, settle_schema(table, findings));
  findings.compared_as = mark_of(table, servers_.rules);
  if (!schema) return true;
  if (schema->rows_comparable) {
    RELAY_TRY(compare_rows(table, *schema, findings));
  } else {
    findings.rows_compared = false;
  }
  if (!findings.differs() && findings.undecided == 0) return true;
  RELAY_ASSIGN(const auto shown, source::read_create_text(*pair_.source, table.definition.name()));
  return shown && same_definition(*shown, table.shown);
}

// False: it is gone, or does not leave any more.
Result<bool> TableComparison::read_again(SnapshotTable& table) {
  RELAY_ASSIGN(SnapshotSchema schema, read_leaving(*pair_.source, servers_));
  databases_ = std::move(schema.databases);
  const auto found = std::ranges::find_if(
      schema.tables, [&](const SnapshotTable& other) { return other.definition.name() == table.definition.name(); });
  if (found == schema.tables.end()) return false;
  const std::uint64_t estimated = table.estimated_rows;
  table = std::move(*found);
  table.estimated_rows = estimated;
  return true;
}

// Nothing: the table is at one side alone, or gone.
Result<std::optional<SchemaComparison>> TableComparison::settle_schema(SnapshotTable& table, TableFindings& findings) {
  std::optional<std::vector<SchemaDifference>> last;
  for (const auto& pause : kSchemaPauses) {
    if (last) {
      if (comparing_.stop.wait_for(pause)) return base::fail(ErrorKind::interrupted, "stopped");
      RELAY_ASSIGN(const bool there, read_again(table));
      if (!there) {
        findings = gone(findings.table);
        return std::optional<SchemaComparison>();
      }
      RELAY_ASSIGN(const std::string place, comparing_.following.place(*pair_.source));
      RELAY_TRY(comparing_.following.wait_for(*pair_.replica, place, [] { return Result<void>(); }));
    }
    RELAY_ASSIGN(SchemaComparison now, look_at_schema(table));
    // What the replica has after the last look is what it had before it: nothing was on its way.
    const bool is_last = &pause == &kSchemaPauses.back();
    if (now.differences.empty() || (is_last && last == now.differences)) {
      findings.schema = now.differences;
      const bool missing = now.found.columns.empty();
      if (missing) findings.rows_compared = false;
      return missing ? std::optional<SchemaComparison>() : std::optional(std::move(now));
    }
    last = std::move(now.differences);
  }
  return base::fail(Error(ErrorKind::unsupported, "the table's definition changed again and again")
                        .about(table.name())
                        .remedy("try again when no ALTER TABLE runs"));
}

Result<SchemaComparison> TableComparison::look_at_schema(const SnapshotTable& table) {
  const sql::TableName name = table.definition.name();
  RELAY_ASSIGN(const auto found, source::read_create_text(*pair_.replica, name));
  if (!found) {
    SchemaComparison missing;
    missing.differences.push_back({"table missing", ""});
    return missing;
  }
  return compare_schema(name, {table.create, servers_.source, databases_, servers_.source_collations},
                        {*found, servers_.replica, servers_.replica_databases, servers_.replica_collations});
}

Result<void> TableComparison::compare_rows(const SnapshotTable& table, const SchemaComparison& schema,
                                           TableFindings& findings) {
  const sql::TableName name = table.definition.name();
  RELAY_ASSIGN(RowScrubber scrubber,
               RowScrubber::make_comparing(table.definition, servers_.source.flavor, servers_.rules));
  RELAY_ASSIGN(RowScrubber mirror, RowScrubber::make_mirror(schema.expected, servers_.replica.flavor, scrubber));
  const ReadingOrder order = reading_order(table, servers_.rules);
  const bool by_key = order.leaves && order.key && !may_lack(schema.found, *order.key);
  const std::optional<TableKey> key = by_key ? order.key : std::nullopt;
  TableSide source({*pair_.source, name, key, true, true}, std::move(scrubber), comparing_.hasher, comparing_.limit,
                   comparing_.progress);
  TableSide replica({*pair_.replica, name, key, key && has_index(schema.found, *key), false}, std::move(mirror),
                    comparing_.hasher, comparing_.limit, comparing_.progress);
  if (!key) return BucketComparison(comparing_, source, replica, findings).run();
  const std::optional<VerifyRecord::Entry> before = record_.find(name, findings.compared_as);
  if (before) {
    auto schema_found = std::move(findings.schema);
    findings = before->findings;
    findings.schema = std::move(schema_found);
  }
  KeyedComparison comparison(comparing_, source, replica, findings,
                             [&](const KeyValues& up_to) { return record_.passed(findings, up_to); });
  return comparison.run(before ? before->up_to : std::nullopt);
}

}  // namespace relay::seed
